"""The instances of managed node groups: implements `eks_lab.aws.eks.fleet.Fleet` on this EC2."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, timedelta
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.iam.models import iam_backends

from eks_lab.aws import machine_images
from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.instance_controller import InstanceController
from eks_lab.aws.ec2.instance_records import INSTANCES, with_status
from eks_lab.aws.ec2.instances import Instance, observers
from eks_lab.aws.ec2.join import Plan, Verdict, journal, registered_lines
from eks_lab.aws.ec2.node_registration import register_node
from eks_lab.aws.ec2.user_data import NodeConfig
from eks_lab.aws.eks.fleet import FleetInstance, Launch
from eks_lab.aws.errors import AwsError
from eks_lab.sim.objects import Key

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

NEXT_TYPE = frozenset(
    {"InsufficientInstanceCapacity", "Unsupported", "MaxSpotInstanceCountExceeded", "VcpuLimitExceeded"}
)
"""Refusals after which a group tries the next of its instance types."""
ROOT_DEVICE = "/dev/xvda"
PROFILE_PREFIX = "eks-"
"""Of the names of instance profiles that EKS makes: a UUID follows."""
_MADE = re.compile(PROFILE_PREFIX + r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
METADATA = {"HttpTokens": "required", "HttpPutResponseHopLimit": 2, "HttpEndpoint": "enabled"}
"""What EKS's own launch template sets (EKS user guide, "Customize managed nodes with launch templates")."""
BASE_AGE = timedelta(hours=1)
"""How long the instances of the base world have been running."""


