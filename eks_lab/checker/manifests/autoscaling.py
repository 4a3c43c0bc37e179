"""HorizontalPodAutoscalers: can they work at all."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.manifests.manifest import Manifest, ManifestSet, PodTemplate, items, number, part, text
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, WARNING, Rule

NO_REQUEST = Rule(
    "k8s-hpa-no-requests",
    ERROR,
    "Utilization is a share of the request: with a container that requests nothing the HPA shows <unknown> and never "
    "scales.",
    "Set resources.requests for that resource on every container.",
    "scaling.hpa",
)
NO_TARGET = Rule(
    "k8s-hpa-target-missing",
    WARNING,
    "The HPA scales something that does not stand here.",
    "Correct scaleTargetRef, or add the workload.",
    "scaling.hpa",
)
BOUNDS = Rule(
    "k8s-hpa-bounds",
    ERROR,
    "minReplicas above maxReplicas is refused; equal ones never scale.",
    "Give the HPA room between minReplicas and maxReplicas.",
    "scaling.hpa",
)
REPLICAS = Rule(
    "k8s-hpa-replicas",
    NOTE,
    "A workload that an HPA scales should not write replicas: every apply sets the number back.",
    "Leave spec.replicas out of the workload.",
    "scaling.hpa",
)
TWO = Rule(
    "k8s-hpa-twice",
    ERROR,
    "Two HPAs on one workload fight, and the controller refuses both (AmbiguousSelector).",
    "Put both metrics into one HPA.",
    "scaling.hpa",
)
NO_METRIC = Rule(
    "k8s-hpa-metric",
    ERROR,
    "A metric's target says a type without its value.",
    "Give averageUtilization, averageValue or value, as target.type says.",
    "scaling.hpa",
)
RULES = (NO_REQUEST, NO_TARGET, BOUNDS, REPLICAS, TWO, NO_METRIC)

_VALUE = {"Utilization": "averageUtilization", "AverageValue": "averageValue", "Value": "value"}
_SOURCES = {
    "Resource": "resource", "ContainerResource": "containerResource", "Pods": "pods", "Object": "object",
    "External": "external",
}  # fmt: skip


def check(together: ManifestSet) -> Iterator[Finding]:
    """Yield findings about HPAs."""
    seen: dict[tuple[str, str, str], Manifest] = {}
    for hpa in together.of_kind("HorizontalPodAutoscaler"):
        least, most = number(hpa.spec.get("minReplicas"), 1), number(hpa.spec.get("maxReplicas"), 0)
        if most and least > most:
            yield hpa.finding(
                BOUNDS,
                ("spec", "maxReplicas"),
                f"spec.maxReplicas: Invalid value: {most}: must be greater than or equal to `minReplicas` ({least})",
            )
        elif most and least == most:
            yield hpa.finding(
                BOUNDS,
                ("spec", "maxReplicas"),
                f"minReplicas and maxReplicas are both {most}",
                severity=WARNING,
            )
        yield from _metrics(hpa)
        kind, name = text(hpa.spec, "scaleTargetRef", "kind"), text(hpa.spec, "scaleTargetRef", "name")
        if not name:
            continue
        first = seen.setdefault((hpa.namespace, kind, name), hpa)
        if first is not hpa:
            yield hpa.finding(TWO, ("spec", "scaleTargetRef"), f"{kind} {name} is already scaled by {first}")
        yield from _target(hpa, kind, name, together)


def _metrics(hpa: Manifest) -> Iterator[Finding]:
    for position, metric in items(hpa.spec, "metrics"):
        field = _SOURCES.get(text(metric, "type"), "")
        target = part(metric, field, "target") if field else {}
        wanted = _VALUE.get(text(target, "type"))
        if wanted and target.get(wanted) is None:
            yield hpa.finding(
                NO_METRIC,
                ("spec", "metrics", position),
                f"spec.metrics[{position}].{field}.target.{wanted}: Required value: must set {wanted} for type {target['type']}",
            )


def _target(hpa: Manifest, kind: str, name: str, together: ManifestSet) -> Iterator[Finding]:
    target = together.named(kind, name, hpa.namespace)
    if target is None:
        if together.whole and together.templates:
            yield hpa.finding(
                NO_TARGET, ("spec", "scaleTargetRef"), f'no {kind} "{name}" in namespace {hpa.namespace}'
            )
        return
    if "replicas" in target.spec:
        yield target.finding(REPLICAS, ("spec", "replicas"), f"replicas stands here and {hpa} scales it")
    template = next((one for one in together.templates if one.owner is target), None)
    if template is not None:
        yield from _requests(hpa, template, together)


def _requests(hpa: Manifest, template: PodTemplate, together: ManifestSet) -> Iterator[Finding]:
    defaults = {
        resource
        for limit_range in together.of_kind("LimitRange")
        if limit_range.namespace == template.owner.namespace
        for _, limit in items(limit_range.spec, "limits")
        for resource in (*part(limit, "defaultRequest"), *part(limit, "default"))
    }
    for resource, only in _utilization(hpa):
        for path, container in template.containers():
            name = text(container, "name")
            asked = part(container, "resources")
            has = (
                resource in part(asked, "requests")
                or resource in part(asked, "limits")
                or resource in defaults
            )
            if (only in ("", name)) and not has:
                yield template.owner.finding(
                    NO_REQUEST,
                    path,
                    f"container {name} requests no {resource}, and {hpa} scales by its utilization: missing request "
                    f"for {resource} in container {name}",
                )


def _utilization(hpa: Manifest) -> Iterator[tuple[str, str]]:
    """Yield the resources an HPA watches by utilization, with the container when it names one."""
    if hpa.version == "v1" and "targetCPUUtilizationPercentage" in hpa.spec:
        yield "cpu", ""
    for _, metric in items(hpa.spec, "metrics"):
        for field in ("resource", "containerResource"):
            source = part(metric, field)
            old = "targetAverageUtilization" in source
            if source and (text(source, "target", "type") == "Utilization" or old):
                yield text(source, "name"), text(source, "container")
