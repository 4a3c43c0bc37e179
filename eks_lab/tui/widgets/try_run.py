"""Runs the commands of a try box and shows what they print, below the box's text.

It asks before it starts a sandbox, acts on a lab's world, or runs what did not come with the program. Whoever runs
the commands is a `TryAccess`; its calls wait, so each run is a worker, and what happens comes back as messages.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.actions import SkipAction
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ScrollableContainer, VerticalGroup
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Button, Static

from eks_lab.errors import EksLabError
from eks_lab.tui.try_access import Listener, Standing, TryAccess, TryPlace
from eks_lab.tui.try_words import ABOUT, PAUSED, questions, summary
from eks_lab.tui.widgets.try_part import TryPart
from eks_lab.tui.widgets.try_question import TryQuestion

if TYPE_CHECKING:
    from textual import events
    from textual.app import ComposeResult
    from textual.timer import Timer

    from eks_lab.tui.try_block import TryBlock

Tell = Callable[[Callable[[], None]], None]
"""Brings news of a run from its thread to the event loop."""
_SCROLL_STEP = 8
_NARROW_BELOW = 60
"""Cells under which only the button that runs is shown; the others have keys."""


class TryRun(VerticalGroup, can_focus=True):
    """The control below a try box, and what came of the last run."""

    BINDING_GROUP_TITLE = "Try it"
    HELP = """
## Try it

`r` runs the commands above in the sandbox, in a shell of its own with the sandbox's kubeconfig and AWS keys; nothing
of yours is seen by them. `Esc` stops them. Each command may take a minute.

