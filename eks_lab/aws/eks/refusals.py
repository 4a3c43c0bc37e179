"""EKS's refusals: code, status and members as botocore's model of the service has them."""

from __future__ import annotations

from typing import Any

from eks_lab.aws.errors import AwsError


def invalid_parameter(message: str, **fields: Any) -> AwsError:
    """Return InvalidParameterException: a value that cannot be, or does not fit the others."""
    return AwsError("InvalidParameterException", message, status=400, fields=fields)


def invalid_request(message: str, **fields: Any) -> AwsError:
    """Return InvalidRequestException: a request that the state of the resource does not allow."""
    return AwsError("InvalidRequestException", message, status=400, fields=fields)


def in_use(message: str, **fields: Any) -> AwsError:
    """Return ResourceInUseException: the name is taken, or something else is under way."""
    return AwsError("ResourceInUseException", message, status=409, fields=fields)


def limit_exceeded(message: str, **fields: Any) -> AwsError:
    """Return ResourceLimitExceededException: a quota is reached."""
    return AwsError("ResourceLimitExceededException", message, status=400, fields=fields)


def resource_not_found(message: str, **fields: Any) -> AwsError:
    """Return ResourceNotFoundException."""
    return AwsError("ResourceNotFoundException", message, status=404, fields=fields)


def no_cluster(name: str) -> AwsError:
    """Return the refusal of a cluster that does not exist."""
    return resource_not_found(f"No cluster found for name: {name}.", clusterName=name)


def unsupported_zone(cluster: str, zone: str, valid: list[str]) -> AwsError:
    """Return UnsupportedAvailabilityZoneException, with the zones that do.

    The sentence is the one of the EKS user guide's page on troubleshooting.
    """
    return AwsError(
        "UnsupportedAvailabilityZoneException",
        f"Cannot create cluster '{cluster}' because {zone}, the targeted Availability Zone, does not currently"
        " have sufficient capacity to support the cluster. Retry and choose from these Availability Zones for"
        f" your account: {', '.join(valid)}",
        status=400,
        fields={"clusterName": cluster, "validZones": valid},
    )


def not_in_simulation(what: str, nearest: str, real: str, **fields: Any) -> AwsError:
    """Return the honest refusal of a choice that real EKS offers and the simulator does not have.

    Args:
        what: was asked for.
        nearest: what to choose instead.
        real: what real EKS does.
        fields: members of the error.
    """
    return AwsError(
        "InvalidParameterException",
        f"{what} is not simulated by eks-lab. Nearest: {nearest}. Real EKS: {real}",
        status=400,
        fields=fields,
    )
