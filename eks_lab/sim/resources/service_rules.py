"""What a Service may say (ValidateService, ValidateServiceUpdate)."""

from __future__ import annotations

from eks_lab.kube import names
from eks_lab.sim.objects import (
    FieldError,
    Obj,
    duplicate,
    forbidden_field,
    invalid,
    not_supported,
    required,
)
from eks_lab.sim.resources.container_rules import PROTOCOLS
from eks_lab.sim.resources.field_rules import (
    CIDR_RULE,
    enum_errors,
    ip_errors,
    is_cidr,
    label_errors,
    label_key_errors,
    label_problems,
    port_errors,
    subdomain_problems,
)
from eks_lab.sim.resources.go_structs import go_value
from eks_lab.sim.resources.service_allocation import (
    is_headless,
    needs_cluster_ip,
    needs_health_port,
)

TYPES = ("ClusterIP", "ExternalName", "LoadBalancer", "NodePort")
_FAMILIES = ("IPv4", "IPv6")
_FAMILY_POLICIES = ("PreferDualStack", "RequireDualStack", "SingleStack")
_DISTRIBUTIONS = ("PreferClose", "PreferSameNode", "PreferSameZone")
_KUBELET_PORT = 10250
_LONGEST_AFFINITY = 86400
_ONLY_BALANCERS = "may only be used when `type` is 'LoadBalancer'"


def is_external(spec: Obj) -> bool:
    """Say whether traffic from outside the cluster can reach a Service (ExternallyAccessible)."""
    kind = spec.get("type")
    return kind in ("NodePort", "LoadBalancer") or (kind == "ClusterIP" and bool(spec.get("externalIPs")))


def address_errors(service: Obj) -> list[FieldError]:
    """Return the errors of cluster IPs and families (ValidateServiceClusterIPsRelatedFields).

    Args:
        service: with its type settled.
    """
    spec = service["spec"]
    if not needs_cluster_ip(service):
        return []
    errors: list[FieldError] = []
    families, addresses = spec.get("ipFamilies") or [], spec.get("clusterIPs") or []
    for number, family in enumerate(families):
        here = f"spec.ipFamilies[{number}]"
        if family not in _FAMILIES:
            errors.append(not_supported(here, family, _FAMILIES))
        if family in families[:number]:
            errors.append(duplicate(here, family))
    policy = spec.get("ipFamilyPolicy")
    if policy is not None and policy not in _FAMILY_POLICIES:
        errors.append(not_supported("spec.ipFamilyPolicy", policy, _FAMILY_POLICIES))
    if len(addresses) > 2:
        errors.append(invalid("spec.clusterIPs", addresses, "may only hold up to 2 values"))
    for number, address in enumerate(addresses):
        if address == "None" and number == 0:
            if len(addresses) > 1:
                errors.append(
                    invalid("spec.clusterIPs", addresses, "'None' must be the first and only value")
                )
        else:
            errors.extend(ip_errors(address, f"spec.clusterIPs[{number}]"))
    if addresses and spec.get("clusterIP") and spec["clusterIP"] != addresses[0]:
        detail = "first value must match `clusterIP`"
        errors.append(invalid("spec.clusterIPs", addresses, detail))
    return errors


def _type_errors(service: Obj) -> list[FieldError]:
    spec = service["spec"]
    kind = spec.get("type")
    errors: list[FieldError] = []
    if kind == "LoadBalancer":
        errors.extend(
            invalid(
                f"spec.ports[{number}]",
                _KUBELET_PORT,
                f"may not expose port {_KUBELET_PORT} externally since it is used by kubelet",
            )
            for number, port in enumerate(spec.get("ports") or ())
            if port.get("port") == _KUBELET_PORT
        )
    if kind in ("LoadBalancer", "NodePort") and is_headless(service):
        detail = f"may not be set to 'None' for {kind} services"
        errors.append(invalid("spec.clusterIPs[0]", "None", detail))
    if kind == "ExternalName":
        errors.extend(
            forbidden_field(f"spec.{field}", "may not be set for ExternalName services")
            for field in ("clusterIPs", "ipFamilies", "ipFamilyPolicy")
            if spec.get(field)
        )
        name = (spec.get("externalName") or "").removesuffix(".")
        if name:
            errors.extend(invalid("spec.externalName", name, said) for said in subdomain_problems(name))
        else:
            errors.append(required("spec.externalName"))
    return errors


