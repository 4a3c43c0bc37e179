"""`eks-lab lab`: break it, fix it, be graded; and prove that a lab grades fairly."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from eks_lab import locations
from eks_lab.cli.counting import counted
from eks_lab.cli.progress import opened_progress
from eks_lab.clock import SystemClock
from eks_lab.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from eks_lab.grading.cluster_target import ClusterTarget
    from eks_lab.grading.daemon import DaemonTarget
    from eks_lab.grading.prover.report import LabReport
    from eks_lab.grading.session import Place, Session, View
    from eks_lab.grading.target import Done
    from eks_lab.sandbox.state_directory import StateDirectory

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


@command.command("start")
@click.argument("lab_id", metavar="ID")
@click.option("--seed", type=int, default=7, show_default=True, help="Of names and numbers in the lab.")
@click.option("--fresh", is_flag=True, help="Say that what you made on a cluster of containers may go.")
@_labs
@_as_json
def start(lab_id: str, seed: int, fresh: bool, labs: str, as_json: bool) -> None:
    """Start a lab; your own sandbox is kept and comes back with `lab stop`."""
    from eks_lab.grading import carrying
    from eks_lab.grading.catalogue import lab_folder, labs_root
    from eks_lab.grading.lab_file import load_lab
    from eks_lab.grading.present import started
    from eks_lab.grading.session import start_lab

    folder = lab_folder(labs_root(labs), lab_id)
    with opened_progress() as progress:
        running = started(_directory())
        notice = carrying.require(load_lab(folder, seed).file, running)
        if notice:
            click.echo(f"Note: {notice}", err=True)
        if "reset" in running.capabilities and "snapshots" not in running.capabilities and not fresh:
            raise InputError(
                f"a lab on the backend {running.name} begins with an empty cluster: what you made there goes",
                hint=f"If you mean it: eks-lab lab start {lab_id} --fresh",
            )
        with contextlib.closing(_target()) as target:
            _, view = start_lab(folder, seed, target, progress.labs, _place())
        _tell_start(view, as_json)


@command.command("status")
@_as_json
def status(as_json: bool) -> None:
    """Show the running lab: story, what to do, and how far you are."""
    with _session() as session:
        view = session.check()
        _tell_start(view, as_json)


@command.command("check")
@_as_json
@click.pass_context
def check(ctx: click.Context, as_json: bool) -> None:
    """Look at the checks; exit code 1 while one fails."""
    with _session() as session:
        view = session.check()
        if as_json:
            _echo(view)
        else:
            _tell_checks(view)
    ctx.exit(0 if view.is_solved else _FOUND)


@command.command("look")
@click.argument("lab_id", metavar="ID")
@click.option("--seed", type=int, default=7, show_default=True, help="Of names and numbers in the lab.")
@_labs
@_as_json
@click.pass_context
def look(ctx: click.Context, lab_id: str, seed: int, labs: str, as_json: bool) -> None:
    """Judge a lab on a cluster that is only looked at: no start is played, nothing is changed; exit code 1 if a check fails."""
    from eks_lab.cli.lab_look import look_at_lab

    ctx.exit(look_at_lab(lab_id, seed, labs, _directory(), as_json=as_json))


@command.command("answer")
@click.argument("check_id", metavar="CHECK")
@click.argument("value", nargs=-1, required=True)
@_as_json
def answer(check_id: str, value: tuple[str, ...], as_json: bool) -> None:
    """Answer the question of a check."""
    with _session() as session:
        view = session.answer(check_id, " ".join(value))
        if as_json:
            _echo(view)
        else:
            _tell_checks(view)


@command.command("hint")
@_as_json
def hint(as_json: bool) -> None:
    """Take the next hint; it costs points."""
    with _session() as session:
        found = session.hint()
    if as_json:
        _echo(found)
    else:
        click.echo(f"{found.text}\n(-{found.cost} points, {found.left} left)")


@command.command("solve")
@click.option("--solution", default=1, show_default=True, type=click.IntRange(1), help="One of several.")
@click.option("--yes", is_flag=True, help="Say that you give this try up.")
@_as_json
def solve(solution: int, yes: bool, as_json: bool) -> None:
    """Go back to the start and see the lab solved step by step; the try earns nothing."""
    if not yes:
        raise InputError(
            "This ends the try without points, so it has to be asked for.",
            hint="If you mean it: eks-lab lab solve --yes",
        )
    steps: list[dict[str, Any]] = []
    with _session() as session:
        for step in session.solve(solution - 1):
            steps.append({"line": step.line, "out": step.done.out, "code": step.done.code})
            if not as_json and step.line:
                click.echo(f"$ {step.line}")
                click.echo(
                    (step.done.out + step.done.err).rstrip() or "", nl=bool(step.done.out + step.done.err)
                )
        view = session.check()
    if as_json:
        click.echo(json.dumps({"steps": steps, "lab": _plain(view)}, indent=2, ensure_ascii=False))
    else:
        _tell_checks(view)


@command.command("debrief")
def debrief() -> None:
    """Print the debrief of the running lab, with what you did and what we would do."""
    with _session() as session:
        if session.check().outcome == "":
            raise InputError("the lab is not solved yet", hint="See what is missing: eks-lab lab check")
        typed, ours = session.commands(), session.typed_solution()
        click.echo(session.debrief)
        if typed:
            click.echo("What you did:")
            click.echo("\n".join(f"  {line}" for line in typed))
        click.echo("What we would do:")
        click.echo("\n".join(f"  {line}" for line in ours))


@command.command("reset")
@_as_json
def reset(as_json: bool) -> None:
    """Go back to the start of the running lab; hints stay taken and time goes on."""
    with _session() as session:
        view = session.reset()
        if as_json:
            _echo(view)
        else:
            click.echo("The lab is as it was at the start.")
            _tell_checks(view)


@command.command("stop")
@click.option("--force", is_flag=True, help="Forget the lab even if its kept state is lost.")
def stop(force: bool) -> None:
    """End the running lab; your own sandbox comes back as it was."""
    from eks_lab.errors import EksLabError

    is_kept = True
    try:
        with _session() as session:
            is_kept = "snapshots" in session.target.capabilities
            session.stop()
    except EksLabError:
        if not force:
            raise
        with opened_progress() as progress:
            progress.labs.finish("stopped", 0)
            progress.labs.end()
    click.echo(
        "The lab is over; your sandbox is as it was before."
        if is_kept
        else "The lab is over. What it made on the cluster stays there; eks-lab sandbox reset empties a sandbox of ours."
    )


@command.command("new")
@click.argument("lab_id", metavar="ID")
@_labs
def new(lab_id: str, labs: str) -> None:
    """Write a lab to start from; it is proved already."""
    from eks_lab.grading.catalogue import labs_root
    from eks_lab.grading.new import write_lab

    for path in write_lab(labs_root(labs), lab_id):
        click.echo(str(path))


@command.command("backends")
@_labs
def backends(labs: str) -> None:
    """Print how each lab goes on each backend, as a Markdown table."""
    from eks_lab.grading.catalogue import labs_root
    from eks_lab.grading.fidelity_table import table

    click.echo(table(labs_root(labs)), nl=False)


@command.command("schema")
def schema() -> None:
    """Print the JSON Schema of lab.yaml, for editors."""
    from eks_lab.grading.schema import schema_text

    click.echo(schema_text(), nl=False)


@contextlib.contextmanager
def _session() -> Iterator[Session]:
    from eks_lab.grading.session import running_lab

    with opened_progress() as progress:
        if progress.labs.running() is None:
            raise InputError("no lab runs", hint="See which there are: eks-lab lab list")
        with contextlib.closing(_target()) as target:
            yield running_lab(target, progress.labs, _place())


def _directory() -> StateDirectory:
    from eks_lab.sandbox.state_directory import StateDirectory

    return StateDirectory.default()


def _target() -> DaemonTarget | ClusterTarget:
    """Return the running sandbox as the place of labs.

    Raises:
        UnavailableError: it does not run.
    """
    from eks_lab.grading.present import present_target

    return present_target(_directory(), SystemClock())


def _place() -> Place:
    from eks_lab.grading.session import Place

    return Place(locations.data_dir() / "labs", SystemClock(), run_course)


def _plain(found: Any) -> Any:
    return json.loads(json.dumps(asdict(found), default=str))


def _echo(found: Any) -> None:
    click.echo(json.dumps(_plain(found), indent=2, ensure_ascii=False))


def _tell_start(view: View, as_json: bool) -> None:
    if as_json:
        _echo(view)
        return
    click.echo(f"{view.title}\n{'=' * len(view.title)}\n\n{view.story.strip()}\n")
    for number, step in enumerate(view.steps, 1):
        click.echo(f"{number}. {step}")
    click.echo()
    _tell_checks(view)
    click.echo("\nIn another terminal: eks-lab sandbox shell    Files: " + str(view.folder))
    click.echo("Then: eks-lab lab check, hint, reset, solve, stop")


def _tell_checks(view: View) -> None:
    for each in view.checks:
        click.echo(f"{'✓' if each.holds else '✗'} {each.title} ({each.weight})")
        if each.says:
            click.echo(f"    {each.says}")
        if each.question and not each.holds:
            click.echo(f"    {each.question}")
            for number, option in enumerate(each.options, 1):
                click.echo(f"      {number}. {option}")
            click.echo(f"    Answer with: eks-lab lab answer {each.id} …")
    minutes, seconds = divmod(view.seconds, 60)
    if view.outcome:
        word = {"solved": "Solved", "shown": "Shown", "stopped": "Stopped"}[view.outcome]
        again = "" if view.is_solved else " before; this round is for practice"
        click.echo(f"{word}{again}: {view.points} points in {minutes}:{seconds:02}. See: eks-lab lab debrief")
    else:
        click.echo(
            f"{view.points} of {view.most_points} points, {minutes}:{seconds:02}, {view.hints_left} hints left."
        )
    if view.notice:
        click.echo(f"Note: {view.notice}", err=True)


@command.command("prove")
@click.argument("ids", nargs=-1, metavar="[ID…]")
@click.option("--all", "is_all", is_flag=True, help="Every lab of the folder.")
@click.option(
    "--seeds", type=click.IntRange(1, 5), default=1, show_default=True, help="How many of the five."
)
@click.option("--seed", "only", type=int, help="This seed alone.")
@click.option(
    "--mutants",
    type=click.IntRange(0),
    default=4,
    show_default=True,
    help="Spoiled forms of each solution and seed; 1000 tries all of them.",
)
@click.option(
    "--processes", type=click.IntRange(1, 64), default=None, help="At once; two more than there are cores."
)
@click.option(
    "--backend",
    type=click.Choice(["embedded", "docker", "aws"]),
    help="Play them on this running backend as well, and list where checks disagree.",
)
@click.option(
    "--fresh", is_flag=True, help="With --backend: what you made on a cluster of containers may go."
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
    mutants: int,
    processes: int | None,
    backend: str | None,
    fresh: bool,
    labs: str,
    as_json: bool,
) -> None:
    """Prove that labs grade fairly; exit code 1 when a rule is broken, or a backend disagrees.

    Nothing of yours is touched: the proof has worlds of its own, in this process. With --backend, the embedded sandbox is
    put back afterwards, and a cluster of containers is only used when you say that it may be emptied.
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
    if backend is not None:
        from eks_lab.cli.lab_backends import prove_on

        different = prove_on(
            backend, folders, chosen, kubectl_program(), run_course, may_empty=fresh, as_json=as_json
        )
        ctx.exit(_FOUND if different else 0)

    def told(report: LabReport) -> None:
        if not as_json:
            _tell_report(report)

    reports = prove_all(
        folders,
        chosen,
        kubectl_program(),
        course=run_course,
        # Two more than there are cores: kubectl waits now and then, and drains wait for seconds.
        processes=processes or (os.cpu_count() or 1) + 2,
        mutants=mutants,
        told=told,
    )
    broken = sum(not each.is_proved for each in reports)
    if as_json:
        document = {"labs": [each.as_json() for each in reports], "broken": broken}
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        _tell_excused(reports)
        what = "all are proved" if not broken else f"{broken} not proved"
        click.echo(f"{counted(len(reports), 'lab')}, {counted(len(chosen), 'seed')}: {what}.")
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


def kubectl_program() -> str:
    """Return the program.

    Raises:
        UnavailableError: there is none.
    """
    from eks_lab.grading.daemon import found

    program = found("kubectl")
    if not program:
        raise UnavailableError(
            "kubectl is not installed",
            hint="Install it (https://kubernetes.io/docs/tasks/tools/), or: pip install 'eks-lab[tools]'",
        )
    return program


def run_course(words: list[str], folder: str) -> Done:
    """Run a command of eks-lab in process; see `eks_lab.grading.stage.RunsCourse`.

    Args:
        words: after `eks-lab`.
        folder: where.
    """
    import io

    from eks_lab.cli import run
    from eks_lab.grading.target import Done

    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err), contextlib.chdir(folder):
        code = run(words)
    return Done(code, out.getvalue(), err.getvalue())
