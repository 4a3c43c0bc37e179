"""DefaultTolerationSeconds and ExtendedResourceToleration: tolerations that pods get without asking."""

from __future__ import annotations

from eks_lab.sim.admission.plugin import Plugin
from eks_lab.sim.objects import Obj
from eks_lab.sim.resource import Attributes, World

NOT_READY = "node.kubernetes.io/not-ready"
UNREACHABLE = "node.kubernetes.io/unreachable"
DEFAULT_SECONDS = 300
"""How long a pod stays on a node that is gone (--default-not-ready-toleration-seconds)."""


class DefaultTolerationSeconds(Plugin):
    """Lets pods stay five minutes on nodes that are not ready (plugin/pkg/admission/defaulttolerationseconds)."""

    name: str = "DefaultTolerationSeconds"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Add the two tolerations where nothing tolerates the taint."""
        if obj is None or request.resource.id != "pods" or request.subresource:
            return
        spec: Obj = obj["spec"]
        present = spec.get("tolerations") or []
        missing = [key for key in (NOT_READY, UNREACHABLE) if not any(_covers(each, key) for each in present)]
        if missing:
            spec["tolerations"] = [*present, *(_toleration(key) for key in missing)]


def _covers(toleration: Obj, key: str) -> bool:
    return (toleration.get("key") or key) == key and toleration.get("effect") in (None, "", "NoExecute")


def _toleration(key: str) -> Obj:
    return {"key": key, "operator": "Exists", "effect": "NoExecute", "tolerationSeconds": DEFAULT_SECONDS}


class ExtendedResourceToleration(Plugin):
    """Lets pods that ask for a device tolerate the taint named after it (plugin/pkg/admission/extendedresourcetoleration).

    Off in upstream's defaults; EKS lists it among the admission controllers of its platform versions
    (EKS user guide, "View Amazon EKS platform versions").
    """

    name: str = "ExtendedResourceToleration"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Add a toleration for each extended resource."""
        if obj is None or request.resource.id != "pods" or request.subresource:
            return
        spec: Obj = obj["spec"]
        wanted = sorted(
            {
                name
                for kind in ("containers", "initContainers")
                for container in spec.get(kind) or ()
                for name in ((container.get("resources") or {}).get("requests") or ())
                if is_extended(name)
            }
        )
        for name in wanted:
            toleration = {"key": name, "operator": "Exists", "effect": "NoSchedule"}
            present = spec.get("tolerations") or []
            if not any(
                each.get("key") == name
                and each.get("operator") == "Exists"
                and each.get("effect") in (None, "", "NoSchedule")
                for each in present
            ):
                spec["tolerations"] = [*present, toleration]


def is_extended(name: str) -> bool:
    """Say whether a resource is a device: qualified, and not Kubernetes' own (IsExtendedResourceName)."""
    domain, slash, _ = name.partition("/")
    return bool(slash) and not domain.endswith("kubernetes.io") and not name.startswith("requests.")
