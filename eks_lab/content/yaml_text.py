"""YAML that remembers its lines and refuses what course files have no use for.

Anchors and aliases are refused: nobody needs them here, and nested aliases ("billion laughs") expand
to gigabytes. Tags are refused: what they make (sets, bytes) no course file has. Duplicate keys are refused: one of them is a mistake.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import yaml

from eks_lab.content.files import HEEDED, code_of
from eks_lab.content.findings import Problem

Location = tuple[str | int, ...]
DEEPEST = 100
"""Manifests of CRDs stay far below; some thousands would exhaust the stack of the parser written in C."""
LONGEST_NUMBER = 300
"""Digits of a whole number: longer ones fit no fraction, and Python refuses to print those of some thousands."""
_MADE_BY_TAGS = frozenset(f"tag:yaml.org,2002:{name}" for name in ("binary", "omap", "pairs", "set"))
_NO_NAMES = frozenset(f"tag:yaml.org,2002:{name}" for name in ("int", "float", "bool", "null", "timestamp"))
"""Of a key: `1:`, `on:` and `2026-01-01:` are names in no field, and no JSON can hold some of them."""
_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class YamlDocument:
    """A parsed document."""

    value: Any
    """Plain Python values."""
    lines: dict[Location, int]
    """Line of each key or item, from 1."""

    def line_of(self, location: Location) -> int:
        """Return the line of a location or of the nearest thing above it."""
        for end in range(len(location), -1, -1):
            line = self.lines.get(location[:end])
            if line is not None:
                return line
        return 1


class CourseYamlError(Exception):
    """The text is no YAML that a course file may hold."""

    def __init__(self, problem: Problem) -> None:
        """Carry the problem."""
        super().__init__(problem.message)
        self.problem = problem


def compose_yaml(text: str, first_line: int = 1) -> list[yaml.Node]:
    """Return the node trees of a text, one a document.

    Args:
        text: one or several YAML documents.
        first_line: line of the text's first line in its file.

    Raises:
        CourseYamlError: a syntax error, an anchor or an alias, or values nested too deeply.
    """
    try:
        depth = 0
        for event in yaml.parse(text, Loader=_Loader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
            if depth > DEEPEST:
                raise CourseYamlError(
                    Problem(
                        first_line + (event.start_mark.line if event.start_mark else 0),
                        "yaml-deep",
                        f"more than {DEEPEST} values inside each other",
                        "Write it flatter.",
                    )
                )
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise CourseYamlError(
                    Problem(
                        first_line + (event.start_mark.line if event.start_mark else 0),
                        "yaml-alias",
                        "anchors and aliases (& and *) are not supported in course files",
                        "Write the value out in both places.",
                    )
                )
        return [node for node in yaml.compose_all(text, Loader=_Loader) if node is not None]
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark is not None else 0)
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise CourseYamlError(
            Problem(line, "yaml-syntax", f"not valid YAML: {what}", _syntax_advice(text, line - first_line))
        ) from error


def _syntax_advice(text: str, at: int) -> str:
    lines = text.split("\n")
    indentation = lines[at][: -len(lines[at].lstrip())] if at < len(lines) else ""
    if "\t" in indentation:
        return "Indent with spaces: YAML takes no tab there."
    return "Check indentation, quotes and colons."


def parse_yaml(text: str, first_line: int = 1) -> YamlDocument:
    """Return the first document of a text with the line of every key.

    Raises:
        CourseYamlError: not YAML, several documents, an alias, a duplicate key, or a tag.
    """
    nodes = compose_yaml(text, first_line)
    if len(nodes) > 1:
        line = first_line + nodes[1].start_mark.line
        raise CourseYamlError(Problem(line, "yaml-documents", "more than one document", "Keep one per file."))
    lines: dict[Location, int] = {(): first_line}
    if not nodes:
        return YamlDocument(None, lines)
    _note_lines(nodes[0], (), lines, first_line)
    try:
        value = yaml.load(text, Loader=_Loader)
    except (yaml.YAMLError, ValueError, LookupError, AttributeError) as error:
        # The last two: PyYAML looks at what `!!bool maybe` or `!!timestamp soon` is only after it has believed it.
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark is not None else 0)
        what = getattr(error, "problem", None) or str(error).splitlines()[0]
        raise CourseYamlError(
            Problem(
                line, "yaml-value", f"a value cannot be read: {what}", "Quote it, or write a plain value."
            )
        ) from error
    return YamlDocument(value, lines)


def _note_lines(node: yaml.Node, at: Location, lines: dict[Location, int], first_line: int) -> None:
    _refuse(node, first_line)
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            _refuse(key_node, first_line)
            key = str(key_node.value)
            if key_node.tag in _NO_NAMES:
                what = f"the name {key!r} is no text"
                raise CourseYamlError(
                    Problem(first_line + key_node.start_mark.line, "yaml-value", what, "Put it into quotes.")
                )
            line = first_line + key_node.start_mark.line
            if (*at, key) in lines:
                raise CourseYamlError(
                    Problem(line, "yaml-duplicate", f"the key {key!r} stands twice", "Remove one of them.")
                )
            lines[(*at, key)] = line
            _note_lines(value_node, (*at, key), lines, first_line)
    elif isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            lines[(*at, number)] = first_line + item.start_mark.line
            _note_lines(item, (*at, number), lines, first_line)


def _refuse(node: yaml.Node, first_line: int) -> None:
    """Refuse a value that YAML knows and a course file has no use for."""
    line = first_line + node.start_mark.line
    if node.tag in _MADE_BY_TAGS:
        tag = node.tag.rpartition(":")[2]
        raise CourseYamlError(
            Problem(
                line, "yaml-value", f"the tag !!{tag} is not supported", "Write a list, a mapping or a text."
            )
        )
    if not isinstance(node, yaml.ScalarNode):
        return
    if node.tag == "tag:yaml.org,2002:int" and len(node.value) > LONGEST_NUMBER:
        what = f"a number of {len(node.value):,} characters"
        raise CourseYamlError(Problem(line, "yaml-value", what, f"At most {LONGEST_NUMBER} are read."))
    if (heeded := HEEDED.search(node.value)) is not None:
        what = f"a text has the invisible character {code_of(heeded[0])}"
        raise CourseYamlError(Problem(line, "yaml-value", what, "Delete it: terminals obey it."))
