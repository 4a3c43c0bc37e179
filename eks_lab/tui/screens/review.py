"""The daily review: one card after the other, each rated by how well it was known."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import HorizontalGroup
from textual.message import Message
from textual.widgets import Button

from eks_lab.errors import EksLabError
from eks_lab.tui.lab_view import prose
from eks_lab.tui.question_rows import AskedQuestion, ClockDoubtRow, Due, JudgedAnswer, ReviewCard
from eks_lab.tui.screens.asking import AskingScreen
from eks_lab.tui.summaries import line
from eks_lab.tui.typeset import Flow
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.rating_bar import RatingBar
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.question_access import QuestionAccess, ReviewRun

AGAIN, HARD, GOOD, EASY = 1, 2, 3, 4


class ReviewBegun(Message):
    """A worker has begun the review."""

    def __init__(self, begun: ReviewRun | ClockDoubtRow | EksLabError) -> None:
        """Carry it to the event loop.

        Args:
            begun: the review, a clock that may be wrong, or why there is none.
        """
        super().__init__()
        self.begun = begun


class ReviewScreen(AskingScreen):
    """Rating a card stores answer and review; leaving takes the rating that the result suggests."""

    BINDING_GROUP_TITLE = "Review"
    HELP = """
Answer, then say how well you knew it: the digits 1 to 4, each with the time after which the card comes back. `enter` takes
the marked one, which follows from your answer. A wrong answer comes back soon, whatever else you do. `s` leaves a card for
later. `esc` ends the review; what was answered is kept.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("1", "rate(1)", "Again", id="review.again", show=False, tooltip="Not known: soon again"),
        Binding("2", "rate(2)", "Hard", id="review.hard", show=False, tooltip="Known with effort"),
        Binding("3", "rate(3)", "Good", id="review.good", show=False, tooltip="Known"),
        Binding("4", "rate(4)", "Easy", id="review.easy", show=False, tooltip="Known without thinking"),
        Binding("enter", "go_on", "Go on", id="review.go-on", tooltip="Take the marked rating, or go on"),
        Binding("l", "lab", "Open the lab", id="review.lab", tooltip="Do this lab again"),
        *AskingScreen.BINDINGS,
    ]

    def __init__(self, access: QuestionAccess) -> None:
        """Begin with the first card.

        Args:
            access: has cards and questions.
        """
        super().__init__(access, "Daily review", name="review")
        self._run: ReviewRun | None = None
        self._card: ReviewCard | None = None
        self._is_shown = False
        self._is_rating = False
        self._done = self._known = 0
        self._total = 0

    def compose(self) -> ComposeResult:
        """Compose page and ratings."""
        yield from super().compose()
        yield RatingBar(id="ratings")

    def on_mount(self) -> None:
        """Begin."""
        self.query_one("#asking-words", Prose).set_items([line("Looking what is due…", "muted")])
        self._begin()

    @work(thread=True, exclusive=True, group="begin", exit_on_error=False)
    def _begin(self, trusts_clock: bool = False) -> None:
        try:
            doubt = None if trusts_clock else self.access.clock_doubt()
            if doubt is not None and doubt.is_ahead:
                self.post_message(ReviewBegun(doubt))
                return
            run = self.access.review(trusts_clock=trusts_clock)
        except EksLabError as error:
            self.post_message(ReviewBegun(error))
            return
        if doubt is not None:
            self.app.call_from_thread(self.notify, doubt.sentence, severity="warning", timeout=15)
        self.post_message(ReviewBegun(run))

    @on(ReviewBegun)
    async def _begun_review(self, event: ReviewBegun) -> None:
        event.stop()
        if isinstance(event.begun, EksLabError):
            await self._say(event.begun)
        elif isinstance(event.begun, ClockDoubtRow):
            self._ask_about_clock(event.begun)
        else:
            self._run = event.begun
            if labs := event.begun.settled_labs:
                self.notify(f"{labs} labs that you did again count as reviewed.", markup=False)
            self._fetch()

    def _ask_about_clock(self, doubt: ClockDoubtRow) -> None:
        from eks_lab.tui.screens.confirm import Confirm

        def said(is_right: bool | None) -> None:
            if is_right:
                self._begin(True)
            else:
                self.dismiss(None)

        question = Confirm("Is the clock right?", doubt.sentence, yes="It is right", no="Back")
        self.app.push_screen(question, said)

    # Cards

    def _fetch(self) -> None:
        run = self._run
        assert run is not None

        def fetch() -> tuple[ReviewCard | None, Due] | EksLabError:
            try:
                due = run.due()
                return run.next(), due
            except EksLabError as error:
                return error

        def show(found: tuple[ReviewCard | None, Due] | EksLabError) -> None:
            self.call_later(self._fetched, found)

        self.lab.record(fetch, then=show)

    async def _fetched(self, found: tuple[ReviewCard | None, Due] | EksLabError) -> None:
        self._is_rating = False
        if not self.is_attached:
            return
        if isinstance(found, EksLabError):
            await self._say(found)
            return
        card, due = found
        self._card, self._is_shown = card, False
        self.question = self.answer = None
        self._offer_ratings()
        left = f"{due.total} left" if due.total else "nothing left"
        self.query_one(TopBar).remark = f"{self._done} reviewed, {left}"
        if card is None:
            await self._show_end(due)
        elif card.question is not None:
            await self.ask(card.question, head=_head(card))
        else:
            await self._show_card(card)

    async def _show_card(self, card: ReviewCard) -> None:
        """Show an own card, or ask for a lab."""
        items = _head(card)
        if card.form == "lab":
            items += [
                line(f"Do this lab again: {card.title}", "title"),
                line("Other numbers and names than last time; what comes of it is your review."),
            ]
            button = Button(f"Open the lab ({self.lab.key_for('review.lab', 'l')})", id="lab", compact=True)
        else:
            items += [*prose(card.front)]
            if self._is_shown:
                items += [line("Answer", "heading3"), *prose(card.back)]
                await self.show_widgets(Prose(items))
                self._offer_ratings()
                return
            button = Button("Show the answer", id="show", compact=True)
        await self.show_widgets(Prose(items), HorizontalGroup(button), focus=lambda: button)

    @on(Button.Pressed, "#show")
    async def _show_back(self, event: Button.Pressed) -> None:
        event.stop()
        if self._card is not None:
            self._is_shown = True
            await self._show_card(self._card)
            self.refresh_bindings()

    @on(Button.Pressed, "#lab")
    def _lab_pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.action_lab()

    def action_lab(self) -> None:
        """Do a lab again; the card waits for what comes of it."""
        if self._card is not None and self._card.lab_id:
            self.lab.show_lab(self._card.lab_id)

    async def show_answer(self, question: AskedQuestion, answer: JudgedAnswer) -> None:
        """Show the judged answer; the ratings go on from here."""
        head = _head(self._card) if self._card is not None else []
        await self.report(question, answer, head=head, next_label="")
        self._offer_ratings()

    def answered(self, question: AskedQuestion, answer: JudgedAnswer) -> None:
        """Wait for the rating."""

    def overruled(self, answer: JudgedAnswer) -> None:
        """Suggest another rating."""
        self._offer_ratings()

    def went_on(self, where: str) -> None:
        """Take the suggested rating."""
        self.action_go_on()

    def skipped(self) -> None:
        """Leave the card for later."""
        if self._card is not None and self._run is not None and not self._is_rating:
            self._is_rating = True
            self.lab.record(partial(self._run.skip, self._card))
            self._fetch()

    # Ratings

    @property
    def suggested(self) -> int:
        """The rating that Enter takes; 0 while there is nothing to rate, or only the learner can say."""
        if self.answer is None:
            return 0
        result = self.answer.result
        return GOOD if result.correct else HARD if result.score > 0 else AGAIN

    @property
    def is_rateable(self) -> bool:
        """Whether the card waits for a rating."""
        return self._card is not None and not self._is_rating and (self.answer is not None or self._is_shown)

    def _offer_ratings(self) -> None:
        ratings = self._card.ratings if self._card is not None and self.is_rateable else ()
        self.query_one(RatingBar).show(ratings, self.suggested)

    @on(RatingBar.Chosen)
    def _rating_clicked(self, event: RatingBar.Chosen) -> None:
        event.stop()
        self.action_rate(event.value)

    def action_rate(self, value: int) -> None:
        """Store the review and go on."""
        if self._store(value):
            self._fetch()

    def action_go_on(self) -> None:
        """Take the suggested rating."""
        if self.suggested:
            self.action_rate(self.suggested)

    def _store(self, value: int) -> bool:
        card, run, answer = self._card, self._run, self.answer
        if card is None or run is None or not self.is_rateable:
            return False
        self._is_rating = True
        self._done += 1
        self._known += value > AGAIN
        name = next((rating.name for rating in card.ratings if rating.value == value), "")

        def rate() -> str | EksLabError:
            try:
                return run.rate(card, value, answer)
            except EksLabError as error:
                return error

        def said(comes_back: str | EksLabError) -> None:
            if isinstance(comes_back, EksLabError):
                self.app.notify(str(comes_back), severity="error", timeout=15, markup=False)
            elif self.is_attached:
                self.query_one(TopBar).crumbs = ("Daily review", f"{name}: comes back in {comes_back}")

        self.lab.record(rate, then=said)
        return True

    def left(self) -> None:
        """Store what the result of the last answer suggests."""
        if self.suggested:
            self._store(self.suggested)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action == "rate":
            return self.is_rateable
        if action == "go_on":
            return bool(self.suggested) and self.is_rateable
        if action == "lab":
            return self._card is not None and bool(self._card.lab_id)
        if action == "skip":
            is_card = self._card is not None and self.answer is None and not self._is_shown
            return is_card and self._ticker is None
        return super().check_action(action, parameters)

    # Words

    async def _show_end(self, due: Due) -> None:
        items: list[Flow] = []
        if self._done:
            items.append(line(f"✓ {self._done} reviewed, {self._known} known.", "title"))
        else:
            items.append(line("Nothing is to be reviewed now.", "title"))
        if due.total:
            left = "1 card was" if due.total == 1 else f"{due.total} cards were"
            items.append(line(f"{left} left for later."))
        else:
            items.append(line(due.next_words))
        if due.waiting:
            items.append(
                line(f"{due.waiting} new cards wait for other days: `new cards a day` in the settings.")
            )
        if due.missing:
            items.append(line(f"{due.missing} cards rest: this course does not have what they ask.", "muted"))
        if due.leeches:
            items.append(
                line(
                    f"{due.leeches} cards were forgotten again and again. Read their lessons once more: another "
                    "review helps little.",
                    "warning",
                )
            )
        if not self._done and not due.total:
            items.append(
                line("Cards come from questions that you miss, lessons that you finish and labs that you do.")
            )
        await self.show_words(items)

    async def _say(self, error: EksLabError) -> None:
        items = [line(f"✗ {error.message}", "problem")]
        if error.hint:
            items.append(line(error.hint))
        await self.show_words(items)


def _head(card: ReviewCard) -> list[Flow]:
    """Return what stands above a card: where it is from, and what is particular about it."""
    parts = [card.title] if card.title and card.form != "lab" else []
    if card.is_new:
        parts.append("new")
    if card.is_leech:
        parts.append("▲ forgotten often: read its lesson again")
    return [line(" · ".join(parts), "muted", tight=True)] if parts else []
