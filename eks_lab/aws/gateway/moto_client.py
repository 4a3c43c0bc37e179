"""Calls to moto from inside: parameters become a request and the answer becomes a result, without a wire."""

from __future__ import annotations

import io
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from eks_lab.aws.errors import AwsError
from eks_lab.aws.gateway.destination import service_model
from eks_lab.aws.gateway.http_request import HttpRequest
from eks_lab.aws.gateway.protocol import Answer, protocol_of


@cache
def _serializer(protocol: str) -> Any:
    from botocore.serialize import create_serializer

    return create_serializer(protocol, False)


@cache
def _parser(protocol: str) -> Any:
    from botocore.parsers import create_parser

    return create_parser(protocol)


def request_of(
    service: str, operation: str, params: Mapping[str, Any], access_key: str, region: str
) -> HttpRequest:
    """Return the request that boto3 would send.

    Args:
        service: botocore's name.
        operation: `DescribeInstances`.
        params: as boto3 takes them.
        access_key: of the caller, for operations about oneself.
        region: of the call.
    """
    model = service_model(service)
    operation_model = model.operation_model(operation)
    made = _serializer(protocol_of(service)).serialize_to_request(dict(params), operation_model)
    body = made["body"]
    headers = {name.lower(): str(value) for name, value in made["headers"].items()}
    if isinstance(body, Mapping):
        body = urlencode(body)
        headers.setdefault("content-type", "application/x-www-form-urlencoded; charset=utf-8")
    if hasattr(body, "read"):
        body = body.read()
    raw = body.encode() if isinstance(body, str) else bytes(body)
    headers["authorization"] = (
        f"AWS4-HMAC-SHA256 Credential={access_key}/20260101/{region}/{service}/aws4_request, "
        "SignedHeaders=host, Signature=0"
    )
    headers.setdefault("content-length", str(len(raw)))
    path, _, inline = str(made["url_path"]).partition("?")
    query = made["query_string"]
    query = urlencode(query, doseq=True) if isinstance(query, Mapping) else str(query)
    return HttpRequest(made["method"], path, "&".join(part for part in (inline, query) if part), headers, raw)


def result_of(service: str, operation: str, answer: Answer) -> dict[str, Any]:
    """Return the result of an answer, as boto3 returns it, ResponseMetadata apart.

    Raises:
        AwsError: the answer is an error.
    """
    operation_model = service_model(service).operation_model(operation)
    from botocore.awsrequest import HeadersDict

    streams = operation_model.has_streaming_output and answer.status < 300
    response = {
        "headers": HeadersDict(dict(answer.headers)),
        "status_code": answer.status,
        "body": io.BytesIO(answer.body) if streams else answer.body,
    }
    parsed: dict[str, Any] = _parser(protocol_of(service)).parse(response, operation_model.output_shape)
    if answer.status >= 300:
        error = parsed.get("Error", {})
        raise AwsError(
            str(error.get("Code", answer.status)), str(error.get("Message", "")), status=answer.status
        )
    parsed.pop("ResponseMetadata", None)
    return parsed
