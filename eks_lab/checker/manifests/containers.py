"""Containers: images, resources, probes, ports, names, privileges."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eks_lab.checker.manifests.manifest import ManifestSet, PodTemplate, items, part, text
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, WARNING, Rule
from eks_lab.kube import names
from eks_lab.kube.quantity import Quantity, QuantityError, parse_quantity
from eks_lab.kube.structure import Path

NO_CONTAINERS = Rule(
    "k8s-no-containers",
    ERROR,
    "A pod needs a container, and every container a name and an image.",
    "Add the container's name and image.",
)
TWICE = Rule(
    "k8s-duplicate-name",
    ERROR,
    "Two containers, volumes or ports of one pod have the same name: the API server refuses it.",
    "Give each its own name.",
)
LATEST = Rule(
    "k8s-latest-tag",
    WARNING,
    "An image without a tag, or with latest, is whatever was pushed last: nodes run different versions and a rollback "
    "brings nothing back.",
    "Name a version, better still a digest.",
    "troubleshooting.images-and-memory",
)
NO_REQUESTS = Rule(
    "k8s-no-requests",
    NOTE,
    "Without requests the scheduler counts nothing, Karpenter buys too little, and the pod is the first to be evicted.",
    "Set resources.requests for cpu and memory.",
    "troubleshooting.images-and-memory",
)
NO_LIMIT = Rule(
    "k8s-no-memory-limit",
    NOTE,
    "Without a memory limit a leak takes the node's memory, and with it its neighbours.",
    "Set resources.limits.memory to the request.",
    "troubleshooting.images-and-memory",
)
REQUEST_OVER_LIMIT = Rule(
    "k8s-request-over-limit",
    ERROR,
    "A container asks for more than its own limit: the API server refuses it.",
    "Lower the request or raise the limit.",
)
PROBE_PORT = Rule(
    "k8s-probe-port",
    ERROR,
    "A probe asks a named port the container does not have, so it always fails.",
    "Name a port of the container, or write its number.",
)
PROBE_NUMBER = Rule(
    "k8s-probe-other-port",
    WARNING,
    "A probe asks a port that the container does not declare: a slip, or a port missing from the list.",
    "Probe the declared port, or declare this one.",
)
PROBE_TIMING = Rule(
    "k8s-probe-timing",
    WARNING,
    "A probe whose timeout is not shorter than its period, or a liveness probe that restarts sooner than the readiness "
    "probe gives up, makes restarts out of slowness.",
    "Give liveness more patience than readiness, and use a startupProbe for slow starts.",
)
PRIVILEGED = Rule(
    "k8s-privileged",
    WARNING,
    "A privileged container owns its node, and with it the node's IAM role and every pod on it.",
    "Name the capabilities it needs instead.",
    "practices.security",
)
PRIVILEGED_DENIED = Rule(
    "k8s-pod-security",
    ERROR,
    "The namespace enforces a Pod Security level that this pod breaks: it will not be admitted.",
    "Meet the level, or run it in a namespace of its own.",
    "practices.security",
)
RULES = (
    NO_CONTAINERS, TWICE, LATEST, NO_REQUESTS, NO_LIMIT, REQUEST_OVER_LIMIT, PROBE_PORT, PROBE_NUMBER,
    PROBE_TIMING, PRIVILEGED, PRIVILEGED_DENIED,
)  # fmt: skip

_PROBES = ("startupProbe", "readinessProbe", "livenessProbe")
_ENFORCE = "pod-security.kubernetes.io/enforce"


def quantity_of(value: Any) -> Quantity | None:
    """Return a quantity; None for what is none, which is told elsewhere."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        return None
    try:
        return parse_quantity(str(value))
    except QuantityError:
        return None


