"""What Go's `encoding/json` says about a text that is no JSON."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_SPACE = " \t\r\n"


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    """The scanner stumbled."""


def syntax_problem(body: bytes) -> str:
    """Return the complaint of Go's scanner.

    Args:
        body: that another parser refused.

    Returns:
        `invalid character 'a' looking for beginning of value`, `unexpected end of JSON input`, …
    """
    # Go's scanner goes byte by byte.
    text = body.decode("latin-1")
    try:
        at = _space(text, _value(text, _space(text, 0)))
        if at < len(text):
            raise _Wrong(_bad(text, at, "after top-level value"))
    except _Wrong as error:
        return str(error)
    except RecursionError:
        return "exceeded max depth"
    return "unexpected end of JSON input"


def _bad(text: str, at: int, where: str) -> str:
    if at >= len(text):
        return "unexpected end of JSON input"
    letter = text[at]
    quoted = {
        "'": "\\'",
        "\n": "\\n",
        "\r": "\\r",
        "\t": "\\t",
        "\b": "\\b",
        "\f": "\\f",
        "\v": "\\v",
        "\a": "\\a",
    }
    if letter in quoted:
        shown = f"'{quoted[letter]}'"
    elif letter.isprintable():
        shown = f"'{letter}'"
    else:
        shown = f"'\\x{ord(letter):02x}'" if letter < "\x80" else f"'\\u{ord(letter):04x}'"
    return f"invalid character {shown} {where}"


def _space(text: str, at: int) -> int:
    while at < len(text) and text[at] in _SPACE:
        at += 1
    return at


def _value(text: str, at: int) -> int:
    if at >= len(text):
        raise _Wrong("unexpected end of JSON input")
    letter = text[at]
    if letter == "{":
        return _object(text, at + 1)
    if letter == "[":
        return _array(text, at + 1)
    if letter == '"':
        return _string(text, at + 1)
    if letter in "-0123456789":
        return _number(text, at)
    for word in ("true", "false", "null"):
        if letter == word[0]:
            return _literal(text, at, word)
    raise _Wrong(_bad(text, at, "looking for beginning of value"))


def _object(text: str, at: int) -> int:
    at = _space(text, at)
    if at < len(text) and text[at] == "}":
        return at + 1
    while True:
        if at >= len(text) or text[at] != '"':
            raise _Wrong(_bad(text, at, "looking for beginning of object key string"))
        at = _space(text, _string(text, at + 1))
        if at >= len(text) or text[at] != ":":
            raise _Wrong(_bad(text, at, "after object key"))
        at = _space(text, _value(text, _space(text, at + 1)))
        if at < len(text) and text[at] == "}":
            return at + 1
        if at >= len(text) or text[at] != ",":
            raise _Wrong(_bad(text, at, "after object key:value pair"))
        at = _space(text, at + 1)


def _array(text: str, at: int) -> int:
    at = _space(text, at)
    if at < len(text) and text[at] == "]":
        return at + 1
    while True:
        at = _space(text, _value(text, at))
        if at < len(text) and text[at] == "]":
            return at + 1
        if at >= len(text) or text[at] != ",":
            raise _Wrong(_bad(text, at, "after array element"))
        at = _space(text, at + 1)


def _string(text: str, at: int) -> int:
    while at < len(text):
        letter = text[at]
        if letter == '"':
            return at + 1
        if letter < " ":
            raise _Wrong(_bad(text, at, "in string literal"))
        if letter == "\\":
            at += 1
            if at < len(text) and text[at] == "u":
                for place in range(at + 1, at + 5):
                    if place >= len(text) or text[place] not in "0123456789abcdefABCDEF":
                        raise _Wrong(_bad(text, place, "in \\u hexadecimal character escape"))
                at += 4
            elif at >= len(text) or text[at] not in '"\\/bfnrt':
                raise _Wrong(_bad(text, at, "in string escape code"))
        at += 1
    raise _Wrong("unexpected end of JSON input")


def _number(text: str, at: int) -> int:
    found = _NUMBER.match(text, at)
    if found is None:
        raise _Wrong(_bad(text, at + 1, "in numeric literal"))
    end = found.end()
    if end < len(text) and text[end] == ".":
        raise _Wrong(_bad(text, end + 1, "after decimal point in numeric literal"))
    if end < len(text) and text[end] in "eE":
        raise _Wrong(_bad(text, end + 1, "in exponent of numeric literal"))
    return end


def _literal(text: str, at: int, word: str) -> int:
    for number, letter in enumerate(word):
        place = at + number
        if place >= len(text) or text[place] != letter:
            raise _Wrong(_bad(text, place, f"in literal {word} (expecting '{letter}')"))
    return at + len(word)
