"""The scorecard of an interview: by competence, question by question, and what to do next."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from eks_lab.errors import EksLabError
from eks_lab.learning.interviews.scorecard import AnswerLine, QuestionLine, Scorecard
from eks_lab.tui.interview_view import answer_word, card_head, card_tail
from eks_lab.tui.messages import LinkFollowed
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.summaries import line
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.share_bars import ShareBar, ShareBars
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.interview_access import ExportForm, InterviewAccess

SHORT_PROMPT = 200
"""Characters of a question in the list; Enter shows all of it."""


class CardLoaded(Message):
    """A worker has made the scorecard, or could not."""

    def __init__(self, card: Scorecard | EksLabError, titles: tuple[tuple[str, str], ...] = ()) -> None:
        """Carry it to the event loop.

        Args:
            card: or why there is none.
            titles: id and title of the lessons it names.
        """
        super().__init__()
        self.card = card
        self.titles = titles


class ScorecardScreen(LabScreen[None]):
    """An overview; a question opens above it with its points and a strong answer."""

    BINDING_GROUP_TITLE = "Scorecard"
    HELP = """
Tab goes to the questions; Enter opens one: your words, the points that were found and missing, and a strong answer. There
you may overrule a point; what was read stays on record beside what you say.
"""
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("e", "export('markdown')", "Export", id="scorecard.export", tooltip="Save it as Markdown"),
        Binding("J", "export('json')", "As JSON", id="scorecard.json", tooltip="Save it as JSON"),
        Binding("escape", "leave", "Back", id="scorecard.leave", tooltip="Back to the list"),
    ]
    DEFAULT_CSS = """
    ScorecardScreen #card-page { height: 1fr; scrollbar-size-vertical: 1; }
    ScorecardScreen #card-questions { height: auto; margin: 1 0 0 0; padding: 0; }
    ScorecardScreen #card-tail { margin: 1 0 0 0; }
    """

    def __init__(self, interviews: InterviewAccess, interview_id: int) -> None:
        """Show the scorecard of an interview.

        Args:
            interviews: has it; is asked from worker threads.
            interview_id: of one that is over.
        """
        super().__init__(name="scorecard")
        self._interviews = interviews
        self._interview_id = interview_id
        self._card: Scorecard | None = None
        self._rows: list[tuple[QuestionLine, AnswerLine]] = []

    def compose(self) -> ComposeResult:
        """Compose the page."""
        yield TopBar("Interviews", "Scorecard")
        with VerticalScroll(id="card-page", classes="page--column"):
            yield Prose([line("Reading the scorecard…", "muted")], id="card-head")
            yield ShareBars(id="card-bars")
            yield RowList(id="card-questions")
            yield Prose([], id="card-tail")
        yield KeyFooter()

    def on_mount(self) -> None:
        """Read the scorecard."""
        self.query_one("#card-page").focus()
        self._load()

    def on_screen_resume(self) -> None:
        """Show what was overruled meanwhile."""
        if self._card is not None:
            self._load()

    @work(thread=True, exclusive=True, group="card", exit_on_error=False)
    def _load(self) -> None:
        try:
            card = self._interviews.card(self._interview_id)
            self.post_message(CardLoaded(card, self._interviews.lesson_titles(card.lessons)))
        except EksLabError as error:
            self.post_message(CardLoaded(error))

    @on(CardLoaded)
    def _loaded(self, event: CardLoaded) -> None:
        event.stop()
        head = self.query_one("#card-head", Prose)
        if isinstance(event.card, EksLabError):
            error = event.card
            hint = f" Next: {error.hint}" if error.hint else ""
            head.set_items([line(f"✗ {error.message}{hint}", "problem")])
            return
        is_first = self._card is None
        card = self._card = event.card
        self.query_one(TopBar).remark = f"{card.score:.0%} found"
        head.set_items(card_head(card))
        bars = [
            ShareBar(
                each.competence.capitalize(),
                each.score,
                f"{each.score:4.0%}  {each.questions} question{'' if each.questions == 1 else 's'}",
            )
            for each in card.competences
        ]
        self.query_one("#card-bars", ShareBars).show(
            [
                *bars,
                ShareBar(
                    "All of the plan", card.score, f"{card.score:4.0%}  {len(card.questions)} questions"
                ),
            ]
        )
        self._rows = [
            (question, answer)
            for question in card.questions
            for answer in (question.main, *question.follow_ups)
        ]
        rows = self.query_one("#card-questions", OptionList)
        at = rows.highlighted or 0
        rows.clear_options()
        rows.add_options([Option(_row(question, answer)) for question, answer in self._rows])
        rows.highlighted = at
        self.query_one("#card-tail", Prose).set_items(card_tail(card, event.titles))
        if is_first:
            self.call_after_refresh(self.query_one("#card-page", VerticalScroll).scroll_home, animate=False)
        self.refresh_bindings()

    @on(OptionList.OptionSelected)
    def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        from eks_lab.tui.screens.scored_answer import ScoredAnswerScreen

        self.app.push_screen(
            ScoredAnswerScreen(self._interviews, self._interview_id, self._rows, event.option_index)
        )

    @on(Prose.LinkOpened)
    def _link_opened(self, event: Prose.LinkOpened) -> None:
        event.stop()
        self.post_message(LinkFollowed(event.href))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        return action != "export" or self._card is not None

    def action_export(self, form: ExportForm) -> None:
        """Save the scorecard as a file.

        Args:
            form: `markdown` or `json`.
        """
        from eks_lab.tui.screens.save_code import SaveCode

        assert self._card is not None
        name = f"interview-{self._interview_id}.{'json' if form == 'json' else 'md'}"
        text = self._interviews.export(self._card, form)
        self.app.push_screen(SaveCode(self.lab.save_folder(), name, text))

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)


def _row(question: QuestionLine, answer: AnswerLine) -> Content:
    is_main = answer is question.main
    score = f"{answer.score:.0%}" if answer.answer else ""
    name = f"{question.number}. {question.competence.capitalize()}" if is_main else "Follow-up"
    prompt = " ".join(answer.prompt.split())
    prompt = prompt if len(prompt) <= SHORT_PROMPT else f"{prompt[:SHORT_PROMPT].rstrip()}…"
    return Content.assemble(
        (name, "bold"),
        f"  {answer_word(answer)} {score}".rstrip(),
        "\n",
        (prompt, "$text-muted"),
    )
