"""Services."""

from __future__ import annotations

from eks_lab.sim.resource import Resource
from eks_lab.sim.resources.service_columns import SERVICE_COLUMNS

SERVICES = Resource(
    plural="services",
    kind="Service",
    short_names=("svc",),
    categories=("all",),
    has_status=True,
    columns=SERVICE_COLUMNS,
)

RESOURCES = (SERVICES,)
