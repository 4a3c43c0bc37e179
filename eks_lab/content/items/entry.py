"""A line of the bank's index: what is known of a question without reading it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from eks_lab.content.items.model import Item, Level

Kind = Literal["choice", "multi", "order", "match", "diagram", "number", "recall", "command", "manifest"]
"""The kinds of questions, in the order the documentation has them."""
KINDS: tuple[Kind, ...] = (
    "choice", "multi", "order", "match", "diagram", "number", "recall", "command", "manifest",
)  # fmt: skip
QUICK_CHECK = "quiz.yaml"
"""Name of the file that holds the questions closing a lesson."""


@dataclass(frozen=True, slots=True)
class Entry:
    """What is known of a question without reading it."""

    id: str
    """Of the question."""
    kind: Kind
    """How it is answered."""
    lesson: str
    """Id of its lesson."""
    chapter: str
    """Id of its lesson's chapter."""
    skills: tuple[str, ...]
    """Its own, or else its lesson's."""
    difficulty: int
    """1 to 3."""
    rev: int
    """Raised when the meaning changed."""
    path: str
    """Its file, relative to the lessons root."""
    is_generated: bool = False
    """Whether another seed asks for something else."""
    level: Level | None = None
    """Of the position, when the question is asked in interviews."""
    topic: str = ""
    """For interviews: id of a chapter, or `general`."""
    about_own_sandbox: bool = False
    """Asked about the learner's own sandbox: only an interview can fill it in."""

    @property
    def is_quick_check(self) -> bool:
        """Whether it closes a lesson."""
        return self.path.endswith(f"/{QUICK_CHECK}")

    @property
    def is_interview(self) -> bool:
        """Whether it is asked in interviews."""
        return self.level is not None

    @property
    def needs_bench(self) -> bool:
        """Whether it is judged by what an answer does to a sandbox."""
        return self.kind in ("command", "manifest")


def entry_of(item: Item, lesson: str, chapter: str, skills: tuple[str, ...], path: str) -> Entry:
    """Return the entry of a question.

    Args:
        item: the question.
        lesson: id of its lesson.
        chapter: id of its lesson's chapter.
        skills: of its lesson, for a question that has none.
        path: its file, relative to the lessons root.
    """
    from eks_lab.content.items.variant import has_variants

    interview = item.interview if item.kind == "recall" else None
    return Entry(
        item.id,
        item.kind,
        lesson,
        chapter,
        tuple(item.skills) or skills,
        item.difficulty,
        item.rev,
        path,
        has_variants(item),
        interview.level if interview else None,
        interview.topic if interview else "",
        interview is not None and (interview.needs is not None or bool(interview.facts)),
    )
