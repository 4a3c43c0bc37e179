"""Cluster insights: ListInsights, DescribeInsight, and the refresh of both."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.insight_checks import Finding, findings
from eks_lab.aws.eks.pages import page
from eks_lab.aws.eks.records import INSIGHTS, described, text_of
from eks_lab.aws.eks.refusals import invalid_request, resource_not_found
from eks_lab.aws.eks.versions import minor
from eks_lab.sim.objects import Key, Obj, parse_time
from eks_lab.sim.runtime import DONE, Result, Watch

REFRESH_TIME = timedelta(minutes=3)
REFRESH = "refresh"
"""Name of the record of the latest refresh of a cluster."""


def _next_version(version: str) -> str:
    return f"1.{minor(version) + 1}"


def _insights(eks: Eks, cluster: str) -> list[dict[str, Any]]:
    record = eks.cluster(cluster)
    refreshed = _refreshed(eks, cluster)
    target = _next_version(record["spec"]["version"])
    rows = []
    for finding in findings(eks, cluster, target):
        rows.append(_insight(finding, record, target, refreshed))
    return rows


def _insight(finding: Finding, record: Obj, target: str, refreshed: str) -> dict[str, Any]:
    digest = hashlib.sha256(f"{record['metadata']['uid']}/{finding.name}".encode()).hexdigest()
    identifier = f"{digest[:8]}-{digest[8:12]}-4{digest[13:16]}-a{digest[17:20]}-{digest[20:32]}"
    summary: Obj = {finding.details_member: list(finding.details)} if finding.details_member else {}
    return {
        "id": identifier,
        "name": finding.name,
        "category": finding.category,
        "kubernetesVersion": target,
        "lastRefreshTime": refreshed,
        "lastTransitionTime": refreshed,
        "description": finding.description,
        "insightStatus": {"status": finding.status, "reason": finding.reason},
        "recommendation": finding.recommendation,
        "additionalInfo": dict(finding.links),
        "resources": [
            {
                "insightStatus": {"status": status, "reason": reason},
                ("arn" if what.startswith("arn:") else "kubernetesResourceUri"): what,
            }
            for status, reason, what in finding.resources
        ],
        "categorySpecificSummary": summary,
    }


def _refreshed(eks: Eks, cluster: str) -> str:
    """Return when insights were last refreshed: EKS does it once a day, and when it is asked to."""
    record = eks.cluster(cluster)
    asked = eks.find(INSIGHTS, cluster, REFRESH)
    created = parse_time(record["spec"]["createdAt"])
    daily = created + timedelta(days=(eks.now() - created).days)
    if asked is not None and asked["spec"].get("endedAt"):
        daily = max(daily, parse_time(asked["spec"]["endedAt"]))
    return text_of(daily)


_SUMMARY = (
    "id",
    "name",
    "category",
    "kubernetesVersion",
    "lastRefreshTime",
    "lastTransitionTime",
    "description",
    "insightStatus",
)


def list_insights(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the insights of a cluster that a filter lets through."""
    wanted = params.get("filter") or {}
    rows = []
    for row in _insights(eks, params["clusterName"]):
        status = row["insightStatus"]["status"]
        if wanted.get("categories") and row["category"] not in wanted["categories"]:
            continue
        if wanted.get("kubernetesVersions") and row["kubernetesVersion"] not in wanted["kubernetesVersions"]:
            continue
        if wanted.get("statuses") and status not in wanted["statuses"]:
            continue
        rows.append(described({member: row[member] for member in _SUMMARY}))
    return page(rows, params, "insights")


def describe_insight(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return one insight with its resources.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    for row in _insights(eks, params["clusterName"]):
        if row["id"] == params["id"]:
            return {"insight": described(row)}
    raise resource_not_found(f"Insight with id {params['id']} not found", clusterName=params["clusterName"])


def start_insights_refresh(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin to look anew; it takes some minutes.

    Raises:
        AwsError: a refresh is under way.
    """
    cluster = params["clusterName"]
    eks.cluster(cluster)
    present = eks.find(INSIGHTS, cluster, REFRESH)
    if present is not None and present["spec"]["status"] == "IN_PROGRESS":
        raise invalid_request("An insights refresh is already in progress", clusterName=cluster)
    if present is not None:
        eks.remove(INSIGHTS, present)
    spec = {
        "status": "IN_PROGRESS",
        "message": "Insights refresh is in progress",
        "startedAt": text_of(eks.now()),
    }
    eks.add(INSIGHTS, cluster, REFRESH, spec=spec)
    return {"message": spec["message"], "status": spec["status"]}


def describe_insights_refresh(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return how far the latest refresh is.

    Raises:
        AwsError: nobody has asked for one.
    """
    eks.cluster(params["clusterName"])
    record = eks.find(INSIGHTS, params["clusterName"], REFRESH)
    if record is None:
        raise resource_not_found("No insights refresh found", clusterName=params["clusterName"])
    return described(record["spec"])


class InsightsController:
    """Ends refreshes."""

    name = "eks-insights"
    watches: Sequence[Watch] = (Watch(INSIGHTS),)

    def __init__(self, eks: Eks) -> None:
        """Take EKS of one account."""
        self._eks = eks

    def reconcile(self, key: Key) -> Result:
        """End a refresh that is due."""
        eks = self._eks
        record = eks.find(INSIGHTS, key.namespace, key.name)
        if record is None or record["spec"]["status"] != "IN_PROGRESS":
            return DONE
        left = parse_time(record["spec"]["startedAt"]) + REFRESH_TIME - eks.now()
        if left > timedelta(0):
            return Result(left)
        eks.change(
            INSIGHTS,
            record,
            status="COMPLETED",
            message="Insights refresh completed successfully",
            endedAt=text_of(eks.now()),
        )
        return DONE
