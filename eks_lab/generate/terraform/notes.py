"""What a reader of a generated configuration should know, in sentences."""

from __future__ import annotations

from dataclasses import replace

from eks_lab.catalog.kubernetes_versions import calendar
from eks_lab.generate.terraform.choices import Choices

_NAT = {
    "per-zone": "a NAT gateway in each zone",
    "single": "one NAT gateway for all zones",
    "regional": "a regional NAT gateway",
    "none": "no way to the internet",
}
_ENDPOINT = {
    "public-private": "an endpoint that answers inside the VPC and to chosen networks",
    "private": "a private endpoint",
    "public": "a public endpoint",
}


def headline(choices: Choices) -> str:
    """Return one sentence about the cluster."""
    parts = []
    if choices.auto_mode:
        parts.append("Auto Mode")
    if choices.node_groups:
        count = len(choices.node_groups)
        nodes = sum(group.desired_size for group in choices.node_groups)
        parts.append(f"{nodes} node{'s' * (nodes != 1)} in {count} managed node group{'s' * (count != 1)}")
    if choices.fargate_profiles:
        parts.append("Fargate")
    if choices.karpenter:
        parts.append("Karpenter")
    return (
        f"Amazon EKS with Kubernetes {choices.version.name} in {choices.region}: {choices.zones} zones,"
        f" {_NAT[choices.nat]}, {_ENDPOINT[choices.endpoint]}, {' and '.join(parts)}."
    )


def notes(choices: Choices) -> tuple[str, ...]:
    """Return what to know before applying it, the weightiest first."""
    version = choices.version
    found = [
        f"Standard support of Kubernetes {version.name} ends on {version.end_of_standard.isoformat()}."
        if version.phase(choices.today) == "standard"
        else f"Kubernetes {version.name} is in extended support, at six times the fee, until"
        f" {version.end_of_extended.isoformat()}."
    ]
    stale = calendar().staleness_warning(choices.today)
    if stale:
        found.append(stale)
    if not choices.is_private:
        found.append(
            "Nodes reach the API through NAT at its public address: a private endpoint would be nearer."
        )
    if choices.nat == "single":
        found.append(
            "One NAT gateway serves all zones: when its zone fails, none has a way out. Fine for learning."
        )
    if choices.nat == "none":
        found.append(
            "Images must come from ECR, directly or through a pull-through cache: nothing else is reachable."
        )
    if choices.kms_key:
        found.append(
            "The cluster cannot be read without its KMS key: alarm on DisableKey and ScheduleKeyDeletion."
        )
    else:
        found.append("API data is encrypted with a key that AWS owns; a key of your own costs 1 USD a month.")
    if choices.prefix_delegation:
        found.append(
            "Prefixes are whole, aligned /28 blocks: use subnets that nothing else has fragmented, and recycle nodes"
            " that ran without prefixes."
        )
    if choices.custom_networking:
        found.append(
            "Security groups and firewalls inside the VPC see pods by their own addresses, not the node's."
        )
    for profile in choices.fargate_profiles:
        for entry in choices.pod_identities:
            if profile.may_take(entry.namespace) and not profile.takes_all_of(entry.namespace):
                found.append(
                    f"Pods of {entry.namespace} with the labels of profile {profile.name} run on Fargate, where Pod"
                    " Identity does not work; only the others get the role."
                )
    for group in choices.node_groups:
        limits = {choices.max_pods(replace(group, instances=(instance,))) for instance in group.instances}
        if len(limits) > 1:
            found.append(
                f"The types of group {group.name} hold {min(limits)} to {max(limits)} pods; EKS uses the lowest for all."
            )
    if not choices.zonal_shift:
        found.append("Zonal shift is off: traffic stays in a zone that is in trouble.")
    return tuple(found)