def check(together: ManifestSet) -> Iterator[Finding]:
    """Yield findings about containers."""
    for template in together.templates:
        yield from _names(template)
        for path, container in template.all_containers():
            yield from _container(template, path, container)
            if path[-2] == "containers":
                yield from _resources(template, path, container, _defaults(together, template))
                yield from _probes(template, path, container)
        yield from _pod_security(template, together)


def _names(template: PodTemplate) -> Iterator[Finding]:
    owner = template.owner
    if "spec" in template.value and not list(template.containers()):
        yield template.finding(NO_CONTAINERS, ("containers",), "spec.containers: Required value")
    groups: list[tuple[Path, list[tuple[Path, str]]]] = []
    containers = [(path, text(container, "name")) for path, container in template.all_containers()]
    groups.append((("containers",), [((*path, "name"), name) for path, name in containers]))
    volumes = [
        ((*template.path, "spec", "volumes", position, "name"), text(volume, "name"))
        for position, volume in items(template.spec, "volumes")
    ]
    groups.append((("volumes",), volumes))
    for path, container in template.containers():
        ports = [
            ((*path, "ports", position, "name"), text(port, "name"))
            for position, port in items(container, "ports")
        ]
        groups.append((("ports",), ports))
    for _, named in groups:
        seen: set[str] = set()
        for path, name in named:
            if name and name in seen:
                yield owner.finding(TWICE, path, f'the name "{name}" is given twice: Duplicate value')
            seen.add(name)
    for path, name in containers:
        for said in names.dns1123_label(name) if name else ():
            yield owner.finding(
                NO_CONTAINERS,
                (*path, "name"),
                f'container name: Invalid value: "{name}": {said}',
                fix="Use lower-case letters, digits and dashes.",
            )


def _container(template: PodTemplate, path: Path, container: Mapping[str, Any]) -> Iterator[Finding]:
    owner, name = template.owner, text(container, "name") or f"number {path[-1]}"
    image = container.get("image")
    if image in (None, ""):
        yield owner.finding(NO_CONTAINERS, path, f"container {name} has no image: Required value")
    elif isinstance(image, str) and _is_latest(image):
        yield owner.finding(
            LATEST, (*path, "image"), f"container {name} runs {image}, which is not one version"
        )
    context = part(container, "securityContext")
    if context.get("privileged") is True and owner.kind not in ("DaemonSet", "Pod"):
        yield owner.finding(
            PRIVILEGED, (*path, "securityContext", "privileged"), f"container {name} is privileged"
        )
    requests, limits = part(container, "resources", "requests"), part(container, "resources", "limits")
    for resource, written in requests.items():
        asked, most = quantity_of(written), quantity_of(limits.get(resource))
        if asked is not None and most is not None and asked > most:
            yield owner.finding(
                REQUEST_OVER_LIMIT,
                (*path, "resources", "requests", resource),
                f'container {name}: resources.requests: Invalid value: "{written}": must be less than or equal to '
                f"{resource} limit of {limits[resource]}",
            )


def _is_latest(image: str) -> bool:
    if "@" in image:
        return False
    _, colon, tag = image.rpartition("/")[2].partition(":")
    return not colon or tag == "latest"


def _defaults(together: ManifestSet, template: PodTemplate) -> set[str]:
    """Return the resources for which a LimitRange of the namespace gives default requests."""
    found: set[str] = set()
    for limit_range in together.of_kind("LimitRange"):
        if limit_range.namespace == template.owner.namespace:
            for _, limit in items(limit_range.spec, "limits"):
                if text(limit, "type") == "Container":
                    found |= set(part(limit, "defaultRequest")) | set(part(limit, "default"))
    return found


def _resources(
    template: PodTemplate, path: Path, container: Mapping[str, Any], defaults: set[str]
) -> Iterator[Finding]:
    name = text(container, "name")
    requests, limits = part(container, "resources", "requests"), part(container, "resources", "limits")
    missing = [
        one for one in ("cpu", "memory") if one not in requests and one not in limits and one not in defaults
    ]
    if missing:
        yield template.owner.finding(
            NO_REQUESTS, path, f"container {name} requests no {' and no '.join(missing)}"
        )
    elif "memory" not in limits and "memory" not in defaults:
        yield template.owner.finding(NO_LIMIT, path, f"container {name} has no memory limit")


