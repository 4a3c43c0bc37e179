"""The custom resources an EKS cluster usually has: Karpenter, the VPC CNI, Argo CD, Prometheus and more.

The shapes are those of the projects' own definitions (`data/custom_resources.json.gz`, written by
`refresh_custom.py`, each with repository and commit), parsed on first use.
"""

from __future__ import annotations

import functools
import gzip
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from eks_lab.errors import DataError
from eks_lab.kube.types import Schema

_FILE = Path(__file__).with_name("data") / "custom_resources.json.gz"


@dataclass(frozen=True, slots=True)
class CustomVersion:
    """One version of a custom resource."""

    name: str
    """`v1`."""
    served: bool
    storage: bool
    deprecated: bool
    subresources: Mapping[str, Any]
    """`{"status": {}}`, as in the definition."""
    columns: tuple[Mapping[str, Any], ...]
    """`additionalPrinterColumns`."""
    schema: Schema
    """What its objects may look like; a schema of its own, without references."""


@dataclass(frozen=True, slots=True)
class CustomResource:
    """A kind that a controller brings along."""

    group: str
    kind: str
    plural: str
    names: Mapping[str, Any]
    """Singular, short names and categories, as in the definition."""
    namespaced: bool
    source: str
    """Repository, commit and file."""
    versions: tuple[CustomVersion, ...]

    def version(self, name: str) -> CustomVersion | None:
        """Return one version by name."""
        return next((version for version in self.versions if version.name == name), None)


@functools.cache
def custom_resources() -> Mapping[tuple[str, str], CustomResource]:
    """Return the custom resources by group and kind.

    Raises:
        DataError: the packaged file is missing or damaged.
    """
    try:
        document = orjson.loads(gzip.decompress(_FILE.read_bytes()))
        found = [_resource(entry) for entry in document["resources"]]
    except (OSError, EOFError, ValueError, KeyError) as error:
        raise DataError(
            f"{_FILE.name}: the packaged custom resources cannot be read: {error}",
            hint="Install the program again.",
        ) from error
    return {(one.group, one.kind): one for one in found}


def _resource(entry: Mapping[str, Any]) -> CustomResource:
    names = entry["names"]
    return CustomResource(
        group=entry["group"],
        kind=names["kind"],
        plural=names["plural"],
        names=names,
        namespaced=entry["scope"] == "Namespaced",
        source=entry["source"],
        versions=tuple(
            CustomVersion(
                name=version["name"],
                served=version["served"],
                storage=version["storage"],
                deprecated=version["deprecated"],
                subresources=version["subresources"],
                columns=tuple(version["columns"]),
                schema=Schema(version["schema"]),
            )
            for version in entry["versions"]
        ),
    )
