"""Every question of the course: found by lesson, chapter, skill and kind, read when it is asked for.

Opening reads an index; a question is validated when somebody looks at it. So opening costs the same few milliseconds
however long the questions are, and the app's first frame, which needs none of them, does not pay at all.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eks_lab import __version__
from eks_lab.content.items.entry import QUICK_CHECK, Entry, entry_of
from eks_lab.content.model import Course, LoadedCourse
from eks_lab.errors import ContentError, InputError

if TYPE_CHECKING:
    from eks_lab.content.items.model import Item


class Items(Mapping[str, "Item"]):
    """The questions by id, each read on first use and then kept."""

    def __init__(self, readers: Mapping[str, Callable[[], Item]]) -> None:
        """Keep how each is read, in the order of the course."""
        self._readers = readers
        self._read: dict[str, Item] = {}

    def __getitem__(self, item_id: str) -> Item:
        if item_id not in self._read:
            self._read[item_id] = self._readers[item_id]()
        return self._read[item_id]

    def __iter__(self) -> Iterator[str]:
        return iter(self._readers)

    def __len__(self) -> int:
        return len(self._readers)

    def __contains__(self, item_id: object) -> bool:
        return item_id in self._readers


class Bank:
    """All questions of a course. Make one with `open_bank`, or with `bank_of` from questions at hand."""

    def __init__(self, items: Mapping[str, Item], entries: Mapping[str, Entry]) -> None:
        """Serve questions.

        Args:
            items: by id.
            entries: by id, of the same questions, in the order of the course.
        """
        self.items = items
        self.entries = entries

    def __contains__(self, item_id: object) -> bool:
        return item_id in self.entries

    def __len__(self) -> int:
        return len(self.entries)

    def item(self, item_id: str) -> Item:
        """Return a question.

        Raises:
            InputError: there is none with this id; the hint names the nearest.
        """
        self.entry(item_id)
        return self.items[item_id]

    def entry(self, item_id: str) -> Entry:
        """Return the entry of a question.

        Raises:
            InputError: there is none with this id; the hint names the nearest.
        """
        if item_id not in self.entries:
            import difflib

            near = difflib.get_close_matches(item_id, self.entries, n=1)
            meant = f"Did you mean {near[0]}? " if near else ""
            raise InputError(
                f"There is no question {item_id!r}.", hint=f"{meant}`eks-lab quiz list` shows all of them."
            )
        return self.entries[item_id]

    def lesson_of(self, item_id: str) -> str:
        """Return the id of a question's lesson; raises as `entry`."""
        return self.entry(item_id).lesson

    def chapter_of(self, item_id: str) -> str:
        """Return the id of the chapter of a question's lesson; raises as `entry`."""
        return self.entry(item_id).chapter

    def skills_of(self, item_id: str) -> tuple[str, ...]:
        """Return the skills a question needs: its own, or else its lesson's; raises as `entry`."""
        return self.entry(item_id).skills

    def find(
        self,
        *,
        lesson: str = "",
        chapter: str = "",
        skill: str = "",
        kinds: Collection[str] = (),
        interview: bool | None = None,
        own_sandbox: bool | None = False,
    ) -> tuple[Entry, ...]:
        """Return the entries that fit, in the order of the course.

        Args:
            lesson: id of a lesson; empty for any.
            chapter: id of a chapter; empty for any.
            skill: a tag; empty for any.
            kinds: any of these kinds; empty for all.
            interview: only those asked in interviews (True), only the others (False).
            own_sandbox: only those about the learner's own sandbox (True), only the others (False), or both (None).
        """
        return tuple(
            entry
            for entry in self.entries.values()
            if (not lesson or entry.lesson == lesson)
            and (not chapter or entry.chapter == chapter)
            and (not skill or skill in entry.skills)
            and (not kinds or entry.kind in kinds)
            and (interview is None or entry.is_interview == interview)
            and (own_sandbox is None or entry.about_own_sandbox == own_sandbox)
        )


def bank_of(items: Iterable[Item], course: Course | None = None) -> Bank:
    """Return a bank of questions at hand.

    Args:
        items: the questions; each belongs to the lesson its id begins with.
        course: gives the lessons' skills and chapters; without it a lesson's chapter is the first part of its id.
    """
    made = list(items)
    entries = {}
    for item in made:
        lesson_id = item.id.rpartition(".")[0]
        lesson = course.lesson(lesson_id) if course else None
        chapter = lesson.chapter if lesson else lesson_id.partition(".")[0]
        skills = tuple(lesson.head.skills) if lesson else ()
        entries[item.id] = entry_of(item, lesson_id, chapter, skills, "")
    return Bank({item.id: item for item in made}, entries)


