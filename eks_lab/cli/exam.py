"""`eks-lab exam`: practice exams against the clock, and honest reports."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click

from eks_lab import locations
from eks_lab.cli.app import lessons_root
from eks_lab.cli.progress import opened_progress
from eks_lab.clock import SystemClock
from eks_lab.errors import EksLabError, InputError

if TYPE_CHECKING:
    from eks_lab.cli.asking import Terminal
    from eks_lab.content.tracks import Track
    from eks_lab.grading.hands_on import HandsOn
    from eks_lab.learning.exams.composition import Length, Plan
    from eks_lab.learning.exams.report import ExamReport
    from eks_lab.learning.exams.sitting import ExamRoom, Sitting
    from eks_lab.learning.progress import Progress

_CONTENT = click.option("--content", default="", metavar="DIR", help="Use the course in this folder.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")
_PLAIN = click.option("--plain", is_flag=True, help="Plain lines (also without this option).")


@click.group(name="exam", help="Sit a practice exam, and read its report.")
def command() -> None:
    """Hold the commands."""


@command.command("tracks")
@_JSON
@_CONTENT
def tracks(as_json: bool, content: str) -> None:
    """List the exams, with what is known of them and from where."""
    from eks_lab.content.tracks import open_tracks

    found = open_tracks(lessons_root(content))
    if as_json:
        rows = [asdict(track) for track in found.values()]
        click.echo(json.dumps({"tracks": rows}, indent=2, ensure_ascii=False, default=str))
        return
    for track in found.values():
        for line in _track_lines(track):
            indent = " " * (len(line) - len(line.lstrip()))
            click.echo(fill(line, 100, subsequent_indent=f"{indent}  ", break_long_words=False))
        click.echo()


@command.command("start")
@click.argument("track_id", metavar="TRACK")
@click.option("--minutes", type=click.IntRange(5, 600), help="Another time; questions in proportion.")
@click.option("--short", is_flag=True, help="A quarter of the exam.")
@click.option("--seed", type=int, help="Of choice, order and numbers; left out, each time is another.")
@click.option("--labs", "labs", default="", metavar="DIR", help="Labs of this folder instead of ours.")
@click.option("--no-labs", is_flag=True, help="Questions only.")
@_PLAIN
@_JSON
@_CONTENT
def start(
    track_id: str,
    minutes: int | None,
    short: bool,
    seed: int | None,
    labs: str,
    no_labs: bool,
    plain: bool,
    as_json: bool,
    content: str,
) -> None:
    """Begin a sitting of TRACK; its time runs from the first question on."""
    from eks_lab.content.tracks import chosen_track, open_tracks
    from eks_lab.learning.exams.composition import length_of

    root = lessons_root(content)
    track = chosen_track(open_tracks(root), track_id)
    length = length_of(track, minutes=minutes, short=short)
    if no_labs:
        length = replace(length, labs=0)
    terminal = _terminal(content, as_json)
    with opened_progress() as progress:
        room = _room(progress)
        if room.running() is not None:
            raise InputError(
                "an exam runs already", hint="Go on with it: eks-lab exam resume (:end there hands it in)"
            )
        chosen = int(SystemClock().now().timestamp()) if seed is None else seed
        plan, contents = _composed(track, root, length, chosen, labs, room)
        for line in _plan_lines(track, plan):
            terminal.write(fill(line, terminal.width, subsequent_indent="  ", break_long_words=False))
        sitting = room.start(track, plan, contents)
        _sit(room, sitting, progress, terminal, as_json)


@command.command("resume")
@_PLAIN
@_JSON
@_CONTENT
def resume(plain: bool, as_json: bool, content: str) -> None:
    """Go on with the sitting that runs."""
    terminal = _terminal(content, as_json)
    with opened_progress() as progress:
        room = _room(progress)
        sitting = _running(room)
        from eks_lab.learning.exams.report_text import clock_text

        away = sitting.reopen().total_seconds()
        paused = sitting.state().clock.is_paused
        if away >= 1:
            counts = "it was paused, so that time does not count" if paused else "that time counts"
            terminal.write(f"No program has looked at this exam for {clock_text(away)}; {counts}.")
        _sit(room, sitting, progress, terminal, as_json)


@command.command("status")
@_JSON
def status(as_json: bool) -> None:
    """Show how the running sitting stands, without its questions."""
    from eks_lab.learning.exams.report_text import clock_text

    with opened_progress() as progress:
        sitting = _running(_room(progress))
        state, record = sitting.state(), sitting.record
    left = state.left.total_seconds()
    if as_json:
        document = {
            "sitting_id": sitting.sitting_id,
            "track_id": record.track.id,
            "tasks": len(record.tasks),
            "answered": sorted(state.given),
            "flagged": sorted(state.flagged),
            "labs": [task.number for task in record.tasks if task.is_lab],
            "left_seconds": left,
            "paused": state.clock.is_paused,
        }
        click.echo(json.dumps(document, indent=2))
        return
    click.echo(f"{record.track.title}, sitting {sitting.sitting_id}")
    click.echo(
        f"{len(state.given)} of {len(record.tasks)} answered, {len(state.flagged)} flagged, "
        f"{clock_text(left)} left{', paused' if state.clock.is_paused else ''}."
    )
    click.echo("Go on with: eks-lab exam resume")


@command.command("report")
@click.argument("sitting_id", metavar="[ID]", type=int, required=False)
@click.option("--markdown", "as_markdown", is_flag=True, help="A Markdown document.")
@_JSON
def report(sitting_id: int | None, as_markdown: bool, as_json: bool) -> None:
    """Print the report on a sitting; left out, the latest one that has ended."""
    if as_json and as_markdown:
        raise InputError("--json and --markdown exclude each other", hint="Give one of them.")
    with opened_progress() as progress:
        room = _room(progress)
        room.running()
        ended = [line.sitting_id for line in room.past() if not line.is_running]
        if sitting_id is None and not ended:
            raise InputError("no sitting has ended yet", hint="Begin one: eks-lab exam start TRACK --short")
        sitting = room.sitting(ended[0] if sitting_id is None else sitting_id)
        if sitting.state().is_over:
            _finish_labs(sitting, progress)
            _mark(room, sitting)
        found = _reported(room, sitting)
    click.echo(_report_text(found, as_json, as_markdown), nl=False)


@command.command("list")
@_JSON
def list_sittings(as_json: bool) -> None:
    """List your sittings, the latest first."""
    with opened_progress() as progress:
        room = _room(progress)
        room.running()
        rows: list[dict[str, Any]] = []
        for line in room.past():
            found = _reported(room, room.sitting(line.sitting_id))
            rows.append(
                {
                    "sitting_id": line.sitting_id,
                    "track_id": line.track_id,
                    "title": line.title,
                    "started_at": line.started_at.isoformat(),
                    "tasks": line.tasks,
                    "running": line.is_running,
                    "points": None if line.is_running else found.points,
                    "waiting": found.waiting,
                    "passed": found.passed if not line.is_running else None,
                }
            )
    if as_json:
        click.echo(json.dumps({"sittings": rows}, indent=2, ensure_ascii=False))
        return
    if not rows:
        click.echo("No sittings yet. Begin one: eks-lab exam start eks-engineer --short")
    for row in rows:
        score = "runs" if row["running"] else f"{row['points']:g} points"
        score += f", {row['waiting']:g} waiting" if row["waiting"] and not row["running"] else ""
        click.echo(
            f"{row['sitting_id']:>4}  {row['started_at'][:16]}  {row['track_id']:<13} {row['tasks']:>3} tasks  {score}"
        )


# --- making a sitting -----------------------------------------------------------------------------------------


def _composed(
    track: Track, root: Path, length: Length, seed: int, labs: str, room: ExamRoom
) -> tuple[Plan, dict[str, dict[str, Any]]]:
    from eks_lab.content.index import open_course
    from eks_lab.content.items.bank import open_bank
    from eks_lab.grading.hands_on import lab_copy
    from eks_lab.learning.exams.asked import variant_copy
    from eks_lab.learning.exams.composition import compose
    from eks_lab.learning.exams.offers import offers_of

    loaded = open_course(root, locations.cache_dir())
    bank = open_bank(loaded, locations.cache_dir())
    offers = offers_of(bank, track)
    folders: dict[str, Path] = {}
    if length.labs:
        from eks_lab.grading.catalogue import labs_root
        from eks_lab.grading.hands_on import lab_offers

        chapters = {chapter.number: chapter.id for chapter in loaded.course.file.chapters}
        found, folders = lab_offers(labs_root(labs), chapters, _capabilities())
        offers += found
    plan = compose(track, offers, seed, length, seen=room.last_asked(), now=SystemClock().now())
    contents = {
        task.offer.id: lab_copy(folders[task.offer.id])
        if task.offer.id in folders
        else variant_copy(bank.items[task.offer.id], task.seed)
        for task in plan.tasks
    }
    return plan, contents


def _capabilities() -> set[str]:
    from eks_lab.grading.daemon import found

    return {"cluster", "account", *(name for name in ("kubectl", "aws", "terraform") if found(name))}


def _sit(room: ExamRoom, sitting: Sitting, progress: Progress, terminal: Terminal, as_json: bool) -> None:
    from eks_lab.cli.exam_run import PlainSitting

    has_labs = any(task.is_lab for task in sitting.record.tasks)
    hands = _hands_on(sitting, progress) if has_labs else None
    if PlainSitting(sitting, terminal, hands).run():
        _finish_labs(sitting, progress)
        _mark(room, sitting)
        text = _report_text(_reported(room, sitting), as_json, False)
        click.echo(text if as_json else f"\n{text}", nl=False)


@contextlib.contextmanager
def _hands_on(sitting: Sitting, progress: Progress) -> Iterator[HandsOn]:
    """Give the labs of a sitting, in a sandbox that is started when it does not run."""
    from eks_lab.cli.lab import run_course
    from eks_lab.grading.daemon import DaemonTarget, found
    from eks_lab.grading.hands_on import HandsOn
    from eks_lab.grading.session import Place
    from eks_lab.sandbox import client, launch
    from eks_lab.sandbox.state_directory import StateDirectory

    directory = StateDirectory.default()
    launch.start(directory, {})
    place = Place(locations.data_dir() / "labs", SystemClock(), run_course)
    with contextlib.closing(DaemonTarget(directory, client.required(directory), found("kubectl"))) as target:
        yield HandsOn(sitting, target, progress.labs, place)


def _finish_labs(sitting: Sitting, progress: Progress) -> None:
    """Take a lab of the sitting out of the sandbox, whichever program had put it there."""
    from eks_lab.grading.hands_on import current_task

    if current_task(sitting, progress.labs, locations.data_dir() / "labs") is None:
        return
    try:
        with _hands_on(sitting, progress) as hands:
            hands.finish()
    except EksLabError as error:
        click.echo(f"Your own sandbox could not be brought back: {error.message}", err=True)
        click.echo("Try: eks-lab lab stop", err=True)


# --- after a sitting ------------------------------------------------------------------------------------------


def _mark(room: ExamRoom, sitting: Sitting) -> None:
    """Judge what was handed in; where commands cannot be run here, they wait."""
    from eks_lab.cli.quiz_run import Practising
    from eks_lab.learning.exams.marking import mark

    given = sitting.state().given
    practical = [
        task for task in sitting.record.tasks if task.kind in ("command", "manifest") and task.number in given
    ]
    if not practical:
        mark(room, sitting)
        return
    with Practising() as practising:
        said: list[str] = []

        def bench(variant: Any, text: str) -> Any:
            try:
                return practising.judge(variant, text).result
            except EksLabError as error:
                said.append(f"{error.message}. {error.hint}")
                raise

        waiting = mark(room, sitting, bench)
    if waiting:
        click.echo(f"{waiting} answers wait for their judgement: {said[0]}", err=True)


def _reported(room: ExamRoom, sitting: Sitting) -> ExamReport:
    from eks_lab.learning.exams import records
    from eks_lab.learning.exams.report import report_of

    with room.database.read() as connection:
        marks = records.read_marks(connection, sitting.sitting_id)
    return report_of(sitting.record, sitting.state(), marks)


def _report_text(found: ExamReport, as_json: bool, as_markdown: bool) -> str:
    from eks_lab.learning.exams.report_text import report_json, report_markdown, report_text

    return report_json(found) if as_json else report_markdown(found) if as_markdown else report_text(found)


# --- words ----------------------------------------------------------------------------------------------------


def _track_lines(track: Track) -> Iterator[str]:
    from eks_lab.content.tracks import OURS

    retired = f", retired {track.retired}" if track.retired else ""
    since = f" since {track.effective}" if track.effective else ""
    yield f"{track.id}: {track.title}"
    yield f"  {track.issuer}, {track.version}{since}{retired}. {track.form}, {track.minutes} minutes."
    if track.questions:
        yield f"  Questions: {track.questions}."
    line = track.pass_line
    if line is None:
        yield "  No pass line is published."
    elif line.scale == "scaled":
        scale = f"on a scale from {line.lowest:g} to {line.highest:g}"
        yield f"  Pass line: {line.value:g} {scale}; only a raw score is known here."
    else:
        yield f"  Pass line: {line.value:g} %."
    if not track.has_weights:
        yield "  Domains; their weights are not known:"
    elif track.issuer == OURS:
        yield "  Domains and our weights:"
    elif track.is_first_hand("weights"):
        yield "  Domains and weights, read in the issuer's outline:"
    else:
        yield "  Domains and weights, as others report the issuer's guide:"
    for domain in track.domains:
        weight = "" if domain.weight is None else f"{domain.weight:g} % "
        yield f"    {weight}{domain.title}"
        if domain.not_covered:
            yield f"      EKS practice does not cover: {'; '.join(domain.not_covered)}."
    yield f"  {track.about}"
    for source in track.sources:
        yield f"  Source: {source.title}{f', {source.url}' if source.url else ''}, checked {source.checked}."


def _plan_lines(track: Track, plan: Plan) -> Iterator[str]:
    yield f"{track.title}: {len(plan.tasks)} tasks, {plan.minutes} minutes, seed {plan.seed}."
    yield "No hints, no explanations until the end. Partly right answers earn part of their points."
    for share in plan.shares:
        weight = "unknown" if share.weight is None else f"{share.weight:g} %"
        yield f"  {share.title}: {share.got} {'task' if share.got == 1 else 'tasks'}, {share.points:g} points (weight {weight})"
    yield from plan.notes
    if track.is_retired(SystemClock().now().date()):
        yield f"This version of the exam was retired on {track.retired}."


# --- common ---------------------------------------------------------------------------------------------------


def _terminal(content: str, as_json: bool) -> Terminal:
    from eks_lab.cli.asking import plain_terminal

    return plain_terminal(root=lessons_root(content), to_stderr=as_json)


def _room(progress: Progress) -> ExamRoom:
    from eks_lab.learning.exams.sitting import ExamRoom

    return ExamRoom(progress.database, SystemClock(), time.monotonic)


def _running(room: ExamRoom) -> Sitting:
    sitting = room.running()
    if sitting is None:
        raise InputError(
            "no exam runs", hint="Begin one: eks-lab exam start TRACK. Past ones: eks-lab exam list"
        )
    return sitting