class Ec2Fleet:
    """Launches, ends and lists the instances of node groups."""

    def __init__(self, account: Account) -> None:
        """Work in an account.

        Args:
            account: whose EC2, IAM and records.
        """
        self._account = account

    @property
    def _ec2(self) -> Ec2Backend:
        return mended.region(self._account.id, self._account.region)

    def launch(self, launch: Launch, count: int) -> Sequence[str]:
        """Start instances in one subnet: as many as asked, or none; the first type that can be had is taken.

        Raises:
            AwsError: EC2's refusal, of the last type that was tried.
        """
        return [each.id for each in self._launch(launch, count, {})]

    def place(self, launch: Launch, addresses: Sequence[str]) -> Sequence[str]:
        """Put instances where a finished set-up has them: running for long, their nodes registered and Ready.

        Nothing is judged on the way: this is for the base world.

        Args:
            launch: what they are; the cluster's control plane runs already.
            addresses: primary private address of each, in the launch's subnet.

        Returns:
            Their ids, in order.

        Raises:
            AwsError: EC2 refuses.
        """
        account, ec2, found = self._account, self._ec2, []
        plan = _plan(launch)
        for address in addresses:
            (instance,) = self._launch(launch, 1, {"private_ip": address})
            instance.head_for("running", instance._since - BASE_AGE)
            instance.launch_time = instance._since
            verdict = Verdict(launch.cluster, instance.private_dns_name, NodeConfig(), launch.version)
            register_node(account, ec2, instance, plan, verdict)
            record = account.store.get(INSTANCES, Key(launch.cluster, instance.id))
            assert record is not None
            name = instance.private_dns_name
            lines = journal(account.clock.now() - BASE_AGE, name, registered_lines(name))
            account.store.put(INSTANCES, with_status(record, lines, cluster=launch.cluster, nodeName=name))
            found.append(instance.id)
        return found

    def terminate(self, ids: Sequence[str]) -> None:
        """Terminate instances; unknown and terminated ones are passed over."""
        for instance_id in ids:
            instance = self._ec2.instance_index.get(instance_id)
            if instance is not None:
                instance.terminate()

    def release(self, node_role_arn: str) -> None:
        """Remove the instance profile that was made for a node role, once no instance has it any more."""
        iam, ec2 = iam_backends[self._account.id]["aws"], self._ec2
        name = node_role_arn.rpartition("/")[2]
        used = {
            each.iam_instance_profile.name
            for each in ec2.iam_instance_profile_associations.values()
            if getattr(ec2.instance_index.get(each.instance.id), "state", "terminated") != "terminated"
        }
        for profile in list(iam.instance_profiles.values()):
            is_ours = _MADE.fullmatch(profile.name) and profile.name not in used
            if is_ours and [role.name for role in profile.roles] == [name]:
                iam.remove_role_from_instance_profile(profile.name, name)
                iam.delete_instance_profile(profile.name)

    def instances(self, cluster: str, nodegroup: str) -> Sequence[FleetInstance]:
        """Return the instances of a node group that are not terminated, by launch and id."""
        ec2, found = self._ec2, []
        for record in self._account.store.items(INSTANCES, cluster):
            spec, status = record["spec"], record["status"]
            instance = ec2.instance_index.get(record["metadata"]["name"])
            if spec["nodegroup"] != nodegroup or instance is None or instance.state == "terminated":
                continue
            found.append(
                FleetInstance(
                    id=instance.id,
                    state=instance.state,
                    type=instance.instance_type,
                    zone=instance.availability_zone or "",
                    subnet_id=instance.subnet_id or "",
                    launched_at=instance.launch_time.replace(tzinfo=UTC),
                    node_name=status["nodeName"],
                    join_problem=status["problem"],
                    generation=spec["generation"],
                )
            )
        return sorted(found, key=lambda each: (each.launched_at, each.id))

    # --- launching -------------------------------------------------------------------------------------

    def _launch(self, launch: Launch, count: int, more: Mapping[str, Any]) -> Sequence[Instance]:
        ec2 = self._ec2
        with _as_aws_errors():
            arguments = self._arguments(ec2, launch)
            arguments.update(more)
            profile = self._instance_profile(launch.node_role_arn)
        types = launch.instance_types or ("t3.medium",)
        observer = observers.get(self._account.id)
        assert isinstance(observer, InstanceController), "the account's controllers come before its fleet"
        for number, instance_type in enumerate(types):
            try:
                with observer.planning(_plan(launch)), _as_aws_errors():
                    reservation = ec2.run_instances(
                        self._image(launch, instance_type),
                        count,
                        None,
                        [],
                        instance_type=instance_type,
                        is_instance_type_default=False,
                        **arguments,
                    )
            except AwsError as error:
                if error.code not in NEXT_TYPE or number + 1 == len(types):
                    raise
                continue
            instances = [each for each in reservation.instances if isinstance(each, Instance)]
            for instance in instances:
                if profile and instance.id not in ec2.iam_instance_profile_associations:
                    ec2.associate_iam_instance_profile(instance.id, iam_instance_profile_name=profile)
            return instances
        raise AssertionError("a launch has at least one instance type")

    def _arguments(self, ec2: Ec2Backend, launch: Launch) -> dict[str, Any]:
        """Return run_instances' arguments: EKS's own defaults, where the launch template says nothing."""
        arguments: dict[str, Any] = {
            "subnet_id": launch.subnet_id,
            "region_name": ec2.region_name,
            "associate_public_ip": None,
            "tags": {"instance": self._tags(launch), "volume": dict(launch.tags)},
            "key_name": launch.ssh_key or None,
        }
        if launch.capacity_type == "SPOT":
            arguments["instance_market_options"] = "spot"
        data: Mapping[str, Any] = {}
        if launch.launch_template is not None:
            use = {"LaunchTemplateId": launch.launch_template.id, "Version": launch.launch_template.version}
            arguments["launch_template"] = use
            data = ec2._get_template_from_args(use).data
        if not data.get("MetadataOptions"):
            arguments["metadata_options"] = dict(METADATA)
        if not data.get("BlockDeviceMappings"):
            root = {"VolumeSize": launch.disk_size_gib, "VolumeType": "gp3", "DeleteOnTermination": True}
            arguments["block_device_mappings"] = [{"DeviceName": ROOT_DEVICE, "Ebs": root}]
        has_groups = data.get("SecurityGroupIds") or any(
            each.get("Groups") for each in data.get("NetworkInterfaces") or []
        )
        if not has_groups:
            arguments["security_group_ids"] = list(launch.security_group_ids)
        return arguments

    def _image(self, launch: Launch, instance_type: str) -> str:
        """Return the AMI of a launch; empty takes the launch template's."""
        image = machine_images.image_of_type(launch.ami_type, launch.version, self._account.region)
        return image.id if image is not None else ""

    def _tags(self, launch: Launch) -> dict[str, str]:
        tags = dict(launch.tags)
        if launch.autoscaling_group:
            tags["aws:autoscaling:groupName"] = launch.autoscaling_group
        return tags

    def _instance_profile(self, role_arn: str) -> str:
        """Return the instance profile of a node role; EKS makes one when there is none."""
        iam = iam_backends[self._account.id]["aws"]
        name = role_arn.rpartition("/")[2]
        for profile in iam.instance_profiles.values():
            if any(role.name == name for role in profile.roles):
                return str(profile.name)
        if not any(role.name == name for role in iam.roles.values()):
            return ""
        made = f"{PROFILE_PREFIX}{self._account.ids.uid()}"
        iam.create_instance_profile(made, "/", [])
        iam.add_role_to_instance_profile(made, name)
        return made


def _plan(launch: Launch) -> Plan:
    return Plan(
        cluster=launch.cluster,
        nodegroup=launch.nodegroup,
        version=launch.version,
        ami_type=launch.ami_type,
        labels=dict(launch.labels),
        taints=tuple({"key": each.key, "value": each.value, "effect": each.effect} for each in launch.taints),
        generation=launch.generation,
    )


@contextmanager
def _as_aws_errors() -> Iterator[None]:
    try:
        yield
    except ServiceException as error:
        raise AwsError(str(error.code), str(error.message)) from error
