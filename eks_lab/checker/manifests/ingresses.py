"""Ingresses for the AWS Load Balancer Controller: class, target type, backends."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eks_lab.checker.manifests.manifest import Manifest, ManifestSet, items, part, text
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, WARNING, Rule
from eks_lab.kube.structure import Path

NO_CLASS = Rule(
    "eks-ingress-class",
    WARNING,
    "An Ingress without a class is nobody's: unless one IngressClass is the default, no load balancer is made and "
    "nothing says why.",
    "Write spec.ingressClassName: alb.",
    "practices.reliability-and-cost",
)
OLD_CLASS = Rule(
    "eks-ingress-class-annotation",
    WARNING,
    "The annotation kubernetes.io/ingress.class was replaced by spec.ingressClassName.",
    "Write spec.ingressClassName instead of the annotation.",
)
TARGET_TYPE = Rule(
    "eks-ingress-target-type",
    ERROR,
    "With target type instance (the default) an ALB sends to a node port, which a ClusterIP Service does not have.",
    "Write the annotation alb.ingress.kubernetes.io/target-type: ip.",
)
BACKEND = Rule(
    "k8s-ingress-backend",
    WARNING,
    "An Ingress names a Service, or a port of one, that is not here: the load balancer answers 503.",
    "Name an existing Service of the same namespace and one of its ports.",
)
RULES = (NO_CLASS, OLD_CLASS, TARGET_TYPE, BACKEND)

_OLD = "kubernetes.io/ingress.class"
_TARGET = "alb.ingress.kubernetes.io/target-type"


def check(together: ManifestSet) -> Iterator[Finding]:
    """Yield findings about Ingresses."""
    default = any(
        one.annotations.get("ingressclass.kubernetes.io/is-default-class") == "true"
        for one in together.of_kind("IngressClass")
    )
    for ingress in together.of_kind("Ingress"):
        if ingress.group != "networking.k8s.io":
            continue
        name = text(ingress.spec, "ingressClassName")
        old = ingress.annotations.get(_OLD, "")
        if old and not name:
            yield ingress.finding(OLD_CLASS, ("metadata", "annotations", _OLD), f"{_OLD}: {old}")
        elif not name and not default:
            yield ingress.finding(NO_CLASS, ("spec",), "no ingressClassName")
        is_alb = "alb" in (name, old) or any(
            key.startswith("alb.ingress.kubernetes.io/") for key in ingress.annotations
        )
        for path, backend in _backends(ingress):
            yield from _backend(ingress, path, backend, together, is_alb)


def _backends(ingress: Manifest) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    if default := part(ingress.spec, "defaultBackend", "service"):
        yield ("spec", "defaultBackend", "service"), default
    for at, rule in items(ingress.spec, "rules"):
        for position, path in items(rule, "http", "paths"):
            if service := part(path, "backend", "service"):
                yield ("spec", "rules", at, "http", "paths", position, "backend", "service"), service


def _backend(
    ingress: Manifest, path: Path, backend: Mapping[str, Any], together: ManifestSet, is_alb: bool
) -> Iterator[Finding]:
    name = text(backend, "name")
    port = part(backend, "port")
    # The controller's actions (redirects, fixed answers) look like Services that do not exist.
    if port.get("name") == "use-annotation" or not name:
        return
    service = together.named("Service", name, ingress.namespace)
    if service is None:
        if together.whole and together.of_kind("Service"):
            yield ingress.finding(
                BACKEND, (*path, "name"), f'no Service "{name}" in namespace {ingress.namespace}'
            )
        return
    ports = [one for _, one in items(service.spec, "ports")]
    wanted = port.get("number", port.get("name"))
    if (
        wanted is not None
        and ports
        and wanted not in [one.get(key) for one in ports for key in ("port", "name")]
    ):
        yield ingress.finding(BACKEND, (*path, "port"), f'the Service "{name}" has no port {wanted}')
    target = ingress.annotations.get(_TARGET) or service.annotations.get(_TARGET) or "instance"
    if is_alb and target == "instance" and text(service.spec, "type") in ("", "ClusterIP"):
        yield ingress.finding(
            TARGET_TYPE, (*path, "name"), f'target type instance with the ClusterIP Service "{name}"'
        )
