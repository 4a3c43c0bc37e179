"""The simulated cluster: started and stopped, watched, and its time played forward."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import SuspendNotSupported
from textual.binding import Binding, BindingType

from eks_lab.tui.sandbox_view import Facts, Page, Said, SandboxView, Wishes
from eks_lab.tui.screens.aws_account import AwsAccount
from eks_lab.tui.screens.aws_consent import AwsConsent, Question
from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.confirm import Confirm
from eks_lab.tui.screens.new_cluster import InOwnAccount, NewCluster
from eks_lab.tui.screens.watching import WatchingScreen
from eks_lab.tui.status_rows import MARKS, Tone
from eks_lab.tui.widgets.calculator_preset import catalogue_search
from eks_lab.tui.widgets.file_tabs import FileTabs
from eks_lab.tui.widgets.key_footer import KeyFooter
from eks_lab.tui.widgets.sandbox_pages import TITLES, SandboxPages, troubles
from eks_lab.tui.widgets.sandbox_panel import SandboxPanel
from eks_lab.tui.widgets.top_bar import TopBar

if TYPE_CHECKING:
    from textual.app import ComposeResult

    from eks_lab.tui.sandbox_access import Played, SandboxAccess, Tell

ANSWER_POLL_SECONDS = 0.1
_WHEN_RUNNING = ("stop", "speed", "pause", "advance", "copy", "shell")


class SandboxScreen(WatchingScreen[None]):
    """State, nodes, pods and events; looked at once a second while it is in front."""

    BINDING_GROUP_TITLE = "Sandbox"
    HELP = """
