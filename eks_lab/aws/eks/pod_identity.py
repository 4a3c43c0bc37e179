"""Pod Identity associations: which role the pods of a service account take."""

from __future__ import annotations

import json
import re
from typing import Any

from eks_lab.aws.eks.cluster_validation import trusts
from eks_lab.aws.eks.clusters import require_active
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.pages import page
from eks_lab.aws.eks.records import ASSOCIATIONS, described, text_of
from eks_lab.aws.eks.refusals import in_use, invalid_parameter, limit_exceeded, resource_not_found
from eks_lab.aws.eks.tags import check_tags
from eks_lab.sim.objects import Obj

PRINCIPAL = "pods.eks.amazonaws.com"
ACTIONS = ("sts:AssumeRole", "sts:TagSession")
"""A role for Pod Identity has to allow both (EKS user guide, pod-id-role)."""
MOST_ASSOCIATIONS = 5_000
"""Of a cluster (EKS user guide, service quotas)."""
LONGEST_POLICY = 2_048
_NAME = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_ROLE = re.compile(r"arn:aws:iam::\d{12}:role/.+", re.ASCII)


def association_of(eks: Eks, cluster: str, namespace: str, account: str) -> Obj | None:
    """Return the record of the association of a service account, or None."""
    for record in eks.list(ASSOCIATIONS, cluster):
        if (record["spec"]["namespace"], record["spec"]["serviceAccount"]) == (namespace, account):
            return record
    return None


def _record(eks: Eks, params: dict[str, Any]) -> Obj:
    eks.cluster(params["clusterName"])
    record = eks.find(ASSOCIATIONS, params["clusterName"], params["associationId"])
    if record is None:
        raise resource_not_found(
            f"The specified association {params['associationId']} does not exist in cluster"
            f" {params['clusterName']}",
            clusterName=params["clusterName"],
        )
    return record


