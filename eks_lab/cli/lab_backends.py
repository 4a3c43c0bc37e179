"""`eks-lab lab prove --backend`: the same labs on another backend, and where their checks disagree."""

from __future__ import annotations

import contextlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eks_lab.cli.progress import opened_progress
from eks_lab.clock import SystemClock
from eks_lab.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from eks_lab.grading.cluster_target import ClusterTarget
    from eks_lab.grading.daemon import DaemonTarget
    from eks_lab.grading.prover.comparison import Comparison
    from eks_lab.grading.stage import RunsCourse
    from eks_lab.sandbox.backends.interface import BackendStatus
    from eks_lab.sandbox.state_directory import StateDirectory

_BEFORE = "before-proof"


def prove_on(
    name: str,
    folders: Sequence[Path],
    seeds: Sequence[int],
    kubectl: str,
    course: RunsCourse,
    *,
    may_empty: bool,
    as_json: bool,
) -> int:
    """Play labs in process and on a running backend, print where they differ, and return how many do.

    Args:
        name: of the backend.
        folders: of the labs.
        seeds: for each of them.
        kubectl: the program.
        course: runs eks-lab's own commands.
        may_empty: whether what the learner has made there may go, where it cannot be kept.
        as_json: one JSON document instead of lines.

    Raises:
        InputError: a lab runs, or what is there would be lost and nobody said that it may.
        UnavailableError: the backend does not run.
    """
    from eks_lab.grading.in_process import InProcess
    from eks_lab.grading.prover.comparison import compare, proof_on
    from eks_lab.sandbox.state_directory import StateDirectory

    found: list[Comparison] = []
    with (
        _place_on(name, StateDirectory.default(), may_empty=may_empty) as (status, target),
        tempfile.TemporaryDirectory(prefix="eks-lab-proof-") as scratch,
        InProcess(Path(scratch) / "sandbox", SystemClock(), kubectl) as reference,
    ):
        here, there = Path(scratch) / "here", Path(scratch) / "there"
        here.mkdir()
        there.mkdir()
        in_process = proof_on(reference, here, course, keeps_states=True)
        on_backend = proof_on(target, there, course, keeps_states="snapshots" in status.capabilities)
        for folder in folders:
            for seed in seeds:
                comparison = compare(folder, seed, status, in_process, on_backend)
                found.append(comparison)
                if not as_json:
                    _tell(comparison)
    different = sum(not each.is_alike for each in found)
    if as_json:
        document = {"backend": name, "labs": [each.as_json() for each in found], "different": different}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        played = sum(not each.skipped for each in found)
        says = f"{different} of them with differences" if different else "all alike"
        click.echo(f"{played} played on {name}, {says}; {len(found) - played} cannot be carried there.")
    return different


@contextlib.contextmanager
def _place_on(
    name: str, directory: StateDirectory, *, may_empty: bool
) -> Iterator[tuple[BackendStatus, DaemonTarget | ClusterTarget]]:
    """Yield a running backend as a place of labs; a world that can be kept comes back afterwards."""
    from eks_lab.grading.present import present_target
    from eks_lab.sandbox.backends import registry

    backend = registry.backend(name, directory)
    status = backend.status()
    if not status.running or registry.present(directory).name != name:
        raise UnavailableError(
            f"--backend {name}: it does not run", hint=f"Start it with: eks-lab sandbox up --backend {name}"
        )
    with opened_progress() as progress:
        if progress.labs.running() is not None:
            raise InputError(
                "a lab runs, and the proof would replace it", hint="End it first: eks-lab lab stop"
            )
    keeps = "snapshots" in status.capabilities
    if "reset" in status.capabilities and not keeps and not may_empty:
        raise InputError(
            f"the proof empties the backend {name} again and again: what you made there goes",
            hint=f"If you mean it: eks-lab lab prove --backend {name} --fresh …",
        )
    with contextlib.closing(present_target(directory, SystemClock())) as target:
        if keeps:
            target.snapshot(_BEFORE)
        try:
            yield status, target
        finally:
            if keeps:
                target.restore(_BEFORE)
                target.forget(_BEFORE)
                target.forget("proof")


def _tell(found: Comparison) -> None:
    if found.skipped:
        click.echo(f"{found.lab:<28} cannot be carried: {found.skipped}")
        return
    mark = "alike" if found.is_alike else "DIFFERENT"
    click.echo(f"{found.lab:<28} {mark}, {found.checks} looks at checks")
    for each in found.differences:
        click.echo(f"  {each.run}{f', check {each.check}' if each.check else ''}:")
        click.echo(f"    embedded: {each.embedded}")
        click.echo(f"    {found.backend}: {each.other}")
    if found.differs_by and not found.is_alike:
        click.echo(f"  The lab itself says of {found.backend}: {found.differs_by}")
