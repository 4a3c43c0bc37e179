"""Ingresses (pkg/apis/networking/validation)."""

from __future__ import annotations

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, annotations_of, invalid, not_supported, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, NONE, field_of
from eks_lab.sim.resources.field_rules import (
    label_problems,
    name_errors,
    parse_ip,
    port_name_problems,
    subdomain_problems,
)

CLASS_ANNOTATION = "kubernetes.io/ingress.class"
_PATH_TYPES = ("Exact", "ImplementationSpecific", "Prefix")
_IN_NO_PATH = ("//", "/./", "/../", "%2f", "%2F")
_AT_NO_END = ("/..", "/.")
_SHOWN_HOSTS = 3


def _default(ingress: Obj, world: World) -> None:
    ingress.setdefault("spec", {})
    ingress.setdefault("status", {}).setdefault("loadBalancer", {})


def _prepare_create(ingress: Obj, world: World) -> None:
    ingress["status"] = {"loadBalancer": {}}


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {"loadBalancer": {}}


def _resource_errors(reference: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if reference.get("apiGroup"):
        errors.extend(name_errors(subdomain_problems, reference["apiGroup"], f"{path}.apiGroup"))
    for field in ("kind", "name"):
        if not reference.get(field):
            errors.append(required(f"{path}.{field}"))
        else:
            errors.extend(name_errors(names.path_segment, reference[field], f"{path}.{field}"))
    return errors


def _backend_errors(backend: Obj, path: str) -> list[FieldError]:
    service, resource = backend.get("service"), backend.get("resource")
    if service is not None and resource is not None:
        return [invalid(path, "", "cannot set both resource and service backends")]
    if resource is not None:
        return _resource_errors(resource, f"{path}.resource")
    if service is None:
        return [invalid(path, "", "resource or service backend is required")]
    errors: list[FieldError] = []
    if not service.get("name"):
        errors.append(required(f"{path}.service.name"))
    else:
        errors.extend(name_errors(label_problems, service["name"], f"{path}.service.name"))
    port = service.get("port") or {}
    name, number = port.get("name"), port.get("number")
    if name and number:
        errors.append(invalid(path, "", "cannot set both port name & port number"))
    elif name:
        errors.extend(name_errors(port_name_problems, name, f"{path}.service.port.name"))
    elif number:
        here = f"{path}.service.port.number"
        errors.extend(invalid(here, number, said) for said in names.port_number(number))
    else:
        errors.append(required(path, "port name or number is required"))
    return errors


def _path_errors(entry: Obj, path: str) -> list[FieldError]:
    kind, text = entry.get("pathType"), entry.get("path") or ""
    if kind is None:
        return [required(f"{path}.pathType", "pathType must be specified")]
    errors: list[FieldError] = []
    if kind in ("Exact", "Prefix"):
        if not text.startswith("/"):
            errors.append(invalid(f"{path}.path", text, "must be an absolute path"))
        if text:
            errors.extend(
                invalid(f"{path}.path", text, f"must not contain '{part}'")
                for part in _IN_NO_PATH
                if part in text
            )
            errors.extend(
                invalid(f"{path}.path", text, f"cannot end with '{end}'")
                for end in _AT_NO_END
                if text.endswith(end)
            )
    elif kind == "ImplementationSpecific":
        if text and not text.startswith("/"):
            errors.append(invalid(f"{path}.path", text, "must be an absolute path"))
    else:
        errors.append(not_supported(f"{path}.pathType", kind, _PATH_TYPES))
    return errors + _backend_errors(entry.get("backend") or {}, f"{path}.backend")


def _host_errors(host: str, path: str) -> list[FieldError]:
    judge = names.wildcard_subdomain if "*" in host else subdomain_problems
    return name_errors(judge, host, path)


def _spec_errors(spec: Obj) -> list[FieldError]:
    rules, backend = spec.get("rules") or [], spec.get("defaultBackend")
    errors: list[FieldError] = []
    if not rules and backend is None:
        detail = "either `defaultBackend` or `rules` must be specified"
        errors.append(invalid("spec", spec.get("rules"), detail))
    if backend is not None:
        errors.extend(_backend_errors(backend, "spec.defaultBackend"))
    for number, rule in enumerate(rules):
        here, host = f"spec.rules[{number}]", rule.get("host") or ""
        if host:
            if parse_ip(host) is not None:
                errors.append(invalid(f"{here}.host", host, "must be a DNS name, not an IP address"))
            errors.extend(_host_errors(host, f"{here}.host"))
        if rule.get("http") is not None:
            paths = rule["http"].get("paths") or []
            if not paths:
                errors.append(required(f"{here}.http.paths"))
            for position, entry in enumerate(paths):
                errors.extend(_path_errors(entry, f"{here}.http.paths[{position}]"))
    for number, tls in enumerate(spec.get("tls") or ()):
        for position, host in enumerate(tls.get("hosts") or ()):
            errors.extend(_host_errors(host, f"spec.tls[{number}].hosts[{position}]"))
        if tls.get("secretName"):
            here = f"spec.tls[{number}].secretName"
            errors.extend(name_errors(subdomain_problems, tls["secretName"], here))
    if spec.get("ingressClassName") is not None:
        errors.extend(name_errors(subdomain_problems, spec["ingressClassName"], "spec.ingressClassName"))
    return errors


def _validate(ingress: Obj, world: World) -> list[FieldError]:
    spec = ingress["spec"]
    errors = _spec_errors(spec)
    old_way = annotations_of(ingress).get(CLASS_ANNOTATION)
    if old_way is not None and spec.get("ingressClassName") not in (None, old_way):
        detail = "must match `ingressClassName` when both are specified"
        errors.append(invalid(f"annotations.{CLASS_ANNOTATION}", old_way, detail))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return _spec_errors(new["spec"])


def _validate_status(new: Obj, old: Obj, world: World) -> list[FieldError]:
    errors: list[FieldError] = []
    balancer = (new.get("status") or {}).get("loadBalancer") or {}
    for number, entry in enumerate(balancer.get("ingress") or ()):
        here = f"status.loadBalancer.ingress[{number}]"
        if entry.get("ip") and parse_ip(entry["ip"]) is None:
            errors.append(invalid(f"{here}.ip", entry["ip"], "must be a valid IP address"))
        host = entry.get("hostname")
        if host:
            errors.extend(name_errors(subdomain_problems, host, f"{here}.hostname"))
            if parse_ip(host) is not None:
                errors.append(invalid(f"{here}.hostname", host, "must be a DNS name, not an IP address"))
    return errors


def _warnings(ingress: Obj, old: Obj | None, world: World) -> list[str]:
    if old is None and CLASS_ANNOTATION in annotations_of(ingress):
        return [
            f"annotation \"{CLASS_ANNOTATION}\" is deprecated, please use 'spec.ingressClassName' instead"
        ]
    return []


def _hosts(ingress: Obj) -> str:
    found = [rule["host"] for rule in ingress["spec"].get("rules") or () if rule.get("host")]
    if not found:
        return "*"
    more = len(found) - _SHOWN_HOSTS
    text = ",".join(found[:_SHOWN_HOSTS])
    return f"{text} + {more} more..." if more > 0 else text


def _address(ingress: Obj) -> str:
    entries = ((ingress.get("status") or {}).get("loadBalancer") or {}).get("ingress") or ()
    return ",".join(each.get("ip") or each.get("hostname") or "" for each in entries)


INGRESSES = Resource(
    plural="ingresses",
    kind="Ingress",
    group="networking.k8s.io",
    short_names=("ing",),
    has_status=True,
    columns=(
        NAME,
        Column("Class", field_of("spec", "ingressClassName", otherwise=NONE)),
        Column("Hosts", lambda each, now: _hosts(each)),
        Column("Address", lambda each, now: _address(each)),
        Column("Ports", lambda each, now: "80, 443" if each["spec"].get("tls") else "80"),
        AGE,
    ),
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
    validate_status_update=_validate_status,
    warnings=_warnings,
    counts_generation=True,
)

RESOURCES = (INGRESSES,)
