"""`eks-lab lab look`: a lab's checks on a cluster that is only looked at."""

from __future__ import annotations

import contextlib
import json
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import click

from eks_lab.clock import SystemClock
from eks_lab.errors import InputError

if TYPE_CHECKING:
    from eks_lab.grading.looking import Look
    from eks_lab.sandbox.state_directory import StateDirectory

_FOUND = 1


def look_at_lab(lab_id: str, seed: int, labs: str, directory: StateDirectory, *, as_json: bool) -> int:
    """Judge a lab, print what was seen, and return the exit code.

    Args:
        lab_id: of the lab.
        seed: of its variables.
        labs: folder of labs; empty takes ours.
        directory: of the sandbox.
        as_json: one JSON document instead of lines.

    Raises:
        InputError: the cluster that runs is not only looked at.
        UnavailableError: none runs.
    """
    from eks_lab.grading.catalogue import lab_folder, labs_root
    from eks_lab.grading.lab_file import load_lab
    from eks_lab.grading.looking import LookingTarget, look_at
    from eks_lab.grading.present import present_target

    lab = load_lab(lab_folder(labs_root(labs), lab_id), seed)
    with contextlib.closing(present_target(directory, SystemClock())) as target:
        if not isinstance(target, LookingTarget):
            raise InputError(
                "the sandbox that runs can be changed, so a lab on it begins with its start",
                hint=f"eks-lab lab start {lab_id}. To look at a cluster of yours: eks-lab sandbox up --backend aws"
                " --profile NAME --cluster NAME --read-only",
            )
        with tempfile.TemporaryDirectory(prefix="eks-lab-look-") as folder:
            found = look_at(lab, target, Path(folder))
    if as_json:
        click.echo(json.dumps(_document(lab_id, found), indent=2, ensure_ascii=False))
    else:
        _tell(found)
    return 0 if found.holds else _FOUND


def _document(lab_id: str, found: Look) -> dict[str, object]:
    return {
        "lab": lab_id,
        "holds": found.holds,
        "checks": [{"id": each.check.id, "holds": each.holds, "says": each.says} for each in found.judged],
        "not_judged": [{"id": check.id, "why": why} for check, why in found.not_judged],
    }


def _tell(found: Look) -> None:
    for each in found.judged:
        click.echo(f"{'✓' if each.holds else '✗'} {each.check.title}")
        if each.says:
            click.echo(f"    {each.says}")
    for check, why in found.not_judged:
        click.echo(f"? {check.title}\n    not judged: {why}")
    holding = sum(each.holds for each in found.judged)
    click.echo(
        f"{holding} of {len(found.judged)} hold; {len(found.not_judged)} could not be judged by looking."
    )
