"""One daily review in plain lines: asked, judged, rated, remembered, summed up."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eks_lab.cli.app import lessons_root
from eks_lab.cli.asking import Quit, Terminal, ask, overrule, plain_terminal, tell
from eks_lab.cli.progress import opened_progress, require_remembered
from eks_lab.cli.quiz_run import Practising, answer_source, judged
from eks_lab.cli.review import opened_bank
from eks_lab.clock import Clock, SystemClock
from eks_lab.content.files import HEEDED
from eks_lab.content.items.variant import make_variant
from eks_lab.errors import InputError, UnavailableError
from eks_lab.grading.known_labs import lab_ids
from eks_lab.learning.review_session import ReviewSession, ReviewTask, waiting_words
from eks_lab.learning.schedule import Rating, rating_of_score

if TYPE_CHECKING:
    from eks_lab.content.items.bank import Bank
    from eks_lab.learning.cards import CardRecord
    from eks_lab.learning.progress import Progress

_RATINGS = {"a": Rating.Again, "h": Rating.Hard, "g": Rating.Good, "e": Rating.Easy}
_RATING_WORDS = "a again, h hard, g good, e easy"


@dataclass(slots=True)
class Reviewed:
    """What came of one card."""

    card: str
    question: str = ""
    seed: int = 0
    skipped: bool = False
    given: Any = None
    score: float | None = None
    correct: bool | None = None
    rating: str = ""
    due: str = ""


@dataclass
class ReviewRun:
    """A bank, and how and where to ask."""

    bank: Bank
    terminal: Terminal
    as_json: bool = False
    rates: bool = False
    """Ask for a rating even where nobody sits."""
    by_id: Mapping[str, str] | None = None
    """Answers by card or question, from a JSON file."""
    clock: Clock = field(default_factory=SystemClock)

    @classmethod
    def of(cls, *, content: str, as_json: bool, answers: Path | None, rates: bool) -> ReviewRun:
        """Make a run from the options of the command.

        Args:
            content: folder of another course, or empty.
            as_json: print one document at the end.
            answers: a file of answers instead of standard input.
            rates: read a rating after each answer, also through a pipe.

        Raises:
            InputError: the file of answers cannot be read.
            ContentError: the course cannot be used.
        """
        lines, by_id = answer_source(answers)
        terminal = plain_terminal(root=lessons_root(content), lines=lines, to_stderr=as_json)
        return cls(opened_bank(content), terminal, as_json, rates, by_id)

    def hold(self, count: int | None, *, trusts_clock: bool = False) -> None:
        """Ask what is due, remember the reviews and show the sum.

        Args:
            count: most cards; None for all that are due.
            trusts_clock: the learner says that the clock is right.

        Raises:
            InputError: an answer through a pipe is none, or the clock jumped ahead and nobody says it is right.
            DataError: nothing could be stored.
        """
        done: list[Reviewed] = []
        with opened_progress() as progress, Practising() as practising:
            require_remembered(progress)
            self._settle_clock(progress, trusts_clock)
            session = ReviewSession(progress, self.bank, lab_ids(), self.clock)
            if session.settled_labs:
                self.terminal.write(f"Labs done again: {session.settled_labs}, counted as reviewed.")
            total = session.queue(0).total
            asked = min(total, count) if count else total
            while count is None or len(done) < count:
                task = session.next()
                if task is None:
                    break
                number = len(done) + 1
                heading = f"Card {number} of {asked}" if number <= asked else f"Card {number}"
                try:
                    done.append(self._one(session, task, heading, practising))
                except Quit:
                    break
            self._sum_up(done, session)

    def _settle_clock(self, progress: Progress, trusts_clock: bool) -> None:
        if trusts_clock:
            progress.reviews.trust_clock()
        doubt = progress.reviews.clock_doubt()
        if doubt is None:
            return
        self.terminal.write(doubt.sentence)
        if not doubt.is_ahead:
            return
        if self.terminal.is_interactive:
            self.terminal.write("Is the clock right? y or n:")
            if (self.terminal.read() or "").strip().casefold() in ("y", "yes"):
                progress.reviews.trust_clock()
                return
        raise InputError(
            "nothing was reviewed, since the clock may be wrong.",
            hint="Set the clock; or if it is right: eks-lab review --trust-clock",
        )

    def _one(
        self, session: ReviewSession, task: ReviewTask, heading: str, practising: Practising
    ) -> Reviewed:
        reviewed = Reviewed(task.card_id, task.entry.id if task.entry else "", task.due.seed)
        name = reviewed.question or (task.own.deck if task.own else f"lab {task.lab_id}")
        often = ", forgotten often" if task.due.card.is_leech else ""
        self.terminal.write(f"{heading} ({name}{', new' if task.due.is_new else ''}{often})")
        card = self._reviewed(session, task, reviewed, practising)
        if card is None:
            session.skip(task)
            reviewed.skipped = True
        else:
            reviewed.due = card.due.isoformat()
            self.terminal.write(f"Rated {reviewed.rating}; it comes back {card.due:%Y-%m-%d %H:%M} UTC.\n")
        return reviewed

    def _reviewed(
        self, session: ReviewSession, task: ReviewTask, reviewed: Reviewed, practising: Practising
    ) -> CardRecord | None:
        """Ask what the card asks; return the card afterwards, or None when it was left for later."""
        if task.own is not None:
            return self._recalled(session, task, reviewed)
        if task.entry is None:
            self.terminal.write(
                f"Do this lab again; the result is your review. In another terminal, or after q:\n"
                f"  eks-lab lab start {task.lab_id} --seed {task.due.seed}\n"
            )
            return None
        variant = make_variant(self.bank.item(task.entry.id), task.due.seed)
        if task.entry.needs_bench:
            try:
                practising.prepare(variant)
            except UnavailableError as error:
                self.terminal.write(
                    f"Left for later: it needs the sandbox bench. {error.message}. {error.hint}\n"
                )
                return None
        terminal = self._terminal_for(task)
        begun = self.clock.now()
        given = ask(variant, terminal)
        seconds = max(0.0, round((self.clock.now() - begun).total_seconds(), 1))
        if given is None:
            self.terminal.write("Skipped.\n")
            return None
        result = judged(variant, given, practising, self.terminal)
        tell(variant, given, result, self.terminal)
        result = overrule(variant, result, terminal)
        rating = rating_of_score(result.score, correct=result.correct)
        if terminal.is_interactive or self.rates:
            rating = self._rating(terminal, rating)
        reviewed.given, reviewed.score, reviewed.correct = given, round(result.score, 4), result.correct
        reviewed.rating = rating.name
        return session.answer(task, given, result, seconds=seconds, rating=rating)

    def _recalled(self, session: ReviewSession, task: ReviewTask, reviewed: Reviewed) -> CardRecord | None:
        """Show an own card: front, back after a line, and the learner's rating."""
        assert task.own is not None
        terminal = self._terminal_for(task)
        begun = self.clock.now()
        self.terminal.write(f"\n{_shown(task.own.front)}\n")
        if terminal.is_interactive:
            self.terminal.write("Think of the answer, then press Enter; s skips, q ends.")
            typed = self._line(terminal)
            if typed == "s":
                return None
        seconds = max(0.0, round((self.clock.now() - begun).total_seconds(), 1))
        self.terminal.write(f"{_shown(task.own.back)}\n")
        rating = self._rating(terminal, None)
        if rating is None:
            return None
        reviewed.rating = rating.name
        return session.rate(task, rating, seconds=seconds)

    def _rating(self, terminal: Terminal, suggested: Rating | None) -> Any:
        """Return the learner's rating, the suggested one for an empty line, or None when there is none to keep."""
        keep = f"; Enter for {suggested.name.lower()}" if suggested else "; s skips"
        while True:
            self.terminal.write(f"How well did you know it? {_RATING_WORDS}{keep}:")
            typed = self._line(terminal)
            if typed in _RATINGS:
                return _RATINGS[typed]
            if typed == "s" and suggested is None:
                return None
            if not typed and suggested is not None:
                return suggested
            if not terminal.is_interactive:
                raise InputError(f"{typed!r} is no rating", hint=f"Write one letter: {_RATING_WORDS}.")

    def _line(self, terminal: Terminal) -> str:
        typed = terminal.read()
        if typed is None or typed.strip().casefold() == "q":
            raise Quit
        return typed.strip().casefold()

    def _terminal_for(self, task: ReviewTask) -> Terminal:
        if self.by_id is None:
            return self.terminal
        named = (task.card_id, task.entry.id if task.entry else "", task.due.card.target)
        text = next((self.by_id[name] for name in named if name in self.by_id), "s")
        answering = plain_terminal(lines=text.split("\n"), root=self.terminal.root)
        return Terminal(answering.read, self.terminal.write, root=self.terminal.root)

    def _sum_up(self, done: list[Reviewed], session: ReviewSession) -> None:
        queue = session.queue(0)
        rated = [each for each in done if not each.skipped]
        right = sum(each.rating != "Again" for each in rated)
        if self.as_json:
            document = {
                "reviewed": len(rated),
                "known": right,
                "left": queue.total,
                "next_due": queue.next_due.isoformat() if queue.next_due else None,
                "cards": [_row(each) for each in done],
            }
            click.echo(json.dumps(document, indent=2, ensure_ascii=False))
            return
        if not rated and not queue.total:
            self.terminal.write("Nothing is to be reviewed.")
        else:
            self.terminal.write(f"{len(rated)} reviewed, {right} known, {queue.total} left for now.")
        self.terminal.write(waiting_words(queue.next_due, self.clock.now()))


def _shown(text: str) -> str:
    """Return the text of a card without what a terminal would obey: decks come from strangers."""
    return HEEDED.sub("", text)


def _row(reviewed: Reviewed) -> dict[str, Any]:
    given = list(reviewed.given) if isinstance(reviewed.given, tuple) else reviewed.given
    return {
        "card": reviewed.card,
        "question": reviewed.question,
        "seed": reviewed.seed,
        "skipped": reviewed.skipped,
        "given": given,
        "score": reviewed.score,
        "correct": reviewed.correct,
        "rating": reviewed.rating,
        "due": reviewed.due,
    }
