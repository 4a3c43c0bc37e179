"""The kinds of the API: one module per family, each exporting RESOURCES; this is the explicit list."""

from __future__ import annotations

from eks_lab.sim.resource import Resource
from eks_lab.sim.resources import (
    admission_policies,
    api_services,
    certificate_signing_requests,
    component_statuses,
    configmaps,
    core_events,
    cron_jobs,
    csi_kinds,
    custom_resource_definitions,
    daemon_sets,
    deployments,
    dynamic_resources,
    endpoint_slices,
    endpoints,
    flow_control,
    horizontal_pod_autoscalers,
    ingress_classes,
    ingresses,
    jobs,
    leases,
    limit_ranges,
    metrics,
    namespaces,
    network_policies,
    nodes,
    persistent_volume_claims,
    persistent_volumes,
    pod_disruption_budgets,
    pods,
    priority_classes,
    rbac,
    replica_sets,
    replication_controllers,
    resource_quotas,
    reviews,
    runtime_classes,
    secrets,
    service_accounts,
    service_cidrs,
    services,
    stateful_sets,
    storage_classes,
    webhook_configurations,
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
    horizontal_pod_autoscalers,
    pod_disruption_budgets,
    ingresses,
    ingress_classes,
    network_policies,
    service_cidrs,
    endpoint_slices,
    storage_classes,
    csi_kinds,
    rbac,
    priority_classes,
    runtime_classes,
    certificate_signing_requests,
    webhook_configurations,
    admission_policies,
    custom_resource_definitions,
    api_services,
    flow_control,
    reviews,
    metrics,
    dynamic_resources,
)

_SINCE = {"MutatingAdmissionPolicy": "1.36", "MutatingAdmissionPolicyBinding": "1.36"}
"""Kinds whose version v1 came after the oldest Kubernetes that is simulated."""


def _minor(version: str) -> int:
    return int(version.split(".")[1])


def builtin_resources(version: str) -> tuple[Resource, ...]:
    """Return every built-in resource of a cluster.

    Args:
        version: Kubernetes minor version: `1.36`.
    """
    return tuple(
        resource
        for family in _FAMILIES
        for resource in family.RESOURCES
        if _minor(version) >= _minor(_SINCE.get(resource.kind, "1.0"))
    )
