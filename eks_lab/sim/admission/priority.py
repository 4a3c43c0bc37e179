"""Priority: a pod's class becomes its number (plugin/pkg/admission/priority/admission.go)."""

from __future__ import annotations

from eks_lab.sim.admission.plugin import Plugin, refused
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.resource import Attributes, World

CLASSES = "priorityclasses.scheduling.k8s.io"
PREEMPT = "PreemptLowerPriority"


class Priority(Plugin):
    """Resolves `priorityClassName`; allows one global default."""

    name: str = "Priority"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Set priority and preemption policy of a pod.

        Raises:
            ApiError: 403, there is no such class or the pod says another number.
        """
        if obj is None or request.resource.id != "pods" or request.subresource:
            return
        spec: Obj = obj["spec"]
        if request.operation == "UPDATE" and old is not None:
            for field in ("priority", "preemptionPolicy"):
                if spec.get(field) is None and old["spec"].get(field) is not None:
                    spec[field] = old["spec"][field]
            return
        if request.operation == "CREATE":
            _resolve(request, spec, world)

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Refuse a second global default.

        Raises:
            ApiError: 403.
        """
        if obj is None or request.resource.id != CLASSES or not obj.get("globalDefault"):
            return []
        default = _default(world)
        if default is not None and default["metadata"]["name"] != obj["metadata"]["name"]:
            name = default["metadata"]["name"]
            raise refused(
                request,
                f"PriorityClass {name} is already marked as default. Only one default can exist",
            )
        return []


def _default(world: World) -> Obj | None:
    """Return the global default; of several the one with the lowest value."""
    found = [each for each in world.items(CLASSES) if each.get("globalDefault")]
    return min(found, key=lambda each: (each.get("value", 0), each["metadata"]["name"]), default=None)


def _resolve(request: Attributes, spec: Obj, world: World) -> None:
    name = spec.get("priorityClassName") or ""
    if name:
        chosen = world.get(CLASSES, Key("", name))
        if chosen is None:
            raise refused(request, f"no PriorityClass with name {name} was found")
    else:
        chosen = _default(world)
        if chosen is not None:
            spec["priorityClassName"] = chosen["metadata"]["name"]
    value = chosen.get("value", 0) if chosen else 0
    policy = (chosen.get("preemptionPolicy") or PREEMPT) if chosen else PREEMPT
    asked = spec.get("priority")
    if asked is not None and asked != value:
        raise refused(
            request,
            f"the integer value of priority ({asked}) must not be provided in pod spec; priority admission "
            f"controller computed {value} from the given PriorityClass name",
        )
    spec["priority"] = value
    wish = spec.get("preemptionPolicy")
    if wish is not None and wish != policy:
        raise refused(
            request,
            f"the string value of PreemptionPolicy ({wish}) must not be provided in pod spec; priority "
            f"admission controller computed {policy} from the given PriorityClass name",
        )
    spec["preemptionPolicy"] = policy
