"""Quote a file beside a lesson, whole or in part."""

from __future__ import annotations

import re
import textwrap
from pathlib import Path, PurePosixPath

import yaml

from eks_lab.content.files import is_inside, is_there, read_text
from eks_lab.content.yaml_text import CourseYamlError, compose_yaml
from eks_lab.errors import ContentError

LANGUAGES = {
    ".yaml": "yaml", ".yml": "yaml", ".json": "json", ".tf": "hcl", ".hcl": "hcl", ".tfvars": "hcl",
    ".sh": "bash", ".toml": "toml", ".ini": "ini", ".conf": "ini", ".txt": "text", ".log": "text", ".csv": "text",
    ".md": "markdown",
}  # fmt: skip
_NUMBER = re.compile(r"[0-9]{1,9}")
"""Of a line, document or item: neither `²`, which is a digit to Python, nor more than any file has."""


def language_of(src: str) -> str:
    """Return the language of a file by its name; `text` when it says nothing."""
    path = PurePosixPath(src)
    return "dockerfile" if path.name == "Dockerfile" else LANGUAGES.get(path.suffix, "text")


def resolve_quote(folder: Path, src: str) -> Path:
    """Return the quoted file.

    Args:
        folder: the lesson's folder.
        src: relative path with forward slashes.

    Raises:
        ContentError: absolute, `..`, a link that leads out of the folder, or missing.
    """
    relative = PurePosixPath(src)
    if not src or relative.is_absolute() or ".." in relative.parts or "\\" in src:
        raise ContentError(
            f"src={src!r} is not a file of this lesson.", hint="Write a path below the lesson's folder."
        )
    path = folder / relative
    if not is_inside(path, folder):
        raise ContentError(
            f"src={src!r} leads outside the lesson.", hint="Put the file itself into the folder."
        )
    if not is_there(path):
        raise ContentError(f"src={src!r} does not exist.", hint="Write the file beside lesson.md.")
    return path


def quote_file(folder: Path, src: str, *, part: str = "", lines: str = "") -> str:
    """Return the quoted text without its common indentation.

    Args:
        folder: the lesson's folder.
        src: the file.
        part: a path of keys in YAML or JSON, such as `spec.template.0.name`; a first number followed by
            a colon picks a document: `1:spec`.
        lines: `12-30` or `12`, counted from 1.

    Raises:
        ContentError: the file, the part or the lines do not exist.
    """
    text = read_text(resolve_quote(folder, src)).rstrip("\n")
    if part and lines:
        raise ContentError(f"{src}: part and lines together.", hint="Use one of them.")
    if part:
        return _part(text, src, part)
    if lines:
        return _lines(text, src, lines)
    return text


def _lines(text: str, src: str, lines: str) -> str:
    first, _, last = lines.partition("-")
    rows = text.split("\n")
    if not _NUMBER.fullmatch(first) or not _NUMBER.fullmatch(last or first):
        raise ContentError(f"{src}: lines={lines!r} is no range.", hint="Write lines=12-30.")
    start, end = int(first), int(last or first)
    if not 1 <= start <= end <= len(rows):
        raise ContentError(
            f"{src}: lines={lines!r}, but the file has {len(rows)} lines.", hint="Write another range."
        )
    return textwrap.dedent("\n".join(rows[start - 1 : end]))


def _part(text: str, src: str, part: str) -> str:
    number, colon, path = part.partition(":")
    number, path = (number, path) if colon and _NUMBER.fullmatch(number) else ("0", part)
    try:
        documents = compose_yaml(text)
    except CourseYamlError as error:
        raise ContentError(
            f"{src}:{error.problem.line}: {error.problem.message}", hint=error.problem.fix
        ) from error
    if int(number) >= len(documents):
        raise ContentError(
            f"{src}: there is no document {number}.", hint=f"It has {len(documents)}, counted from 0."
        )
    node = documents[int(number)]
    start = node.start_mark
    for key in path.split("."):
        found = _step(node, key)
        if found is None:
            raise ContentError(
                f"{src}: part={part!r}: nothing is at {key!r}.", hint="Write the keys as in the file."
            )
        start, node = found
    rows = text.split("\n")
    chosen = rows[start.line : max(_end_line(node), start.line + 1)]
    while chosen and (not chosen[-1].strip() or chosen[-1].strip() == "---"):
        chosen.pop()
    return textwrap.dedent("\n".join(chosen))


def _end_line(node: yaml.Node) -> int:
    """Return the line after a node; a block collection's own end mark is where the next thing starts."""
    if isinstance(node, yaml.MappingNode) and not node.flow_style and node.value:
        return _end_line(node.value[-1][1])
    if isinstance(node, yaml.SequenceNode) and not node.flow_style and node.value:
        return _end_line(node.value[-1])
    return node.end_mark.line + (1 if node.end_mark.column > 0 else 0)


def _step(node: yaml.Node, key: str) -> tuple[yaml.Mark, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key_node, value_node in node.value:
            if key_node.value == key:
                return key_node.start_mark, value_node
    elif isinstance(node, yaml.SequenceNode) and _NUMBER.fullmatch(key) and int(key) < len(node.value):
        item = node.value[int(key)]
        return item.start_mark, item
    return None
