"""Which service a request is for, and which operation: by its signature, target, action, host and path."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from eks_lab.aws.errors import AwsError
from eks_lab.aws.gateway.http_request import HttpRequest
from eks_lab.aws.gateway.signature import Signature

_BY_SIGNING_NAME: dict[str, tuple[str, ...]] = {
    "aps": ("amp",),
    "apigateway": ("apigateway", "apigatewayv2"),
    "bedrock": ("bedrock", "bedrock-runtime", "bedrock-agent"),
    "cassandra": ("keyspaces",),
    "dynamodb": ("dynamodb", "dynamodbstreams"),
    "elasticfilesystem": ("efs",),
    "elasticloadbalancing": ("elbv2", "elb"),
    "elasticmapreduce": ("emr",),
    "es": ("opensearch", "es"),
    "events": ("events",),
    "lambda": ("lambda",),
    "monitoring": ("cloudwatch",),
    "rds": ("rds",),
    "s3": ("s3", "s3control"),
    "servicequotas": ("service-quotas",),
    "ses": ("sesv2", "ses"),
    "sso": ("sso-admin",),
    "states": ("stepfunctions",),
    "tagging": ("resourcegroupstaggingapi",),
    "cloudcontrolapi": ("cloudcontrol",),
}
"""Signing name -> botocore's services, where they are not the same word (botocore 1.44 service models)."""
_UNSIGNED_ACTIONS = ("AssumeRoleWithWebIdentity", "AssumeRoleWithSAML", "DecodeAuthorizationMessage")


@dataclass(frozen=True, slots=True)
class Destination:
    """Where a request goes."""

    service: str
    """botocore's name: `elbv2`."""
    region: str
    operation: str
    """`DescribeInstances`; empty when the service has no such operation."""
    request: HttpRequest
    """The request, with an S3 bucket moved from the host into the path."""
    uri_parameters: dict[str, Any]
    """Labels of the path, by botocore's location names."""


@cache
def service_model(service: str) -> Any:
    """Return botocore's model of a service, by way of moto's loader.

    Raises:
        botocore.exceptions.UnknownServiceError: botocore has no such service.
    """
    from moto.core.utils import get_service_model

    return get_service_model(service)


def moto_request(request: HttpRequest, service: str, region: str) -> Any:
    """Return a request as moto takes it, with the host that AWS would have."""
    from moto.core.request import Request

    model = service_model(service)
    prefix = model.metadata["endpointPrefix"]
    url = f"https://{prefix}.{region}.amazonaws.com{request.path}"
    if request.query:
        url += f"?{request.query}"
    headers = {name: value for name, value in request.headers.items() if name != "host"}
    found = Request.from_primitives(request.method, url, headers, request.body)
    found.environ["RAW_URI"] = url
    return found


def find(request: HttpRequest, signature: Signature | None, default_region: str) -> Destination:
    """Return where a request goes.

    Args:
        request: as it came.
        signature: what it says about its signer, None for unsigned ones.
        default_region: of unsigned requests that name none.

    Raises:
        AwsError: no service can be told from it.
    """
    region = signature.region if signature is not None else default_region
    candidates = _candidates(request, signature)
    request = _with_bucket_in_path(request) if "s3" in candidates else request
    for service in candidates:
        operation, parameters = _operation(request, service, region)
        if operation:
            return Destination(service, region, operation, request, parameters)
    return Destination(candidates[0], region, "", request, {})


def _candidates(request: HttpRequest, signature: Signature | None) -> tuple[str, ...]:
    if signature is not None:
        name = signature.service
        if name == "s3" and request.path.startswith("/v20180820/"):
            return ("s3control",)
        found = _BY_SIGNING_NAME.get(name, (name,))
        if "Version" in request.form and len(found) > 1:
            version = request.form["Version"]
            return tuple(sorted(found, key=lambda each: service_model(each).api_version != version))
        if found == (name,) and not _is_known(name):
            raise AwsError("UnknownServiceException", f"The service {name} is none of AWS's.", status=404)
        return found
    target = request.headers.get("x-amz-target", "")
    if target:
        return (_of_target(target),)
    if request.form.get("Action") in _UNSIGNED_ACTIONS:
        return ("sts",)
    if request.form.get("Action"):
        return (_of_version(request.form.get("Version", "")),)
    return ("s3",)


def _is_known(service: str) -> bool:
    from botocore.exceptions import UnknownServiceError

    try:
        service_model(service)
    except UnknownServiceError:
        return False
    return True


def _of_target(target: str) -> str:
    prefix = target.split(".")[0]
    known = {
        "AmazonEC2ContainerRegistry_V20150921": "ecr",
        "AmazonSQS": "sqs",
        "AmazonSSM": "ssm",
        "DynamoDB_20120810": "dynamodb",
        "Logs_20140328": "logs",
        "secretsmanager": "secretsmanager",
        "TrentService": "kms",
    }
    return known.get(prefix, "sts")


def _of_version(version: str) -> str:
    known = {"2016-11-15": "ec2", "2010-05-08": "iam", "2015-12-01": "elbv2", "2011-01-01": "autoscaling"}
    return known.get(version, "sts")


def _operation(request: HttpRequest, service: str, region: str) -> tuple[str, dict[str, Any]]:
    from moto.core.routing import get_service_router
    from werkzeug.exceptions import HTTPException, NotFound

    try:
        operation, parameters = get_service_router(service).match(moto_request(request, service, region))
    except (NotFound, HTTPException, NotImplementedError):
        return "", {}
    return str(operation.name), dict(parameters)


def _with_bucket_in_path(request: HttpRequest) -> HttpRequest:
    """Return a request of virtual-hosted style (`bucket.s3.localhost…`, `bucket.localhost`) in path style."""
    host = request.host
    bucket = ""
    for mark in (".s3.", ".s3-", ".localhost"):
        before, found, _ = host.partition(mark)
        if found and before and before not in ("s3", "localhost") and not host.startswith("s3."):
            bucket = before
            break
    if not bucket or request.path.startswith(f"/{bucket}/"):
        return request
    return HttpRequest(
        request.method, f"/{bucket}{request.path}", request.query, request.headers, request.body
    )
