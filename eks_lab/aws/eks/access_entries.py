"""Access entries and their policies: the twelve operations' worth of who may enter a cluster."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from eks_lab.aws.eks import access_policies
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.pages import page
from eks_lab.aws.eks.records import ACCESS_ENTRIES, described, text_of
from eks_lab.aws.eks.refusals import in_use, invalid_parameter, invalid_request, resource_not_found
from eks_lab.aws.eks.tags import check_tags
from eks_lab.sim.objects import Obj

STANDARD = "STANDARD"
NODE_TYPES = ("EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "HYBRID_LINUX", "HYPERPOD_LINUX")
AUTO_TYPE = "EC2"
"""Of Auto Mode's and other custom node classes: takes policies, but neither groups nor a username."""
TYPES = (STANDARD, *NODE_TYPES, AUTO_TYPE)
NODE_GROUPS = {
    "EC2_LINUX": ("system:nodes",),
    "EC2_WINDOWS": ("eks:kube-proxy-windows", "system:nodes"),
    "FARGATE_LINUX": ("system:nodes", "system:node-proxier"),
    "HYBRID_LINUX": ("system:nodes",),
    "HYPERPOD_LINUX": ("system:nodes",),
    AUTO_TYPE: ("system:nodes",),
}
"""Groups that an entry of a type gives; the user cannot set them (EKS user guide, create access entries)."""
NODE_USERNAMES = {
    "FARGATE_LINUX": "system:node:{{SessionName}}",
    "HYBRID_LINUX": "system:node:{{SessionName}}",
    "HYPERPOD_LINUX": "system:node:{{SessionName}}",
}
NODE_USERNAME = "system:node:{{EC2PrivateDNSName}}"
RESERVED_PREFIXES = ("system:", "eks:", "aws:", "amazon:", "iam:")
MOST_ENTRIES = 500
"""Of a cluster (EKS user guide, service quotas)."""
MOST_POLICIES = 20
"""Of an entry."""
_PRINCIPAL = re.compile(
    r"arn:aws:(iam|sts)::(\d{12}):(root|user/.+|role/.+|assumed-role/.+|federated-user/.+)", re.ASCII
)


def _require_mode(record: Obj) -> None:
    if record["spec"]["accessConfig"]["authenticationMode"] == "CONFIG_MAP":
        raise invalid_request(
            "The cluster's authentication mode must be set to one of [API, API_AND_CONFIG_MAP] to perform this"
            " operation.",
            clusterName=record["spec"]["name"],
        )


def _cluster(eks: Eks, params: dict[str, Any]) -> Obj:
    record = eks.cluster(params["clusterName"])
    _require_mode(record)
    return record


def record_name(arn: str) -> str:
    """Return the name of the record of a principal: its ARN with its path."""
    return arn


def entry(eks: Eks, cluster: str, arn: str) -> Obj:
    """Return the record of an access entry.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    found = eks.find(ACCESS_ENTRIES, cluster, record_name(arn))
    if found is None:
        raise resource_not_found(
            "The specified principalArn could not be found. You can view your available access entries with"
            " 'list-access-entries'.",
            clusterName=cluster,
        )
    return found


def create_access_entry(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Let a principal of IAM into a cluster.

    Raises:
        AwsError: the mode does not have entries, the principal does not exist or has one, or the type does
            not take what is given.
    """
    _cluster(eks, params)
    cluster, arn = params["clusterName"], params["principalArn"]
    fields = {"clusterName": cluster}
    kind = params.get("type") or STANDARD
    if kind not in TYPES:
        raise invalid_parameter(
            f"The specified type {kind} is not valid. Valid types are: [{', '.join(TYPES)}]", **fields
        )
    check_principal(eks, arn, **fields)
    groups, username = params.get("kubernetesGroups"), params.get("username")
    if kind != STANDARD and (groups or username):
        what = "kubernetesGroups" if groups else "username"
        raise invalid_request(f"The {what} cannot be specified for an access entry of type {kind}.", **fields)
    check_groups(groups or (), **fields)
    if username:
        check_username(username, arn, **fields)
    check_tags(params.get("tags") or {}, **fields)
    existing = eks.find(ACCESS_ENTRIES, cluster, record_name(arn))
    if existing is not None:
        if params.get("clientRequestToken") and existing.get("token") == params["clientRequestToken"]:
            return {"accessEntry": described(existing["spec"])}
        raise in_use("The specified access entry resource is already in use on this cluster.", **fields)
    if len(eks.list(ACCESS_ENTRIES, cluster)) >= MOST_ENTRIES:
        raise invalid_request(f"You've reached the limit of {MOST_ENTRIES} access entries.", **fields)
    record = add(
        eks,
        cluster,
        arn,
        kind,
        groups=groups or (),
        username=username or "",
        tags=params.get("tags") or {},
        token=params.get("clientRequestToken", ""),
    )
    return {"accessEntry": described(record["spec"])}


