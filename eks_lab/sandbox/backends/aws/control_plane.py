"""The EKS cluster."""

from __future__ import annotations

from typing import Any

from eks_lab.errors import UnavailableError
from eks_lab.sandbox.backends.aws import network, roles
from eks_lab.sandbox.backends.aws.requests import RefusedError
from eks_lab.sandbox.backends.aws.site import CONSISTENCY_LIMIT_SECONDS, Site

READY_LIMIT_SECONDS = 1800.0
"""A control plane takes about ten minutes."""
GONE_LIMIT_SECONDS = 1800.0


class ControlPlane:
    """The cluster, without nodes."""

    step = kind = "cluster"
    title = "Make the EKS cluster (about ten minutes)"

    def name(self, site: Site) -> str:
        """Return its name."""
        return site.ledger.head.cluster

    def find(self, site: Site) -> str:
        """Return its name when this session made it; empty when there is none, or somebody else's."""
        found = _described(site)
        return self.name(site) if found and site.is_ours(found.get("tags") or {}) else ""

    def make(self, site: Site) -> str:
        """Make it; whoever makes it is its administrator."""
        head = site.ledger.head
        site.insist(
            lambda: site.call(
                "eks",
                "CreateCluster",
                name=head.cluster,
                version=head.version,
                roleArn=roles.arn(site, roles.CLUSTER_ROLE),
                resourcesVpcConfig={
                    "subnetIds": network.subnets(site),
                    "endpointPublicAccess": True,
                    "endpointPrivateAccess": True,
                },
                accessConfig={
                    "authenticationMode": "API_AND_CONFIG_MAP",
                    "bootstrapClusterCreatorAdminPermissions": True,
                },
                # Without it a version that leaves standard support costs six times as much from then on.
                upgradePolicy={"supportType": "STANDARD"},
                clientRequestToken=f"eks-lab-{head.session}",
                tags=site.tags,
            ),
            {"InvalidParameterException"},
            CONSISTENCY_LIMIT_SECONDS,
            about="could not be assumed",
        )
        return head.cluster

    def settle(self, site: Site) -> None:
        """Wait until it is ACTIVE, and tag the security group that EKS has made for it.

        Raises:
            UnavailableError: it failed, or takes too long.
        """

        def is_active() -> bool:
            found = _described(site)
            status = found["status"] if found else "gone"
            if status in ("FAILED", "gone", "DELETING"):
                raise UnavailableError(
                    f"the cluster {site.ledger.head.cluster} is {status}: {issues(found)}",
                    hint="Remove everything: eks-lab sandbox down",
                )
            return bool(status == "ACTIVE")

        site.until(is_active, f"the cluster {site.ledger.head.cluster} to be ACTIVE", READY_LIMIT_SECONDS)
        found = _described(site)
        group = ((found or {}).get("resourcesVpcConfig") or {}).get("clusterSecurityGroupId")
        if group:
            site.call("ec2", "CreateTags", Resources=[group], Tags=site.listed_tags)

    def remove(self, site: Site, id: str) -> None:
        """Delete everything that runs on it, then itself, and wait until it is gone."""
        found = site.found("eks", "DescribeCluster", name=id)
        if found is None or not site.is_ours(found["cluster"].get("tags") or {}):
            return
        for profile in list(
            site.api.pages("eks", "ListFargateProfiles", "fargateProfileNames", clusterName=id)
        ):
            site.delete("eks", "DeleteFargateProfile", clusterName=id, fargateProfileName=profile)
            _wait_for_end(
                site, f"the Fargate profile {profile}", "DescribeFargateProfile", clusterName=id,
                fargateProfileName=profile,
            )  # fmt: skip
        remove_groups(site, id)
        if found["cluster"]["status"] != "DELETING":
            site.delete("eks", "DeleteCluster", name=id)
        _wait_for_end(site, f"the cluster {id}", "DescribeCluster", name=id)


def remove_groups(site: Site, cluster: str) -> None:
    """Delete the node groups of the session's cluster, those that labs have made included."""
    groups = list(site.api.pages("eks", "ListNodegroups", "nodegroups", clusterName=cluster))
    for group in groups:
        site.delete("eks", "DeleteNodegroup", clusterName=cluster, nodegroupName=group)
    for group in groups:
        _wait_for_end(
            site, f"the node group {group}", "DescribeNodegroup", clusterName=cluster, nodegroupName=group
        )


def _wait_for_end(site: Site, what: str, operation: str, **params: Any) -> None:
    """Wait until something is gone.

    Raises:
        RefusedError: EKS cannot delete it, and says why.
    """

    def is_gone() -> bool:
        found = site.found("eks", operation, **params)
        if found is None:
            return True
        described = next(iter(found.values()))
        if described.get("status") == "DELETE_FAILED":
            raise RefusedError(
                "eks",
                operation.replace("Describe", "Delete"),
                "DELETE_FAILED",
                f"{what}: {issues(described)}",
            )
        return False

    site.until(is_gone, f"{what} to be gone", GONE_LIMIT_SECONDS)


def _described(site: Site) -> dict[str, Any] | None:
    found = site.found("eks", "DescribeCluster", name=site.ledger.head.cluster)
    return dict(found["cluster"]) if found else None


def issues(found: dict[str, Any] | None) -> str:
    """Return what EKS says is wrong with a cluster or a node group that it describes."""
    said = ((found or {}).get("health") or {}).get("issues") or ()
    return "; ".join(f"{each.get('code')}: {each.get('message')}" for each in said) or "no reason is given"