def _port_list_errors(spec: Obj) -> list[FieldError]:
    ports = spec.get("ports") or ()
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, port in enumerate(ports):
        here = f"spec.ports[{number}]"
        name = port.get("name") or ""
        if name:
            errors.extend(invalid(f"{here}.name", name, said) for said in label_problems(name))
            if name in seen:
                errors.append(duplicate(f"{here}.name", name))
            seen.add(name)
        elif len(ports) > 1:
            errors.append(required(f"{here}.name"))
        own = port.get("port") or 0
        errors.extend(invalid(f"{here}.port", own, said) for said in names.port_number(own))
        errors.extend(enum_errors(port.get("protocol"), PROTOCOLS, f"{here}.protocol"))
        errors.extend(port_errors(port.get("targetPort"), f"{here}.targetPort"))
        if port.get("appProtocol"):
            errors.extend(label_key_errors(port["appProtocol"], f"{here}.appProtocol"))
    return errors


def _affinity_errors(spec: Obj) -> list[FieldError]:
    errors = enum_errors(spec.get("sessionAffinity"), ("ClientIP", "None"), "spec.sessionAffinity")
    config, here = spec.get("sessionAffinityConfig"), "spec.sessionAffinityConfig"
    if spec.get("sessionAffinity") == "ClientIP":
        client = (config or {}).get("clientIP")
        seconds = (client or {}).get("timeoutSeconds")
        if seconds is None:
            detail = "when session affinity type is ClientIP"
            errors.append(required(here, detail))
        elif not 0 < seconds <= _LONGEST_AFFINITY:
            detail = f"must be greater than 0 and less than {_LONGEST_AFFINITY}"
            errors.append(invalid(f"{here}.clientIP.timeoutSeconds", seconds, detail))
    elif spec.get("sessionAffinity") == "None" and config is not None:
        errors.append(forbidden_field(here, "must not be set when session affinity is None"))
    return errors


def _repeated_port_errors(spec: Obj) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[tuple[str, int]] = set()
    node_seen: set[tuple[str, int]] = set()
    for number, port in enumerate(spec.get("ports") or ()):
        protocol, own, on_node = port.get("protocol", ""), port.get("port") or 0, port.get("nodePort") or 0
        here = f"spec.ports[{number}]"
        if (protocol, own) in seen:
            shown = go_value("ServicePort", {"protocol": protocol, "port": own})
            errors.append(duplicate(here, shown))
        seen.add((protocol, own))
        if on_node and spec.get("type") == "ClusterIP":
            detail = "may not be used when `type` is 'ClusterIP'"
            errors.append(forbidden_field(f"{here}.nodePort", detail))
        elif on_node:
            if (protocol, on_node) in node_seen:
                errors.append(duplicate(f"{here}.nodePort", on_node))
            node_seen.add((protocol, on_node))
    return errors


def _balancer_errors(spec: Obj) -> list[FieldError]:
    errors: list[FieldError] = []
    is_balancer = spec.get("type") == "LoadBalancer"
    ranges = spec.get("loadBalancerSourceRanges") or ()
    if ranges:
        # The real server writes this field with a capital.
        here = "spec.LoadBalancerSourceRanges"
        if not is_balancer:
            errors.append(forbidden_field(here, _ONLY_BALANCERS))
        errors.extend(
            invalid(f"{here}[{number}]", each, CIDR_RULE)
            for number, each in enumerate(ranges)
            if not is_cidr(each.strip())
        )
    if is_balancer and spec.get("allocateLoadBalancerNodePorts") is None:
        errors.append(required("spec.allocateLoadBalancerNodePorts"))
    if not is_balancer and spec.get("allocateLoadBalancerNodePorts") is not None:
        errors.append(forbidden_field("spec.allocateLoadBalancerNodePorts", _ONLY_BALANCERS))
    chosen = spec.get("loadBalancerClass")
    if chosen is not None:
        if not is_balancer:
            errors.append(forbidden_field("spec.loadBalancerClass", _ONLY_BALANCERS))
        errors.extend(label_key_errors(chosen, "spec.loadBalancerClass"))
    return errors


