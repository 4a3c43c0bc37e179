"""Write `data/wire.json.gz` anew: how Kubernetes' Go structs look on the wire.

For maintainers, in a checkout. Two inputs, both Apache-2.0::

    $ python -m eks_lab.kube.refresh_wire kubernetes-proto-fields.json.gz api/ apimachinery/ \
        --commit 10b39a39b --date 2026-07-24

The first is a table of protobuf fields (`{message: {map, f: {number: [name, type, repeated,
message]}}}`) read from the descriptors in the PyPI package `kubernetes-lite`; the directories are
checkouts of kubernetes/api and kubernetes/apimachinery, of which only `types.go` files and their
like are read, for what protobuf does not say: JSON names, which structs Go inlines, which fields
are pointers, which are left out when empty, and the Go names of string types (they stand in
decoding errors). The same input always gives the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FORMAT = 1
_STRUCT = re.compile(r"^type (\w+) struct \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
_STRING_TYPE = re.compile(r"^type (\w+) string\b", re.MULTILINE)
_FIELD = re.compile(r'^\t(?:(\w+)\s+)?(\S+)\s+`json:"([^"]*)"[^`]*?protobuf:"\w+,(\d+),', re.MULTILINE)
_APIMACHINERY_MODULES = ("pkg/apis/meta/v1", "pkg/runtime", "pkg/util/intstr", "pkg/api/resource")


@dataclass(frozen=True, slots=True)
class GoField:
    """One field of a Go struct that travels in protobuf."""

    name: str
    """Its JSON name; empty when the struct is inlined."""
    type: str
    """As written in Go."""
    pointer: bool
    """Protobuf carries it only when it is set, zero or not."""
    omitted: bool
    """Left out of JSON when it is empty."""


def go_fields(source: str) -> Iterator[tuple[str, dict[int, GoField]]]:
    """Yield every struct of a Go file with its fields by protobuf number."""
    for name, body in _STRUCT.findall(source):
        fields: dict[int, GoField] = {}
        for _, kind, tag, number in _FIELD.findall(body):
            parts = tag.split(",")
            fields[int(number)] = GoField(
                name="" if "inline" in parts[1:] else parts[0],
                type=kind,
                pointer=kind.startswith("*"),
                omitted="omitempty" in parts[1:] or "omitzero" in parts[1:],
            )
        if fields:
            yield name, fields


def packages_of(api: Path, apimachinery: Path) -> Iterator[tuple[str, Path]]:
    """Yield protobuf package names with the directories that define their Go types."""
    for directory in sorted(path.parent for path in api.glob("*/*/generated.proto")):
        group, version = directory.parts[-2:]
        yield f"k8s.io.api.{group}.{version}", directory
    for module in _APIMACHINERY_MODULES:
        yield f"k8s.io.apimachinery.{module.replace('/', '.')}", apimachinery / module


def wire_table(
    protobuf: Mapping[str, Any], structs: Mapping[str, Mapping[int, GoField]], string_types: set[str]
) -> tuple[dict[str, Any], dict[str, str]]:
    """Join what protobuf and Go say.

    Args:
        protobuf: the table of protobuf fields.
        structs: message name -> fields, from Go.
        string_types: full names of Go types that are strings (`k8s.io.api.core.v1.PullPolicy`).

    Returns:
        Message -> `{"map": bool, "go": whether its Go struct was seen, "f": {number: [JSON name, type,
        repeated, message, flags]}}` with the flags `i` (inlined), `p` (pointer) and `o` (left out when empty); and `OpenAPI definition.field` -> Go type
        for fields of a named string type.
    """
    messages: dict[str, Any] = {}
    named: dict[str, str] = {}
    for message, described in sorted(protobuf.items()):
        go = structs.get(message, {})
        fields: dict[str, list[Any]] = {}
        for number, (name, kind, repeated, target) in described["f"].items():
            field = go.get(int(number))
            flags = ""
            if field is not None:
                flags = ("i" if not field.name else "") + ("p" if field.pointer else "")
                flags += "o" if field.omitted else ""
                name = field.name if field.name not in ("", "-") else name
                bare = field.type.lstrip("*[]")
                package = message.rpartition(".")[0]
                # An alias such as v1 or corev1 before a string type always means the core group in k8s.io/api.
                full = f"k8s.io.api.core.v1.{bare.partition('.')[2]}" if "." in bare else f"{package}.{bare}"
                if full in string_types and field.name:
                    definition = "io.k8s." + message.removeprefix("k8s.io.")
                    named[f"{definition}.{field.name}"] = ".".join(full.split(".")[-2:])
            fields[number] = [name, kind, repeated, target, flags]
        messages[message] = {"map": described["map"], "go": bool(go), "f": fields}
    return messages, dict(sorted(named.items()))


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the data file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("protobuf", type=Path)
    parser.add_argument("api", type=Path)
    parser.add_argument("apimachinery", type=Path)
    parser.add_argument("--commit", required=True)
    parser.add_argument("--date", type=date.fromisoformat, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("data") / "wire.json.gz")
    options = parser.parse_args(arguments)
    structs: dict[str, Mapping[int, GoField]] = {}
    string_types: set[str] = set()
    for package, directory in packages_of(options.api, options.apimachinery):
        for path in sorted(directory.glob("*.go")):
            if path.name.endswith(("_test.go", "generated.pb.go")):
                continue
            source = path.read_text()
            string_types.update(f"{package}.{name}" for name in _STRING_TYPE.findall(source))
            structs.update((f"{package}.{name}", fields) for name, fields in go_fields(source))
    protobuf = json.loads(gzip.decompress(options.protobuf.read_bytes()))
    messages, named = wire_table(protobuf, structs, string_types)
    document = {
        "format": FORMAT,
        "source": {
            "title": f"kubernetes-lite (protobuf descriptors), kubernetes/api at {options.commit} (Go types)",
            "date": options.date.isoformat(),
            "url": "https://github.com/kubernetes/api",
            "licence": "Apache-2.0",
        },
        "messages": messages,
        "string_types": named,
    }
    text = json.dumps(document, separators=(",", ":"))
    options.out.write_bytes(gzip.compress(text.encode(), compresslevel=9, mtime=0))
    print(f"{len(messages)} messages, {sum(1 for name in messages if name in structs)} with their Go struct")
    return 0


if __name__ == "__main__":
    sys.exit(main())
