"""EC2 as the software of one cluster sees it: the VPC CNI on its nodes, the EBS driver, the kubelet.

As long as the protocol it implements: one method for each of `eks_lab.sim.cloud.Cloud`, and what they turn into what.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from moto.core.exceptions import ServiceException
from moto.iam.models import iam_backends

from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.instances import Instance as Ec2Instance
from eks_lab.aws.ec2.interfaces import NetworkInterface
from eks_lab.aws.ec2.permissions import check, principal_of
from eks_lab.aws.ec2.subnets import Subnet as Ec2Subnet
from eks_lab.aws.ec2.volumes import Volume as Ec2Volume
from eks_lab.aws.errors import AwsError
from eks_lab.aws.principal import Principal, root
from eks_lab.sim.cloud import Caller, CloudError, Instance, Interface, Subnet, Volume
from eks_lab.sim.objects import Obj

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

ASSOCIATIONS = "podidentityassociations.eks"
DEVICES = tuple(f"/dev/xvd{first}{second}" for first in "abcd" for second in "abcdefghijklmnopqrstuvwxyz")
"""Names the EBS CSI driver gives to volumes, in its order (kubernetes-sigs/aws-ebs-csi-driver, device names)."""


class Ec2Cloud:
    """Implements `eks_lab.sim.cloud.Cloud` for one cluster; IAM decides about every call that carries a caller."""

    def __init__(self, account: Account, cluster: str) -> None:
        """Look at an account for a cluster.

        Args:
            account: the account.
            cluster: its name; Pod Identity associations are this cluster's.
        """
        self._account = account
        self._cluster = cluster

    @property
    def _ec2(self) -> Ec2Backend:
        # Looked up each time: restoring an account puts another backend in place.
        return mended.region(self._account.id, self._account.region)

    # --- network ---------------------------------------------------------------------------------------

    def instance(self, instance_id: str) -> Instance | None:
        """Return an instance that is known, terminated or not."""
        found = self._ec2.instance_index.get(instance_id)
        return None if found is None else self._instance(found)

    def interfaces(self, instance_id: str) -> Sequence[Interface]:
        """Return an instance's interfaces by device index; empty when there is no such instance."""
        ec2 = self._ec2
        found = ec2.instance_index.get(instance_id)
        if found is None:
            return ()
        return tuple(_interface(ec2, found.nics[index]) for index in sorted(found.nics))

    def subnet(self, subnet_id: str) -> Subnet | None:
        """Return a subnet, or None."""
        ec2 = self._ec2
        for of_zone in ec2.subnets.values():
            found = of_zone.get(subnet_id)
            if isinstance(found, Ec2Subnet):
                return _subnet(ec2, found)
        return None

    def subnets(self, vpc_id: str) -> Sequence[Subnet]:
        """Return the subnets of a VPC, by id."""
        ec2 = self._ec2
        found = [each for each in ec2.find_subnets() if each.vpc_id == vpc_id]
        return tuple(_subnet(ec2, each) for each in sorted(found, key=lambda each: each.id))

    def create_interface(
        self,
        caller: Caller,
        instance_id: str,
        device_index: int,
        subnet_id: str,
        security_groups: Sequence[str],
        *,
        addresses: int = 0,
        prefixes: int = 0,
        description: str = "",
        tags: Mapping[str, str] | None = None,
    ) -> Interface:
        """Create an interface and attach it; nothing is left behind when the second fails."""
        account, ec2 = self._account, self._ec2
        check(account, caller, "CreateNetworkInterface", f"subnet/{subnet_id}", "network-interface/*")
        if tags:
            check(
                account,
                caller,
                "CreateTags",
                "network-interface/*",
                tags=tags,
                creates="CreateNetworkInterface",
            )
        with _as_cloud_errors("CreateNetworkInterface"):
            made = ec2.create_network_interface(
                subnet_id,
                "",
                group_ids=list(security_groups),
                description=description,
                tags=dict(tags or {}),
                delete_on_termination=True,
                secondary_ips_count=addresses,
                ipv4_prefix_count=prefixes,
            )
        try:
            check(account, caller, "AttachNetworkInterface", f"instance/{instance_id}")
            with _as_cloud_errors("AttachNetworkInterface"):
                ec2.attach_network_interface(made.id, instance_id, device_index)
        except CloudError:
            ec2.drop_interface(made)
            raise
        return _interface(ec2, made)

    def assign_addresses(self, caller: Caller, interface_id: str, count: int) -> Sequence[str]:
        """Give an interface more secondary addresses: all of them or none."""
        check(self._account, caller, "AssignPrivateIpAddresses", f"network-interface/{interface_id}")
        with _as_cloud_errors("AssignPrivateIpAddresses"):
            before = len(self._ec2.interface_of(interface_id).secondary_addresses)
            self._ec2.assign_private_ip_addresses(interface_id, None, count)
            return tuple(self._ec2.interface_of(interface_id).secondary_addresses[before:])

    def assign_prefixes(self, caller: Caller, interface_id: str, count: int) -> Sequence[str]:
        """Give an interface more /28 prefixes: all of them or none."""
        check(self._account, caller, "AssignPrivateIpAddresses", f"network-interface/{interface_id}")
        with _as_cloud_errors("AssignPrivateIpAddresses"):
            before = len(self._ec2.interface_of(interface_id).prefixes)
            self._ec2.assign_private_ip_addresses(interface_id, None, 0, ipv4_prefix_count=count)
            return tuple(self._ec2.interface_of(interface_id).prefixes[before:])

    def unassign_addresses(self, caller: Caller, interface_id: str, addresses: Sequence[str]) -> None:
        """Take secondary addresses back."""
        check(self._account, caller, "UnassignPrivateIpAddresses", f"network-interface/{interface_id}")
        with _as_cloud_errors("UnassignPrivateIpAddresses"):
            self._ec2.unassign_private_ip_addresses(interface_id, list(addresses))

    def unassign_prefixes(self, caller: Caller, interface_id: str, prefixes: Sequence[str]) -> None:
        """Take prefixes back."""
        check(self._account, caller, "UnassignPrivateIpAddresses", f"network-interface/{interface_id}")
        with _as_cloud_errors("UnassignPrivateIpAddresses"):
            self._ec2.unassign_private_ip_addresses(interface_id, None, list(prefixes))

    def delete_interface(self, caller: Caller, interface_id: str) -> None:
        """Detach and delete an interface."""
        ec2 = self._ec2
        with _as_cloud_errors("DetachNetworkInterface"):
            interface = ec2.interface_of(interface_id)
            if interface.attachment_id:
                check(
                    self._account,
                    caller,
                    "DetachNetworkInterface",
                    f"instance/{interface.instance.id}" if interface.instance else "*",
                )
                ec2.detach_network_interface(interface.attachment_id)
        check(self._account, caller, "DeleteNetworkInterface", f"network-interface/{interface_id}")
        with _as_cloud_errors("DeleteNetworkInterface"):
            ec2.delete_network_interface(interface_id)

    # --- volumes ---------------------------------------------------------------------------------------

    def create_volume(
        self,
        caller: Caller,
        zone: str,
        size_gib: int,
        type: str,
        *,
        iops: int = 0,
        throughput: int = 0,
        is_encrypted: bool = False,
        kms_key_id: str = "",
        snapshot_id: str = "",
        multi_attach: bool = False,
        tags: Mapping[str, str] | None = None,
    ) -> Volume:
        """Create a volume; it is `creating` first."""
        ec2 = self._ec2
        check(self._account, caller, "CreateVolume", "volume/*", tags=tags)
        if tags:
            check(self._account, caller, "CreateTags", "volume/*", tags=tags, creates="CreateVolume")
        # The driver asks again, with the same token, when it was restarted before it could note the answer.
        name = (tags or {}).get("CSIVolumeName", "")
        for known in ec2.volumes.values() if name else ():
            if isinstance(known, Ec2Volume) and ec2.tags_of(known.id).get("CSIVolumeName") == name:
                return _volume(ec2, known)
        with _as_cloud_errors("CreateVolume"):
            made = ec2.create_volume(
                size_gib,
                zone,
                snapshot_id or None,
                is_encrypted or bool(kms_key_id),
                kms_key_id or None,
                type,
                iops or None,
                throughput or None,
                multi_attach or None,
            )
            made.add_tags(dict(tags or {}))
        return _volume(ec2, ec2.volume_of(made.id))

    def volume(self, caller: Caller, volume_id: str) -> Volume | None:
        """Return a volume, or None."""
        check(self._account, caller, "DescribeVolumes")
        found = self._ec2.volumes.get(volume_id)
        return _volume(self._ec2, found) if isinstance(found, Ec2Volume) else None

    def attach_volume(self, caller: Caller, volume_id: str, instance_id: str) -> str:
        """Attach a volume, once; return its device."""
        ec2 = self._ec2
        check(self._account, caller, "AttachVolume", f"volume/{volume_id}", f"instance/{instance_id}")
        with _as_cloud_errors("AttachVolume"):
            present = ec2.volume_of(volume_id).attachment_to(instance_id)
            if present is not None:
                return present.device
            used = ec2.instance_of(instance_id).block_device_mapping
            device = next(name for name in DEVICES if name not in used)
            ec2.attach_volume(volume_id, instance_id, device)
        return device

    def detach_volume(self, caller: Caller, volume_id: str, instance_id: str) -> None:
        """Detach a volume."""
        check(self._account, caller, "DetachVolume", f"volume/{volume_id}", f"instance/{instance_id}")
        with _as_cloud_errors("DetachVolume"):
            self._ec2.detach_volume(volume_id, instance_id, "")

    def modify_volume(self, caller: Caller, volume_id: str, size_gib: int) -> None:
        """Make a volume larger."""
        check(self._account, caller, "ModifyVolume", f"volume/{volume_id}")
        with _as_cloud_errors("ModifyVolume"):
            self._ec2.modify_volume(volume_id, size_gib)

    def delete_volume(self, caller: Caller, volume_id: str) -> None:
        """Delete a volume that is attached nowhere."""
        check(self._account, caller, "DeleteVolume", f"volume/{volume_id}")
        with _as_cloud_errors("DeleteVolume"):
            self._ec2.delete_volume(volume_id)

    # --- who a pod, or a node's own software, is -------------------------------------------------------

    def node_caller(self, instance_id: str) -> Caller:
        """Return the credentials that IMDS gives on an instance.

        Raises:
            CloudError: the instance has no profile, or its profile no role.
        """
        principal = instance_principal(self._account, self._ec2, instance_id)
        if principal is None:
            raise CloudError(
                "EC2MetadataError",
                "failed to retrieve credentials: no EC2 IMDS role found, status code: 404",
                operation="GetMetadata",
                status=404,
            )
        return Caller(principal.arn, principal)

    def key_caller(self, access_key_id: str, secret: str, session_token: str) -> Caller:
        """Return whose an access key is.

        Raises:
            CloudError: the account has no such key.
        """
        try:
            found = self._account.iam.credentials(access_key_id, session_token)
        except AwsError as error:
            raise CloudError(
                error.code, error.message, operation="GetCallerIdentity", status=error.status
            ) from error
        if found.secret != secret:
            raise CloudError(
                "SignatureDoesNotMatch",
                "The request signature we calculated does not match the signature you provided. Check your AWS Secret "
                "Access Key and signing method. Consult the service documentation for details.",
                operation="GetCallerIdentity",
                status=403,
            )
        return Caller(found.principal.arn, found.principal)

    def web_identity_caller(self, role_arn: str, token: str, session: str) -> Caller:
        """Return the credentials of AssumeRoleWithWebIdentity (IRSA)."""
        parameters = {"RoleArn": role_arn, "WebIdentityToken": token, "RoleSessionName": session}
        return self._assumed(
            "sts", "AssumeRoleWithWebIdentity", parameters, "Credentials", ("AccessKeyId", "SessionToken")
        )

    def pod_identity_caller(self, token: str) -> Caller:
        """Return the credentials of AssumeRoleForPodIdentity."""
        parameters = {"clusterName": self._cluster, "token": token}
        names = ("accessKeyId", "sessionToken")
        agent = self._agent_of(token)
        return self._assumed("eks-auth", "AssumeRoleForPodIdentity", parameters, "credentials", names, agent)

    def pod_identity_association(self, namespace: str, account: str) -> Obj | None:
        """Return what EKS describes of the association of a service account, or None."""
        for record in self._account.store.items(ASSOCIATIONS, self._cluster):
            spec: Obj = record["spec"]
            if spec.get("namespace") == namespace and spec.get("serviceAccount") == account:
                return spec
        return None

    def run_aws(
        self, caller: Caller, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> tuple[int, str, str]:
        """Run an `aws …` command line as a caller; return exit code, output and errors."""
        from eks_lab.aws.command import run_aws

        principal = caller.handle if isinstance(caller.handle, Principal) else None
        answer: tuple[int, str, str] = run_aws(self._account, principal, list(arguments), dict(environment))
        return answer

    def _agent_of(self, token: str) -> Principal | None:
        """Return the node role of the Pod Identity agent that a pod asks; None when the token names no node of this cluster.

        The agent makes the call, so the node's role has to hold eks-auth:AssumeRoleForPodIdentity.
        """
        claims = _claims_of(token).get("kubernetes.io") or {}
        cluster = self._account.kubernetes.cluster(self._cluster)
        name = str((claims.get("node") or {}).get("name", ""))
        node = cluster.get("nodes", name) if cluster is not None and name else None
        if node is None:
            return None
        instance_id = str(node["spec"].get("providerID", "")).rpartition("/")[2]
        return instance_principal(self._account, self._ec2, instance_id)

    def _assumed(
        self,
        service: str,
        operation: str,
        parameters: Mapping[str, str],
        member: str,
        names: tuple[str, str],
        caller: Principal | None = None,
    ) -> Caller:
        account = self._account
        try:
            # Without a caller the call is unsigned: the token is the proof, and the service checks it.
            answer = account.call(service, operation, dict(parameters), principal=caller or root(account.id))
        except AwsError as error:
            raise CloudError(error.code, error.message, operation=operation, status=error.status) from error
        keys = answer[member]
        principal = account.iam.principal_of(keys[names[0]], keys[names[1]])
        return Caller(principal.arn, principal)

    def _instance(self, found: Ec2Instance) -> Instance:
        ec2 = self._ec2
        principal = instance_principal(self._account, ec2, found.id)
        address = found.private_ip or found.last_private_address
        return Instance(
            id=found.id,
            type=found.instance_type,
            zone=found.availability_zone or "",
            vpc_id=found.vpc_id or "",
            subnet_id=found.subnet_id or "",
            state=found.state,
            private_address=address,
            private_name=found.private_dns_name or f"ip-{address.replace('.', '-')}.ec2.internal",
            role_arn=principal.iam_arn if principal else "",
            hop_limit=found.metadata_options.http_put_response_hop_limit,
            is_spot=found.capacity_type == "SPOT",
            tags=ec2.tags_of(found.id),
        )


def instance_principal(account: Account, ec2: Ec2Backend, instance_id: str) -> Principal | None:
    """Return the session of the role in an instance's profile; None without profile or role.

    Args:
        account: whose IAM has the role.
        ec2: backend of the region.
        instance_id: session name of the credentials that IMDS gives.
    """
    association = ec2.iam_instance_profile_associations.get(instance_id)
    if association is None or not association.iam_instance_profile.roles:
        return None
    role = association.iam_instance_profile.roles[0]
    if role.id not in iam_backends[account.id]["aws"].roles:
        return None
    return Principal(
        kind="assumed-role",
        account=account.id,
        arn=f"arn:aws:sts::{account.id}:assumed-role/{role.name}/{instance_id}",
        unique_id=f"{role.id}:{instance_id}",
        name=role.name,
        session=instance_id,
        tags={tag["Key"]: tag["Value"] for tag in role.tags},
    )


def _claims_of(token: str) -> Mapping[str, Any]:
    """Return the claims of a token without checking it; empty when it is none."""
    parts = token.split(".")
    try:
        body = parts[1] + "=" * (-len(parts[1]) % 4)
        claims = json.loads(base64.urlsafe_b64decode(body))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _interface(ec2: Ec2Backend, found: NetworkInterface) -> Interface:
    return Interface(
        id=found.id,
        device_index=found.device_index or 0,
        subnet_id=found.subnet.id,
        primary_address=found.private_ip_address or "",
        addresses=tuple(found.secondary_addresses),
        prefixes=tuple(found.prefixes),
        security_groups=tuple(group.id for group in found.group_set),
        description=found.description,
        tags=ec2.tags_of(found.id),
    )


def _subnet(ec2: Ec2Backend, found: Ec2Subnet) -> Subnet:
    return Subnet(
        id=found.id,
        vpc_id=found.vpc_id,
        zone=found.availability_zone,
        cidr=str(found.cidr),
        free_addresses=found.available_ip_address_count,
        tags=ec2.tags_of(found.id),
    )


def _volume(ec2: Ec2Backend, found: Ec2Volume) -> Volume:
    return Volume(
        id=found.id,
        zone=found.availability_zone or "",
        size_gib=int(found.size),
        type=found.volume_type,
        state=found.status,
        attachments=tuple((each.instance_id, each.device) for each in found.attachments),
        multi_attach=bool(found.multi_attach_enabled),
        tags=ec2.tags_of(found.id),
    )


@contextmanager
def _as_cloud_errors(operation: str) -> Iterator[None]:
    """Turn moto's refusals into the simulator's."""
    try:
        yield
    except ServiceException as error:
        raise CloudError(str(error.code), str(error.message), operation=operation) from error


__all__ = ["Ec2Cloud", "instance_principal", "principal_of"]
