"""Questions of every kind: what they are made of, how a variant is drawn, and how an answer is judged.

Pure: no clock, no database, no cluster. Command and manifest questions are only described here; what they do to a
sandbox is judged in `eks_lab.grading.practical`.
"""
