"""ServiceCIDRs and IPAddresses: where cluster IPs come from, and which are taken (KEP-1880)."""

from __future__ import annotations

import ipaddress

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, invalid, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME
from eks_lab.sim.resources.field_rules import (
    CIDR_RULE,
    immutable_errors,
    is_cidr,
    name_errors,
    parse_ip,
    subdomain_problems,
)


def _cidr_errors(service_cidr: Obj, world: World) -> list[FieldError]:
    cidrs = (service_cidr.get("spec") or {}).get("cidrs") or []
    if not cidrs:
        return [required("spec.cidrs", "at least one CIDR required")]
    if len(cidrs) > 2:
        detail = f"may only hold up to 2 values, got {len(cidrs)}"
        return [invalid("spec", service_cidr["spec"], detail)]
    errors: list[FieldError] = []
    for number, text in enumerate(cidrs):
        here = f"spec.cidrs[{number}]"
        if not is_cidr(text):
            errors.append(invalid(here, text, CIDR_RULE))
            continue
        network = ipaddress.ip_network(text, strict=False)
        if str(network) != text:
            errors.append(invalid(here, text, f'must be in canonical form ("{network}")'))
    if not errors and len(cidrs) == 2:
        versions = {ipaddress.ip_network(text).version for text in cidrs}
        if len(versions) < 2:
            detail = (
                "may specify no more than one IP for each IP family, i.e 192.168.0.0/24 and 2001:db8::/64"
            )
            errors.append(invalid("spec", {"cidrs": cidrs}, detail))
    return errors


def _cidr_update_errors(new: Obj, old: Obj, world: World) -> list[FieldError]:
    after, before = new["spec"].get("cidrs") or [], old["spec"].get("cidrs") or []
    if len(before) == 1 and len(after) == 2 and after[0] == before[0]:
        # One family may grow into two.
        return _cidr_errors(new, world)
    return immutable_errors(after, before, "spec.cidrs")


def _drop_status(service_cidr: Obj, world: World) -> None:
    service_cidr["status"] = {}


def _default_cidr(service_cidr: Obj, world: World) -> None:
    service_cidr.setdefault("spec", {})
    service_cidr.setdefault("status", {})


def _keep_status(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {}


def _address_name(name: str) -> list[str]:
    parsed = parse_ip(name)
    if parsed is None:
        return ["must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"]
    return [] if str(parsed) == name else [f'must be in canonical form ("{parsed}")']


def _address_errors(address: Obj, world: World) -> list[FieldError]:
    parent = (address.get("spec") or {}).get("parentRef")
    here = "spec.parentRef"
    if parent is None:
        return [required(here)]
    errors: list[FieldError] = []
    if parent.get("group"):
        errors.extend(name_errors(subdomain_problems, parent["group"], f"{here}.group"))
    for field in ("resource", "name"):
        if not parent.get(field):
            errors.append(required(f"{here}.{field}"))
        else:
            errors.extend(name_errors(names.path_segment, parent[field], f"{here}.{field}"))
    if parent.get("namespace"):
        errors.extend(name_errors(names.path_segment, parent["namespace"], f"{here}.namespace"))
    return errors


def _address_update_errors(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return immutable_errors(
        new["spec"].get("parentRef"), old["spec"].get("parentRef"), "spec.parentRef"
    ) + _address_errors(new, world)


def _parent(address: Obj) -> str:
    """Return `services/default/web` (printIPAddress)."""
    parent = (address.get("spec") or {}).get("parentRef") or {}
    group = f".{parent['group']}" if parent.get("group") else ""
    namespace = f"/{parent['namespace']}" if parent.get("namespace") else ""
    return f"{parent.get('resource', '')}{group}{namespace}/{parent.get('name', '')}"


SERVICE_CIDRS = Resource(
    plural="servicecidrs",
    kind="ServiceCIDR",
    group="networking.k8s.io",
    namespaced=False,
    has_status=True,
    columns=(
        NAME,
        Column("CIDRs", lambda each, now: ",".join((each.get("spec") or {}).get("cidrs") or ())),
        AGE,
    ),
    default=_default_cidr,
    prepare_create=_drop_status,
    prepare_update=_keep_status,
    validate=_cidr_errors,
    validate_update=_cidr_update_errors,
)

IP_ADDRESSES = Resource(
    plural="ipaddresses",
    kind="IPAddress",
    group="networking.k8s.io",
    namespaced=False,
    short_names=("ip",),
    columns=(NAME, Column("ParentRef", lambda each, now: _parent(each)), AGE),
    validate=_address_errors,
    validate_update=_address_update_errors,
    name_problem=_address_name,
)

RESOURCES = (SERVICE_CIDRS, IP_ADDRESSES)
