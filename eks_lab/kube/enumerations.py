"""Which fields of built-in kinds hold one of a few words, as an API server publishes it in OpenAPI v3.

The packaged types (`schemas/`) are taken from OpenAPI v2, which names no enumerations. What is added here follows
k8s.io/kube-openapi (pkg/generators/enum.go): `enum` with the words in order, and for a single value a paragraph
"Possible enum values" at the end of the description. Its texts are those that a 1.36.2 server was seen to give; a word
without a text stands alone, as one without a comment does there.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from eks_lab.errors import DataError
from eks_lab.kube.types import minor_version

_DATA = Path(__file__).with_name("data") / "enumerations.json"
_PREFIX = "io.k8s.api."


@functools.cache
def _document() -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    try:
        types: Mapping[str, Mapping[str, Mapping[str, str]]] = orjson.loads(_DATA.read_bytes())["types"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{_DATA.name}: the packaged enumerations cannot be read: {error}",
            hint="Install the program again.",
        ) from error
    return types


@functools.lru_cache(maxsize=4)
def of_version(version: str) -> Mapping[str, Mapping[str, Mapping[str, str]]]:
    """Return the fields that hold one of a few words.

    Args:
        version: of Kubernetes, `1.36`.

    Returns:
        Definition name -> field -> the words in order with their texts (empty where there is none).

    Raises:
        InputError: the version is none.
        DataError: the packaged file is missing or damaged.
    """
    wanted = minor_version(version)
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    for entry in _document().values():
        texts = entry.get("texts") or {}
        words = {
            word: texts.get(word, "")
            for word, since in sorted(entry["words"].items())
            if minor_version(since) <= wanted
        }
        for path, since in entry["fields"].items():
            if minor_version(since) <= wanted:
                definition, _, field = path.rpartition(".")
                found.setdefault(_PREFIX + definition, {})[field] = words
    return found


def marked(version: str, definitions: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Return definitions with their enumerations marked; the given ones stay as they are.

    Args:
        version: of Kubernetes, `1.36`.
        definitions: definition name -> OpenAPI v3 node.
    """
    enumerated = of_version(version)
    answer = dict(definitions)
    for name, node in definitions.items():
        fields = enumerated.get(name)
        if fields:
            properties = dict(node["properties"])
            for field, words in fields.items():
                if field in properties:
                    properties[field] = _marked(properties[field], words)
            answer[name] = {**node, "properties": properties}
    return answer


def _marked(field: Mapping[str, Any], words: Mapping[str, str]) -> Mapping[str, Any]:
    for values in ("items", "additionalProperties"):
        if isinstance(field.get(values), Mapping):
            return {**field, values: {**field[values], "enum": list(words)}}
    lines = [f' - `"{word}"` {text}'.rstrip() for word, text in words.items()]
    paragraphs = [field.get("description", ""), "\n".join(["Possible enum values:", *lines])]
    return {**field, "description": "\n\n".join(filter(None, paragraphs)), "enum": list(words)}
