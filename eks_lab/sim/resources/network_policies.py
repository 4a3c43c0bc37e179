"""NetworkPolicies (pkg/apis/networking/validation)."""

from __future__ import annotations

import ipaddress

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid, not_supported, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, selector_text
from eks_lab.sim.resources.field_rules import CIDR_RULE, is_cidr, port_errors, selector_errors

_PROTOCOLS = ("TCP", "UDP", "SCTP")
_TYPES = ("Ingress", "Egress")


def _default(policy: Obj, world: World) -> None:
    spec = policy.setdefault("spec", {})
    if spec.get("podSelector") is None:
        spec["podSelector"] = {}
    for direction in ("ingress", "egress"):
        for rule in spec.get(direction) or ():
            for port in rule.get("ports") or ():
                if port.get("protocol") is None:
                    port["protocol"] = "TCP"
    if not spec.get("policyTypes"):
        spec["policyTypes"] = ["Ingress", "Egress"] if spec.get("egress") else ["Ingress"]


def _port_errors(port: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if port.get("protocol") is not None and port["protocol"] not in _PROTOCOLS:
        errors.append(not_supported(f"{path}.protocol", port["protocol"], _PROTOCOLS))
    own, last = port.get("port"), port.get("endPort")
    here = f"{path}.endPort"
    if own is not None:
        errors.extend(port_errors(own, f"{path}.port"))
        if last is not None:
            if isinstance(own, str):
                errors.append(invalid(here, last, "may not be specified when `port` is non-numeric"))
            else:
                if last < own:
                    errors.append(invalid(here, own, "must be greater than or equal to `port`"))
                errors.extend(invalid(here, last, said) for said in names.port_number(last))
    elif last is not None:
        errors.append(invalid(here, last, "may not be specified when `port` is not specified"))
    return errors


def _block_errors(block: Obj, path: str) -> list[FieldError]:
    cidr = block.get("cidr") or ""
    if not cidr:
        return [required(f"{path}.cidr")]
    if not is_cidr(cidr):
        return [invalid(f"{path}.cidr", cidr, CIDR_RULE)]
    whole = ipaddress.ip_network(cidr, strict=False)
    errors: list[FieldError] = []
    for number, text in enumerate(block.get("except") or ()):
        here = f"{path}.except[{number}]"
        if not is_cidr(text):
            return [*errors, invalid(here, text, CIDR_RULE)]
        part = ipaddress.ip_network(text, strict=False)
        inside = part.version == whole.version and part.network_address in whole
        if not inside or whole.prefixlen >= part.prefixlen:
            errors.append(invalid(here, text, "must be a strict subset of `cidr`"))
    return errors


def _peer_errors(peer: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    count = 0
    for field in ("podSelector", "namespaceSelector"):
        if peer.get(field) is not None:
            count += 1
            errors.extend(selector_errors(peer[field], f"{path}.{field}"))
    block = peer.get("ipBlock")
    if block is not None:
        count += 1
        errors.extend(_block_errors(block, f"{path}.ipBlock"))
    if not count:
        errors.append(required(path, "must specify a peer"))
    elif count > 1 and block is not None:
        errors.append(forbidden_field(path, "may not specify both ipBlock and another peer"))
    return errors


def _validate(policy: Obj, world: World) -> list[FieldError]:
    spec = policy["spec"]
    errors = selector_errors(spec.get("podSelector"), "spec.podSelector")
    for direction, peers in (("ingress", "from"), ("egress", "to")):
        for number, rule in enumerate(spec.get(direction) or ()):
            here = f"spec.{direction}[{number}]"
            for position, port in enumerate(rule.get("ports") or ()):
                errors.extend(_port_errors(port, f"{here}.ports[{position}]"))
            for position, peer in enumerate(rule.get(peers) or ()):
                errors.extend(_peer_errors(peer, f"{here}.{peers}[{position}]"))
    types = spec.get("policyTypes") or []
    if len(types) > len(_TYPES):
        detail = "may not specify more than two policyTypes"
        return [*errors, invalid("spec.policyTypes", types, detail)]
    for number, kind in enumerate(types):
        if kind not in _TYPES:
            errors.append(not_supported(f"spec.policyTypes[{number}]", kind, _TYPES))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return _validate(new, world)


NETWORK_POLICIES = Resource(
    plural="networkpolicies",
    kind="NetworkPolicy",
    group="networking.k8s.io",
    short_names=("netpol",),
    columns=(
        NAME,
        Column("Pod-Selector", lambda each, now: selector_text(each["spec"].get("podSelector"))),
        AGE,
    ),
    default=_default,
    validate=_validate,
    validate_update=_validate_update,
    counts_generation=True,
)

RESOURCES = (NETWORK_POLICIES,)
