"""Names and forms of EKS's records in the account's store.

A record has `spec`, which is what EKS describes (times as text), and beside it what only the controllers need.
Records of a cluster have the cluster's name as their namespace.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from eks_lab.sim.objects import Obj, micro_timestamp, parse_time

CLUSTERS = "clusters.eks"
NODEGROUPS = "nodegroups.eks"
ADDONS = "addons.eks"
ACCESS_ENTRIES = "accessentries.eks"
ASSOCIATIONS = "podidentityassociations.eks"
UPDATES = "updates.eks"
FARGATE_PROFILES = "fargateprofiles.eks"
IDENTITY_PROVIDERS = "identityproviders.eks"
INSIGHTS = "insights.eks"

OF_A_CLUSTER = (
    NODEGROUPS,
    ADDONS,
    ACCESS_ENTRIES,
    ASSOCIATIONS,
    UPDATES,
    FARGATE_PROFILES,
    IDENTITY_PROVIDERS,
    INSIGHTS,
)
"""Everything that ends with its cluster."""

TIMES = frozenset(
    {
        "createdAt",
        "modifiedAt",
        "associatedAt",
        "lastRefreshTime",
        "lastTransitionTime",
        "startedAt",
        "endedAt",
        "lastRequestTime",
    }
)
"""Members that are timestamps in botocore's model."""


def text_of(moment: datetime) -> str:
    """Return a moment as records keep it."""
    return micro_timestamp(moment)


def described(spec: Obj) -> dict[str, Any]:
    """Return a description with its times as datetimes, as a response has them."""
    return {name: _described(name, value) for name, value in spec.items()}


def _described(name: str, value: Any) -> Any:
    if name in TIMES and isinstance(value, str):
        return parse_time(value)
    if isinstance(value, dict):
        # Labels and tags may be called like a time; they are maps of text and stay as they are.
        return value if name in ("labels", "tags", "additionalInfo") else described(value)
    if isinstance(value, list):
        return [described(each) if isinstance(each, dict) else each for each in value]
    return value


def issue(code: str, message: str, resources: Iterable[str]) -> Obj:
    """Return one issue of a health report."""
    return {"code": code, "message": message, "resourceIds": list(resources)}
