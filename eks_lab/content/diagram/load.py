"""Reading diagram files: YAML, then the model, then whether every reference leads somewhere."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from eks_lab.content.diagram.model import Diagram
from eks_lab.content.diagram.references import reference_troubles
from eks_lab.content.diagram.source import Lines, Trouble
from eks_lab.content.files import read_inside
from eks_lab.content.validate import validate
from eks_lab.content.yaml_text import CourseYamlError, parse_yaml
from eks_lab.errors import ContentError

FOLDER = "diagrams"
"""Folder under the lessons root that holds one file a diagram."""


@dataclass(frozen=True, slots=True)
class ReadDiagram:
    """A diagram whose form is right."""

    diagram: Diagram
    lines: Lines


def diagram_ids(root: Path) -> list[str]:
    """Return the ids of all diagrams under a lessons folder, sorted.

    Args:
        root: the lessons folder.
    """
    return sorted(path.stem for path in (root / FOLDER).glob("*.yaml"))


def load_diagram(root: Path, diagram_id: str) -> Diagram:
    """Read one diagram.

    Args:
        root: the lessons folder.
        diagram_id: name of the file without `.yaml`.

    Returns:
        The diagram, of the right form and with every reference leading somewhere. Whether the picture
        is readable is for `check_diagram`.

    Raises:
        ContentError: there is no such diagram, or its file is not usable; the message names file and line.
    """
    known = diagram_ids(root)
    if diagram_id not in known:
        hint = f"There are: {', '.join(known)}." if known else f"Put it into {FOLDER}/{diagram_id}.yaml."
        raise ContentError(f"There is no diagram {diagram_id!r}.", hint=hint)
    read = read_diagram(root / FOLDER / f"{diagram_id}.yaml")
    if isinstance(read, ReadDiagram):
        return read.diagram
    first = read[0]
    raise ContentError(f"{FOLDER}/{diagram_id}.yaml:{first.line}: {first.message}", hint=first.fix)


def read_diagram(path: Path) -> ReadDiagram | list[Trouble]:
    """Read a diagram file, or say everything that is wrong with its form.

    Args:
        path: the YAML file.

    Returns:
        The diagram with the lines of its parts; or at least one trouble: an unreadable file, broken
        YAML, unknown or missing fields, ids used twice, references that lead nowhere.
    """
    try:
        text = read_inside(path, path.parent.parent)
    except ContentError as error:
        why = error.message.replace(f"{path} ", "it ", 1)
        return [Trouble(1, f"cannot be read: {why}", error.hint)]
    try:
        document = parse_yaml(text)
    except CourseYamlError as error:
        return [Trouble(error.problem.line, error.problem.message, error.problem.fix)]
    diagram, problems = validate(Diagram, document)
    if diagram is None:
        return [Trouble(problem.line, problem.message, problem.fix) for problem in problems]
    lines = Lines(document)
    return reference_troubles(diagram, lines, path.stem) or ReadDiagram(diagram, lines)
