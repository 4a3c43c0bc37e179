"""Full-text search over lessons, headings, terms and questions, as you type.

SQLite's FTS5 keeps the inverted index, ranks (BM25, titles above text) and cuts the snippets.
"""

from __future__ import annotations

import re
import sqlite3
import threading
import weakref
from dataclasses import dataclass
from typing import Literal

from eks_lab.content.body import read_page
from eks_lab.content.model import Lesson, LoadedCourse
from eks_lab.content.page import Block, Callout, Code, Heading, ItemList, Paragraph, Table, text_of
from eks_lab.errors import ContentError

HitKind = Literal["lesson", "section", "term"]
_START, _END = "\x02", "\x03"
_WORD = re.compile(r"\w+")
_SNIPPET_WORDS = 18


@dataclass(frozen=True, slots=True)
class Hit:
    """One place that matches."""

    kind: HitKind
    """`lesson` when its title matches or its opening, `section` for a part of it, `term` for the glossary."""
    id: str
    """Id of the lesson or term."""
    anchor: str
    """Heading to open at; empty for the top."""
    title: str
    """Title of the lesson, or name of the term."""
    place: str
    """Chapter and heading."""
    snippet: tuple[tuple[str, bool], ...]
    """Runs of text; True marks what matched."""


class SearchIndex:
    """An index in memory; safe to use from several threads."""

    def __init__(self) -> None:
        """Make an empty index; `build` fills one."""
        self._lock = threading.Lock()
        self._database = sqlite3.connect(":memory:", check_same_thread=False)
        # From Python 3.13 on a connection that is only forgotten warns.
        weakref.finalize(self, self._database.close)
        self._database.execute(
            "CREATE VIRTUAL TABLE place USING fts5("
            "kind UNINDEXED, id UNINDEXED, anchor UNINDEXED, shown UNINDEXED, crumb UNINDEXED, "
            "title, heading, body, skills, tokenize='unicode61', prefix='1 2 3')"
        )

    @classmethod
    def build(cls, loaded: LoadedCourse) -> SearchIndex:
        """Return the index of a course; takes a few hundred milliseconds, so call it from a worker.

        A lesson that cannot be read is left out: opening it says what is wrong.
        """
        index = cls()
        rows: list[tuple[str, ...]] = []
        for lesson in loaded.course.lessons:
            chapter = next(c for c in loaded.course.file.chapters if c.id == lesson.chapter)
            try:
                page = read_page(loaded, lesson.id)
            except ContentError:
                continue
            rows += _lesson_rows(lesson, f"{chapter.number} {chapter.title}", page.blocks)
        for term in loaded.course.terms:
            names = " ".join([term.name, *term.aliases])
            rows.append(("term", term.id, "", term.name, "Glossary", names, "", term.definition, ""))
        index._database.executemany("INSERT INTO place VALUES (?,?,?,?,?,?,?,?,?)", rows)
        index._database.execute("INSERT INTO place(place) VALUES ('optimize')")
        return index

    def search(self, query: str, limit: int = 20) -> list[Hit]:
        """Return the best places for what has been typed so far, best first.

        Args:
            query: words; each matches from its beginning, all must match. Punctuation is ignored.
            limit: how many places at most.
        """
        words = _WORD.findall(query)
        if not words:
            return []
        match = " AND ".join(f'"{word}"*' for word in words)
        sql = (
            "SELECT kind, id, anchor, shown, crumb, snippet(place, 7, ?, ?, '…', ?) FROM place "
            "WHERE place MATCH ? ORDER BY bm25(place, 0, 0, 0, 0, 0, 9.0, 5.0, 1.0, 1.0), rowid LIMIT ?"
        )
        with self._lock:
            rows = self._database.execute(sql, (_START, _END, _SNIPPET_WORDS, match, limit)).fetchall()
        return [
            Hit(kind, id_, anchor, shown, crumb, _runs(cut)) for kind, id_, anchor, shown, crumb, cut in rows
        ]

    def close(self) -> None:
        """Give the memory back."""
        with self._lock:
            self._database.close()


def _lesson_rows(lesson: Lesson, chapter: str, blocks: tuple[Block, ...]) -> list[tuple[str, ...]]:
    head = lesson.head
    opening = " ".join([head.summary, *(f"{objective}." for objective in head.objectives)])
    rows: list[tuple[str, ...]] = []
    anchor, heading, parts = "", "", [opening]
    for block in blocks:
        if isinstance(block, Heading):
            rows.append(_row(lesson, chapter, anchor, heading, parts))
            anchor, heading, parts = block.anchor, text_of(block.spans), []
        else:
            parts.append(block_text(block))
    rows.append(_row(lesson, chapter, anchor, heading, parts))
    return rows


def _row(lesson: Lesson, chapter: str, anchor: str, heading: str, parts: list[str]) -> tuple[str, ...]:
    body = re.sub(r"\s+", " ", " ".join(parts)).strip()
    crumb = f"{chapter} › {heading}" if heading else chapter
    kind = "section" if anchor else "lesson"
    title = "" if anchor else lesson.title
    # Found by the tags of the skills, too; apart from the text, so that no snippet shows them.
    skills = "" if anchor else " ".join(lesson.head.skills)
    return (kind, lesson.id, anchor, lesson.title, crumb, title, heading, body, skills)


def block_text(block: Block) -> str:
    """Return all words of a block, code included."""
    if isinstance(block, Paragraph | Heading):
        return text_of(block.spans)
    if isinstance(block, Code):
        return block.text
    if isinstance(block, Table):
        return " ".join(text_of(cell) for row in (block.header, *block.rows) for cell in row)
    if isinstance(block, Callout):
        return " ".join([block.attributes.get("title", ""), *map(block_text, block.blocks)])
    if isinstance(block, ItemList):
        return " ".join(block_text(part) for item in block.items for part in item)
    return ""


def _runs(cut: str) -> tuple[tuple[str, bool], ...]:
    runs: list[tuple[str, bool]] = []
    for piece in re.split(f"({_START}[^{_END}]*{_END})", cut):
        if piece.startswith(_START):
            runs.append((piece[1:-1], True))
        elif piece:
            runs.append((piece, False))
    return tuple(runs)
