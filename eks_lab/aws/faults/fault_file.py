"""Reads fault files; every error names file and line."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files

from eks_lab.aws.faults.model import Fault
from eks_lab.content.validate import validate
from eks_lab.content.yaml_text import CourseYamlError, parse_yaml
from eks_lab.errors import ContentError

FOLDER = "faults"


def load_fault(text: str, file: str) -> Fault:
    """Return the fault of a YAML text.

    Args:
        text: one mapping.
        file: its name, for messages.

    Raises:
        ContentError: it is no YAML, or a field is wrong; the message begins with `file:line`.
    """
    try:
        document = parse_yaml(text)
    except CourseYamlError as error:
        problem = error.problem
        raise ContentError(f"{file}:{problem.line}: {problem.message}", hint=problem.fix) from error
    fault, problems = validate(Fault, document)
    if fault is None:
        first = problems[0]
        raise ContentError(f"{file}:{first.line}: {first.message}", hint=first.fix)
    if f"{fault.id}.yaml" != file.rpartition("/")[2]:
        line = document.line_of(("id",))
        raise ContentError(f"{file}:{line}: id: {fault.id!r} is not the file's name", hint="Make them equal.")
    return fault


@lru_cache(maxsize=1)
def packaged() -> tuple[Fault, ...]:
    """Return the faults that come with the program, by number and id.

    Raises:
        ContentError: a file is wrong.
    """
    folder = files("eks_lab.sim").joinpath(FOLDER)
    found = [
        load_fault(entry.read_text("utf-8"), f"sim/{FOLDER}/{entry.name}")
        for entry in sorted(folder.iterdir(), key=lambda each: each.name)
        if entry.name.endswith(".yaml")
    ]
    return tuple(sorted(found, key=lambda each: (each.number, each.id)))
