"""What the program remembers about a learner: progress, answers, place, bookmarks, settings.

Belongs here: the SQLite database and everything that reads or writes it. Must not: show anything.
Losing a learner's progress is the one unforgivable defect.
"""
