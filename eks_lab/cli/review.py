"""`eks-lab review`: the daily review in plain lines, what is due, and decks in and out."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eks_lab import locations
from eks_lab.cli.app import lessons_root
from eks_lab.cli.progress import opened_progress, require_remembered
from eks_lab.clock import SystemClock
from eks_lab.errors import InputError

if TYPE_CHECKING:
    from eks_lab.content.items.bank import Bank
    from eks_lab.learning.cards import CardRecord

_CONTENT = click.option("--content", default="", metavar="DIR", help="Use the course in this folder.")
_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON document.")


@click.group(
    name="review", invoke_without_command=True, help="Review what you are about to forget; decks in and out."
)
@_CONTENT
@click.option("--plain", is_flag=True, help="Plain lines (also without this option).")
@click.option("--json", "as_json", is_flag=True, help="One JSON document; questions go to standard error.")
@click.option("--count", type=click.IntRange(1, 10_000), help="Most cards; all that are due when left out.")
@click.option(
    "--answers",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Read the answers from this file: lines as typed, or a JSON object of card or question ids and lines.",
)
@click.option("--rate", is_flag=True, help="Ask how hard each card was, also through a pipe.")
@click.option("--trust-clock", is_flag=True, help="The clock is right, however long you were away.")
@click.pass_context
def command(
    ctx: click.Context,
    content: str,
    plain: bool,
    as_json: bool,
    count: int | None,
    answers: Path | None,
    rate: bool,
    trust_clock: bool,
) -> None:
    """Hold the daily review."""
    if ctx.invoked_subcommand is not None:
        return
    from eks_lab.cli.review_run import ReviewRun

    run = ReviewRun.of(content=content, as_json=as_json, answers=answers, rates=rate)
    run.hold(count, trusts_clock=trust_clock)


@command.command("due")
@click.option("--all", "every", is_flag=True, help="Every card, due or not.")
@_JSON
@_CONTENT
def due(every: bool, as_json: bool, content: str) -> None:
    """Say what is to be reviewed now, and when the next card comes."""
    from eks_lab.grading.known_labs import lab_ids
    from eks_lab.learning.review_session import ReviewSession, waiting_words

    clock = SystemClock()
    with opened_progress() as progress:
        session = ReviewSession(progress, opened_bank(content), lab_ids(), clock)
        queue = session.queue()
        doubt = progress.reviews.clock_doubt()
        now = clock.now()
        cards = progress.reviews.cards() if every else [each.card for each in queue.cards]
        rows = [_row(card) | {"retrievability": round(card.retrievability(now), 4)} for card in cards]
    if as_json:
        document = {
            "due": queue.due,
            "new": queue.new,
            "waiting": queue.waiting,
            "missing": queue.missing,
            "leeches": queue.leeches,
            "next_due": queue.next_due.isoformat() if queue.next_due else None,
            "notice": doubt.sentence if doubt else "",
            "cards": rows,
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
        return
    if doubt is not None:
        click.echo(f"Note: {doubt.sentence}", err=True)
    for row in rows:
        known = f"{row['retrievability']:.0%} known" if row["state"] != "new" else "new"
        leech = "  forgotten often" if row["is_leech"] else ""
        click.echo(f"{row['card']:<64} {known:>10}  due {row['due'][:16].replace('T', ' ')}{leech}")
    click.echo(
        f"{queue.due} to review, {queue.new} new today, {queue.waiting} new for later."
        + (f" {queue.missing} rest: this course does not have them." if queue.missing else "")
    )
    if not queue.total:
        click.echo(waiting_words(queue.next_due, now))


@command.command("add")
@click.argument("target", metavar="ID")
@_CONTENT
def add(target: str, content: str) -> None:
    """Make a card of a question, a lesson or a lab; ID may also be a card, as `lab:max-pods`."""
    revisions, card_id = _card_named(target, content)
    with opened_progress() as progress:
        require_remembered(progress)
        added = progress.reviews.add(card_id, revisions.get(card_id, 1))
    click.echo(f"{card_id} comes back from now on." if added else f"{card_id} was a card already.")


@command.command("remove")
@click.argument("target", metavar="ID")
@_CONTENT
def remove(target: str, content: str) -> None:
    """Take a card away; its reviews are kept, and `add` brings it back."""
    with opened_progress() as progress:
        require_remembered(progress)
        known = [card.card_id for card in progress.reviews.cards()]
        named = [card for card in known if target in (card, card.partition(":")[2])]
        if not named:
            raise InputError(f"there is no card {target!r}", hint="See them with: eks-lab review due --all")
        for card_id in named:
            progress.reviews.remove(card_id)
    click.echo(f"{', '.join(named)} will not come back.")


@command.command("rebuild")
def rebuild() -> None:
    """Work out every card's schedule again from its reviews."""
    with opened_progress() as progress:
        require_remembered(progress)
        changed = progress.reviews.rebuild()
    for card_id in changed:
        click.echo(card_id)
    click.echo(f"{len(changed)} cards stood elsewhere." if changed else "Every card stands where it should.")