Of long output the beginning is shown: `o` opens all. Wide tables move with `left` and `right`; `w` folds them.
`c` copies commands and output, `x` takes them away.
"""
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r,enter", "run", "Run", id="reader.run", tooltip="Run the commands of this box"),
        Binding("escape", "stop", "Stop", id="try.stop", tooltip="End the commands that run"),
        Binding("c", "copy", "Copy", id="try.copy", tooltip="Copy commands and output"),
        Binding("x", "clear", "Clear", id="try.clear", tooltip="Take the output away"),
        Binding("o", "open", "Open", id="try.open", tooltip="Show all of the output, or its beginning"),
        Binding("w", "fold", "Fold", id="try.fold", tooltip="Fold long lines, or let them run on"),
        Binding(
            "left", "sideways(-1)", "Left", id="try.left", show=False, tooltip="Move left in wide output"
        ),
        Binding(
            "right", "sideways(1)", "Right", id="try.right", show=False, tooltip="Move right in wide output"
        ),
    ]
    DEFAULT_CSS = """
    TryRun {
        height: auto;
        width: 1fr;
        background: $surface;
        padding: 0 0 0 1;
        Static { height: auto; }
        .try--bar { height: auto; }
        .try--bar Button { width: auto; margin-right: 1; }
        .try--parts { height: auto; }
        &.-narrow .try--more-buttons { display: none; }
        .try--more-buttons { height: auto; width: auto; }
        /* The bar takes the place of a blank column, so that nothing moves. */
        &:focus {
            border-left: wide $primary;
            padding: 0;
        }
    }
    """

    @dataclass
    class Happened(Message):
        """A worker has news of a run."""

        run: int
        news: Callable[[], None]
        """Puts it on the screen; called on the event loop."""

    @dataclass
    class Changed(Message):
        """It begins or ends to run, or what it shows has changed."""

        box: TryRun

        @property
        def control(self) -> TryRun:
            """The box."""
            return self.box

    def __init__(
        self,
        block: TryBlock,
        access: TryAccess,
        place: TryPlace,
        *,
        run_key: str = "r",
        open_key: str = "o",
        about: str = "",
    ) -> None:
        """Offer to run the commands of a box.

        Args:
            block: the commands.
            access: runs them.
            place: the lesson.
            run_key: the key that runs them, as a person reads it.
            open_key: the key that shows all of their output.
            about: what to know before, as a sentence.
        """
        super().__init__()
        self.block = block
        self._access = access
        self._place = place
        self._run_key = run_key
        self._open_key = open_key
        self._about = " ".join(filter(None, (about, ABOUT.get(block.needs, ""))))
        self._run = 0
        self._stop = threading.Event()
        self._is_busy = False
        self._is_asking = False
        self._is_followed = False
        self._is_open = False
        self._wants_folds: bool | None = None
        self._standing = Standing()
        self._agreed_lab = ""
        """The lab on whose world the learner wants these commands to act."""
        self._ticks: Timer | None = None
        self._seconds = 0
        self._doing = ""
        self._parts: list[TryPart] = []
        self._more: dict[str, Button] = {}
        # Held, not looked up: a page that goes at once takes them out of the tree before it tells the box.
        self._run_button = self._button("", "run")
        self._more_buttons = Horizontal(classes="try--more-buttons")
        self._bar = Horizontal(self._run_button, self._more_buttons, classes="try--bar")
        self._state = Static(classes="try--state", markup=False)
        self._room = VerticalGroup(classes="try--parts")

    def compose(self) -> ComposeResult:
        """Compose the buttons, a line about how it stands, and room for output."""
        yield self._bar
        yield self._state
        yield self._room

    @staticmethod
    def _button(label: str, action: str) -> Button:
        button = Button(label, compact=True, classes=f"try--{action}")
        # The box is one stop of Tab; its keys do what the buttons do.
        button.can_focus = False
        return button

    def on_mount(self) -> None:
        """Say what it is about."""
        self._say(self._about, "$text-muted")

    def on_unmount(self) -> None:
        """End what runs: the page goes."""
        self._stop.set()

    def _on_resize(self, event: events.Resize) -> None:
        self.set_class(event.size.width < _NARROW_BELOW, "-narrow")
        # It has a place on the screen now: the page may offer its key.
        self.post_message(self.Changed(self))
        if self._is_followed:
            self.call_after_refresh(self._scroll_on)

    @property
    def is_busy(self) -> bool:
        """Whether commands run, or are about to."""
        return self._is_busy

    @property
    def can_run(self) -> bool:
        """Whether the commands could be run now."""
        return not self._is_busy and not self._is_asking

    @property
    def transcript(self) -> str:
        """Commands and their output; empty before the first run."""
        return "\n".join(
            filter(None, (text for part in self._parts for text in (f"$ {part.line.text}", part.output)))
        )

    # Running

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer what can be done now."""
        if action == "run":
            return self.can_run
        if action == "stop":
            return self._is_busy
        if action == "clear":
            return bool(self._parts) and not self._is_busy
        if action in ("copy", "fold"):
            return bool(self._parts)
        if action == "open":
            return self._is_open or any(part.hidden_lines for part in self._parts)
        return True

    def action_run(self) -> None:
        """Look whether something has to be asked, and run the commands."""
        if not self.can_run:
            return
        self._begin("Looking at the sandbox" if self.block.needs == "sandbox" else "Getting ready")

        def look(tell: Tell) -> None:
            standing = self._access.look(self.block)
            tell(lambda: self._looked(standing))

        self._work(look)

    def _looked(self, standing: Standing) -> None:
        if standing.lab == self._agreed_lab:
            standing = replace(standing, lab="")
        self._standing = standing
        texts, yes = questions(self.block, standing)
        if not self._is_whole:
            return
        if not texts or self._stop.is_set():
            self._go()
            return
        self._is_asking = True
        self._pause("")
        question = TryQuestion(texts, yes)
        self.mount(question, before=self._room)
        question.focus(scroll_visible=False)

    @on(TryQuestion.Answered)
    def _answered(self, event: TryQuestion.Answered) -> None:
        event.stop()
        event.question.remove()
        self._is_asking = False
        self.focus(scroll_visible=False)
        if event.yes:
            if self._standing.source:
                self._access.agree(self.block)
            self._agreed_lab = self._standing.lab or self._agreed_lab
            self._begin("Getting ready")
            self._go()
        else:
            self._pause("Nothing was run.")

    def _go(self) -> None:
        """Start the sandbox if need be, and run the commands."""
        if self._stop.is_set():
            self._pause("Nothing was run.")
            return
        is_on, stop = self._standing.is_on, self._stop
        self._take_parts_away()
        self._doing = "Starting the sandbox" if not is_on else "Running"
        self._show_state()

        def run(tell: Tell) -> None:
            listener = Listener(
                lambda number: tell(lambda: self._began(number)),
                lambda number, text: tell(lambda: self._parts[number].add(text)),
                lambda number, ending: tell(lambda: self._parts[number].end(ending)),
            )
            if not is_on:
                self._access.start(lambda text, part: tell(lambda: self._starting(text)))
            if not stop.is_set():
                self._access.run(self.block, self._place, listener, stop.is_set)
            tell(self._over)

        self._work(run)

    def _work(self, task: Callable[[Tell], None]) -> None:
        """Do something that waits; an error is said in the page.

        Args:
            task: gets what brings news to the event loop; news of a run that is over is not heard.
        """
        run = self._run

        def tell(news: Callable[[], None]) -> None:
            self.post_message(self.Happened(run, news))

        def safely() -> None:
            try:
                task(tell)
            except EksLabError as error:
                said = str(error)
                tell(lambda: self._failed(said))

        self.run_worker(safely, thread=True, group="try", exit_on_error=False)

    @on(Happened)
    def _happened(self, event: Happened) -> None:
        event.stop()
        if event.run == self._run and self._is_busy:
            event.news()

    def _starting(self, text: str) -> None:
        self._doing = f"Starting the sandbox: {text}"
        self._show_state()

    def _began(self, number: int) -> None:
        if not self._is_whole:
            return
        count = len(self.block.lines)
        self._doing = f"Running {number + 1} of {count}" if count > 1 else "Running"
        part = TryPart(
            self.block.lines[number], PAUSED if self._standing.stands_still else "", self._open_key
        )
        part.open(self._is_open)
        part.fold(self._wants_folds)
        self._parts.append(part)
        self._room.mount(part)
        self._show_state()

    def _over(self) -> None:
        room = self.content_size.width
        is_wide = any(part.width > room and not part.is_folded for part in self._parts)
        endings = [part.ending for part in self._parts]
        self._pause(*summary(self.block, endings, is_stopped=self._stop.is_set(), is_wide=is_wide))

    def _failed(self, said: str) -> None:
        self._pause(f"✗ {said}", "$text-error")

    # How it stands

    def _begin(self, doing: str) -> None:
        self._run += 1
        self._stop = threading.Event()
        self._is_busy = self._is_followed = True
        self._doing, self._seconds = doing, 0
        if self._ticks is None:
            self._ticks = self.set_interval(1.0, self._tick)
        self._show_state()

    def _tick(self) -> None:
        self._seconds += 1
        self._show_state()

    def _show_state(self) -> None:
        seconds = f" · {self._seconds} s" if self._seconds else ""
        self._say(f"▶ {self._doing}{seconds} · Esc stops", "$text-accent")

    def _pause(self, said: str, style: str = "$text-muted") -> None:
        """Stop being busy."""
        self._is_busy = False
        if self._ticks is not None:
            self._ticks.stop()
            self._ticks = None
        self._say(said, style)

    @property
    def _is_whole(self) -> bool:
        """Whether something can be put into it: a page that goes at once never gets its parts, or loses them first."""
        return self._room.is_attached and self._more_buttons.is_attached

    def _say(self, said: str, style: str) -> None:
        if not self._is_whole:
            return
        self._state.update(Content.styled(said, style))
        self._state.display = bool(said)
        run = self._run_button
        if self._is_busy:
            run.label = "■ Stop (Esc)"
        else:
            run.label = f"▶ Run again ({self._run_key})" if self._parts else f"▶ Run ({self._run_key})"
        run.refresh(layout=True)
        self._bar.display = not self._is_asking
        self._mind_buttons()
        self.post_message(self.Changed(self))

    def _scroll_on(self) -> None:
        """Scroll on while output grows below the screen, but never past the button."""
        page = next((each for each in self.ancestors if isinstance(each, ScrollableContainer)), None)
        if page is None or not self.is_attached:
            return
        # Places within the page: those on the screen are of the last frame, and another scroll may be under way.
        inner = [
            each for each in (self, *self.ancestors) if isinstance(each, Widget) and page in each.ancestors
        ]
        top = sum(each.virtual_region.y for each in inner)
        seen, room = round(page.scroll_target_y), page.scrollable_content_region.height
        if seen <= top < seen + room:
            wanted = min(top, top + self.virtual_region.height - room)
            if wanted > seen:
                page.scroll_to(y=wanted, animate=False)

    # What is done with it

    @on(Button.Pressed)
    async def _pressed(self, event: Button.Pressed) -> None:
        event.stop()
        self.focus(scroll_visible=False)
        button = event.button
        action = next(name for name in ("run", "copy", "clear", "open") if button.has_class(f"try--{name}"))
        await self.run_action("stop" if action == "run" and self._is_busy else action)

    def action_stop(self) -> None:
        """End what runs; what it has printed stays."""
        self._stop.set()
        self._doing = "Stopping"
        self._show_state()

    def action_copy(self) -> None:
        """Copy commands and output to the clipboard of the terminal."""
        text = self.transcript
        self.app.copy_to_clipboard(text)
        lines = text.count("\n") + 1
        self.notify(
            f"{lines} line{'s' if lines > 1 else ''}", title="Copied: commands and output", markup=False
        )

    def action_clear(self) -> None:
        """Take the output away."""
        self._take_parts_away()
        self._say(self._about, "$text-muted")

    def _take_parts_away(self) -> None:
        self._parts = []
        self._is_open = False
        self._room.remove_children()

    def action_open(self) -> None:
        """Show all of the output, or its beginning."""
        self._is_followed = False
        self._is_open = not self._is_open
        for part in self._parts:
            part.open(self._is_open)
        self._mind_buttons()

    def action_fold(self) -> None:
        """Fold long lines, or let them run off to the right."""
        self._wants_folds = not all(part.is_folded for part in self._parts)
        for part in self._parts:
            part.fold(self._wants_folds)

    def action_sideways(self, direction: int) -> None:
        """Move wide output; what does not reach so far stays.

        Args:
            direction: -1 for left, 1 for right.
        """
        wide = [part for part in self._parts if part.is_wide]
        if not wide:
            raise SkipAction
        for part in wide:
            part.move(direction * _SCROLL_STEP)

    def _mind_buttons(self) -> None:
        """Show the buttons that can be pressed; before the first run there are none, so that a page opens sooner."""
        if self._parts and not self._more:
            labels = {"copy": "Copy", "clear": "Clear", "open": "Open all"}
            self._more = {action: self._button(label, action) for action, label in labels.items()}
            self._more_buttons.mount_all(self._more.values())
        for action, button in self._more.items():
            button.display = bool(self.check_action(action, ()))
        if self._more:
            self._more["open"].label = "Show less" if self._is_open else "Open all"
        self.refresh_bindings()
