"""YAML text as numbered documents, safe against bombs, and quick for thousands of equal pods.

A text is cut at its `---` lines first: a message can then name the document, and of pods that differ
in nothing but their name only the first is parsed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from eks_lab.errors import InputError

if TYPE_CHECKING:
    import yaml

MOST_NODES = 1_000_000
"""Values in one document once its aliases are written out."""
DEEPEST = 100
"""Levels of nesting: manifests have some twenty."""
_SEPARATOR = re.compile(r"^---(?=[ \t\r\n]|\Z)", re.MULTILINE)
_VALUE_LINE = re.compile(
    r"^(  name: )([a-z][a-z0-9.-]*)(?=[ \t]*\r?$)"
    r"|^([ \t]+(?:cpu|memory): )((?:0|[1-9]\d{0,11})(?:\.\d{1,6})?(?:m|k|[KMGT]i?)?)(?=[ \t]*\r?$)",
    re.MULTILINE,
)
"""A name, or a quantity that stays the same whether YAML takes it for a number or for a string."""
_WORDS = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
_PLACEHOLDER = "eks-lab-value-"
_SUSPICIOUS = re.compile(r"[&*]\w|(?:[-?] ){40}|^ {200}", re.MULTILINE)
_MOST_BRACKETS = 60


@dataclass(frozen=True, slots=True)
class Document:
    """One document of a text."""

    number: int
    """From 1, as a reader counts them; empty ones count too."""
    content: Any
    """What the YAML says."""


def read_documents(text: str, field: str) -> Iterator[Document]:
    """Yield the documents of a YAML text that hold something.

    Args:
        text: one or several documents.
        field: name of the input, for messages.

    Raises:
        InputError: no YAML, or nested or aliased beyond reason; the message names the document.
    """
    templates: dict[str, Any] = {}
    starts = [match.end() for match in _SEPARATOR.finditer(text)]
    ends = [match.start() for match in _SEPARATOR.finditer(text)]
    chunks = [text[start:end] for start, end in zip([0, *starts], [*ends, len(text)], strict=True)]
    if starts and not _says_something(chunks[0]):
        chunks = chunks[1:]
    for number, chunk in enumerate(chunks, start=1):
        if not _says_something(chunk):
            continue
        content = _from_template(chunk, templates)
        if content is None:
            content = _parse(chunk, number, field)
        if content is not None:
            yield Document(number, content)


def _says_something(chunk: str) -> bool:
    return any(line.strip() and not line.lstrip().startswith(("#", "%")) for line in chunk.splitlines())


def _from_template(chunk: str, templates: dict[str, Any]) -> Any:
    """Return the content by way of an equal document with other values, None when that does not do.

    Name and plain quantities are cut out; documents that are equal without them have one template.
    """
    if _SUSPICIOUS.search(chunk):
        return None
    values: list[str] = []

    def cut(match: re.Match[str]) -> str:
        value = match[2] or match[4]
        if value in _WORDS:
            return match[0]
        values.append(value)
        return f"{match[1] or match[3]}{_PLACEHOLDER}{len(values) - 1}"

    shape = _VALUE_LINE.sub(cut, chunk)
    if not values:
        return None
    if shape not in templates:
        # The first of its kind is parsed as it is; a second one is worth a template.
        templates[shape] = None
        return None
    template = templates[shape]
    if template is None:
        try:
            content = _load(shape)
        except InputError:
            return None
        found: list[int] = []
        marks = _marks(content, found)
        template = templates[shape] = (content, marks if sorted(found) == list(range(len(values))) else None)
    content, marks = template
    return None if marks is None else _filled(content, marks, values)


def _marks(content: Any, found: list[int]) -> Any:
    """Return where placeholders stand, as nested mappings of key or position; None where there are none."""
    if isinstance(content, str):
        digits = content.removeprefix(_PLACEHOLDER)
        if digits is content or not (digits.isdecimal() and len(digits) < 10):
            return None
        found.append(int(digits))
        return int(digits)
    if isinstance(content, dict | list):
        items = content.items() if isinstance(content, dict) else enumerate(content)
        marks = {key: mark for key, value in items if (mark := _marks(value, found)) is not None}
        return marks or None
    return None


def _filled(content: Any, marks: Any, values: list[str]) -> Any:
    """Return a copy of the content with the values in place; what has none is shared."""
    if isinstance(marks, int):
        return values[marks]
    copied = content.copy()
    for key, mark in marks.items():
        copied[key] = _filled(content[key], mark, values)
    return copied


def _parse(chunk: str, number: int, field: str) -> Any:
    place = f"{field}, document {number}"
    brackets = chunk.count("[") + chunk.count("{")
    if brackets > _MOST_BRACKETS or _SUSPICIOUS.search(chunk):
        _refuse_bombs(chunk, place)
    return _load(chunk, place)


def _load(chunk: str, place: str = "") -> Any:
    import yaml

    try:
        return yaml.load(chunk, Loader=_loader())
    except (yaml.YAMLError, RecursionError, ValueError, TypeError, AttributeError) as error:
        raise _no_yaml(error, place) from None


def _loader() -> type[yaml.SafeLoader | yaml.CSafeLoader]:
    import yaml

    # libyaml is ten times as quick; wheels of PyYAML have it, a build from source may not.
    return getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def _no_yaml(error: Exception, place: str) -> InputError:
    mark = getattr(error, "problem_mark", None)
    line = f", line {mark.line + 1} of it" if mark is not None else ""
    problem = str(getattr(error, "problem", None) or "it cannot be read").replace("\n", " ")
    return InputError(
        f"{place}{line}: no YAML: {problem[:120]}",
        hint="Check indentation and quotes; kubectl apply --dry-run=client -f FILE reads the same text.",
    )


def _refuse_bombs(chunk: str, place: str) -> None:
    """Walk the events, which neither recurse nor write out aliases, and count what would come of them.

    Raises:
        InputError: nesting or aliases beyond reason.
    """
    import yaml

    sizes: dict[str, int] = {}
    open_nodes: list[tuple[str | None, int]] = []
    total = 0
    try:
        for event in yaml.parse(chunk, Loader=_loader()):
            if isinstance(event, yaml.AliasEvent):
                total += sizes.get(str(event.anchor), 1)
            elif isinstance(event, yaml.ScalarEvent):
                total += 1
                if event.anchor:
                    sizes[event.anchor] = 1
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                open_nodes.append((event.anchor, total))
                total += 1
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                anchor, before = open_nodes.pop()
                if anchor:
                    sizes[anchor] = total - before
            if len(open_nodes) > DEEPEST:
                raise InputError(
                    f"{place}: nested more than {DEEPEST} levels deep",
                    hint="No manifest needs that; check the brackets.",
                )
            if total > MOST_NODES:
                raise InputError(
                    f"{place}: its aliases stand for more than {MOST_NODES:,} values",
                    hint="Write the values out, or give fewer of them.",
                )
    except (yaml.YAMLError, ValueError, AttributeError) as error:
        raise _no_yaml(error, place) from None
