"""Write `schemas/*.json.gz` anew from the package `kubernetes-validate`.

For maintainers, in a checkout, with the package in an environment of its own::

    $ pip install --target packages kubernetes-validate
    $ python -m eks_lab.kube.refresh_schemas packages/kubernetes_validate --package-version 1.37.0 \
        --date 2026-11-22 1.34 1.35 1.36

The package (Apache-2.0) carries the OpenAPI v2 definitions of every minor version, made nullable
for JSON Schema. What is written here is the OpenAPI v3 form that an API server publishes: no
`null` alternatives, references to `#/components/schemas/`, and `int-or-string` said as such. The
same input always gives the same bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from eks_lab.errors import EksLabError, InputError

FORMAT = 1
REFERENCE = "#/components/schemas/"
_KEPT = (
    "description",
    "format",
    "required",
    "enum",
    "x-kubernetes-group-version-kind",
    "x-kubernetes-int-or-string",
    "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type",
    "x-kubernetes-map-type",
    "x-kubernetes-patch-merge-key",
    "x-kubernetes-patch-strategy",
    "x-kubernetes-preserve-unknown-fields",
)
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_TYPE_META = ("apiVersion", "kind")


def published(node: Mapping[str, Any]) -> dict[str, Any]:
    """Return one schema node as an API server publishes it in OpenAPI v3.

    Args:
        node: a node of the package's definitions: types may be `[T, "null"]`, references point into `$defs`.

    Returns:
        The node with the keys the course uses; a reference with neighbours sits in `allOf`, as in OpenAPI v3.
    """
    kept = {key: node[key] for key in _KEPT if key in node}
    kinds = node.get("type")
    if kinds is not None:
        kept["type"] = kinds if isinstance(kinds, str) else next(kind for kind in kinds if kind != "null")
    if "properties" in node:
        kept["properties"] = {name: published(field) for name, field in node["properties"].items()}
        for name in _TYPE_META:
            # The package pins both to the kind; the API server publishes plain strings.
            kept["properties"].get(name, {}).pop("enum", None)
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), Mapping):
            kept[key] = published(node[key])
    if "oneOf" in node:
        kept["oneOf"] = [published(choice) for choice in node["oneOf"]]
    if "$ref" in node:
        reference = {"$ref": REFERENCE + node["$ref"].rpartition("/")[2]}
        if not kept:
            return reference
        kept["allOf"] = [reference]
    return kept


def definitions_of(package: Path, version: str) -> dict[str, Any]:
    """Read one version's definitions from the installed package.

    Args:
        package: the directory `kubernetes_validate`.
        version: `1.36`.

    Returns:
        Definition name -> published node, sorted by name.

    Raises:
        InputError: the package has no such version, or another layout.
    """
    path = package / "kubernetes-json-schema" / f"v{version}.0-local" / "_definitions.json"
    try:
        raw: dict[str, Any] = json.loads(path.read_bytes())["$defs"]
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"{path}: no definitions of Kubernetes {version}: {error}",
            hint="Name a version that the package ships, or install a newer one.",
        ) from error
    nodes = {name: published(raw[name]) for name in sorted(raw)}
    if _INT_OR_STRING in nodes:
        nodes[_INT_OR_STRING]["format"] = "int-or-string"
    return nodes


def document_of(definitions: Mapping[str, Any], version: str, package_version: str, as_of: date) -> bytes:
    """Return the compressed data file of one version."""
    document = {
        "format": FORMAT,
        "version": version,
        "source": {
            "title": f"kubernetes-validate {package_version}, v{version}.0-local/_definitions.json",
            "date": as_of.isoformat(),
            "url": "https://pypi.org/project/kubernetes-validate/",
            "licence": "Apache-2.0",
        },
        "definitions": definitions,
    }
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return gzip.compress(text.encode(), compresslevel=9, mtime=0)


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the data file of every version named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("package", type=Path)
    parser.add_argument("versions", nargs="+")
    parser.add_argument("--package-version", required=True)
    parser.add_argument("--date", type=date.fromisoformat, required=True)
    parser.add_argument("--out", type=Path, default=Path(__file__).with_name("schemas"))
    options = parser.parse_args(arguments)
    try:
        for version in options.versions:
            body = document_of(
                definitions_of(options.package, version), version, options.package_version, options.date
            )
            (options.out / f"{version}.json.gz").write_bytes(body)
    except EksLabError as error:
        print(f"Error: {error}", file=sys.stderr)
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
