"""YAML and JSON texts as documents that know their lines.

Values are read as kubectl's YAML library (sigs.k8s.io/yaml, goyaml v2) reads them: `y`, `n`, `on`
and `off` are booleans, `010` is octal, `22:22` is text. Nothing here hangs: size, depth and the
growth of aliases are bounded before anything is built.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml
from yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode

from eks_lab.kube.structure import Path

LARGEST = 8 * 1024 * 1024
"""Bytes of one file; the largest published install manifests have 4 MB."""
_DEEPEST = 150
_MOST_NODES = 2_000_000
_SUSPICIOUS = 1_500
_RUN_OF_DASHES = re.compile(r"(?:[-?] +){100}")
_PREFIX = "tag:yaml.org,2002:"
_NULLS = frozenset(("", "~", "null", "Null", "NULL"))
_TRUE = frozenset("true True TRUE yes Yes YES on On ON y Y".split())  # noqa: SIM905
_FALSE = frozenset("false False FALSE no No NO off Off OFF n N".split())  # noqa: SIM905
_PLAIN_BOOLEANS = frozenset(("true", "True", "TRUE", "false", "False", "FALSE"))
_INTEGER = re.compile(r"[-+]?(?:0b[01_]+|0o?[0-7_]+|0x[0-9a-fA-F_]+|[0-9][0-9_]*)")
_FLOAT = re.compile(r"[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?")
_NAMED_FLOATS = {
    ".inf": float("inf"), ".Inf": float("inf"), ".INF": float("inf"), "+.inf": float("inf"),
    "-.inf": float("-inf"), ".nan": float("nan"), ".NaN": float("nan"), ".NAN": float("nan"),
}  # fmt: skip
_TEMPLATE = re.compile(r"\{\{-?\s*[.$\w(]")


class UnreadableError(Exception):
    """A text that cannot be judged: why, where, and what to do."""

    def __init__(self, message: str, fix: str, line: int = 0) -> None:
        """Keep the parts of a finding."""
        super().__init__(message)
        self.message = message
        self.fix = fix
        self.line = line


@dataclass(frozen=True, slots=True)
class Surprise:
    """Something YAML reads differently from what a person meant."""

    kind: str
    """`duplicate-key`, `boolean`, `number` or `octal`."""
    line: int
    path: Path
    text: str
    """As written."""
    value: Any
    """As read."""


@dataclass(slots=True)
class Document:
    """One YAML document or JSON object of a file."""

    file: str
    line: int
    value: Any
    surprises: list[Surprise] = field(default_factory=list)
    root: Node | None = None

    def line_of(self, path: Path) -> int:
        """Return where a field stands, or its nearest ancestor that is written out, counted from 1."""
        node, line = self.root, self.line
        for step in path:
            found: Node | None = None
            if isinstance(node, MappingNode):
                for key, value in node.value:
                    if isinstance(key, ScalarNode) and key.value == step:
                        line, found = key.start_mark.line + 1, value
            elif isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
                found = node.value[step]
                line = found.start_mark.line + 1
            if found is None:
                return line
            node = found
        return line


def _resolved(text: str) -> str:
    """Return the tag of a plain scalar, as goyaml v2 resolves it."""
    if text in _NULLS:
        return "null"
    first = text[0]
    if first.isdigit() or first in "+-.":
        if _INTEGER.fullmatch(text):
            return "int"
        if _FLOAT.fullmatch(text) or text in _NAMED_FLOATS:
            return "float"
    elif text in _TRUE or text in _FALSE:
        return "bool"
    elif text == "<<":
        return "merge"
    return "str"


class _Composer(yaml.CSafeLoader):
    """Composes nodes with kubectl's idea of plain scalars; builds nothing."""

    def resolve(self, kind: type[Node], value: Any, implicit: Any) -> str:
        if kind is ScalarNode:
            return _PREFIX + (_resolved(value) if implicit[0] else "str")
        return _PREFIX + ("map" if kind is MappingNode else "seq")

    def descend_resolver(self, current_node: Node | None, current_index: Any) -> None:
        """Path resolvers are not used."""

    def ascend_resolver(self) -> None:
        """Path resolvers are not used."""


