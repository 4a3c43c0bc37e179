"""What a container is given when it is made, and why that may fail (kubelet_pods.go, CreateContainerConfigError)."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.sim.api import Api
from eks_lab.sim.kubelet.images import parse_reference
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Key, Obj


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a container cannot be made."""

    reason: str
    """CreateContainerConfigError."""
    message: str


def problem_of(around: Surroundings, pod: Obj, container: Obj) -> Problem | None:
    """Return what the configuration of a container lacks; None when nothing does.

    Args:
        around: the cluster.
        pod: with its namespace.
        container: of its spec.
    """
    message = _missing(around.api, pod["metadata"]["namespace"], container) or _root(around, pod, container)
    return Problem("CreateContainerConfigError", message) if message else None


def _missing(api: Api, namespace: str, container: Obj) -> str:
    for source in container.get("envFrom") or ():
        for field, rid, word in (
            ("configMapRef", "configmaps", "configmap"),
            ("secretRef", "secrets", "secret"),
        ):
            wanted = source.get(field)
            is_missing = wanted and api.get(rid, Key(namespace, wanted.get("name", ""))) is None
            if is_missing and not wanted.get("optional"):
                return f'{word} "{wanted.get("name", "")}" not found'
    for variable in container.get("env") or ():
        source = variable.get("valueFrom") or {}
        for field, rid, word in (
            ("configMapKeyRef", "configmaps", "configmap"),
            ("secretKeyRef", "secrets", "secret"),
        ):
            wanted = source.get(field)
            if not wanted or wanted.get("optional"):
                continue
            name = wanted.get("name", "")
            found = api.get(rid, Key(namespace, name))
            if found is None:
                return f'{word} "{name}" not found'
            if wanted["key"] not in {**(found.get("data") or {}), **(found.get("binaryData") or {})}:
                title = "ConfigMap" if rid == "configmaps" else "Secret"
                return f"couldn't find key {wanted['key']} in {title} {namespace}/{name}"
    return ""


def _root(around: Surroundings, pod: Obj, container: Obj) -> str:
    own, whole = container.get("securityContext") or {}, pod["spec"].get("securityContext") or {}
    must_not = own.get("runAsNonRoot", whole.get("runAsNonRoot"))
    if not must_not:
        return ""
    user = own.get("runAsUser", whole.get("runAsUser"))
    metadata = pod["metadata"]
    where = f'(pod: "{metadata["name"]}_{metadata["namespace"]}({metadata["uid"]})", container: {container["name"]})'
    if user == 0:
        return f"container's runAsUser breaks non-root policy {where}"
    reference = parse_reference(container.get("image", ""))
    if user is None and reference is not None and around.catalogue.user_of(reference) == 0:
        return f"container has runAsNonRoot and image will run as root {where}"
    return ""
