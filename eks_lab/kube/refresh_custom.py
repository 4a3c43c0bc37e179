"""Write `data/custom_resources.json.gz` anew from the projects' own CustomResourceDefinitions.

For maintainers, in a checkout. Each file is given with the public repository and commit it comes
from; all of them are Apache-2.0::

    $ python -m eks_lab.kube.refresh_custom --date 2026-11-22 \
        aws/karpenter-provider-aws@1d927085d=karpenter.sh_nodepools.yaml \
        argoproj/argo-cd@37ee0097cf=application-crd.yaml …

Kept are names, versions, subresources, columns and the schemas with their limits and CEL rules;
descriptions are dropped where a file is larger than 400 kB. The same input always gives the same
bytes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import yaml

from eks_lab.errors import InputError

FORMAT = 1
_LARGE = 400_000
_KEPT = (
    "type", "format", "required", "enum", "default", "nullable", "pattern", "minimum", "maximum",
    "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties",
    "x-kubernetes-embedded-resource", "x-kubernetes-int-or-string", "x-kubernetes-list-map-keys",
    "x-kubernetes-list-type", "x-kubernetes-map-type", "x-kubernetes-preserve-unknown-fields",
    "x-kubernetes-validations",
)  # fmt: skip


def trimmed(node: Mapping[str, Any], *, words: bool, loose: bool) -> dict[str, Any]:
    """Return a schema node with the keys the course uses.

    Args:
        node: a node of `openAPIV3Schema`.
        words: keep descriptions.
        loose: let anything stand where the node is an open object: nodeadm writes raw values that way.
    """
    kept = {key: node[key] for key in _KEPT if key in node}
    if words and "description" in node:
        kept["description"] = node["description"]
    if loose and node.get("x-kubernetes-preserve-unknown-fields") and "properties" not in node:
        kept.pop("type", None)
    if "properties" in node:
        kept["properties"] = {
            name: trimmed(field, words=words, loose=loose) for name, field in node["properties"].items()
        }
    for key in ("items", "additionalProperties"):
        if isinstance(node.get(key), Mapping):
            kept[key] = trimmed(node[key], words=words, loose=loose)
        elif node.get(key) is True:
            kept[key] = True
    return kept


def definitions_of(text: str, origin: str) -> Iterator[dict[str, Any]]:
    """Yield the definitions of one YAML file.

    Args:
        text: YAML documents.
        origin: repository, commit and file, kept as the source of each.

    Raises:
        InputError: the text is no YAML or holds no CustomResourceDefinition.
    """
    try:
        documents = [document for document in yaml.safe_load_all(text) if document]
        found = [one for one in documents if one.get("kind") == "CustomResourceDefinition"]
    except (yaml.YAMLError, AttributeError) as error:
        raise InputError(f"{origin}: no YAML: {error}") from error
    if not found:
        raise InputError(f"{origin}: no CustomResourceDefinition in it")
    words = len(text) <= _LARGE
    for one in found:
        spec = one["spec"]
        loose = spec["group"] == "node.eks.aws"
        yield {
            "group": spec["group"],
            "names": spec["names"],
            "scope": spec["scope"],
            "source": origin,
            "versions": [
                {
                    "name": version["name"],
                    "served": version.get("served", True),
                    "storage": version.get("storage", False),
                    "deprecated": version.get("deprecated", False),
                    "subresources": version.get("subresources", {}),
                    "columns": version.get("additionalPrinterColumns", []),
                    "schema": _own_shape(
                        spec["group"],
                        trimmed(version["schema"]["openAPIV3Schema"], words=words, loose=loose),
                    ),
                }
                for version in spec["versions"]
            ],
        }


def _own_shape(group: str, schema: dict[str, Any]) -> dict[str, Any]:
    if group == "crd.k8s.amazonaws.com":
        # ENIConfig's definition lets any field stand; its controller reads only those named here.
        schema.pop("x-kubernetes-preserve-unknown-fields", None)
    return schema


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the data file."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("files", nargs="+", metavar="OWNER/REPOSITORY@COMMIT=FILE")
    parser.add_argument("--date", type=date.fromisoformat, required=True)
    parser.add_argument(
        "--out", type=Path, default=Path(__file__).with_name("data") / "custom_resources.json.gz"
    )
    options = parser.parse_args(arguments)
    resources: list[dict[str, Any]] = []
    try:
        for entry in options.files:
            origin, _, name = entry.partition("=")
            path = Path(name)
            resources.extend(definitions_of(path.read_text(encoding="utf-8"), f"{origin} {path.name}"))
    except (OSError, InputError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return InputError.exit_code
    document = {
        "format": FORMAT,
        "source": {
            "title": "CustomResourceDefinitions of the named projects",
            "date": options.date.isoformat(),
            "licence": "Apache-2.0",
        },
        "resources": sorted(resources, key=lambda one: (one["group"], one["names"]["kind"])),
    }
    body = json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
    options.out.write_bytes(gzip.compress(body, compresslevel=9, mtime=0))
    return 0


if __name__ == "__main__":
    sys.exit(main())
