"""Services: defaults and strategy (pkg/registry/core/service)."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, invalid_object
from eks_lab.sim.resource import Resource, World
from eks_lab.sim.resources.field_rules import label_problems
from eks_lab.sim.resources.service_allocation import (
    allocate_addresses,
    allocate_ports,
    default_families,
    is_headless,
    needs_cluster_ip,
    needs_health_port,
    needs_node_ports,
)
from eks_lab.sim.resources.service_columns import SERVICE_COLUMNS
from eks_lab.sim.resources.service_rules import (
    address_errors,
    is_external,
    service_errors,
    service_update_errors,
)

_STICKY_SECONDS = 10_800


def _default(service: Obj, world: World) -> None:
    spec = service.setdefault("spec", {})
    if not spec.get("sessionAffinity"):
        spec["sessionAffinity"] = "None"
    if spec["sessionAffinity"] == "None":
        spec.pop("sessionAffinityConfig", None)
    elif spec["sessionAffinity"] == "ClientIP":
        config = spec.get("sessionAffinityConfig") or {}
        client = config.get("clientIP") or {}
        client.setdefault("timeoutSeconds", _STICKY_SECONDS)
        spec["sessionAffinityConfig"] = {**config, "clientIP": client}
    if not spec.get("type"):
        spec["type"] = "ClusterIP"
    for port in spec.get("ports") or ():
        if not port.get("protocol"):
            port["protocol"] = "TCP"
        if not port.get("targetPort") and "port" in port:
            port["targetPort"] = port["port"]
    if is_external(spec) and not spec.get("externalTrafficPolicy"):
        spec["externalTrafficPolicy"] = "Cluster"
    if spec["type"] in ("ClusterIP", "NodePort", "LoadBalancer"):
        spec.setdefault("internalTrafficPolicy", "Cluster")
    if spec["type"] == "LoadBalancer":
        spec.setdefault("allocateLoadBalancerNodePorts", True)
        for ingress in ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ():
            if ingress.get("ip"):
                ingress.setdefault("ipMode", "VIP")


def _refuse_addresses(service: Obj) -> None:
    errors = address_errors(service)
    if errors:
        raise invalid_object("Service", "", service["metadata"].get("name", ""), errors)


def _match_addresses(spec: Obj) -> None:
    """Keep the old field clusterIP and the new one clusterIPs in step (normalizeClusterIPs)."""
    if spec.get("clusterIP") and not spec.get("clusterIPs"):
        spec["clusterIPs"] = [spec["clusterIP"]]


def _prepare_create(service: Obj, world: World) -> None:
    spec = service["spec"]
    service["status"] = {"loadBalancer": {}}
    _match_addresses(spec)
    if spec.get("clusterIPs") and not spec.get("clusterIP"):
        spec["clusterIP"] = spec["clusterIPs"][0]
    _refuse_addresses(service)
    default_families(service)
    allocate_addresses(service, world)
    allocate_ports(service, world)


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    spec, before = new["spec"], old["spec"]
    new["status"] = old.get("status") or {"loadBalancer": {}}
    _keep_allocated(new, old)
    _drop_with_type(new, old)
    _match_addresses(spec)
    if spec.get("clusterIPs") == before.get("clusterIPs") and spec.get("clusterIP") != before.get(
        "clusterIP"
    ):
        spec["clusterIPs"] = [spec["clusterIP"]] if spec.get("clusterIP") else []
    if needs_cluster_ip(new):
        _refuse_addresses(new)
        if not needs_cluster_ip(old):
            default_families(new)
        if not spec.get("clusterIPs"):
            allocate_addresses(new, world)
    allocate_ports(new, world, old)


def _keep_allocated(new: Obj, old: Obj) -> None:
    """Take over what the writer left out (patchAllocatedValues)."""
    spec, before = new["spec"], old["spec"]
    if needs_cluster_ip(new) and needs_cluster_ip(old):
        if not spec.get("clusterIP") and not spec.get("clusterIPs"):
            for field in ("clusterIP", "clusterIPs"):
                if field in before:
                    spec[field] = before[field]
        for field in ("ipFamilies", "ipFamilyPolicy"):
            if not spec.get(field) and field in before:
                spec[field] = before[field]
    if needs_node_ports(new) and needs_node_ports(old):
        had = {
            (port["port"], port.get("protocol")): port.get("nodePort") for port in before.get("ports") or ()
        }
        taken = {port.get("nodePort") for port in spec.get("ports") or ()}
        for port in spec.get("ports") or ():
            kept = had.get((port.get("port"), port.get("protocol")))
            if not port.get("nodePort") and kept and kept not in taken:
                port["nodePort"] = kept
    if needs_health_port(new) and needs_health_port(old) and not spec.get("healthCheckNodePort"):
        spec["healthCheckNodePort"] = before["healthCheckNodePort"]


def _drop_with_type(new: Obj, old: Obj) -> None:
    """Let go of what the new type does not have, when the writer left it as it was (dropTypeDependentFields)."""
    spec, before = new["spec"], old["spec"]

    def drop(*fields: str) -> None:
        for field in fields:
            if spec.get(field) == before.get(field):
                spec.pop(field, None)

    if needs_cluster_ip(old) and not needs_cluster_ip(new):
        drop("clusterIP", "clusterIPs", "ipFamilies", "ipFamilyPolicy", "internalTrafficPolicy")
    if needs_node_ports(old) and not needs_node_ports(new):
        had = {port.get("nodePort") for port in before.get("ports") or ()}
        for port in spec.get("ports") or ():
            if port.get("nodePort") in had:
                port.pop("nodePort", None)
    if needs_health_port(old) and not needs_health_port(new):
        drop("healthCheckNodePort")
    if before.get("type") == "LoadBalancer" and spec.get("type") != "LoadBalancer":
        drop("allocateLoadBalancerNodePorts", "loadBalancerClass")
    if is_external(before) and not is_external(spec):
        drop("externalTrafficPolicy")


def _validate(service: Obj, world: World) -> list[FieldError]:
    return service_errors(service)


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return service_update_errors(new, old)


def _warnings(service: Obj, old: Obj | None, world: World) -> list[str]:
    spec = service["spec"]
    found = []
    if is_headless(service) and spec.get("sessionAffinity") not in (None, "None"):
        found.append("spec.SessionAffinity is ignored for headless services")
    if spec.get("trafficDistribution") == "PreferClose":
        found.append('spec.trafficDistribution: "PreferClose" is deprecated; use "PreferSameZone"')
    return found


SERVICES = Resource(
    plural="services",
    kind="Service",
    short_names=("svc",),
    categories=("all",),
    has_status=True,
    subresources={"proxy": "ServiceProxyOptions"},
    columns=SERVICE_COLUMNS,
    field_labels={
        "spec.clusterIP": lambda service: service["spec"].get("clusterIP") or "",
        "spec.type": lambda service: service["spec"].get("type") or "",
    },
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
    warnings=_warnings,
    name_problem=lambda name: list(label_problems(name)),
)

RESOURCES = (SERVICES,)
