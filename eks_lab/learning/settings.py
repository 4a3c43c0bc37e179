"""How the learner likes the program to be: each setting with its default, meaning and limits.

`Settings` is what the program reads. Values are stored as JSON by name; one that no longer fits is
replaced by its default and told about, never a reason to stop.
"""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from eks_lab.errors import InputError

THEMES = ("eks-dark", "eks-light", "eks-high-contrast", "eks-colour-blind")
READING_WIDTH_COLUMNS = (60, 120)
NEW_CARDS_PER_DAY = (0, 500)
RETENTION_PERCENT = (75, 97)


@dataclass(frozen=True, slots=True)
class Settings:
    """All settings with their defaults."""

    theme: str = "eks-dark"
    """Name of the colour theme."""
    keys: dict[str, str] = field(default_factory=dict)
    """Keys by binding id, several separated by commas; bindings left out keep theirs."""
    save_folder: str = ""
    """Where saved code goes; empty for the folder the program was started in."""
    reading_width: int = 88
    """Widest line of a lesson, in columns."""
    confirm_quit: bool = False
    """Ask before the program ends."""
    new_cards_per_day: int = 20
    """How many cards begin in the daily review, at most."""
    retention_percent: int = 90
    """How likely a card should still be known when it comes back."""


@dataclass(frozen=True, slots=True)
class SettingField:
    """One setting: what it is for, what it may be, and how text becomes it."""

    name: str
    """Field of `Settings`."""
    default: object
    """What holds when nothing is stored."""
    description: str
    """One sentence for a list of settings."""
    allowed: str
    """The values it may have, in words."""
    parse: Callable[[str], object]
    """Makes a value of what a person typed; raises `_NotAllowedError`."""
    check: Callable[[object], object]
    """Returns the value when it is allowed; raises `_NotAllowedError`."""


class _NotAllowedError(Exception):
    """A value that a setting cannot have; the argument is a suggestion or empty."""


def setting_fields() -> tuple[SettingField, ...]:
    """Return every setting, in the order of `Settings`."""
    return tuple(_FIELDS.values())


def setting_field(name: str) -> SettingField:
    """Return one setting's description.

    Raises:
        InputError: there is no such setting; names the nearest one.
    """
    if name in _FIELDS:
        return _FIELDS[name]
    raise InputError(
        f"there is no setting {name!r}{_did_you_mean(name, _FIELDS)}", hint="Settings: " + ", ".join(_FIELDS)
    )


def check_setting(name: str, value: object) -> object:
    """Return a typed value unchanged when the setting may have it.

    Raises:
        InputError: there is no such setting, or it cannot have the value; says what is allowed.
    """
    described = setting_field(name)
    try:
        return described.check(value)
    except _NotAllowedError as refused:
        raise _refusal(described, value, str(refused)) from None


def parse_setting(name: str, text: str) -> object:
    """Return the value that typed text stands for.

    Args:
        name: the setting.
        text: as typed after `eks-lab settings set NAME`.

    Raises:
        InputError: there is no such setting, or the text is not one of its values; says what is allowed.
    """
    described = setting_field(name)
    try:
        return described.check(described.parse(text))
    except _NotAllowedError as refused:
        raise _refusal(described, text, str(refused)) from None


def format_setting(value: object) -> str:
    """Return a value as text that `parse_setting` reads back."""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def read_settings(stored: Mapping[str, str]) -> tuple[Settings, tuple[str, ...]]:
    """Make settings of what is stored.

    Args:
        stored: JSON text by name. Names this program does not know are left alone: a newer one may.

    Returns:
        The settings, and a sentence for each stored value that was not usable.
    """
    values: dict[str, Any] = {}
    notices: list[str] = []
    for name, described in _FIELDS.items():
        if name not in stored:
            continue
        try:
            values[name] = described.check(json.loads(stored[name]))
        except (ValueError, RecursionError, _NotAllowedError):
            default = format_setting(described.default) or "empty"
            notices.append(
                f"The stored setting {name} is not usable ({_shorten(stored[name])}); its default is used: "
                f"{default}. Allowed: {described.allowed}."
            )
    return Settings(**values), tuple(notices)


def _refusal(described: SettingField, value: object, suggestion: str) -> InputError:
    shown = _shorten(value if isinstance(value, str) else repr(value))
    return InputError(
        f"setting {described.name}: {shown!r} is not allowed{suggestion}",
        hint=f"Allowed: {described.allowed}.",
    )


