"""Requests handed to moto, the way its own server does, without its server."""

from __future__ import annotations

import json
import logging
import re
import warnings
from collections.abc import Callable
from functools import cache
from typing import Any

from eks_lab.aws.errors import AwsError
from eks_lab.aws.gateway.destination import Destination, moto_request, service_model
from eks_lab.aws.gateway.protocol import Answer
from eks_lab.aws.moto_loading import Moto

logger = logging.getLogger(__name__)

Handler = Callable[[Any, str, Any], Any]


class NotSimulatedError(Exception):
    """moto has the service, but not this operation."""


class MotoServices:
    """moto as the gateway calls it."""

    def __init__(self, moto: Moto) -> None:
        """Take the account's moto."""
        self._moto = moto

    @cache  # noqa: B019 - one gateway a process
    def _patterns(self, service: str) -> tuple[tuple[re.Pattern[str], Handler], ...]:
        paths = self._moto.urls(service).url_paths
        return tuple((re.compile("^" + path.format("")), handler) for path, handler in paths.items())

    def has(self, service: str) -> bool:
        """Return whether moto has a service."""
        return self._moto.has(service)

    @cache  # noqa: B019 - one gateway a process
    def operations(self, service: str) -> tuple[str, ...]:
        """Return the operations of a service that moto has, in botocore's spelling."""
        from botocore import xform_name

        methods: set[str] = set()
        try:
            patterns = self._patterns(service)
        except ImportError:
            return ()
        for _, handler in patterns:
            owner = getattr(handler, "__self__", None)
            methods |= set(dir(owner)) if owner is not None else set()
        return tuple(name for name in service_model(service).operation_names if xform_name(name) in methods)

    def _handler(self, service: str, path: str) -> Handler | None:
        found: Handler | None = None
        for pattern, handler in self._patterns(service):
            match = pattern.match(path)
            if match is not None and match.end() == len(path):
                return handler
            if match is not None and found is None:
                found = handler
        return found

    def handle(self, found: Destination, request_id: str) -> Answer:
        """Let moto perform a request.

        Args:
            found: the request and its service.
            request_id: of the call.

        Raises:
            NotSimulatedError: moto does not have the operation.
            AwsError: moto failed over it.
        """
        from moto.core.exceptions import ServiceException
        from werkzeug.exceptions import HTTPException

        try:
            handler = self._handler(found.service, found.request.path)
            if handler is None:
                raise NotSimulatedError(found.operation)
            request = moto_request(found.request, found.service, found.region)
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                result = handler(request, request.raw_url, dict(request.headers))
        except (NotImplementedError, ImportError) as error:
            # Some of moto's services want what is not installed, as Lambda and Batch do, which would run programs.
            raise NotSimulatedError(str(error)) from error
        except ServiceException as error:
            raise AwsError(error.code, error.message) from error
        except HTTPException as error:
            response = error.get_response()
            return Answer(response.status_code, response.get_data(), dict(response.headers))
        except (AwsError, NotSimulatedError):
            raise
        except Exception as error:
            # The edge to foreign code, which reads parameters without looking whether they are there.
            logger.exception("moto failed over %s %s", found.service, found.operation)
            raise AwsError(
                "InternalFailure",
                "The request processing has failed because of an unknown error, exception or failure. "
                f"(eks-lab: {found.service} {found.operation}: {error!r})",
                # Not 500: clients would try it again and again.
                status=400,
            ) from error
        return _answer(found, result, request_id)


def _require_own_words(found: Destination, status: int, body: bytes) -> None:
    """Refuse in XML what moto refuses in JSON, whatever the service speaks.

    Raises:
        AwsError: moto's refusal.
    """
    if not body.startswith(b'{"__type"') or service_model(found.service).protocol in ("json", "rest-json"):
        return
    told = json.loads(body)
    raise AwsError(str(told["__type"]), str(told.get("message", "")), status=status)


def _answer(found: Destination, result: Any, request_id: str) -> Answer:
    status, headers, body = result if len(result) == 3 else (200, {}, result)
    text = {str(name): str(value) for name, value in dict(headers).items()}
    # The status is moto's own note to itself; the length follows from the body, but for HEAD.
    text.pop("status", None)
    if found.request.method != "HEAD":
        for name in [name for name in text if name.lower() == "content-length"]:
            del text[name]
    text.setdefault("x-amzn-RequestId", request_id)
    if not any(name.lower() == "content-type" for name in text):
        text["Content-Type"] = _content_type(found.service)
    if not isinstance(body, bytes):
        body = body.encode() if isinstance(body, str) else b"".join(body)
    if int(status) >= 400:
        _require_own_words(found, int(status), body)
    return Answer(int(status), body, text)


def _content_type(service: str) -> str:
    model = service_model(service)
    if model.protocol in ("json", "rest-json"):
        return f"application/x-amz-json-{model.metadata.get('jsonVersion', '1.1')}"
    return "text/xml;charset=UTF-8" if model.protocol in ("query", "ec2") else "application/xml"
