"""The course: its model, how files become it, and how it is checked.

Belongs here: front matter, Markdown with directives, quizzes, diagrams, glossary, search, the plain
text of a page. Must not: draw on a terminal (Textual is in `tui`), remember a learner (`learning`).
"""
