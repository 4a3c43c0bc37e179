"""RuntimeClass: its overhead and its nodes become the pod's (plugin/pkg/admission/runtimeclass/admission.go)."""

from __future__ import annotations

from eks_lab.sim.admission.plugin import Plugin, refused
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.resource import Attributes, World

CLASSES = "runtimeclasses.node.k8s.io"


class RuntimeClass(Plugin):
    """Resolves `runtimeClassName`."""

    name: str = "RuntimeClass"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Set overhead, node selector and tolerations.

        Raises:
            ApiError: 403, no such class, or the pod contradicts it.
        """
        if obj is None or not _concerns(request):
            return
        spec: Obj = obj["spec"]
        name = spec.get("runtimeClassName")
        if not name:
            return
        chosen = world.get(CLASSES, Key("", name))
        if chosen is None:
            raise refused(request, f'pod rejected: RuntimeClass "{name}" not found')
        overhead = (chosen.get("overhead") or {}).get("podFixed")
        if overhead:
            if spec.get("overhead") and spec["overhead"] != overhead:
                raise refused(
                    request,
                    "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead",
                )
            spec["overhead"] = {**overhead}
        scheduling = chosen.get("scheduling") or {}
        for key, value in (scheduling.get("nodeSelector") or {}).items():
            selector = spec.get("nodeSelector") or {}
            if selector.get(key, value) != value:
                raise refused(
                    request,
                    f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                    f"pod.spec.nodeSelector[{key}] = {selector[key]}",
                )
            spec["nodeSelector"] = {**selector, key: value}
        for toleration in scheduling.get("tolerations") or ():
            present = spec.get("tolerations") or []
            if toleration not in present:
                spec["tolerations"] = [*present, {**toleration}]

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Refuse an overhead that no class defines.

        Raises:
            ApiError: 403.
        """
        if obj is None or not _concerns(request):
            return []
        spec: Obj = obj["spec"]
        if spec.get("overhead"):
            chosen = world.get(CLASSES, Key("", spec.get("runtimeClassName") or ""))
            if chosen is None or not (chosen.get("overhead") or {}).get("podFixed"):
                raise refused(
                    request,
                    "pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead",
                )
        return []


def _concerns(request: Attributes) -> bool:
    return request.resource.id == "pods" and request.operation == "CREATE" and not request.subresource
