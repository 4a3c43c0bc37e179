"""A diagram in the page: the picture of one step, its narration, and keys or clicks to step through."""

from __future__ import annotations

import os
import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, get_args

from textual.binding import Binding, BindingType
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.message import Message
from textual.reactive import reactive
from textual.style import Style
from textual.widget import Widget

from eks_lab.content.diagram.canvas import MARKERS, terminal_is_ascii
from eks_lab.content.diagram.canvas import Style as DrawnStyle
from eks_lab.content.diagram.describe import connections, describe_step
from eks_lab.content.diagram.draw import FULL_WIDTH, draw, fits, plan
from eks_lab.content.diagram.model import Diagram, Step

if TYPE_CHECKING:
    from textual.geometry import Size
    from textual.timer import Timer

SECONDS_PER_STEP = 8.0
"""How long autoplay stays at a step: time to read forty words and to look."""
NARROWEST = 34
"""Below this width words are cut rather than wrapped ever shorter."""


class DiagramView(Widget, can_focus=True):
    """A diagram that is stepped through; as high as its highest step, so that the page never jumps."""

    HELP = """
## Diagram

`left` and `right` step through it, `home` and `end` go to the first and last step. Arrows in focus are heavy
and carry numbers; the same numbers stand under the picture with the connection in words.

`x` shows the step in words instead of the picture. `a` plays the steps by themselves, and stops. `v` changes to
the next variant, where there are any.
"""
    BINDING_GROUP_TITLE = "Diagram"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right", "forward", "Next step", id="diagram.forward", tooltip="Next step of the diagram"),
        Binding("left", "back", "Previous step", id="diagram.back", tooltip="Previous step of the diagram"),
        Binding("home", "first", "First step", id="diagram.first", show=False, tooltip="First step"),
        Binding("end", "last", "Last step", id="diagram.last", show=False, tooltip="Last step"),
        Binding("v", "variant", "Variant", id="diagram.variant", tooltip="Next variant of the diagram"),
        Binding(
            "x", "words", "In words", id="diagram.words", tooltip="The step in words, or the picture again"
        ),
        Binding("a", "play", "Play", id="diagram.play", tooltip="Play the steps by themselves, or stop"),
    ]
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"diagram--{kind}" for kind in get_args(DrawnStyle)),
        *("diagram--title", "diagram--say", "diagram--control", "diagram--control-off", "diagram--chosen"),
        *("diagram--on-group-1", "diagram--on-group-2", "diagram--on-group-3", "diagram--on-focus"),
    }
    DEFAULT_CSS = """
    DiagramView {
        height: auto;
        width: 1fr;
        max-width: 90;
        padding: 0 1 0 0;
        border-left: outer transparent;
        &:focus { border-left: outer $accent; }
        .diagram--title { color: $text-primary; text-style: bold; }
        .diagram--say { color: $foreground; }
        .diagram--control { color: $primary; text-style: bold; }
        .diagram--control-off { color: $text-muted; }
        .diagram--chosen { color: $primary; text-style: bold reverse; }
        .diagram--space { color: $foreground; }
        .diagram--group { color: $secondary; }
        .diagram--group-name { color: $secondary; text-style: bold; }
        .diagram--box { color: $primary; }
        .diagram--name { color: $foreground; text-style: bold; }
        .diagram--text { color: $foreground; }
        .diagram--focus { color: $accent; }
        .diagram--focus-name { color: $accent; text-style: bold; }
        .diagram--focus-text { color: $foreground; }
        .diagram--arrow { color: $foreground; }
        .diagram--arrow-focus { color: $accent; text-style: bold; }
        .diagram--label { color: $foreground; text-style: italic; }
        .diagram--label-focus { color: $accent; text-style: bold; }
        .diagram--note { color: $text-muted; text-style: italic; }
        .diagram--note-focus { color: $accent; text-style: italic; }
        .diagram--dim { color: $text-muted; }
        .diagram--dim-line { color: $text-muted 60%; }
        .diagram--on-group-1 { background: $surface; }
        .diagram--on-group-2 { background: $panel; }
        .diagram--on-group-3 { background: $surface; }
        .diagram--on-focus { background: $accent 10%; }
    }
    """

    step: reactive[int] = reactive(0, init=False)
    """Index of the step that is shown."""
    story: reactive[int] = reactive(0, init=False, layout=True)
    """Index of the variant that is shown."""
    in_words: reactive[bool] = reactive(False, init=False, layout=True)
    """Whether the reader asked for words instead of the picture."""

    @dataclass
    class StepChanged(Message):
        """Another step is on the screen."""

        view: DiagramView
        diagram_id: str
        step: int
        """From 0."""
        variant: str
        """Id of the variant; empty when there is only one story."""

        @property
        def control(self) -> DiagramView:
            """The diagram."""
            return self.view

        def can_replace(self, message: Message) -> bool:
            """Return whether a queued message is out of date."""
            return isinstance(message, DiagramView.StepChanged) and message.view is self.view

    def __init__(
        self,
        diagram: Diagram,
        step: int = 0,
        *,
        variant: str = "",
        ascii_only: bool | None = None,
        id: str | None = None,
    ) -> None:
        """Show a diagram.

        Args:
            diagram: what to show.
            step: index of the step to start with; the last one when there are fewer.
            variant: id of the variant to start with; the first one when it is empty or unknown.
            ascii_only: draw without box-drawing characters; found out from the environment when None.
            id: of the widget.
        """
        super().__init__(id=id)
        self.diagram = diagram
        self._ascii = terminal_is_ascii(os.environ) if ascii_only is None else ascii_only
        self._timer: Timer | None = None
        self._has_mouse = False
        self._heights: dict[tuple[int, int, bool], int] = {}
        names = [each.id for each in diagram.stories]
        self.set_reactive(DiagramView.story, names.index(variant) if variant in names else 0)
        self.set_reactive(DiagramView.step, self._within(step))

    # State ----------------------------------------------------------------------------------------

    @property
    def steps(self) -> tuple[Step, ...]:
        """The steps of the variant that is shown."""
        return self.diagram.stories[self.story].steps

    @property
    def is_playing(self) -> bool:
        """Whether the steps go by by themselves."""
        return self._timer is not None

    def _within(self, step: int) -> int:
        return max(0, min(step, len(self.steps) - 1))

    def validate_step(self, step: int) -> int:
        """Keep the step within the story."""
        return self._within(step)

    def watch_step(self) -> None:
        """Tell the page."""
        self.post_message(
            self.StepChanged(self, self.diagram.id, self.step, self.diagram.stories[self.story].id)
        )
        self.refresh_bindings()

    def watch_story(self) -> None:
        """Start another story from its beginning."""
        if self.step:
            self.step = 0
        else:
            self.watch_step()

    # Keys and clicks ------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer only what leads somewhere."""
        if action == "variant":
            return len(self.diagram.stories) > 1
        if action == "forward":
            return self.step < len(self.steps) - 1 or None
        if action == "back":
            return self.step > 0 or None
        return True

    def action_forward(self) -> None:
        """Go one step on."""
        self._stop()
        self.step += 1

    def action_back(self) -> None:
        """Go one step back."""
        self._stop()
        self.step -= 1

    def action_first(self) -> None:
        """Go to the first step."""
        self._stop()
        self.step = 0

    def action_last(self) -> None:
        """Go to the last step."""
        self._stop()
        self.step = len(self.steps) - 1

    def action_go(self, step: int) -> None:
        """Go to a step."""
        self._stop()
        self.step = step

    def action_variant(self, story: int | None = None) -> None:
        """Change to a variant, or to the next one."""
        self._stop()
        self.story = (self.story + 1 if story is None else story) % len(self.diagram.stories)

    def action_words(self) -> None:
        """Show the step in words, or the picture again."""
        self.in_words = not self.in_words

    def action_play(self) -> None:
        """Let the steps go by by themselves, from the first one if this is the last, or stop that."""
        if self.is_playing:
            self._stop()
            return
        if self.step == len(self.steps) - 1:
            self.step = 0
        self._timer = self.set_interval(SECONDS_PER_STEP, self.play_on)
        self.refresh()

    def play_on(self) -> None:
        """Go one step on while playing; stop at the last one."""
        if self.is_playing:
            self.step += 1
            if self.step == len(self.steps) - 1:
                self._stop()

    def _stop(self) -> None:
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
            self.refresh()

    def on_focus(self) -> None:
        """Bring the narration on the screen, when the keyboard came here."""
        self.call_after_refresh(self._show_narration)

    def on_mouse_down(self) -> None:
        """Remember that the mouse came here: nothing may move under it."""
        self._has_mouse = True

    def on_blur(self) -> None:
        """Forget how the focus came here."""
        self._has_mouse = False

    def _show_narration(self) -> None:
        """Scroll the page as far as it takes to see the end of the diagram."""
        page = next((each for each in self.ancestors if isinstance(each, ScrollableContainer)), None)
        if page is None or self._has_mouse or not self.has_focus:
            return
        hidden = self.region.bottom - page.scrollable_content_region.bottom
        if hidden > 0:
            page.scroll_relative(y=hidden, animate=False)

    # Lines ----------------------------------------------------------------------------------------

    def shows_picture(self, width: int) -> bool:
        """Return whether a picture is shown in so many columns, rather than words."""
        return not self.in_words and fits(self.diagram, width, self.story)

    def get_content_width(self, container: Size, viewport: Size) -> int:
        """Return the width of the picture, or what there is."""
        return min(container.width, FULL_WIDTH)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return the height of the highest step, so that stepping does not move the page."""
        key = (width, self.story, self.in_words)
        if key not in self._heights:
            shown = max(width, NARROWEST)
            picture = plan(self.diagram, self.story, min(shown, FULL_WIDTH)).layout.height
            words = max(len(self._words(step, shown)) for step in range(len(self.steps)))
            head = len(self._head(shown))
            self._heights[key] = head + words + (picture if self.shows_picture(shown) else 0)
        return self._heights[key]

    def render(self) -> Content:
        """Return the step that is shown."""
        width = max(self.content_size.width, NARROWEST)
        picture = self._picture(self.step, width) if self.shows_picture(width) else []
        return Content("\n").join([*self._head(width), *picture, *self._words(self.step, width)])

    def _head(self, width: int) -> list[Content]:
        """Return the title, and the switch between variants where there are any."""
        lines = self._wrapped(self.diagram.title, width, "title")
        return lines + (self._variants(width) if len(self.diagram.stories) > 1 else [])

    def _words(self, step: int, width: int) -> list[Content]:
        """Return what stands under the picture, or instead of it."""
        lines = self._control(step, width)
        if not self.shows_picture(width):
            words = describe_step(self.diagram, step, story=self.story, width=width, heading=False)
            return lines + [self._styled(line, "say") for line in words.splitlines()]
        lines += self._wrapped(self.steps[step].say, width, "say")
        for number, words in enumerate(connections(self.diagram, step, story=self.story), 1):
            marker = f"{number}." if self._ascii else MARKERS[number - 1]
            lines += self._wrapped(words, width, "label-focus", f"{marker} ")
        return lines

    def _picture(self, step: int, width: int) -> list[Content]:
        """Return the rows of the drawing, in the middle."""
        rows = draw(self.diagram, step, width, story=self.story, ascii_only=self._ascii)
        kinds = {(run.style, run.ground) for row in rows for run in row}
        looks = {kind: self._look(*kind) for kind in kinds}
        margin = " " * max((width - FULL_WIDTH) // 2, 0)
        return [
            Content.assemble(margin, *((run.text, looks[run.style, run.ground]) for run in row))
            for row in rows
        ]

    def _look(self, style: str, ground: str) -> Style:
        """Return the colours of a piece of the drawing: what it is, on what it lies."""
        background = self.background_colors[1]
        if ground:
            background += self.get_component_styles(f"diagram--on-{ground}").background
        styles = self.get_component_styles(f"diagram--{style}")
        colour = (
            background.get_contrast_text(styles.color.a) if styles.auto_color else background + styles.color
        )
        text = styles.text_style
        return Style(background, colour, bold=text.bold, italic=text.italic, reverse=text.reverse)

    def _control(self, step: int, width: int) -> list[Content]:
        """Return the line to step with, and the title of the step."""
        count = len(self.steps)
        back, forward, done, open_ = ("<", ">", "*", ".") if self._ascii else ("◀", "▶", "●", "○")
        parts = [self._button(f" {back} ", "back", enabled=step > 0)]
        for at in range(count):
            parts.append(self._button(done if at <= step else open_, f"go({at})"))
        parts.append(self._button(f" {forward} ", "forward", enabled=step < count - 1))
        line = Content.assemble(*parts)
        playing = ", playing" if self.is_playing else ""
        words = f"Step {step + 1} of {count}{playing}: {self.steps[step].title}"
        indent = line.cell_length + 1
        title = textwrap.wrap(words, max(width - indent, 12), break_on_hyphens=False)
        first = Content.assemble(line, " ", self._styled(title[0], "title"))
        return [first, *(self._styled(" " * indent + more, "title") for more in title[1:])]

    def _variants(self, width: int) -> list[Content]:
        """Return the switch between the variants, on as many lines as it takes."""
        lines: list[Content] = []
        for at, variant in enumerate(self.diagram.stories):
            chosen = at == self.story
            text = f"[{variant.title}]" if chosen else f" {variant.title} "
            part = self._styled(text, "chosen" if chosen else "control")
            part = part.stylize(Style.from_meta({"@click": f"variant({at})"}))
            if lines and lines[-1].cell_length + 1 + part.cell_length <= width:
                lines[-1] = Content.assemble(lines[-1], " ", part)
            else:
                lines.append(part)
        return lines

    def _button(self, text: str, action: str, *, enabled: bool = True) -> Content:
        content = self._styled(text, "control" if enabled else "control-off")
        return content.stylize(Style.from_meta({"@click": action})) if enabled else content

    def _styled(self, text: str, name: str) -> Content:
        return Content.styled(text, self._look(name, ""))

    def _wrapped(self, text: str, width: int, name: str, bullet: str = "") -> list[Content]:
        indent = " " * len(bullet)
        lines = textwrap.wrap(
            " ".join(text.split()),
            width,
            initial_indent=bullet,
            subsequent_indent=indent,
            break_on_hyphens=False,
        )
        return [self._styled(line, name) for line in lines]
