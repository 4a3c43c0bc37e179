"""LimitRanger: a namespace's limits fill in and refuse (plugin/pkg/admission/limitranger/admission.go)."""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.kube.quantity import Quantity, parse_quantity
from eks_lab.sim.admission.plugin import Plugin, refused
from eks_lab.sim.objects import Obj
from eks_lab.sim.pod_resources import pod_limits, pod_requests
from eks_lab.sim.resource import Attributes, World

ANNOTATION = "kubernetes.io/limit-ranger"
_Amounts = Mapping[str, Quantity]


class LimitRanger(Plugin):
    """Applies every LimitRange of the namespace."""

    name: str = "LimitRanger"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Fill in what containers of a new pod leave out."""
        if (
            obj is None
            or request.resource.id != "pods"
            or request.operation != "CREATE"
            or request.subresource
        ):
            return
        for limit_range in world.items("limitranges", request.key.namespace):
            _fill_in(obj, limit_range)

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Refuse what is outside of the limits.

        Raises:
            ApiError: 403 with everything that is.
        """
        kind = request.resource.id
        if obj is None or request.subresource or kind not in ("pods", "persistentvolumeclaims"):
            return []
        if (kind == "pods" and request.operation != "CREATE") or obj["metadata"].get("deletionTimestamp"):
            return []
        for limit_range in world.items("limitranges", request.key.namespace):
            items = (limit_range.get("spec") or {}).get("limits") or ()
            judge = _pod_problems if kind == "pods" else _claim_problems
            problems = list(dict.fromkeys(problem for item in items for problem in judge(obj, item)))
            if problems:
                raise refused(request, problems[0] if len(problems) == 1 else f"[{', '.join(problems)}]")
        return []


# --- filling in ---------------------------------------------------------------------------------------------


def _fill_in(pod: Obj, limit_range: Obj) -> None:
    items = (limit_range.get("spec") or {}).get("limits") or ()
    requests: dict[str, str] = {}
    limits: dict[str, str] = {}
    for item in items:
        if item.get("type") == "Container":
            requests.update(item.get("defaultRequest") or {})
            limits.update(item.get("default") or {})
    if not requests and not limits:
        return
    notes: list[str] = []
    for kind, word in (("containers", "container"), ("initContainers", "init container")):
        for container in pod["spec"].get(kind) or ():
            resources = {**(container.get("resources") or {})}
            for field, defaults, what in (("requests", requests, "request"), ("limits", limits, "limit")):
                present = resources.get(field) or {}
                missing = {name: value for name, value in defaults.items() if name not in present}
                if missing:
                    resources[field] = {**present, **missing}
                    notes.append(f"{', '.join(sorted(missing))} {what} for {word} {container['name']}")
            container["resources"] = resources
    if notes:
        metadata = pod["metadata"]
        text = "LimitRanger plugin set: " + "; ".join(notes)
        metadata["annotations"] = {**(metadata.get("annotations") or {}), ANNOTATION: text}


# --- judging ------------------------------------------------------------------------------------------------


def _pod_problems(pod: Obj, item: Obj) -> list[str]:
    spec = pod["spec"]
    kind = item.get("type")
    if kind == "Pod":
        requests = {name: _quantity(name, value) for name, value in pod_requests(spec).items()}
        limits = {name: _quantity(name, value) for name, value in pod_limits(spec).items()}
        return _constraint_problems("Pod", item, requests, limits)
    if kind != "Container":
        return []
    problems: list[str] = []
    for container in (*(spec.get("containers") or ()), *(spec.get("initContainers") or ())):
        resources = container.get("resources") or {}
        problems += _constraint_problems(
            "Container", item, _parsed(resources.get("requests")), _parsed(resources.get("limits"))
        )
    return problems


def _quantity(name: str, amount: int) -> Quantity:
    """Return a pod's sum as a quantity: CPU is counted in thousandths, everything else in whole units."""
    if name == "cpu":
        return parse_quantity(f"{amount}m")
    return Quantity(amount, Quantity.DECIMAL if "." in name else Quantity.BINARY)


def _claim_problems(claim: Obj, item: Obj) -> list[str]:
    if item.get("type") != "PersistentVolumeClaim":
        return []
    requests = _parsed(((claim.get("spec") or {}).get("resources") or {}).get("requests"))
    problems: list[str] = []
    for name, least in _parsed(item.get("min")).items():
        problems += _below(name, "PersistentVolumeClaim", least, requests, {})
    for name, most in _parsed(item.get("max")).items():
        head = f"maximum {name} usage per PersistentVolumeClaim is {most}"
        if name not in requests:
            problems.append(f"{head}.  No request is specified")
        elif requests[name] > most:
            problems.append(f"{head}, but request is {requests[name]}")
    return problems


def _constraint_problems(kind: str, item: Obj, requests: _Amounts, limits: _Amounts) -> list[str]:
    problems: list[str] = []
    for name, least in _parsed(item.get("min")).items():
        problems += _below(name, kind, least, requests, limits)
    for name, most in _parsed(item.get("max")).items():
        head = f"maximum {name} usage per {kind} is {most}"
        if name not in limits:
            problems.append(f"{head}.  No limit is specified")
        elif limits[name] > most:
            problems.append(f"{head}, but limit is {limits[name]}")
        elif name in requests and requests[name] > most:
            problems.append(f"{head}, but request is {requests[name]}")
    for name, ratio in _parsed(item.get("maxLimitRequestRatio")).items():
        head = f"{name} max limit to request ratio per {kind} is {ratio}, but"
        request, limit = requests.get(name), limits.get(name)
        if not request:
            problems.append(f"{head} no request is specified or request is 0")
        elif not limit:
            problems.append(f"{head} no limit is specified or limit is 0")
        elif limit.amount / request.amount > ratio.amount:
            problems.append(f"{head} provided ratio is {float(limit.amount / request.amount):.6f}")
    return problems


def _below(name: str, kind: str, least: Quantity, requests: _Amounts, limits: _Amounts) -> list[str]:
    head = f"minimum {name} usage per {kind} is {least}"
    if name not in requests:
        return [f"{head}.  No request is specified"]
    if requests[name] < least:
        return [f"{head}, but request is {requests[name]}"]
    if name in limits and limits[name] < least:
        return [f"{head}, but limit is {limits[name]}"]
    return []


def _parsed(amounts: Mapping[str, object] | None) -> dict[str, Quantity]:
    return {name: parse_quantity(str(value)) for name, value in sorted((amounts or {}).items())}
