"""What an interview is to be like: level, topics, number of questions, minutes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar, get_args

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import OptionList
from textual.widgets.option_list import Option

from eks_lab.content.items.model import Level
from eks_lab.content.items.rubric import NOTICE
from eks_lab.errors import InputError
from eks_lab.learning.interviews.composition import FEWEST, LONGEST_MINUTES, MOST, SHORTEST_MINUTES
from eks_lab.tui.interview_view import TopicRow, Wish
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.summaries import bullets, line
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

LEVELS: tuple[Level, ...] = get_args(Level)
ROWS = ("begin", "level", "topics", "count", "minutes")
"""From the top; each is an action of the screen."""


class InterviewStartScreen(LabScreen[Wish]):
    """The result is the wish; None after escape."""

    BINDING_GROUP_TITLE = "New interview"
    HELP = "Enter changes the marked row; on the first one it begins the interview, and the clock runs from then on."
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("b", "begin", "Begin", id="interview-start.begin", tooltip="The clock runs from here on"),
        Binding("l", "level", "Level", id="interview-start.level", tooltip="Of the position"),
        Binding("t", "topics", "Topics", id="interview-start.topics", tooltip="What it is about"),
        Binding("c", "count", "Questions", id="interview-start.count", tooltip="How many"),
        Binding("m", "minutes", "Minutes", id="interview-start.minutes", tooltip="For all of it"),
        Binding("escape", "leave", "Back", id="interview-start.leave", tooltip="Begin nothing"),
    ]
    DEFAULT_CSS = """
    InterviewStartScreen #interview-start-list { height: auto; margin: 1 0; }
    InterviewStartScreen.-low #interview-start-list { margin: 0; }
    InterviewStartScreen #interview-start-about { height: 1fr; }
    """

    def __init__(self, topics: Sequence[TopicRow], wish: Wish) -> None:
        """Offer what can be chosen.

        Args:
            topics: what an interview can be about.
            wish: what is chosen to begin with.
        """
        super().__init__(name="interview-start")
        self._topics = tuple(topics)
        known = {topic.id for topic in self._topics}
        self._wish = replace(wish, topics=tuple(each for each in wish.topics if each in known))

    def compose(self) -> ComposeResult:
        """Compose rows and words."""
        yield TopBar("Interviews", "New interview")
        yield RowList(id="interview-start-list")
        with VerticalScroll(id="interview-start-about", classes="page--column"):
            yield Prose(
                [
                    line("What to expect", "heading3"),
                    *bullets(
                        [
                            NOTICE,
                            "Answer as you would speak, in a few sentences. Ctrl+S sends the answer.",
                            "The clock does not stop, not even when you leave; what you have said is kept.",
                            "Follow-ups hang on what you say, and come only while there is time.",
                            "While your own sandbox runs, up to two questions are about it.",
                            "No verdict is given before the end. Then: a scorecard by competence.",
                        ]
                    ),
                ]
            )
        yield KeyFooter()

    def on_mount(self) -> None:
        """Show what is chosen."""
        self._show()
        self.query_one("#interview-start-list").focus()

    def _show(self) -> None:
        rows = self.query_one("#interview-start-list", OptionList)
        at = rows.highlighted or 0
        rows.clear_options()
        rows.add_options([Option(self._row(name)) for name in ROWS])
        rows.highlighted = at

    def _row(self, name: str) -> Content:
        wish = self._wish
        if name == "begin":
            return Content.assemble(("▶ Begin", "bold"), ("  the clock runs from here on", "$text-muted"))
        titles = {topic.id: topic.title for topic in self._topics}
        value = {
            "level": wish.level,
            "topics": ", ".join(titles[topic] for topic in wish.topics) or "all",
            "count": f"{wish.count}",
            "minutes": "as long as the questions take" if wish.minutes is None else f"{wish.minutes:g}",
        }[name]
        label = {"level": "Level", "topics": "Topics", "count": "Questions", "minutes": "Minutes"}[name]
        return Content.assemble(f"{label:<12}", (value, "bold $text-accent"))

    @on(OptionList.OptionSelected)
    async def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        await self.run_action(ROWS[event.option_index])

    def _take(self, wish: Wish) -> None:
        self._wish = wish
        self._show()

    def action_begin(self) -> None:
        """Begin with what is chosen."""
        self.dismiss(self._wish)

    def action_level(self) -> None:
        """Choose the level."""
        from eks_lab.tui.screens.choose import Choose

        def chosen(value: str | None) -> None:
            for level in LEVELS:
                if level == value:
                    self._take(replace(self._wish, level=level))

        choices = [(level, level) for level in LEVELS]
        self.app.push_screen(Choose("Level of the position", choices, self._wish.level), chosen)

    def action_topics(self) -> None:
        """Choose the topics."""
        from eks_lab.tui.screens.choose_several import ChooseSeveral

        def chosen(values: tuple[str, ...] | None) -> None:
            if values is not None:
                self._take(replace(self._wish, topics=values))

        choices = [(topic.id, f"{topic.title} ({topic.questions})") for topic in self._topics]
        self.app.push_screen(ChooseSeveral("Topics; none means all", choices, self._wish.topics), chosen)

    def action_count(self) -> None:
        """Choose how many questions are asked."""
        from eks_lab.tui.screens.choose import Choose

        def chosen(value: str | None) -> None:
            if value:
                self._take(replace(self._wish, count=int(value)))

        choices = [(str(count), f"{count} questions") for count in range(FEWEST, MOST + 1)]
        self.app.push_screen(Choose("How many questions?", choices, str(self._wish.count)), chosen)

    def action_minutes(self) -> None:
        """Choose how long it takes."""
        from eks_lab.tui.screens.type_value import TypeValue

        def typed(value: object) -> None:
            if isinstance(value, float):
                self._take(replace(self._wish, minutes=value or None))

        allowed = f"{SHORTEST_MINUTES} to {LONGEST_MINUTES}; 0 for as long as the questions take"
        present = f"{self._wish.minutes or 0:g}"
        self.app.push_screen(TypeValue("Minutes for all of it", allowed, present, _minutes), typed)

    def action_leave(self) -> None:
        """Go back without an interview."""
        self.dismiss(None)


def _minutes(text: str) -> float:
    try:
        minutes = float(text.strip().replace(",", "."))
    except ValueError:
        minutes = -1.0
    if minutes != 0 and not SHORTEST_MINUTES <= minutes <= LONGEST_MINUTES:
        raise InputError(
            f"{text.strip() or 'Nothing'} is no time for an interview.",
            hint=f"{SHORTEST_MINUTES} to {LONGEST_MINUTES} minutes, or 0.",
        )
    return minutes
