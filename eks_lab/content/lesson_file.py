"""Split `lesson.md` into front matter and body."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.content.findings import Problem


@dataclass(frozen=True, slots=True)
class LessonText:
    """The two halves of a lesson file, each with the line it starts at."""

    head: str
    head_line: int
    body: str
    body_line: int


def split_lesson(text: str) -> tuple[LessonText | None, list[Problem]]:
    """Return the halves, or None and the problem.

    Args:
        text: all of `lesson.md`.
    """
    lines = text.split("\n")
    if lines[0].rstrip() != "---":
        problem = Problem(
            1, "front-matter", "no front matter", "Start the file with --- and the fields of a lesson."
        )
        return None, [problem]
    for number in range(1, len(lines)):
        if lines[number].rstrip() == "---":
            head = "\n".join(lines[1:number])
            body = "\n".join(lines[number + 1 :])
            return LessonText(head, 2, body, number + 2), []
    return None, [Problem(1, "front-matter", "the front matter is never closed", "Close it with a line ---")]
