"""IngressClasses (pkg/apis/networking/validation)."""

from __future__ import annotations

import re

from eks_lab.kube import names
from eks_lab.sim.objects import (
    FieldError,
    Obj,
    annotations_of,
    forbidden_field,
    invalid,
    not_supported,
    required,
    too_long,
)
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, NONE, field_of
from eks_lab.sim.resources.field_rules import (
    immutable_errors,
    label_problems,
    name_errors,
    subdomain_problems,
)

DEFAULT_ANNOTATION = "ingressclass.kubernetes.io/is-default-class"
_LONGEST_CONTROLLER = 250
_SCOPES = ("Cluster", "Namespace")
_PATH = re.compile(r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+")


def _default(ingress_class: Obj, world: World) -> None:
    parameters = ingress_class.setdefault("spec", {}).get("parameters")
    if parameters is not None and parameters.get("scope") is None:
        parameters["scope"] = "Cluster"


def prefixed_path_errors(text: str, path: str) -> list[FieldError]:
    """Return the errors of a domain-prefixed path (IsDomainPrefixedPath).

    Args:
        text: `acme.io/foo`.
        path: of its field.
    """
    if not text:
        return [required(path)]
    domain, _, rest = text.partition("/")
    if not domain or not rest:
        return [invalid(path, text, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    errors = name_errors(subdomain_problems, domain, path)
    if not _PATH.fullmatch(rest):
        said = names.regex_message("Invalid path", _PATH.pattern)
        errors.append(invalid(path, rest, said))
    return errors


def _parameter_errors(parameters: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if parameters.get("apiGroup") is not None:
        errors.extend(name_errors(subdomain_problems, parameters["apiGroup"], f"{path}.apiGroup"))
    for field in ("kind", "name"):
        if not parameters.get(field):
            errors.append(required(f"{path}.{field}"))
        else:
            errors.extend(name_errors(names.path_segment, parameters[field], f"{path}.{field}"))
    scope, namespace = parameters.get("scope"), parameters.get("namespace")
    if scope not in _SCOPES:
        errors.append(not_supported(f"{path}.scope", scope, _SCOPES))
    elif scope == "Namespace":
        if not namespace:
            errors.append(required(f"{path}.namespace", "`parameters.scope` is set to 'Namespace'"))
        else:
            errors.extend(name_errors(label_problems, namespace, f"{path}.namespace"))
    elif namespace is not None:
        errors.append(forbidden_field(f"{path}.namespace", "`parameters.scope` is set to 'Cluster'"))
    return errors


def _validate(ingress_class: Obj, world: World) -> list[FieldError]:
    spec = ingress_class["spec"]
    controller = spec.get("controller") or ""
    errors: list[FieldError] = []
    if len(controller) > _LONGEST_CONTROLLER:
        errors.append(too_long("spec.controller", _LONGEST_CONTROLLER))
    errors.extend(prefixed_path_errors(controller, "spec.controller"))
    if spec.get("parameters") is not None:
        errors.extend(_parameter_errors(spec["parameters"], "spec.parameters"))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    after, before = new["spec"].get("controller"), old["spec"].get("controller")
    return immutable_errors(after, before, "spec.controller") + (
        _validate(new, world) if after == before else []
    )


def _parameters(ingress_class: Obj) -> str:
    parameters = ingress_class["spec"].get("parameters")
    if parameters is None:
        return NONE
    group = parameters.get("apiGroup")
    kind = f"{parameters['kind']}.{group}" if group else parameters["kind"]
    return f"{kind}/{parameters['name']}"


def _name(ingress_class: Obj) -> str:
    name: str = ingress_class["metadata"]["name"]
    is_default = annotations_of(ingress_class).get(DEFAULT_ANNOTATION) == "true"
    return f"{name} (default)" if is_default else name


INGRESS_CLASSES = Resource(
    plural="ingressclasses",
    kind="IngressClass",
    group="networking.k8s.io",
    namespaced=False,
    columns=(
        Column("Name", lambda each, now: _name(each), format="name", description=NAME.description),
        Column("Controller", field_of("spec", "controller")),
        Column("Parameters", lambda each, now: _parameters(each)),
        AGE,
    ),
    default=_default,
    validate=_validate,
    validate_update=_validate_update,
    counts_generation=True,
)

RESOURCES = (INGRESS_CLASSES,)