def read_documents(file: str, text: str) -> Iterator[Document]:
    """Yield the documents of a file; empty ones are left out.

    Args:
        file: its name, for the documents; `.json` is read as JSON.
        text: its content.

    Raises:
        UnreadableError: it is too large, binary, no YAML, nested too deeply or a bomb of aliases. Documents
            before the broken one have been yielded.
    """
    if len(text) > LARGEST:
        raise UnreadableError(
            f"the file has {len(text) / 2**20:.0f} MB; the checker reads up to {LARGEST // 2**20} MB",
            "Split it into files of one application each.",
        )
    if "\x00" in text or "\ufffd" in text[:4096]:
        raise UnreadableError(
            "the file is binary, not YAML or JSON", "Name the manifest, not an archive or image."
        )
    text = text.removeprefix("\ufeff")
    if file.endswith(".json") or text.lstrip()[:1] == "{":
        text = _json_as_yaml(file, text)
    _check_depth(text)
    loader = _Composer(text)
    try:
        while loader.check_node():
            node = loader.get_node()
            if node is None or (isinstance(node, ScalarNode) and node.tag == _PREFIX + "null"):
                continue
            yield _document(file, node)
    except yaml.MarkedYAMLError as error:
        raise _syntax_error(error, text) from error
    except yaml.YAMLError as error:
        raise UnreadableError(f"no YAML: {error}", "Write it as UTF-8 text.") from error
    finally:
        loader.dispose()


def _json_as_yaml(file: str, text: str) -> str:
    """Return JSON with the tabs between its tokens as spaces, which YAML wants; lines stay where they are."""
    if file.endswith(".json"):
        try:
            json.loads(text)
        except (ValueError, RecursionError) as error:
            line = error.lineno if isinstance(error, json.JSONDecodeError) else 0
            said = error.msg if isinstance(error, json.JSONDecodeError) else "nested too deeply"
            raise UnreadableError(f"no JSON: {said}", "Correct the JSON at this line.", line) from error
    return text.replace("\t", " ")


def _check_depth(text: str) -> None:
    """Refuse what would overflow the parser's stack, by its events, which need none."""
    indented = any(line.startswith(" " * _SUSPICIOUS) for line in text.splitlines())
    if text.count("[") + text.count("{") < _SUSPICIOUS and not indented and not _RUN_OF_DASHES.search(text):
        return
    depth = 0
    try:
        for event in yaml.parse(text, Loader=yaml.CSafeLoader):
            if isinstance(event, yaml.CollectionStartEvent):
                depth += 1
                if depth > _DEEPEST:
                    line = event.start_mark.line + 1 if event.start_mark is not None else 0
                    raise UnreadableError(
                        f"nested more than {_DEEPEST} levels deep", "A manifest needs a dozen levels.", line
                    )
            elif isinstance(event, yaml.CollectionEndEvent):
                depth -= 1
    except yaml.YAMLError:
        # The composer meets the same error and words it.
        return


def _syntax_error(error: yaml.MarkedYAMLError, text: str) -> UnreadableError:
    mark = error.problem_mark or error.context_mark
    line = mark.line + 1 if mark is not None else 0
    lines = text.splitlines()
    written = lines[line - 1] if 0 < line <= len(lines) else ""
    problem = error.problem or "it cannot be read"
    if _TEMPLATE.search(written) or (_TEMPLATE.search(text) and "{{" in text[:4096]):
        return UnreadableError(
            "this is a Helm template, not YAML yet", "Run `helm template` and check its output.", line
        )
    start = error.context_mark.line + 1 if error.context_mark is not None else line
    before = lines[max(0, line - 2) : line]
    if "\t" in "".join(before) and ("tab" in problem or "token" in problem or "expected" in problem):
        return UnreadableError(
            f"a tab stands in the indentation near line {line}; YAML allows only spaces",
            "Replace each tab by two spaces.",
            line,
        )
    if "quoted scalar" in (error.context or ""):
        return UnreadableError(
            f"the quote opened on line {start} is never closed", "Close the quote on its line.", start
        )
    context = f"{error.context}: " if error.context else ""
    return UnreadableError(
        f"no YAML: {context}{problem}",
        "Compare the indentation of this line with the one above it; every list item of a list starts in the "
        "same column.",
        line,
    )


def _document(file: str, node: Node) -> Document:
    document = Document(file, node.start_mark.line + 1, None, root=node)
    _check_growth(node)
    document.value = _Builder(document).build(node, (), 0)
    return document


