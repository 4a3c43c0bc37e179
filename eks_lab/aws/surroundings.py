"""What EKS sees of the rest of the account: implements `eks_lab.aws.eks.surroundings.Surroundings` on moto."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException

from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.subnets import Subnet as Ec2Subnet
from eks_lab.aws.eks.surroundings import Key, LaunchTemplate, Role, Subnet
from eks_lab.aws.errors import AwsError
from eks_lab.catalog import instance_types
from eks_lab.errors import InputError

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

DESCRIPTION = "Amazon EKS {cluster}"
"""Of the interfaces that EKS puts into a cluster's subnets (EKS user guide, "VPC and subnet requirements")."""


class AccountSurroundings:
    """Reads and makes things in the account's EC2, IAM and KMS; what is missing is None, never an error."""

    def __init__(self, account: Account) -> None:
        """Look at an account."""
        self._account = account

    @property
    def _ec2(self) -> Ec2Backend:
        # Looked up each time: restoring an account puts another backend in place.
        return mended.region(self._account.id, self._account.region)

    # --- network ---------------------------------------------------------------------------------------------

    def subnet(self, subnet_id: str) -> Subnet | None:
        """Return a subnet."""
        for of_zone in self._ec2.subnets.values():
            found = of_zone.get(subnet_id)
            if isinstance(found, Ec2Subnet):
                return Subnet(
                    id=found.id,
                    vpc_id=found.vpc_id,
                    zone=found.availability_zone,
                    zone_id=str(found.availability_zone_id),
                    cidr=found.cidr_block,
                    free_addresses=found.available_ip_address_count,
                    is_public_by_default=bool(found.map_public_ip_on_launch),
                )
        return None

    def vpc_cidrs(self, vpc_id: str) -> Sequence[str]:
        """Return the address blocks of a VPC; empty when it does not exist."""
        vpc = self._ec2.vpcs.get(vpc_id)
        if vpc is None:
            return ()
        return tuple(each["cidr_block"] for each in vpc.get_cidr_block_association_set())

    def zones(self) -> Sequence[tuple[str, str]]:
        """Return name and id of every zone of the region, in order."""
        return [(each.name, each.zone_id) for each in self._ec2.describe_availability_zones()]

    def security_group_vpc(self, group_id: str) -> str | None:
        """Return the VPC of a security group."""
        for vpc_id, groups in self._ec2.groups.items():
            if group_id in groups:
                return str(vpc_id)
        return None

    def create_cluster_security_group(self, cluster: str, vpc_id: str, tags: Mapping[str, str]) -> str:
        """Create `eks-cluster-sg-<cluster>-<number>`, open to itself; return its id."""
        ec2 = self._ec2
        group = ec2.create_security_group(
            f"eks-cluster-sg-{cluster}-{self._account.ids.number(10**9, 10**10 - 1)}",
            "EKS created security group applied to ENI that is attached to EKS Control Plane master nodes,"
            " as well as any managed workloads.",
            vpc_id,
            dict(tags),
        )
        ec2.authorize_security_group_ingress(
            group.id, "-1", "", "", [], source_groups=[{"GroupId": group.id}], vpc_id=vpc_id
        )
        return str(group.id)

    def delete_security_group(self, group_id: str) -> None:
        """Delete a security group; one that is gone or in use is passed over."""
        try:
            self._ec2.delete_security_group(group_id=group_id)
        except ServiceException:
            return

    def create_control_plane_interfaces(
        self, cluster: str, subnet_ids: Sequence[str], security_group_ids: Sequence[str]
    ) -> Sequence[str]:
        """Create one interface of the control plane in each subnet; return their ids.

        Raises:
            AwsError: EC2 refuses, for example InsufficientFreeAddressesInSubnet; none is left behind.
        """
        ec2, found = self._ec2, []
        description = DESCRIPTION.format(cluster=cluster)
        try:
            with _as_aws_errors():
                for subnet_id in subnet_ids:
                    interface = ec2.create_network_interface(
                        subnet_id, "", group_ids=list(security_group_ids), description=description
                    )
                    ec2.lend_interface(interface, "interface", description)
                    found.append(str(interface.id))
        except AwsError:
            self.delete_interfaces(found)
            raise
        return found

    def control_plane_interfaces(self, cluster: str) -> Sequence[str]:
        """Return the ids of a cluster's interfaces, in order."""
        description = DESCRIPTION.format(cluster=cluster)
        return [
            interface_id
            for interface_id, each in self._ec2.enis.items()
            if each.description == description and getattr(each, "requester_managed", False)
        ]

    def delete_interfaces(self, interface_ids: Sequence[str]) -> None:
        """Delete interfaces; those that are gone are passed over."""
        ec2 = self._ec2
        for interface_id in interface_ids:
            interface = ec2.enis.get(interface_id)
            if interface is not None:
                ec2.drop_interface(interface)

    # --- identities and keys ---------------------------------------------------------------------------------

    def role(self, arn: str) -> Role | None:
        """Return a role by its ARN."""
        for role in self._account.moto.backend("iam").roles.values():
            if role.arn == arn:
                trust: Any = role.assume_role_policy_document
                document = json.loads(trust) if isinstance(trust, str) and trust else trust or {}
                return Role(role.arn, role.name, document, tuple(role.managed_policies))
        return None

    def has_user(self, arn: str) -> bool:
        """Say whether a user of this ARN exists."""
        return any(user.arn == arn for user in self._account.moto.backend("iam").users.values())

    def kms_key(self, arn: str) -> Key | None:
        """Return a key by ARN, alias ARN or id."""
        backend = self._account.moto.backend("kms")
        try:
            found = backend.describe_key(backend.any_id_to_key_id(arn))
        except (ServiceException, KeyError):
            return None
        is_symmetric = getattr(found, "key_spec", "SYMMETRIC_DEFAULT") == "SYMMETRIC_DEFAULT"
        return Key(found.arn, found.key_state, is_symmetric)

    # --- what instances are made of ------------------------------------------------------------------------------

    def launch_template(self, id: str, name: str, version: str) -> LaunchTemplate | None:
        """Return a version of a launch template.

        Args:
            id: of the template; or empty.
            name: used without an id.
            version: a number, `$Latest`, `$Default` or empty, which is `$Default`.
        """
        templates = self._ec2.launch_templates
        template = (
            templates.get(id)
            if id
            else next((each for each in templates.values() if each.name == name), None)
        )
        if template is None:
            return None
        if version in ("", "$Default"):
            number = template.default_version_number
        elif version == "$Latest":
            number = template.latest_version_number
        else:
            number = int(version) if version.isdecimal() else 0
        found = next((each for each in template.versions if int(each.number) == int(number)), None)
        if found is None:
            return None
        data: Mapping[str, Any] = found.data
        interfaces = data.get("NetworkInterfaces") or []
        groups: Sequence[str] = data.get("SecurityGroupIds") or next(
            (each["Groups"] for each in interfaces if each.get("Groups")), []
        )
        return LaunchTemplate(
            id=template.id,
            name=template.name,
            version=str(found.number),
            instance_type=str(data.get("InstanceType") or ""),
            image_id=str(data.get("ImageId") or ""),
            security_group_ids=tuple(groups),
            has_instance_profile=bool(data.get("IamInstanceProfile")),
            has_subnet=any(each.get("SubnetId") for each in interfaces),
            has_key=bool(data.get("KeyName")),
            has_block_devices=bool(data.get("BlockDeviceMappings")),
            has_spot_options=bool(data.get("InstanceMarketOptions")),
        )

    def has_key_pair(self, name: str) -> bool:
        """Say whether EC2 has a key pair of this name."""
        return name in self._ec2.key_pairs

    def instance_type_exists(self, name: str) -> bool:
        """Say whether EC2 has an instance type."""
        try:
            instance_types.get(name)
        except InputError:
            return False
        return True

    def image_exists(self, image_id: str) -> bool:
        """Say whether EC2 has an image."""
        return image_id in self._ec2.amis

    def instance_name(self, instance_id: str) -> str:
        """Return the private DNS name of an instance; empty when it does not exist."""
        instance = self._ec2.instance_index.get(instance_id)
        return str(instance.private_dns_name) if instance is not None else ""


@contextmanager
def _as_aws_errors() -> Iterator[None]:
    try:
        yield
    except ServiceException as error:
        raise AwsError(str(error.code), str(error.message)) from error
