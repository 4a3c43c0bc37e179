"""LimitRanges and ResourceQuotas: contradictions in themselves and with the workloads beside them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eks_lab.checker.manifests.containers import quantity_of
from eks_lab.checker.manifests.manifest import Manifest, ManifestSet, PodTemplate, items, number, part, text
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, WARNING, Rule
from eks_lab.kube.quantity import Quantity

LIMIT_RANGE = Rule(
    "k8s-limit-range",
    ERROR,
    "A LimitRange contradicts itself: a minimum above the maximum, a default above the maximum, a default request above "
    "the default limit.",
    "Keep min ≤ defaultRequest ≤ default ≤ max.",
)
OUTSIDE = Rule(
    "k8s-limit-range-broken",
    ERROR,
    "A container asks for more than the namespace's LimitRange allows: its pods are refused.",
    "Stay within the LimitRange, or raise it.",
)
QUOTA = Rule(
    "k8s-quota-exceeded",
    WARNING,
    "The workloads here ask for more than the namespace's quota: the last pods are refused.",
    "Raise the quota, or ask for less.",
)
NEEDS = Rule(
    "k8s-quota-needs-requests",
    ERROR,
    "A quota on cpu or memory refuses every pod that does not say how much it wants.",
    "Set requests (and limits where the quota counts them), or add a LimitRange with defaults.",
)
RULES = (LIMIT_RANGE, OUTSIDE, QUOTA, NEEDS)

_ORDER = ("min", "defaultRequest", "default", "max")


def check(together: ManifestSet) -> Iterator[Finding]:
    """Yield findings about limits and quotas."""
    for limit_range in together.of_kind("LimitRange"):
        for position, limit in items(limit_range.spec, "limits"):
            yield from _order(limit_range, position, limit)
            if text(limit, "type") == "Container":
                yield from _outside(limit_range, limit, together)
    for quota in together.of_kind("ResourceQuota"):
        if not quota.spec.get("scopes") and not quota.spec.get("scopeSelector"):
            yield from _quota(quota, together)


def _order(limit_range: Manifest, position: int, limit: Mapping[str, Any]) -> Iterator[Finding]:
    for low_at, low in enumerate(_ORDER):
        for high in _ORDER[low_at + 1 :]:
            for resource, written in part(limit, low).items():
                small, large = quantity_of(written), quantity_of(part(limit, high).get(resource))
                if small is not None and large is not None and small > large:
                    yield limit_range.finding(
                        LIMIT_RANGE,
                        ("spec", "limits", position, low, resource),
                        f'spec.limits[{position}].{low}[{resource}]: Invalid value: "{written}": {low} {written} is '
                        f"greater than {high} {part(limit, high)[resource]}",
                    )


def _outside(limit_range: Manifest, limit: Mapping[str, Any], together: ManifestSet) -> Iterator[Finding]:
    for template in together.templates:
        if template.owner.namespace != limit_range.namespace:
            continue
        for path, container in template.containers():
            for field in ("limits", "requests"):
                for resource, written in part(container, "resources", field).items():
                    asked = quantity_of(written)
                    most = quantity_of(part(limit, "max").get(resource))
                    least = quantity_of(part(limit, "min").get(resource))
                    place = (*path, "resources", field, resource)
                    name = text(container, "name")
                    if asked is not None and most is not None and asked > most:
                        yield template.owner.finding(
                            OUTSIDE,
                            place,
                            f"container {name}: {resource} {written} is over the maximum of {limit_range}, {most}",
                        )
                    if asked is not None and least is not None and asked < least:
                        yield template.owner.finding(
                            OUTSIDE,
                            place,
                            f"container {name}: {resource} {written} is under the minimum of {limit_range}, {least}",
                        )


def _quota(quota: Manifest, together: ManifestSet) -> Iterator[Finding]:
    hard = part(quota.spec, "hard")
    pods = [one for one in together.templates if one.owner.namespace == quota.namespace]
    defaults = _defaults(quota.namespace, together)
    for key, written in hard.items():
        field, _, resource = key.rpartition(".")
        field = field or "requests"
        most = quantity_of(written)
        if most is None or resource not in ("cpu", "memory") or field not in ("requests", "limits"):
            continue
        total = Quantity(0)
        for template in pods:
            for path, container in template.containers():
                amounts = part(container, "resources")
                value = part(amounts, field).get(resource)
                if value is None and field == "requests":
                    value = part(amounts, "limits").get(resource)
                if value is None and (field, resource) not in defaults:
                    yield template.owner.finding(
                        NEEDS,
                        path,
                        f"container {text(container, 'name')} has no {field}.{resource}, which {quota} counts: "
                        f"must specify {field}.{resource}",
                    )
                asked = quantity_of(value)
                if asked is not None:
                    total += Quantity(asked.amount * _replicas(template), asked.family)
        if total > most:
            yield quota.finding(
                QUOTA,
                ("spec", "hard", key),
                f"the workloads here ask for {total} {key}; the quota is {written}",
            )


def _replicas(template: PodTemplate) -> int:
    if template.owner.kind in ("Deployment", "StatefulSet", "ReplicaSet"):
        return number(template.owner.spec.get("replicas"), 1)
    return number(template.owner.spec.get("parallelism"), 1) if template.owner.kind == "Job" else 1


def _defaults(namespace: str, together: ManifestSet) -> set[tuple[str, str]]:
    found: set[tuple[str, str]] = set()
    for limit_range in together.of_kind("LimitRange"):
        if limit_range.namespace == namespace:
            for _, limit in items(limit_range.spec, "limits"):
                found |= {("limits", one) for one in part(limit, "default")}
                found |= {
                    ("requests", one) for one in (*part(limit, "defaultRequest"), *part(limit, "default"))
                }
    return found
