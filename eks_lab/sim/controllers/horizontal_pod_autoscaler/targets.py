"""What an autoscaler scales: the resource of its scaleTargetRef, its Scale and its pods."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.sim.api import Api
from eks_lab.sim.objects import ApiError, Key, Obj
from eks_lab.sim.selection import selector_text


@dataclass(frozen=True, slots=True)
class Target:
    """A thing with replicas."""

    resource: str
    """`deployments.apps`."""
    scale: Obj
    """Its Scale (autoscaling/v1)."""
    selector: Obj | None
    """Of its pods, as a `metav1.LabelSelector`; None when it has none."""

    @property
    def replicas(self) -> int:
        """Return `spec.replicas`."""
        number: int = self.scale["spec"].get("replicas") or 0
        return number

    @property
    def selector_text(self) -> str:
        """Return the selector in one line."""
        return selector_text(self.selector)


def find_target(api: Api, autoscaler: Obj) -> Target:
    """Return the target of an autoscaler.

    Raises:
        ApiError: 404, the kind is not served, has no scale, or the object is missing.
    """
    reference = autoscaler["spec"]["scaleTargetRef"]
    group = reference.get("apiVersion", "").rpartition("/")[0]
    kind, name = reference["kind"], reference["name"]
    resource = next(
        (each for each in api.resources() if each.kind == kind and each.group == group and each.scale), None
    )
    if resource is None:
        raise ApiError(404, "NotFound", f'no matches for kind "{kind}" in group "{group}"')
    key = Key(autoscaler["metadata"]["namespace"], name)
    scale = api.scale(resource.id, key)
    return Target(resource.id, scale, _selector(api.read(resource.id, key), scale))


def _selector(obj: Obj, scale: Obj) -> Obj | None:
    found = obj["spec"].get("selector")
    if isinstance(found, dict) and found.keys() & {"matchLabels", "matchExpressions"}:
        return found
    if obj["kind"] == "ReplicationController":
        return {"matchLabels": found} if found else None
    # A custom resource says it as text in its status: pairs that have to be equal.
    text = scale["status"].get("selector", "")
    pairs = dict(part.replace("==", "=").split("=", 1) for part in text.split(",") if "=" in part)
    return {"matchLabels": pairs} if pairs else None
