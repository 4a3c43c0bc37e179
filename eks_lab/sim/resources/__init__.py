"""The kinds of the API: one module per family, each exporting RESOURCES; this is the explicit list."""

from __future__ import annotations

from eks_lab.sim.resource import Resource
from eks_lab.sim.resources import (
    component_statuses,
    configmaps,
    core_events,
    cron_jobs,
    daemon_sets,
    deployments,
    endpoints,
    jobs,
    leases,
    limit_ranges,
    namespaces,
    nodes,
    persistent_volume_claims,
    persistent_volumes,
    pods,
    replica_sets,
    replication_controllers,
    resource_quotas,
    secrets,
    service_accounts,
    services,
    stateful_sets,
)

_FAMILIES = (
    pods,
    services,
    endpoints,
    configmaps,
    secrets,
    namespaces,
    nodes,
    persistent_volumes,
    persistent_volume_claims,
    service_accounts,
    resource_quotas,
    limit_ranges,
    replication_controllers,
    core_events,
    component_statuses,
    leases,
    deployments,
    replica_sets,
    daemon_sets,
    stateful_sets,
    jobs,
    cron_jobs,
)


def builtin_resources(version: str) -> tuple[Resource, ...]:
    """Return every built-in resource of a cluster.

    Args:
        version: Kubernetes minor version: `1.36`.
    """
    return tuple(resource for family in _FAMILIES for resource in family.RESOURCES)
