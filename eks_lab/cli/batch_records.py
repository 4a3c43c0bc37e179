"""Records of a CSV or JSON stream, one at a time: what is unusable becomes a record that says why.

The first character that is not white space tells the format: `[` is an array of objects, `{` one object
a line (or over several lines), anything else CSV with the names of inputs in its first line.
"""

from __future__ import annotations

import codecs
import csv
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import BinaryIO

from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError

LONGEST_RECORD = 64_000_000
"""Characters of one record; room for two documents of 20 MB."""
_PIECE = 1 << 16
_UTF8_BOM = "\ufeff"
_LONGEST_ESCAPE = 12
"""`\\ud83d\\ude00`: how much of a valid text the end of a piece can cut into nonsense."""


@dataclass(frozen=True, slots=True)
class Record:
    """One question, or what is wrong with the place where one should be."""

    line: int
    """Where it begins in the stream, from 1."""
    values: dict[str, object] = field(default_factory=dict)
    """Input name as given -> value; a table leaves empty cells out."""
    problem: InputError | None = None
    """Why there are no values."""
    is_table: bool = False
    """Whether it comes from CSV."""


def records(stream: BinaryIO, names: Sequence[str]) -> Iterator[Record]:
    """Yield the records of a stream in order.

    Args:
        stream: bytes, read in small pieces.
        names: inputs that a table may have as columns.
    """
    line = 1
    while (piece := stream.readline(_PIECE)) and not piece.removeprefix(codecs.BOM_UTF8).strip():
        line += piece.count(b"\n")
    if not piece:
        return
    pieces = chain([piece], iter(lambda: stream.readline(_PIECE), b""))
    start = piece.removeprefix(codecs.BOM_UTF8).lstrip()[:1]
    if start == b"[":
        yield from _array(pieces, line)
    elif start == b"{":
        yield from _json_lines(_Lines(pieces, line))
    else:
        yield from _table(_Lines(pieces, line), names)


class _Lines:
    """Lines of text; after a bad one it goes on with the next."""

    def __init__(self, pieces: Iterator[bytes], line: int) -> None:
        self._pieces = pieces
        self._next = line
        self.line = line
        """Number of the line that came last."""

    def __iter__(self) -> _Lines:
        return self

    def __next__(self) -> str:
        data = next(self._pieces)
        self.line = self._next
        self._next += 1
        parts = [data]
        size = len(data)
        while not data.endswith(b"\n"):
            data = next(self._pieces, b"")
            if not data:
                break
            size += len(data)
            if size <= LONGEST_RECORD:
                parts.append(data)
        if size > LONGEST_RECORD:
            raise InputError(
                f"the line is longer than {LONGEST_RECORD:,} characters", hint="Is this CSV or JSON?"
            )
        try:
            text = b"".join(parts).decode("utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"not UTF-8 text: byte {error.start:,} of the line is 0x{error.object[error.start]:02x}",
                hint="Save the file as UTF-8.",
            ) from None
        return text.removeprefix(_UTF8_BOM)


# CSV


def _table(lines: _Lines, names: Sequence[str]) -> Iterator[Record]:
    try:
        first = next(lines)
    except InputError as problem:
        yield Record(lines.line, problem=problem)
        return
    # A cell may hold a whole document. The limit is the module's, so it is put back.
    limit = csv.field_size_limit(LONGEST_RECORD)
    try:
        yield from _rows(lines, first, names)
    finally:
        csv.field_size_limit(limit)


