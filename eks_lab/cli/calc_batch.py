"""Many questions to one calculator: records in, one JSON answer a line out, in order.

The input is read as it comes and never held as a whole, so that a pipe of any length works.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, BinaryIO

import click

from eks_lab.calc.export import answer_json
from eks_lab.calc.forms import read_inputs
from eks_lab.cli.batch_records import Record, records
from eks_lab.errors import EksLabError, InputError
from eks_lab.locations import expanded

if TYPE_CHECKING:
    from eks_lab.calc.model import Calculator

_FILE_KEY = "file"
_FILE_MARK = "@"


def answer_batch(calculator: Calculator, file_name: str, fixed: Mapping[str, object]) -> int:
    """Answer every record of a file on standard output.

    Args:
        calculator: whom to ask.
        file_name: CSV or JSON; `-` for standard input.
        fixed: inputs for every record that does not give them itself.

    Returns:
        The exit code: 0 when every record was answered, else 1.

    Raises:
        InputError: the file cannot be opened.
    """
    code = 0
    with ExitStack() as stack:
        stream = sys.stdin.buffer if file_name == "-" else stack.enter_context(_open(file_name))
        try:
            for record in records(stream, [field.name for field in calculator.inputs]):
                document = _answer(calculator, record, fixed)
                code = 1 if "error" in document else code
                # Each line leaves at once: whoever reads the pipe may be waiting for it.
                click.echo(json.dumps(document, ensure_ascii=False))
        except OSError as error:
            if isinstance(error, BrokenPipeError):
                raise
            raise InputError(
                f"batch: {file_name} cannot be read: {(error.strerror or str(error)).lower()}",
                hint="Check its name and permissions.",
            ) from None
    return code


def _open(file_name: str) -> BinaryIO:
    path = expanded(file_name)
    if path.is_dir():
        raise InputError(f"batch: {file_name} is a folder", hint="Name a CSV or JSON file inside it.")
    try:
        return path.open("rb")
    except FileNotFoundError:
        raise InputError(
            f"batch: there is no file {file_name}", hint="Check the name, or leave it out for standard input."
        ) from None
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise InputError(
            f"batch: {file_name} cannot be read: {reason}", hint="Check its name and permissions."
        ) from None


def _answer(calculator: Calculator, record: Record, fixed: Mapping[str, object]) -> dict[str, Any]:
    """Return the answer to one record, or what is wrong with it."""
    from eks_lab.cli.calc import filled_today

    try:
        if record.problem is not None:
            raise record.problem
        own = _with_files(calculator, _by_name(calculator, record.values), is_table=record.is_table)
        given = filled_today(calculator, {**fixed, **own})
        return answer_json(calculator.compute(read_inputs(calculator, given)))
    except EksLabError as error:
        hint = {"hint": error.hint} if error.hint else {}
        return {"line": record.line, "error": error.message, **hint}
    except Exception as error:  # noqa: BLE001 - an edge: one defect must not cost the other lines their answers
        from eks_lab.logfile import log_exception

        where = log_exception(error)
        said = f"this should not have happened: {type(error).__name__}: {error}"
        return {"line": record.line, "error": said, "hint": f"Details are in {where}." if where else ""}


def _by_name(calculator: Calculator, values: Mapping[str, object]) -> dict[str, object]:
    """Return a record's values by input name, so that they replace fixed ones however they are spelled."""
    known = {field.name for field in calculator.inputs}
    named: dict[str, object] = {}
    for key, value in values.items():
        name = key.strip().lower().replace("-", "_")
        if name in known and name in named:
            raise InputError(f"{name} is given twice", hint="Give it once, with dashes or underscores.")
        named[name if name in known else key] = value
    return named


def _with_files(calculator: Calculator, values: dict[str, object], *, is_table: bool) -> dict[str, object]:
    """Return values with texts in place of named files: {"file": NAME} in JSON, @NAME in a table."""
    from eks_lab.tui.documents import read_document

    for field in calculator.inputs:
        value = values.get(field.name)
        if field.kind != "document":
            continue
        if isinstance(value, dict) and list(value) == [_FILE_KEY] and isinstance(value[_FILE_KEY], str):
            values[field.name] = read_document(field.name, value[_FILE_KEY])
        elif is_table and isinstance(value, str) and value.startswith(_FILE_MARK):
            values[field.name] = read_document(field.name, value.removeprefix(_FILE_MARK))
    return values
