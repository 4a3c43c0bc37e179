"""What AWS says when it refuses.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/troubleshoot_access-denied.html (2026-11-23).
"""

from __future__ import annotations

import json
from collections.abc import Mapping

from eks_lab.aws.errors import AwsError
from eks_lab.aws.principal import Principal

_QUERY = {
    *("autoscaling", "cloudformation", "elasticloadbalancing", "elasticmapreduce", "iam", "monitoring"),
    *("rds", "redshift", "s3", "ses", "sns", "sts"),
}
"""Prefixes of services of the query and REST-XML protocols, which say AccessDenied."""


def sentence(principal: Principal, action: str, resource: str, reason: str) -> str:
    """Return the sentence of a refusal.

    Args:
        principal: who asked.
        action: `s3:ListBucket`.
        resource: ARN; S3 puts it into quotes.
        reason: `because no identity-based policy allows the s3:ListBucket action`; may be empty.
    """
    quoted = f'"{resource}"' if action.startswith("s3:") else resource
    where = (
        f" on resource: {quoted}" if resource and (resource != "*" or not action.startswith("s3:")) else ""
    )
    if resource == "*" and action.startswith(("ec2:", "sts:")):
        where = ""
    return f"User: {principal.arn} is not authorized to perform: {action}{where}" + (
        f" {reason}" if reason else ""
    )


def refusal(principal: Principal, action: str, resource: str, reason: str, encoded: str = "") -> AwsError:
    """Return the error of a refusal, with the code that the service uses.

    Args:
        principal: who asked.
        action: what for.
        resource: ARN or `*`.
        reason: see `sentence`.
        encoded: EC2's encoded authorization failure message.
    """
    text = sentence(principal, action, resource, reason)
    prefix = action.partition(":")[0]
    if prefix == "ec2":
        return AwsError(
            "UnauthorizedOperation",
            f"You are not authorized to perform this operation. {text}. Encoded authorization failure message: {encoded}",
            status=403,
        )
    if prefix in _QUERY:
        return AwsError("AccessDenied", text, status=403)
    if prefix == "sqs":
        return AwsError("AccessDenied", text, status=403)
    json_1 = prefix in ("kms", "ecr", "logs", "ssm", "secretsmanager", "dynamodb", "events")
    return AwsError("AccessDeniedException", text, status=400 if json_1 else 403)


def decoded_message(
    principal: Principal,
    action: str,
    resource: str,
    *,
    explicit: bool,
    context: Mapping[str, tuple[str, ...]],
) -> str:
    """Return what `sts decode-authorization-message` shows of EC2's encoded message."""
    items = [
        {"key": key, "values": {"items": [{"value": value} for value in values]}}
        for key, values in sorted(context.items())
    ]
    found = {
        "allowed": False,
        "explicitDeny": explicit,
        "matchedStatements": {"items": []},
        "failures": {"items": []},
        "context": {
            "principal": {"id": principal.unique_id, "arn": principal.arn},
            "action": action,
            "resource": resource,
            "conditions": {"items": items},
        },
    }
    return json.dumps(found, separators=(",", ":"))
