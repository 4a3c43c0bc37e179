"""Tables: what `kubectl get` prints (printers/internalversion, printers/tablegenerator.go)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from eks_lab.sim.objects import Obj
from eks_lab.sim.resource import Column, Resource

NAME_TEXT = (
    "Name must be unique within a namespace. Is required when creating resources, although some resources may "
    "allow a client to request the generation of an appropriate name automatically. Name is primarily intended "
    "for creation idempotence and configuration definition. Cannot be updated. More info: "
    "https://kubernetes.io/docs/concepts/overview/working-with-objects/names#names"
)
AGE_TEXT = (
    "CreationTimestamp is a timestamp representing the server time when this object was created. It is not "
    "guaranteed to be set in happens-before order across separate operations. Clients may not set this value. "
    "It is represented in RFC3339 form and is in UTC.\n\nPopulated by the system. Read-only. Null for lists. "
    "More info: https://git.k8s.io/community/contributors/devel/sig-architecture/api-conventions.md#metadata"
)


def age_text(created: str, now: datetime) -> str:
    """Return how long ago a moment was, as a Table's Age shows it: `5m30s`, `3d4h` (duration.HumanDuration)."""
    if not created:
        return "<unknown>"
    seconds = int((now - datetime.fromisoformat(created)).total_seconds())
    if seconds < -1:
        return "<invalid>"
    if seconds < 0:
        return "0s"
    if seconds < 120:
        return f"{seconds}s"
    minutes = seconds // 60
    if minutes < 10:
        rest = seconds % 60
        return f"{minutes}m{rest}s" if rest else f"{minutes}m"
    if minutes < 180:
        return f"{minutes}m"
    hours = minutes // 60
    if hours < 8:
        rest = minutes % 60
        return f"{hours}h{rest}m" if rest else f"{hours}h"
    if hours < 48:
        return f"{hours}h"
    days = hours // 24
    if hours < 24 * 8:
        rest = hours % 24
        return f"{days}d{rest}h" if rest else f"{days}d"
    if hours < 24 * 365 * 2:
        return f"{days}d"
    years = days // 365
    if hours < 24 * 365 * 8:
        rest = days % 365
        return f"{years}y{rest}d" if rest else f"{years}y"
    return f"{years}y"


def _name(obj: Obj, now: datetime) -> Any:
    return obj["metadata"].get("name")


def _age(obj: Obj, now: datetime) -> Any:
    return age_text(obj["metadata"].get("creationTimestamp") or "", now)


PLAIN = (Column("Name", _name, format="name", description=NAME_TEXT), Column("Age", _age, description=AGE_TEXT))
"""Columns of a resource that names none."""

SCALE = (
    Column("Name", _name, format="name", description=NAME_TEXT),
    Column("Desired", lambda each, now: (each.get("spec") or {}).get("replicas", 0), "integer"),
    Column("Available", lambda each, now: (each.get("status") or {}).get("replicas", 0), "integer"),
    Column("Age", _age, description=AGE_TEXT),
)
"""Columns of a Scale."""


def columns_of(resource: Resource) -> Sequence[Column]:
    """Return the columns of a resource."""
    return resource.columns or PLAIN


def definitions(columns: Sequence[Column]) -> list[Obj]:
    """Return `columnDefinitions`."""
    return [
        {
            "name": column.name,
            "type": column.type,
            "format": column.format,
            "description": column.description,
            "priority": 1 if column.wide else 0,
        }
        for column in columns
    ]


def rows(
    columns: Sequence[Column], objects: Iterable[Obj], now: datetime, include: str, version: str = "v1"
) -> list[Obj]:
    """Return `rows`.

    Args:
        columns: of the resource.
        objects: one a row.
        now: ages count from here.
        include: `None`, `Metadata` (the default) or `Object`.
        version: of meta.k8s.io.
    """
    found = []
    for obj in objects:
        row: Obj = {"cells": [column.cell(obj, now) for column in columns]}
        if include == "Object":
            row["object"] = obj
        elif include != "None":
            row["object"] = partial(obj, version)
        found.append(row)
    return found


def partial(obj: Obj, version: str = "v1") -> Obj:
    """Return an object's metadata only."""
    return {
        "kind": "PartialObjectMetadata",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": obj.get("metadata") or {},
    }


def table(
    columns: Sequence[Column] | None, found: list[Obj], metadata: Obj, version: str = "v1"
) -> Obj:
    """Return a Table.

    Args:
        columns: whose definitions it names; None in the later events of a watch.
        found: its rows.
        metadata: of the list or the one object.
        version: of meta.k8s.io.
    """
    return {
        "kind": "Table",
        "apiVersion": f"meta.k8s.io/{version}",
        "metadata": metadata,
        "columnDefinitions": definitions(columns) if columns is not None else None,
        "rows": found,
    }
