"""The AWS API of one account: over HTTP for clients, in process for everything simulated."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from eks_lab.aws.errors import AwsError
from eks_lab.aws.gateway import destination, moto_client, protocol
from eks_lab.aws.gateway import signature as sigv4
from eks_lab.aws.gateway.authentication import Authentication, refusal, words
from eks_lab.aws.gateway.destination import Destination, service_model
from eks_lab.aws.gateway.http_request import HttpRequest, from_scope
from eks_lab.aws.gateway.moto_services import MotoServices, NotSimulatedError
from eks_lab.aws.gateway.not_simulated import not_simulated
from eks_lab.aws.gateway.protocol import Answer
from eks_lab.aws.iam.actions import actions_of
from eks_lab.aws.moto_loading import regions_of
from eks_lab.aws.principal import Principal
from eks_lab.aws.service import Call, Service

if TYPE_CHECKING:
    from eks_lab.aws.iam.engine import Iam
    from eks_lab.aws.moto_loading import Moto
    from eks_lab.clock import Clock

logger = logging.getLogger(__name__)

Extension = Callable[[dict[str, Any], Call], dict[str, Any]]
"""One operation of a service that moto has otherwise: parameters and circumstances -> members of the output."""
Send = Callable[[dict[str, Any]], Awaitable[None]]
Receive = Callable[[], Awaitable[dict[str, Any]]]
LARGEST_BODY = 64 * 1024 * 1024
STATUS_PATH = "/moto-api/"


class Owner(Protocol):
    """The account, as far as the gateway looks."""

    id: str
    region: str
    seed: int
    moto: Moto
    iam: Iam
    services: dict[str, Service]

    @property
    def clock(self) -> Clock:
        """Return simulated time."""
        ...

    @property
    def wall(self) -> Clock:
        """Return real time."""
        ...


class Gateway:
    """Reads, identifies, decides, dispatches; an ASGI application."""

    def __init__(self, account: Owner) -> None:
        """Take the account; its services are looked up at each call."""
        from eks_lab.aws.iam.operations import iam_extensions

        self._account = account
        self._authentication = Authentication(account.iam, account.wall, account.id)
        self._moto = MotoServices(account.moto)
        self._extensions: dict[tuple[str, str], Extension] = {}
        self._calls = 0
        for (service, operation), function in iam_extensions(account).items():
            self.extend(service, operation, function)

    @property
    def calls(self) -> int:
        """Return how many calls were made, refused ones included."""
        return self._calls

    def extend(self, service: str, operation: str, function: Extension) -> None:
        """Answer one operation of one of moto's services here.

        Args:
            service: botocore's name.
            operation: `SimulatePrincipalPolicy`.
            function: called when IAM has allowed it.
        """
        self._extensions[service, operation] = function

    # --- in process -----------------------------------------------------------------------------------------

    def call(
        self, service: str, operation: str, params: dict[str, Any], *, principal: Principal, region: str
    ) -> dict[str, Any]:
        """Make a call without HTTP; see `Account.call`.

        Raises:
            AwsError: AWS refuses.
            KeyError: botocore's model has no such operation.
        """
        from botocore.model import OperationNotFoundError

        try:
            service_model(service).operation_model(operation)
        except OperationNotFoundError as error:
            raise KeyError(f"{service} {operation}") from error
        context = self._context(principal, region)
        self._decide(service, operation, params, context)
        own = self._own(service, operation, params, context)
        return own if own is not None else self.ask_moto(service, operation, params, context)

    def ask_moto(self, service: str, operation: str, params: dict[str, Any], context: Call) -> dict[str, Any]:
        """Return what moto answers by itself, whoever extends the operation; IAM is not asked.

        Args:
            service: botocore's name.
            operation: `DescribeAutoScalingGroups`.
            params: as boto3 takes them.
            context: of the call that leads here.

        Raises:
            AwsError: moto refuses.
        """
        key = self._key_of(context.principal)
        request = moto_client.request_of(service, operation, params, key, context.region)
        found = destination.Destination(service, context.region, operation, request, {})
        return moto_client.result_of(service, operation, self._moto_answer(found, context.request_id))

    def _key_of(self, principal: Principal) -> str:
        user = self._account.iam.identities.user(principal.name) if principal.kind == "user" else None
        keys = user.access_keys if user is not None else ()
        return str(keys[0].access_key_id) if keys else "AKIAEXAMPLEEXAMPLE00"

    # --- one path for both ----------------------------------------------------------------------------------

    def _context(self, principal: Principal, region: str) -> Call:
        self._calls += 1
        digest = hashlib.md5(
            f"{self._account.seed}/{self._calls}".encode(), usedforsecurity=False
        ).hexdigest()
        request_id = "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:]))
        return Call(principal, region, request_id, self._account.clock.now())

    def _decide(self, service: str, operation: str, params: dict[str, Any], context: Call) -> None:
        """Check parameters, then ask IAM for everything that the call needs.

        Raises:
            AwsError: the call is refused.
        """
        protocol.check(service, operation, params)
        own = self._account.services.get(service)
        asked = (
            own.actions(operation, params, context)
            if own is not None
            else actions_of(
                self._account, service, operation, params, context.region, context.principal.iam_arn
            )
        )
        for action in asked:
            given = {"aws:RequestedRegion": context.region, **action.context}
            self._account.iam.require(context.principal, action.name, action.resource, given)

    def _own(
        self, service: str, operation: str, params: dict[str, Any], context: Call
    ) -> dict[str, Any] | None:
        """Return the result of a service or an operation of our own, None when it is moto's.

        Raises:
            AwsError: the call is refused.
        """
        extension = self._extensions.get((service, operation))
        if extension is not None:
            return extension(params, context)
        own = self._account.services.get(service)
        if own is None:
            return None
        try:
            return own.handle(operation, params, context)
        except NotImplementedError as error:
            nearest = getattr(error, "nearest", "")
            simulated = [nearest] if nearest else _operations_of(own)
            raise not_simulated(service, operation, simulated, str(error)) from error

    def _moto_answer(self, found: Destination, request_id: str) -> Answer:
        if not self._moto.has(found.service):
            raise not_simulated(found.service, found.operation)
        try:
            return self._moto.handle(found, request_id)
        except NotSimulatedError:
            raise not_simulated(
                found.service, found.operation, self._moto.operations(found.service)
            ) from None

    # --- over HTTP ------------------------------------------------------------------------------------------

    def answer(self, request: HttpRequest) -> Answer:
        """Answer a request; a refusal is an answer, too."""
        if request.path.startswith("/_localstack"):
            # Whoever asks wants to know whether this is LocalStack; it is not.
            return Answer(404, b"Not Found", {"Content-Type": "text/plain"})
        if request.path.startswith(STATUS_PATH):
            return Answer(
                200, b'{"status": "running", "by": "eks-lab"}', {"Content-Type": "application/json"}
            )
        service, operation = "s3", ""
        content_type = request.headers.get("content-type", "")
        context = self._context(Principal("user", self._account.id, "anonymous", ""), self._account.region)
        try:
            signature = sigv4.read(request)
            found = destination.find(request, signature, self._account.region)
            service, operation = found.service, found.operation
            if signature is not None and found.region not in _regions():
                raise refusal(words(service).region)
            principal = self._authentication.principal(request, signature, service, operation)
            if not operation:
                raise _unknown_operation(found)
            context = Call(principal, found.region, context.request_id, context.now, is_over_http=True)
            params = protocol.parameters(found)
            self._decide(service, operation, params, context)
            own = self._own(service, operation, params, context)
            if own is not None:
                return protocol.success(service, operation, own, content_type, context.request_id)
            return self._moto_answer(found, context.request_id)
        except AwsError as error:
            logger.debug("%s %s: %s", service, operation, error)
            answer = protocol.failure(service, operation, error, content_type, context.request_id)
            return answer if request.method != "HEAD" else Answer(answer.status, b"", answer.headers)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Serve one connection as ASGI asks."""
        if scope["type"] == "lifespan":
            while True:
                message = await receive()
                await send({"type": f"{message['type']}.complete"})
                if message["type"] == "lifespan.shutdown":
                    return
        if scope["type"] != "http":
            return
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                return
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if not message.get("more_body") or size > LARGEST_BODY:
                break
        answer = self._answer_or_defect(scope, b"".join(parts), size)
        headers = [
            (name.lower().encode(), value.encode("latin-1", "replace"))
            for name, value in answer.headers.items()
        ]
        if not any(name == b"content-length" for name, _ in headers):
            headers.append((b"content-length", str(len(answer.body)).encode()))
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        await send({"type": "http.response.body", "body": answer.body})

    def _answer_or_defect(self, scope: Mapping[str, Any], body: bytes, size: int) -> Answer:
        if size > LARGEST_BODY:
            return Answer(413, b"Request Entity Too Large", {"Content-Type": "text/plain"})
        try:
            return self.answer(from_scope(scope, body))
        except Exception:
            # The edge: a defect of ours must not end the daemon.
            logger.exception("%s %s failed", scope["method"], scope["path"])
            return Answer(
                500, b'{"__type": "InternalFailure"}', {"Content-Type": "application/x-amz-json-1.1"}
            )


def _regions() -> frozenset[str]:
    return frozenset((*regions_of("ec2"), "aws-global"))


def _operations_of(service: Service) -> list[str]:
    return list(getattr(service, "operations", ()))


def _unknown_operation(found: Destination) -> AwsError:
    kind = protocol.protocol_of(found.service)
    if kind in ("query", "ec2"):
        form = found.request.form
        message = f"The action {form.get('Action', '')} is not valid for this web service."
        if kind == "query":
            message = (
                f"Could not find operation {form.get('Action', '')} for version {form.get('Version', '')}"
            )
        return AwsError("InvalidAction", message)
    if kind == "json":
        return AwsError("UnknownOperationException", "", status=400)
    return AwsError("UnknownOperationException", "The requested operation is not known", status=404)
