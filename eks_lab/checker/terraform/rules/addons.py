"""Add-ons: the ones that have to be there, their order and their roles."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, WARNING, Rule
from eks_lab.checker.terraform.configuration import Entity
from eks_lab.checker.terraform.constant import UNKNOWN
from eks_lab.checker.terraform.view import View

_LESSON = "terraform.addons"
MISSING = Rule(
    "eks-addons-missing", WARNING,
    "No managed vpc-cni, kube-proxy or coredns: what EKS installs by itself nobody ever upgrades.",
    "Set bootstrap_self_managed_addons = false and add aws_eks_addon for vpc-cni, kube-proxy and coredns.", _LESSON,
)  # fmt: skip
NO_NETWORK = Rule(
    "eks-cni-missing", ERROR, "Neither EKS nor you install vpc-cni: nodes never become Ready.",
    'Add aws_eks_addon with addon_name = "vpc-cni".', _LESSON,
)  # fmt: skip
ORDER = Rule(
    "eks-addon-order", WARNING,
    "Add-ons in the wrong order: vpc-cni after the nodes that need it, or coredns before there are nodes to run it.",
    "Make vpc-cni and kube-proxy before the node group, coredns after it, with depends_on.", _LESSON,
)  # fmt: skip
NO_AGENT = Rule(
    "eks-pod-identity-agent-missing", ERROR, "Pod Identity associations without the agent: pods get no credentials.",
    'Add aws_eks_addon with addon_name = "eks-pod-identity-agent".', "identity.pod-identity",
)  # fmt: skip
NO_ROLE = Rule(
    "eks-addon-role-missing", WARNING, "A CSI driver without a role: it cannot create volumes.",
    "Add a pod_identity_association or service_account_role_arn.", "storage.ebs-csi",
)  # fmt: skip
RULES = (MISSING, NO_NETWORK, ORDER, NO_AGENT, NO_ROLE)
_BASIC = ("vpc-cni", "kube-proxy", "coredns")
_CSI = {"aws-ebs-csi-driver": "ebs-csi-controller-sa", "aws-efs-csi-driver": "efs-csi-controller-sa"}


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with add-ons."""
    installed: dict[str, Entity] = {}
    certain = True
    for addon in view.configuration.of_type("aws_eks_addon"):
        name = addon.argument("addon_name")
        for names in view.names_of(addon):
            found = view.evaluator.fresh(name.value if name else None, names)
            if isinstance(found, str):
                installed[found] = addon
            else:
                certain = False
    if view.is_whole and certain and not view.is_auto_mode:
        yield from _missing(view, installed)
    yield from _order(view, installed)
    yield from _roles(view, installed)


def _missing(view: View, installed: dict[str, Entity]) -> Iterator[Finding]:
    for cluster in view.clusters:
        bootstrap = view.value(cluster, "bootstrap_self_managed_addons")
        lacks = [name for name in _BASIC if name not in installed]
        if bootstrap is False and "vpc-cni" in lacks:
            says = f"{cluster.address} comes without add-ons, and nothing installs vpc-cni"
            yield view.finding(NO_NETWORK, cluster, "bootstrap_self_managed_addons", says=says)
        elif lacks and bootstrap is not UNKNOWN:
            says = f"nobody manages {', '.join(lacks)} of {cluster.address}"
            yield view.finding(MISSING, cluster, "bootstrap_self_managed_addons", says=says)
    associations = view.configuration.of_type("aws_eks_pod_identity_association")
    associations += [addon for addon in installed.values() if addon.blocks("pod_identity_association")]
    if view.clusters and associations and "eks-pod-identity-agent" not in installed:
        says = f"{associations[0].address} needs the add-on eks-pod-identity-agent, which nothing installs"
        yield view.finding(NO_AGENT, associations[0], says=says)


def _order(view: View, installed: dict[str, Entity]) -> Iterator[Finding]:
    groups = {group.address for group in view.node_groups}
    for name, addon in installed.items():
        waits_for_nodes = bool(view.dependencies(addon) & groups)
        if name == "vpc-cni" and waits_for_nodes:
            bootstrap = [view.value(cluster, "bootstrap_self_managed_addons") for cluster in view.clusters]
            if False in bootstrap:
                says = (
                    f"{addon.address} installs vpc-cni after the nodes, which cannot become Ready without it"
                )
                yield view.finding(ORDER, addon, "depends_on", says=says)
        elif name == "coredns" and groups and not waits_for_nodes:
            says = f"{addon.address} installs coredns before there are nodes, so it stays DEGRADED"
            fix = f"Add depends_on = [{min(groups)}]."
            yield view.finding(ORDER, addon, "depends_on", says=says, fix=fix)


def _roles(view: View, installed: dict[str, Entity]) -> Iterator[Finding]:
    associations = view.configuration.of_type("aws_eks_pod_identity_association")
    accounts = [
        view.evaluator.fresh(found.value, names)
        for each in associations
        if (found := each.argument("service_account")) is not None
        for names in view.names_of(each)
    ]
    for name, account in _CSI.items():
        addon = installed.get(name)
        if addon is None or view.is_auto_mode or UNKNOWN in accounts or account in accounts:
            continue
        has_role = addon.argument("service_account_role_arn") is not None or addon.blocks(
            "pod_identity_association"
        )
        if not has_role and view.is_whole:
            yield view.finding(NO_ROLE, addon, "addon_name", says=f"{name} of {addon.address} has no role")
