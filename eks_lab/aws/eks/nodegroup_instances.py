"""The instances of a node group: where new ones stand, which go first, and what a launch that fails says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.draining import is_ready
from eks_lab.aws.eks.fleet import FleetInstance, Launch, LaunchTemplateUse, Taint
from eks_lab.aws.eks.nodegroup_validation import EFFECTS
from eks_lab.aws.eks.records import issue
from eks_lab.aws.errors import AwsError
from eks_lab.aws.machine_images import image_of_type
from eks_lab.sim.objects import Obj

LIVING = ("pending", "running")
_ISSUE_CODES = {
    "InsufficientFreeAddressesInSubnet": "InsufficientFreeAddresses",
    "VcpuLimitExceeded": "InstanceLimitExceeded",
    "InstanceLimitExceeded": "InstanceLimitExceeded",
    "UnauthorizedOperation": "AccessDenied",
    "InvalidSubnetID.NotFound": "Ec2SubnetNotFound",
    "InvalidLaunchTemplateId.NotFound": "Ec2LaunchTemplateNotFound",
    "InvalidLaunchTemplateId.VersionNotFound": "Ec2LaunchTemplateNotFound",
    "InvalidAMIID.NotFound": "AmiIdNotFound",
    "InvalidGroup.NotFound": "Ec2SecurityGroupNotFound",
    "NoSuchEntity": "IamNodeRoleNotFound",
}
"""EC2's code -> `NodegroupIssueCode`; all others are AsgInstanceLaunchFailures."""


@dataclass(frozen=True, slots=True)
class Members:
    """The instances of a group at one moment."""

    living: tuple[FleetInstance, ...] = ()
    """Pending or running."""
    gone: tuple[FleetInstance, ...] = ()
    """Stopped, or on their way out: the group replaces them."""
    ready: frozenset[str] = field(default_factory=frozenset)
    """Ids of those whose node is Ready."""

    def of(self, generation: str) -> list[FleetInstance]:
        """Return the living instances of one generation."""
        return [each for each in self.living if each.generation == generation]

    def older_than(self, generation: str) -> list[FleetInstance]:
        """Return the living instances of other generations."""
        return [each for each in self.living if each.generation != generation]


def members(eks: Eks, record: Obj) -> Members:
    """Return the instances of a group, and which are nodes already."""
    spec = record["spec"]
    found = eks.fleet.instances(spec["clusterName"], spec["nodegroupName"])
    control_plane = eks.control_plane(spec["clusterName"])
    ready = frozenset(
        each.id
        for each in found
        if each.node_name and control_plane is not None and is_ready(control_plane.api, each.node_name)
    )
    living = tuple(each for each in found if each.state in LIVING)
    return Members(living, tuple(each for each in found if each.state not in LIVING), ready)


def launch_of(eks: Eks, record: Obj) -> Launch:
    """Return what new instances of a group are; the subnet is still to be chosen."""
    spec = record["spec"]
    cluster, name = spec["clusterName"], spec["nodegroupName"]
    vpc = eks.cluster(cluster)["spec"]["resourcesVpcConfig"]
    template = spec.get("launchTemplate")
    use = LaunchTemplateUse(template["id"], template["version"]) if template else None
    types = tuple(spec.get("instanceTypes") or ())
    if not types and template:
        found = eks.surroundings.launch_template(template["id"], "", template["version"])
        types = (found.instance_type,) if found is not None and found.instance_type else ()
    return Launch(
        cluster=cluster,
        nodegroup=name,
        subnet_id="",
        instance_types=types,
        node_role_arn=spec["nodeRole"],
        ami_type=spec["amiType"],
        capacity_type=spec["capacityType"],
        version=spec["version"],
        release_version="" if spec["amiType"] == "CUSTOM" else spec["releaseVersion"],
        disk_size_gib=spec.get("diskSize", 20),
        labels=node_labels(eks, spec),
        taints=node_taints(spec["taints"]),
        security_group_ids=tuple(record.get("templateGroups") or ()) or (vpc["clusterSecurityGroupId"],),
        launch_template=use,
        ssh_key=(spec.get("remoteAccess") or {}).get("ec2SshKey", ""),
        autoscaling_group=spec["resources"]["autoScalingGroups"][0]["name"],
        tags={
            "eks:cluster-name": cluster,
            "eks:nodegroup-name": name,
            f"kubernetes.io/cluster/{cluster}": "owned",
            "aws:autoscaling:groupName": spec["resources"]["autoScalingGroups"][0]["name"],
        },
        generation=record["generation"],
    )


