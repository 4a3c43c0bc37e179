"""Parameters out of requests and answers into them, in the protocol of each service, by botocore's models."""

from __future__ import annotations

import json
import re
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.validate import ParamValidator

from eks_lab.aws.errors import AwsError
from eks_lab.aws.gateway.destination import Destination, moto_request, service_model

PROTOCOLS = ("ec2", "query", "json", "rest-json", "rest-xml")
_TYPE_ERRORS = "invalid type"
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
"""Characters that a document of XML 1.0 cannot hold (section 2.2)."""


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes = b""
    headers: Mapping[str, str] = field(default_factory=dict)


class _RefusalError(Exception):
    """An AwsError as moto's serialisers take errors: code, message, and members of the error's shape."""

    def __init__(self, error: AwsError) -> None:
        super().__init__(error.message)
        self.code = error.code
        self.message = error.message
        for name, value in error.fields.items():
            setattr(self, name, value)


def protocol_of(service: str, content_type: str = "") -> str:
    """Return `ec2`, `query`, `json`, `rest-json` or `rest-xml`."""
    from moto.core.request import determine_request_protocol

    model = service_model(service)
    try:
        found = str(determine_request_protocol(model, content_type))
    except NotImplementedError:
        found = str(model.protocol)
    if found in PROTOCOLS:
        return found
    # CBOR is the newest protocol of a service that has older ones beside it.
    return next(str(each) for each in model.metadata.get("protocols", ["json"]) if each in PROTOCOLS)


def parameters(found: Destination) -> dict[str, Any]:
    """Return the parameters of a request with the member names of the operation's input shape.

    Raises:
        AwsError: SerializationException and its like: the body cannot be read.
    """
    from moto.core.parse import PROTOCOL_PARSERS, RequestParserError

    model = service_model(found.service).operation_model(found.operation)
    content_type = found.request.headers.get("content-type", "")
    protocol = protocol_of(found.service, content_type)
    request = moto_request(found.request, found.service, found.region)
    body = found.request.body
    if protocol in ("json", "rest-json") and body and not _has_blob_payload(model):
        _check_json(body)
    parser = PROTOCOL_PARSERS[protocol](model)
    try:
        parsed = parser.parse(
            {
                "method": request.method,
                "values": request.values,
                "headers": request.headers,
                "body": request.data,
                "url_path": request.path,
                "url_params": found.uri_parameters,
            }
        )
    except (
        *(RequestParserError, ValueError, TypeError, KeyError, AttributeError),
        # A moment far from any calendar, a document deeper than Python goes.
        *(ArithmeticError, RuntimeError),
    ) as error:
        raise _unreadable(protocol, str(error)) from error
    if protocol in ("ec2", "query") and _holds_control_characters(parsed):
        # Kept, it would make every later answer that tells it one that no client can read.
        raise _unreadable(protocol, "The request holds a character that XML has no form for.")
    return dict(parsed)


def _holds_control_characters(found: Any) -> bool:
    if isinstance(found, Mapping):
        return any(_holds_control_characters(each) for pair in found.items() for each in pair)
    if isinstance(found, list | tuple):
        return any(map(_holds_control_characters, found))
    return isinstance(found, str) and _NOT_XML.search(found) is not None


def _has_blob_payload(model: Any) -> bool:
    payload = model.input_shape.serialization.get("payload") if model.input_shape else None
    return payload is not None and model.input_shape.members[payload].type_name in ("blob", "string")


def _check_json(body: bytes) -> None:
    try:
        found = json.loads(body)
        if b"\\u" in body:
            # Half of a surrogate pair is no character: nothing that is kept may hold one.
            json.dumps(found, ensure_ascii=False).encode()
    except (ValueError, RecursionError):
        raise AwsError("SerializationException", "") from None
    if not isinstance(found, dict):
        raise AwsError("SerializationException", "Unexpected value type in payload")


def _unreadable(protocol: str, reason: str) -> AwsError:
    if protocol in ("json", "rest-json"):
        return AwsError("SerializationException", reason)
    if protocol == "rest-xml":
        return AwsError(
            "MalformedXML",
            "The XML you provided was not well-formed or did not validate against our published schema",
        )
    return AwsError("MalformedInput", reason)