def _did_you_mean(given: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    near = difflib.get_close_matches(given.lower(), list(known), n=1, cutoff=0.5)
    return f"; did you mean {near[0]!r}?" if near else ""


def _shorten(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"


def _as_typed(text: str) -> object:
    return text


def _check_theme(value: object) -> object:
    if value in THEMES:
        return value
    raise _NotAllowedError(_did_you_mean(value, THEMES) if isinstance(value, str) else "")


def _parse_keys(text: str) -> object:
    """Read `{"id": "key,key"}` or `id=key,key id=key`."""
    if text.lstrip().startswith("{"):
        try:
            return json.loads(text)
        except (ValueError, RecursionError):
            raise _NotAllowedError("; it is not JSON") from None
    pairs = [part.partition("=") for part in text.split()]
    if any(not equals for _, equals, _ in pairs):
        raise _NotAllowedError
    return {binding: keys for binding, _, keys in pairs}


_BINDING_ID = re.compile(r"[a-z][a-z0-9_.-]*", re.IGNORECASE)
_KEY = re.compile(r"[^\s,=\x00-\x1f]+")


def _check_keys(value: object) -> object:
    if not isinstance(value, dict):
        raise _NotAllowedError
    for binding, keys in value.items():
        if not isinstance(binding, str) or not _BINDING_ID.fullmatch(binding):
            raise _NotAllowedError(f"; {binding!r} is not the id of a binding")
        if not isinstance(keys, str) or not all(_KEY.fullmatch(key.strip()) for key in keys.split(",")):
            raise _NotAllowedError(f"; {keys!r} is not a list of keys for {binding!r}")
    return value


def _check_folder(value: object) -> object:
    if isinstance(value, str) and not any(character in value for character in "\0\n\r"):
        try:
            value.encode("utf-8")
        except UnicodeEncodeError:
            raise _NotAllowedError from None
        return value
    raise _NotAllowedError


def _parse_whole(text: str) -> object:
    try:
        return int(text)
    except ValueError:
        raise _NotAllowedError from None


def _whole_between(lowest: int, highest: int) -> Callable[[object], object]:
    def check(value: object) -> object:
        if type(value) is int and lowest <= value <= highest:
            return value
        raise _NotAllowedError

    return check


_SWITCH = {
    "true": True,
    "yes": True,
    "on": True,
    "1": True,
    "false": False,
    "no": False,
    "off": False,
    "0": False,
}


def _parse_switch(text: str) -> object:
    if text.lower() in _SWITCH:
        return _SWITCH[text.lower()]
    raise _NotAllowedError(_did_you_mean(text, _SWITCH))


def _check_switch(value: object) -> object:
    if isinstance(value, bool):
        return value
    raise _NotAllowedError


_DESCRIBED: dict[str, tuple[str, str, Callable[[str], object], Callable[[object], object]]] = {
    "theme": ("Colour theme.", ", ".join(THEMES), _as_typed, _check_theme),
    "keys": (
        "Your own keys, by binding id; bindings left out keep theirs.",
        'pairs such as next_lesson=n,right, or JSON such as {"next_lesson": "n,right"}',
        _parse_keys,
        _check_keys,
    ),
    "save_folder": (
        "Folder that saved code goes to; empty for the one you start in.",
        "the path of a folder, or nothing",
        _as_typed,
        _check_folder,
    ),
    "reading_width": (
        "Widest line of a lesson, in columns.",
        f"a whole number from {READING_WIDTH_COLUMNS[0]} to {READING_WIDTH_COLUMNS[1]}",
        _parse_whole,
        _whole_between(*READING_WIDTH_COLUMNS),
    ),
    "confirm_quit": ("Ask before the program ends.", "true or false", _parse_switch, _check_switch),
    "new_cards_per_day": (
        "New cards that the daily review brings each day.",
        f"a whole number from {NEW_CARDS_PER_DAY[0]} to {NEW_CARDS_PER_DAY[1]}",
        _parse_whole,
        _whole_between(*NEW_CARDS_PER_DAY),
    ),
    "retention_percent": (
        "How likely a card is still known when it comes back, in percent.",
        f"a whole number from {RETENTION_PERCENT[0]} to {RETENTION_PERCENT[1]}",
        _parse_whole,
        _whole_between(*RETENTION_PERCENT),
    ),
}
_DEFAULTS = Settings()
_FIELDS: dict[str, SettingField] = {
    described.name: SettingField(
        described.name, getattr(_DEFAULTS, described.name), *_DESCRIBED[described.name]
    )
    for described in fields(Settings)
}
