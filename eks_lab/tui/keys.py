"""Which keys do what, and which the learner may change.

Textual's keymap replaces keys by binding id. This module knows every binding of ours, where it is
valid, and which choices of keys get into each other's way.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from eks_lab.errors import InputError

if TYPE_CHECKING:
    from textual.binding import Binding

FIXED = frozenset({"app.quit-always", "app.help-always", "dialog.close", "dialog.help", "dialog.quit"})
"""Ways out that nobody can lose."""
RESERVED = {
    "ctrl+q": "quits, always",
    "ctrl+c": "copies selected text",
    "f1": "opens help, always",
    "escape": "goes back",
    "tab": "moves the focus",
    "shift+tab": "moves the focus",
}


@dataclass(frozen=True, slots=True)
class KeyChoice:
    """One binding with the keys it has now."""

    id: str
    group: str
    """Screen or widget it belongs to, as help shows it."""
    description: str
    keys: tuple[str, ...]
    defaults: tuple[str, ...]

    @property
    def scope(self) -> str:
        """The first part of the id, such as `app`, `reader` or `page`."""
        return self.id.partition(".")[0]

    @property
    def is_changed(self) -> bool:
        """Whether the learner chose other keys."""
        return self.keys != self.defaults


# Scopes that are valid at the same time as the one they are listed under.
_TOGETHER: dict[str, tuple[str, ...]] = {
    "reader": (
        "app",
        "page",
        "contents",
        "code",
        "try",
        "calculator",
        "plot",
        "quiz",
        "diagram",
        "generator",
    ),
    "page": ("app", "reader", "code", "try", "calculator", "plot", "quiz", "diagram"),
    "home": ("app", "tree"),
    "tree": ("app", "home"),
    "calc": ("app", "calculator", "steps", "plot", "grid"),
    "calculator": ("plot",),
    "gen": ("preview",),
    "asking": ("item", "quiz", "review", "run"),
    "sitting": ("item", "quiz"),
    "exam-lab": ("item", "quiz"),
}


_NAMES = {
    "backspace": "Backspace",
    "delete": "Del",
    "down": "↓",
    "end": "End",
    "enter": "Enter",
    "escape": "Esc",
    "home": "Home",
    "left": "←",
    "pagedown": "PgDn",
    "pageup": "PgUp",
    "right": "→",
    "space": "Space",
    "tab": "Tab",
    "up": "↑",
}


def shown(key: str, character: str) -> str:
    """Return a key as a person reads it.

    Args:
        key: as Textual names it.
        character: what Textual shows for it.
    """
    *modifiers, last = key.split("+")
    name = _NAMES.get(last, "")
    if not name:
        return character.upper() if last.startswith("f") and last[1:].isdigit() else character
    return "".join(f"{modifier.title()}+" if modifier != "ctrl" else "^" for modifier in modifiers) + name


def split_keys(text: str) -> tuple[str, ...]:
    """Return the keys of a comma-separated list."""
    return tuple(key.strip() for key in text.split(",") if key.strip())


def choices(groups: Iterable[tuple[str, Iterable[Binding]]], chosen: Mapping[str, str]) -> list[KeyChoice]:
    """Return every binding that may be changed, with its present keys.

    Args:
        groups: title and bindings of each screen and widget.
        chosen: the learner's keys by binding id.
    """
    found: dict[str, KeyChoice] = {}
    for title, bindings in groups:
        for binding in bindings:
            if not binding.id or binding.id in FIXED or binding.id in found:
                continue
            defaults = split_keys(binding.key)
            keys = split_keys(chosen.get(binding.id, "")) or defaults
            found[binding.id] = KeyChoice(binding.id, title, binding.description, keys, defaults)
    return list(found.values())


def together(first: str, second: str) -> bool:
    """Return whether bindings of two scopes can be valid at the same time."""
    if first == second or "app" in (first, second):
        return True
    return second in _TOGETHER.get(first, ()) or first in _TOGETHER.get(second, ())


def conflict(entries: Iterable[KeyChoice], binding_id: str, key: str) -> KeyChoice | None:
    """Return the binding that a key would get in the way of, or None.

    Args:
        entries: all bindings with their present keys.
        binding_id: the one that is to get the key.
        key: as Textual names it.
    """
    scope = binding_id.partition(".")[0]
    for entry in entries:
        if entry.id != binding_id and key in entry.keys and together(scope, entry.scope):
            return entry
    return None


def rebound(
    entries: Iterable[KeyChoice], chosen: Mapping[str, str], binding_id: str, key: str
) -> dict[str, str]:
    """Return the learner's keys with one binding changed to one key.

    Args:
        entries: all bindings with their present keys.
        chosen: the learner's keys so far.
        binding_id: the binding to change.
        key: its new key, as Textual names it.

    Raises:
        InputError: the key is reserved, or does something else already; says what.
    """
    listed = list(entries)
    if key in RESERVED:
        raise InputError(f"{key} is taken: it {RESERVED[key]}.", hint="Press another key.")
    other = conflict(listed, binding_id, key)
    if other is not None:
        raise InputError(
            f"{key} already means “{other.description}” ({other.group}).",
            hint="Press another key, or give that one another key first.",
        )
    return {**chosen, binding_id: key}
