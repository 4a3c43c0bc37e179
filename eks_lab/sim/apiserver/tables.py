"""Tables: what `kubectl get` prints (printers/internalversion, printers/tablegenerator.go)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from eks_lab.sim.objects import Obj
from eks_lab.sim.resource import Column, Resource
from eks_lab.sim.resources.columns import AGE, NAME

PLAIN = (NAME, AGE)
"""Columns of a resource that names none."""

SCALE = (
    NAME,
    Column("Desired", lambda each, now: (each.get("spec") or {}).get("replicas", 0), "integer"),
    Column("Available", lambda each, now: (each.get("status") or {}).get("replicas", 0), "integer"),
    AGE,
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


def table(columns: Sequence[Column] | None, found: list[Obj], metadata: Obj, version: str = "v1") -> Obj:
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
