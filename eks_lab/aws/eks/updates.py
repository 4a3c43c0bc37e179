"""Updates of clusters, node groups and add-ons: their records, DescribeUpdate and ListUpdates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any

from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.pages import page
from eks_lab.aws.eks.records import ADDONS, NODEGROUPS, UPDATES, described, text_of
from eks_lab.aws.eks.refusals import resource_not_found
from eks_lab.sim.objects import Obj, parse_time


def text(value: Any) -> str:
    """Return a value as the `params` of an update show it: text as it is, other values as JSON."""
    return value if isinstance(value, str) else json.dumps(value, separators=(",", ":"))


def start(
    eks: Eks,
    cluster: str,
    kind: str,
    params: Iterable[tuple[str, Any]],
    *,
    takes: timedelta,
    change: Mapping[str, Any],
    nodegroup: str = "",
    addon: str = "",
    token: str = "",
) -> dict[str, Any]:
    """Write an update that has begun; return it as a response has it.

    Args:
        eks: where.
        cluster: whose.
        kind: `VersionUpdate`.
        params: type and value of each parameter.
        takes: how long it lasts in simulated time, where time alone decides.
        change: members of the description that it brings at its end; of a cluster.
        nodegroup: that it moves; empty when it is the cluster itself or an add-on.
        addon: that it moves.
        token: `clientRequestToken`.
    """
    update_id = eks.account.ids.uid()
    spec = {
        "id": update_id,
        "status": "InProgress",
        "type": kind,
        "params": [{"type": name, "value": text(value)} for name, value in params],
        "createdAt": text_of(eks.now()),
        "errors": [],
    }
    record = eks.add(
        UPDATES,
        cluster,
        update_id,
        spec=spec,
        target={"nodegroup": nodegroup, "addon": addon},
        dueAt=text_of(eks.now() + takes),
        change=dict(change),
        token=token,
    )
    return described(record["spec"])


def started_with(eks: Eks, cluster: str, token: str) -> dict[str, Any] | None:
    """Return the update that a request with the same `clientRequestToken` has begun, or None."""
    if not token:
        return None
    for record in eks.list(UPDATES, cluster):
        if record.get("token") == token:
            return described(record["spec"])
    return None


def in_progress(eks: Eks, cluster: str, *, nodegroup: str = "", addon: str = "") -> Obj | None:
    """Return the update that is under way on a cluster itself, or on a node group or add-on of it."""
    target = {"nodegroup": nodegroup, "addon": addon}
    for record in eks.list(UPDATES, cluster):
        if record["spec"]["status"] == "InProgress" and record["target"] == target:
            return record
    return None


def finish(eks: Eks, record: Obj, *errors: tuple[str, str, Iterable[str]]) -> None:
    """End an update.

    Args:
        eks: where.
        record: the update.
        errors: code, sentence and resources of each; none means that it is Successful.
    """
    rows = [
        {"errorCode": code, "errorMessage": message, "resourceIds": list(resources)}
        for code, message, resources in errors
    ]
    eks.change(UPDATES, record, status="Failed" if rows else "Successful", errors=rows)


def due_at(record: Obj) -> datetime:
    """Return when an update is over, where time alone decides."""
    return parse_time(record["dueAt"])


def describe_update(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return one update.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    target = _target(eks, params)
    record = eks.find(UPDATES, params["name"], params["updateId"])
    if record is None or record["target"] != target:
        raise resource_not_found(f"No update found for ID: {params['updateId']}", clusterName=params["name"])
    return {"update": described(record["spec"])}


def list_updates(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the ids of the updates of a cluster, a node group or an add-on, newest last.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    target = _target(eks, params)
    found = [record for record in eks.list(UPDATES, params["name"]) if record["target"] == target]
    found.sort(key=lambda record: record["spec"]["createdAt"])
    return page([record["spec"]["id"] for record in found], params, "updateIds")


def _target(eks: Eks, params: dict[str, Any]) -> dict[str, str]:
    cluster = params["name"]
    eks.cluster(cluster)
    nodegroup, addon = params.get("nodegroupName", ""), params.get("addonName", "")
    if nodegroup and eks.find(NODEGROUPS, cluster, nodegroup) is None:
        raise resource_not_found(
            f"No node group found for name: {nodegroup}.", clusterName=cluster, nodegroupName=nodegroup
        )
    if addon and eks.find(ADDONS, cluster, addon) is None:
        raise resource_not_found(
            f"No addon: {addon} found in cluster: {cluster}", clusterName=cluster, addonName=addon
        )
    return {"nodegroup": nodegroup, "addon": addon}
