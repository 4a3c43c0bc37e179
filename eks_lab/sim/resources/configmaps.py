"""ConfigMaps."""

from __future__ import annotations

from eks_lab.sim.resource import Column, Resource
from eks_lab.sim.resources.columns import AGE, NAME

CONFIG_MAPS = Resource(
    plural="configmaps",
    kind="ConfigMap",
    short_names=("cm",),
    columns=(
        NAME,
        Column("Data", lambda each, now: len(each.get("data") or ()) + len(each.get("binaryData") or ())),
        AGE,
    ),
)

RESOURCES = (CONFIG_MAPS,)