@command.command("export")
@click.argument("target", metavar="FILE")
@click.option("--chapter", default="", help="Only questions of this chapter: id or number.")
@click.option("--lesson", default="", help="Only questions of this lesson.")
@click.option("--skill", default="", help="Only questions of this skill.")
@click.option("--kind", "kinds", multiple=True, help="Only this kind; may be given several times.")
@click.option("--own", is_flag=True, help="Your own cards instead of the course's questions.")
@click.option("--deck", default="eks-lab", show_default=True, help="Name of the deck in Anki.")
@click.option("--seed", type=int, default=0, show_default=True, help="Of the numbers that are drawn.")
@click.option("--force", is_flag=True, help="Replace FILE if it exists.")
@_CONTENT
def export_deck(
    target: str,
    chapter: str,
    lesson: str,
    skill: str,
    kinds: tuple[str, ...],
    own: bool,
    deck: str,
    seed: int,
    force: bool,
    content: str,
) -> None:
    """Write questions as a deck that Anki imports (File, Import) to FILE, or to standard output for -."""
    from eks_lab.learning.deck_file import write_deck
    from eks_lab.learning.export import write_export

    if own:
        from eks_lab.learning.decks import card_of_own

        with opened_progress() as progress:
            cards = [card_of_own(card) for card in progress.decks.cards().values()]
        text = write_deck(cards, deck)
    else:
        cards = _question_cards(content, chapter, lesson, skill, kinds, seed)
        text = write_deck(cards, deck, is_html=True)
    if not cards:
        raise InputError("there is nothing to export", hint="`eks-lab quiz list` shows what there is.")
    if target == "-":
        click.echo(text, nl=False)
        return
    path = locations.expanded(target)
    write_export(text, path, force=force)
    click.echo(f"{len(cards)} cards are in {path}. In Anki: File, Import.")


@command.command("import")
@click.argument("source", metavar="FILE")
@click.option("--deck", default="", help="Name of the deck, for cards that name none; else the file's name.")
def import_deck(source: str, deck: str) -> None:
    """Take cards from FILE (text that Anki exports, or CSV), or from standard input for -, as your own."""
    from eks_lab.learning.deck_file import read_deck
    from eks_lab.learning.export import read_import, read_stream

    path = locations.expanded(source)
    name = "standard input" if source == "-" else str(path)
    content = read_stream(sys.stdin.buffer, name) if source == "-" else read_import(path)
    cards = read_deck(content, name)
    with opened_progress() as progress:
        require_remembered(progress)
        taken = progress.decks.take_in(cards, deck or ("" if source == "-" else path.stem))
    click.echo(f"From {name}: {taken.new} new cards, {taken.changed} changed, {taken.same} known already.")


def opened_bank(content: str) -> Bank:
    """Return the questions of the course; see `lessons_root` for errors."""
    from eks_lab.content.index import open_course
    from eks_lab.content.items.bank import open_bank

    return open_bank(open_course(lessons_root(content), locations.cache_dir()), locations.cache_dir())


def _question_cards(
    content: str, chapter: str, lesson: str, skill: str, kinds: tuple[str, ...], seed: int
) -> list[Any]:
    from eks_lab.cli.course_names import chapter_id, check_kinds, known_lesson, known_skill
    from eks_lab.content.index import open_course
    from eks_lab.content.items.variant import make_variant
    from eks_lab.learning.deck_cards import card_of_variant

    course = open_course(lessons_root(content), locations.cache_dir()).course
    if lesson:
        known_lesson(course, lesson)
    if skill:
        known_skill(course, skill)
    check_kinds(kinds)
    bank = opened_bank(content)
    entries = bank.find(
        chapter=chapter_id(course, chapter) if chapter else "", lesson=lesson, skill=skill, kinds=kinds
    )
    return [card_of_variant(make_variant(bank.item(entry.id), seed), entry.skills) for entry in entries]


def _card_named(target: str, content: str) -> tuple[dict[str, int], str]:
    """Return what the course can ask, and the card that a learner means by an id."""
    import difflib

    from eks_lab.grading.known_labs import lab_ids
    from eks_lab.learning.review_material import card_revisions

    revisions = card_revisions(opened_bank(content), lab_ids())
    for card_id in (target, f"item:{target}", f"lesson:{target}", f"lab:{target}"):
        if card_id in revisions:
            return revisions, card_id
    ids = [card_id.partition(":")[2] for card_id in revisions]
    near = difflib.get_close_matches(target, ids, n=1)
    raise InputError(
        f"the course has no question, lesson or lab {target!r}",
        hint=f"Did you mean {near[0]}?" if near else "`eks-lab quiz list` shows the questions.",
    )


def _row(card: CardRecord) -> dict[str, Any]:
    return {
        "card": card.card_id,
        "origin": card.origin,
        "rev": card.rev,
        "state": "new" if card.state is None else "reviewed",
        "due": card.due.isoformat(),
        "stability_days": card.stability,
        "difficulty": card.difficulty,
        "reviews": card.reviews,
        "lapses": card.lapses,
        "is_leech": card.is_leech,
    }
