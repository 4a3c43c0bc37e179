"""Reads `lab.yaml`: parse, draw variables, fill templates, validate, and check what a schema cannot say.

Every mistake comes out as file, line, what is wrong and what to write.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from eks_lab.content.findings import Finding, Problem, locate
from eks_lab.content.template import fill, fill_value
from eks_lab.content.validate import validate
from eks_lab.content.variables import Variable, drawn
from eks_lab.content.yaml_text import CourseYamlError, Location, YamlDocument, parse_yaml
from eks_lab.errors import ContentError, EksLabError
from eks_lab.grading.meaning import meaning
from eks_lab.grading.model import LabFile
from eks_lab.grading.pack import LAB_FILE, Pack, open_pack

DEFAULT_SEED = 7


class LabFileError(ContentError):
    """A lab whose files are not usable; carries every finding."""

    def __init__(self, findings: list[Finding]) -> None:
        """Say what is wrong.

        Args:
            findings: at least one.
        """
        first = findings[0]
        more = f" (and {len(findings) - 1} more)" if len(findings) > 1 else ""
        super().__init__(f"{first.path}:{first.line}: {first.message}{more}", hint=first.fix)
        self.findings = findings


@dataclass(frozen=True)
class Lab:
    """One lab with its variables drawn and its texts filled."""

    file: LabFile
    pack: Pack
    seed: int
    values: Mapping[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Return the lab's id."""
        return self.file.id

    def text(self, name: str) -> str:
        """Return a file of the lab with its variables put in.

        Args:
            name: `story.md`, `files/web.yaml`.

        Raises:
            ContentError: no such file, or its template cannot be filled.
        """
        return fill(self.pack.read(name), self.values, str(self.pack.root / name))

    @property
    def story(self) -> str:
        """Return the story, Markdown."""
        return self.text(self.file.story)

    @property
    def debrief(self) -> str:
        """Return the debrief, Markdown."""
        return self.text(self.file.debrief)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Variables:
    vars: dict[str, Variable] = field(default_factory=dict)


def load_lab(folder: Path, seed: int = DEFAULT_SEED) -> Lab:
    """Return a lab.

    Args:
        folder: that holds lab.yaml.
        seed: of its variables.

    Raises:
        LabFileError: its files hold mistakes; the first is the message.
        ContentError: the pack is unsafe or cannot be read.
    """
    lab, findings = read_lab(folder, seed)
    if lab is None or findings:
        raise LabFileError(findings)
    return lab


def read_lab(folder: Path, seed: int = DEFAULT_SEED) -> tuple[Lab | None, list[Finding]]:
    """Return a lab, or None, and every mistake in its files.

    Args:
        folder: that holds lab.yaml.
        seed: of its variables.

    Raises:
        ContentError: the pack is unsafe or cannot be read.
    """
    pack = open_pack(folder)
    path = (folder / LAB_FILE).as_posix()

    def placed(problems: list[Problem]) -> list[Finding]:
        return sorted({locate(path, each) for each in problems})

    try:
        document = parse_yaml(pack.read(LAB_FILE))
    except CourseYamlError as error:
        return None, placed([error.problem])
    if not isinstance(document.value, dict):
        return None, placed([Problem(1, "lab-empty", "this is no mapping", "Start with `id:` and `title:`.")])
    raw = document.value.get("vars", {})
    variables, problems = validate(_Variables, YamlDocument({"vars": raw}, document.lines))
    if variables is None:
        return None, placed(problems)
    try:
        values = drawn(variables.vars, str(document.value.get("id", "")), seed, path)
    except EksLabError as error:
        line = document.line_of(("vars",))
        return None, placed([Problem(line, "lab-vars", error.message.removeprefix(f"{path}: "), error.hint)])
    filled = {
        name: value if name == "vars" else _filled(value, (name,), values, document, problems)
        for name, value in document.value.items()
    }
    if problems:
        return None, placed(problems)
    lab_file, problems = validate(LabFile, YamlDocument(filled, document.lines))
    if lab_file is None:
        return None, placed(problems)
    lab = Lab(lab_file, pack, seed, values)
    return lab, placed(meaning(lab_file, document, pack))


def _filled(
    value: Any, at: Location, values: Mapping[str, Any], document: YamlDocument, problems: list[Problem]
) -> Any:
    if isinstance(value, dict):
        return {
            key: _filled(each, (*at, str(key)), values, document, problems) for key, each in value.items()
        }
    if isinstance(value, list):
        return [_filled(each, (*at, number), values, document, problems) for number, each in enumerate(value)]
    try:
        return fill_value(value, values, "")
    except ContentError as error:
        says = error.message.removeprefix(": ")
        problems.append(Problem(document.line_of(at), "lab-template", says, error.hint))
        return value