`v` goes from view to view: workloads, EKS, network, access, cost, faults; a click on a name does, too. `tab` goes from table
to table; arrow keys scroll, sideways too. What has a problem stands first. With several clusters `e` chooses whose
workloads are shown. kubectl in another
terminal talks to the same cluster: `eks-lab sandbox shell`, or `o` here. Leaving this screen, and the program, leaves
the sandbox running; `x` stops it and keeps its state.
"""
    AUTO_FOCUS = None
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "v", "turn(1)", "View", id="sandbox.view", tooltip="Workloads, EKS, network, access, cost, faults"
        ),
        Binding(
            "V", "turn(-1)", "View before", show=False, id="sandbox.back", tooltip="The view before this one"
        ),
        Binding("e", "cluster", "Cluster…", id="sandbox.cluster", tooltip="Whose workloads are shown"),
        Binding("f", "fault", "Arm or clear", id="sandbox.fault", tooltip="Arm the fault, or take it back"),
        Binding("s", "start", "Start", id="sandbox.start", tooltip="Start the cluster, as you left it"),
        Binding("x", "stop", "Stop", id="sandbox.stop", tooltip="Stop the cluster; its state is kept"),
        Binding(
            "p", "pause", "Pause", id="sandbox.pause", tooltip="Let time stand still, or run again at 1x"
        ),
        Binding("1", "speed('1x')", "1x", id="sandbox.real", tooltip="Time runs as on the wall"),
        Binding("2", "speed('10x')", "10x", id="sandbox.ten", tooltip="Time runs ten times as fast"),
        Binding("3", "speed('60x')", "60x", id="sandbox.sixty", tooltip="A minute a second"),
        Binding("a", "advance(15)", "+15 min", id="sandbox.advance", tooltip="Play 15 minutes at once"),
        Binding("A", "advance(60)", "+1 h", id="sandbox.hour", tooltip="Play one hour at once"),
        Binding("o", "shell", "Shell", id="sandbox.shell", tooltip="A shell in which kubectl talks to it"),
        Binding("c", "copy", "Copy env", id="sandbox.copy", tooltip="Copy the export line for your shell"),
        Binding(
            "n",
            "new",
            "New…",
            id="sandbox.new",
            show=False,
            tooltip="A new cluster: nodes, type, version, seed",
        ),
        Binding("r", "reset", "Reset", id="sandbox.reset", tooltip="Throw the cluster away, begin anew"),
        Binding("escape", "leave", "Back", id="sandbox.leave", tooltip="Stop playing time, or go back"),
    ]
    DEFAULT_CSS = """
    SandboxScreen {
        SandboxPanel { max-height: 50%; }
        SandboxPages, FileTabs { display: none; }
        &.-running SandboxPages, &.-running FileTabs { display: block; }
    }
    SandboxScreen.-low {
        SandboxPanel { max-height: 3; }
        .-side { display: none; }
    }
    """

    def __init__(self, sandbox: SandboxAccess) -> None:
        """Show a sandbox.

        Args:
            sandbox: is asked from worker threads.
        """
        super().__init__(name="sandbox")
        self._sandbox = sandbox
        self._facts: Facts | None = None
        self._cluster = ""
        self._troubles: dict[Page, bool] = {}

    def compose(self) -> ComposeResult:
        """Compose state and tables."""
        yield TopBar("Sandbox")
        yield SandboxPanel()
        yield FileTabs()
        yield SandboxPages()
        yield KeyFooter()

    @property
    def panel(self) -> SandboxPanel:
        """State, activity and answer."""
        return self.query_one(SandboxPanel)

    @property
    def pages(self) -> SandboxPages:
        """The tables."""
        return self.query_one(SandboxPages)

    def looking(self) -> Callable[[], object]:
        """Return a look at the page in front."""
        return partial(self._sandbox.look, self.pages.page, self._cluster)

    def show_found(self, found: object) -> None:
        """Show what a look brought."""
        assert isinstance(found, SandboxView)
        self._show(found)

    def _show(self, view: SandboxView) -> None:
        was_running, self._facts = self._facts is not None, view.facts
        self.panel.view = view
        self.set_class(view.facts is not None, "-running")
        self.pages.show(view)
        self._troubles |= troubles(view, self.pages.page)
        self._show_tabs()
        self.query_one(TopBar).remark = self._remark(view.facts)
        if (view.facts is not None) is not was_running:
            self.refresh_bindings()
            if view.facts is not None:
                self.pages.focus_main()
            else:
                self.set_focus(None)

    def _show_tabs(self) -> None:
        pages = list(TITLES)
        marks = {TITLES[page]: MARKS[Tone.BAD] for page in pages if self._troubles.get(page)}
        self.query_one(FileTabs).show(list(TITLES.values()), marks, pages.index(self.pages.page))

    @on(FileTabs.Chosen)
    def _page_clicked(self, event: FileTabs.Chosen) -> None:
        event.stop()
        self._turn_to(list(TITLES)[event.place])

    def action_turn(self, by: int) -> None:
        """Show another page.

        Args:
            by: how many pages further; negative goes back.
        """
        pages = list(TITLES)
        self._turn_to(pages[(pages.index(self.pages.page) + by) % len(pages)])

    def _turn_to(self, page: Page) -> None:
        self.pages.page = page
        self.panel.is_short = page is not Page.WORKLOADS
        self._show_tabs()
        self.pages.focus_main()
        self.look_again()
        self.refresh_bindings()

    def action_cluster(self) -> None:
        """Choose the cluster whose workloads are shown."""
        if self._facts is None:
            return
        choices = [(name, f"{name}  {server}") for name, server in self._facts.clusters]

        def chosen(name: str | None) -> None:
            if name is not None:
                self._cluster = name
                self.look_again()

        self.app.push_screen(Choose("Workloads of which cluster?", choices, self._facts.shown), chosen)

    def _remark(self, facts: Facts | None) -> str:
        if facts is None:
            return "not running"
        if facts.account and not facts.shown:
            return "no cluster"
        return f"{facts.ready}/{facts.nodes} nodes ready, {facts.pods} pod{'' if facts.pods == 1 else 's'}"

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what works now."""
        if action == "start":
            return self._facts is None and not self.is_busy
        if action in ("copy", "turn"):
            return self._facts is not None
        if action == "fault":
            return self._facts is not None and not self.is_busy and self.pages.page is Page.FAULTS
        if action == "cluster":
            return self._facts is not None and len(self._facts.clusters) > 1
        if action in _WHEN_RUNNING:
            return self._facts is not None and not self.is_busy
        if action in ("reset", "new"):
            return not self.is_busy
        return True

    def action_fault(self) -> None:
        """Arm the fault with the cursor, or take it back."""
        row = self.pages.fault
        if row is None:
            return

        def arm(_: Tell) -> Said:
            return Said(f"Armed. Look for: {self._sandbox.arm(row.key)}", Tone.WAITING)

        def clear(_: Tell) -> Said:
            left = self._sandbox.clear(row.key)
            if left:
                return Said(f"Taken back, but for: {' '.join(left)}", Tone.WAITING)
            return Said("Taken back.")

        if row.tone is Tone.PLAIN:
            self.do(f"Arming {row.key}", arm)
        else:
            self.do(f"Clearing {row.key}", clear)

    def action_start(self) -> None:
        """Start the cluster."""

        def start(tell: Tell) -> Said:
            self._sandbox.start(tell)
            return Said("The sandbox runs.")

        self.do("Starting", start)

    def action_stop(self) -> None:
        """Stop the cluster, after asking."""
        question = Confirm(
            "Stop the sandbox?", "Its state is kept; s goes on with it.", yes="Stop", no="Keep it running"
        )

        def stop(_: Tell) -> Said:
            self._sandbox.stop()
            return Said("The sandbox is stopped; its state is kept.")

        self.app.push_screen(question, lambda yes: self.do("Stopping", stop) if yes else None)

    def action_reset(self) -> None:
        """Begin anew, after asking."""
        is_running = self._facts is not None
        question = Confirm(
            "Throw the cluster away?",
            "Everything in it is lost: workloads, events, its time. There is no way back.",
            yes="Throw away",
            no="Keep",
        )

        def reset(_: Tell) -> Said:
            self._sandbox.reset()
            return Said(
                "A new cluster runs." if is_running else "The kept cluster is gone; s starts a new one."
            )

        self.app.push_screen(question, lambda yes: self.do("Beginning anew", reset) if yes else None)

    def action_new(self) -> None:
        """Begin a cluster of another kind, after asking for it."""
        if self._facts is None:
            present, loses = Wishes(), "A cluster that is kept from before is thrown away."
        else:
            present = self._facts.wishes
            loses = "The cluster that runs is thrown away, with everything in it."

        def began(wishes: Wishes | InOwnAccount | None) -> None:
            if wishes is None:
                return
            if isinstance(wishes, InOwnAccount):
                self._in_own_account()
                return

            def begin(tell: Tell) -> Said:
                self._sandbox.begin(wishes, tell)
                return Said("A new cluster runs.")

            self.do("Beginning anew", begin)

        self.app.push_screen(NewCluster(present, catalogue_search, loses), began)

    def _in_own_account(self) -> None:
        """Ask what it is to be like, then both questions, then make it."""

        def wished(values: dict[str, str] | None) -> None:
            if values is None:
                return

            def make(tell: Tell) -> Said:
                return Said(
                    self._sandbox.in_own_account(values, tell, self._ask_account, self._is_over.is_set)
                )

            self.do("Your AWS account", make, "esc stops; what was made stays on record")

        self.app.push_screen(AwsAccount(), wished)

    def _ask_account(self, question: Question) -> str:
        """Show a question from a worker thread, and wait for the answer; a screen that is gone says no."""
        answers: SimpleQueue[str] = SimpleQueue()

        def answered(typed: str | None) -> None:
            answers.put(typed or "")

        def show() -> None:
            self.app.push_screen(AwsConsent(question), answered)

        self.app.call_from_thread(show)
        while not self._is_over.is_set():
            with suppress(Empty):
                return answers.get(timeout=ANSWER_POLL_SECONDS)
        return ""

    def action_pause(self) -> None:
        """Let time stand still, or run again."""
        if self._facts is not None:
            self.action_speed("1x" if self._facts.is_paused else "pause")

    def action_speed(self, speed: str) -> None:
        """Let time run at a speed.

        Args:
            speed: `1x`, `10x`, `60x`, `pause`.
        """

        def change(_: Tell) -> Said:
            self._sandbox.set_speed(speed)
            if speed == "pause":
                return Said("Simulated time stands still; p lets it run.")
            return Said(f"Simulated time runs at {speed}.")

        self.do("Changing the speed", change)

    def action_advance(self, minutes: int) -> None:
        """Play simulated time.

        Args:
            minutes: how much.
        """

        def play(tell: Tell) -> Said:
            return _told(self._sandbox.advance(minutes, tell, self._is_over.is_set), minutes)

        self.do("Playing", play, "esc stops")

    def action_copy(self) -> None:
        """Copy the line that points a shell's kubectl at the cluster."""
        if self._facts is not None:
            line = f"export KUBECONFIG={shlex.quote(self._facts.kubeconfig)}"
            self.app.copy_to_clipboard(line)
            self.notify(line, title="Copied; paste it into another terminal", markup=False)

    def action_shell(self) -> None:
        """Open a shell on this terminal; the app comes back when it ends."""
        try:
            with self.app.suspend():
                print("\nA shell for the sandbox; exit brings the app back.\n", flush=True)
                self._sandbox.open_shell()
        except SuspendNotSupported:
            self.panel.said = Said(
                "This terminal cannot be lent to a shell.",
                Tone.BAD,
                "Type in another terminal: eks-lab sandbox shell",
            )
        except OSError as error:
            self.panel.said = Said(
                f"The shell cannot be started: {error.strerror or error}",
                Tone.BAD,
                "Type in another terminal: eks-lab sandbox shell",
            )
        self.look()

    def action_leave(self) -> None:
        """Stop playing time, or go back."""
        if not self.stop_doing():
            self.dismiss(None)


def _told(played: Played, wanted: int) -> Said:
    """Return what an advance brought in a sentence."""
    if not played.happenings:
        brought = "nothing happened"
    else:
        brought = f"{played.happenings:,} thing{'' if played.happenings == 1 else 's'} happened"
    if played.warnings:
        brought += f", {played.warnings:,} of them warnings"
    if played.minutes < wanted:
        return Said(f"Stopped after {played.minutes} of {wanted} minutes: {brought}.", Tone.WAITING)
    return Said(f"{played.minutes} minutes played: {brought}.")
