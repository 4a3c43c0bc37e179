"""The checked choices of one generator, in the types that its rules and templates want."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from eks_lab.calc.model import Value
from eks_lab.errors import InputError
from eks_lab.generate.identifiers import Check
from eks_lab.generate.model import Bundle, GeneratedFile
from eks_lab.generate.template import generated


@dataclass(frozen=True, slots=True)
class Chosen:
    """Reads choices and makes files of them."""

    generator: str
    """Name of the generator."""
    values: Mapping[str, Value]
    """As `eks_lab.generate.choices.read_choices` returns them."""

    def text(self, name: str, check: Check | None = None) -> str:
        """Return a text, checked; empty when it is not set.

        Args:
            name: of the choice.
            check: one of `eks_lab.generate.identifiers`.

        Raises:
            InputError: the text has not the form that was asked for.
        """
        value = self.values[name]
        if value is None:
            return ""
        return check(name, str(value)) if check is not None else str(value)

    def integer(self, name: str) -> int:
        """Return a whole number that is set."""
        value = self.values[name]
        assert isinstance(value, int), name
        return value

    def number(self, name: str) -> float:
        """Return a number that is set."""
        value = self.values[name]
        assert isinstance(value, int | float), name
        return float(value)

    def flag(self, name: str) -> bool:
        """Return whether a flag is set."""
        return self.values[name] is True

    def is_set(self, name: str) -> bool:
        """Return whether an optional choice has a value."""
        return self.values[name] is not None

    def listed(self, name: str, check: Check, *, most: int = 50) -> tuple[str, ...]:
        """Return the parts of a text with commas, each checked, none twice.

        Args:
            name: of the choice.
            check: for each part.
            most: how many there may be.

        Raises:
            InputError: a part has not the form, stands twice, or there are too many.
        """
        parts = [part.strip() for part in self.text(name).split(",")]
        if parts == [""]:
            return ()
        if len(parts) > most:
            raise InputError(f"{name}: {len(parts)} are too many", hint=f"At most {most}.")
        for position, part in enumerate(parts):
            if not part:
                raise InputError(f"{name}: part {position + 1} is empty", hint="Put one comma between two.")
            if part in parts[:position]:
                raise InputError(f"{name}: {part!r} stands twice", hint="Give it once.")
        return tuple(check(name, part) for part in parts)

    def pairs(self, name: str, key: Check, value: Check) -> dict[str, str]:
        """Return `key=value` parts of a text with commas, in order.

        Raises:
            InputError: a part has no `=`, a key stands twice, or a form is wrong.
        """
        found: dict[str, str] = {}
        for part in self.text(name).split(",") if self.text(name) else []:
            left, sign, right = (piece.strip() for piece in part.partition("="))
            if not sign:
                raise InputError(f"{name}: {part.strip()!r} has no =", hint="Write key=value,key=value.")
            if left in found:
                raise InputError(f"{name}: {left!r} stands twice", hint="Give it once.")
            found[key(name, left)] = value(name, right)
        return found

    def file(self, name: str, template: str, /, **more: object) -> GeneratedFile:
        """Return a file from a template that sees every choice.

        Args:
            name: of the file.
            template: see `eks_lab.generate.template`.
            **more: further values, which may replace choices by their checked form.
        """
        return generated(name, template, {**self.values, **more})

    def bundle(self, *files: GeneratedFile, notes: Iterable[str] = ()) -> Bundle:
        """Return the result of the generator."""
        return Bundle(self.generator, dict(self.values), files, tuple(notes))


def refuse(name: str, problem: str, instead: str) -> InputError:
    """Return the error for choices that do not go together.

    Args:
        name: the choice to change.
        problem: why not, as the end of the sentence `NAME: …`.
        instead: what would do, as a sentence.
    """
    return InputError(f"{name}: {problem}", hint=instead)
