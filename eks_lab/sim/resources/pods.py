"""Pods."""

from __future__ import annotations

from eks_lab.sim.resource import Resource
from eks_lab.sim.resources import pod_columns

PODS = Resource(
    plural="pods",
    kind="Pod",
    short_names=("po",),
    categories=("all",),
    has_status=True,
    columns=pod_columns.COLUMNS,
)

RESOURCES = (PODS,)
