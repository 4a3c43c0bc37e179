"""ServiceAccounts."""

from __future__ import annotations

from eks_lab.sim.resource import Resource
from eks_lab.sim.resources.columns import AGE, NAME

SERVICE_ACCOUNTS = Resource(
    plural="serviceaccounts",
    kind="ServiceAccount",
    short_names=("sa",),
    subresources={"token": "TokenRequest"},
    columns=(NAME, AGE),
)

RESOURCES = (SERVICE_ACCOUNTS,)
