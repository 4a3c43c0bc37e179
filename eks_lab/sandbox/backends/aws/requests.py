"""Calls to AWS: what may leave is decided here, for every client and for the clients that get credentials, too.

Throttled calls are made again after a wait that a learner can end. Changes are never made twice when it is unknown
whether the first one arrived: what was made is found again by its name or its tags.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Iterator, Mapping
from enum import IntEnum
from typing import Any

from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
    ReadTimeoutError,
)

from eks_lab.errors import EksLabError, UnavailableError
from eks_lab.sandbox.backends.aws.profile import session_of
from eks_lab.sandbox.backends.interface import Cancel

TRIES = 8
LONGEST_WAIT_SECONDS = 20.0
READ_TIMEOUT_SECONDS = 60
THROTTLED = frozenset(
    {
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottled", "RequestThrottledException",
        "RequestLimitExceeded", "TooManyRequestsException", "SlowDown", "BandwidthLimitExceeded",
    }
)  # fmt: skip
"""Refused unseen, so that the call may be made again (botocore, retries/standard.py, ThrottledRetryableChecker)."""
EXPIRED = frozenset({"ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"})
DENIED = frozenset(
    {"AccessDenied", "AccessDeniedException", "UnauthorizedOperation", "AuthorizationError", "NotAuthorized"}
)
READS = re.compile(r"(Describe|List|Get)[A-Z].*")
"""Names of operations that change nothing."""
NO_READS = frozenset(
    {"GetSessionToken", "GetFederationToken", "GetAuthorizationToken", "GetDelegatedAccessToken"}
)
"""They hand out credentials."""
CREDENTIAL_CALLS = frozenset(
    {
        ("STS", "AssumeRole"), ("STS", "AssumeRoleWithWebIdentity"), ("SSO", "GetRoleCredentials"),
        ("SSO OIDC", "CreateToken"), ("Signin", "CreateOAuth2Token"),
    }
)  # fmt: skip
"""Service id and operation: what botocore asks by itself for the credentials of a profile."""
_UNREACHABLE = (
    ConnectTimeoutError,
    EndpointConnectionError,
    ProxyConnectionError,
    ConnectionClosedError,
    ReadTimeoutError,
)

Wait = Callable[[Cancel, float], bool]
"""Waits some seconds; returns early, and True, when it is cancelled."""


class Allowed(IntEnum):
    """What may leave."""

    NOTHING = 0
    IDENTITY = 1
    """sts:GetCallerIdentity, and what getting the profile's credentials takes."""
    READING = 2
    """Describe*, List*, Get*."""
    CHANGING = 3


class NotAllowedError(EksLabError):
    """A request was about to leave that the learner has not allowed."""

    exit_code = 2


class RefusedError(EksLabError):
    """AWS refuses a call."""

    def __init__(self, service: str, operation: str, code: str, message: str, hint: str = "") -> None:
        """Carry AWS's words.

        Args:
            service: botocore's name.
            operation: `CreateVpc`.
            code: `AccessDenied`.
            message: the sentence.
            hint: what to do.
        """
        super().__init__(f"AWS refuses {service}:{operation}: {code}: {message}", hint=hint)
        self.code = code
        self.said = message


