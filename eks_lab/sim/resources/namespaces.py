"""Namespaces."""

from __future__ import annotations

from eks_lab.sim.resource import Column, Resource
from eks_lab.sim.resources.columns import AGE, NAME, field_of

NAMESPACES = Resource(
    plural="namespaces",
    kind="Namespace",
    namespaced=False,
    short_names=("ns",),
    has_status=True,
    columns=(NAME, Column("Status", field_of("status", "phase")), AGE),
)

RESOURCES = (NAMESPACES,)
