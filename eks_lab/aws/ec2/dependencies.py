"""Deletions in the wrong order are refused, and what nobody needs any more goes."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from moto.ec2.models.vpcs import VPC

from eks_lab.aws.ec2.gateways import GatewayBackend, NatGateway
from eks_lab.aws.ec2.refusal import in_use, refuse


class DependencyBackend(GatewayBackend):
    """What the mended EC2 does differently when networks are deleted."""

    def find_groups(self) -> Iterator[Any]:
        """Yield every security group."""
        for of_vpc in self.groups.values():
            yield from of_vpc.values()

    def get_security_group_from_id(self, group_id: str) -> Any:
        """Return a security group, or None, without copying all of them."""
        for of_vpc in self.groups.values():
            if group_id in of_vpc:
                return of_vpc[group_id]
        return None

    def _delete_security_group(self, vpc_id: str | None, group_id: str) -> None:
        """Delete a security group that nothing carries or refers to.

        Raises:
            EC2ClientError: CannotDelete for a default group, DependencyViolation.
        """
        group = self.get_security_group_from_id(group_id)
        if group is None:
            return
        if group.is_default and group.vpc_id in self.vpcs and not self._is_deleting(group.vpc_id):
            raise refuse(
                "CannotDelete",
                f'the specified group: "{group_id}" name: "{group.name}" cannot be deleted by a user',
            )
        carried = any(group in interface._group_set for interface in self.enis.values())
        referred = any(
            (rule.source_group or {}).get("GroupId") == group_id
            for other in self.find_groups()
            if other is not group
            for rule in (*other.ingress_rules, *other.egress_rules)
        )
        if carried or referred:
            raise refuse("DependencyViolation", f"resource {group_id} has a dependent object")
        super()._delete_security_group(vpc_id, group_id)
        self.tags.pop(group_id, None)

    def delete_vpc(self, vpc_id: str) -> VPC:
        """Delete a VPC that holds nothing but its main route table, default group and default ACL.

        Raises:
            EC2ClientError: DependencyViolation.
        """
        self.get_vpc(vpc_id)
        if any(self._contents(vpc_id)):
            raise in_use("vpc", vpc_id)
        self._deleting = vpc_id
        try:
            deleted = super().delete_vpc(vpc_id)
        finally:
            self._deleting = ""
        for acl_id, acl in list(self.network_acls.items()):
            if acl.vpc_id == vpc_id:
                del self.network_acls[acl_id]
        self.groups.pop(vpc_id, None)
        self.tags.pop(vpc_id, None)
        return deleted

    _deleting = ""
    """The VPC whose default security group may go."""

    def _is_deleting(self, vpc_id: str) -> bool:
        return self._deleting == vpc_id

    def _contents(self, vpc_id: str) -> Iterator[str]:
        """Yield the ids of what keeps a VPC from being deleted."""
        yield from (each.id for each in self.find_subnets() if each.vpc_id == vpc_id)
        for gateway in self.internet_gateways.values():
            attached: Any = gateway.vpc
            if attached is not None and attached.id == vpc_id:
                yield gateway.id
        for nat in self.nat_gateways.values():
            if nat.vpc_id == vpc_id and isinstance(nat, NatGateway) and nat.deleted_at is None:
                yield nat.id
        yield from (each.id for each in self.vpc_end_points.values() if each.vpc_id == vpc_id)
        yield from (each.id for each in self.enis.values() if each.vpc_id == vpc_id)
        for group in self.groups.get(vpc_id, {}).values():
            if not group.is_default:
                yield group.id
        for acl in self.network_acls.values():
            if acl.vpc_id == vpc_id and not acl.default:
                yield acl.id
