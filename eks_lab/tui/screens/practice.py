"""A lab: its story and tasks on the left, a terminal on the right, checks that turn green by themselves."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import TYPE_CHECKING, ClassVar

from textual import on, work
from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.message import Message

from eks_lab.errors import EksLabError
from eks_lab.tui.lab_view import CheckRow, LabState, remark, task_text
from eks_lab.tui.sandbox_view import Said
from eks_lab.tui.screens.confirm import Confirm
from eks_lab.tui.screens.watching import WatchingScreen
from eks_lab.tui.status_rows import Tone
from eks_lab.tui.widgets.check_list import CheckList
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.lab_panel import LabPanel
from eks_lab.tui.widgets.prose import Prose
from eks_lab.tui.widgets.terminal_pane import TerminalPane, is_available
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.lab_access import LabAccess
    from eks_lab.tui.sandbox_access import SandboxAccess, Tell

PREFIX = "practice-"
"""Of the ids of these screens."""
SIDE_BY_SIDE_FROM = 104
"""Columns from which tasks and terminal stand beside each other: 60 are left for the terminal."""
_WHILE_IT_RUNS = ("hint", "solve", "reset", "stop", "speed", "advance", "terminal", "panes")
INSTEAD = (
    "A terminal inside the app needs the package textual-tty, which is not installed.\n\n"
    "t opens a shell in this window; exit brings the lab back.\n"
    "Or type in another terminal: eks-lab sandbox shell"
)


class ShellFound(Message):
    """A worker knows the command of the lab's shell."""

    def __init__(self, command: list[str]) -> None:
        """Carry it to the event loop.

        Args:
            command: the program and its arguments.
        """
        super().__init__()
        self.command = command