def check_principal(eks: Eks, arn: str, **fields: Any) -> None:
    """Refuse a principal that cannot have an entry.

    Raises:
        AwsError: InvalidParameterException.
    """
    match = _PRINCIPAL.fullmatch(arn)
    if match is None or match.group(1) == "sts" or match.group(3) == "root":
        raise invalid_parameter("The specified principalArn is invalid: invalid principal.", **fields)
    if match.group(2) != eks.account.id:
        # Real EKS cannot look into another account either; it takes the ARN as it is.
        return
    exists = (
        eks.surroundings.role(arn) is not None
        if match.group(3).startswith("role/")
        else eks.surroundings.has_user(arn)
    )
    if not exists:
        raise invalid_parameter("The specified principalArn is invalid: invalid principal.", **fields)


def check_groups(groups: Sequence[str], **fields: Any) -> None:
    """Refuse groups that EKS keeps for itself.

    Raises:
        AwsError: InvalidParameterException.
    """
    for group in groups:
        for prefix in RESERVED_PREFIXES:
            if group.startswith(prefix):
                raise invalid_parameter(
                    f"The kubernetes group name {group} is invalid, it cannot start with {prefix}", **fields
                )
        if not group.strip():
            raise invalid_parameter("The kubernetes group name is invalid, it cannot be empty", **fields)


def check_username(username: str, arn: str, **fields: Any) -> None:
    """Refuse usernames that EKS keeps for itself, and templates that cannot be filled.

    Raises:
        AwsError: InvalidParameterException.
    """
    for prefix in RESERVED_PREFIXES:
        if username.startswith(prefix):
            raise invalid_parameter(
                f"The username {username} is invalid, it cannot start with {prefix}", **fields
            )
    if "{{EC2PrivateDNSName}}" in username:
        raise invalid_parameter(
            "The username template {{EC2PrivateDNSName}} is not supported for this entry type", **fields
        )
    if "{{SessionName" in username:
        if ":role/" not in arn:
            raise invalid_parameter(
                "The username template {{SessionName}} is only supported for IAM roles", **fields
            )
        if ":" not in username.partition("{{SessionName")[0]:
            # So that no session can be called like somebody else (EKS user guide, access entries).
            raise invalid_parameter(
                f"The username {username} is invalid, there must be a colon before the {{{{SessionName}}}}"
                " template",
                **fields,
            )


def default_username(arn: str) -> str:
    """Return the username of a STANDARD entry that names none.

    A role's is its sessions' ARN with the session as template, a user's is the ARN
    (EKS user guide, create access entries).
    """
    if ":role/" in arn:
        account, name = arn.split(":")[4], arn.rpartition("/")[2]
        return f"arn:aws:sts::{account}:assumed-role/{name}/{{{{SessionName}}}}"
    return arn


