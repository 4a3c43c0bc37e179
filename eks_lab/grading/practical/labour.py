"""Shares practical questions out among processes: moto has one state a process, and a machine has several cores."""

from __future__ import annotations

import gc
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from pathlib import Path

from eks_lab.clock import SystemClock
from eks_lab.content.findings import Finding
from eks_lab.content.items.bank_file import survey_bank
from eks_lab.content.items.model import CommandItem, ManifestItem
from eks_lab.content.load import Survey, read_model
from eks_lab.content.model import CourseFile
from eks_lab.errors import InputError
from eks_lab.grading.practical.bench import Bench
from eks_lab.grading.practical.proof import ItemReport, prove, seeds_of
from eks_lab.grading.practical.situation import PracticalItem
from eks_lab.grading.stage import RunsCourse
from eks_lab.sandbox.collection import collect_rarely


def practical_items(
    root: Path, chapter: str = "", item: str = ""
) -> tuple[list[PracticalItem], list[Finding]]:
    """Return the practical questions of a course, in the order of its files, and what keeps files from being read.

    Args:
        root: the folder that holds `course.yaml`.
        chapter: id of a chapter, or its number or folder; empty for all.
        item: id of one question; empty for all.

    Raises:
        InputError: there is no such chapter or question.
    """
    survey = Survey(root)
    course = read_model(survey, root / "course.yaml", CourseFile)
    if course is None:
        return [], survey.findings
    chapters = course[0].chapters
    wanted = [each for each in chapters if not chapter or chapter in (each.id, each.number, each.folder)]
    if not wanted:
        there = ", ".join(each.id for each in chapters)
        raise InputError(f"there is no chapter {chapter!r}", hint=f"There are: {there}.")
    bank = survey_bank(root, replace(course[0], chapters=wanted))
    found = [
        each.item
        for each in bank.items
        if isinstance(each.item, CommandItem | ManifestItem) and item in ("", each.item.id)
    ]
    if item and not found:
        raise InputError(
            f"there is no command or manifest question {item!r}",
            hint="Its id stands in lessons/<chapter>/quiz/*.yaml.",
        )
    return found, bank.findings


def prove_all(
    items: Sequence[PracticalItem],
    kubectl: str,
    *,
    only: int | None = None,
    is_brief: bool = False,
    course: RunsCourse | None = None,
    processes: int = 1,
    told: Callable[[ItemReport], None] = lambda _report: None,
) -> list[ItemReport]:
    """Prove questions.

    Args:
        items: of the bank.
        kubectl: the program.
        only: this seed alone.
        is_brief: True to play everything with the first seed only; see `proof.prove`.
        course: runs eks-lab's own commands; a function of a module, so that processes can be told of it.
        processes: how many at once; one does it all in this process.
        told: called with each report as it comes.

    Returns:
        The reports in the order of the questions.
    """
    # Neighbours of one file share their base world.
    size = max(1, min(8, -(-len(items) // max(1, processes))))
    portions = [tuple(items[at : at + size]) for at in range(0, len(items), size)]
    found: dict[str, ItemReport] = {}

    def note(report: ItemReport) -> None:
        found[report.item] = report
        told(report)

    if processes <= 1 or len(portions) <= 1:
        for report in _proved(items, kubectl, only, is_brief, course):
            note(report)
    else:
        context = multiprocessing.get_context("spawn")
        with ProcessPoolExecutor(min(processes, len(portions)), context) as pool:
            waiting = [pool.submit(_prove_apart, each, kubectl, only, is_brief, course) for each in portions]
            for done in as_completed(waiting):
                for report in done.result():
                    note(report)
    return [found[each.id] for each in items]


def _prove_apart(
    items: tuple[PracticalItem, ...],
    kubectl: str,
    only: int | None,
    is_brief: bool,
    course: RunsCourse | None,
) -> list[ItemReport]:
    """Prove questions in a process that does nothing else."""
    collect_rarely()
    return list(_proved(items, kubectl, only, is_brief, course))


def _proved(
    items: Sequence[PracticalItem], kubectl: str, only: int | None, is_brief: bool, course: RunsCourse | None
) -> Iterator[ItemReport]:
    if items:
        with Bench(kubectl, SystemClock(), course) as bench:
            for item in items:
                yield prove(item, seeds_of(item, only), bench, time.monotonic, is_brief=is_brief)
                # Each judgement leaves a whole world behind, full of cycles.
                gc.collect()


def usual_processes() -> int:
    """Return one more than there are cores: kubectl waits now and then."""
    return (os.cpu_count() or 1) + 1