def _rows(lines: _Lines, first: str, names: Sequence[str]) -> Iterator[Record]:
    header_line = lines.line
    reader = csv.reader(_Started(first, lines), delimiter=_delimiter(first), strict=True)
    try:
        columns = _columns(next(reader), names)
    except (InputError, csv.Error) as error:
        yield Record(header_line, problem=_csv_problem(error))
        return
    while True:
        line = lines.line + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except (InputError, csv.Error) as error:
            yield Record(line, problem=_csv_problem(error))
            continue
        if not any(cell.strip() for cell in cells):
            continue
        if any(cell.strip() for cell in cells[len(columns) :]):
            problem = InputError(
                f"{len(cells)} cells for {len(columns)} columns",
                hint="Put quotes around a cell with a comma.",
            )
            yield Record(line, problem=problem)
            continue
        values = {name: cell for name, cell in zip(columns, cells, strict=False) if name and cell.strip()}
        yield Record(line, dict(values), is_table=True)


class _Started:
    """Lines with the first one put back."""

    def __init__(self, first: str, lines: _Lines) -> None:
        self._first: str | None = first
        self._lines = lines

    def __iter__(self) -> _Started:
        return self

    def __next__(self) -> str:
        if self._first is not None:
            first, self._first = self._first, None
            return first
        return next(self._lines)


def _delimiter(header: str) -> str:
    """Return what separates the names: spreadsheets of some countries write semicolons."""
    return next((mark for mark in (",", ";", "\t") if mark in header), ",")


def _columns(header: list[str], names: Sequence[str]) -> list[str]:
    columns = [name.strip().lower().replace("-", "_") for name in header]
    while columns and not columns[-1]:
        columns.pop()
    for name in columns:
        if name not in names:
            shown = repr(name[:40])
            raise InputError(
                f"the first line names an input that does not exist: {shown}",
                hint=did_you_mean(name[:40], names)
                or f"The first line of CSV names inputs, for example {','.join(names[:3])}.",
            )
        if columns.count(name) > 1:
            raise InputError(f"the first line names {name} twice", hint="Name each input once.")
    return columns


def _csv_problem(error: Exception) -> InputError:
    if isinstance(error, InputError):
        return error
    if "unexpected end of data" in str(error):
        return InputError("a quote is not closed", hint='Write a quote inside a cell as "".')
    if "new-line character" in str(error):
        return InputError("a line end in the middle of a cell", hint="Put quotes around the cell.")
    return InputError(f"not CSV: {error}", hint='Put quotes around a cell with quotes, and write them as "".')


# JSON


class _UnfinishedError(InputError):
    """The text ends before the value does."""


def _json_lines(lines: _Lines) -> Iterator[Record]:
    numbered = _numbered(lines)
    pushed_back: tuple[int, str | InputError] | None = None
    while (item := pushed_back or next(numbered, None)) is not None:
        pushed_back = None
        line, text = item
        if isinstance(text, InputError):
            yield Record(line, problem=text)
            continue
        if not text.strip():
            continue
        while True:
            try:
                yield Record(line, _inputs(_parsed(text)))
            except _UnfinishedError as problem:
                # An object over several lines: the ones after the first are indented, or close it.
                more = next(numbered, None)
                if more is not None and isinstance(more[1], str) and more[1][:1] in (" ", "\t", "}", "]"):
                    text += more[1]
                    if len(text) <= LONGEST_RECORD:
                        continue
                pushed_back = more
                yield Record(line, problem=problem)
            except InputError as problem:
                yield Record(line, problem=problem)
            break


def _numbered(lines: _Lines) -> Iterator[tuple[int, str | InputError]]:
    while True:
        try:
            text = next(lines)
        except StopIteration:
            return
        except InputError as problem:
            yield lines.line, problem
        else:
            yield lines.line, text


