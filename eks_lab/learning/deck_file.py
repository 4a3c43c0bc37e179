"""Decks as text files that Anki reads and writes: a row a card, and header lines that say how rows are to be read.

The headers are those of Anki's manual, "Importing, text files": `#separator`, `#html`, `#tags column`, `#guid column`,
`#deck`, `#deck column`, `#notetype`, `#notetype column` and `#columns`.
"""

from __future__ import annotations

import csv
import hashlib
import html
import io
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from eks_lab.content.items.given import LONGEST_TEXT
from eks_lab.errors import InputError

SEPARATORS = {
    "comma": ",",
    "semicolon": ";",
    "tab": "\t",
    "space": " ",
    "pipe": "|",
    "colon": ":",
}
MOST_CARDS = 50_000
_HEADER = re.compile(r"#([a-z ]+):(.*)", re.IGNORECASE)
_COLUMN_HEADERS = ("tags column", "guid column", "deck column", "notetype column")
_QUOTED = re.compile(r'"(?:[^"]|"")*"')
_BREAK = re.compile(r"<br\s*/?>\n?|</(?:div|p|li|tr|pre)>\s*", re.IGNORECASE)
_HIDDEN = re.compile(r"<(style|script)\b.*?</\1\s*>", re.IGNORECASE | re.DOTALL)
_TAG = re.compile(r"</?[a-z][^<>]*>|<!--.*?-->", re.IGNORECASE | re.DOTALL)
_NO_CHARACTER = re.compile(r"&#[0-9]{8,};?")
"""Beyond the last character, as browsers show it; Python refuses to count digits by the thousand."""


@dataclass(frozen=True, slots=True)
class DeckCard:
    """One card of a deck, as plain text."""

    front: str
    """What is asked."""
    back: str
    """What is answered."""
    tags: tuple[str, ...] = ()
    """Words."""
    deck: str = ""
    """Name of its deck; empty when the file does not say."""


@dataclass(slots=True)
class _Reading:
    """How the rows of a file are to be read."""

    separator: str = ""
    is_html: bool = False
    deck: str = ""
    columns: dict[str, int] = field(default_factory=dict)


def write_deck(cards: Iterable[DeckCard], deck: str, *, is_html: bool = False) -> str:
    """Return cards as a file for Anki's import.

    Args:
        cards: the cards.
        deck: name of the deck in Anki; cards that name one go there.
        is_html: fronts and backs are HTML already; plain text is turned into it.

    Returns:
        Text with a header; columns are guid, front, back, tags and deck. The guid hangs on the front: a later
        import updates cards instead of adding them again.
    """
    out = io.StringIO()
    out.write("#separator:tab\n#html:true\n#notetype:Basic\n#guid column:1\n#tags column:4\n#deck column:5\n")
    rows = csv.writer(out, delimiter="\t", lineterminator="\n", quoting=csv.QUOTE_ALL)
    for card in cards:
        front, back = (card.front, card.back) if is_html else (to_html(card.front), to_html(card.back))
        rows.writerow([guid_of(card.front), front, back, " ".join(card.tags), card.deck or deck])
    return out.getvalue()


