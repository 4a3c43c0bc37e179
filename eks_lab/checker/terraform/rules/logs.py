"""Logs of the control plane."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import NOTE, WARNING, Rule
from eks_lab.checker.terraform.view import View

_LESSON = "observability.logs"
MISSING = Rule(
    "eks-logs-missing", WARNING, "Control-plane logs that are off: after an incident nobody can say who did what.",
    'Set enabled_cluster_log_types = ["api", "audit", "authenticator", "controllerManager", "scheduler"].', _LESSON,
)  # fmt: skip
GROUP = Rule(
    "eks-log-group-missing", NOTE, "No log group for the control plane: EKS makes one that keeps logs for ever.",
    'Add aws_cloudwatch_log_group "/aws/eks/NAME/cluster" with retention_in_days, before the cluster.', _LESSON,
)  # fmt: skip
RETENTION = Rule(
    "eks-log-retention", NOTE, "A log group of EKS without retention: you pay for its logs for ever.",
    "Set retention_in_days.", _LESSON,
)  # fmt: skip
RULES = (MISSING, GROUP, RETENTION)
_NEEDED = ("audit", "authenticator")


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with the logs of each cluster."""
    groups = view.configuration.of_type("aws_cloudwatch_log_group")
    for cluster in view.clusters:
        place = "enabled_cluster_log_types"
        types = view.value(cluster, place)
        if types in (None, []):
            says = f"{cluster.address} sends no control-plane logs"
            yield view.finding(MISSING, cluster, place, says=says)
        elif isinstance(types, list):
            missing = [each for each in _NEEDED if each not in types]
            if missing and all(isinstance(each, str) for each in types):
                says = f"{cluster.address} does not send the logs {' and '.join(missing)}"
                yield view.finding(MISSING, cluster, place, says=says)
            if not groups and view.is_whole:
                says = f"{cluster.address} has logs but no log group of its own"
                yield view.finding(GROUP, cluster, place, says=says)
    for group in groups:
        name = view.value(group, "name")
        is_eks = isinstance(name, str) and name.startswith("/aws/eks/")
        if is_eks and view.value(group, "retention_in_days") in (None, 0):
            yield view.finding(RETENTION, group, "name", says=f"{group.address} keeps its logs for ever")
