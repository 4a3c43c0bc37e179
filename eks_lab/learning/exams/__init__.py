"""Practice exams: composed from the question bank, sat against the clock, kept event by event, reported honestly.

`composition` and `report` are pure. `records` is the database, `sitting` the rules of an exam room. Labs are described
here and started in `eks_lab.grading.hands_on`.
"""
