"""Cluster IPs and node ports: what a Service asks for, and what it is given.

Free numbers are found by looking at the Services there are, so nothing else has to be kept or repaired.
EKS gives a cluster 172.20.0.0/16 when its VPC does not use that range
(docs.aws.amazon.com/eks/latest/userguide/creating-clusters.html, "Kubernetes service IPv4 CIDR").
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator

from eks_lab.sim.objects import FieldError, Obj, invalid, invalid_object, required
from eks_lab.sim.resource import World

SERVICE_NETWORK = ipaddress.ip_network("172.20.0.0/16")
STATIC_BAND = 256
"""Addresses at the start that are given only when asked for (KEP-3070), `kubernetes` and `kube-dns` among them."""
NODE_PORTS = range(30_000, 32_768)
PORT_BAND = 86
"""Node ports at the start that are given only when asked for (KEP-3668)."""


def needs_cluster_ip(service: Obj) -> bool:
    """Say whether a Service of this type has cluster IPs."""
    return service["spec"].get("type") in ("ClusterIP", "NodePort", "LoadBalancer")


def needs_node_ports(service: Obj) -> bool:
    """Say whether a Service of this type has node ports."""
    spec = service["spec"]
    if spec.get("type") == "LoadBalancer":
        return spec.get("allocateLoadBalancerNodePorts") is not False
    return bool(spec.get("type") == "NodePort")


def needs_health_port(service: Obj) -> bool:
    """Say whether load balancers ask a port of its own who has endpoints."""
    spec = service["spec"]
    return bool(spec.get("type") == "LoadBalancer" and spec.get("externalTrafficPolicy") == "Local")


def is_headless(service: Obj) -> bool:
    """Say whether a Service has no cluster IP on purpose."""
    addresses = service["spec"].get("clusterIPs") or [service["spec"].get("clusterIP")]
    return bool(addresses[0] == "None")


def _refuse(service: Obj, errors: list[FieldError]) -> None:
    if errors:
        metadata = service["metadata"]
        raise invalid_object(
            "Service", "", metadata.get("name") or metadata.get("generateName") or "", errors
        )


def _others(service: Obj, world: World) -> Iterator[Obj]:
    metadata = service["metadata"]
    own = metadata.get("namespace", ""), metadata.get("name")
    for each in world.items("services"):
        if (each["metadata"].get("namespace", ""), each["metadata"]["name"]) != own:
            yield each


def _draw(first: int, last: int, taken: set[int], world: World) -> int | None:
    """Return a free number of a range, looking onwards from a random one; None when all are taken."""
    count = last - first + 1
    start = world.ids.number(0, count - 1)
    for step in range(count):
        number = first + (start + step) % count
        if number not in taken:
            return number
    return None


def default_families(service: Obj) -> None:
    """Fill in ipFamilies and ipFamilyPolicy of a cluster that has IPv4 only.

    Raises:
        ApiError: the Service asks for what this cluster does not have.
    """
    spec = service["spec"]
    if not needs_cluster_ip(service):
        return
    families, policy = spec.get("ipFamilies") or [], spec.get("ipFamilyPolicy")
    if is_headless(service) and not spec.get("selector"):
        # Nobody can know what a headless Service without a selector points at: both families, as upstream.
        spec.setdefault("ipFamilyPolicy", "RequireDualStack" if not families else "SingleStack")
        spec["ipFamilies"] = families or ["IPv4", "IPv6"]
        return
    errors = []
    if policy == "RequireDualStack":
        detail = "this cluster is not configured for dual-stack services"
        errors.append(invalid("spec.ipFamilyPolicy", policy, detail))
    errors.extend(
        invalid(f"spec.ipFamilies[{number}]", family, "not configured on this cluster")
        for number, family in enumerate(families)
        if family == "IPv6"
    )
    _refuse(service, errors)
    spec["ipFamilyPolicy"] = policy or "SingleStack"
    spec["ipFamilies"] = families or ["IPv4"]


def allocate_addresses(service: Obj, world: World) -> None:
    """Give the Service its cluster IP, the asked-for one or a free one.

    Raises:
        ApiError: 422, the address is outside the range or taken, or none is left.
    """
    spec = service["spec"]
    if not needs_cluster_ip(service) or is_headless(service):
        return
    taken = {
        int(ipaddress.ip_address(address))
        for each in _others(service, world)
        for address in each["spec"].get("clusterIPs") or ()
        if address != "None"
    }
    wished = (spec.get("clusterIPs") or [None])[0]
    first = int(SERVICE_NETWORK.network_address)
    last = int(SERVICE_NETWORK.broadcast_address) - 1
    if wished:
        address = ipaddress.ip_address(wished)
        why = ""
        if address not in SERVICE_NETWORK:
            why = "the provided network does not match the current range"
        elif not first < int(address) <= last:
            why = f"the provided IP ({wished}) is not in the valid range. The range of valid IPs is {SERVICE_NETWORK}"
        elif int(address) in taken:
            why = "provided IP is already allocated"
        if why:
            detail = f"failed to allocate IP {wished}: {why}"
            _refuse(service, [invalid("spec.clusterIPs", [wished], detail)])
        return
    number = _draw(first + STATIC_BAND, last, taken, world)
    if number is None:
        number = _draw(first + 1, first + STATIC_BAND - 1, taken, world)
    if number is None:
        detail = "failed to allocate a serviceIP: range is full"
        _refuse(service, [invalid("spec.clusterIPs", [], detail)])
        return
    spec["clusterIP"] = str(ipaddress.ip_address(number))
    spec["clusterIPs"] = [spec["clusterIP"]]


def _taken_ports(service: Obj, world: World) -> dict[int, set[str]]:
    """Return the node ports of the other Services, each with its protocols."""
    taken: dict[int, set[str]] = {}
    for each in _others(service, world):
        spec = each["spec"]
        for port in spec.get("ports") or ():
            if port.get("nodePort"):
                taken.setdefault(port["nodePort"], set()).add(port.get("protocol", "TCP"))
        if spec.get("healthCheckNodePort"):
            taken.setdefault(spec["healthCheckNodePort"], set()).add("TCP")
    return taken


def allocate_ports(service: Obj, world: World, old: Obj | None = None) -> None:
    """Give the Service its node ports, the asked-for ones or free ones.

    Args:
        service: about to be written.
        world: with the other Services.
        old: the Service before the change; ports it has already are not judged again.

    Raises:
        ApiError: 422, a port is outside the range or taken, or none is left.
    """
    spec = service["spec"]
    if not needs_node_ports(service) and not needs_health_port(service):
        return
    taken = _taken_ports(service, world)
    had = {
        (port.get("nodePort"), port.get("protocol", "TCP"))
        for port in ((old or {}).get("spec") or {}).get("ports") or ()
    }
    own: dict[int, str] = {}
    if needs_node_ports(service):
        for number, port in enumerate(spec.get("ports") or ()):
            wished, protocol = port.get("nodePort"), port.get("protocol", "TCP")
            if not wished:
                continue
            here = f"spec.ports[{number}].nodePort"
            if wished not in NODE_PORTS:
                detail = "provided port is not in the valid range. The range of valid ports is 30000-32767"
                _refuse(service, [invalid(here, wished, detail)])
            if (wished, protocol) not in had and protocol in taken.get(wished, ()):
                _refuse(service, [invalid(here, wished, "provided port is already allocated")])
            own[wished] = protocol
        for port in spec.get("ports") or ():
            if port.get("nodePort"):
                continue
            # The same port for TCP and UDP shares a number, as DNS needs it.
            twin = next(
                (
                    each["nodePort"]
                    for each in spec["ports"]
                    if each.get("nodePort")
                    and each["port"] == port["port"]
                    and each.get("protocol") != port.get("protocol")
                ),
                None,
            )
            port["nodePort"] = twin or _free_port(service, {*taken, *own}, world)
            own[port["nodePort"]] = port.get("protocol", "TCP")
    if needs_health_port(service):
        health = spec.get("healthCheckNodePort")
        before = ((old or {}).get("spec") or {}).get("healthCheckNodePort")
        if not health:
            spec["healthCheckNodePort"] = _free_port(service, {*taken, *own}, world)
        elif health != before and (health not in NODE_PORTS or health in taken):
            why = "provided port is already allocated"
            if health not in NODE_PORTS:
                why = "provided port is not in the valid range. The range of valid ports is 30000-32767"
            detail = f"failed to allocate requested HealthCheck NodePort {health}: {why}"
            _refuse(service, [invalid("spec.healthCheckNodePort", health, detail)])


def _free_port(service: Obj, taken: set[int], world: World) -> int:
    first, last = NODE_PORTS[0], NODE_PORTS[-1]
    number = _draw(first + PORT_BAND, last, taken, world)
    if number is None:
        number = _draw(first, first + PORT_BAND - 1, taken, world)
    if number is None:
        _refuse(service, [required("spec.ports", "failed to allocate a nodePort: range is full")])
    return number or 0
