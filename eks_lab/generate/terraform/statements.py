"""The small grammar in which a flat form asks for lists of things: `name key=value key=value; name …`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eks_lab.calc.address_space import shown
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError

_BETWEEN = re.compile(r"[;\n]")


@dataclass(frozen=True, slots=True)
class Statement:
    """One entry of such a list."""

    field: str
    """The choice it was typed into, for messages."""
    name: str
    """Its first word."""
    words: tuple[str, ...]
    """Further words without `=`."""
    pairs: tuple[tuple[str, str], ...]
    """Key and value of each `key=value`, in the order given; keys are lower case."""

    @property
    def place(self) -> str:
        """Return how messages name the entry: `node_groups: general`."""
        return f"{self.field}: {self.name}"

    def values(self, key: str) -> list[str]:
        """Return every value given for a key."""
        return [value for name, value in self.pairs if name == key]

    def value(self, key: str, default: str) -> str:
        """Return the value of a key that may be given once.

        Raises:
            InputError: it is given twice.
        """
        found = self.values(key)
        if len(found) > 1:
            raise InputError(f"{self.place}: {key} is given twice", hint="Give it once.")
        return found[0] if found else default

    def whole_number(self, key: str, default: int, least: int, most: int) -> int:
        """Return the number behind a key.

        Raises:
            InputError: it is no whole number, or out of bounds.
        """
        text = self.value(key, str(default))
        if not (text.isascii() and text.isdigit() and len(text) < 10 and least <= int(text) <= most):
            raise InputError(
                f"{self.place}: {key}={shown(text)} is no whole number from {least} to {most}",
                hint=f"Write {key}={default}.",
            )
        return int(text)

    def one_of(self, key: str, default: str, allowed: Mapping[str, str]) -> str:
        """Return what the word behind a key stands for.

        Raises:
            InputError: another word.
        """
        text = self.value(key, default).lower().replace("_", "-")
        if text not in allowed:
            raise InputError(
                f"{self.place}: {key}={shown(text)} is no choice",
                hint=did_you_mean(text, allowed) or f"Choose {' or '.join(allowed)}.",
            )
        return allowed[text]

    def refuse_unknown(self, keys: Iterable[str], example: str, *, takes_words: bool = False) -> None:
        """Check that nothing is written that nobody reads.

        Raises:
            InputError: an unknown key, or a word without `=`.
        """
        known = tuple(keys)
        if self.words and not takes_words:
            raise InputError(
                f"{self.place}: {shown(self.words[0])} has no key in front of it", hint=f"Write {example}"
            )
        for key, _ in self.pairs:
            if key not in known:
                raise InputError(
                    f"{self.place} has no {shown(key)}",
                    hint=did_you_mean(key, known) or f"Keys: {', '.join(known)}.",
                )


def read_statements(field: str, text: str) -> tuple[Statement, ...]:
    """Read entries between semicolons or line ends.

    Args:
        field: the choice the text was typed into, for messages.
        text: `general types=m7i.large min=3; spot types=m6i.large capacity=spot`.

    Returns:
        One statement an entry, in order; none for empty text and for `none`.

    Raises:
        InputError: an entry begins with `key=value`, a value is empty, or a name comes twice.
    """
    found: dict[str, Statement] = {}
    if text.strip().lower() == "none":
        return ()
    for piece in _BETWEEN.split(text):
        words = piece.split()
        if not words:
            continue
        name, rest = words[0], words[1:]
        if "=" in name:
            raise InputError(
                f"{field}: {shown(piece.strip())} begins without a name",
                hint="Write the name first: general types=m7i.large min=3.",
            )
        if name in found:
            raise InputError(
                f"{field}: {shown(name)} is there twice", hint="Give each entry a name of its own."
            )
        pairs = []
        for word in rest:
            key, equals, value = word.partition("=")
            if equals and not value:
                raise InputError(f"{field}: {name}: {key} has no value", hint=f"Write {key}=….")
            if equals:
                pairs.append((key.lower().replace("-", "_"), value))
        found[name] = Statement(field, name, tuple(word for word in rest if "=" not in word), tuple(pairs))
    return tuple(found.values())
