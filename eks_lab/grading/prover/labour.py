"""Shares the labs out among processes: moto has one state a process, and a machine has several cores."""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field
from pathlib import Path

from eks_lab.clock import SystemClock
from eks_lab.grading.in_process import InProcess
from eks_lab.grading.prover.mutants import MOST_MUTANTS
from eks_lab.grading.prover.report import LabReport, prove
from eks_lab.grading.stage import RunsCourse
from eks_lab.sandbox.collection import collect_rarely


@dataclass(frozen=True, slots=True)
class Work:
    """What a process is given to do."""

    folder: Path
    seeds: tuple[int, ...]
    kubectl: str
    course: RunsCourse | None = None
    mutants: int = MOST_MUTANTS


@dataclass
class _Place:
    """The target of this process; it serves one lab after another."""

    open: list[tuple[InProcess, Path]] = field(default_factory=list)


_place = _Place()


def _prove(work: Work) -> LabReport:
    if not _place.open:
        # It lives as long as the process does; the folder goes with it.
        folder = Path(tempfile.mkdtemp(prefix="eks-lab-proof-"))
        workspace = folder / "learner"
        workspace.mkdir()
        target = InProcess(folder / "sandbox", SystemClock(), work.kubectl)
        target.__enter__()
        collect_rarely()
        _place.open.append((target, folder))
    target, folder = _place.open[0]
    return prove(
        work.folder,
        work.seeds,
        target,
        folder / "learner",
        course=work.course,
        monotonic=time.monotonic,
        mutants=work.mutants,
    )


def close() -> None:
    """End the target of this process and remove its folder."""
    import shutil

    while _place.open:
        target, folder = _place.open.pop()
        target.__exit__(None, None, None)
        shutil.rmtree(folder, ignore_errors=True)


def _close_at_end() -> None:
    import atexit

    atexit.register(close)


def prove_all(
    folders: Sequence[Path],
    seeds: Sequence[int],
    kubectl: str,
    *,
    course: RunsCourse | None = None,
    processes: int = 1,
    mutants: int = MOST_MUTANTS,
    told: Callable[[LabReport], None] = lambda _report: None,
) -> list[LabReport]:
    """Prove labs.

    Args:
        folders: of the labs.
        seeds: for each of them.
        kubectl: the program.
        course: runs eks-lab's own commands; a function of a module, so that processes can be told of it.
        processes: how many at once; one does it all in this process.
        mutants: how many spoiled forms of each solution are tried.
        told: called with each report as it comes.

    Returns:
        The reports in the order of the folders.
    """
    found: dict[Path, LabReport] = {}
    works = [Work(each, tuple(seeds), kubectl, course, mutants) for each in folders]
    for report, folder in _reports(works, processes):
        found[folder] = report
        told(report)
    return [found[each] for each in folders]


def _dearness(folder: Path) -> int:
    """Return how much kubectl a lab's proof will run, by its drains and its other commands."""
    try:
        text = (folder / "lab.yaml").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return 0
    return 10 * text.count("kubectl: drain") + text.count("kubectl:")


def _reports(chosen: Sequence[Work], processes: int) -> Iterator[tuple[LabReport, Path]]:
    # The dearest first, so that no process is left with one of them at the end.
    works = sorted(chosen, key=lambda work: (-_dearness(work.folder), work.folder))
    if processes <= 1 or len(works) == 1:
        try:
            for work in works:
                yield _prove(work), work.folder
        finally:
            close()
        return
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(processes, len(works)), context, _close_at_end) as pool:
        waiting = {pool.submit(_prove, work): work.folder for work in works}
        for done in as_completed(waiting):
            yield done.result(), waiting[done]
