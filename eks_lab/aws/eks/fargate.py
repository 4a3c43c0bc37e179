"""Fargate profiles: kept and described; no pod runs on Fargate here, and the profile's health says so."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from eks_lab.aws.eks.cluster_validation import check_name, check_role
from eks_lab.aws.eks.clusters import require_active
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.pages import page
from eks_lab.aws.eks.records import FARGATE_PROFILES, described, issue, text_of
from eks_lab.aws.eks.refusals import in_use, invalid_parameter, limit_exceeded, resource_not_found
from eks_lab.aws.eks.tags import check_tags
from eks_lab.sim.objects import Key, Obj, parse_time
from eks_lab.sim.runtime import DONE, Result, Watch

MOST_PROFILES, MOST_SELECTORS, MOST_LABELS = 10, 5, 5
"""Of a cluster, a profile and a selector (EKS user guide, service quotas)."""
CREATION = timedelta(minutes=2)
NOT_RUN = (
    "eks-lab does not run pods on Fargate: pods that match this profile are scheduled on nodes like all others."
    " Nearest: a managed node group. Real EKS: its scheduler gives each matching pod a virtual machine of its own."
)


def _profile(eks: Eks, params: dict[str, Any]) -> Obj:
    cluster, name = params["clusterName"], params["fargateProfileName"]
    eks.cluster(cluster)
    record = eks.find(FARGATE_PROFILES, cluster, name)
    if record is None:
        raise resource_not_found(
            f"No Fargate Profile found with name: {name}.", clusterName=cluster, fargateProfileName=name
        )
    return record


def create_fargate_profile(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin a profile.

    Raises:
        AwsError: the name is taken, selectors are missing or too many, a subnet is public, the role is not
            Fargate's.
    """
    cluster, name = params["clusterName"], params["fargateProfileName"]
    record = eks.cluster(cluster)
    fields = {"clusterName": cluster, "fargateProfileName": name}
    require_active(record)
    check_name("fargateProfileName", name, **fields)
    if eks.find(FARGATE_PROFILES, cluster, name) is not None:
        raise in_use("A Fargate Profile already exists with this name in this cluster.", clusterName=cluster)
    if len(eks.list(FARGATE_PROFILES, cluster)) >= MOST_PROFILES:
        raise limit_exceeded(
            f"You've reached the limit of {MOST_PROFILES} Fargate profiles", clusterName=cluster
        )
    selectors = params.get("selectors") or []
    if not selectors:
        raise invalid_parameter("Fargate Profile requires at least one selector.", **fields)
    if not all(selector.get("namespace") for selector in selectors):
        raise invalid_parameter(
            "Fargate Profile must have at least one selector with at least one namespace value.", **fields
        )
    if len(selectors) > MOST_SELECTORS:
        raise invalid_parameter(f"Request contains more than {MOST_SELECTORS} selectors", **fields)
    if any(len(selector.get("labels") or {}) > MOST_LABELS for selector in selectors):
        raise invalid_parameter(
            f"Request contains Selector with more than {MOST_LABELS} Label pairs", **fields
        )
    check_role(eks, params["podExecutionRoleArn"], "eks-fargate-pods.amazonaws.com", **fields)
    check_tags(params.get("tags") or {}, **fields)
    subnets = params.get("subnets") or record["spec"]["resourcesVpcConfig"]["subnetIds"]
    for subnet_id in subnets:
        subnet = eks.surroundings.subnet(subnet_id)
        if subnet is None:
            raise invalid_parameter(f"The subnet ID '{subnet_id}' does not exist", **fields)
        if subnet.is_public_by_default:
            raise invalid_parameter(
                f"Subnet {subnet_id} provided in Fargate Profile is not a private subnet", **fields
            )
    spec: Obj = {
        "fargateProfileName": name,
        "fargateProfileArn": eks.arn(f"fargateprofile/{cluster}/{name}/{eks.account.ids.uid()}"),
        "clusterName": cluster,
        "createdAt": text_of(eks.now()),
        "podExecutionRoleArn": params["podExecutionRoleArn"],
        "subnets": list(subnets),
        "selectors": selectors,
        "status": "CREATING",
        "tags": dict(params.get("tags") or {}),
        "health": {"issues": [issue("InternalFailure", NOT_RUN, [])]},
    }
    made = eks.add(FARGATE_PROFILES, cluster, name, spec=spec, dueAt=text_of(eks.now() + CREATION))
    return {"fargateProfile": described(made["spec"])}


def describe_fargate_profile(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return one profile."""
    return {"fargateProfile": described(_profile(eks, params)["spec"])}


def list_fargate_profiles(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the names of a cluster's profiles."""
    eks.cluster(params["clusterName"])
    names = [
        record["spec"]["fargateProfileName"] for record in eks.list(FARGATE_PROFILES, params["clusterName"])
    ]
    return page(names, params, "fargateProfileNames")


def delete_fargate_profile(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Begin the end of a profile; one at a time, as on EKS.

    Raises:
        AwsError: there is none, or another one is being deleted.
    """
    record = _profile(eks, params)
    cluster = params["clusterName"]
    if record["spec"]["status"] != "DELETING":
        for other in eks.list(FARGATE_PROFILES, cluster):
            if other["spec"]["status"] in ("CREATING", "DELETING"):
                raise in_use(
                    f"Cannot delete Fargate Profile {params['fargateProfileName']} because cluster {cluster}"
                    f" currently has Fargate profile {other['spec']['fargateProfileName']} in status"
                    f" {other['spec']['status']}",
                    clusterName=cluster,
                )
        record = eks.put(FARGATE_PROFILES, {**record, "dueAt": text_of(eks.now() + CREATION)})
        record = eks.change(FARGATE_PROFILES, record, status="DELETING")
    return {"fargateProfile": described(record["spec"])}


class FargateController:
    """Moves profiles through their statuses; time alone decides."""

    name = "eks-fargate"
    watches: Sequence[Watch] = (Watch(FARGATE_PROFILES),)

    def __init__(self, eks: Eks) -> None:
        """Take EKS of one account."""
        self._eks = eks

    def reconcile(self, key: Key) -> Result:
        """Do what is due for one profile."""
        eks = self._eks
        record = eks.find(FARGATE_PROFILES, key.namespace, key.name)
        if record is None or record["spec"]["status"] == "ACTIVE":
            return DONE
        left = parse_time(record["dueAt"]) - eks.now()
        if left > timedelta(0):
            return Result(left)
        if record["spec"]["status"] == "CREATING":
            eks.change(FARGATE_PROFILES, record, status="ACTIVE")
        else:
            eks.remove(FARGATE_PROFILES, record)
        return DONE
