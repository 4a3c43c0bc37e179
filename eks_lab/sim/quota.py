"""What an object counts for in a ResourceQuota (pkg/quota/v1/evaluator/core). Used by admission and by the controller."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from eks_lab.kube.quantity import Quantity, parse_quantity
from eks_lab.sim.objects import Obj, annotations_of
from eks_lab.sim.pod_resources import is_sidecar
from eks_lab.sim.pod_state import is_finished

Usage = dict[str, Quantity]
"""Resource name of a quota -> amount."""

ONE = Quantity(1)

_COUNTED = {
    "pods": "pods",
    "services": "services",
    "configmaps": "configmaps",
    "secrets": "secrets",
    "persistentvolumeclaims": "persistentvolumeclaims",
    "replicationcontrollers": "replicationcontrollers",
    "resourcequotas": "resourcequotas",
}
"""Resources with a short name of their own, besides `count/…`."""

_PLAIN_REQUESTS = ("cpu", "memory", "ephemeral-storage")
SCOPED = frozenset({"pods", "persistentvolumeclaims"})


def usage_of(resource: str, obj: Obj) -> Usage:
    """Return what an object uses.

    Args:
        resource: `pods`, `deployments.apps`.
        obj: as stored, or about to be.

    Returns:
        Every name a quota could limit it by; empty for a finished pod but for `count/pods`.
    """
    used: Usage = {f"count/{resource}": ONE}
    if resource == "pods":
        if not is_finished(obj):
            used |= _pod(obj)
        return used
    if resource in _COUNTED:
        used[_COUNTED[resource]] = ONE
    if resource == "services":
        used |= _service(obj)
    elif resource == "persistentvolumeclaims":
        used |= _claim(obj)
    return used


def _pod(pod: Obj) -> Usage:
    used: Usage = {"pods": ONE}
    for name, amount in _totals(pod["spec"], "requests").items():
        if name in _PLAIN_REQUESTS:
            used[name] = amount
        used[f"requests.{name}"] = amount
    for name, amount in _totals(pod["spec"], "limits").items():
        if name in _PLAIN_REQUESTS:
            used[f"limits.{name}"] = amount
    return used


def _totals(spec: Obj, field: str) -> Usage:
    """Add up exact quantities as the scheduler adds up requests: the largest init container or all the others."""
    running: Usage = {}
    for container in spec.get("containers") or ():
        _add(running, _quantities(container, field))
    beside: Usage = {}
    peak: Usage = {}
    for container in spec.get("initContainers") or ():
        own = _quantities(container, field)
        if is_sidecar(container):
            _add(beside, own)
            _raise(peak, beside)
        else:
            together = dict(beside)
            _add(together, own)
            _raise(peak, together)
    _add(running, beside)
    _raise(running, peak)
    running.update(_quantities(spec, field))
    if field == "requests":
        _add(
            running, {name: parse_quantity(str(each)) for name, each in (spec.get("overhead") or {}).items()}
        )
    return running


def _quantities(holder: Obj, field: str) -> Usage:
    found = (holder.get("resources") or {}).get(field) or {}
    return {name: parse_quantity(str(each)) for name, each in found.items()}


def _add(total: Usage, more: Mapping[str, Quantity]) -> None:
    for name, amount in more.items():
        total[name] = total[name] + amount if name in total else amount


def _raise(total: Usage, other: Mapping[str, Quantity]) -> None:
    for name, amount in other.items():
        if name not in total or total[name] < amount:
            total[name] = amount


def _service(service: Obj) -> Usage:
    kind = service["spec"].get("type", "ClusterIP")
    ports = service["spec"].get("ports") or ()
    if kind == "NodePort":
        return {"services.nodeports": Quantity(len(ports))}
    if kind == "LoadBalancer":
        has_ports = service["spec"].get("allocateLoadBalancerNodePorts", True)
        count = len(ports) if has_ports else sum(bool(port.get("nodePort")) for port in ports)
        return {"services.loadbalancers": ONE, "services.nodeports": Quantity(count)}
    return {}


def _claim(claim: Obj) -> Usage:
    spec = claim["spec"]
    storage = ((spec.get("resources") or {}).get("requests") or {}).get("storage")
    used: Usage = {}
    if storage is not None:
        used["requests.storage"] = parse_quantity(str(storage))
    name = spec.get("storageClassName") or annotations_of(claim).get(
        "volume.beta.kubernetes.io/storage-class"
    )
    if name:
        used[f"{name}.storageclass.storage.k8s.io/persistentvolumeclaims"] = ONE
        if storage is not None:
            used[f"{name}.storageclass.storage.k8s.io/requests.storage"] = parse_quantity(str(storage))
    return used


def add_up(usages: Iterable[Usage]) -> Usage:
    """Return the sum of several objects' usage."""
    total: Usage = {}
    for each in usages:
        _add(total, each)
    return total


def matches_scopes(quota: Obj, resource: str, obj: Obj) -> bool:
    """Say whether a quota's scopes take an object in."""
    spec = quota["spec"]
    selectors = [{"scopeName": scope, "operator": "Exists"} for scope in spec.get("scopes") or ()]
    selectors += (spec.get("scopeSelector") or {}).get("matchExpressions") or ()
    if not selectors:
        return True
    if resource not in SCOPED:
        return False
    return all(_scope_holds(each, resource, obj) for each in selectors)


def _scope_holds(selector: Obj, resource: str, obj: Obj) -> bool:
    scope, spec = selector["scopeName"], obj["spec"]
    if scope == "VolumeAttributesClass":
        return resource == "persistentvolumeclaims" and _among(
            selector, spec.get("volumeAttributesClassName") or ""
        )
    if resource != "pods":
        return False
    if scope in ("Terminating", "NotTerminating"):
        return bool((spec.get("activeDeadlineSeconds") is not None) == (scope == "Terminating"))
    if scope in ("BestEffort", "NotBestEffort"):
        return bool(is_best_effort(spec) == (scope == "BestEffort"))
    if scope == "PriorityClass":
        return _among(selector, spec.get("priorityClassName") or "")
    if scope == "CrossNamespacePodAffinity":
        return _crosses_namespaces(spec)
    return False


def _among(selector: Obj, value: str) -> bool:
    values = selector.get("values") or ()
    match selector["operator"]:
        case "In":
            return bool(value in values)
        case "NotIn":
            return bool(value not in values)
        case "Exists":
            return bool(value)
    return not value


def is_best_effort(spec: Obj) -> bool:
    """Say whether no container asks for CPU or memory, nor is limited in them."""
    for container in [*(spec.get("initContainers") or ()), *(spec.get("containers") or ()), spec]:
        resources = container.get("resources") or {}
        for field in ("requests", "limits"):
            if any(
                name in ("cpu", "memory") and parse_quantity(str(each))
                for name, each in (resources.get(field) or {}).items()
            ):
                return False
    return True


def _crosses_namespaces(spec: Obj) -> bool:
    affinity = spec.get("affinity") or {}
    for kind in ("podAffinity", "podAntiAffinity"):
        rules = affinity.get(kind) or {}
        terms = list(rules.get("requiredDuringSchedulingIgnoredDuringExecution") or ())
        terms += [
            each["podAffinityTerm"]
            for each in rules.get("preferredDuringSchedulingIgnoredDuringExecution") or ()
        ]
        if any(term.get("namespaces") or term.get("namespaceSelector") is not None for term in terms):
            return True
    return False
