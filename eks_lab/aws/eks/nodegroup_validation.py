"""What CreateNodegroup and its updates refuse, in the service's words. (M) marks modelled sentences."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eks_lab.aws.eks.cluster_validation import check_role
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.refusals import invalid_parameter, invalid_request, not_in_simulation
from eks_lab.aws.eks.surroundings import LaunchTemplate
from eks_lab.aws.eks.versions import minor
from eks_lab.aws.machine_images import image_of_type
from eks_lab.catalog import instance_types
from eks_lab.catalog.kubernetes_versions import calendar
from eks_lab.errors import InputError
from eks_lab.sim.objects import Obj

MOST_GROUPS = 30
"""Managed node groups of a cluster (EKS user guide, service quotas)."""
MOST_NODES = 450
"""Nodes of a managed node group (EKS user guide, service quotas)."""
MOST_UNAVAILABLE = 100
MOST_TAINTS = 50
LAST_AL2 = 32
"""Newest minor with Amazon Linux 2 images (EKS user guide, AL2 deprecation)."""
EFFECTS = {"NO_SCHEDULE": "NoSchedule", "NO_EXECUTE": "NoExecute", "PREFER_NO_SCHEDULE": "PreferNoSchedule"}
_LABEL_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", re.ASCII)
_DNS = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?", re.ASCII)
_RESERVED_LABELS = ("kubernetes.io", "k8s.io", "eks.amazonaws.com")
_ALLOWED_RESERVED = ("node.kubernetes.io", "kubelet.kubernetes.io")


def fields_of(params: Mapping[str, Any]) -> dict[str, str]:
    """Return the members that errors about a node group carry."""
    return {"clusterName": params["clusterName"], "nodegroupName": params["nodegroupName"]}


def check_scaling(scaling: Mapping[str, int], **fields: Any) -> None:
    """Refuse sizes that do not fit each other.

    Raises:
        AwsError: InvalidParameterException.
    """
    least, most, wanted = scaling["minSize"], scaling["maxSize"], scaling["desiredSize"]
    if least < 0 or wanted < 0:
        raise invalid_parameter("minSize and desiredSize must be 0 or more", **fields)
    if most < 1:
        raise invalid_parameter("maxSize must be greater than or equal to 1", **fields)
    if most > MOST_NODES:
        raise invalid_parameter(f"maxSize must be less than or equal to {MOST_NODES}", **fields)  # (M)
    if least > wanted:
        raise invalid_parameter(
            f"Minimum capacity {least} can't be greater than desired size {wanted}", **fields
        )
    if wanted > most:
        raise invalid_parameter(f"Desired capacity {wanted} can't be greater than max size {most}", **fields)


def check_subnets(eks: Eks, ids: Sequence[str], cluster: Obj, **fields: Any) -> None:
    """Refuse subnets that are missing or outside the VPC of the cluster.

    Raises:
        AwsError: InvalidParameterException.
    """
    if not ids:
        raise invalid_parameter("subnets can't be empty", **fields)
    vpc = cluster["spec"]["resourcesVpcConfig"]["vpcId"]
    for subnet_id in ids:
        subnet = eks.surroundings.subnet(subnet_id)
        if subnet is None:
            raise invalid_parameter(f"The subnet ID '{subnet_id}' does not exist", **fields)
        if subnet.vpc_id != vpc:
            raise invalid_parameter(f"Subnet {subnet_id} is not in the VPC of the cluster, {vpc}", **fields)


def check_labels(labels: Mapping[str, str], **fields: Any) -> None:
    """Refuse labels that a kubelet could not register with.

    Raises:
        AwsError: InvalidParameterException.
    """
    for key, value in labels.items():
        prefix, slash, name = key.rpartition("/")
        is_good = _LABEL_NAME.fullmatch(name) and (not slash or _DNS.fullmatch(prefix))
        if not is_good or (value and not _LABEL_NAME.fullmatch(value)):
            raise invalid_parameter(f"Label {key}={value} is not a valid Kubernetes label", **fields)  # (M)
        is_reserved = any(prefix == each or prefix.endswith(f".{each}") for each in _RESERVED_LABELS)
        is_allowed = any(prefix == each or prefix.endswith(f".{each}") for each in _ALLOWED_RESERVED)
        if is_reserved and not is_allowed:
            raise invalid_parameter(f"Label cannot contain reserved prefix: {prefix}", **fields)  # (M)


def check_taints(taints: Sequence[Mapping[str, str]], **fields: Any) -> None:
    """Refuse taints that are none, or are given twice.

    Raises:
        AwsError: InvalidParameterException.
    """
    if len(taints) > MOST_TAINTS:
        raise invalid_parameter(f"A node group can have at most {MOST_TAINTS} taints", **fields)
    seen = set()
    for taint in taints:
        key, effect = taint.get("key", ""), taint.get("effect", "")
        name = key.rpartition("/")[2]
        if not _LABEL_NAME.fullmatch(name) or effect not in EFFECTS:
            raise invalid_parameter(f"Taint {key}:{effect} is not valid", **fields)  # (M)
        if (key, effect) in seen:
            raise invalid_parameter(f"Duplicate taint {key}:{effect}", **fields)  # (M)
        seen.add((key, effect))


def check_update_config(config: Mapping[str, Any], **fields: Any) -> None:
    """Refuse an update config that says two things, or too much.

    Raises:
        AwsError: InvalidParameterException.
    """
    number, percent = config.get("maxUnavailable"), config.get("maxUnavailablePercentage")
    if number is not None and percent is not None:
        raise invalid_parameter(
            "maxUnavailable and maxUnavailablePercentage cannot both be specified", **fields
        )
    if number is not None and not 1 <= number <= MOST_UNAVAILABLE:
        raise invalid_parameter(f"maxUnavailable must be between 1 and {MOST_UNAVAILABLE}", **fields)
    if percent is not None and not 1 <= percent <= 100:
        raise invalid_parameter("maxUnavailablePercentage must be between 1 and 100", **fields)


def launch_template(eks: Eks, wanted: Mapping[str, str] | None, **fields: Any) -> LaunchTemplate | None:
    """Return the launch template that a request names; None when it names none.

    Raises:
        AwsError: it does not exist, or holds what EKS sets itself.
    """
    if not wanted:
        return None
    if bool(wanted.get("id")) == bool(wanted.get("name")):
        raise invalid_parameter("Specify either the id or the name of the launch template", **fields)  # (M)
    found = eks.surroundings.launch_template(
        wanted.get("id", ""), wanted.get("name", ""), wanted.get("version", "")
    )
    if found is None:
        raise invalid_parameter(
            "Launch template details can't be found: "
            f"{wanted.get('id') or wanted.get('name')} version {wanted.get('version', '$Default')}",
            **fields,
        )
    for is_there, what in (
        (found.has_instance_profile, "an instance profile"),
        (found.has_subnet, "a subnet"),
        (found.has_spot_options, "a spot request"),
    ):
        if is_there:
            raise invalid_parameter(
                f"Launch template {found.id} must not have {what}: EKS sets it", **fields
            )  # (M)
    return found


def check_exclusions(params: Mapping[str, Any], template: LaunchTemplate | None, **fields: Any) -> None:
    """Refuse what may stand in the request or in the launch template, but not in both.

    Raises:
        AwsError: InvalidParameterException.
    """
    if template is None:
        if params.get("amiType") == "CUSTOM":
            raise invalid_parameter(
                "You must specify a launch template with an image id when the AMI Type is CUSTOM.", **fields
            )
        return
    if params.get("diskSize"):
        raise invalid_parameter("Disk size must be specified within the launch template.", **fields)
    if params.get("remoteAccess"):
        raise invalid_parameter(
            "Remote access configuration cannot be specified with a launch template.", **fields
        )
    if template.instance_type and params.get("instanceTypes"):
        raise invalid_parameter(
            "Cannot specify instance types in launch template and API request", **fields
        )  # (M)
    if template.image_id:
        if params.get("amiType") not in (None, "CUSTOM"):
            raise invalid_parameter(
                "You cannot specify an AMI Type other than CUSTOM, when specifying an image id in your launch"
                " template.",
                **fields,
            )
        for member in ("version", "releaseVersion"):
            if params.get(member):
                shown = "kubernetesVersion" if member == "version" else member
                raise invalid_parameter(
                    f"You cannot specify the field {shown} when using custom AMIs.", **fields
                )
    elif params.get("amiType") == "CUSTOM":
        raise invalid_parameter(
            "You must specify an image id in your launch template when the AMI Type is CUSTOM.", **fields
        )


def check_instance_types(eks: Eks, names: Sequence[str], ami_type: str, **fields: Any) -> None:
    """Refuse instance types that do not exist or cannot run the image.

    Raises:
        AwsError: InvalidParameterException.
    """
    missing = [name for name in names if not eks.surroundings.instance_type_exists(name)]
    if missing:
        raise invalid_parameter(
            f"The following supplied instance types do not exist: [{', '.join(missing)}]", **fields
        )
    if ami_type == "CUSTOM":
        return
    wanted = "arm64" if "ARM_64" in ami_type else "x86_64"
    for name in names:
        try:
            architectures = instance_types.get(name).architectures
        except InputError:
            continue
        if wanted not in architectures:
            raise invalid_parameter(
                f"[{name}] is not a valid instance type for requested amiType {ami_type}", **fields
            )


def default_ami_type(names: Sequence[str]) -> str:
    """Return the AMI type for instance types: Amazon Linux 2023 of their architecture."""
    try:
        is_arm = "arm64" in instance_types.get(names[0]).architectures
    except InputError:
        is_arm = False
    return "AL2023_ARM_64_STANDARD" if is_arm else "AL2023_x86_64_STANDARD"


def check_ami_type(ami_type: str, version: str, **fields: Any) -> None:
    """Refuse images that EKS or the simulator does not have for a Kubernetes version.

    Raises:
        AwsError: InvalidParameterException.
    """
    if ami_type.startswith("AL2_") and minor(version) > LAST_AL2:
        raise invalid_parameter(
            f"AMI Type {ami_type} is only supported for kubernetes versions 1.{LAST_AL2} or earlier", **fields
        )
    if ami_type.startswith("WINDOWS"):
        raise not_in_simulation(
            f"amiType {ami_type}",
            "AL2023_x86_64_STANDARD.",
            "Windows nodes join and run Windows containers.",
            **fields,
        )


def release_version(eks: Eks, ami_type: str, version: str, wanted: str, **fields: Any) -> str:
    """Return the release of the image of a node group; empty for a custom image.

    Raises:
        AwsError: InvalidParameterException, a release that is not the one on offer.
    """
    if ami_type == "CUSTOM":
        return ""
    image = image_of_type(ami_type, version, eks.account.region)
    newest = image.release_version if image is not None else f"{version}.0-20261110"
    if wanted and wanted != newest:
        raise invalid_parameter(
            f"Requested Nodegroup release version {wanted} is invalid. Allowed release version is {newest}",
            **fields,
        )
    return newest


def check_version(version: str, cluster_version: str, **fields: Any) -> None:
    """Refuse kubelets that are newer than the control plane, or too old for it.

    Raises:
        AwsError: InvalidParameterException.
    """
    if not re.fullmatch(r"1\.\d{1,3}", version, re.ASCII):
        raise invalid_parameter("unsupported Kubernetes version", **fields)
    if minor(version) > minor(cluster_version):
        raise invalid_parameter(
            f"Nodegroup Kubernetes version {version} can't be greater than the cluster version"
            f" {cluster_version}",
            **fields,
        )
    behind = calendar().rules.kubelet_minors_behind
    if minor(cluster_version) - minor(version) > behind:
        raise invalid_parameter(
            f"Nodegroup Kubernetes version {version} is more than {behind} minor versions older than the cluster"
            f" version {cluster_version}",
            **fields,
        )


def check_remote_access(eks: Eks, access: Mapping[str, Any], **fields: Any) -> None:
    """Refuse keys and security groups that do not exist.

    Raises:
        AwsError: InvalidParameterException.
    """
    if not access.get("ec2SshKey"):
        if access.get("sourceSecurityGroups"):
            raise invalid_parameter("ec2SshKey is required when sourceSecurityGroups is specified", **fields)
        return
    if not eks.surroundings.has_key_pair(access["ec2SshKey"]):
        raise invalid_parameter(f"The key pair '{access['ec2SshKey']}' does not exist", **fields)
    for group in access.get("sourceSecurityGroups") or ():
        if eks.surroundings.security_group_vpc(group) is None:
            raise invalid_parameter(f"The security group '{group}' does not exist", **fields)


def check_node_role(eks: Eks, arn: str, **fields: Any) -> None:
    """Refuse a node role that EC2 cannot assume.

    Raises:
        AwsError: InvalidParameterException.
    """
    check_role(eks, arn, "ec2.amazonaws.com", **fields)


def check_capacity(params: Mapping[str, Any], **fields: Any) -> None:
    """Refuse capacity the simulator does not have.

    Raises:
        AwsError: InvalidParameterException or InvalidRequestException.
    """
    if params.get("capacityType") == "CAPACITY_BLOCK":
        raise not_in_simulation(
            "capacityType CAPACITY_BLOCK",
            "ON_DEMAND or SPOT.",
            "a reserved block of accelerated instances is used through a launch template.",
            **fields,
        )
    if (params.get("warmPoolConfig") or {}).get("enabled"):
        raise not_in_simulation(
            "A warm pool",
            "a larger minSize.",
            "stopped or hibernated instances wait beside the group and start faster.",
            **fields,
        )
    repair = params.get("nodeRepairConfig") or {}
    for what in ("UnhealthyNodeThreshold", "ParallelNodesRepaired"):
        if repair.get(f"max{what}Count") is not None and repair.get(f"max{what}Percentage") is not None:
            raise invalid_request(
                f"Only one of max{what}Count and max{what}Percentage can be specified", **fields
            )