def open_bank(course: LoadedCourse, cache: Path) -> Bank:
    """Return the question bank of a course, from its cache when no bank file changed.

    Args:
        course: gives the lessons and the questions that close them.
        cache: a folder for files that can be made again; made when it is missing. A cache that cannot be written
            costs time, nothing else.

    Raises:
        ContentError: a bank file cannot be used; the message names file and line.
    """
    name = hashlib.sha256(str(course.root.resolve()).encode()).hexdigest()[:16]
    path = cache / f"bank-{name}.jsonl"
    signature = _signature(course)
    cached = _read_cache(path, signature)
    if cached is None:
        cached = _survey(course)
        _write_cache(path, signature, cached)
    entries, texts = cached
    readers: dict[str, Callable[[], Item]] = {}
    whole: dict[str, Entry] = {}
    by_lesson: dict[str, list[int]] = {}
    for number, entry in enumerate(entries):
        by_lesson.setdefault(entry.lesson, []).append(number)
    for lesson in course.course.lessons:
        for question in lesson.questions:
            whole[question.id] = Entry(
                question.id, question.kind, lesson.id, lesson.chapter,
                tuple(question.skills or lesson.head.skills), question.difficulty, question.rev,
                f"{lesson.folder}/{QUICK_CHECK}",
            )  # fmt: skip
            readers[question.id] = _quick_check_reader(course.course, lesson.id, question.id)
        for number in by_lesson.get(lesson.id, ()):
            entry = entries[number]
            whole[entry.id] = entry
            readers[entry.id] = _reader(entry, texts[number])
    return Bank(Items(readers), whole)


def _quick_check_reader(course: Course, lesson_id: str, question_id: str) -> Callable[[], Item]:
    def read() -> Item:
        from eks_lab.content.items.quick_check import item_of

        lesson = course.lesson(lesson_id)
        assert lesson is not None
        return item_of(lesson, next(each for each in lesson.questions if each.id == question_id))

    return read


def _reader(entry: Entry, text: bytes) -> Callable[[], Item]:
    def read() -> Item:
        from eks_lab.content.items.model import model_of
        from eks_lab.content.validate import adapter

        item: Item = adapter(model_of(entry.kind)).validate_json(text)
        return item

    return read


def _signature(course: LoadedCourse) -> str:
    """Return a digest of everything that entries and questions are made of."""
    digest = hashlib.sha256(__version__.encode())
    for lesson in course.course.lessons:
        digest.update(f"{lesson.id}|{lesson.chapter}|{','.join(lesson.head.skills)}\n".encode())
    for chapter in course.course.file.chapters:
        folder = course.root / chapter.folder / "quiz"
        with contextlib.suppress(OSError), os.scandir(folder) as found:
            for file in sorted(found, key=lambda each: each.name):
                if file.name.endswith(".yaml"):
                    stat = file.stat()
                    digest.update(f"{file.path}|{stat.st_mtime_ns}|{stat.st_size}\n".encode())
    return digest.hexdigest()


Cached = tuple[list[Entry], list[bytes]]
"""Entries of the bank files, and the question of each as JSON."""


def _survey(course: LoadedCourse) -> Cached:
    from eks_lab.content.items.bank_file import lesson_of, survey_bank
    from eks_lab.content.items.model import model_of
    from eks_lab.content.validate import adapter

    survey = survey_bank(course.root, course.course.file)
    errors = sorted(finding for finding in survey.findings if finding.severity == "error")
    if errors:
        first = errors[0]
        raise ContentError(
            f"{course.root / first.path}:{first.line}: {first.message}",
            hint=f"{first.fix} `eks-lab author check` lists everything.",
        )
    entries: list[Entry] = []
    texts: list[bytes] = []
    seen: dict[str, str] = {
        question.id: f"{lesson.folder}/{QUICK_CHECK}"
        for lesson in course.course.lessons
        for question in lesson.questions
    }
    for surveyed in survey.items:
        item = surveyed.item
        where = f"{course.root / surveyed.path}:{surveyed.line}"
        lesson = course.course.lesson(lesson_of(item.id))
        if lesson is None:
            raise ContentError(
                f"{where}: the question {item.id!r} belongs to no lesson.",
                hint="Ids are <lesson id>.<slug>. `eks-lab author check` lists everything.",
            )
        if item.id in seen:
            raise ContentError(
                f"{where}: the id {item.id!r} is also used in {seen[item.id]}.",
                hint="Ids are unique in the course. `eks-lab author check` lists everything.",
            )
        seen[item.id] = surveyed.path
        entries.append(entry_of(item, lesson.id, lesson.chapter, tuple(lesson.head.skills), surveyed.path))
        texts.append(adapter(model_of(item.kind)).dump_json(item))
    return entries, texts


def _read_cache(path: Path, signature: str) -> Cached | None:
    try:
        first, index, *texts = path.read_bytes().splitlines()
        if first != signature.encode():
            return None
        rows: list[dict[str, Any]] = json.loads(index)
        entries = [Entry(**{**row, "skills": tuple(row["skills"])}) for row in rows]
    except (OSError, ValueError, TypeError, KeyError):
        return None
    return (entries, texts) if len(entries) == len(texts) else None


def _write_cache(path: Path, signature: str, cached: Cached) -> None:
    entries, texts = cached
    index = json.dumps([asdict(entry) for entry in entries]).encode()
    temporary = path.with_suffix(f".{os.getpid()}.tmp")
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_bytes(b"\n".join([signature.encode(), index, *texts]))
        os.replace(temporary, path)
