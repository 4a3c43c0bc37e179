"""Workloads as a whole: selectors, restart policies, schedules, volumes, spreading, pod labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from eks_lab.checker.manifests.manifest import (
    Manifest,
    ManifestSet,
    PodTemplate,
    items,
    number,
    part,
    selector_of,
    text,
)
from eks_lab.checker.manifests.shape import label_findings
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, WARNING, Rule
from eks_lab.kube.cron import CronError, load_zone, parse_schedule

SELECTOR = Rule(
    "k8s-selector-mismatch",
    ERROR,
    "A workload's selector does not match the labels of its own pod template: the API server refuses it.",
    "Give the template the labels that spec.selector asks for.",
)
RESTART_POLICY = Rule(
    "k8s-restart-policy",
    ERROR,
    "Deployments, StatefulSets and DaemonSets take only Always; Jobs only OnFailure or Never, and say so.",
    "Write restartPolicy: Never or OnFailure for a Job, leave it out elsewhere.",
)
SCHEDULE = Rule(
    "k8s-cron-schedule",
    ERROR,
    "A CronJob's schedule cannot be read, or names a time zone inside it.",
    "Write five fields such as 0 3 * * *, and the zone in spec.timeZone.",
)
VOLUME = Rule(
    "k8s-missing-volume",
    ERROR,
    "A container mounts a volume that the pod does not have.",
    "Add the volume under spec.volumes, or correct the name.",
)
SPREAD = Rule(
    "k8s-spread-selects-nothing",
    WARNING,
    "A spread constraint or anti-affinity whose selector does not match the pod it stands in never counts that pod: "
    "everything may land in one place.",
    "Select the labels of the pod template.",
    "practices.reliability-and-cost",
)
ONE_REPLICA = Rule(
    "k8s-one-place",
    NOTE,
    "Several replicas with nothing that spreads them may all run in one zone, and stop with it.",
    "Add topologySpreadConstraints over topology.kubernetes.io/zone.",
    "practices.reliability-and-cost",
)
ZONE_OF_VOLUMES = Rule(
    "eks-statefulset-zone",
    WARNING,
    "EBS volumes live in one zone. Replicas that nothing spreads over zones get their volumes where they first ran: "
    "often all in one, and for ever.",
    "Spread over topology.kubernetes.io/zone, with a node group or NodePool in each zone.",
    "storage.stateful-sets",
)
HEADLESS = Rule(
    "k8s-statefulset-service",
    WARNING,
    "A StatefulSet's serviceName names a Service that does not exist or is not headless: its pods get no DNS names.",
    "Add a Service with clusterIP: None and that name.",
    "storage.stateful-sets",
)
OLD_LABEL = Rule(
    "k8s-old-node-label",
    WARNING,
    "The node label or taint was replaced: failure-domain.beta.kubernetes.io, beta.kubernetes.io and node-role master "
    "are not on today's nodes.",
    "Write the label that replaced it.",
    "architecture.versions",
)
RULES = (
    SELECTOR, RESTART_POLICY, SCHEDULE, VOLUME, SPREAD, ONE_REPLICA, ZONE_OF_VOLUMES, HEADLESS, OLD_LABEL,
)  # fmt: skip

_SELECTED = frozenset(("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"))
_ZONE = "topology.kubernetes.io/zone"
_OLD_LABELS = {
    "failure-domain.beta.kubernetes.io/zone": _ZONE,
    "failure-domain.beta.kubernetes.io/region": "topology.kubernetes.io/region",
    "beta.kubernetes.io/instance-type": "node.kubernetes.io/instance-type",
    "beta.kubernetes.io/arch": "kubernetes.io/arch",
    "beta.kubernetes.io/os": "kubernetes.io/os",
    "node-role.kubernetes.io/master": "node-role.kubernetes.io/control-plane",
}


def check(together: ManifestSet) -> Iterator[Finding]:
    """Yield findings about workloads."""
    for template in together.templates:
        owner = template.owner
        if template.path:
            yield from label_findings(owner, (*template.path, "metadata"), part(template.value, "metadata"))
        yield from _selector(template)
        yield from _restart_policy(template)
        yield from _volumes(template)
        yield from _spreading(template)
        yield from _old_labels(template)
        if owner.kind == "StatefulSet":
            yield from _stateful(template, together)
        if owner.kind == "Deployment":
            yield from _one_place(template)
        if owner.kind == "CronJob":
            yield from _schedule(owner)


def _selector(template: PodTemplate) -> Iterator[Finding]:
    owner = template.owner
    if owner.kind not in _SELECTED or "selector" not in owner.spec:
        return
    selector = selector_of(owner.spec["selector"])
    if selector is None:
        return
    path = (*template.path, "metadata", "labels")
    if selector.empty:
        yield owner.finding(
            SELECTOR,
            ("spec", "selector"),
            "spec.selector: Invalid value: empty selector is invalid for " + owner.kind.lower(),
        )
    elif not selector.matches(template.labels):
        missing = next(one for one in selector.requirements if not one.matches(template.labels))
        yield owner.finding(
            SELECTOR,
            path,
            f"spec.template.metadata.labels: `selector` does not match template `labels`: {missing} is not met",
            fix=f"Make the labels of the template meet {missing}.",
        )


def _restart_policy(template: PodTemplate) -> Iterator[Finding]:
    policy = template.spec.get("restartPolicy")
    kind = template.owner.kind
    if kind in ("Job", "CronJob"):
        if policy in (None, "Always") and template.spec:
            shown = '"Always"' if policy else "Required value"
            yield template.finding(
                RESTART_POLICY,
                ("restartPolicy",),
                f'spec.template.spec.restartPolicy: {shown}: valid values: "OnFailure", "Never"',
            )
    elif kind in _SELECTED and policy in ("OnFailure", "Never"):
        yield template.finding(
            RESTART_POLICY,
            ("restartPolicy",),
            f'spec.template.spec.restartPolicy: Unsupported value: "{policy}": supported values: "Always"',
        )


def _schedule(owner: Manifest) -> Iterator[Finding]:
    schedule = owner.spec.get("schedule")
    if isinstance(schedule, str):
        if "TZ=" in schedule:
            yield owner.finding(
                SCHEDULE,
                ("spec", "schedule"),
                f'spec.schedule: Invalid value: "{schedule}": cannot use TZ or CRON_TZ in schedule, '
                "use timeZone field instead",
            )
        else:
            try:
                parse_schedule(schedule)
            except CronError as error:
                yield owner.finding(
                    SCHEDULE,
                    ("spec", "schedule"),
                    f'spec.schedule: Invalid value: "{schedule}": {error.message}',
                )
    zone = owner.spec.get("timeZone")
    if isinstance(zone, str):
        try:
            load_zone(zone)
        except CronError as error:
            yield owner.finding(
                SCHEDULE, ("spec", "timeZone"), f'spec.timeZone: Invalid value: "{zone}": {error.message}'
            )


def _volumes(template: PodTemplate) -> Iterator[Finding]:
    names = {text(volume, "name") for _, volume in items(template.spec, "volumes")}
    if template.owner.kind == "StatefulSet":
        names |= {
            text(claim, "metadata", "name") for _, claim in items(template.owner.spec, "volumeClaimTemplates")
        }
    for path, container in template.all_containers():
        for kind in ("volumeMounts", "volumeDevices"):
            for position, mount in items(container, kind):
                name = text(mount, "name")
                if name and name not in names:
                    yield template.owner.finding(
                        VOLUME,
                        (*path, kind, position, "name"),
                        f'container {text(container, "name")} mounts "{name}", which is no volume of the pod: Not found',
                    )


def _spreading(template: PodTemplate) -> Iterator[Finding]:
    for position, constraint in items(template.spec, "topologySpreadConstraints"):
        if "labelSelector" not in constraint:
            yield template.finding(
                SPREAD,
                ("topologySpreadConstraints", position),
                "a spread constraint without labelSelector counts no pods",
            )
        else:
            yield from _selects_itself(
                template,
                ("topologySpreadConstraints", position, "labelSelector"),
                constraint["labelSelector"],
            )
    anti = part(template.spec, "affinity", "podAntiAffinity")
    for field in (
        "requiredDuringSchedulingIgnoredDuringExecution",
        "preferredDuringSchedulingIgnoredDuringExecution",
    ):
        for position, term in items(anti, field):
            inner = part(term, "podAffinityTerm") if field.startswith("preferred") else term
            if text(inner, "topologyKey") in (_ZONE, "kubernetes.io/hostname") and "labelSelector" in inner:
                step = ("podAffinityTerm",) if field.startswith("preferred") else ()
                yield from _selects_itself(
                    template,
                    ("affinity", "podAntiAffinity", field, position, *step, "labelSelector"),
                    inner["labelSelector"],
                    anti=True,
                )


def _selects_itself(
    template: PodTemplate, path: tuple[str | int, ...], value: Any, *, anti: bool = False
) -> Iterator[Finding]:
    selector = selector_of(value)
    if selector is None or selector.matches(template.labels):
        return
    if (
        anti
        and template.owner.kind != "StatefulSet"
        and any(r.key not in template.labels for r in selector.requirements)
    ):
        # Keeping away from another application's pods is a legitimate wish.
        return
    what = "the anti-affinity" if anti else "the spread constraint"
    yield template.finding(SPREAD, path, f"{what} selects {selector}, which these pods do not have")


def _spreads_zones(template: PodTemplate) -> bool:
    constraints = items(template.spec, "topologySpreadConstraints")
    if any(text(one, "topologyKey") == _ZONE for _, one in constraints):
        return True
    return _ZONE in str(part(template.spec, "affinity"))


def _one_place(template: PodTemplate) -> Iterator[Finding]:
    spread = items(template.spec, "topologySpreadConstraints") or part(
        template.spec, "affinity", "podAntiAffinity"
    )
    if number(template.owner.spec.get("replicas"), 1) >= 2 and not spread:
        yield template.owner.finding(
            ONE_REPLICA,
            ("spec", "replicas"),
            f"{template.owner.spec['replicas']} replicas and nothing spreads them",
        )


def _stateful(template: PodTemplate, together: ManifestSet) -> Iterator[Finding]:
    owner = template.owner
    claims = items(owner.spec, "volumeClaimTemplates")
    replicas = number(owner.spec.get("replicas"), 1)
    if claims and replicas >= 2 and not _spreads_zones(template):
        yield owner.finding(
            ZONE_OF_VOLUMES,
            ("spec", "volumeClaimTemplates"),
            f"{replicas} replicas with volumes and no spread over zones",
        )
    name = text(owner.spec, "serviceName")
    if not name or not together.whole:
        return
    service = together.named("Service", name, owner.namespace)
    if service is None:
        yield owner.finding(HEADLESS, ("spec", "serviceName"), f'no Service "{name}" stands here')
    elif service.spec.get("clusterIP") != "None":
        yield owner.finding(
            HEADLESS, ("spec", "serviceName"), f'the Service "{name}" is not headless (clusterIP: None)'
        )


def _old_labels(template: PodTemplate) -> Iterator[Finding]:
    for key in part(template.spec, "nodeSelector"):
        if key in _OLD_LABELS:
            yield template.finding(
                OLD_LABEL,
                ("nodeSelector", key),
                f"nodeSelector uses {key}",
                fix=f"Write {_OLD_LABELS[key]}.",
            )
    for position, constraint in items(template.spec, "topologySpreadConstraints"):
        key = text(constraint, "topologyKey")
        if key in _OLD_LABELS:
            yield template.finding(
                OLD_LABEL,
                ("topologySpreadConstraints", position, "topologyKey"),
                f"topologyKey is {key}",
                fix=f"Write {_OLD_LABELS[key]}.",
            )
