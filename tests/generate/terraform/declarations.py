"""What a configuration declares and what it refers to, read in the simplest way that could work."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import hcl2

from eks_lab.generate.model import Bundle

_COMMENT = re.compile(r"^\s*#.*$", re.MULTILINE)
_REFERENCE = re.compile(r"(?<![\w.-])(var|local|data\.\w+|aws_\w+)\.([A-Za-z_][\w-]*)")
_INTERPOLATION = re.compile(r"\$\{([^{}]*)\}")
_TEXT = re.compile(r'"((?:[^"\\]|\\.)*)"')


@dataclass(frozen=True, slots=True)
class Block:
    """A block with its labels and what is in it."""

    kind: str
    labels: tuple[str, ...]
    body: Mapping[str, Any]


def blocks(found: Bundle) -> Iterator[Block]:
    """Yield every outermost block of the Terraform files."""
    for file in found.files:
        if file.name.endswith(".tf"):
            for kind, entries in hcl2.loads(file.text).items():
                if kind == "__comments__":
                    continue
                for entry in entries:
                    yield from _labelled(kind, (), entry)


def _labelled(kind: str, labels: tuple[str, ...], body: Mapping[str, Any]) -> Iterator[Block]:
    if body.get("__is_block__"):
        yield Block(kind, labels, {key: value for key, value in body.items() if not key.startswith("__")})
        return
    for label, inner in body.items():
        if isinstance(inner, Mapping):
            yield from _labelled(kind, (*labels, label.strip('"')), inner)


def declared(found: Bundle) -> set[str]:
    """Return `var.x`, `local.x`, `data.type.x` and `type.x` of everything that is declared."""
    names: set[str] = set()
    for block in blocks(found):
        match block.kind:
            case "variable":
                names.add(f"var.{block.labels[0]}")
            case "locals":
                names |= {f"local.{name}" for name in block.body}
            case "resource":
                names.add(".".join(block.labels))
            case "data":
                names.add(f"data.{'.'.join(block.labels)}")
            case "check":
                for inner in block.body.get("data", []):
                    for kind, named in inner.items():
                        names |= {f"data.{kind.strip(chr(34))}.{name.strip(chr(34))}" for name in named}
    return names


def references(text: str) -> set[str]:
    """Return what a text of Terraform refers to, in the same words; words inside texts do not count."""
    code = _COMMENT.sub("", text)
    code = _TEXT.sub(lambda match: " ".join(_INTERPOLATION.findall(match[1])), code)
    return {f"{kind}.{name}" for kind, name in _REFERENCE.findall(code)}
