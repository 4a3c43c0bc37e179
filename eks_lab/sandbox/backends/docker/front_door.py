"""The one door to AWS of a docker sandbox: EKS is answered by our own account, everything else by LocalStack.

An ASGI application in the daemon. It looks at what a request is signed for and passes it on; it decides nothing else,
but for two things that would mislead a learner: writes to EKS that could have no effect on a kind cluster are refused,
and LocalStack's answer to what its free edition lacks becomes one sentence that says where to go.
"""

from __future__ import annotations

import asyncio
import http.client
import logging
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from eks_lab.aws.errors import AwsError
from eks_lab.aws.gateway import destination, protocol
from eks_lab.aws.gateway import signature as sigv4
from eks_lab.aws.gateway.http_request import HttpRequest, from_scope

if TYPE_CHECKING:
    from eks_lab.aws.gateway.protocol import Answer

logger = logging.getLogger(__name__)

OWN_SERVICES = ("eks", "eks-auth")
"""Answered by our account; LocalStack has them for money only."""
LARGEST_BODY = 64 * 1024 * 1024
ANSWER_SECONDS = 120.0
_READS = ("Describe", "List", "AssumeRoleForPodIdentity")
_HARMLESS = frozenset({"TagResource", "UntagResource", "UpdateClusterConfig"})
"""Writes that concern our account's record of the cluster only."""
_EMBEDDED = "eks-lab sandbox down, then eks-lab sandbox up --backend embedded"
_LICENCE = re.compile(
    rb"The API (?:action '(?P<action>[\w-]+)' )?for service '(?P<service>[\w-]+)' is either not "
    rb"(?:included|available) in your current license plan[^<\"]*"
)
"""LocalStack 4.12, localstack/utils/coverage_docs.py; read from its answers 2026-11-23."""
_FULL_NAMES = {
    "autoscaling": "EC2 Auto Scaling",
    "ecr": "Elastic Container Registry",
    "efs": "Elastic File System",
    "eks": "EKS",
    "elb": "Classic Load Balancing",
    "elbv2": "Elastic Load Balancing",
}
_HOP_BY_HOP = frozenset(
    {"connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "te", "trailer",
     "transfer-encoding", "upgrade"}
)  # fmt: skip
"""RFC 9110, section 7.6.1: of one connection, not of the message."""

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
Application = Callable[[Mapping[str, Any], Receive, Send], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Passed:
    """What LocalStack answered."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes


class FrontDoor:
    """Dispatches by service."""

    def __init__(self, own: Application, upstream: str, account: str, region: str) -> None:
        """Take both sides.

        Args:
            own: our account's gateway.
            upstream: LocalStack, `http://127.0.0.1:4567`.
            account: twelve digits; LocalStack is told to use it, so that ARNs of both sides agree.
            region: of unsigned requests.
        """
        self._own = own
        parts = urlsplit(upstream)
        self._host, self._port = parts.hostname or "127.0.0.1", parts.port or 80
        self._account = account
        self._region = region

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection as ASGI asks."""
        if scope["type"] != "http":
            await self._own(scope, receive, send)
            return
        body = await _body(receive)
        if body is None:
            return
        if len(body) > LARGEST_BODY:
            await _send(send, Passed(413, [("Content-Type", "text/plain")], b"Request Entity Too Large"))
            return
        request = from_scope(scope, body)
        service = service_of(request)
        if service in OWN_SERVICES:
            refused = self._refused(request, service)
            if refused is not None:
                await _send(send, refused)
            else:
                await self._own(scope, _replayed(body), send)
            return
        await _send(send, await asyncio.to_thread(self._pass_on, scope, request))

    # --- the EKS half ----------------------------------------------------------------------------------------

    def _refused(self, request: HttpRequest, service: str) -> Passed | None:
        """Return the refusal of a write that could not have its effect on the kind cluster; None for others."""
        try:
            operation = destination.find(request, sigv4.read(request), self._region).operation
        except AwsError:
            return None
        if not operation or operation.startswith(_READS) or operation in _HARMLESS:
            return None
        message = (
            f"{operation} would change nothing here: the cluster of the docker backend is made by kind, not by EKS. "
            f"The embedded backend simulates it: {_EMBEDDED}"
        )
        return self._failure(request, service, operation, AwsError("InvalidRequestException", message))

    # --- LocalStack ------------------------------------------------------------------------------------------

    def _pass_on(self, scope: Mapping[str, Any], request: HttpRequest) -> Passed:
        """Send a request on as it came, but for the account that its key stands for."""
        target = request.path
        if request.query:
            query = self._with_account(request.query, "X-Amz-Credential=", quote("/", safe=""))
            target = f"{target}?{query}"
        connection = http.client.HTTPConnection(self._host, self._port, timeout=ANSWER_SECONDS)
        try:
            connection.putrequest(request.method, target, skip_host=True, skip_accept_encoding=True)
            for raw_name, raw_value in scope["headers"]:
                name, value = raw_name.decode("latin-1"), raw_value.decode("latin-1")
                if name.lower() in _HOP_BY_HOP or name.lower() in ("content-length", "expect"):
                    continue
                if name.lower() == "authorization":
                    value = self._with_account(value, "Credential=", "/")
                connection.putheader(name, value)
            connection.putheader("Content-Length", str(len(request.body)))
            connection.endheaders(request.body)
            response = connection.getresponse()
            answer = Passed(response.status, response.getheaders(), response.read())
        except (OSError, http.client.HTTPException) as error:
            return self._silent(request, error)
        finally:
            connection.close()
        return _explained(answer)

    def _with_account(self, text: str, before: str, after: str) -> str:
        """Return a text with the access key of its credential replaced by the account.

        LocalStack takes twelve digits for an account and any other key for 000000000000; it checks no signature
        (localstack/aws/accounts.py, 4.12).
        """
        pattern = f"({re.escape(before)})[^/%&,\\s]+({re.escape(after)})"
        return re.sub(pattern, rf"\g<1>{self._account}\g<2>", text, count=1)

    def _silent(self, request: HttpRequest, error: Exception) -> Passed:
        logger.warning("LocalStack does not answer: %s", error)
        message = (
            f"LocalStack does not answer on {self._host}:{self._port} ({error}). "
            "See eks-lab sandbox status; eks-lab sandbox up starts it again."
        )
        service = service_of(request) or "sts"
        return self._failure(request, service, "", AwsError("ServiceUnavailable", message, status=503))

    def _failure(self, request: HttpRequest, service: str, operation: str, error: AwsError) -> Passed:
        content_type = request.headers.get("content-type", "")
        answer: Answer = protocol.failure(
            _botocore_name(service), operation, error, content_type, "eks-lab-front-door"
        )
        body = b"" if request.method == "HEAD" else answer.body
        return Passed(answer.status, list(answer.headers.items()), body)


def service_of(request: HttpRequest) -> str:
    """Return the signing name of the service that a request is for; empty when it does not say.

    Args:
        request: signed in its header or its query, or with a host as AWS has it (`eks.us-east-1.amazonaws.com`).
    """
    try:
        signature = sigv4.read(request)
    except AwsError:
        signature = None
    if signature is not None:
        return signature.service
    first = request.host.split(".")[0]
    return first if first in OWN_SERVICES else ""


def _botocore_name(service: str) -> str:
    known = {"elasticloadbalancing": "elbv2", "elasticfilesystem": "efs", "monitoring": "cloudwatch"}
    name = known.get(service, service)
    try:
        destination.service_model(name)
    except Exception:  # noqa: BLE001 - botocore's loader has errors of many kinds; any means: not known
        return "sts"
    return name


def _explained(answer: Passed) -> Passed:
    """Return an answer with LocalStack's sentence about licences made plain, in the same envelope."""
    if answer.status != 501:
        return answer
    found = _LICENCE.search(answer.body)
    if found is None:
        return answer
    body = answer.body[: found.start()] + licence_sentence(found).encode() + answer.body[found.end() :]
    return Passed(answer.status, answer.headers, body)


def licence_sentence(found: re.Match[bytes]) -> str:
    """Return what a learner is told of a service that the free edition of LocalStack lacks."""
    service = found.group("service").decode()
    what = _FULL_NAMES.get(service, service)
    if found.group("action"):
        what = f"{found.group('action').decode()} of {what}"
    return (
        f"The free edition of LocalStack has no {what}. The embedded backend may simulate it: {_EMBEDDED}; "
        "or set LOCALSTACK_AUTH_TOKEN to the token of a licence that has it."
    )


async def _body(receive: Receive) -> bytes | None:
    """Return the whole body; None when the client has gone."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if not message.get("more_body") or size > LARGEST_BODY:
            return b"".join(parts)


def _replayed(body: bytes) -> Receive:
    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


async def _send(send: Send, answer: Passed) -> None:
    headers = [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in answer.headers
        if name.lower() not in _HOP_BY_HOP and name.lower() not in ("content-length", "server", "date")
    ]
    # The answer to HEAD has the length of a body that is not sent.
    said = next((value for name, value in answer.headers if name.lower() == "content-length"), "")
    length = said if said and not answer.body else str(len(answer.body))
    headers.append((b"content-length", length.encode()))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