class PracticeScreen(WatchingScreen[str]):
    """The result is the id of the lab to go on with; None after escape. The lab goes on without the screen."""

    LOOK_EVERY_SECONDS = 0.1
    """With the look itself, a check is green within 200 ms of the change."""
    HORIZONTAL_BREAKPOINTS = [  # noqa: RUF012 (Textual declares it without ClassVar)
        (0, "-portrait"),
        (SIDE_BY_SIDE_FROM, "-landscape"),
    ]
    BINDING_GROUP_TITLE = "Lab"
    HELP = """
Work in the terminal; checks look for themselves and turn green. `f2` goes from the terminal to the tasks and back, from
anywhere. `S` shows nodes, pods, events and the account. A hint takes points. `esc` leaves the lab running: it goes on where it was, also tomorrow.
"""
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "f2",
            "panes",
            "Terminal",
            id="lab.panes",
            priority=True,
            tooltip="From the tasks to the terminal, and back",
        ),
        Binding(
            "t",
            "terminal",
            "Shell",
            id="lab.terminal",
            tooltip="A shell in which kubectl and aws talk to the lab",
        ),
        Binding("s", "start", "Start", id="lab.start", tooltip="Start the sandbox; the lab goes on in it"),
        Binding("h", "hint", "Hint", id="lab.hint", tooltip="Take a hint; it takes points"),
        Binding("d", "debrief", "Debrief", id="lab.debrief", tooltip="What you did, and what we would do"),
        Binding("n", "next", "Next lab", id="lab.next", tooltip="Begin the lab that comes after this one"),
        Binding("p", "speed('pause')", "Pause", id="lab.pause", tooltip="Let simulated time stand still"),
        Binding("1", "speed('1x')", "1x", id="lab.real", tooltip="Time runs as on the wall"),
        Binding("2", "speed('10x')", "10x", id="lab.ten", tooltip="Time runs ten times as fast"),
        Binding("3", "speed('60x')", "60x", id="lab.sixty", tooltip="A minute a second"),
        Binding("a", "advance(5)", "+5 min", id="lab.advance", tooltip="Play five minutes at once"),
        Binding("R", "reset", "Reset", id="lab.reset", tooltip="Back to the start of the lab"),
        Binding("Y", "solve", "Show solution", id="lab.solve", tooltip="Have it typed; no points then"),
        Binding("x", "stop", "End lab", id="lab.stop", tooltip="End the lab; your own sandbox comes back"),
        Binding("escape", "leave", "Back", id="lab.leave", tooltip="Stop playing time, or go back"),
    ]
    DEFAULT_CSS = """
    PracticeScreen {
        #lab-panes { height: 1fr; }
        #lab-tasks { width: 2fr; }
        #lab-terminal { width: 3fr; border-left: solid $ink-rule; }
        #lab-story { height: 1fr; padding: 1 1 0 1; scrollbar-size-vertical: 1; }
        &.-portrait #lab-tasks { width: 1fr; }
        &.-portrait #lab-terminal { display: none; border-left: none; }
        &.-portrait.-typing #lab-tasks { display: none; }
        &.-portrait.-typing #lab-terminal { display: block; width: 1fr; }
        CheckList { display: none; }
        &.-running CheckList { display: block; }
    }
    PracticeScreen.-low #lab-story { padding: 0 1; }
    """

    def __init__(self, labs: LabAccess, sandbox: SandboxAccess, lab_id: str) -> None:
        """Go on with a lab, or offer to begin it.

        Args:
            labs: runs labs; is asked from worker threads.
            sandbox: whose time is played; is asked from worker threads.
            lab_id: the lab.
        """
        # Its own: the screen of the lab before may not be quite gone when the next one comes.
        super().__init__(name=f"{PREFIX}{lab_id}")
        self._labs = labs
        self._sandbox = sandbox
        self._lab_id = lab_id
        self._state: LabState | None = None
        self._is_asked = False

    def compose(self) -> ComposeResult:
        """Compose tasks and terminal."""
        yield TopBar("Labs", self._lab_id)
        with Horizontal(id="lab-panes"):
            with Vertical(id="lab-tasks"):
                yield LabPanel()
                with VerticalScroll(id="lab-story"):
                    yield Prose((), explain=self._explain, id="lab-text")
                yield CheckList(id="lab-checks")
            yield TerminalPane(INSTEAD, id="lab-terminal")
        yield KeyFooter()

    @property
    def panel(self) -> LabPanel:
        """Clock, activity and answer."""
        return self.query_one(LabPanel)

    @property
    def terminal(self) -> TerminalPane:
        """The terminal."""
        return self.query_one(TerminalPane)

    @property
    def is_typing(self) -> bool:
        """Whether keys go to the terminal."""
        return self.terminal.is_typing

    def _explain(self, href: str) -> str:
        return self.library.explain(href) if self.lab.is_open else ""

    # Looking

    def looking(self) -> Callable[[], object]:
        """Return a look at the lab that runs."""
        return self._labs.look

    def show_found(self, found: object) -> None:
        """Show the lab, or offer to begin it when another one runs, or none."""
        assert found is None or isinstance(found, LabState)
        if found is None or found.id != self._lab_id:
            if self._state is not None:
                self._state = None
                self.set_class(False, "-running")
                self._say(
                    Said("This lab has been ended elsewhere.", Tone.WAITING, "esc leads back to the labs.")
                )
                self.refresh_bindings()
            elif not self._is_asked and not self.is_busy:
                self._is_asked = True
                self._offer(found)
            return
        before, self._state = self._state, found
        self._is_asked = True
        self.set_class(True, "-running")
        self.panel.state = found
        self.query_one("#lab-text", Prose).set_items(task_text(found))
        self.query_one("#lab-checks", CheckList).show(found.checks)
        bar = self.query_one(TopBar)
        bar.crumbs, bar.remark = ("Labs", found.title), remark(found)
        if before is None:
            self.query_one("#lab-checks").focus()
            self._open_terminal()
        if before is None or (before.is_solved, before.next_hint) != (found.is_solved, found.next_hint):
            self.refresh_bindings()
        if before is not None:
            self._tell_changes(before, found)

    def _tell_changes(self, before: LabState, now: LabState) -> None:
        """Say what turned green, also to somebody who looks at the terminal only."""
        were = {check.id: check.holds for check in before.checks}
        green = [check.title for check in now.checks if check.holds and not were.get(check.id)]
        if now.is_solved and not before.is_solved:
            self.notify(f"{now.points} points. f2, then d: the debrief.", title="✓ Solved", markup=False)
        elif green:
            self.notify("\n".join(green), title=f"✓ {now.green} of {len(now.checks)}", markup=False)

    def _offer(self, other: LabState | None) -> None:
        loses = "It takes the sandbox; what is in it now comes back when you end the lab."
        if other is not None:
            loses = f"“{other.title}” runs and is ended then. {loses}"

        def answered(yes: bool | None) -> None:
            if not yes:
                self.dismiss(None)
                return

            def start(tell: Tell) -> Said:
                self._labs.start(self._lab_id, tell)
                return Said("The lab runs. Checks look for themselves.")

            self.do("Preparing the lab", start)

        self.app.push_screen(Confirm("Begin this lab?", loses, yes="Begin", no="Not now"), answered)

    # The terminal

    @work(thread=True, exclusive=True, group="shell", exit_on_error=False)
    def _open_terminal(self) -> None:
        if not is_available():
            self.post_message(ShellFound([]))
            return
        try:
            self.post_message(ShellFound(self._labs.shell()))
        except EksLabError as error:
            self.app.call_from_thread(self._say, Said(error.message, Tone.BAD, error.hint))

    def _say(self, said: Said) -> None:
        self.panel.said = said

    @on(ShellFound)
    async def _shell_found(self, event: ShellFound) -> None:
        event.stop()
        await self.terminal.run(event.command)
        self.refresh_bindings()

    @on(TerminalPane.Ended)
    def _shell_ended(self, event: TerminalPane.Ended) -> None:
        event.stop()
        self.remove_class("-typing")
        self.query_one("#lab-checks").focus()
        self.panel.said = Said("The shell has ended; t opens another one.", Tone.PLAIN)
        self.refresh_bindings()

    def action_panes(self) -> None:
        """Go from the tasks to the terminal, and back."""
        terminal = self.terminal.terminal
        is_there = self.has_class("-typing") if terminal is None else self.terminal.is_typing
        self.set_class(not is_there, "-typing")
        if is_there or terminal is None:
            self.query_one("#lab-checks").focus()
        else:
            terminal.focus()

    def action_terminal(self) -> None:
        """Go to the terminal; where there is none, lend the window to a shell."""
        if self.terminal.terminal is not None:
            if not self.terminal.is_typing:
                self.action_panes()
        elif is_available():
            self._open_terminal()
        else:
            self._lend()

    def _lend(self) -> None:
        elsewhere = "Type in another terminal: eks-lab sandbox shell"
        try:
            with self.app.suspend():
                print("\nA shell for the lab; exit brings the app back.\n", flush=True)
                subprocess.run(self._labs.shell(), check=False)
        except SuspendNotSupported:
            self._say(Said("This terminal cannot be lent to a shell.", Tone.BAD, elsewhere))
        except EksLabError as error:
            self._say(Said(error.message, Tone.BAD, error.hint))
        except OSError as error:
            self._say(Said(f"The shell cannot be started: {error.strerror or error}", Tone.BAD, elsewhere))
        self.look()

    # Keys

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        state = self._state
        if action != "panes" and any(pane.is_typing for pane in self.query(TerminalPane)):
            # The keys are the shell's.
            return False
        if action in _WHILE_IT_RUNS:
            if state is None or (self.is_busy and action not in ("panes", "terminal")):
                return False
            return action != "hint" or (state.next_hint is not None and not state.is_solved)
        if action == "start":
            return self.panel.trouble is not None and not self.is_busy
        if action == "debrief":
            return state is not None and bool(state.debrief)
        if action == "next":
            return state is not None and state.is_solved and bool(state.next_id)
        return True

    def action_start(self) -> None:
        """Start the sandbox; the lab goes on in it."""

        def start(tell: Tell) -> Said:
            self._sandbox.start(tell)
            return Said("The sandbox runs; the lab goes on.")

        self.do("Starting", start)

    def action_hint(self) -> None:
        """Take a hint, after saying what it takes."""
        if self._state is None or self._state.next_hint is None:
            return
        cost = self._state.next_hint
        question = Confirm(
            "Take a hint?",
            f"It takes up to {cost} point{'' if cost == 1 else 's'} from what the lab brings.",
            yes="Take it",
            no="Try on",
        )

        def take(_: Tell) -> Said:
            return Said(f"Hint: {self._labs.hint()}", Tone.PLAIN)

        self.app.push_screen(question, lambda yes: self.do("Looking for a hint", take) if yes else None)

    @on(CheckList.Asked)
    def _asked(self, event: CheckList.Asked) -> None:
        event.stop()
        check = event.check

        def answered(text: str | None) -> None:
            if text:
                self._answer(check, text)

        if check.options and not check.is_order:
            from eks_lab.tui.screens.choose import Choose

            choices = [(str(number), option) for number, option in enumerate(check.options, 1)]
            self.app.push_screen(Choose(check.question, choices, check.answer), answered)
        else:
            from eks_lab.tui.screens.answer_check import AnswerCheck

            self.app.push_screen(AnswerCheck(check), answered)

    def _answer(self, check: CheckRow, text: str) -> None:
        def give(_: Tell) -> Said:
            self._labs.answer(check.id, text)
            return Said(f"Answered: {text}", Tone.PLAIN)

        self.do("Answering", give)

    def action_debrief(self) -> None:
        """Read the end of the lab."""
        if self._state is not None:
            from eks_lab.tui.screens.debrief import DebriefScreen

            self.app.push_screen(DebriefScreen(self._state), lambda next_id: self._go_on(next_id))

    def _go_on(self, next_id: str | None) -> None:
        if next_id:
            self.dismiss(next_id)

    def action_next(self) -> None:
        """Go on with the lab that comes after this one."""
        if self._state is not None:
            self.dismiss(self._state.next_id)

    def action_speed(self, speed: str) -> None:
        """Let time run at a speed.

        Args:
            speed: `1x`, `10x`, `60x`, `pause`.
        """

        def change(_: Tell) -> Said:
            self._sandbox.set_speed(speed)
            stands = "Simulated time stands still; 1 lets it run."
            return Said(stands if speed == "pause" else f"Simulated time runs at {speed}.")

        self.do("Changing the speed", change)

    def action_advance(self, minutes: int) -> None:
        """Play simulated time.

        Args:
            minutes: how much.
        """

        def play(tell: Tell) -> Said:
            played = self._sandbox.advance(minutes, tell, self._is_over.is_set)
            return Said(f"{played.minutes} minutes played: {played.happenings:,} things happened.")

        self.do("Playing", play, "esc stops")

    def action_reset(self) -> None:
        """Go back to the start, after asking."""
        question = Confirm(
            "Back to the start of the lab?",
            "What you changed in the sandbox and in the lab's files is lost; hints stay taken.",
            yes="Reset",
            no="Go on",
        )

        def reset(tell: Tell) -> Said:
            self._labs.reset(tell)
            return Said("The lab is as it was at its start.")

        self.app.push_screen(question, lambda yes: self.do("Resetting", reset) if yes else None)

    def action_solve(self) -> None:
        """Have the solution typed, after asking."""
        question = Confirm(
            "Show the solution?",
            "The lab goes back to its start, and the solution is typed step by step. It brings no points then.",
            yes="Show it",
            no="Try on",
        )

        def solve(tell: Tell) -> Said:
            typed = self._labs.solve(tell)
            return Said(f"The solution; checks turn green as simulated time passes:\n{typed}", Tone.PLAIN)

        self.app.push_screen(question, lambda yes: self.do("Solving", solve) if yes else None)

    def action_stop(self) -> None:
        """End the lab, after asking."""
        question = Confirm(
            "End the lab?",
            "A lab that is not solved brings no points. Your own sandbox comes back.",
            yes="End it",
            no="Go on",
        )

        def answered(yes: bool | None) -> None:
            if yes:
                self._stop()

        self.app.push_screen(question, answered)

    @work(thread=True, exclusive=True, group="stop", exit_on_error=False)
    def _stop(self) -> None:
        try:
            self._labs.stop()
        except EksLabError as error:
            self.app.call_from_thread(self._say, Said(error.message, Tone.BAD, error.hint))
        else:
            self.app.call_from_thread(self.dismiss, None)

    def action_leave(self) -> None:
        """Stop playing time, or go back; the lab goes on."""
        if not self.stop_doing():
            self.dismiss(None)
