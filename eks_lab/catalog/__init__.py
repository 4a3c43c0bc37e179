"""Facts from outside as typed tables: instance types, limits, prices; each with source and date.

Belongs here: JSON data and the code that reads it. Must not: compute (that is `calc`).
"""
