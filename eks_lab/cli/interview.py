"""`eks-lab interview`: a timed conversation on a terminal or a pipe, and its scorecard."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any

import click

from eks_lab import locations
from eks_lab.cli.app import lessons_root
from eks_lab.cli.progress import opened_progress, require_remembered
from eks_lab.errors import EksLabError, InputError

if TYPE_CHECKING:
    from eks_lab.content.items.model import RecallItem
    from eks_lab.learning.interviews.conversation import Asked, Conversation
    from eks_lab.learning.interviews.questions import PutQuestion
    from eks_lab.learning.interviews.records import Interview, InterviewRecords
    from eks_lab.learning.interviews.scorecard import Scorecard
    from eks_lab.learning.progress import Progress

_HOW = (
    "Answer in a few sentences. An empty line, or a line with a single dot, ends the answer; a dot alone passes the\n"
    "question. Ctrl-C leaves, and the clock goes on: come back with eks-lab interview resume."
)
_DOT = "."


@click.group(name="interview", help="Hold a timed interview, and read its scorecard.")
def command() -> None:
    """Hold the commands."""


def _as_json(function: Any) -> Any:
    return click.option("--json", "as_json", is_flag=True, help="One JSON document on standard output.")(
        function
    )


def _talking(function: Any) -> Any:
    for option in (
        click.option("--plain", is_flag=True, help="On the terminal, line by line."),
        click.option(
            "--answers",
            type=click.Path(dir_okay=False),
            help="Read answers from this file, - for standard input.",
        ),
        _as_json,
    ):
        function = option(function)
    return function


@command.command("start")
@click.option(
    "--level",
    type=click.Choice(["junior", "mid", "senior"]),
    default="mid",
    show_default=True,
    help="Of the position.",
)
@click.option(
    "--topic", "topics", multiple=True, metavar="T", help="Id of a chapter, or general; may be repeated."
)
@click.option("--count", default=10, show_default=True, help="Questions, 8 to 12.")
@click.option("--minutes", type=float, help="For all of it; left out, as long as the questions take.")
@click.option("--seed", type=int, help="The same seed asks the same questions.")
@click.option("--content", default="", metavar="DIR", help="Use the course in this folder.")
@_talking
def start(
    level: Any,
    topics: tuple[str, ...],
    count: int,
    minutes: float | None,
    seed: int | None,
    content: str,
    plain: bool,
    answers: str | None,
    as_json: bool,
) -> None:
    """Begin an interview; questions about your own sandbox are among them while it runs."""
    del plain  # There is no other form on the command line.
    from eks_lab.learning.interviews.composition import compose, planned_minutes
    from eks_lab.learning.interviews.conversation import Conversation

    lines = _lines(answers)
    with opened_progress() as progress:
        require_remembered(progress)
        records = _records(progress)
        left = records.running()
        if left is not None:
            # One that nobody came back to does not stand in the way.
            Conversation(records, left).settle()
        chosen = seed if seed is not None else _fresh_seed(records)
        questions = compose(
            _candidates(content), level=level, topics=topics, count=count, minutes=minutes, seed=chosen
        )
        if len(questions) < count:
            click.echo(f"Note: {len(questions)} questions fit what you asked for.", err=True)
        interview = records.start(questions, level, topics, minutes or planned_minutes(questions), chosen)
        _talk(progress, interview, lines, as_json)


@command.command("resume")
@_talking
def resume(plain: bool, answers: str | None, as_json: bool) -> None:
    """Go on with the interview that runs; the time that passed meanwhile is gone."""
    del plain
    lines = _lines(answers)
    with opened_progress() as progress:
        interview = _running(_records(progress))
        _talk(progress, interview, lines, as_json)


@command.command("stop")
@_as_json
def stop(as_json: bool) -> None:
    """End the interview that runs; what was not asked stays unasked."""
    from eks_lab.learning.interviews.conversation import Conversation

    with opened_progress() as progress:
        records = _records(progress)
        _tell(progress, Conversation(records, _running(records)).stop(), as_json)


@command.command("list")
@_as_json
def list_interviews(as_json: bool) -> None:
    """List your interviews."""
    import json

    from eks_lab.learning.interviews.scorecard import scorecard_of
    from eks_lab.learning.timestamps import write_time

    with opened_progress() as progress:
        cards = [scorecard_of(each) for each in _records(progress).all()]
    if as_json:
        rows = [
            {
                "id": card.interview_id,
                "started_at": write_time(card.started_at),
                "level": card.level,
                "topics": card.topics,
                "outcome": card.outcome,
                "score": card.score,
                "questions": len(card.questions),
                "asked": card.asked,
            }
            for card in cards
        ]
        click.echo(json.dumps({"interviews": rows}, indent=2, ensure_ascii=False))
        return
    if not cards:
        click.echo("No interview yet. Begin one: eks-lab interview start")
    for card in cards:
        click.echo(
            f"{card.interview_id:>4}  {card.started_at:%Y-%m-%d %H:%M}  {card.level:<6}  {card.score:>4.0%}  "
            f"{card.asked:>2} of {len(card.questions):>2}  {card.outcome:<8}  {', '.join(card.topics) or 'all topics'}"
        )


@command.command("show")
@click.argument("interview_id", metavar="ID", type=int)
@click.option(
    "--markdown", is_flag=True, help="As Markdown, to keep or to show; also what is printed without it."
)
@_as_json
def show(interview_id: int, markdown: bool, as_json: bool) -> None:
    """Print the scorecard of an interview."""
    if markdown and as_json:
        raise InputError("Choose one of --markdown and --json.", hint="Both hold the same.")
    with opened_progress() as progress:
        _tell(progress, _over(_records(progress), interview_id), as_json)


@command.command("overrule")
@click.argument("interview_id", metavar="ID", type=int)
@click.argument("point", metavar="POINT")
@click.option(
    "--found/--missing", "found", default=None, help="What is right; left out, the opposite of what counts."
)
@_as_json
def overrule(interview_id: int, point: str, found: bool | None, as_json: bool) -> None:
    """Say that a point was in your answer, or was not; POINT is printed by `show`, for example 2/quorum."""
    from eks_lab.learning.interviews.scorecard import scorecard_of

    with opened_progress() as progress:
        require_remembered(progress)
        records = _records(progress)
        question, follow_up, name = _place(point)
        _over(records, interview_id)
        if found is None:
            card = scorecard_of(records.load(interview_id))
            counts = {
                line.ref: line.found
                for each in card.questions
                for answer in (each.main, *each.follow_ups)
                for line in answer.points
            }
            found = not counts.get(point, False)
        interview = records.overrule(interview_id, question, follow_up, name, found)
        if as_json:
            _tell(progress, interview, as_json)
        else:
            card = scorecard_of(interview)
            word = "found" if found else "not found"
            click.echo(f"{point} counts as {word}, because you say so. Score: {card.score:.0%}")


# --- the conversation ----------------------------------------------------------------------------------------


def _talk(progress: Progress, interview: Interview, lines: IO[str], as_json: bool) -> None:
    from eks_lab.content.items.rubric import NOTICE
    from eks_lab.learning.interviews.conversation import Conversation

    talk = Conversation(_records(progress), interview)
    # With --json, standard output is one document: the conversation goes beside it.
    click.echo(_HOW, err=as_json)
    click.echo(f"{NOTICE}\n", err=as_json)
    asked = talk.waiting()
    while asked is not None:
        _ask(asked, as_json)
        try:
            answer = _read(lines)
        except KeyboardInterrupt:
            answer = None
        if answer is None:
            _left(talk, as_json)
            return
        asked = talk.answer(answer)
    _tell(progress, talk.interview, as_json)


def _ask(asked: Asked, as_json: bool) -> None:
    from eks_lab.learning.interviews.report import duration

    kind = "" if asked.follow_up is None else ", follow-up"
    click.echo(
        f"[{asked.number} of {asked.of}{kind}; {duration(asked.left.total_seconds())} left]", err=as_json
    )
    click.echo(f"{asked.text}\n", err=as_json)


def _left(talk: Conversation, as_json: bool) -> None:
    interview = talk.interview
    message = (
        f"Interview {interview.interview_id} waits for your answer until {interview.deadline:%H:%M} UTC. "
        "Go on: eks-lab interview resume. End it: eks-lab interview stop"
    )
    click.echo(message, err=True)
    if as_json:
        import json

        waiting = {
            "format": "eks-lab-interview",
            "version": 1,
            "interview_id": interview.interview_id,
            "outcome": "running",
            "deadline": interview.deadline.isoformat(),
            "answered": sum(turn.speaker == "candidate" for turn in interview.turns),
        }
        click.echo(json.dumps(waiting, indent=2))


def _read(lines: IO[str]) -> str | None:
    """Return an answer of several lines, or None at the end of the input; empty when the question is passed.

    Empty lines before an answer are nothing: whoever presses Enter once too often has passed no question.
    """
    taken: list[str] = []
    for line in iter(lines.readline, ""):
        text = line.rstrip("\r\n")
        if text.strip() == _DOT or (taken and not text.strip()):
            return "\n".join(taken)
        if text.strip():
            taken.append(text)
    return "\n".join(taken) if taken else None


def _lines(answers: str | None) -> IO[str]:
    if answers is None or answers == "-":
        return sys.stdin
    import io

    try:
        return io.StringIO(Path(answers).read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(
            f"{answers} cannot be read: {error}", hint="A text file with one answer after the other."
        ) from error


# --- what it needs -------------------------------------------------------------------------------------------


def _records(progress: Progress) -> InterviewRecords:
    return progress.interviews


def _over(records: InterviewRecords, interview_id: int) -> Interview:
    """Return an interview that is over: the scorecard of a running one would tell the answers."""
    from eks_lab.learning.interviews.conversation import Conversation

    talk = Conversation(records, records.load(interview_id))
    if not talk.settle():
        raise InputError(
            f"Interview {interview_id} is still running.",
            hint="Go on with it: eks-lab interview resume. Or end it: eks-lab interview stop",
        )
    return talk.interview


def _running(records: InterviewRecords) -> Interview:
    interview = records.running()
    if interview is None:
        raise InputError("No interview runs.", hint="Begin one: eks-lab interview start")
    return interview


def _fresh_seed(records: InterviewRecords) -> int:
    """Return a seed that was not used yet: the next interview asks other questions."""
    return max((each.seed for each in records.all()), default=0) + 1


def _candidates(content: str) -> list[PutQuestion]:
    """Return every question that can be asked now, with the facts of the running sandbox."""
    from eks_lab.content.index import open_course
    from eks_lab.content.items.bank import open_bank
    from eks_lab.content.items.model import RecallItem
    from eks_lab.learning.interviews.questions import put

    cache = locations.cache_dir()
    bank = open_bank(open_course(lessons_root(content), cache), cache)
    items = [bank.item(entry.id) for entry in bank.find(interview=True, own_sandbox=None)]
    asked = [item for item in items if isinstance(item, RecallItem)]
    facts = _sandbox_facts(asked)
    questions = [put(item, facts.get(item.id)) for item in asked]
    return [question for question in questions if question is not None]


def _sandbox_facts(items: list[RecallItem]) -> dict[str, dict[str, list[Any]]]:
    from eks_lab.sandbox import client
    from eks_lab.sandbox.state_directory import StateDirectory

    directory = StateDirectory.default()
    if client.running(directory) is None:
        return {}
    from eks_lab.clock import SystemClock
    from eks_lab.grading.daemon import DaemonTarget
    from eks_lab.grading.interview_facts import facts_of

    try:
        with contextlib.closing(DaemonTarget(directory, client.required(directory))) as target:
            return facts_of(items, target, locations.data_dir(), SystemClock().now().date())
    except EksLabError as error:
        click.echo(f"Note: your sandbox is not asked about: {error.message}", err=True)
        return {}


def _place(point: str) -> tuple[int, int | None, str]:
    """Return question, follow-up and point of `2/quorum` or `2.1/no-access`."""
    place, slash, name = point.partition("/")
    number, dot, further = place.partition(".")
    if not (slash and name and number.isdecimal() and (further.isdecimal() or not dot)):
        raise InputError(
            f"{point!r} names no point.",
            hint="As `eks-lab interview show` prints it: 2/quorum or 2.1/no-access.",
        )
    return int(number) - 1, int(further) - 1 if dot else None, name


def _tell(progress: Progress, interview: Interview, as_json: bool) -> None:
    from eks_lab.learning.interviews.report import as_json as written
    from eks_lab.learning.interviews.report import as_markdown

    card = _scorecard(progress, interview)
    click.echo(written(card) if as_json else as_markdown(card), nl=as_json)


def _scorecard(progress: Progress, interview: Interview) -> Scorecard:
    from eks_lab.learning.interviews.scorecard import scorecard_of

    return scorecard_of(interview, progress.reviews)