class Api:
    """One profile in one region."""

    def __init__(
        self, profile: str, region: str, wait: Wait, endpoint_url: str = "", cancel: Cancel | None = None
    ) -> None:
        """Send nothing.

        Args:
            profile: whose credentials sign.
            region: of every call.
            wait: between two tries.
            endpoint_url: in place of AWS's own; only tests have one.
            cancel: ends waits.
        """
        self.profile = profile
        self.region = region
        self.cancel = cancel or Cancel()
        self._allowed = Allowed.NOTHING
        self._wait = wait
        self._endpoint_url = endpoint_url
        self._session = session_of(profile)
        self._session.register("before-call", self._check)
        self._clients: dict[str, Any] = {}
        self._chance = random.Random(0)

    @property
    def allowed(self) -> Allowed:
        """Return what may leave."""
        return self._allowed

    def allow(self, allowed: Allowed) -> None:
        """Let more, or less, leave.

        Args:
            allowed: from now on.
        """
        self._allowed = allowed

    @property
    def session(self) -> Any:
        """Return botocore's session; what it sends is checked, too."""
        return self._session

    def _check(self, model: Any, **_: Any) -> None:
        """Refuse what is not allowed; botocore calls this before it signs anything."""
        refuse_beyond(self._allowed, str(model.service_model.service_id), str(model.name))

    def client(self, service: str) -> Any:
        """Return a client of botocore.

        Raises:
            NotAllowedError: nothing is allowed yet; making a client may run a profile's credential_process.
        """
        if self._allowed is Allowed.NOTHING:
            raise NotAllowedError(f"nothing may be sent to {service} before the learner has said yes")
        if service not in self._clients:
            config = Config(
                retries={"mode": "standard", "total_max_attempts": 1},
                read_timeout=READ_TIMEOUT_SECONDS,
                connect_timeout=10,
                defaults_mode="standard",
            )
            try:
                self._clients[service] = self._session.create_client(
                    service, region_name=self.region, endpoint_url=self._endpoint_url or None, config=config
                )
            except BotoCoreError as error:
                raise self._unusable(error) from error
        return self._clients[service]

    def call(self, service: str, operation: str, **params: Any) -> dict[str, Any]:
        """Make a call.

        Args:
            service: botocore's name.
            operation: `DescribeVpcs`.
            params: as boto3 takes them.

        Raises:
            RefusedError: AWS refuses.
            UnavailableError: AWS cannot be reached, or there are no credentials.
            StoppedError: it was cancelled between two tries.
        """
        tried = 0
        while True:
            tried += 1
            try:
                return self._once(service, operation, params)
            except ClientError as error:
                if not self._may_repeat(error, operation) or tried == TRIES:
                    raise self._refusal(service, operation, error) from error
            except _UNREACHABLE as error:
                if not is_read(operation) or tried == TRIES:
                    raise UnavailableError(
                        f"AWS cannot be reached: {error}",
                        hint="Check the network, then type the same command again: it goes on where it stopped.",
                    ) from error
            except BotoCoreError as error:
                raise self._unusable(error) from error
            # Full jitter: https://aws.amazon.com/blogs/architecture/exponential-backoff-and-jitter/
            seconds = min(LONGEST_WAIT_SECONDS, 2.0**tried) * (0.5 + self._chance.random() / 2)
            self._wait(self.cancel, seconds)
            self.cancel.check()

    def pages(self, service: str, operation: str, member: str, **params: Any) -> Iterator[Any]:
        """Yield the items of a call that answers in pages.

        Args:
            service: botocore's name.
            operation: `DescribeVpcs`.
            member: of the answer, that lists them.
            params: as boto3 takes them.

        Raises:
            EksLabError: as `call`.
        """
        more: dict[str, Any] = {}
        while True:
            found = self.call(service, operation, **params, **more)
            yield from found.get(member) or ()
            more = _next_page(found)
            if not more:
                return

    def _once(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        client = self.client(service)
        names = {operation: name for name, operation in client.meta.method_to_api_mapping.items()}
        found: dict[str, Any] = getattr(client, names[operation])(**params)
        found.pop("ResponseMetadata", None)
        return found

    def _may_repeat(self, error: ClientError, operation: str) -> bool:
        if code_of(error) in THROTTLED:
            return True
        status = int(error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        return status in (500, 502, 503, 504) and is_read(operation)

    def _refusal(self, service: str, operation: str, error: ClientError) -> RefusedError:
        code = code_of(error)
        said = str(error.response.get("Error", {}).get("Message", ""))
        hint = ""
        if code in EXPIRED:
            hint = (
                f"The credentials of the profile {self.profile} have run out. Renew them (aws sso login --profile"
                f" {self.profile}, aws login, or new keys), then type the same command again."
            )
        elif code in DENIED:
            hint = (
                f"Whoever the profile {self.profile} stands for needs the permission {service}:{operation}. What was"
                " made so far goes with: eks-lab sandbox down"
            )
        elif code in THROTTLED:
            hint = f"AWS was asked {TRIES} times. Wait a few minutes, then type the same command again."
        return RefusedError(service, operation, code, said, hint)

    def _unusable(self, error: BotoCoreError) -> UnavailableError:
        return UnavailableError(
            f"the profile {self.profile} has no usable credentials: {error}",
            hint=f"Look with: aws sts get-caller-identity --profile {self.profile}",
        )


def refuse_beyond(allowed: Allowed, service_id: str, operation: str) -> None:
    """Go on, unless a call is more than what is allowed.

    Args:
        allowed: what may leave.
        service_id: botocore's: `STS`, `EC2`.
        operation: `DescribeVpcs`.

    Raises:
        NotAllowedError: it must not leave.
    """
    if allowed is Allowed.CHANGING:
        return
    if allowed >= Allowed.IDENTITY and (
        (service_id, operation) == ("STS", "GetCallerIdentity") or (service_id, operation) in CREDENTIAL_CALLS
    ):
        return
    if allowed >= Allowed.READING and is_read(operation):
        return
    why = {
        Allowed.NOTHING: "nothing may be sent before the learner has said yes",
        Allowed.IDENTITY: "only sts:GetCallerIdentity may be sent before the account id was typed",
        Allowed.READING: "this cluster is only looked at: Describe*, List* and Get* may be sent",
    }[allowed]
    raise NotAllowedError(f"{service_id} {operation} was not sent: {why}")


def is_read(operation: str) -> bool:
    """Return whether an operation changes nothing and hands out no credentials."""
    return READS.fullmatch(operation) is not None and operation not in NO_READS


def code_of(error: ClientError) -> str:
    """Return AWS's code of a refusal."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _next_page(found: Mapping[str, Any]) -> dict[str, Any]:
    for answer, question in (
        ("NextToken", "NextToken"),
        ("nextToken", "nextToken"),
        ("PaginationToken", "PaginationToken"),
        ("NextMarker", "Marker"),
        ("Marker", "Marker"),
    ):
        if found.get(answer):
            return {question: found[answer]}
    return {}
