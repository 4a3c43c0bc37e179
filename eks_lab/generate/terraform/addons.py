"""The EKS add-ons a configuration may ask for, and what each needs."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.calc.address_space import pieces, shown
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError

FIELD = "addons"
ALWAYS = ("vpc-cni", "kube-proxy", "coredns", "eks-pod-identity-agent")
"""Add-ons that a cluster with node groups has in any case."""


@dataclass(frozen=True, slots=True)
class Addon:
    """One add-on of EKS; source: EKS user guide, AWS add-ons and community add-ons."""

    name: str
    """As the API calls it."""
    why: str
    """What it is for."""
    service_account: str = ""
    """Of its pods that call AWS; empty when none does."""
    policy: str = ""
    """AWS managed policy those pods need, behind `policy/`."""
    needs_nodes: bool = True
    """Whether it cannot run on Fargate alone."""
    built_into_auto_mode: bool = False
    """Whether Auto Mode does its work already."""

    @property
    def namespace(self) -> str:
        """Return where its service account is."""
        return "amazon-cloudwatch" if self.name == "amazon-cloudwatch-observability" else "kube-system"


KNOWN: dict[str, Addon] = {
    found.name: found
    for found in (
        Addon(
            "aws-ebs-csi-driver",
            "Makes EBS volumes for claims; without it they stay Pending.",
            "ebs-csi-controller-sa",
            "service-role/AmazonEBSCSIDriverPolicy",
            built_into_auto_mode=True,
        ),
        Addon(
            "aws-efs-csi-driver",
            "Mounts EFS file systems, which pods of several nodes share.",
            "efs-csi-controller-sa",
            "service-role/AmazonEFSCSIDriverPolicy",
        ),
        Addon("metrics-server", "What kubectl top and the HPA ask for CPU and memory.", needs_nodes=False),
        Addon(
            "eks-node-monitoring-agent",
            "Tells EKS what is wrong with a node, so that node repair can act.",
            built_into_auto_mode=True,
        ),
        Addon("snapshot-controller", "Turns VolumeSnapshot objects into EBS snapshots."),
        Addon(
            "amazon-cloudwatch-observability",
            "Container Insights: metrics, logs and traces of the containers.",
            "cloudwatch-agent",
            "CloudWatchAgentServerPolicy",
        ),
        Addon("kube-state-metrics", "State of Kubernetes objects as Prometheus metrics.", needs_nodes=False),
        Addon("prometheus-node-exporter", "Metrics of the nodes for Prometheus."),
        Addon("cert-manager", "Issues certificates inside the cluster."),
    )
}
"""Name -> add-on."""


def read_addons(text: str) -> tuple[Addon, ...]:
    """Read a list of add-ons.

    Args:
        text: names between commas or blanks; empty or `none` means none.

    Raises:
        InputError: an add-on that is not on record, or one that is installed in any case.
    """
    names = [name.lower() for name in pieces(text)]
    if names == ["none"]:
        return ()
    for name in names:
        if name in ALWAYS:
            raise InputError(
                f"{FIELD}: {name} is not chosen: EKS Auto Mode has it built in, and every other cluster gets it",
                hint=f"Leave {name} out.",
            )
        if name not in KNOWN:
            raise InputError(
                f"{FIELD}: {shown(name)} is no add-on on record",
                hint=did_you_mean(name, KNOWN) or f"On record: {', '.join(KNOWN)}.",
            )
    return tuple(KNOWN[name] for name in dict.fromkeys(names))
