"""What a call to one of moto's services asks of IAM: actions, resources and condition keys.

Source: https://docs.aws.amazon.com/service-authorization/latest/reference/ (2026-11-23).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from eks_lab.aws.errors import AwsError
from eks_lab.aws.iam import ec2_actions, s3_actions
from eks_lab.aws.service import Action

if TYPE_CHECKING:
    from eks_lab.aws.moto_loading import Moto

PREFIXES = {
    "amp": "aps",
    "efs": "elasticfilesystem",
    "elb": "elasticloadbalancing",
    "elbv2": "elasticloadbalancing",
    "emr": "elasticmapreduce",
    "opensearch": "es",
    "resourcegroupstaggingapi": "tag",
    "s3control": "s3",
    "service-quotas": "servicequotas",
    "sesv2": "ses",
    "stepfunctions": "states",
    "dynamodbstreams": "dynamodb",
    "apigatewayv2": "apigateway",
}
"""botocore's name -> prefix of IAM actions, where they differ."""
_RENAMED = {("lambda", "Invoke"): "InvokeFunction", ("kms", "ReEncrypt"): "ReEncryptFrom"}

_RESOURCES: dict[str, tuple[tuple[str, str], ...]] = {
    "dynamodb": (("TableName", "table/{}"),),
    "ecr": (("repositoryName", "repository/{}"),),
    "efs": (("FileSystemId", "file-system/{}"), ("AccessPointId", "access-point/{}")),
    "lambda": (("FunctionName", "function:{}"),),
    "logs": (("logGroupName", "log-group:{}:*"),),
    "sns": (("Name", "{}"),),
    "ssm": (("Name", "parameter/{}"), ("Path", "parameter/{}")),
    "secretsmanager": (("Name", "secret:{}-??????"), ("SecretId", "secret:{}-??????")),
    "sqs": (("QueueName", "{}"),),
    "stepfunctions": (("name", "stateMachine:{}"),),
}
"""Parameters that name the resource of a call, and the last part of its ARN."""
_ARN_PARAMETERS = (
    *(
        "ResourceArn",
        "resourceArn",
        "TopicArn",
        "TargetGroupArn",
        "LoadBalancerArn",
        "ListenerArn",
        "RuleArn",
    ),
    *("stateMachineArn", "KeyId", "SecretId", "StreamARN"),
)


class Owner(Protocol):
    """The account, as far as resources are named."""

    id: str
    moto: Moto


def actions_of(
    account: Owner, service: str, operation: str, params: Mapping[str, Any], region: str, caller_arn: str
) -> Iterator[Action]:
    """Yield what IAM must allow for a call.

    Args:
        account: its number, and its resources for tags.
        service: botocore's name.
        operation: that is called.
        params: its parameters.
        region: of the call.
        caller_arn: of who calls, for operations about oneself.

    Raises:
        AwsError: an operation about oneself, and a session asks.
    """
    if service == "s3":
        yield from s3_actions.actions(operation, params)
    elif service == "ec2":
        yield from ec2_actions.actions(account, operation, params, region)
    elif service == "iam":
        yield from _iam(account, operation, params, caller_arn)
    else:
        prefix = PREFIXES.get(service, service)
        name = _RENAMED.get((service, operation), operation)
        resource = _resource(account, service, prefix, operation, params, region)
        yield Action(f"{prefix}:{name}", resource, request_tags(params))


def request_tags(params: Mapping[str, Any]) -> dict[str, str | list[str]]:
    """Return the keys `aws:RequestTag/…` and `aws:TagKeys` of a call."""
    found: dict[str, str | list[str]] = {}
    tags = params.get("Tags") or params.get("tags") or {}
    pairs = tags.items() if isinstance(tags, Mapping) else _pairs(tags)
    for key, value in pairs:
        found[f"aws:RequestTag/{key}"] = str(value)
    names = [key.removeprefix("aws:RequestTag/") for key in found]
    if names or params.get("TagKeys") or params.get("tagKeys"):
        found["aws:TagKeys"] = names or list(params.get("TagKeys") or params.get("tagKeys") or ())
    return found


def _pairs(tags: Any) -> Iterator[tuple[str, Any]]:
    for each in tags if isinstance(tags, list) else ():
        if isinstance(each, Mapping):
            key = each.get("Key", each.get("key", each.get("TagKey")))
            if key is not None:
                yield str(key), each.get("Value", each.get("value", each.get("TagValue", "")))


