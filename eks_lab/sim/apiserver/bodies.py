"""Request bodies: JSON, YAML, protobuf, and what is wrong with them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from typing import Any

import orjson
import yaml

from eks_lab.kube import protobuf
from eks_lab.sim.api.go_json import syntax_problem
from eks_lab.sim.objects import ApiError, Obj, bad_request

PROTOBUF = "application/vnd.kubernetes.protobuf"
ACCEPTED = ("application/json", "application/yaml", PROTOBUF, "application/cbor")
"""As the 415 lists them; CBOR bodies are refused."""

MOST_NODES = 100_000
"""Nodes of a YAML document with every alias written out."""

_SPACED_COLON = re.compile(rb'"\s+:')


def media_type(header: str) -> str:
    """Return a Content-Type without its parameters."""
    return header.partition(";")[0].strip().lower()


def unsupported(accepted: Iterable[str]) -> ApiError:
    """Return the answer to a Content-Type nobody reads."""
    return ApiError(
        415,
        "UnsupportedMediaType",
        "the body of the request was in an unknown format - accepted media types include: "
        + ", ".join(accepted),
    )


def read_object(body: bytes, content_type: str, kind: str, duplicates: list[str]) -> Obj:
    """Return the object in a body.

    Args:
        body: the bytes.
        content_type: the header; empty counts as JSON.
        kind: what the URL wants, for messages.
        duplicates: receives `duplicate field "…"`.

    Raises:
        ApiError: 400 it cannot be read, 415 a media type nobody reads.
    """
    kind_of_media = media_type(content_type) or "application/json"
    if kind_of_media == PROTOBUF:
        return _protobuf(body)
    if kind_of_media == "application/yaml":
        return _mapping(parse_yaml(body, duplicates), kind, body)
    if kind_of_media not in ("application/json", "*/*"):
        raise unsupported(ACCEPTED)
    if not body:
        raise bad_request("EOF" if not kind else f"{_unrecognized(kind)}: unexpected end of JSON input ()")
    try:
        value = orjson.loads(body)
    except orjson.JSONDecodeError:
        problem = syntax_problem(body)
        raise bad_request(f"{_unrecognized(kind)}: {problem} ({_dump(body)})") from None
    if _may_repeat(body, value):
        duplicates.extend(repeated_fields(body))
    return _mapping(value, kind, body)


def _unrecognized(kind: str) -> str:
    return f"the object provided is unrecognized (must be of type {kind}): couldn't get version/kind; json parse error"


def _dump(body: bytes) -> str:
    """Return the start of a body as the messages show it: thirty bytes in hexadecimal."""
    return f"{body[:30].hex()} ..." if len(body) > 30 else body.hex()


def _mapping(value: Any, kind: str, body: bytes) -> Obj:
    if isinstance(value, dict):
        return value
    found = {list: "array", str: "string", bool: "bool", type(None): "null"}.get(type(value), "number")
    raise bad_request(
        f"{_unrecognized(kind)}: json: cannot unmarshal {found} into Go value of type struct "
        f'{{ APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }} ({_dump(body)})'
    )


def _protobuf(body: bytes) -> Obj:
    try:
        return protobuf.decode(body)[2]
    except protobuf.ProtobufError as error:
        raise bad_request(error.message) from error


def _may_repeat(body: bytes, value: Any) -> bool:
    """Say whether keys may have been lost in parsing: the parser keeps the last of equal keys."""
    return body.count(b'":') != written(value).count(b'":') or _SPACED_COLON.search(body) is not None


def written(value: Any) -> bytes:
    """Return a value as JSON.

    Raises:
        ApiError: 400, it is nested deeper than the store can write.
    """
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError as error:
        raise bad_request("json: exceeded max depth") from error


def repeated_fields(body: bytes) -> list[str]:
    """Return `duplicate field "metadata.name"` for every key that an object repeats."""
    found: list[str] = []

    def walk(pairs: Any, path: str) -> None:
        if isinstance(pairs, _Pairs):
            seen: set[str] = set()
            for key, value in pairs:
                here = f"{path}.{key}" if path else key
                if key in seen:
                    found.append(f'duplicate field "{here}"')
                seen.add(key)
                walk(value, here)
        elif isinstance(pairs, list):
            for number, value in enumerate(pairs):
                walk(value, f"{path}[{number}]")

    try:
        walk(json.loads(body, object_pairs_hook=_Pairs), "")
    except RecursionError:
        return []
    return list(dict.fromkeys(found))


class _Pairs(list[tuple[str, Any]]):
    """The members of a JSON object, repeated ones too."""


class _Loader(yaml.CSafeLoader):
    """YAML as Go's library reads it: no timestamps, `y` and `n` are booleans."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, expression) for tag, expression in resolvers if tag != "tag:yaml.org,2002:timestamp"]
    for first, resolvers in yaml.CSafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^[yYnN]$"), list("yYnN"))
