"""What `kubectl get services` and `kubectl get endpoints` show."""

from __future__ import annotations

from datetime import datetime

from eks_lab.sim.objects import Obj
from eks_lab.sim.resource import Column
from eks_lab.sim.resources.columns import AGE, NAME, NONE, labels_text

_WIDTH = 16
"""A load balancer's addresses are shortened to this many letters without -o wide."""


def _cluster_ip(service: Obj, now: datetime) -> str:
    addresses = service["spec"].get("clusterIPs") or ()
    return (addresses[0] if addresses else service["spec"].get("clusterIP")) or NONE


def _balancers(service: Obj) -> str:
    entries = ((service.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    found = [each.get("ip") or each.get("hostname") or "" for each in entries]
    return ",".join(dict.fromkeys(each for each in found if each))


def _external_ip(service: Obj, now: datetime) -> str:
    spec = service["spec"]
    given = ",".join(spec.get("externalIPs") or ())
    kind = spec.get("type", "ClusterIP")
    if kind == "ExternalName":
        name: str = spec.get("externalName", "")
        return name
    if kind == "LoadBalancer":
        balancers = _balancers(service)
        if given:
            return f"{balancers},{given}" if balancers else given
        return balancers or "<pending>"
    return given or NONE


def ports_text(ports: list[Obj]) -> str:
    """Return `80/TCP,443:30123/TCP`, `<none>` without ports."""
    found = []
    for port in ports:
        node = f":{port['nodePort']}" if port.get("nodePort") else ""
        found.append(f"{port['port']}{node}/{port.get('protocol', 'TCP')}")
    return ",".join(found) or NONE


SERVICE_COLUMNS = (
    NAME,
    Column("Type", lambda service, now: service["spec"].get("type", "ClusterIP")),
    Column("Cluster-IP", _cluster_ip),
    Column("External-IP", _external_ip),
    Column("Port(s)", lambda service, now: ports_text(service["spec"].get("ports") or [])),
    AGE,
    Column("Selector", lambda service, now: labels_text(service["spec"].get("selector")), wide=True),
)

_SHOWN_ENDPOINTS = 3


def _endpoints(endpoints: Obj, now: datetime) -> str:
    """Return up to three `address:port`, and how many more there are."""
    found: list[str] = []
    for subset in endpoints.get("subsets") or ():
        ports = subset.get("ports") or ()
        for address in subset.get("addresses") or ():
            ip = f"[{address['ip']}]" if ":" in address["ip"] else address["ip"]
            found.extend(f"{ip}:{port['port']}" for port in ports) if ports else found.append(address["ip"])
    if not found:
        return NONE
    text = ",".join(found[:_SHOWN_ENDPOINTS])
    more = len(found) - _SHOWN_ENDPOINTS
    return f"{text} + {more} more..." if more > 0 else text


ENDPOINTS_COLUMNS = (NAME, Column("Endpoints", _endpoints), AGE)
