"""The kinds of the API: one module per family, each exporting RESOURCES; this is the explicit list."""

from __future__ import annotations

from eks_lab.sim.resource import Resource
from eks_lab.sim.resources import configmaps, namespaces, nodes, pods, services

_FAMILIES = (pods, services, configmaps, namespaces, nodes)


def builtin_resources(version: str) -> tuple[Resource, ...]:
    """Return every built-in resource of a cluster.

    Args:
        version: Kubernetes minor version: `1.36`.
    """
    return tuple(resource for family in _FAMILIES for resource in family.RESOURCES)
