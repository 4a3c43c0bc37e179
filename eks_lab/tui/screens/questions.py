"""What can be done with questions: daily review, quizzes, drills, interviews, exams, readiness, own cards."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from eks_lab.errors import EksLabError
from eks_lab.locations import expanded
from eks_lab.tui.question_rows import Due, Hub, Pickable
from eks_lab.tui.screens.base import LabScreen
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.row_list import RowList
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from collections.abc import Callable

    from textual.app import ComposeResult

    from eks_lab.tui.question_access import QuestionAccess


@dataclass(frozen=True, slots=True)
class Mode:
    """A row of the hub."""

    action: str
    """What Enter does: an action of the screen."""
    title: str
    """What it is called."""
    about: str
    """What it is for, in a line."""


MODES = (
    Mode("review", "Daily review", "What you are about to forget, spaced out by FSRS"),
    Mode("drill", "Drill what you know least", "Ten questions of your weakest skills"),
    Mode("chapter", "Quiz of a chapter", "Twelve questions, spread over its lessons"),
    Mode("skill", "Drill of a skill", "Ten questions of one skill, the missed ones first"),
    Mode("exams", "Exams", "A timed sitting with a report by domain"),
    Mode("interviews", "Interviews", "A timed conversation in your own words, with a scorecard"),
    Mode("readiness", "Readiness", "How ready you are for each exam, and what to do today"),
    Mode("decks", "Own cards", "Take a deck in, or write one for Anki"),
)


class HubLoaded(Message):
    """A worker has looked at bank and record."""

    def __init__(self, hub: Hub | EksLabError) -> None:
        """Carry it to the event loop.

        Args:
            hub: or why there is none.
        """
        super().__init__()
        self.hub = hub


class DeckDone(Message):
    """A worker has taken or written a deck."""

    def __init__(self, said: str | EksLabError) -> None:
        """Carry what came of it to the event loop.

        Args:
            said: a sentence, or what went wrong.
        """
        super().__init__()
        self.said = said


class QuestionsScreen(LabScreen[None]):
    """The list of modes; each opens above it."""

    BINDING_GROUP_TITLE = "Questions"
    HELP = """
