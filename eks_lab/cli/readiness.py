"""`eks-lab readiness`: how ready a learner is for an exam, what to do today, and what the answers tell of questions."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import click

from eks_lab import locations
from eks_lab.cli.app import lessons_root
from eks_lab.cli.progress import opened_progress
from eks_lab.clock import SystemClock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from eks_lab.content.items.bank import Bank
    from eks_lab.content.model import Course
    from eks_lab.content.tracks import Track
    from eks_lab.learning.beta import Beta
    from eks_lab.learning.next_steps import NextStep
    from eks_lab.learning.readiness import TrackReadiness

_ITEMS = "items"
_TITLE_COLUMNS = 44


@click.command(name="readiness")
@click.argument("track_id", metavar="[TRACK|items]", default="")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--plain", is_flag=True, help="Plain lines (also without this option).")
@click.option("--content", default="", metavar="DIR", help="Use the course in this folder.")
def command(track_id: str, as_json: bool, plain: bool, content: str) -> None:
    """Say how ready you are for an exam, and what to do today.

    TRACK is an exam (eks-lab exam tracks lists them); without one, all are listed. With the word items: how hard
    the questions were for you, whether they tell good days from bad ones, and which options you picked.
    """
    from eks_lab.content.index import open_course
    from eks_lab.content.items.bank import open_bank

    loaded = open_course(lessons_root(content), locations.cache_dir())
    bank = open_bank(loaded, locations.cache_dir())
    if track_id == _ITEMS:
        _show_items(bank, as_json)
        return
    from eks_lab.content.tracks import chosen_track, open_tracks

    tracks = open_tracks(loaded.root)
    if track_id:
        _show_track(chosen_track(tracks, track_id), loaded.course, bank, as_json)
    else:
        _show_all(list(tracks.values()), loaded.course, bank, as_json)


# --- exams --------------------------------------------------------------------------------------------------


def _show_all(tracks: Sequence[Track], course: Course, bank: Bank, as_json: bool) -> None:
    from eks_lab.grading.known_labs import known_labs
    from eks_lab.learning.overview import evidence_of
    from eks_lab.learning.readiness import track_readiness

    now = SystemClock().now()
    labs = known_labs(course)
    with opened_progress() as progress:
        evidence = evidence_of(progress)
    found = [track_readiness(track, bank.entries.values(), labs, evidence, now) for track in tracks]
    if as_json:
        click.echo(json.dumps([_track_json(each) for each in found], indent=2, ensure_ascii=False))
        return
    for each in found:
        click.echo(
            f"{each.id:<12} {_cut(each.title):<{_TITLE_COLUMNS}} {_range(each.whole)}"
            f"  {each.answered} of {each.questions} questions answered"
        )
    click.echo("\nThe range holds what share of our questions you would answer now, 8 times of 10.")
    click.echo("More: eks-lab readiness TRACK")


def _show_track(track: Track, course: Course, bank: Bank, as_json: bool) -> None:
    from eks_lab.grading.known_labs import known_labs
    from eks_lab.learning.overview import today
    from eks_lab.learning.readiness_words import forecast_words, readiness_words

    clock = SystemClock()
    with opened_progress() as progress:
        overview = today(progress, track, course, bank, known_labs(course), clock.now())
    readiness = overview.readiness
    if as_json:
        document = {
            **_track_json(readiness),
            "next": [asdict(step) for step in overview.steps],
            "forecast": [asdict(day) for day in overview.forecast],
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    click.echo(f"{readiness.title}\n")
    click.echo(f"{'Domain':<{_TITLE_COLUMNS}} {'Weight':>7}  {'Right':<14} {'Answered':>10}  {'Labs':>8}")
    for domain in readiness.domains:
        weight = f"{domain.weight:g} %" if domain.weight is not None else "–"
        shown = _range(domain.belief) if domain.is_covered else "not covered"
        click.echo(
            f"{_cut(domain.title):<{_TITLE_COLUMNS}} {weight:>7}  {shown:<14}"
            f" {domain.answered:>3} of {domain.questions:<4}  {domain.solved:>2} of {domain.labs}"
        )
    click.echo(
        f"{'All together':<{_TITLE_COLUMNS}} {'':>7}  {_range(readiness.whole):<14}"
        f" {readiness.answered:>3} of {readiness.questions}"
    )
    if sum(domain.questions for domain in readiness.domains) > readiness.questions:
        click.echo("A question of several domains stands in each of them, and once under “All together”.")
    click.echo("")
    click.echo(readiness_words(readiness))
    gaps = [f"{domain.title}: {gap}" for domain in readiness.domains for gap in domain.not_covered]
    if gaps:
        click.echo("\nWhat practice here does not cover:")
        for gap in gaps:
            click.echo(f"  * {gap}")
    click.echo("\nToday:")
    for number, step in enumerate(overview.steps, 1):
        click.echo(_step_text(number, step))
    if not overview.steps:
        click.echo("  Nothing is left to do: every lesson is read, every lab solved, no card due.")
    click.echo("")
    click.echo(forecast_words(overview.forecast))


def _step_text(number: int, step: NextStep) -> str:
    return f"  {number}. {step.text} About {step.minutes} min. {step.why}\n     {step.command}"


def _range(belief: Beta) -> str:
    low, high = belief.interval()
    return f"{low:>4.0%} to {high:.0%}"


def _cut(title: str) -> str:
    return title if len(title) <= _TITLE_COLUMNS else title[: _TITLE_COLUMNS - 1] + "…"


def _track_json(readiness: TrackReadiness) -> dict[str, Any]:
    return {
        "track": readiness.id,
        "title": readiness.title,
        **_belief_json(readiness.whole),
        "has_weights": readiness.has_weights,
        "pass_share": readiness.pass_share,
        "chance": None if readiness.chance is None else round(readiness.chance, 4),
        "questions": readiness.questions,
        "answered": readiness.answered,
        "domains": [
            {
                "id": domain.id,
                "title": domain.title,
                "weight": domain.weight,
                **_belief_json(domain.belief),
                "questions": domain.questions,
                "answered": domain.answered,
                "labs": domain.labs,
                "solved": domain.solved,
                "not_covered": list(domain.not_covered),
            }
            for domain in readiness.domains
        ],
    }


def _belief_json(belief: Beta) -> dict[str, Any]:
    low, high = belief.interval()
    return {
        "expected": round(belief.mean, 4),
        "low": round(low, 4),
        "high": round(high, 4),
        "evidence": round(belief.evidence, 2),
    }


# --- questions ----------------------------------------------------------------------------------------------


def _show_items(bank: Bank, as_json: bool) -> None:
    from eks_lab.learning.overview import option_names
    from eks_lab.learning.statistics import item_statistics

    with opened_progress() as progress:
        found = item_statistics(progress.history(), lambda item_id: option_names(bank, item_id))
    if as_json:
        rows = [
            {**asdict(each), "is_in_course": each.question_id in bank, "picked": dict(each.picked)}
            for each in found
        ]
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    if not found:
        click.echo("Nothing was answered yet.")
        return
    click.echo(f"{'Question':<58} {'Asked':>5} {'Right':>6} {'Tells':>6} {'Seconds':>8}  Picked")
    for each in found:
        tells = "–" if each.discrimination is None else f"{each.discrimination:+.2f}"
        seconds = "–" if each.seconds is None else f"{each.seconds:.0f}"
        picked = ", ".join(f"{name}×{count}" for name, count in each.picked.items() if count)
        gone = "" if each.question_id in bank else "  (gone)"
        click.echo(
            f"{each.question_id:<58} {each.attempts:>5} {each.difficulty:>6.0%} {tells:>6} {seconds:>8}  {picked}{gone}"
        )
    click.echo(
        "\nTells: how being right here goes with the day's other questions, -1 to +1; – where too little is known."
    )
