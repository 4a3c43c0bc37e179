"""Which schema a resource has in which version."""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.kube import types
from eks_lab.kube.types import Schema
from eks_lab.sim.resource import Resource


class SchemaBook:
    """Schemas of the built-in kinds, read when first asked for, and those of custom ones."""

    def __init__(self, version: str) -> None:
        """Answer for one Kubernetes version.

        Args:
            version: `1.36`.
        """
        self._version = types.nearest(version)
        self._built_in: types.Schemas | None = None
        self._found: dict[tuple[str, str], Schema | None] = {}
        self._custom: dict[tuple[str, str], Schema] = {}

    def of(self, resource: Resource, version: str = "") -> Schema | None:
        """Return the schema of a resource; None when nothing is known of its fields.

        Args:
            resource: built-in or custom.
            version: API version name; empty means the stored one.
        """
        version = version or resource.version
        if resource.dynamic:
            return self._custom.get((resource.id, version))
        slot = (resource.id, version)
        if slot not in self._found:
            self._found[slot] = self.built_in.of(*resource.group_version(version), resource.kind)
        return self._found[slot]

    @property
    def built_in(self) -> types.Schemas:
        """Return every definition of the cluster's Kubernetes version."""
        if self._built_in is None:
            self._built_in = types.load(self._version)
        return self._built_in

    def define(self, resource: Resource, schemas: Mapping[str, Schema] | None) -> None:
        """Keep the schemas of a custom resource, version by version."""
        self.forget(resource)
        for version, schema in (schemas or {}).items():
            self._custom[(resource.id, version)] = schema

    def forget(self, resource: Resource) -> None:
        """Drop the schemas of a custom resource."""
        for key in [key for key in self._custom if key[0] == resource.id]:
            del self._custom[key]
