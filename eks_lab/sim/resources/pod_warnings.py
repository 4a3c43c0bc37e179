"""What the API server warns of in pods and pod templates (pkg/api/pod/warnings.go)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eks_lab.sim.objects import Obj, annotations_of
from eks_lab.sim.resource import World
from eks_lab.sim.resources.quantities import quantity

_OLD_LABELS = {
    "beta.kubernetes.io/arch": 'deprecated since v1.14; use "kubernetes.io/arch" instead',
    "beta.kubernetes.io/os": 'deprecated since v1.14; use "kubernetes.io/os" instead',
    "failure-domain.beta.kubernetes.io/region": (
        'deprecated since v1.17; use "topology.kubernetes.io/region" instead'
    ),
    "failure-domain.beta.kubernetes.io/zone": (
        'deprecated since v1.17; use "topology.kubernetes.io/zone" instead'
    ),
    "beta.kubernetes.io/instance-type": (
        'deprecated since v1.17; use "node.kubernetes.io/instance-type" instead'
    ),
}
_OLD_ANNOTATIONS = {
    "scheduler.alpha.kubernetes.io/critical-pod": (
        'non-functional in v1.16+; use the "priorityClassName" field instead'
    ),
    "seccomp.security.alpha.kubernetes.io/pod": (
        'non-functional in v1.27+; use the "seccompProfile" field instead'
    ),
    "security.alpha.kubernetes.io/sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
    "security.alpha.kubernetes.io/unsafe-sysctls": 'non-functional in v1.11+; use the "sysctls" field instead',
}
_OLD_VOLUMES = {
    "gitRepo": "deprecated in v1.11",
    "photonPersistentDisk": "deprecated in v1.11, non-functional in v1.16+",
    "scaleIO": "deprecated in v1.16, non-functional in v1.22+",
    "flocker": "deprecated in v1.22, non-functional in v1.25+",
    "storageos": "deprecated in v1.22, non-functional in v1.25+",
    "quobyte": "deprecated in v1.22, non-functional in v1.25+",
    "glusterfs": "deprecated in v1.25, non-functional in v1.26+",
    "cephfs": "deprecated in v1.28, non-functional in v1.31+",
    "rbd": "deprecated in v1.28, non-functional in v1.31+",
}
_NO_SELECTOR = "a null labelSelector results in matching no pod"


def pod_warnings(pod: Obj, old: Obj | None, world: World) -> list[str]:
    """Return the warnings of a pod's creation or change; on a change only when the spec changed."""
    if old is not None and old["spec"] == pod["spec"] and annotations_of(old) == annotations_of(pod):
        return []
    return list(_warnings(pod.get("metadata") or {}, pod["spec"], ""))


def template_warnings(template: Obj, old: Obj | None, path: str) -> list[str]:
    """Return the warnings of a pod template.

    Args:
        template: of a workload.
        old: before the change; None at creation.
        path: of the template, `spec.template`.
    """
    if old == template:
        return []
    return list(_warnings(template.get("metadata") or {}, template.get("spec") or {}, f"{path}."))


def _warnings(metadata: Obj, spec: Obj, path: str) -> Iterator[str]:
    here = f"{path}spec"
    for key in spec.get("nodeSelector") or ():
        if key in _OLD_LABELS:
            yield f"{here}.nodeSelector[{key}]: {_OLD_LABELS[key]}"
    if spec.get("affinity"):
        yield from _node_affinity(spec, here)
    for number, each in enumerate(spec.get("topologySpreadConstraints") or ()):
        if each.get("topologyKey") in _OLD_LABELS:
            key = each["topologyKey"]
            yield f"{here}.topologySpreadConstraints[{number}].topologyKey: {key} is {_OLD_LABELS[key]}"
        if each.get("labelSelector") is None:
            yield f"{here}.topologySpreadConstraints[{number}].labelSelector: {_NO_SELECTOR}"
    for key in metadata.get("annotations") or ():
        if key in _OLD_ANNOTATIONS:
            yield f"{path}metadata.annotations[{key}]: {_OLD_ANNOTATIONS[key]}"
        elif key.startswith("container.apparmor.security.beta.kubernetes.io/"):
            text = 'deprecated since v1.30; use the "appArmorProfile" field instead'
            yield f"{path}metadata.annotations[{key}]: {text}"
    yield from _aliases_and_secrets(spec, here)
    if (spec.get("terminationGracePeriodSeconds") or 0) < 0:
        text = "must be >= 0; negative values are invalid and will be treated as 1"
        yield f"{here}.terminationGracePeriodSeconds: {text}"
    for number, volume in enumerate(spec.get("volumes") or ()):
        for kind in volume:
            if kind in _OLD_VOLUMES:
                yield f"{here}.volumes[{number}].{kind}: {_OLD_VOLUMES[kind]}"
    for kind in ("initContainers", "containers", "ephemeralContainers"):
        for number, container in enumerate(spec.get(kind) or ()):
            yield from _container(container, f"{here}.{kind}[{number}]")
    yield from _overhead(spec, here)
    yield from _ports_between(spec.get("containers") or (), f"{here}.containers")
    if spec.get("affinity"):
        yield from _null_selectors(spec, here)