def add(
    eks: Eks,
    cluster: str,
    arn: str,
    kind: str,
    *,
    groups: Sequence[str] = (),
    username: str = "",
    tags: dict[str, str] | None = None,
    token: str = "",
    policies: Sequence[Obj] = (),
) -> Obj:
    """Write an access entry that nothing is wrong with; return its record."""
    if kind == STANDARD:
        username = username or default_username(arn)
    else:
        username, groups = NODE_USERNAMES.get(kind, NODE_USERNAME), NODE_GROUPS[kind]
    part, _, name = arn.split(":", 5)[5].partition("/")
    now = text_of(eks.now())
    spec = {
        "clusterName": cluster,
        "principalArn": arn,
        "kubernetesGroups": list(groups),
        "accessEntryArn": eks.arn(
            f"access-entry/{cluster}/{part}/{arn.split(':')[4]}/{name}/{eks.account.ids.uid()}"
        ),
        "createdAt": now,
        "modifiedAt": now,
        "tags": dict(tags or {}),
        "username": username,
        "type": kind,
    }
    return eks.add(ACCESS_ENTRIES, cluster, record_name(arn), spec=spec, policies=list(policies), token=token)


def add_creator(eks: Eks, cluster: Obj) -> None:
    """Give the creator of a cluster an entry as administrator, where the mode has entries and it was wished.

    The account itself (root) cannot have an entry; EKS lets it in all the same.
    """
    spec, creator = cluster["spec"], cluster["creator"]["arn"]
    access = spec["accessConfig"]
    if access["authenticationMode"] == "CONFIG_MAP" or not access["bootstrapClusterCreatorAdminPermissions"]:
        return
    name = spec["name"]
    if creator.endswith(":root") or eks.find(ACCESS_ENTRIES, name, creator):
        return
    policy = association(eks, access_policies.arn("AmazonEKSClusterAdminPolicy"), {"type": "cluster"})
    add(eks, name, creator, STANDARD, policies=[policy])


def add_node_role(eks: Eks, cluster: str, role_arn: str, kind: str) -> None:
    """Give the role of a managed node group its entry, unless it has one: EKS does so in the API modes."""
    mode = eks.cluster(cluster)["spec"]["accessConfig"]["authenticationMode"]
    if mode != "CONFIG_MAP" and eks.find(ACCESS_ENTRIES, cluster, role_arn) is None:
        add(eks, cluster, role_arn, kind)


def association(eks: Eks, policy_arn: str, scope: Obj) -> Obj:
    """Return an associated policy as it is kept."""
    now = text_of(eks.now())
    kept = {"type": scope["type"], "namespaces": list(scope.get("namespaces") or [])}
    return {"policyArn": policy_arn, "accessScope": kept, "associatedAt": now, "modifiedAt": now}


