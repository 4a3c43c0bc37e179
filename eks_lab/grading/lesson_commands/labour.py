"""Shares the lessons out among processes: moto has one state a process, and a machine has several cores."""

from __future__ import annotations

import gc
import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from eks_lab.clock import SystemClock
from eks_lab.content.actions import WorldOptions
from eks_lab.content.load import load_course
from eks_lab.errors import InputError
from eks_lab.grading.in_process import InProcess
from eks_lab.grading.lesson_commands.proof import KEPT, LessonReport, Place, prove
from eks_lab.grading.stage import RunsCourse
from eks_lab.sandbox.collection import collect_rarely

WORLD_SEED = 7
"""Of the base world: that of `eks-lab sandbox up` without options."""


def lesson_files(root: Path, chapter: str = "", lesson: str = "") -> dict[str, Path]:
    """Return the lessons of a course in its order: id -> lesson.md.

    Args:
        root: the folder that holds `course.yaml`.
        chapter: id of a chapter, or its number or folder; empty for all.
        lesson: id of one lesson; empty for all.

    Raises:
        ContentError: the course cannot be read.
        InputError: there is no such chapter or lesson.
    """
    course = load_course(root).course
    every = course.file.chapters
    chapters = {each.id for each in every if not chapter or chapter in (each.id, each.number, each.folder)}
    if not chapters:
        there = ", ".join(each.id for each in every)
        raise InputError(f"there is no chapter {chapter!r}", hint=f"There are: {there}.")
    found = {
        each.id: root / each.folder / "lesson.md"
        for each in course.lessons
        if each.chapter in chapters and (not lesson or each.id == lesson)
    }
    if not found:
        raise InputError(f"there is no lesson {lesson!r}", hint="`eks-lab lesson list` shows all of them.")
    return found


def prove_all(
    root: Path,
    lessons: Mapping[str, Path],
    kubectl: str,
    *,
    chosen: Sequence[str] | None = None,
    course: RunsCourse | None = None,
    processes: int = 1,
    told: Callable[[LessonReport], None] = lambda _report: None,
) -> list[LessonReport]:
    """Prove the commands of lessons.

    Args:
        root: of the course; reports name files relative to it.
        lessons: id -> lesson.md of all that there are.
        kubectl: the program.
        chosen: ids of those to prove; all when left out.
        course: runs eks-lab's own commands; a function of a module, so that processes can be told of it.
        processes: how many at once; one does it all in this process.
        told: called with each report as it comes.

    Returns:
        The reports in the order of the course.
    """
    wanted = list(lessons) if chosen is None else list(chosen)
    # Small portions, so that no process is left with many at the end; a world is made in a second.
    size = max(1, min(8, -(-len(wanted) // max(1, processes))))
    works = [
        _Work(root, dict(lessons), tuple(wanted[at : at + size]), kubectl, course)
        for at in range(0, len(wanted), size)
    ]
    found: dict[str, LessonReport] = {}

    def note(report: LessonReport) -> None:
        found[report.lesson] = report
        told(report)

    if processes <= 1 or len(works) <= 1:
        for report in _proved(_Work(root, dict(lessons), tuple(wanted), kubectl, course)):
            note(report)
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(processes, len(works)), context) as pool:
            waiting = [pool.submit(_prove_apart, each) for each in works]
            for done in as_completed(waiting):
                for report in done.result():
                    note(report)
    return [found[_name(root, lessons[each])] for each in wanted]


@dataclass(frozen=True, slots=True)
class _Work:
    """What a process is given to do."""

    root: Path
    lessons: dict[str, Path]
    chosen: tuple[str, ...]
    kubectl: str
    course: RunsCourse | None


def _name(root: Path, file: Path) -> str:
    return file.relative_to(root).as_posix()


def _prove_apart(work: _Work) -> list[LessonReport]:
    """Prove lessons in a process that does nothing else."""
    collect_rarely()
    return list(_proved(work))


def _proved(work: _Work) -> Iterator[LessonReport]:
    if not work.chosen:
        return
    with (
        tempfile.TemporaryDirectory(prefix="eks-lab-lessons-", ignore_cleanup_errors=True) as folder,
        InProcess(Path(folder) / "sandbox", SystemClock(), work.kubectl) as target,
    ):
        target.begin(WorldOptions(), WORLD_SEED)
        target.snapshot(KEPT)
        place = Place(target, Path(folder) / "lesson", work.course, work.lessons)
        for each in work.chosen:
            file = work.lessons[each]
            yield prove(file, _name(work.root, file), place, time.monotonic)
            # Going back leaves a whole world behind, full of cycles.
            gc.collect()
