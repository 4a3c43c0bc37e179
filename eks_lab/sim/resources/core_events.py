"""Events: one storage, two APIs (core v1 and events.k8s.io/v1)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from eks_lab.sim.objects import FieldError, Obj, invalid
from eks_lab.sim.resource import Column, Conversion, Resource, World
from eks_lab.sim.resources.columns import NAME, UNKNOWN, age_text, field_of

_NEW_TO_CORE = {
    "regarding": "involvedObject",
    "note": "message",
    "reportingController": "reportingComponent",
    "deprecatedSource": "source",
    "deprecatedFirstTimestamp": "firstTimestamp",
    "deprecatedLastTimestamp": "lastTimestamp",
    "deprecatedCount": "count",
}
_CORE_TO_NEW = {core: new for new, core in _NEW_TO_CORE.items()}


def _renamed(event: Obj, names: Mapping[str, str], api_version: str) -> Obj:
    renamed = {names.get(field, field): value for field, value in event.items()}
    return {**renamed, "apiVersion": api_version, "kind": "Event"}


def to_core(event: Obj) -> Obj:
    """Return an events.k8s.io/v1 Event as the core one it is stored as."""
    return _renamed(event, _NEW_TO_CORE, "v1")


def to_events_api(event: Obj) -> Obj:
    """Return a stored Event as events.k8s.io/v1 shows it."""
    return _renamed(event, _CORE_TO_NEW, "events.k8s.io/v1")


def _default(event: Obj, world: World) -> None:
    event.setdefault("involvedObject", {})
    # Not omitted when empty: both are plain strings of the core type.
    event.setdefault("source", {})
    event.setdefault("reportingComponent", "")
    event.setdefault("reportingInstance", "")


def _validate(event: Obj, world: World) -> list[FieldError]:
    namespace = event["metadata"].get("namespace", "")
    about = event["involvedObject"].get("namespace", "")
    if about != namespace and (about or namespace != "default"):
        return [invalid("involvedObject.namespace", about, "does not match event.namespace")]
    return []


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return _validate(new, world)


def _first_seen(event: Obj, now: datetime) -> str:
    return age_text(event.get("firstTimestamp") or event.get("eventTime"), now)


def _last_seen(event: Obj, now: datetime) -> str:
    series = event.get("series")
    if series:
        return age_text(series.get("lastObservedTime"), now)
    if event.get("lastTimestamp"):
        return age_text(event["lastTimestamp"], now)
    return _first_seen(event, now)


def _object(event: Obj, now: datetime) -> str:
    about = event.get("involvedObject") or {}
    kind = (about.get("kind") or "").lower()
    return f"{kind}/{about['name']}" if about.get("name") else kind or UNKNOWN


def _source(event: Obj, now: datetime) -> str:
    source = event.get("source") or {}
    component = source.get("component") or event.get("reportingComponent") or ""
    instance = source.get("host") or event.get("reportingInstance") or ""
    return f"{component}, {instance}" if instance else component


def _count(event: Obj, now: datetime) -> int:
    return int((event.get("series") or {}).get("count") or event.get("count") or 1)


def _about(field: str) -> Callable[[Obj], str]:
    return lambda event: str((event.get("involvedObject") or {}).get(field) or "")


def _text(field: str) -> Callable[[Obj], str]:
    return lambda event: str(event.get(field) or "")


def _message(event: Obj, now: datetime) -> Any:
    return (event.get("message") or "").strip()


_ABOUT = ("kind", "namespace", "name", "uid", "apiVersion", "resourceVersion", "fieldPath")

EVENTS = Resource(
    plural="events",
    kind="Event",
    short_names=("ev",),
    columns=(
        Column("Last Seen", _last_seen),
        Column("Type", field_of("type")),
        Column("Reason", field_of("reason")),
        Column("Object", _object),
        Column("Subobject", field_of("involvedObject", "fieldPath"), wide=True),
        Column("Source", _source, wide=True),
        Column("Message", _message),
        Column("First Seen", _first_seen, wide=True),
        Column("Count", _count, wide=True),
        Column("Name", NAME.cell, format="name", description=NAME.description, wide=True),
    ),
    field_labels={
        **{f"involvedObject.{field}": _about(field) for field in _ABOUT},
        **{f"regarding.{field}": _about(field) for field in _ABOUT},
        "reason": _text("reason"),
        "reportingComponent": _text("reportingComponent"),
        "source": lambda event: str(
            (event.get("source") or {}).get("component") or event.get("reportingComponent") or ""
        ),
        "type": _text("type"),
    },
    default=_default,
    validate=_validate,
    validate_update=_validate_update,
    other_versions={"events.k8s.io/v1": Conversion(to_core, to_events_api)},
)

RESOURCES = (EVENTS,)