_Loader.bool_values = {**yaml.CSafeLoader.bool_values, "y": True, "n": False}


def parse_yaml(body: bytes, duplicates: list[str]) -> Any:
    """Return the first document of a YAML body; JSON is YAML too.

    Args:
        body: the bytes.
        duplicates: receives `duplicate field "…"`.

    Raises:
        ApiError: 400, it cannot be read or its aliases multiply beyond reason.
    """
    try:
        value = orjson.loads(body)
        if _may_repeat(body, value):
            duplicates.extend(repeated_fields(body))
        return value
    except orjson.JSONDecodeError:
        pass
    try:
        loader = _Loader(body.decode("utf-8"))
        try:
            node = loader.get_single_node()
            if node is None:
                return None
            if _size(node, {}) > MOST_NODES:
                raise bad_request("error parsing YAML: yaml: document contains excessive aliasing")
            _find_repeated(node, "", duplicates)
            value = _with_text_keys(loader.construct_document(node))
            written(value)
            return value
        finally:
            loader.dispose()
    except UnicodeDecodeError as error:
        raise bad_request("error parsing YAML: yaml: invalid leading UTF-8 octet") from error
    except RecursionError as error:
        raise bad_request("error parsing YAML: yaml: exceeded max depth") from error
    except (yaml.YAMLError, ValueError, TypeError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"line {mark.line + 1}: " if mark is not None else ""
        raise bad_request(f"error parsing YAML: yaml: {where}{getattr(error, 'problem', error)}") from error


def _with_text_keys(value: Any) -> Any:
    """Return a YAML value as JSON has it: every key is text (sigs.k8s.io/yaml: convertToJSONableObject)."""
    if isinstance(value, dict):
        return {_key(key): _with_text_keys(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_with_text_keys(each) for each in value]
    return value


def _key(key: Any) -> str:
    if isinstance(key, bool):
        return "true" if key else "false"
    return "null" if key is None else str(key)


def _size(node: yaml.Node, known: dict[int, int]) -> int:
    """Return how many nodes a document has with its aliases written out."""
    size = known.get(id(node))
    if size is None:
        known[id(node)] = MOST_NODES + 1  # an alias of itself never ends
        size = 1
        if isinstance(node, yaml.MappingNode):
            size += sum(_size(key, known) + _size(value, known) for key, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            size += sum(_size(value, known) for value in node.value)
        known[id(node)] = size
    return size


def _find_repeated(node: yaml.Node, path: str, duplicates: list[str]) -> None:
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            here = f"{path}.{key.value}" if path else str(key.value)
            if isinstance(key, yaml.ScalarNode):
                if key.value in seen:
                    duplicates.append(f'duplicate field "{here}"')
                seen.add(key.value)
            _find_repeated(value, here, duplicates)
    elif isinstance(node, yaml.SequenceNode):
        for number, value in enumerate(node.value):
            _find_repeated(value, f"{path}[{number}]", duplicates)


def read_patch(body: bytes) -> Any:
    """Return the value of a JSON patch body.

    Raises:
        ApiError: 400.
    """
    try:
        patch = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise bad_request(f"error decoding patch: {syntax_problem(body)}") from None
    written(patch)
    return patch