def create_pod_identity_association(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Give a service account a role. Neither namespace nor account has to exist yet.

    Raises:
        AwsError: the account has an association, or the role does not exist or does not trust Pod Identity.
    """
    cluster = eks.cluster(params["clusterName"])
    fields = {"clusterName": params["clusterName"]}
    require_active(cluster)
    for member in ("namespace", "serviceAccount"):
        if not _NAME.fullmatch(params[member]):
            raise invalid_parameter(
                f"The {member} {params[member]!r} is not a valid Kubernetes name", **fields
            )
    present = association_of(eks, params["clusterName"], params["namespace"], params["serviceAccount"])
    if present is not None:
        token = params.get("clientRequestToken")
        if token and present.get("token") == token:
            return {"association": described(present["spec"])}
        raise in_use(f"Association already exists: {present['spec']['associationId']}", **fields)
    _check_roles(eks, params["roleArn"], params.get("targetRoleArn", ""), fields)
    _check_policy(params.get("policy", ""), params.get("disableSessionTags", False), fields)
    check_tags(params.get("tags") or {}, **fields)
    if len(eks.list(ASSOCIATIONS, params["clusterName"])) >= MOST_ASSOCIATIONS:
        raise limit_exceeded(
            f"You've reached the limit of {MOST_ASSOCIATIONS} pod identity associations", **fields
        )
    record = add(eks, params)
    return {"association": described(record["spec"])}


def add(eks: Eks, params: dict[str, Any], *, owner: str = "") -> Obj:
    """Write an association that nothing is wrong with; return its record.

    Args:
        eks: where.
        params: of CreatePodIdentityAssociation.
        owner: ARN of the add-on that made it.
    """
    association_id = f"a-{eks.account.ids.suffix(17)}"
    now = text_of(eks.now())
    spec: Obj = {
        "clusterName": params["clusterName"],
        "namespace": params["namespace"],
        "serviceAccount": params["serviceAccount"],
        "roleArn": params["roleArn"],
        "associationArn": eks.arn(f"podidentityassociation/{params['clusterName']}/{association_id}"),
        "associationId": association_id,
        "tags": dict(params.get("tags") or {}),
        "createdAt": now,
        "modifiedAt": now,
        "disableSessionTags": params.get("disableSessionTags", False),
    }
    if owner:
        spec["ownerArn"] = owner
    if params.get("policy"):
        spec["policy"] = params["policy"]
    if params.get("targetRoleArn"):
        spec["targetRoleArn"] = params["targetRoleArn"]
        spec["externalId"] = _external_id(eks, params)
    return eks.add(
        ASSOCIATIONS,
        params["clusterName"],
        association_id,
        spec=spec,
        token=params.get("clientRequestToken", ""),
    )


def _external_id(eks: Eks, params: dict[str, Any]) -> str:
    """Return the external id of a chained assumption: region, account, cluster, namespace, service account."""
    parts = (eks.account.region, eks.account.id, params["clusterName"])
    return "/".join((*parts, params["namespace"], params["serviceAccount"]))


def _check_roles(eks: Eks, role_arn: str, target_arn: str, fields: dict[str, str]) -> None:
    for member, arn in (("roleArn", role_arn), ("targetRoleArn", target_arn)):
        if (arn or member == "roleArn") and not _ROLE.fullmatch(arn):
            raise invalid_parameter(f"The {member} {arn} is not a valid ARN of a role", **fields)
    if role_arn.split(":")[4] != eks.account.id:
        raise invalid_parameter(
            f"Role {role_arn} is not in the account of the cluster, {eks.account.id}. Name a role of this account"
            " as roleArn and the other one as targetRoleArn.",
            **fields,
        )  # (M)
    role = eks.surroundings.role(role_arn)
    if role is None:
        raise resource_not_found("Role provided in the request does not exist.", **fields)
    if not trusts(role.trust, PRINCIPAL, ACTIONS):
        raise invalid_parameter(
            f"Trust policy of the role {role_arn} does not allow {' and '.join(ACTIONS)} to {PRINCIPAL}",
            **fields,
        )  # (M)


def _check_policy(policy: str, has_no_tags: bool, fields: dict[str, str]) -> None:
    if not policy:
        return
    if not has_no_tags:
        # API reference, CreatePodIdentityAssociation, `policy`: session tags have to be off.
        raise invalid_parameter("disableSessionTags must be true when a policy is specified", **fields)
    try:
        is_document = isinstance(json.loads(policy), dict)
    except ValueError:
        is_document = False
    if not is_document or len(policy) > LONGEST_POLICY:
        raise invalid_parameter(
            f"The policy must be a JSON document of at most {LONGEST_POLICY} characters", **fields
        )


def describe_pod_identity_association(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return one association."""
    return {"association": described(_record(eks, params)["spec"])}


def list_pod_identity_associations(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the associations of a cluster; those of a namespace or account when it is named."""
    eks.cluster(params["clusterName"])
    rows = []
    for record in eks.list(ASSOCIATIONS, params["clusterName"]):
        spec = record["spec"]
        if any(params.get(member) not in (None, spec[member]) for member in ("namespace", "serviceAccount")):
            continue
        members = (
            "clusterName",
            "namespace",
            "serviceAccount",
            "associationArn",
            "associationId",
            "ownerArn",
        )
        rows.append({member: spec[member] for member in members if member in spec})
    return page(rows, params, "associations")


def update_pod_identity_association(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Change the roles or the session policy of an association; running pods notice when they refresh.

    Raises:
        AwsError: there is none, or the roles or the policy are refused.
    """
    record = _record(eks, params)
    fields = {"clusterName": params["clusterName"]}
    spec = dict(record["spec"])
    role, target = params.get("roleArn") or spec["roleArn"], params.get("targetRoleArn")
    _check_roles(eks, role, target or "", fields)
    spec["roleArn"] = role
    if "disableSessionTags" in params:
        spec["disableSessionTags"] = params["disableSessionTags"]
    policy = params.get("policy", spec.get("policy", ""))
    _check_policy(policy, spec["disableSessionTags"], fields)
    for member, value in (("targetRoleArn", target), ("policy", params.get("policy"))):
        if value == "":
            spec.pop(member, None)
        elif value is not None:
            spec[member] = value
    if spec.get("targetRoleArn"):
        spec["externalId"] = _external_id(eks, spec)
    else:
        spec.pop("externalId", None)
    spec["modifiedAt"] = text_of(eks.now())
    return {"association": described(eks.put(ASSOCIATIONS, {**record, "spec": spec})["spec"])}


def delete_pod_identity_association(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Take a service account's role away.

    Raises:
        AwsError: there is no such association.
    """
    record = _record(eks, params)
    eks.remove(ASSOCIATIONS, record)
    return {"association": described(record["spec"])}
