"""What the program remembers about a learner, and what follows from it: reviews, drills, exams, readiness.

Belongs here: the SQLite database and everything that reads or writes it. Must not: show anything.
Losing a learner's progress is the one unforgivable defect.
"""
