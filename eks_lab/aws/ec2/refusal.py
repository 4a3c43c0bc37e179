"""EC2's refusals: code and sentence as the API answers them."""

from __future__ import annotations

from collections.abc import Sequence

from moto.ec2.exceptions import EC2ClientError


def refuse(code: str, message: str) -> EC2ClientError:
    """Return an error with one of EC2's codes, to be raised."""
    return EC2ClientError(code, message)


def subnet_is_full() -> EC2ClientError:
    """Refuse addresses a subnet does not have."""
    return refuse(
        "InsufficientFreeAddressesInSubnet",
        "The specified subnet does not have enough free addresses to satisfy the request.",
    )


def no_free_block() -> EC2ClientError:
    """Refuse a prefix where no aligned /28 is whole (aws/amazon-vpc-cni-k8s issues 2749, 3264)."""
    return refuse(
        "InsufficientCidrBlocks",
        "The specified subnet does not have enough free cidr blocks to satisfy the request.",
    )


def too_many_addresses() -> EC2ClientError:
    """Refuse more addresses and prefixes than an ENI of the instance type holds."""
    return refuse("PrivateIpAddressLimitExceeded", "Number of private addresses will exceed limit.")


def too_many_interfaces(count: int, instance_type: str) -> EC2ClientError:
    """Refuse more ENIs than an instance type takes."""
    return refuse("AttachmentLimitExceeded", f"Interface count {count} exceeds the limit for {instance_type}")


def in_use(what: str, id: str) -> EC2ClientError:
    """Refuse to delete what something else needs.

    Args:
        what: `subnet`, `vpc`, `resource`: as the sentence names it.
        id: of what was to be deleted.
    """
    return refuse("DependencyViolation", f"The {what} '{id}' has dependencies and cannot be deleted.")


def unknown_type(name: str) -> EC2ClientError:
    """Refuse an instance type that does not exist."""
    return refuse("InvalidParameterValue", f"Invalid value '{name}' for InstanceType.")


def no_capacity(instance_type: str, zone: str, others: Sequence[str]) -> EC2ClientError:
    """Refuse a launch because EC2 has no such machine left in a zone."""
    choosing = f" or choosing {', '.join(others)}" if others else ""
    error = refuse(
        "InsufficientInstanceCapacity",
        f"We currently do not have sufficient {instance_type} capacity in the Availability Zone you requested"
        f" ({zone}). Our system will be working on provisioning additional capacity. You can currently get"
        f" {instance_type} capacity by not specifying an Availability Zone in your request{choosing}.",
    )
    error.code = "InsufficientInstanceCapacity"
    return error


def not_offered(instance_type: str, zone: str, others: Sequence[str]) -> EC2ClientError:
    """Refuse a type that a zone does not have at all."""
    choosing = f" or choosing {', '.join(others)}" if others else ""
    return refuse(
        "Unsupported",
        f"Your requested instance type ({instance_type}) is not supported in your requested Availability Zone"
        f" ({zone}). Please retry your request by not specifying an Availability Zone{choosing}.",
    )


def too_many_vcpus(limit: int) -> EC2ClientError:
    """Refuse a launch beyond the quota of running On-Demand vCPUs."""
    return refuse(
        "VcpuLimitExceeded",
        f"You have requested more vCPU capacity than your current vCPU limit of {limit} allows for the instance"
        " bucket that the specified instance type belongs to. Please visit"
        " http://aws.amazon.com/contact-us/ec2-request to request an adjustment to this limit.",
    )
