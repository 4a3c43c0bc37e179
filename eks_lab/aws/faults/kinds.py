"""Kubernetes kinds as fault files and kubectl name them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eks_lab.errors import ContentError
from eks_lab.sim.api import Api
from eks_lab.sim.objects import ApiError, Key
from eks_lab.sim.resource import Resource

SIGNED_OUT = "error: You must be logged in to the server (Unauthorized)"


def resource_of(api: Api, kind: str, group: str | None = None) -> Resource:
    """Return the resource of a kind.

    Args:
        api: of the cluster.
        kind: `Pod`, `StorageClass`.
        group: of the manifest; None takes the first that has the kind.

    Raises:
        ContentError: no resource has it.
    """
    for each in api.resources():
        if each.kind == kind and group in (None, each.group):
            return each
    where = f" of group {group!r}" if group is not None else ""
    raise ContentError(f"kind {kind}{where}: the cluster has no such resource")


def place_of(api: Api, manifest: Mapping[str, Any]) -> tuple[Resource, Key]:
    """Return the resource of a manifest, and its key.

    Raises:
        ContentError: apiVersion, kind or name is missing or unknown.
    """
    metadata = manifest.get("metadata") or {}
    if not metadata.get("name"):
        raise ContentError(f"a manifest of kind {manifest.get('kind')!r} has no metadata.name")
    version = str(manifest.get("apiVersion") or "")
    group = version.rpartition("/")[0]
    resource = resource_of(api, str(manifest.get("kind")), group)
    return resource, key_in(resource, metadata["name"], metadata.get("namespace") or "")


def key_in(resource: Resource, name: str, namespace: str) -> Key:
    """Return the key of an object; a namespaced one is in `default` when nothing is said."""
    return Key((namespace or "default") if resource.namespaced else "", name)


def printed(error: ApiError) -> str:
    """Return an answer of the API server as kubectl prints it (kubectl pkg/cmd/util, StandardErrorMessage)."""
    if error.code == 401:
        return SIGNED_OUT
    if error.reason == "Invalid":
        return error.message
    if error.reason:
        return f"Error from server ({error.reason}): {error.message}"
    return f"Error from server: {error.message}"
