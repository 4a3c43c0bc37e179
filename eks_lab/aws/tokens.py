"""The tokens of `aws eks get-token`: a presigned GetCallerIdentity that names the cluster.

Source: https://github.com/kubernetes-sigs/aws-iam-authenticator, pkg/token/token.go (rules of the presigned URL).
"""

from __future__ import annotations

import base64
import binascii
from datetime import datetime, timedelta
from typing import Protocol
from urllib.parse import urlsplit

from eks_lab.aws.errors import AwsError
from eks_lab.aws.gateway import signature as sigv4
from eks_lab.aws.gateway.http_request import HttpRequest
from eks_lab.aws.iam.credentials import Credentials
from eks_lab.aws.iam.engine import Iam
from eks_lab.aws.principal import Principal
from eks_lab.clock import Clock

PREFIX = "k8s-aws-v1."
CLUSTER_HEADER = "x-k8s-aws-id"
LIFETIME = timedelta(minutes=15)
"""How long a token is good for, whatever its X-Amz-Expires says."""
PRESIGNED_SECONDS = 60
"""X-Amz-Expires that get-token writes."""
LONGEST_TOKEN = 4096 * 4
_PARAMETERS = {
    *("action", "version", "x-amz-algorithm", "x-amz-credential", "x-amz-date", "x-amz-expires"),
    *("x-amz-security-token", "x-amz-signature", "x-amz-signedheaders", "x-amz-user-agent"),
}


class Owner(Protocol):
    """The account, as far as tokens are judged."""

    iam: Iam

    @property
    def wall(self) -> Clock:
        """Return real time: clients sign by it."""
        ...


class TokenRefusedError(Exception):
    """A token is none of EKS, is too old, or nobody of this account signed it; the text says which."""


def is_eks_token(token: str) -> bool:
    """Return whether a bearer token claims to be one of get-token."""
    return token.startswith(PREFIX)


def principal_of(account: Owner, token: str, cluster: str) -> Principal | None:
    """Return who made a token, None when it is not good; see `verify`."""
    try:
        return verify(account, token, cluster)
    except TokenRefusedError:
        return None


def verify(account: Owner, token: str, cluster: str) -> Principal:
    """Return who made a token.

    Args:
        account: whose keys may have signed it.
        token: `k8s-aws-v1.…`, of an Authorization header.
        cluster: name that the token must have been made for.

    Raises:
        TokenRefusedError: with the authenticator's reason.
    """
    url = urlsplit(_decoded(token))
    if url.scheme not in ("https", "http") or not url.netloc:
        raise TokenRefusedError(f"unexpected scheme {url.scheme!r} in pre-signed URL")
    if url.path not in ("", "/"):
        raise TokenRefusedError("unexpected path in pre-signed URL")
    headers = {"host": url.netloc, CLUSTER_HEADER: cluster}
    request = HttpRequest("GET", "/", url.query, headers)
    for name in request.parameters:
        if name.lower() not in _PARAMETERS:
            raise TokenRefusedError(f"non-whitelisted query parameter {name!r}")
    if request.parameters.get("Action") != "GetCallerIdentity":
        raise TokenRefusedError("unexpected action parameter in pre-signed URL")
    try:
        found = sigv4.read(request)
        signed = sigv4.moment_of(found) if found is not None else None
    except AwsError as error:
        raise TokenRefusedError(error.message) from error
    if found is None or signed is None or found.service != "sts":
        raise TokenRefusedError("the pre-signed URL is not signed for STS")
    if CLUSTER_HEADER not in found.signed_headers:
        raise TokenRefusedError(f"client did not sign the {CLUSTER_HEADER} header in the pre-signed URL")
    now = account.wall.now()
    if now > signed + LIFETIME or signed > now + LIFETIME:
        raise TokenRefusedError("X-Amz-Date parameter is expired (15 minute expiration)")
    return _signer(account, request, found)


def _decoded(token: str) -> str:
    if not is_eks_token(token):
        raise TokenRefusedError(f"token is missing expected {PREFIX!r} prefix")
    if len(token) > LONGEST_TOKEN:
        raise TokenRefusedError("token is too large")
    text = token.removeprefix(PREFIX).rstrip("=")
    try:
        return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError) as error:
        raise TokenRefusedError(str(error)) from error


def _signer(account: Owner, request: HttpRequest, found: sigv4.Signature) -> Principal:
    try:
        credentials = account.iam.credentials(found.access_key, found.token)
    except AwsError as error:
        raise TokenRefusedError(error.message) from error
    if not sigv4.verify(request, found, credentials.secret):
        raise TokenRefusedError(sigv4.MISMATCH)
    return credentials.principal


def make(credentials: Credentials, cluster: str, region: str, now: datetime) -> str:
    """Return a token as `aws eks get-token` makes it.

    Args:
        credentials: of who asks.
        cluster: its name.
        region: whose STS is named.
        now: by the wall's clock.
    """
    host = f"sts.{region}.amazonaws.com"
    request = HttpRequest(
        "GET", "/", "Action=GetCallerIdentity&Version=2011-06-15", {"host": host, CLUSTER_HEADER: cluster}
    )
    query = sigv4.presigned(
        request,
        access_key=credentials.access_key,
        secret=credentials.secret,
        token=credentials.token,
        region=region,
        service="sts",
        now=now,
        seconds=PRESIGNED_SECONDS,
    )
    return PREFIX + base64.urlsafe_b64encode(f"https://{host}/?{query}".encode()).decode().rstrip("=")