def _probes(template: PodTemplate, path: Path, container: Mapping[str, Any]) -> Iterator[Finding]:
    owner, name = template.owner, text(container, "name")
    ports = [port for _, port in items(container, "ports")]
    port_names = {text(port, "name") for port in ports}
    numbers = [port.get("containerPort") for port in ports]
    for kind in _PROBES:
        probe = part(container, kind)
        for handler in ("httpGet", "tcpSocket", "grpc"):
            port = part(probe, handler).get("port")
            place = (*path, kind, handler, "port")
            if isinstance(port, str) and not port.isdecimal() and port not in port_names:
                yield owner.finding(
                    PROBE_PORT,
                    place,
                    f'container {name}: the {kind} asks port "{port}", which it does not have',
                )
            elif isinstance(port, int) and numbers and port not in numbers:
                shown = ", ".join(str(one) for one in sorted({n for n in numbers if isinstance(n, int)}))
                yield owner.finding(
                    PROBE_NUMBER,
                    place,
                    f"container {name}: the {kind} asks port {port}; the container declares {shown}",
                )
        timeout, period = probe.get("timeoutSeconds", 1), probe.get("periodSeconds", 10)
        if isinstance(timeout, int) and isinstance(period, int) and probe and timeout > period:
            yield owner.finding(
                PROBE_TIMING,
                (*path, kind),
                f"container {name}: the {kind} waits {timeout} s and asks every {period} s",
            )


def _pod_security(template: PodTemplate, together: ManifestSet) -> Iterator[Finding]:
    namespace = together.named("Namespace", template.owner.namespace)
    level = namespace.labels.get(_ENFORCE, "") if namespace is not None else ""
    if level not in ("baseline", "restricted"):
        return
    broken = [*_baseline(template), *(_restricted(template) if level == "restricted" else ())]
    for path, what in broken:
        yield template.owner.finding(
            PRIVILEGED_DENIED,
            path,
            f'{what} violates PodSecurity "{level}" of namespace {template.owner.namespace}',
        )


def _baseline(template: PodTemplate) -> Iterator[tuple[Path, str]]:
    spec = (*template.path, "spec")
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if template.spec.get(field) is True:
            yield (*spec, field), f"{field}: true"
    for position, volume in items(template.spec, "volumes"):
        if "hostPath" in volume:
            yield (*spec, "volumes", position), f"hostPath volume {text(volume, 'name')}"
    for path, container in template.all_containers():
        if part(container, "securityContext").get("privileged") is True:
            yield (*path, "securityContext", "privileged"), "privileged: true"
        for position, port in items(container, "ports"):
            if port.get("hostPort"):
                yield (*path, "ports", position, "hostPort"), f"hostPort {port['hostPort']}"


def _restricted(template: PodTemplate) -> Iterator[tuple[Path, str]]:
    pod = part(template.spec, "securityContext")
    for path, container in template.all_containers():
        own = part(container, "securityContext")
        name = text(container, "name")
        if own.get("allowPrivilegeEscalation") is not False:
            yield path, f"allowPrivilegeEscalation != false (container {name})"
        if "ALL" not in (part(own, "capabilities").get("drop") or ()):
            yield path, f'unrestricted capabilities (container {name} must drop "ALL")'
        if own.get("runAsNonRoot", pod.get("runAsNonRoot")) is not True:
            yield path, f"runAsNonRoot != true (container {name})"
        profile = text(part(own, "seccompProfile"), "type") or text(part(pod, "seccompProfile"), "type")
        if profile not in ("RuntimeDefault", "Localhost"):
            yield path, f"seccompProfile of container {name}"