def _parsed(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        kind = _UnfinishedError if error.pos >= len(text.rstrip()) else InputError
        raise kind(
            _not_json(error, error.pos), hint="Write one object a line, or an array of objects."
        ) from None
    except (RecursionError, ValueError):
        raise InputError("not usable JSON: nested too deeply, or a number too long") from None


def _not_json(error: json.JSONDecodeError, place: int) -> str:
    said = error.msg[:1].lower() + error.msg[1:]
    return f"not JSON: {said}, at character {place + 1:,}"


class _Object(dict[str, object]):
    """An object, and which of its names stands there twice."""

    twice = ""


def _object(pairs: list[tuple[str, object]]) -> _Object:
    found = _Object(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        found.twice = next(name for name in names if names.count(name) > 1)
    return found


def _inputs(value: object) -> dict[str, object]:
    if isinstance(value, _Object):
        if value.twice:
            raise InputError(f"{value.twice[:40]} is given twice", hint="Give it once.")
        return value
    what = "a list" if isinstance(value, list) else repr(value)[:40]
    raise InputError(
        f"{what} is no question", hint='Give an object of inputs, such as {"instance": "m5.large"}.'
    )


class _Array:
    """The text of an array, of which no more is held than the item that is being read."""

    def __init__(self, pieces: Iterator[bytes], line: int) -> None:
        self._pieces = pieces
        self._decode = codecs.getincrementaldecoder("utf-8-sig")().decode
        self.line = line
        """Line of the next character."""
        self.text = ""
        """What was read and not used yet."""
        self._is_at_end = False

    def read(self, wanted: int) -> bool:
        """Read so many characters or a little more; return whether there was anything."""
        parts = []
        while wanted > 0 and not self._is_at_end:
            data = next(self._pieces, b"")
            self._is_at_end = not data
            try:
                parts.append(self._decode(data, final=not data))
            except UnicodeDecodeError:
                raise InputError("not UTF-8 text", hint="Save the file as UTF-8.") from None
            wanted -= len(parts[-1])
        self.text += "".join(parts)
        return bool(parts and any(parts))

    def take(self, count: int) -> None:
        """Use characters up."""
        self.line += self.text.count("\n", 0, count)
        self.text = self.text[count:]

    def next_mark(self) -> str:
        """Return the next character that is not white space, without using it up; empty at the end."""
        while True:
            space = len(self.text) - len(self.text.lstrip())
            self.take(space)
            if self.text or not self.read(1):
                return self.text[:1]

    def item(self) -> object:
        """Return the next item and use it up.

        Raises:
            InputError: it is not JSON; nothing after it can be read.
        """
        decoder = json.JSONDecoder(object_pairs_hook=_object)
        while True:
            try:
                value, end = decoder.raw_decode(self.text)
                # A number at the very end may go on in the next piece.
                if end < len(self.text) or not self.read(1):
                    self.take(end)
                    return value
            except json.JSONDecodeError as error:
                cut = error.pos >= len(self.text) - _LONGEST_ESCAPE or error.msg.startswith("Unterminated")
                # Twice as much each time: an item of any length is parsed a few times only.
                if cut and len(self.text) <= LONGEST_RECORD and self.read(max(len(self.text), _PIECE)):
                    continue
                raise InputError(
                    _not_json(error, error.pos), hint="What follows in the array was not read."
                ) from None
            except (RecursionError, ValueError):
                raise InputError(
                    "not usable JSON: nested too deeply, or a number too long",
                    hint="What follows in the array was not read.",
                ) from None


def _array(pieces: Iterator[bytes], line: int) -> Iterator[Record]:
    array = _Array(pieces, line)
    try:
        array.next_mark()
        array.take(len("["))
        mark = array.next_mark()
        while mark != "]":
            begins = array.line
            try:
                value = array.item()
            except InputError as problem:
                yield Record(begins, problem=problem)
                return
            try:
                yield Record(begins, _inputs(value))
            except InputError as problem:
                yield Record(begins, problem=problem)
            mark = array.next_mark()
            if mark == ",":
                array.take(1)
                mark = array.next_mark()
                if mark != "]":
                    continue
            if mark != "]":
                missing = "a comma" if mark else "the closing ]"
                raise InputError(f"{missing} is missing", hint="What follows in the array was not read.")
        array.take(1)
        if array.next_mark():
            raise InputError("something follows the array", hint="Give one array.")
    except InputError as problem:
        yield Record(array.line, problem=problem)
