"""Who sent a request: the signature is checked, and what is refused is refused in the service's own words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from eks_lab.aws.errors import AwsError
from eks_lab.aws.gateway import signature as sigv4
from eks_lab.aws.gateway import signature_v2
from eks_lab.aws.gateway.http_request import HttpRequest
from eks_lab.aws.gateway.protocol import protocol_of
from eks_lab.aws.principal import Principal

if TYPE_CHECKING:
    from eks_lab.aws.iam.credentials import Credentials
    from eks_lab.aws.iam.engine import Iam
    from eks_lab.clock import Clock

UNSIGNED = {
    ("sts", "AssumeRoleWithWebIdentity"),
    ("sts", "AssumeRoleWithSAML"),
}
"""Operations that nobody signs: a token in the parameters says who asks."""


@dataclass(frozen=True, slots=True)
class _Words:
    """Code, sentence and status of each refusal."""

    unknown: tuple[str, str, int]
    mismatch: tuple[str, str, int]
    expired: tuple[str, str, int]
    missing: tuple[str, str, int]
    region: tuple[str, str, int]


_INVALID = "The security token included in the request is invalid."
_EXPIRED = "The security token included in the request is expired"
_SCOPE = "Credential should be scoped to a valid region. "
_QUERY = _Words(
    unknown=("InvalidClientTokenId", _INVALID, 403),
    mismatch=("SignatureDoesNotMatch", sigv4.MISMATCH, 403),
    expired=("ExpiredToken", _EXPIRED, 403),
    missing=("MissingAuthenticationToken", "Request is missing Authentication Token", 403),
    region=("SignatureDoesNotMatch", _SCOPE, 403),
)
_EC2_REFUSAL = "AWS was not able to validate the provided access credentials"
_EC2 = _Words(
    unknown=("AuthFailure", _EC2_REFUSAL, 401),
    mismatch=("AuthFailure", _EC2_REFUSAL, 401),
    expired=("RequestExpired", "Request has expired.", 400),
    missing=("MissingParameter", "The request must contain the parameter AWSAccessKeyId", 400),
    region=("AuthFailure", _EC2_REFUSAL, 401),
)
_JSON = _Words(
    unknown=("UnrecognizedClientException", _INVALID, 400),
    mismatch=("InvalidSignatureException", sigv4.MISMATCH, 400),
    expired=("ExpiredTokenException", _EXPIRED, 400),
    missing=("MissingAuthenticationTokenException", "Missing Authentication Token", 403),
    region=("InvalidSignatureException", _SCOPE, 400),
)
_REST_JSON = _Words(
    unknown=("UnrecognizedClientException", _INVALID, 403),
    mismatch=("InvalidSignatureException", sigv4.MISMATCH, 403),
    expired=("ExpiredTokenException", f"{_EXPIRED}.", 403),
    missing=("MissingAuthenticationTokenException", "Missing Authentication Token", 403),
    region=("InvalidSignatureException", _SCOPE, 403),
)
_S3_MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your key and "
    "signing method."
)
_S3 = _Words(
    unknown=("InvalidAccessKeyId", "The AWS Access Key Id you provided does not exist in our records.", 403),
    mismatch=("SignatureDoesNotMatch", _S3_MISMATCH, 403),
    expired=("ExpiredToken", "The provided token has expired.", 400),
    missing=("AccessDenied", "Access Denied", 403),
    region=(
        "AuthorizationHeaderMalformed",
        "The authorization header is malformed; the region is wrong",
        400,
    ),
)


def words(service: str) -> _Words:
    """Return the refusals of a service, by its protocol."""
    protocol = protocol_of(service)
    if service == "s3":
        return _S3
    return {"ec2": _EC2, "query": _QUERY, "json": _JSON, "rest-json": _REST_JSON}.get(protocol, _QUERY)


def refusal(found: tuple[str, str, int]) -> AwsError:
    """Return an error of code, sentence and status."""
    code, message, status = found
    return AwsError(code, message, status=status)


def anonymous(account: str) -> Principal:
    """Return who sends unsigned requests: nobody in particular."""
    return Principal("user", account, "anonymous", "")


class Authentication:
    """Checks signatures against the account's keys."""

    def __init__(self, iam: Iam, wall: Clock, account: str) -> None:
        """Take who knows the keys.

        Args:
            iam: of the account.
            wall: real time: clients sign by it.
            account: twelve digits.
        """
        self._iam = iam
        self._wall = wall
        self._account = account

    def principal(
        self, request: HttpRequest, signature: sigv4.Signature | None, service: str, operation: str
    ) -> Principal:
        """Return who sent a request.

        Args:
            request: as it came: what was signed.
            signature: that it carries, or None.
            service: botocore's name.
            operation: that is called.

        Raises:
            AwsError: in the words of the service.
        """
        if (service, operation) in UNSIGNED:
            return anonymous(self._account)
        if signature is None:
            if service == "s3":
                return self._old_or_nobody(request)
            raise refusal(words(service).missing)
        credentials = self.credentials(signature.access_key, signature.token, service)
        if not sigv4.verify(request, signature, credentials.secret):
            raise refusal(words(service).mismatch)
        if sigv4.is_expired(signature, self._wall.now()):
            raise self._expired(signature, service)
        return credentials.principal

    def _old_or_nobody(self, request: HttpRequest) -> Principal:
        """Return who presigned a URL of S3 in the old form, nobody when nobody did."""
        old = signature_v2.read(request)
        if old is None:
            return anonymous(self._account)
        credentials = self.credentials(old.access_key, old.token, "s3")
        if not signature_v2.verify(request, old, credentials.secret):
            raise refusal(words("s3").mismatch)
        if old.is_expired(self._wall.now()):
            raise AwsError("AccessDenied", "Request has expired", status=403)
        return credentials.principal

    def credentials(self, access_key: str, token: str, service: str) -> Credentials:
        """Return what a key stands for.

        Args:
            access_key: of the request.
            token: session token; empty for lasting keys.
            service: botocore's name.

        Raises:
            AwsError: it is unknown or expired, in the words of the service.
        """
        try:
            return self._iam.credentials(access_key, token)
        except AwsError as error:
            said = words(service)
            raise refusal(said.expired if error.code == "ExpiredToken" else said.unknown) from error

    def _expired(self, signature: sigv4.Signature, service: str) -> AwsError:
        if service == "s3":
            return AwsError("AccessDenied", "Request has expired", status=403)
        end = sigv4.moment_of(signature).timestamp() + (signature.expires or 0)
        now = self._wall.now().strftime("%Y%m%dT%H%M%SZ")
        return AwsError(
            "SignatureDoesNotMatch" if service != "ec2" else "RequestExpired",
            f"Signature expired: {signature.moment} is now earlier than {now} (it was good until {int(end)})",
            status=403,
        )
