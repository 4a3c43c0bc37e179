"""Nodes."""

from __future__ import annotations

from eks_lab.sim.resource import Resource
from eks_lab.sim.resources import node_columns

NODES = Resource(
    plural="nodes",
    kind="Node",
    namespaced=False,
    short_names=("no",),
    has_status=True,
    columns=node_columns.COLUMNS,
)

RESOURCES = (NODES,)