def _node_affinity(spec: Obj, here: str) -> Iterator[str]:
    affinity = spec["affinity"].get("nodeAffinity") or {}
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    preferred = "preferredDuringSchedulingIgnoredDuringExecution"
    terms = [
        (f"{required}.nodeSelectorTerms[{number}]", term)
        for number, term in enumerate((affinity.get(required) or {}).get("nodeSelectorTerms") or ())
    ] + [
        (f"{preferred}[{number}].preference", weighted.get("preference") or {})
        for number, weighted in enumerate(affinity.get(preferred) or ())
    ]
    for where, term in terms:
        for number, rule in enumerate(term.get("matchExpressions") or ()):
            key = rule.get("key")
            if key in _OLD_LABELS:
                place = f"{here}.affinity.nodeAffinity.{where}.matchExpressions[{number}].key"
                yield f"{place}: {key} is {_OLD_LABELS[key]}"


def _null_selectors(spec: Obj, here: str) -> Iterator[str]:
    required = "requiredDuringSchedulingIgnoredDuringExecution"
    preferred = "preferredDuringSchedulingIgnoredDuringExecution"
    for kind in ("podAffinity", "podAntiAffinity"):
        affinity = spec["affinity"].get(kind) or {}
        for number, term in enumerate(affinity.get(required) or ()):
            if term.get("labelSelector") is None:
                yield f"{here}.affinity.{kind}.{required}[{number}].labelSelector: {_NO_SELECTOR}"
        for number, weighted in enumerate(affinity.get(preferred) or ()):
            if (weighted.get("podAffinityTerm") or {}).get("labelSelector") is None:
                place = f"{here}.affinity.{kind}.{preferred}[{number}].podAffinityTerm.labelSelector"
                yield f"{place}: {_NO_SELECTOR}"


def _aliases_and_secrets(spec: Obj, here: str) -> Iterator[str]:
    seen: set[str] = set()
    for number, alias in enumerate(spec.get("hostAliases") or ()):
        address = alias.get("ip", "")
        if address in seen:
            yield f'{here}.hostAliases[{number}].ip: duplicate ip "{address}"'
        seen.add(address)
    seen = set()
    for number, secret in enumerate(spec.get("imagePullSecrets") or ()):
        name = secret.get("name") or ""
        if not name:
            yield f'{here}.imagePullSecrets[{number}].name: invalid empty name "{name}"'
        elif name in seen:
            yield f'{here}.imagePullSecrets[{number}].name: duplicate name "{name}"'
        seen.add(name)


def _container(container: Obj, here: str) -> Iterator[str]:
    resources = container.get("resources") or {}
    for field in ("limits", "requests"):
        for name in ("memory", "ephemeral-storage"):
            amount = (resources.get(field) or {}).get(name)
            if amount and quantity(amount).amount.denominator != 1:
                yield (
                    f"{here}.resources.{field}[{name}]: fractional byte value "
                    f'"{amount}" is invalid, must be an integer'
                )
    names: set[str] = set()
    for number, variable in enumerate(container.get("env") or ()):
        name = variable.get("name", "")
        if name in names:
            yield (
                f'{here}.env[{number}]: hides previous definition of "{name}", '
                "which may be dropped when using apply"
            )
        names.add(name)
    ports = container.get("ports") or ()
    for number, port in enumerate(ports):
        for earlier, other in enumerate(ports[:number]):
            if _same_port(port, other):
                yield f"{here}.ports[{number}]: duplicate port definition with {here}.ports[{earlier}]"
                break


def _same_port(one: Obj, other: Obj) -> bool:
    fields = ("containerPort", "protocol", "hostPort", "hostIP")
    return all((one.get(field) or "") == (other.get(field) or "") for field in fields)


def _ports_between(containers: Sequence[Obj], here: str) -> Iterator[str]:
    """Warn of a port name or number that two containers of the pod share."""
    taken: dict[tuple[int, str], str] = {}
    for number, container in enumerate(containers):
        own: dict[tuple[int, str], str] = {}
        for position, port in enumerate(container.get("ports") or ()):
            each = (port.get("containerPort") or 0, port.get("protocol") or "TCP")
            place = f"{here}[{number}].ports[{position}]"
            if each in taken:
                yield f"{place}: duplicate port definition with {taken[each]}"
            own.setdefault(each, place)
        taken.update(own)


def _overhead(spec: Obj, here: str) -> Iterator[str]:
    amount = (spec.get("overhead") or {}).get("memory")
    if amount and quantity(amount).amount.denominator != 1:
        yield f'{here}.overhead[memory]: fractional byte value "{amount}" is invalid, must be an integer'
