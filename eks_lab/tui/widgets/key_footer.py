"""The keys of the present screen in one line; help and quit are in it at every width."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from rich.cells import cell_len
from textual.binding import Binding
from textual.content import Content
from textual.style import Style
from textual.widget import Widget

if TYPE_CHECKING:
    from textual import events
    from textual.dom import DOMNode
    from textual.screen import Screen

ALWAYS = ("help", "quit")
"""Actions that are never left out, in this order at the right end."""


@dataclass(frozen=True, slots=True)
class KeyHint:
    """One key as the footer shows it."""

    key: str
    """As Textual names it."""
    display: str
    """As a person reads it."""
    description: str
    action: str
    tooltip: str = ""
    enabled: bool = True

    @property
    def width(self) -> int:
        """Cells it takes, with the space around it."""
        return cell_len(f" {self.display} {self.description} ")


def choose(hints: list[KeyHint], width: int) -> tuple[list[KeyHint], bool, list[KeyHint]]:
    """Choose what fits: help and quit first, then the others in their order.

    Args:
        hints: everything that could be shown.
        width: cells of the footer.

    Returns:
        Hints for the left side, whether some had to be left out, and hints for the right side.
    """
    right = [hint for action in ALWAYS for hint in hints if hint.action == action]
    others = [hint for hint in hints if hint.action not in ALWAYS]
    room = width - sum(hint.width for hint in right)
    if sum(hint.width for hint in others) <= room:
        return others, False, right
    room -= 2
    left = []
    for hint in others:
        if hint.width > room:
            break
        left.append(hint)
        room -= hint.width
    return left, True, right


def _declared_place(node: DOMNode, binding: Binding) -> int:
    """Return where in its class a binding was declared; those without an id come first."""
    declared = [entry.id for entry in type(node).BINDINGS if isinstance(entry, Binding)]
    return declared.index(binding.id) if binding.id in declared else -1


class KeyFooter(Widget):
    """Keys that work now, as room allows; each can be clicked."""

    ALLOW_SELECT = False
    DEFAULT_CSS = """
    KeyFooter {
        dock: bottom;
        height: 1;
        width: 1fr;
        background: $footer-background;
        color: $footer-foreground;
        text-wrap: nowrap;
        text-overflow: clip;
    }
    """

    def on_mount(self) -> None:
        """Follow the keys of the screen."""
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        if self.is_attached and screen is self.screen:
            self.refresh()

    def hints(self) -> list[KeyHint]:
        """Return the keys that work now, one for each action, in the order they were declared."""
        active = list(self.screen.active_bindings.values())
        nodes = {id(entry.node): number for number, entry in reversed(list(enumerate(active)))}
        # A key that the learner changed comes last in Textual's list; here it keeps its place.
        active.sort(key=lambda entry: (nodes[id(entry.node)], _declared_place(entry.node, entry.binding)))
        hints: dict[str, KeyHint] = {}
        for _, binding, enabled, tooltip in active:
            action = binding.action.removeprefix("app.")
            wanted = (binding.show and binding.description) or action in ALWAYS
            if not wanted:
                continue
            display = self.app.get_key_display(binding)
            if action in hints and len(hints[action].display) <= len(display):
                continue
            hints[action] = KeyHint(
                binding.key,
                display,
                binding.description or action.title(),
                action,
                tooltip or binding.description,
                enabled,
            )
        return list(hints.values())

    def render(self) -> Content:
        """Return the line for the present width."""
        width = self.size.width
        left, has_more, right = choose(self.hints(), width)
        shown = [self._draw(hint) for hint in left]
        if has_more:
            more = Content.styled(" …", "$footer-key-foreground")
            shown.append(more.stylize(Style.from_meta({"hint": "f1", "tip": "All keys"})))
        line = Content("").join(shown)
        tail = Content("").join([self._draw(hint) for hint in right])
        gap = width - line.cell_length - tail.cell_length
        return Content.assemble(line, " " * max(0, gap), tail)

    def _draw(self, hint: KeyHint) -> Content:
        drawn = Content.assemble(
            " ",
            (hint.display, "bold $footer-key-foreground"),
            " ",
            (hint.description, "$footer-foreground"),
            " ",
        )
        if not hint.enabled:
            drawn = drawn.stylize("dim")
        return drawn.stylize(Style.from_meta({"hint": hint.key, "tip": hint.tooltip}))

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Prepare the tooltip of the key under the mouse."""
        self.tooltip = str(event.style.meta.get("tip", "")) or None

    def on_click(self, event: events.Click) -> None:
        """Press the key that was clicked."""
        key = str(event.style.meta.get("hint", ""))
        if key:
            event.stop()
            self.app.simulate_key(key)
