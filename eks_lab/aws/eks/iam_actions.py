"""What IAM has to allow for each operation of EKS: action, resource and condition keys.

Source: service authorization reference, "Actions, resources, and condition keys for Amazon Elastic Kubernetes
Service".
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.records import (
    ACCESS_ENTRIES,
    ADDONS,
    ASSOCIATIONS,
    CLUSTERS,
    FARGATE_PROFILES,
    IDENTITY_PROVIDERS,
    NODEGROUPS,
)
from eks_lab.aws.service import Action

ON_ANYTHING = frozenset(
    {
        "ListClusters",
        "DescribeAddonVersions",
        "DescribeAddonConfiguration",
        "DescribeClusterVersions",
        "ListAccessPolicies",
        "RegisterCluster",
        "CreateEksAnywhereSubscription",
        "ListEksAnywhereSubscriptions",
    }
)
"""Operations without a resource: IAM is asked for `*`."""
_PARTS = (
    (NODEGROUPS, "nodegroupName", "nodegroupArn"),
    (ADDONS, "addonName", "addonArn"),
    (FARGATE_PROFILES, "fargateProfileName", "fargateProfileArn"),
    (ASSOCIATIONS, "associationId", "associationArn"),
    (ACCESS_ENTRIES, "principalArn", "accessEntryArn"),
)
"""Resource, member of the request that names one, member of its description with its ARN."""
PASSED = {
    "CreateCluster": (("roleArn", "eks.amazonaws.com"),),
    "CreateNodegroup": (("nodeRole", "eks.amazonaws.com"),),
    "CreateFargateProfile": (("podExecutionRoleArn", "eks.amazonaws.com"),),
    "CreateAddon": (("serviceAccountRoleArn", "eks.amazonaws.com"),),
    "UpdateAddon": (("serviceAccountRoleArn", "eks.amazonaws.com"),),
    "CreatePodIdentityAssociation": (("roleArn", "pods.eks.amazonaws.com"),),
    "UpdatePodIdentityAssociation": (("roleArn", "pods.eks.amazonaws.com"),),
}
"""Operation -> members whose role it passes, and to whom."""


def actions(eks: Eks, operation: str, params: Mapping[str, Any], region: str) -> Iterator[Action]:
    """Yield what a call needs, in the order in which AWS asks.

    Args:
        eks: where the resources are.
        operation: of botocore's model.
        params: of the request.
        region: of the call.
    """
    tags: Mapping[str, str] = params.get("tags") or {} if operation != "UntagResource" else {}
    context: dict[str, str | list[str]] = {f"aws:RequestTag/{key}": value for key, value in tags.items()}
    keys = list(tags) or list(params.get("tagKeys") or ())
    if keys:
        context["aws:TagKeys"] = keys
    context |= _own_keys(operation, params)
    resource, record_tags = _resource(eks, operation, params, region)
    context |= {f"aws:ResourceTag/{key}": value for key, value in record_tags.items()}
    yield Action(f"eks:{operation}", resource, context)
    if operation.startswith("Create") and tags:
        yield Action("eks:TagResource", resource, context)
    for member, service in PASSED.get(operation, ()):
        if params.get(member):
            yield Action("iam:PassRole", params[member], {"iam:PassedToService": service})
    for association in params.get("podIdentityAssociations") or ():
        yield Action(
            "iam:PassRole", association["roleArn"], {"iam:PassedToService": "pods.eks.amazonaws.com"}
        )


def _own_keys(operation: str, params: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Return the condition keys of EKS itself."""
    found: dict[str, str | list[str]] = {}
    if "AccessEntry" in operation or "AccessPolicy" in operation:
        if params.get("principalArn"):
            found["eks:principalArn"] = params["principalArn"]
        if params.get("username"):
            found["eks:username"] = params["username"]
        if params.get("kubernetesGroups"):
            found["eks:kubernetesGroups"] = list(params["kubernetesGroups"])
        if params.get("type"):
            found["eks:accessEntryType"] = params["type"]
        if params.get("policyArn"):
            found["eks:policyArn"] = params["policyArn"]
        scope = params.get("accessScope") or {}
        if scope.get("type"):
            found["eks:accessScope"] = scope["type"]
        if scope.get("namespaces"):
            found["eks:namespaces"] = list(scope["namespaces"])
    access = params.get("accessConfig") or {}
    if "authenticationMode" in access:
        found["eks:authenticationMode"] = access["authenticationMode"]
    if "bootstrapClusterCreatorAdminPermissions" in access:
        value = str(access["bootstrapClusterCreatorAdminPermissions"]).lower()
        found["eks:bootstrapClusterCreatorAdminPermissions"] = value
    vpc = params.get("resourcesVpcConfig") or {}
    for member in ("endpointPublicAccess", "endpointPrivateAccess"):
        if member in vpc:
            found[f"eks:{member}"] = str(vpc[member]).lower()
    if operation in ("CreateCluster", "UpdateClusterVersion") and params.get("version"):
        found["eks:kubernetesVersion"] = params["version"]
    return found


def _resource(
    eks: Eks, operation: str, params: Mapping[str, Any], region: str
) -> tuple[str, Mapping[str, str]]:
    if operation in ON_ANYTHING:
        return "*", {}
    if operation in ("TagResource", "UntagResource", "ListTagsForResource"):
        return params["resourceArn"], {}
    if "EksAnywhereSubscription" in operation:
        return f"arn:aws:eks:{region}:{eks.account.id}:eks-anywhere-subscription/{params['id']}", {}
    cluster = params.get("clusterName") or params.get("name") or ""
    cluster_arn = f"arn:aws:eks:{region}:{eks.account.id}:cluster/{cluster}"
    # What is created does not exist yet: IAM is asked for the cluster.
    if not operation.startswith(("Create", "List")):
        for resource, member, arn in _PARTS:
            record = eks.find(resource, cluster, params[member]) if params.get(member) else None
            if record is not None:
                return record["spec"][arn], record["spec"].get("tags") or {}
        config = params.get("identityProviderConfig")
        record = eks.find(IDENTITY_PROVIDERS, cluster, config["name"]) if config else None
        if record is not None:
            return record["spec"]["identityProviderConfigArn"], record["spec"].get("tags") or {}
    record = eks.find(CLUSTERS, "", cluster)
    return cluster_arn, (record["spec"].get("tags") or {}) if record is not None else {}