def read_deck(content: bytes, source: str) -> list[DeckCard]:
    """Return the cards of a file that Anki exported as text, or that somebody wrote.

    Without headers, the separator is the tab, semicolon or comma of the first row, the first column is the front,
    the second the back, and a third one the tags.

    Args:
        content: of the file, UTF-8.
        source: where it comes from, for messages.

    Raises:
        InputError: it is no deck; names the line, what is wrong there and what to write.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise _wrong(source, line, "it is not UTF-8 text", "In Anki: Export, Notes in Plain Text.") from None
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise _wrong(source, line, "it has a NUL character", "In Anki: Export, Notes in Plain Text.")
    reading = _Reading()
    headers = 0
    lines = text.split("\n")
    while headers < len(lines) and lines[headers].startswith("#"):
        _read_header(lines[headers], source, headers + 1, reading)
        headers += 1
    body = "\n".join(lines[headers:])
    separator = reading.separator or _guessed(body)
    cards = []
    rows = csv.reader(io.StringIO(body, newline=""), delimiter=separator, strict=True)
    begin = headers + 1
    try:
        for row in rows:
            if any(part.strip() for part in row):
                cards.append(_card(row, reading, separator, source, begin))
            if len(cards) > MOST_CARDS:
                raise _wrong(source, begin, f"it is card {MOST_CARDS + 1:,}", "Split the deck into several.")
            begin = headers + rows.line_num + 1
    except csv.Error as error:
        raise _wrong(
            source,
            begin,
            f"this row cannot be read ({error})",
            'Put a field with quotes or line ends in "…", and write a quote in it as "".',
        ) from None
    if not cards:
        raise InputError(
            f"{source}: there is no card in it.", hint="Each row is a card: front, separator, back."
        )
    return cards


def guid_of(front: str) -> str:
    """Return what Anki knows a card by."""
    return "eks-lab-" + hashlib.sha256(front.encode()).hexdigest()[:16]


def to_html(text: str) -> str:
    """Return plain text as HTML that shows it as it is."""
    return html.escape(text, quote=False).replace("\n", "<br>")


def to_text(markup: str) -> str:
    """Return the text that HTML shows: line breaks kept, tags left out."""
    shown = _BREAK.sub("\n", _HIDDEN.sub("", markup))
    shown = _NO_CHARACTER.sub("\ufffd", shown)
    return html.unescape(_TAG.sub("", shown)).replace("\xa0", " ")


def _read_header(line: str, source: str, number: int, reading: _Reading) -> None:
    match = _HEADER.fullmatch(line)
    if match is None:
        return  # a comment
    key, value = match[1].strip().lower(), match[2]
    if key == "separator":
        name = value.strip().lower()
        reading.separator = SEPARATORS.get(name, value if len(value) == 1 else value.strip())
        if len(reading.separator) != 1 or reading.separator in '"\n':
            names = ", ".join(SEPARATORS)
            raise _wrong(source, number, f"the separator is {value!r}", f"Write one of: {names}.")
    elif key == "html":
        if value.strip().lower() not in ("true", "false"):
            raise _wrong(source, number, f"html is {value!r}", "Write #html:true or #html:false.")
        reading.is_html = value.strip().lower() == "true"
    elif key == "deck":
        reading.deck = value.strip()
    elif key in _COLUMN_HEADERS:
        if not re.fullmatch(r"\s*[0-9]{1,4}\s*", value) or not 1 <= int(value) <= 1000:
            raise _wrong(source, number, f"{key} is {value!r}", "Write the number of a column, from 1.")
        reading.columns[key] = int(value) - 1


def _card(row: list[str], reading: _Reading, separator: str, source: str, line: int) -> DeckCard:
    special = set(reading.columns.values())
    fields = [part for index, part in enumerate(row) if index not in special]
    if len(fields) < 2:
        name = next((name for name, mark in SEPARATORS.items() if mark == separator), repr(separator))
        raise _wrong(
            source,
            line,
            f"it has {len(fields)} of the two fields, front and back ({name} separates them)",
            "Add the other field, or name the separator in a first line such as #separator:semicolon.",
        )
    front, back = (to_text(part) if reading.is_html else part for part in fields[:2])
    if not front.strip():
        raise _wrong(source, line, "the front is empty", "Write what is asked, or delete the row.")
    for what, text in (("front", front), ("back", back)):
        if len(text) > LONGEST_TEXT:
            raise _wrong(
                source,
                line,
                f"the {what} has {len(text):,} characters",
                f"At most {LONGEST_TEXT:,} are kept: split the card.",
            )
    tags = _special(row, reading, "tags column")
    if "tags column" not in reading.columns and len(fields) > 2 and not reading.columns:
        tags = fields[2]
    return DeckCard(front, back, tuple(tags.split()), _special(row, reading, "deck column") or reading.deck)


def _special(row: list[str], reading: _Reading, key: str) -> str:
    column = reading.columns.get(key)
    return row[column].strip() if column is not None and column < len(row) else ""


def _guessed(body: str) -> str:
    unquoted = _QUOTED.sub("", body[:10_000])
    first = next((line for line in unquoted.split("\n") if line.strip()), "")
    return next((mark for mark in "\t;," if mark in first), "\t")


def _wrong(source: str, line: int, what: str, fix: str) -> InputError:
    return InputError(f"{source}:{line}: {what}. Nothing was imported.", hint=fix)