def check(service: str, operation: str, params: Mapping[str, Any]) -> None:
    """Refuse parameters that the operation's input shape does not allow, in the service's own words.

    Raises:
        AwsError: a parameter is missing, or of a wrong type or size.
    """
    model = service_model(service).operation_model(operation)
    if model.input_shape is None:
        return
    report = ParamValidator().validate(dict(params), model.input_shape)
    if not report.has_errors():
        return
    protocol = service_model(service).protocol
    for kind, where, details in report._errors:
        name = where.strip(".")
        if kind == "missing required field":
            missing = details["required_name"]
            place = f"{name}.{missing}" if name else missing
            raise _missing(protocol, service, place)
        if kind == "unknown field":
            continue
        if kind == _TYPE_ERRORS:
            if protocol in ("json", "rest-json"):
                raise AwsError("SerializationException", _wrong_type(details["param"]))
            raise AwsError(
                "InvalidParameterValue" if protocol == "ec2" else "ValidationError",
                f"Invalid value '{details['param']}' for {name}",
            )
        if kind in ("invalid range", "invalid length"):
            raise _constrained(protocol, kind, name, _value_at(params, where), details["min_allowed"])
        raise AwsError(
            "ValidationError" if protocol == "query" else "ValidationException", report.generate_report()
        )


def _missing(protocol: str, service: str, place: str) -> AwsError:
    if protocol == "ec2":
        return AwsError("MissingParameter", f"The request must contain the parameter {place}")
    member = place[:1].lower() + place[1:]
    message = (
        f"1 validation error detected: Value null at '{member}' failed to satisfy constraint: "
        "Member must not be null"
    )
    if service == "eks":
        return AwsError("InvalidParameterException", f"{place} is required")
    return AwsError("ValidationError" if protocol == "query" else "ValidationException", message)


def _value_at(params: Any, where: str) -> Any:
    """Return the value at a place as botocore names it: `.Tags[0].Key`."""
    found = params
    for part in re.findall(r"[^.\[\]]+", where):
        if isinstance(found, list) and part.isdigit():
            found = found[int(part)]
        elif isinstance(found, Mapping):
            found = found.get(part)
    return found


def _constrained(protocol: str, kind: str, name: str, value: object, least: object) -> AwsError:
    member = name[:1].lower() + name[1:]
    what = "have length" if kind == "invalid length" else "have value"
    message = (
        f"1 validation error detected: Value '{value}' at '{member}' failed to satisfy constraint: "
        f"Member must {what} greater than or equal to {least}"
    )
    return AwsError("ValidationError" if protocol in ("query", "ec2") else "ValidationException", message)


_JSON_WORDS = {
    dict: "Start of structure or map found where not expected.",
    list: "Start of list found where not expected",
    bool: "TRUE_VALUE can not be converted to a String",
    int: "NUMBER_VALUE can not be converted to a String",
    float: "NUMBER_VALUE can not be converted to a String",
    str: "STRING_VALUE can not be converted to the expected type",
}


def _wrong_type(value: object) -> str:
    """Return the sentence of AWS's JSON services about a value of the wrong type."""
    return _JSON_WORDS.get(type(value), "Unexpected value type in payload")


def _serializer(service: str, operation: str, protocol: str, request_id: str) -> Any:
    from moto.core.model import OperationModel
    from moto.core.serialize import SerializationContext, get_serializer_class

    model = service_model(service)
    operation_model = model.operation_model(operation) if operation else OperationModel({}, model)
    return get_serializer_class(service, protocol)(
        operation_model=operation_model, context=SerializationContext(request_id)
    )


def success(
    service: str, operation: str, result: Mapping[str, Any], content_type: str, request_id: str
) -> Answer:
    """Return the answer of a call that worked.

    Args:
        service: botocore's name.
        operation: that was called.
        result: members of the output shape.
        content_type: of the request: some services speak two protocols.
        request_id: of the call.
    """
    serializer = _serializer(service, operation, protocol_of(service, content_type), request_id)
    return _answer(serializer.serialize(dict(result)), request_id)


def failure(service: str, operation: str, error: AwsError, content_type: str, request_id: str) -> Answer:
    """Return the answer of a call that is refused, in the error form of the service."""
    protocol = protocol_of(service, content_type)
    serializer = _serializer(service, operation, protocol, request_id)
    with warnings.catch_warnings():
        # moto warns of codes that the model does not name, as AccessDenied is in none.
        warnings.simplefilter("ignore")
        serialized = serializer.serialize(_RefusalError(error))
    serialized["status_code"] = error.status
    if protocol in ("json", "rest-json"):
        headers = serialized["headers"]
        for name in [name for name in headers if name.lower() == "x-amzn-errortype"]:
            del headers[name]
        headers["x-amzn-ErrorType"] = error.code
    elif isinstance(serialized["body"], str):
        # Values that were sent are said again, and XML has no form for most control characters.
        serialized["body"] = _NOT_XML.sub("\ufffd", serialized["body"])
    return _answer(serialized, request_id)


def _answer(serialized: Mapping[str, Any], request_id: str) -> Answer:
    body = serialized["body"]
    headers = {name: str(value) for name, value in serialized["headers"].items()}
    headers.setdefault("x-amzn-RequestId", request_id)
    return Answer(
        int(serialized["status_code"]), body.encode() if isinstance(body, str) else bytes(body), headers
    )
