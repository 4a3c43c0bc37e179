"""Policies that stand with a resource: of buckets, keys, queues, repositories, secrets and file systems."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from eks_lab.aws.iam.documents import read
from eks_lab.aws.iam.evaluation import Policy

if TYPE_CHECKING:
    from eks_lab.aws.moto_loading import Moto


def resource_policy(moto: Moto, resource: str) -> Policy | None:
    """Return the policy of a resource, None when it has none or is unknown.

    Args:
        moto: the account's.
        resource: its ARN.
    """
    try:
        text = _text(moto, resource)
    except (KeyError, AttributeError):
        # A region that there is not; a policy that moto has taken and that is none, as a number is.
        return None
    return Policy(resource, "resource-based policy", read(text)) if text else None


def must_allow(resource: str) -> bool:
    """Return whether a resource's own policy has to let the account in: that of a KMS key."""
    return resource.startswith("arn:aws:kms:") and ":key/" in resource


def _text(moto: Moto, resource: str) -> str:
    parts = resource.split(":", 5)
    if len(parts) < 6:
        return ""
    service, region, rest = parts[2], parts[3], parts[5]
    if service == "s3":
        bucket = moto.backend("s3").buckets.get(rest.split("/", 1)[0])
        return _decoded(bucket.policy) if bucket is not None else ""
    if service == "kms" and rest.startswith("key/"):
        key = moto.backend("kms", region).keys.get(rest.removeprefix("key/"))
        return _decoded(key.policy) if key is not None else ""
    if service == "sqs":
        queue = moto.backend("sqs", region).queues.get(rest)
        return _decoded(queue.policy) if queue is not None else ""
    if service == "ecr" and rest.startswith("repository/"):
        repository = moto.backend("ecr", region).repositories.get(rest.removeprefix("repository/"))
        return _decoded(repository.policy) if repository is not None else ""
    if service == "secretsmanager":
        secret = moto.backend("secretsmanager", region).secrets.get(resource)
        return _decoded(getattr(secret, "policy", None)) if secret is not None else ""
    if service == "elasticfilesystem" and rest.startswith("file-system/"):
        backend = moto.backend("efs", region)
        system = backend.file_systems_by_id.get(rest.removeprefix("file-system/"))
        return _decoded(getattr(system, "file_system_policy", None)) if system is not None else ""
    return ""


def _decoded(found: Any) -> str:
    if isinstance(found, bytes):
        return found.decode()
    return found if isinstance(found, str) else ""