def _resource(
    account: Owner, service: str, prefix: str, operation: str, params: Mapping[str, Any], region: str
) -> str:
    if service == "kms":
        return _kms(account, params, region)
    if service == "sqs" and params.get("QueueUrl"):
        return f"arn:aws:sqs:{region}:{account.id}:{str(params['QueueUrl']).rstrip('/').rsplit('/', 1)[-1]}"
    for name in _ARN_PARAMETERS:
        value = params.get(name)
        if isinstance(value, str) and value.startswith("arn:"):
            return value
    if service == "secretsmanager" and params.get("SecretId"):
        for arn in account.moto.backend("secretsmanager", region).secrets:
            if arn.rsplit(":", 1)[-1].rpartition("-")[0] == params["SecretId"]:
                return str(arn)
    for name, pattern in _RESOURCES.get(service, ()):
        value = params.get(name)
        if isinstance(value, str) and value:
            return f"arn:aws:{prefix}:{region}:{account.id}:{pattern.format(value.lstrip('/'))}"
    if service == "ecr" and operation.startswith("Describe"):
        return f"arn:aws:ecr:{region}:{account.id}:repository/*"
    return "*"


def _kms(account: Owner, params: Mapping[str, Any], region: str) -> str:
    key = str(params.get("KeyId") or params.get("TargetKeyId") or "")
    if not key:
        return "*"
    if key.startswith("arn:") and ":alias/" not in key:
        return key
    backend = account.moto.backend("kms", region)
    name = key.rsplit(":", 1)[-1]
    found = backend.get_key_id_from_alias(name) if name.startswith("alias/") else name
    return f"arn:aws:kms:{region}:{account.id}:key/{found or name}"


_IAM_RESOURCES = (
    *(("UserName", "user", "users"), ("RoleName", "role", "roles"), ("GroupName", "group", "groups")),
    ("InstanceProfileName", "instance-profile", "instance_profiles"),
)


def _iam(account: Owner, operation: str, params: Mapping[str, Any], caller_arn: str) -> Iterator[Action]:
    context: dict[str, str | list[str]] = dict(request_tags(params))
    if params.get("PermissionsBoundary"):
        context["iam:PermissionsBoundary"] = str(params["PermissionsBoundary"])
    if operation.startswith(("Attach", "Detach")) and params.get("PolicyArn"):
        context["iam:PolicyARN"] = str(params["PolicyArn"])
    resource = _iam_resource(account, operation, params, caller_arn)
    yield Action(f"iam:{operation}", resource, context)
    if operation == "AddRoleToInstanceProfile" and params.get("RoleName"):
        role = _named(account, "role", "roles", str(params["RoleName"]))
        yield Action("iam:PassRole", role, {"iam:PassedToService": "ec2.amazonaws.com"})


def _iam_resource(account: Owner, operation: str, params: Mapping[str, Any], caller_arn: str) -> str:
    for parameter, kind, table in _IAM_RESOURCES:
        if params.get(parameter):
            return _named(account, kind, table, str(params[parameter]), str(params.get("Path") or "/"))
    for parameter in ("PolicyArn", "OpenIDConnectProviderArn", "PolicySourceArn"):
        if params.get(parameter):
            return str(params[parameter])
    if params.get("PolicyName"):
        return f"arn:aws:iam::{account.id}:policy{params.get('Path') or '/'}{params['PolicyName']}"
    if operation == "CreateOpenIDConnectProvider":
        url = str(params.get("Url", "")).removeprefix("https://")
        return f"arn:aws:iam::{account.id}:oidc-provider/{url}"
    own = {
        "GetUser",
        "ChangePassword",
        "ListAccessKeys",
        "CreateAccessKey",
        "DeleteAccessKey",
        "UpdateAccessKey",
    }
    if operation in own:
        if ":user/" not in caller_arn:
            raise AwsError("ValidationError", "Must specify userName when calling with non-User credentials")
        return caller_arn
    listings = {"ListUsers": "user", "ListRoles": "role", "ListGroups": "group", "ListPolicies": "policy"}
    if operation in listings:
        return f"arn:aws:iam::{account.id}:{listings[operation]}/"
    return "*"


def _named(account: Owner, kind: str, table: str, name: str, path: str = "/") -> str:
    for each in getattr(account.moto.backend("iam"), table).values():
        if each.name == name:
            return str(each.arn)
    return f"arn:aws:iam::{account.id}:{kind}{path}{name}"