def node_labels(eks: Eks, spec: Obj) -> dict[str, str]:
    """Return the labels that nodes of a group register with: the group's and EKS's own."""
    labels = {
        **spec["labels"],
        "eks.amazonaws.com/nodegroup": spec["nodegroupName"],
        "eks.amazonaws.com/capacityType": spec["capacityType"],
    }
    image = image_of_type(spec["amiType"], spec["version"], eks.account.region)
    labels["eks.amazonaws.com/nodegroup-image"] = image.id if image is not None else spec["releaseVersion"]
    if spec.get("launchTemplate"):
        labels["eks.amazonaws.com/sourceLaunchTemplateId"] = spec["launchTemplate"]["id"]
        labels["eks.amazonaws.com/sourceLaunchTemplateVersion"] = spec["launchTemplate"]["version"]
    return labels


def node_taints(taints: Iterable[Mapping[str, str]]) -> tuple[Taint, ...]:
    """Return taints in Kubernetes' spelling."""
    return tuple(Taint(each["key"], each.get("value", ""), EFFECTS[each["effect"]]) for each in taints)


def launch(eks: Eks, record: Obj, count: int, present: Sequence[FleetInstance]) -> list[AwsError]:
    """Launch instances so that the group's subnets are balanced, as an Auto Scaling group does.

    Args:
        eks: the account's EKS.
        record: of the group.
        count: how many more.
        present: living instances.

    Returns:
        What EC2 said where it refused; empty when all were launched.
    """
    subnets = record["spec"]["subnets"]
    standing = Counter(dict.fromkeys(subnets, 0))
    standing.update(each.subnet_id for each in present if each.subnet_id in standing)
    common, errors = launch_of(eks, record), []
    usable = list(subnets)
    while count > 0 and usable:
        shares = _shares(count, usable, standing)
        for subnet, share in shares.items():
            started, error = _launch_most(eks, replace(common, subnet_id=subnet), share)
            standing[subnet] += started
            count -= started
            if error is not None:
                errors.append(error)
                usable.remove(subnet)
    return errors if count > 0 else []


def _shares(count: int, subnets: Sequence[str], standing: Mapping[str, int]) -> dict[str, int]:
    after = {subnet: standing[subnet] for subnet in subnets}
    shares = dict.fromkeys(subnets, 0)
    for _ in range(count):
        chosen = min(subnets, key=lambda each: after[each])
        after[chosen] += 1
        shares[chosen] += 1
    return {subnet: share for subnet, share in shares.items() if share}


def _launch_most(eks: Eks, wanted: Launch, count: int) -> tuple[int, AwsError | None]:
    """Launch as many as EC2 gives; a refusal of several is tried with fewer."""
    started, step = 0, count
    while started < count:
        try:
            eks.fleet.launch(wanted, min(step, count - started))
        except AwsError as error:
            if step == 1:
                return started, error
            step = max(1, step // 2)
            continue
        started += min(step, count - started)
    return started, None


def surplus(record: Obj, present: Members, count: int) -> list[FleetInstance]:
    """Return the instances that a smaller group gives up first.

    Those that are not nodes go first, then those of older generations, then of the zone with most instances, the
    oldest of it (the default termination policy of Auto Scaling).
    """
    left = list(present.living)
    chosen: list[FleetInstance] = []
    while left and len(chosen) < count:
        zones = Counter(each.zone for each in left)
        victim = min(
            left,
            key=lambda each: (
                each.id in present.ready,
                each.generation == record["generation"],
                -zones[each.zone],
                each.zone,
                each.launched_at,
                each.id,
            ),
        )
        left.remove(victim)
        chosen.append(victim)
    return chosen


def launch_issues(record: Obj, errors: Sequence[AwsError]) -> list[Obj]:
    """Return the health issues that refused launches make, one for each of EC2's sentences."""
    group = record["spec"]["resources"]["autoScalingGroups"][0]["name"]
    found: dict[str, Obj] = {}
    for error in errors:
        code = _ISSUE_CODES.get(error.code, "AsgInstanceLaunchFailures")
        text = error.message
        if code == "AsgInstanceLaunchFailures":
            text = (
                f"Could not launch On-Demand Instances. {error.code} - {text} Launching EC2 instance failed."
            )
            if record["spec"]["capacityType"] == "SPOT":
                text = text.replace("On-Demand", "Spot")
        found.setdefault(text, issue(code, text, [group]))
    return list(found.values())
