"""Protection of the cluster itself, and the subnets it is given."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, Rule
from eks_lab.checker.terraform.configuration import Entity
from eks_lab.checker.terraform.constant import UNKNOWN
from eks_lab.checker.terraform.view import View

_LESSON = "terraform.cluster"
PROTECTION = Rule(
    "eks-deletion-protection", NOTE, "A cluster that one terraform destroy, or one click, deletes.",
    "Set deletion_protection = true.", _LESSON,
)  # fmt: skip
UPGRADE_POLICY = Rule(
    "eks-upgrade-policy", NOTE, "No upgrade policy: the cluster slides into extended support, at six times the price.",
    'Add upgrade_policy { support_type = "STANDARD" }.', "architecture.versions",
)  # fmt: skip
ZONAL_SHIFT = Rule(
    "eks-zonal-shift", NOTE, "Zonal shift is off: AWS cannot move traffic away from a zone in trouble.",
    "Add zonal_shift_config { enabled = true }.", _LESSON,
)  # fmt: skip
FEW_SUBNETS = Rule(
    "eks-too-few-subnets", ERROR, "A cluster with subnets in fewer than two zones, which EKS refuses.",
    "Give it subnets in at least two zones.", _LESSON,
)  # fmt: skip
SHARED_SUBNETS = Rule(
    "eks-shared-subnets", NOTE,
    "Control plane and nodes in the same subnets: pods can take the addresses that an upgrade of the cluster needs.",
    "Give the control plane a /28 of its own in each zone.", "terraform.network",
)  # fmt: skip
RULES = (PROTECTION, UPGRADE_POLICY, ZONAL_SHIFT, FEW_SUBNETS, SHARED_SUBNETS)
_SWITCHES = (
    (PROTECTION, ("deletion_protection",), True, "has no deletion protection"),
    (UPGRADE_POLICY, ("upgrade_policy", "support_type"), "STANDARD", "has no upgrade policy STANDARD"),
    (ZONAL_SHIFT, ("zonal_shift_config", "enabled"), True, "has no zonal shift"),
)


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with each cluster."""
    for cluster in view.clusters:
        for rule, place, wanted, says in _SWITCHES:
            found = view.value(cluster, *place)
            if found is not UNKNOWN and found != wanted:
                yield view.finding(rule, cluster, *place, says=f"{cluster.address} {says}")
        yield from _subnets(view, cluster)


def _subnets(view: View, cluster: Entity) -> Iterator[Finding]:
    place = ("vpc_config", "subnet_ids")
    given = view.value(cluster, *place)
    if isinstance(given, list) and len(given) == 1 and view.evaluator.configuration.complete:
        argument = cluster.argument(*place)
        from eks_lab.checker.terraform.syntax import TupleValue

        if argument is not None and isinstance(argument.value, TupleValue):
            says = f"{cluster.address} is given one subnet"
            yield view.finding(FEW_SUBNETS, cluster, *place, says=says)
    mine = {each.address for each in view.reached_by(cluster, *place, type="aws_subnet")}
    for group in view.node_groups:
        shared = [
            each for each in view.reached_by(group, "subnet_ids", type="aws_subnet") if each.address in mine
        ]
        if shared:
            says = f"{cluster.address} and {group.address} share {shared[0].address}"
            yield view.finding(SHARED_SUBNETS, cluster, *place, says=says)
            return