def _check_growth(root: Node) -> None:
    """Refuse aliases that would grow beyond reason, by counting what they stand for without building it."""
    sizes: dict[int, int] = {}

    def size(node: Node, depth: int) -> int:
        known = sizes.get(id(node))
        if known is not None:
            return known
        if depth > _DEEPEST:
            raise UnreadableError(
                f"nested more than {_DEEPEST} levels deep",
                "A manifest needs a dozen levels.",
                node.start_mark.line + 1,
            )
        # An alias to an ancestor would be endless; it counts as one here and is refused by depth.
        sizes[id(node)] = _MOST_NODES
        total = 1
        if isinstance(node, SequenceNode):
            total += sum(size(item, depth + 1) for item in node.value)
        elif isinstance(node, MappingNode):
            total += sum(1 + size(value, depth + 1) for _, value in node.value)
        sizes[id(node)] = total
        return total

    if size(root, 0) > _MOST_NODES // 2:
        raise UnreadableError(
            "its anchors and aliases grow beyond a million values when they are written out",
            "Write the values out, or use fewer aliases.",
            root.start_mark.line + 1,
        )


class _Builder:
    """Builds plain values of nodes and notes what surprises."""

    def __init__(self, document: Document) -> None:
        self._document = document
        self._built: dict[int, Any] = {}

    def build(self, node: Node, path: Path, depth: int) -> Any:
        if isinstance(node, ScalarNode):
            return self._scalar(node, path)
        known = self._built.get(id(node))
        if known is not None:
            return known
        if isinstance(node, SequenceNode):
            items: list[Any] = []
            self._built[id(node)] = items
            items.extend(
                self.build(item, (*path, position), depth + 1) for position, item in enumerate(node.value)
            )
            return items
        assert isinstance(node, MappingNode)
        mapping: dict[str, Any] = {}
        self._built[id(node)] = mapping
        merged: dict[str, Any] = {}
        for key, value in node.value:
            if key.tag == _PREFIX + "merge":
                sources = self.build(value, path, depth + 1)
                for source in sources if isinstance(sources, list) else [sources]:
                    if isinstance(source, dict):
                        merged = {**source, **merged}
                continue
            name = self._key(key, path)
            if name in mapping:
                self._note("duplicate-key", key, (*path, name), key.value, None)
            mapping[name] = self.build(value, (*path, name), depth + 1)
        for name, value in merged.items():
            mapping.setdefault(name, value)
        return mapping

    def _key(self, key: Node, path: Path) -> str:
        if not isinstance(key, ScalarNode):
            raise UnreadableError(
                "a list or map stands where a key belongs", "Write a plain key.", key.start_mark.line + 1
            )
        if key.tag == _PREFIX + "bool":
            # kubectl turns the key into the text of the boolean.
            if key.value not in _PLAIN_BOOLEANS:
                self._note("boolean", key, path, key.value, key.value in _TRUE)
            return "true" if key.value in _TRUE else "false"
        return str(key.value)

    def _scalar(self, node: ScalarNode, path: Path) -> Any:
        text: str = node.value
        kind = node.tag.removeprefix(_PREFIX)
        if kind == "str" or kind == "merge":
            return text
        if kind == "null":
            return None
        if kind == "bool":
            if text not in _PLAIN_BOOLEANS:
                self._note("boolean", node, path, text, text in _TRUE)
            return text in _TRUE
        if kind == "int":
            return self._integer(node, path, text)
        if kind == "float":
            if text in _NAMED_FLOATS:
                return _NAMED_FLOATS[text]
            number = float(text)
            if text.endswith("0") and "." in text and "e" not in text.lower():
                self._note("number", node, path, text, number)
            return int(number) if number.is_integer() and abs(number) < 2**53 else number
        return text

    def _integer(self, node: ScalarNode, path: Path, text: str) -> Any:
        digits = text.replace("_", "")
        bare = digits.lstrip("+-")
        sign = -1 if digits.startswith("-") else 1
        if len(bare) > 40:
            return float(sign) * float("inf") if bare.isdecimal() and len(bare) > 300 else sign * int(bare, 0)
        if bare.startswith(("0b", "0x")):
            return sign * int(bare, 0)
        if len(bare) > 1 and bare.startswith("0"):
            octal = bare.removeprefix("0o")
            if all(digit in "01234567" for digit in octal):
                value = sign * int(octal, 8)
                self._note("octal", node, path, text, value)
                return value
            return sign * int(bare)
        return sign * int(bare)

    def _note(self, kind: str, node: Node, path: Path, text: str, value: Any) -> None:
        self._document.surprises.append(Surprise(kind, node.start_mark.line + 1, path, text, value))