def _traffic_errors(service: Obj) -> list[FieldError]:
    spec = service["spec"]
    errors: list[FieldError] = []
    policy = spec.get("externalTrafficPolicy")
    if is_external(spec):
        errors.extend(enum_errors(policy, ("Cluster", "Local"), "spec.externalTrafficPolicy"))
    elif policy:
        detail = "may only be set for externally-accessible services"
        errors.append(invalid("spec.externalTrafficPolicy", policy, detail))
    health = spec.get("healthCheckNodePort") or 0
    if needs_health_port(service):
        if not health:
            errors.append(required("spec.healthCheckNodePort"))
    elif health:
        detail = "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'"
        errors.append(invalid("spec.healthCheckNodePort", health, detail))
    inside = spec.get("internalTrafficPolicy")
    if inside is not None and spec.get("type") == "ExternalName":
        detail = "may only set internalTrafficPolicy when `type` is ClusterIP, NodePort or LoadBalancer"
        errors.append(forbidden_field("spec.internalTrafficPolicy", detail))
    elif inside is not None and inside not in ("Cluster", "Local"):
        errors.append(not_supported("spec.internalTrafficPolicy", inside, ("Cluster", "Local")))
    spread = spec.get("trafficDistribution")
    if spread is not None and spread not in _DISTRIBUTIONS:
        errors.append(not_supported("spec.trafficDistribution", spread, _DISTRIBUTIONS))
    return errors


def service_errors(service: Obj) -> list[FieldError]:
    """Return the errors of a Service with its defaults and what was allocated for it."""
    spec = service["spec"]
    errors: list[FieldError] = []
    if not spec.get("ports") and not is_headless(service) and spec.get("type") != "ExternalName":
        errors.append(required("spec.ports"))
    errors.extend(_type_errors(service))
    errors.extend(_port_list_errors(spec))
    errors.extend(label_errors(spec.get("selector"), "spec.selector"))
    errors.extend(_affinity_errors(spec))
    errors.extend(address_errors(service))
    for number, address in enumerate(spec.get("externalIPs") or ()):
        errors.extend(ip_errors(address, f"spec.externalIPs[{number}]"))
    errors.extend(enum_errors(spec.get("type"), TYPES, "spec.type"))
    errors.extend(_repeated_port_errors(spec))
    errors.extend(_balancer_errors(spec))
    errors.extend(_traffic_errors(service))
    return errors


def service_update_errors(new: Obj, old: Obj) -> list[FieldError]:
    """Return the errors of a changed Service."""
    errors: list[FieldError] = []
    if needs_cluster_ip(new) and needs_cluster_ip(old):
        after, before = new["spec"].get("clusterIPs") or [], old["spec"].get("clusterIPs") or []
        if before and (not after or after[0] != before[0]):
            errors.append(invalid("spec.clusterIPs[0]", after, "may not change once set"))
        families, had = new["spec"].get("ipFamilies") or [], old["spec"].get("ipFamilies") or []
        if had and (not families or families[0] != had[0]):
            errors.append(invalid("spec.ipFamilies[0]", families, "may not change once set"))
    if new["spec"].get("type") == old["spec"].get("type") == "LoadBalancer":
        chosen = new["spec"].get("loadBalancerClass")
        if chosen != old["spec"].get("loadBalancerClass"):
            errors.append(invalid("spec.loadBalancerClass", chosen, "may not change once set"))
    return errors + service_errors(new)
