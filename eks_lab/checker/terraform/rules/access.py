"""Who may use the cluster: authentication mode, the creator's hidden rights, access entries."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import NOTE, WARNING, Rule
from eks_lab.checker.terraform.view import View

_LESSON = "identity.cluster-access"
MODE = Rule(
    "eks-authentication-mode", WARNING,
    "No authentication mode, or CONFIG_MAP: access hangs on the aws-auth ConfigMap and on who created the cluster.",
    'Add access_config { authentication_mode = "API" } and an access entry for each who needs one.', _LESSON,
)  # fmt: skip
CREATOR = Rule(
    "eks-creator-is-admin", NOTE, "Whoever applies the configuration becomes administrator of the cluster, unlisted.",
    "Set bootstrap_cluster_creator_admin_permissions = false and write an access entry.", _LESSON,
)  # fmt: skip
NOBODY = Rule(
    "eks-nobody-has-access", WARNING, "The creator gets no rights and there is no access entry: nobody can use the cluster.",
    "Add aws_eks_access_entry and aws_eks_access_policy_association for your administrators.", _LESSON,
)  # fmt: skip
RULES = (MODE, CREATOR, NOBODY)


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with access to each cluster."""
    for cluster in view.clusters:
        mode = view.value(cluster, "access_config", "authentication_mode")
        creator = view.value(cluster, "access_config", "bootstrap_cluster_creator_admin_permissions")
        if mode in (None, "CONFIG_MAP"):
            said = (
                "sets authentication_mode CONFIG_MAP"
                if mode
                else "has no authentication_mode, which means CONFIG_MAP"
            )
            place = ("access_config", "authentication_mode")
            yield view.finding(MODE, cluster, *place, says=f"{cluster.address} {said}")
        elif creator in (None, True):
            place = ("access_config", "bootstrap_cluster_creator_admin_permissions")
            says = f"the creator of {cluster.address} becomes its administrator"
            yield view.finding(CREATOR, cluster, *place, says=says)
        if creator is False and view.is_whole and not view.configuration.of_type("aws_eks_access_entry"):
            says = f"nobody has access to {cluster.address}: no creator rights and no access entry"
            yield view.finding(NOBODY, cluster, "access_config", says=says)
