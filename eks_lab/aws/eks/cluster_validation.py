"""What CreateCluster and UpdateClusterConfig refuse, in the service's words.

Sentences marked (M) are modelled: the condition is documented, the wording is not on record.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Network, ip_network
from typing import Any

from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.refusals import (
    invalid_parameter,
    limit_exceeded,
    not_in_simulation,
    unsupported_zone,
)
from eks_lab.aws.eks.surroundings import Subnet

NAME = re.compile(r"[0-9A-Za-z][A-Za-z0-9\-_]*", re.ASCII)
LONGEST_NAME = 100
"""Of a cluster (API reference, CreateCluster, `name`)."""
LONGEST_GROUP_NAME = 63
"""Of a node group (API reference, CreateNodegroup, `nodegroupName`)."""
FEWEST_FREE_ADDRESSES = 6
"""Of each cluster subnet (EKS user guide, network requirements)."""
ZONES_WITHOUT_EKS = frozenset({"use1-az3", "usw1-az2", "cac1-az3"})
"""Zones where cluster subnets may not be (EKS user guide, network requirements)."""
MOST_CIDRS = 40
"""publicAccessCidrs of one cluster (EKS user guide, service quotas)."""
MOST_SECURITY_GROUPS = 4
PRIVATE_RANGES = tuple(IPv4Network(each) for each in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"))
LARGEST_SERVICE_PREFIX, SMALLEST_SERVICE_PREFIX = 12, 24
TIERS = ("standard", "tier-xl", "tier-2xl", "tier-4xl", "tier-8xl")


def check_name(member: str, name: str, longest: int = LONGEST_NAME, **fields: Any) -> None:
    """Refuse a name that is none.

    Args:
        member: of the request: `name`, `nodegroupName`.
        name: as given.
        longest: characters it may have.
        fields: members of the error.

    Raises:
        AwsError: InvalidParameterException.
    """
    if not NAME.fullmatch(name):
        raise invalid_parameter(
            f"The {member} parameter contains invalid characters. It should begin with letter or digit and can"
            " have any of the following characters: the set of Unicode letters, digits, hyphens and underscores.",
            **fields,
        )
    if len(name) > longest:
        raise invalid_parameter(
            f"The {member} parameter is longer than maximum allowed length of {longest}", **fields
        )


def check_role(eks: Eks, arn: str, service: str, **fields: Any) -> None:
    """Refuse a role that a service of AWS cannot assume.

    Args:
        eks: where the roles are.
        arn: of the role.
        service: principal its trust policy has to allow: `eks.amazonaws.com`.
        fields: members of the error.

    Raises:
        AwsError: InvalidParameterException.
    """
    role = eks.surroundings.role(arn)
    if role is None or not trusts(role.trust, service):
        raise invalid_parameter(
            f"Role with arn: {arn}, could not be assumed because it does not exist or the trusted entity is"
            " not correct",
            **fields,
        )


def trusts(policy: Any, service: str, actions: Iterable[str] = ("sts:AssumeRole",)) -> bool:
    """Say whether a trust policy lets a service take the actions, conditions apart."""
    statements = policy.get("Statement", ())
    allowed: set[str] = set()
    for statement in [statements] if isinstance(statements, dict) else statements:
        if statement.get("Effect") != "Allow":
            continue
        principal = statement.get("Principal", {})
        services = principal.get("Service", ()) if isinstance(principal, dict) else principal
        if service not in _listed(services) and "*" not in _listed(services):
            continue
        allowed |= {action.lower() for action in _listed(statement.get("Action", ()))}
    return all(action.lower() in allowed or allowed & {"*", "sts:*"} for action in actions)


def _listed(value: Any) -> Sequence[str]:
    return [value] if isinstance(value, str) else list(value)


def check_subnets(eks: Eks, ids: Sequence[str], cluster: str) -> list[Subnet]:
    """Return the subnets of a cluster.

    Raises:
        AwsError: one does not exist, they are in fewer than two zones or in several VPCs, a zone has no EKS,
            or too few addresses are free.
    """
    fields = {"clusterName": cluster}
    if not ids:
        raise invalid_parameter("subnets can't be empty", **fields)
    found = []
    for subnet_id in dict.fromkeys(ids):
        subnet = eks.surroundings.subnet(subnet_id)
        if subnet is None:
            raise invalid_parameter(f"The subnet ID '{subnet_id}' does not exist", **fields)
        found.append(subnet)
    zones = {subnet.zone for subnet in found}
    if len(zones) < 2:
        raise invalid_parameter("Subnets specified must be in at least two different AZs", **fields)
    if len({subnet.vpc_id for subnet in found}) > 1:
        raise invalid_parameter("Subnets specified must belong to the same VPC", **fields)  # (M)
    for subnet in found:
        if subnet.zone_id in ZONES_WITHOUT_EKS:
            valid = [name for name, id in eks.surroundings.zones() if id not in ZONES_WITHOUT_EKS]
            raise unsupported_zone(cluster, subnet.zone, valid)
    check_free_addresses(found, FEWEST_FREE_ADDRESSES, **fields)
    return found


def check_free_addresses(subnets: Sequence[Subnet], fewest: int, **fields: Any) -> None:
    """Refuse zones in which no cluster subnet has enough free addresses.

    Raises:
        AwsError: InvalidParameterException; the sentence is the one UpdateClusterVersion gives.
    """
    zones = sorted({subnet.zone for subnet in subnets})
    full = [
        zone
        for zone in zones
        if not any(each.zone == zone and each.free_addresses >= fewest for each in subnets)
    ]
    if full:
        raise invalid_parameter(
            f"Atleast one subnet in each AZ should have {fewest} free IPs. Invalid AZs: {{ [{', '.join(full)}] }},"
            f" provided subnets: {{ {', '.join(subnet.id for subnet in subnets)} }}",
            **fields,
        )


def check_security_groups(eks: Eks, ids: Sequence[str], vpc_id: str, cluster: str) -> None:
    """Refuse security groups that are missing, elsewhere or too many.

    Raises:
        AwsError: InvalidParameterException.
    """
    fields = {"clusterName": cluster}
    if len(ids) > MOST_SECURITY_GROUPS:
        raise invalid_parameter(
            f"You can specify at most {MOST_SECURITY_GROUPS} security groups, but {len(ids)} were given",
            **fields,
        )
    for group_id in ids:
        vpc = eks.surroundings.security_group_vpc(group_id)
        if vpc is None:
            raise invalid_parameter(f"The security group '{group_id}' does not exist", **fields)
        if vpc != vpc_id:
            raise invalid_parameter(
                f"Security group(s) [{group_id}] are not in the same VPC as the subnets. Please specify all"
                " security groups from the same VPC.",
                **fields,
            )


def check_endpoint(public: bool, private: bool, cidrs: Sequence[str], cluster: str) -> None:
    """Refuse an endpoint that nobody could reach, and blocks that are none.

    Raises:
        AwsError: InvalidParameterException.
    """
    fields = {"clusterName": cluster}
    if not public and not private:
        raise invalid_parameter(
            "Private and public endpoint access cannot be set to false. To disable public access, private access"
            " must be enabled.",
            **fields,
        )
    if len(cidrs) > MOST_CIDRS:
        raise invalid_parameter(
            f"The number of public access CIDR blocks exceeds the limit of {MOST_CIDRS}", **fields
        )
    for cidr in cidrs:
        block = _ipv4(cidr)
        if block is None:
            raise invalid_parameter(f"The following CIDRs are not valid: [{cidr}]", **fields)
        if block.prefixlen and any(block.subnet_of(private_range) for private_range in PRIVATE_RANGES):
            raise invalid_parameter(
                f"The following CIDRs are invalid in publicAccessCidrs: [{cidr}]. They are private ranges.",
                **fields,
            )


def _ipv4(text: str) -> IPv4Network | None:
    try:
        block = ip_network(text)
    except ValueError:
        return None
    return block if isinstance(block, IPv4Network) else None


def service_cidr(config: dict[str, Any], vpc_cidrs: Sequence[str], cluster: str) -> str:
    """Return where cluster IPs come from.

    Args:
        config: `kubernetesNetworkConfig`.
        vpc_cidrs: blocks it may not overlap; 10.100.0.0/16 is the default unless the VPC lies in 10/8.
        cluster: for the error.

    Raises:
        AwsError: InvalidParameterException; the rules are the API reference's.
    """
    fields = {"clusterName": cluster}
    if config.get("ipFamily", "ipv4") == "ipv6":
        raise not_in_simulation(
            "ipFamily ipv6",
            "ipv4.",
            "pods and services get IPv6 addresses from the VPC's /56; the choice is for ever.",
            **fields,
        )
    blocks = [IPv4Network(each) for each in vpc_cidrs]
    text = config.get("serviceIpv4Cidr")
    if text is None:
        is_ten = any(block.subnet_of(PRIVATE_RANGES[0]) for block in blocks)
        return "172.20.0.0/16" if is_ten else "10.100.0.0/16"
    block = _ipv4(text)
    if block is None:
        raise invalid_parameter(f"serviceIpv4Cidr {text} is not a valid CIDR block", **fields)  # (M)
    if not any(block.subnet_of(each) for each in PRIVATE_RANGES):
        raise invalid_parameter(  # (M)
            f"serviceIpv4Cidr {text} must be within one of these blocks: 10.0.0.0/8, 172.16.0.0/12,"
            " or 192.168.0.0/16",
            **fields,
        )
    if not LARGEST_SERVICE_PREFIX <= block.prefixlen <= SMALLEST_SERVICE_PREFIX:
        raise invalid_parameter(  # (M)
            f"serviceIpv4Cidr {text} must be between /{SMALLEST_SERVICE_PREFIX} and /{LARGEST_SERVICE_PREFIX}",
            **fields,
        )
    for each in blocks:
        if block.overlaps(each):
            raise invalid_parameter(f"serviceIpv4Cidr {text} overlaps with VPC CIDR {each}", **fields)  # (M)
    return str(block)


def check_encryption(eks: Eks, config: Sequence[dict[str, Any]], cluster: str) -> None:
    """Refuse encryption that EKS does not offer, and keys that cannot be used.

    Raises:
        AwsError: InvalidParameterException.
    """
    fields = {"clusterName": cluster}
    if len(config) > 1:
        raise invalid_parameter("Only one encryption config is supported", **fields)
    for each in config:
        if each.get("resources") != ["secrets"]:
            raise invalid_parameter(
                "The only supported value for resources in encryptionConfig is secrets", **fields
            )
        arn = (each.get("provider") or {}).get("keyArn", "")
        key = eks.surroundings.kms_key(arn) if arn else None
        if key is None:
            raise invalid_parameter(f"The keyArn {arn!r} in encryptionConfig provider is invalid", **fields)
        if key.state != "Enabled":
            raise invalid_parameter(f"KMS key {arn} is not enabled: {key.state}", **fields)
        if not key.is_symmetric:
            raise invalid_parameter(f"KMS key {arn} must be symmetric", **fields)


def check_quota(count: int, most: int, what: str, **fields: Any) -> None:
    """Refuse one more of what a quota limits.

    Raises:
        AwsError: ResourceLimitExceededException.
    """
    if count >= most:
        raise limit_exceeded(f"You've reached the limit of {most} {what}", **fields)
