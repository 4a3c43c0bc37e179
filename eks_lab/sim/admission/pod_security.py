"""PodSecurity: a namespace's labels say how strict it is (k8s.io/pod-security-admission/admission)."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from eks_lab.sim.admission.plugin import Plugin, refused
from eks_lab.sim.admission.pod_security_checks import BASELINE, RESTRICTED, containers_of
from eks_lab.sim.objects import FieldError, Key, Obj, invalid, invalid_object
from eks_lab.sim.resource import Attributes, World

LABEL = "pod-security.kubernetes.io/"
MODES = ("enforce", "audit", "warn")
LEVELS = {"privileged": (), "baseline": BASELINE, "restricted": RESTRICTED}
_VERSION = re.compile(r"v1\.([0-9]|[1-9][0-9]*)")

TEMPLATES = {
    "replicationcontrollers": ("spec", "template"),
    "deployments.apps": ("spec", "template"),
    "replicasets.apps": ("spec", "template"),
    "statefulsets.apps": ("spec", "template"),
    "daemonsets.apps": ("spec", "template"),
    "jobs.batch": ("spec", "template"),
    "cronjobs.batch": ("spec", "jobTemplate", "spec", "template"),
    "podtemplates": ("template",),
}
"""Resources whose pods are only warned about, and where their template is."""


@dataclass(frozen=True, slots=True)
class Level:
    """What one mode asks for."""

    name: str
    """privileged, baseline or restricted."""
    version: str
    """`latest` or `v1.30`."""

    def __str__(self) -> str:
        """Return it as messages show it."""
        return f"{self.name}:{self.version}"


class PodSecurity(Plugin):
    """Refuses pods below the enforced level, warns below the others."""

    name: str = "PodSecurity"

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Judge a pod, a template, or a namespace's new labels.

        Raises:
            ApiError: 403 for a pod below the enforced level, 422 for labels that say nothing.
        """
        rid = request.resource.id
        if obj is None or request.operation not in ("CREATE", "UPDATE"):
            return []
        if rid == "pods":
            if request.subresource not in ("", "ephemeralcontainers", "resize"):
                return []
            if old is not None and not _is_significant(obj, old):
                return []
            return _judge(request, obj["metadata"], obj["spec"], world, enforces=True)
        path = TEMPLATES.get(rid)
        if path is not None and not request.subresource:
            template: Obj | None = obj
            for step in path:
                template = (template or {}).get(step)
            if not template:
                return []
            return _judge(
                request, template.get("metadata") or {}, template.get("spec") or {}, world, enforces=False
            )
        if rid == "namespaces" and not request.subresource:
            return _judge_namespace(obj, old, world)
        return []


def level_of(labels: dict[str, str], mode: str) -> Level:
    """Return what a mode asks for; labels that say nothing count as restricted for enforcement."""
    name = labels.get(LABEL + mode, "")
    if not name:
        return Level("privileged", "latest")
    version = labels.get(f"{LABEL}{mode}-version", "latest")
    if name not in LEVELS:
        return Level("restricted" if mode == "enforce" else "privileged", "latest")
    return Level(name, version if _VERSION.fullmatch(version) else "latest")


def problems_of(level: Level, metadata: Obj, spec: Obj) -> list[str]:
    """Return what keeps a pod from a level."""
    return [text for check in LEVELS[level.name] if (text := check(metadata, spec))]


def _judge(request: Attributes, metadata: Obj, spec: Obj, world: World, *, enforces: bool) -> list[str]:
    namespace = world.get("namespaces", Key("", request.key.namespace))
    labels = ((namespace or {}).get("metadata") or {}).get("labels") or {}
    if not any(label.startswith(LABEL) for label in labels):
        return []
    enforced = level_of(labels, "enforce")
    if enforces:
        problems = problems_of(enforced, metadata, spec)
        if problems:
            raise refused(request, f'violates PodSecurity "{enforced}": {", ".join(problems)}')
    warned = level_of(labels, "warn")
    problems = problems_of(warned, metadata, spec)
    return [f'would violate PodSecurity "{warned}": {", ".join(problems)}'] if problems else []


def _is_significant(new: Obj, old: Obj) -> bool:
    """Say whether an update of a pod could change the verdict."""
    images = [
        [(each["name"], each.get("image")) for each in containers_of(obj["spec"])] for obj in (new, old)
    ]
    return images[0] != images[1] or any(
        (new["metadata"].get("annotations") or {}).get(key)
        != (old["metadata"].get("annotations") or {}).get(key)
        for key in (new["metadata"].get("annotations") or {})
        if key.startswith("container.apparmor.security.beta.kubernetes.io/")
    )


# --- namespaces ---------------------------------------------------------------------------------------------


def _judge_namespace(namespace: Obj, old: Obj | None, world: World) -> list[str]:
    labels = namespace["metadata"].get("labels") or {}
    before = ((old or {}).get("metadata") or {}).get("labels") or {}
    changed = {
        key for key in {*labels, *before} if key.startswith(LABEL) and labels.get(key) != before.get(key)
    }
    if not changed:
        return []
    errors = _label_errors(labels)
    if errors and not _label_errors(before):
        raise invalid_object("Namespace", "", namespace["metadata"]["name"], errors)
    enforced, was = level_of(labels, "enforce"), level_of(before, "enforce")
    if old is None or enforced == was or enforced.name == "privileged":
        return []
    name = namespace["metadata"]["name"]
    found = _existing_problems(enforced, world.items("pods", name))
    if not found:
        return []
    return [
        f'existing pods in namespace "{name}" violate the new PodSecurity enforce level "{enforced}"',
        *found,
    ]


def _label_errors(labels: dict[str, str]) -> list[FieldError]:
    errors = []
    for mode in MODES:
        value = labels.get(LABEL + mode)
        if value is not None and value not in LEVELS:
            path = f"metadata.labels[{LABEL}{mode}]"
            errors.append(invalid(path, value, "must be one of privileged, baseline, restricted"))
        version = labels.get(f"{LABEL}{mode}-version")
        if version is not None and version != "latest" and not _VERSION.fullmatch(version):
            path = f"metadata.labels[{LABEL}{mode}-version]"
            errors.append(invalid(path, version, 'must be "latest" or "v1.x"'))
    return errors


def _existing_problems(level: Level, pods: Iterable[Obj]) -> list[str]:
    """Return one line for each way in which pods fall short: the first pod's name, then how many like it."""
    groups: dict[str, list[str]] = {}
    for pod in pods:
        metadata = pod["metadata"]
        if (pod.get("status") or {}).get("phase") in ("Succeeded", "Failed"):
            continue
        problems = problems_of(level, metadata, pod["spec"])
        if problems:
            # Only the reasons: details would tell pods of one Deployment apart.
            groups.setdefault(", ".join(each.split(" (", 1)[0] for each in problems), []).append(
                metadata["name"]
            )
    lines = []
    for text, names in groups.items():
        others = len(names) - 1
        more = f" (and {others} other {'pod' if others == 1 else 'pods'})" if others else ""
        lines.append(f"{min(names)}{more}: {text}")
    return sorted(lines)
