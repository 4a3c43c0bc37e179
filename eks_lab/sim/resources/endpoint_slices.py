"""EndpointSlices (pkg/apis/discovery/validation)."""

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
    too_many,
)
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, UNSET, field_of
from eks_lab.sim.resources.container_rules import PROTOCOLS
from eks_lab.sim.resources.field_rules import (
    IP_RULE,
    enum_errors,
    immutable_errors,
    label_problems,
    name_errors,
    parse_ip,
    qualified_problems,
    subdomain_problems,
)

_TYPES = ("FQDN", "IPv4", "IPv6")
_MOST_ENDPOINTS = 1000
_MOST_ADDRESSES = 100
_MOST_PORTS = 20_000
_MOST_HINTS = 8
_SHOWN = 3


def _default(endpoint_slice: Obj, world: World) -> None:
    if endpoint_slice.get("endpoints") is None:
        endpoint_slice["endpoints"] = None
    for endpoint in endpoint_slice["endpoints"] or ():
        if endpoint.get("conditions") is None:
            endpoint["conditions"] = {}
    endpoint_slice.setdefault("ports", None)
    for port in endpoint_slice["ports"] or ():
        if port.get("name") is None:
            port["name"] = ""
        if port.get("protocol") is None:
            port["protocol"] = "TCP"


def _address_errors(address: str, kind: str, path: str) -> list[FieldError]:
    if kind == "FQDN":
        return name_errors(subdomain_problems, address, path)
    parsed = parse_ip(address)
    if parsed is None:
        return [invalid(path, address, IP_RULE)]
    if parsed.version != (4 if kind == "IPv4" else 6):
        return [invalid(path, address, f"must be an {kind} address")]
    for is_bad, what in (
        (parsed.is_unspecified, f"may not be unspecified ({address})"),
        (parsed.is_loopback, "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        (parsed.is_link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
    ):
        if is_bad:
            return [invalid(path, address, what)]
    return []


def _endpoint_errors(endpoint: Obj, kind: str, path: str) -> list[FieldError]:
    addresses = endpoint.get("addresses") or []
    here = f"{path}.addresses"
    errors: list[FieldError] = []
    if not addresses:
        errors.append(required(here, "must contain at least 1 address"))
    elif len(addresses) > _MOST_ADDRESSES:
        errors.append(too_many(here, len(addresses), _MOST_ADDRESSES))
    if kind in _TYPES:
        for number, address in enumerate(addresses):
            errors.extend(_address_errors(address, kind, f"{here}[{number}]"))
    if endpoint.get("nodeName") is not None:
        errors.extend(name_errors(subdomain_problems, endpoint["nodeName"], f"{path}.nodeName"))
    if endpoint.get("hostname") is not None:
        errors.extend(name_errors(label_problems, endpoint["hostname"], f"{path}.hostname"))
    zones = (endpoint.get("hints") or {}).get("forZones") or []
    if len(zones) > _MOST_HINTS:
        return [*errors, too_many(f"{path}.hints", len(zones), _MOST_HINTS)]
    seen: set[str] = set()
    for number, zone in enumerate(zones):
        name = zone.get("name") or ""
        spot = f"{path}.hints.forZones[{number}].name"
        if name in seen:
            errors.append(duplicate(spot, name))
        seen.add(name)
        errors.extend(name_errors(names.label_value, name, spot))
    return errors


def _port_errors(ports: list[Obj]) -> list[FieldError]:
    if len(ports) > _MOST_PORTS:
        return [too_many("ports", len(ports), _MOST_PORTS)]
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, port in enumerate(ports):
        here, name = f"ports[{number}]", port.get("name") or ""
        if name:
            errors.extend(name_errors(label_problems, name, f"{here}.name"))
        if name in seen:
            errors.append(duplicate(f"{here}.name", name))
        seen.add(name)
        errors.extend(enum_errors(port.get("protocol"), sorted(PROTOCOLS), f"{here}.protocol"))
        if port.get("appProtocol") is not None:
            errors.extend(name_errors(qualified_problems, port["appProtocol"], f"{here}.appProtocol"))
    return errors


def _validate(endpoint_slice: Obj, world: World) -> list[FieldError]:
    kind = endpoint_slice.get("addressType") or ""
    errors: list[FieldError] = []
    if not kind:
        errors.append(required("addressType"))
    elif kind not in _TYPES:
        errors.append(not_supported("addressType", kind, _TYPES))
    endpoints = endpoint_slice.get("endpoints") or []
    if len(endpoints) > _MOST_ENDPOINTS:
        errors.append(too_many("endpoints", len(endpoints), _MOST_ENDPOINTS))
    else:
        for number, endpoint in enumerate(endpoints):
            errors.extend(_endpoint_errors(endpoint, kind, f"endpoints[{number}]"))
            if endpoint.get("deprecatedTopology"):
                detail = "may not be set unless it was set before"
                errors.append(forbidden_field(f"endpoints[{number}].deprecatedTopology", detail))
    return errors + _port_errors(endpoint_slice.get("ports") or [])


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    fixed = immutable_errors(new.get("addressType"), old.get("addressType"), "addressType")
    return _validate(new, world) + fixed


def _warnings(endpoint_slice: Obj, old: Obj | None, world: World) -> list[str]:
    if endpoint_slice.get("addressType") == "FQDN":
        return ["spec.addressType: FQDN endpoints are deprecated"]
    return []


def _few(found: list[str]) -> str:
    more = len(found) - _SHOWN
    text = ",".join(found[:_SHOWN])
    return f"{text} + {more} more..." if more > 0 else text


def _ports(endpoint_slice: Obj) -> str:
    ports = endpoint_slice.get("ports") or ()
    return _few([str(each["port"]) if each.get("port") else "*" for each in ports]) if ports else UNSET


def _endpoints(endpoint_slice: Obj) -> str:
    endpoints = endpoint_slice.get("endpoints") or ()
    if not endpoints:
        return UNSET
    return _few([address for each in endpoints for address in each.get("addresses") or ()])


ENDPOINT_SLICES = Resource(
    plural="endpointslices",
    kind="EndpointSlice",
    group="discovery.k8s.io",
    columns=(
        NAME,
        Column("AddressType", field_of("addressType")),
        Column("Ports", lambda each, now: _ports(each)),
        Column("Endpoints", lambda each, now: _endpoints(each)),
        AGE,
    ),
    default=_default,
    validate=_validate,
    validate_update=_validate_update,
    warnings=_warnings,
    counts_generation=True,
)

RESOURCES = (ENDPOINT_SLICES,)
