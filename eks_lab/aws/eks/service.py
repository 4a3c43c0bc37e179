"""EKS as the gateway sees it: every operation of botocore's model and what does it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from eks_lab.aws.eks import (
    access_entries,
    addon_queries,
    addons,
    cluster_updates,
    clusters,
    fargate,
    iam_actions,
    identity_providers,
    insights,
    nodegroup_updates,
    nodegroups,
    pod_identity,
    tags,
    updates,
    versions,
)
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.not_simulated import REASONS, NotSimulatedOperationError
from eks_lab.aws.eks.refusals import invalid_request, no_cluster
from eks_lab.aws.service import Action, Call

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

Handler = Callable[[Eks, dict[str, Any]], dict[str, Any]]

OPERATIONS: Mapping[str, Handler] = {
    "AssociateAccessPolicy": access_entries.associate_access_policy,
    "AssociateEncryptionConfig": cluster_updates.associate_encryption_config,
    "AssociateIdentityProviderConfig": identity_providers.associate_identity_provider_config,
    "CreateAccessEntry": access_entries.create_access_entry,
    "CreateAddon": addons.create_addon,
    "CreateFargateProfile": fargate.create_fargate_profile,
    "CreateNodegroup": nodegroups.create_nodegroup,
    "CreatePodIdentityAssociation": pod_identity.create_pod_identity_association,
    "DeleteAccessEntry": access_entries.delete_access_entry,
    "DeleteAddon": addons.delete_addon,
    "DeleteCluster": clusters.delete_cluster,
    "DeleteFargateProfile": fargate.delete_fargate_profile,
    "DeleteNodegroup": nodegroups.delete_nodegroup,
    "DeletePodIdentityAssociation": pod_identity.delete_pod_identity_association,
    "DescribeAccessEntry": access_entries.describe_access_entry,
    "DescribeAddon": addons.describe_addon,
    "DescribeAddonConfiguration": addon_queries.describe_addon_configuration,
    "DescribeAddonVersions": addon_queries.describe_addon_versions,
    "DescribeCluster": clusters.describe_cluster,
    "DescribeClusterVersions": versions.describe_cluster_versions,
    "DescribeFargateProfile": fargate.describe_fargate_profile,
    "DescribeIdentityProviderConfig": identity_providers.describe_identity_provider_config,
    "DescribeInsight": insights.describe_insight,
    "DescribeInsightsRefresh": insights.describe_insights_refresh,
    "DescribeNodegroup": nodegroups.describe_nodegroup,
    "DescribePodIdentityAssociation": pod_identity.describe_pod_identity_association,
    "DescribeUpdate": updates.describe_update,
    "DisassociateAccessPolicy": access_entries.disassociate_access_policy,
    "DisassociateIdentityProviderConfig": identity_providers.disassociate_identity_provider_config,
    "ListAccessEntries": access_entries.list_access_entries,
    "ListAccessPolicies": access_entries.list_access_policies,
    "ListAddons": addons.list_addons,
    "ListAssociatedAccessPolicies": access_entries.list_associated_access_policies,
    "ListClusters": clusters.list_clusters,
    "ListFargateProfiles": fargate.list_fargate_profiles,
    "ListIdentityProviderConfigs": identity_providers.list_identity_provider_configs,
    "ListInsights": insights.list_insights,
    "ListNodegroups": nodegroups.list_nodegroups,
    "ListPodIdentityAssociations": pod_identity.list_pod_identity_associations,
    "ListTagsForResource": tags.list_tags_for_resource,
    "ListUpdates": updates.list_updates,
    "StartInsightsRefresh": insights.start_insights_refresh,
    "TagResource": tags.tag_resource,
    "UntagResource": tags.untag_resource,
    "UpdateAccessEntry": access_entries.update_access_entry,
    "UpdateAddon": addons.update_addon,
    "UpdateClusterConfig": cluster_updates.update_cluster_config,
    "UpdateClusterVersion": cluster_updates.update_cluster_version,
    "UpdateNodegroupConfig": nodegroup_updates.update_nodegroup_config,
    "UpdateNodegroupVersion": nodegroup_updates.update_nodegroup_version,
    "UpdatePodIdentityAssociation": pod_identity.update_pod_identity_association,
}
"""What is simulated, CreateCluster apart, which needs to know who asks."""
OF_NO_CLUSTER = frozenset(
    {
        "DescribeClusterVersions",
        "DescribeAddonVersions",
        "DescribeAddonConfiguration",
        "ListAccessPolicies",
    }
)
"""Operations that answer alike in every region."""


def eks_of(account: Account) -> Eks:
    """Return EKS of an account, on its EC2 and IAM."""
    # Here, because EC2's side imports this package for its protocols.
    from eks_lab.aws.ec2.fleet import Ec2Fleet
    from eks_lab.aws.surroundings import AccountSurroundings

    return Eks(account, AccountSurroundings(account), Ec2Fleet(account))


class EksService:
    """The service `eks`."""

    name = "eks"

    def __init__(self, account: Account | None = None, *, eks: Eks | None = None) -> None:
        """Serve an account.

        Args:
            account: whose EKS; or None with `eks`.
            eks: wired already.
        """
        if eks is None:
            assert account is not None
            eks = eks_of(account)
        self.eks = eks

    def handle(self, operation: str, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Perform an operation; see `Service`.

        Raises:
            AwsError: the call is refused.
            NotSimulatedOperationError: the operation is not simulated.
        """
        if operation in REASONS:
            raise NotSimulatedOperationError(operation)
        if context.region != self.eks.account.region and operation not in OF_NO_CLUSTER:
            return self._elsewhere(operation, params, context.region)
        if operation == "CreateCluster":
            return clusters.create_cluster(self.eks, params, context.principal)
        return OPERATIONS[operation](self.eks, params)

    def actions(self, operation: str, params: dict[str, Any], context: Call) -> Iterable[Action]:
        """Return what IAM must allow; see `Service`."""
        return iam_actions.actions(self.eks, operation, params, context.region)

    def _elsewhere(self, operation: str, params: dict[str, Any], region: str) -> dict[str, Any]:
        """Answer in a region without clusters."""
        if operation == "ListClusters":
            return {"clusters": []}
        if operation == "CreateCluster":
            raise invalid_request(
                f"Clusters in {region} are not simulated by eks-lab. Nearest:"
                f" {self.eks.account.region}. Real EKS: {region} has clusters of its own.",
                clusterName=params["name"],
            )
        raise no_cluster(params.get("clusterName") or params.get("name") or "")