Cards of the daily review make themselves: of a question that you missed, a lesson that you finished, a lab that you did.
Every mode is also a command, in plain lines for screen readers and scripts: `eks-lab quiz`, `review`, `exam`, `interview`,
`readiness`.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "review", "Review", id="questions.review", tooltip="Hold the daily review"),
        Binding("w", "drill", "Weakest", id="questions.drill", tooltip="Drill what you know least"),
        Binding("c", "chapter", "Chapter", id="questions.chapter", tooltip="Choose a chapter for a quiz"),
        Binding("s", "skill", "Skill", id="questions.skill", tooltip="Choose a skill to drill"),
        Binding("e", "exams", "Exams", id="questions.exams", tooltip="Exams and past sittings"),
        Binding(
            "i", "interviews", "Interviews", id="questions.interviews", tooltip="Interviews and scorecards"
        ),
        Binding("d", "readiness", "Readiness", id="questions.readiness", tooltip="How ready you are"),
        Binding("o", "decks", "Own cards", id="questions.decks", tooltip="Decks in and out"),
        Binding("escape", "leave", "Back", id="questions.leave", tooltip="Back to where you were"),
    ]
    DEFAULT_CSS = """
    QuestionsScreen #questions-said { padding: 1 2; height: auto; color: $text-muted; }
    QuestionsScreen #questions-list { display: none; }
    QuestionsScreen.-filled #questions-list { display: block; }
    QuestionsScreen.-filled #questions-said { display: none; }
    """

    def __init__(self, access: QuestionAccess) -> None:
        """Start empty.

        Args:
            access: has questions and record; is asked from worker threads.
        """
        super().__init__(name="questions")
        self._access = access
        self._hub: Hub | None = None

    def compose(self) -> ComposeResult:
        """Compose the list."""
        yield TopBar("Questions")
        yield Static("Opening the questions…", id="questions-said", markup=False)
        yield RowList(id="questions-list", classes="list")
        yield KeyFooter()

    def on_screen_resume(self) -> None:
        """Show how things stand now."""
        self._load()

    @work(thread=True, exclusive=True, group="hub", exit_on_error=False)
    def _load(self) -> None:
        try:
            self.post_message(HubLoaded(self._access.hub()))
        except EksLabError as error:
            self.post_message(HubLoaded(error))

    @on(HubLoaded)
    def _loaded(self, event: HubLoaded) -> None:
        event.stop()
        if isinstance(event.hub, EksLabError):
            error = event.hub
            hint = f" Next: {error.hint}" if error.hint else ""
            self.set_class(False, "-filled")
            self.query_one("#questions-said", Static).update(f"✗ {error.message}{hint}")
            return
        hub = self._hub = event.hub
        rows = self.query_one("#questions-list", OptionList)
        at = rows.highlighted or 0
        self.set_class(True, "-filled")
        rows.clear_options()
        rows.add_options([Option(self._row(mode, hub)) for mode in MODES])
        rows.highlighted = at
        rows.focus()
        self.query_one(TopBar).remark = f"{hub.answered} of {hub.questions} questions answered"
        self.refresh_bindings()

    def _row(self, mode: Mode, hub: Hub) -> Content:
        key = self.lab.key_for(f"questions.{mode.action}", _KEYS[mode.action])
        said, is_due = standing(mode.action, hub)
        return Content.assemble(
            (f"{key}  ", "bold $text-accent"),
            (mode.title, "bold"),
            (f"  {said}", "$text-accent" if is_due else "$text-muted"),
            "\n",
            (f"   {mode.about}", "$text-muted"),
        )

    @on(OptionList.OptionSelected)
    async def _chosen(self, event: OptionList.OptionSelected) -> None:
        event.stop()
        await self.run_action(MODES[event.option_index].action)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        return self._hub is not None or action not in _KEYS

    # Modes

    def action_review(self) -> None:
        """Hold the daily review."""
        self.lab.show_review()

    def action_drill(self) -> None:
        """Drill what is known least."""
        self.lab.show_drill()

    def action_chapter(self) -> None:
        """Choose a chapter and ask about it."""
        assert self._hub is not None
        self._choose("A quiz of which chapter?", self._hub.chapters, self.lab.show_quiz)

    def action_skill(self) -> None:
        """Choose a skill and drill it."""
        assert self._hub is not None
        self._choose("Drill which skill? The weakest stand first.", self._hub.skills, self.lab.show_drill)

    def action_exams(self) -> None:
        """List exams."""
        self.lab.show_exams()

    def action_interviews(self) -> None:
        """List interviews."""
        self.lab.show_interviews()

    def action_readiness(self) -> None:
        """Show how ready the learner is."""
        self.lab.show_readiness()

    def action_leave(self) -> None:
        """Go back."""
        self.dismiss(None)

    def _choose(self, title: str, rows: tuple[Pickable, ...], then: Callable[[str], None]) -> None:
        from eks_lab.tui.screens.choose import Choose

        choices = [(row.id, pickable_words(row)) for row in rows]

        def chosen(name: str | None) -> None:
            if name:
                then(name)

        self.app.push_screen(Choose(title, choices, ""), chosen)

    # Decks

    def action_decks(self) -> None:
        """Take a deck in, or write one."""
        from eks_lab.tui.screens.choose import Choose

        assert self._hub is not None
        choices = [
            ("take", "Take cards from a file: text that Anki exports, or CSV"),
            ("questions", "Write the course's questions as a deck for Anki"),
        ]
        if self._hub.own_cards:
            choices.append(("own", f"Write your own {self._hub.own_cards} cards as a deck for Anki"))
        self.app.push_screen(Choose("Own cards", choices, ""), self._deck_chosen)

    def _deck_chosen(self, wish: str | None) -> None:
        if wish is None:
            return
        from eks_lab.tui.screens.type_value import TypeValue

        folder = self.lab.save_folder()
        title = "Take cards from which file?" if wish == "take" else "Write the deck to which file?"
        start = f"{folder}/" if wish == "take" else str(folder / f"eks-lab-{wish}.txt")

        def typed(path: object) -> None:
            if isinstance(path, Path):
                self._deal_with_deck(wish, path)

        self.app.push_screen(TypeValue(title, "the name of a file", start, _path), typed)

    @work(thread=True, group="deck", exit_on_error=False)
    def _deal_with_deck(self, wish: str, path: Path) -> None:
        try:
            if wish == "take":
                said = self._access.take_deck(path)
            else:
                said = self._access.write_deck(path, own=wish == "own")
        except EksLabError as error:
            self.post_message(DeckDone(error))
        else:
            self.post_message(DeckDone(said))

    @on(DeckDone)
    def _deck_done(self, event: DeckDone) -> None:
        event.stop()
        if isinstance(event.said, EksLabError):
            self.notify(str(event.said), severity="error", timeout=15, markup=False)
        else:
            self.notify(event.said, title="✓ Done", timeout=10, markup=False)
            self._load()


_KEYS = {
    binding.action: binding.key
    for binding in QuestionsScreen.BINDINGS
    if isinstance(binding, Binding) and binding.action != "leave"
}
"""Key of each mode."""


def standing(action: str, hub: Hub) -> tuple[str, bool]:
    """Return what a mode has now, in a few words, and whether it wants to be done."""
    match action:
        case "review":
            return due_words(hub.due), bool(hub.due.total)
        case "drill":
            return ("", False) if hub.answered else ("nothing is answered yet: it begins anywhere", False)
        case "chapter":
            return f"{len(hub.chapters)} chapters", False
        case "skill":
            return f"{len(hub.skills)} skills", False
        case "exams":
            return f"{hub.tracks} exams", False
        case "interviews":
            return f"{hub.interviews} questions", False
        case "decks":
            return f"{hub.own_cards} cards" if hub.own_cards else "none yet", False
        case _:
            return "", False


def due_words(due: Due) -> str:
    """Return what the daily review has now, such as `12 to review, 3 new`."""
    if not due.total:
        return f"nothing now. {due.next_words}"
    parts = [f"{due.due} to review"] if due.due else []
    if due.new:
        parts.append(f"{due.new} new")
    return ", ".join(parts)


def pickable_words(row: Pickable) -> str:
    """Return a chapter or skill with how far the learner is."""
    known = f", {row.share:.0%} right" if row.share is not None else ""
    return f"{row.title}  ({row.answered} of {row.questions} answered{known})"


def _path(text: str) -> Path:
    from eks_lab.errors import InputError

    if not text.strip() or text.strip().endswith("/"):
        raise InputError("this is no name of a file", hint="Type one, such as ~/deck.txt.")
    return expanded(text.strip())
