"""Arguments of `aws SERVICE OPERATION` as parameters of the operation: scalars, lists, JSON and shorthand.

Source: https://docs.aws.amazon.com/cli/latest/userguide/cli-usage-parameters-types.html and
…/cli-usage-shorthand.html (2026-11-23).
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Sequence
from typing import Any

from botocore import xform_name

RENAMED = {
    ("eks", "CreateCluster", "version"): "kubernetes-version",
    ("eks", "CreateNodegroup", "version"): "kubernetes-version",
    ("eks", "UpdateClusterVersion", "version"): "kubernetes-version",
    ("eks", "UpdateNodegroupVersion", "version"): "kubernetes-version",
}
"""Members whose option is called otherwise, because the word is taken."""


class ArgumentError(Exception):
    """An argument cannot be read; the text is the CLI's."""


def option_of(service: str, operation: str, member: str) -> str:
    """Return the option of a member, without hyphens in front: `nodegroup-name`."""
    return RENAMED.get((service, operation, member)) or xform_name(member, "-")


def options_of(service: str, operation: Any) -> dict[str, tuple[str, Any]]:
    """Return the options of an operation: name -> member and its shape."""
    shape = operation.input_shape
    if shape is None:
        return {}
    return {
        option_of(service, operation.name, member): (member, member_shape)
        for member, member_shape in shape.members.items()
    }


def value_of(option: str, shape: Any, words: Sequence[str]) -> Any:
    """Return the value of one option.

    Args:
        option: as typed, `--filters`.
        shape: botocore's shape of the member.
        words: what follows it.

    Raises:
        ArgumentError: the words are no such value.
    """
    for word in words:
        if word.startswith(("file://", "fileb://")):
            raise ArgumentError(
                f"Error parsing parameter '{option}': Unable to load paramfile {word}: [Errno 2] No such file or "
                f"directory: '{word.partition('://')[2]}'"
            )
    kind = shape.type_name
    if kind == "list":
        if len(words) == 1 and words[0].lstrip().startswith("["):
            return _typed(shape, _json(option, words[0]), option)
        return [_item(option, shape.member, word) for word in words]
    if len(words) != 1:
        raise ArgumentError(f"argument {option}: expected one argument")
    if kind in ("structure", "map"):
        return _item(option, shape, words[0])
    return _scalar(option, shape, words[0])


def _item(option: str, shape: Any, word: str) -> Any:
    if shape.type_name not in ("structure", "map", "list"):
        return _scalar(option, shape, word)
    if word.lstrip().startswith(("{", "[")):
        return _typed(shape, _json(option, word), option)
    return _typed(shape, Shorthand(option, word).read(), option)


def _json(option: str, word: str) -> Any:
    try:
        return json.loads(word)
    except ValueError as error:
        raise ArgumentError(
            f"Error parsing parameter '{option}': Invalid JSON: {error}\nJSON received: {word}"
        ) from None


def _scalar(option: str, shape: Any, word: Any) -> Any:
    kind = shape.type_name
    try:
        if kind in ("integer", "long"):
            return int(word)
        if kind in ("float", "double"):
            return float(word)
    except ValueError as error:
        raise ArgumentError(str(error)) from None
    if kind == "boolean":
        if str(word).lower() not in ("true", "false"):
            raise ArgumentError(f"Error parsing parameter '{option}': Invalid boolean value: {word}")
        return str(word).lower() == "true"
    if kind == "blob" and isinstance(word, str):
        try:
            return base64.b64decode(word, validate=True)
        except binascii.Error:
            raise ArgumentError(f'Invalid base64: "{word}"') from None
    return word


def _typed(shape: Any, found: Any, option: str) -> Any:
    """Give a read value the types of its shape; what does not fit is left for the check of the parameters."""
    kind = shape.type_name
    if kind == "structure" and isinstance(found, dict):
        known = shape.members
        for name in found:
            if name not in known:
                raise ArgumentError(
                    f'Parameter validation failed:\nUnknown parameter in {option.lstrip("-")}: "{name}", '
                    f"must be one of: {', '.join(known)}"
                )
        return {name: _typed(known[name], value, option) for name, value in found.items()}
    if kind == "map" and isinstance(found, dict):
        return {str(name): _typed(shape.value, value, option) for name, value in found.items()}
    if kind == "list":
        # Shorthand cannot tell a list of one from a value.
        values = found if isinstance(found, list) else [found]
        return [_typed(shape.member, value, option) for value in values]
    if isinstance(found, str) or kind == "boolean":
        return _scalar(option, shape, found)
    return found


class Shorthand:
    """Reads `Name=vpc-id,Values=a,b` and `A={B=1,C=[2,3]},D="x, y"`."""

    def __init__(self, option: str, text: str) -> None:
        """Take a word.

        Args:
            option: it belongs to, for messages.
            text: the word.
        """
        self._option = option
        self._text = text
        self._at = 0

    def read(self) -> dict[str, Any]:
        """Return what stands there.

        Raises:
            ArgumentError: it is no shorthand; the text shows where.
        """
        found = self._pairs("")
        if self._at < len(self._text):
            raise self._refuse("','")
        return found

    def _refuse(self, expected: str) -> ArgumentError:
        received = f"'{self._text[self._at]}'" if self._at < len(self._text) else "'EOF'"
        return ArgumentError(
            f"Error parsing parameter '{self._option}': Expected: {expected}, received: {received} for input:\n"
            f"{self._text}\n{' ' * self._at}^"
        )

    def _peek(self) -> str:
        return self._text[self._at] if self._at < len(self._text) else ""

    def _pairs(self, end: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        while True:
            name = self._name()
            if self._peek() != "=":
                raise self._refuse("'='")
            self._at += 1
            found[name] = self._values()
            if self._peek() != ",":
                break
            self._at += 1
        if end:
            if self._peek() != end:
                raise self._refuse(f"'{end}'")
            self._at += 1
        return found

    def _name(self) -> str:
        start = self._at
        while self._peek() and self._peek() not in "=,{}[]'\"":
            self._at += 1
        name = self._text[start : self._at].strip()
        if not name:
            raise self._refuse("'='")
        return name

    def _values(self) -> Any:
        first = self._value()
        found = [first]
        # A comma goes on with the list, unless a name and an equals sign follow it.
        while self._peek() == "," and not self._name_follows():
            self._at += 1
            if not self._peek():
                break
            found.append(self._value())
        return found if len(found) > 1 else first

    def _name_follows(self) -> bool:
        at = self._at + 1
        while at < len(self._text) and self._text[at] not in "=,{}[]'\"":
            at += 1
        return at < len(self._text) and self._text[at] == "="

    def _value(self) -> Any:
        letter = self._peek()
        if letter == "{":
            self._at += 1
            return self._pairs("}")
        if letter == "[":
            self._at += 1
            found: list[Any] = []
            while self._peek() and self._peek() != "]":
                found.append(self._value())
                if self._peek() == ",":
                    self._at += 1
            if self._peek() != "]":
                raise self._refuse("']'")
            self._at += 1
            return found
        if letter and letter in "'\"":
            return self._quoted(letter)
        start = self._at
        while self._peek() and self._peek() not in ",}]":
            self._at += 1
        return self._text[start : self._at].strip()

    def _quoted(self, mark: str) -> str:
        self._at += 1
        letters = []
        while self._peek() and self._peek() != mark:
            if self._peek() == "\\" and self._at + 1 < len(self._text):
                self._at += 1
            letters.append(self._peek())
            self._at += 1
        if not self._peek():
            raise self._refuse(f"'{mark}'")
        self._at += 1
        return "".join(letters)