def describe_access_entry(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return one entry."""
    _cluster(eks, params)
    return {"accessEntry": described(entry(eks, params["clusterName"], params["principalArn"])["spec"])}


def list_access_entries(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the principals that have an entry; those with a policy when one is named."""
    _cluster(eks, params)
    wanted = params.get("associatedPolicyArn")
    found = [
        record["spec"]["principalArn"]
        for record in eks.list(ACCESS_ENTRIES, params["clusterName"])
        if wanted is None or any(each["policyArn"] == wanted for each in record["policies"])
    ]
    return page(found, params, "accessEntries")


def update_access_entry(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Change groups or username of a STANDARD entry.

    Raises:
        AwsError: the entry is a node's, or the names are refused.
    """
    _cluster(eks, params)
    cluster, arn = params["clusterName"], params["principalArn"]
    fields = {"clusterName": cluster}
    record = entry(eks, cluster, arn)
    groups, username = params.get("kubernetesGroups"), params.get("username")
    kind = record["spec"]["type"]
    if kind != STANDARD and (groups is not None or username is not None):
        raise invalid_request(f"An access entry of type {kind} cannot be updated.", **fields)
    change: dict[str, Any] = {}
    if groups is not None:
        check_groups(groups, **fields)
        change["kubernetesGroups"] = list(groups)
    if username is not None:
        check_username(username, arn, **fields)
        change["username"] = username or default_username(arn)
    record = eks.change(ACCESS_ENTRIES, record, **change, modifiedAt=text_of(eks.now()))
    return {"accessEntry": described(record["spec"])}


def delete_access_entry(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Take an entry away, with its policies: at once, whoever it locks out."""
    _cluster(eks, params)
    eks.remove(ACCESS_ENTRIES, entry(eks, params["clusterName"], params["principalArn"]))
    return {}


# --- policies -----------------------------------------------------------------------------------------------


def list_access_policies(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the policies that AWS offers."""
    rows = [{"name": name, "arn": access_policies.arn(name)} for name in access_policies.names()]
    return page(rows, params, "accessPolicies")


def associate_access_policy(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Let an entry do what a policy says, in the whole cluster or in namespaces; again moves the scope.

    Raises:
        AwsError: no such entry or policy, the entry is a node's, or the scope is incomplete.
    """
    _cluster(eks, params)
    cluster, arn = params["clusterName"], params["principalArn"]
    fields = {"clusterName": cluster}
    record = entry(eks, cluster, arn)
    policy = access_policies.name_of(params["policyArn"])
    if policy is None:
        raise invalid_parameter(
            f"The specified policyArn {params['policyArn']} is not valid. You can view the available access"
            " policies with 'list-access-policies'.",
            **fields,
        )
    kind = record["spec"]["type"]
    if kind not in (STANDARD, AUTO_TYPE):
        raise invalid_request(
            f"Access policies cannot be associated with an access entry of type {kind}.", **fields
        )
    scope = params["accessScope"]
    namespaces = scope.get("namespaces") or []
    if scope.get("type") not in ("cluster", "namespace"):
        raise invalid_parameter("The type of accessScope must be cluster or namespace.", **fields)
    if scope["type"] == "namespace" and not namespaces:
        raise invalid_parameter("An accessScope of type namespace needs at least one namespace.", **fields)
    if scope["type"] == "cluster" and namespaces:
        raise invalid_parameter("Namespaces cannot be specified in an accessScope of type cluster.", **fields)
    made = association(eks, params["policyArn"], scope)
    policies = list(record["policies"])
    for number, each in enumerate(policies):
        if each["policyArn"] == params["policyArn"]:
            made = {**made, "associatedAt": each["associatedAt"]}
            policies[number] = made
            break
    else:
        if len(policies) >= MOST_POLICIES:
            raise invalid_request(f"You've reached the limit of {MOST_POLICIES} access policies.", **fields)
        policies.append(made)
    eks.put(ACCESS_ENTRIES, {**record, "policies": policies})
    return {"clusterName": cluster, "principalArn": arn, "associatedAccessPolicy": described(made)}


def disassociate_access_policy(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Take a policy from an entry.

    Raises:
        AwsError: ResourceNotFoundException.
    """
    _cluster(eks, params)
    record = entry(eks, params["clusterName"], params["principalArn"])
    left = [each for each in record["policies"] if each["policyArn"] != params["policyArn"]]
    if len(left) == len(record["policies"]):
        raise resource_not_found(
            f"The specified policyArn {params['policyArn']} is not associated with the access entry.",
            clusterName=params["clusterName"],
        )
    eks.put(ACCESS_ENTRIES, {**record, "policies": left})
    return {}


def list_associated_access_policies(eks: Eks, params: dict[str, Any]) -> dict[str, Any]:
    """Return the policies of an entry with their scopes."""
    _cluster(eks, params)
    record = entry(eks, params["clusterName"], params["principalArn"])
    rows = [described(each) for each in record["policies"]]
    answer = page(rows, params, "associatedAccessPolicies")
    return {"clusterName": params["clusterName"], "principalArn": params["principalArn"], **answer}
