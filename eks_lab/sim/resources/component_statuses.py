"""ComponentStatuses and Bindings: kinds of the core group that are not stored."""

from __future__ import annotations

from eks_lab.sim.objects import Obj
from eks_lab.sim.resource import Column, Resource
from eks_lab.sim.resources.columns import NAME


def _condition(status: Obj) -> Obj:
    """Return the Healthy condition."""
    for condition in status.get("conditions") or ():
        if condition.get("type") == "Healthy":
            found: Obj = condition
            return found
    return {}


def _status(status: Obj) -> str:
    return {"True": "Healthy", "False": "Unhealthy"}.get(_condition(status).get("status", ""), "Unknown")


COMPONENT_STATUSES = Resource(
    plural="componentstatuses",
    kind="ComponentStatus",
    namespaced=False,
    short_names=("cs",),
    verbs=("get", "list"),
    columns=(
        NAME,
        Column("Status", lambda each, now: _status(each)),
        Column("Message", lambda each, now: _condition(each).get("message", "")),
        Column("Error", lambda each, now: _condition(each).get("error", "")),
    ),
)

BINDINGS = Resource(plural="bindings", kind="Binding", verbs=("create",))

RESOURCES = (COMPONENT_STATUSES, BINDINGS)
