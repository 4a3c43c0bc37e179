"""Endpoints, which EndpointSlices replaced."""

from __future__ import annotations

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, invalid, required
from eks_lab.sim.resource import Resource, World
from eks_lab.sim.resources.container_rules import PROTOCOLS
from eks_lab.sim.resources.field_rules import enum_errors, ip_errors, label_problems, parse_ip
from eks_lab.sim.resources.service_columns import ENDPOINTS_COLUMNS


def _default(endpoints: Obj, world: World) -> None:
    for subset in endpoints.get("subsets") or ():
        for port in subset.get("ports") or ():
            if not port.get("protocol"):
                port["protocol"] = "TCP"


def _address_errors(address: Obj, path: str) -> list[FieldError]:
    text = address.get("ip") or ""
    errors = ip_errors(text, f"{path}.ip")
    name = address.get("hostname")
    if name:
        errors.extend(invalid(f"{path}.hostname", name, said) for said in label_problems(name))
    parsed = parse_ip(text)
    if parsed is None:
        return errors
    for is_bad, what in (
        (parsed.is_unspecified, "may not be unspecified ({})"),
        (parsed.is_loopback, "may not be in the loopback range (127.0.0.0/8, ::1/128)"),
        (parsed.is_link_local, "may not be in the link-local range (169.254.0.0/16, fe80::/10)"),
        (
            parsed.is_multicast and parsed.packed[:3] == b"\xe0\x00\x00",
            "may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)",
        ),
    ):
        if is_bad:
            errors.append(invalid(f"{path}.ip", text, what.format(text)))
    return errors


def _subset_errors(subset: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if not subset.get("addresses") and not subset.get("notReadyAddresses"):
        errors.append(required(path, "must specify `addresses` or `notReadyAddresses`"))
    for field in ("addresses", "notReadyAddresses"):
        for number, address in enumerate(subset.get(field) or ()):
            errors.extend(_address_errors(address, f"{path}.{field}[{number}]"))
    ports = subset.get("ports") or ()
    for number, port in enumerate(ports):
        here, name = f"{path}.ports[{number}]", port.get("name") or ""
        if name:
            errors.extend(invalid(f"{here}.name", name, said) for said in label_problems(name))
        elif len(ports) > 1:
            errors.append(required(f"{here}.name"))
        own = port.get("port") or 0
        errors.extend(invalid(f"{here}.port", own, said) for said in names.port_number(own))
        errors.extend(enum_errors(port.get("protocol"), PROTOCOLS, f"{here}.protocol"))
    return errors


def _validate(endpoints: Obj, world: World) -> list[FieldError]:
    errors: list[FieldError] = []
    for number, subset in enumerate(endpoints.get("subsets") or ()):
        errors.extend(_subset_errors(subset, f"subsets[{number}]"))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return _validate(new, world)


ENDPOINTS = Resource(
    plural="endpoints",
    kind="Endpoints",
    short_names=("ep",),
    columns=ENDPOINTS_COLUMNS,
    default=_default,
    validate=_validate,
    validate_update=_validate_update,
)

RESOURCES = (ENDPOINTS,)
