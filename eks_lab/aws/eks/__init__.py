"""Amazon EKS on the account's own store: clusters, node groups, add-ons, access, and what moves them.

Parameters come checked against botocore's model; errors are the model's. Nothing here imports moto.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eks_lab.aws.eks.context import Eks
    from eks_lab.sim.runtime import Controller


def controllers(eks: Eks) -> tuple[Controller, ...]:
    """Return the controllers of one account's EKS, in the order that decides ties."""
    from eks_lab.aws.eks.addon_controller import AddonController
    from eks_lab.aws.eks.cluster_controller import ClusterController
    from eks_lab.aws.eks.fargate import FargateController
    from eks_lab.aws.eks.identity_providers import IdentityProviderController
    from eks_lab.aws.eks.insights import InsightsController
    from eks_lab.aws.eks.nodegroup_controller import NodegroupController

    return (
        ClusterController(eks),
        NodegroupController(eks),
        AddonController(eks),
        IdentityProviderController(eks),
        FargateController(eks),
        InsightsController(eks),
    )
