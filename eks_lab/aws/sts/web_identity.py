"""Tokens of identity providers: signature, issuer, audience, time.

Source: https://docs.aws.amazon.com/STS/latest/APIReference/API_AssumeRoleWithWebIdentity.html (2026-11-23).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import jwt

from eks_lab.aws.errors import AwsError

Keys = Callable[[str], "Mapping[str, Any] | None"]
"""Issuer -> its public keys (JWKS), None for an issuer that nobody is."""
_UNJUDGED: dict[str, Any] = {
    "verify_aud": False,
    "verify_exp": False,
    "verify_nbf": False,
    "verify_iat": False,
}


@dataclass(frozen=True, slots=True)
class WebIdentity:
    """A token that was signed by its issuer."""

    issuer: str
    subject: str
    audiences: tuple[str, ...]
    expires: int
    """Seconds since 1970."""
    not_before: int
    claims: Mapping[str, Any]

    @property
    def provider(self) -> str:
        """Return the issuer as IAM names providers and condition keys: without `https://`."""
        return self.issuer.removeprefix("https://").rstrip("/")


class TokenError(Exception):
    """A token is not one, or was not signed by its issuer."""

    def __init__(self, message: str, *, is_unknown_key: bool = False) -> None:
        """Say what is wrong.

        Args:
            message: for logs.
            is_unknown_key: whether the issuer has no such key.
        """
        super().__init__(message)
        self.is_unknown_key = is_unknown_key


def issuer_of(token: str) -> str:
    """Return who a token says its issuer is; nothing is verified.

    Raises:
        TokenError: it is no token.
    """
    try:
        claims = jwt.decode(token, options={"verify_signature": False})
    except jwt.InvalidTokenError as error:
        raise TokenError(str(error)) from error
    return str(claims.get("iss", ""))


def verified(token: str, keys: Mapping[str, Any] | None) -> WebIdentity:
    """Return a token whose signature is good; times and audience are for the caller to judge.

    Args:
        token: a JWT.
        keys: of its issuer; None when nobody publishes any.

    Raises:
        TokenError: it is no token, or not signed by the issuer.
    """
    try:
        header = jwt.get_unverified_header(token)
    except jwt.InvalidTokenError as error:
        raise TokenError(str(error)) from error
    found = [key for key in (keys or {}).get("keys", ()) if key.get("kid") == header.get("kid")]
    if not found:
        raise TokenError(f"no key {header.get('kid')!r}", is_unknown_key=True)
    try:
        claims = jwt.decode(
            token,
            jwt.PyJWK.from_dict(dict(found[0])).key,
            algorithms=["RS256"],
            options=_UNJUDGED,  # type: ignore[arg-type]
        )
    except jwt.InvalidTokenError as error:
        raise TokenError(str(error)) from error
    audience = claims.get("aud", ())
    return WebIdentity(
        issuer=str(claims.get("iss", "")),
        subject=str(claims.get("sub", "")),
        audiences=(audience,) if isinstance(audience, str) else tuple(str(each) for each in audience),
        expires=int(claims.get("exp", 0)),
        not_before=int(claims.get("nbf", 0)),
        claims=claims,
    )


def accepted(
    token: str, providers: Mapping[str, Any], keys_of: Keys, now: datetime
) -> tuple[WebIdentity, Any]:
    """Return a token that STS accepts, and the IAM provider it came from.

    Args:
        token: of AssumeRoleWithWebIdentity.
        providers: the account's OpenID Connect providers by ARN, as moto keeps them.
        keys_of: public keys of an issuer.
        now: simulated moment.

    Raises:
        AwsError: InvalidIdentityToken or ExpiredTokenException, in the words of STS.
    """
    try:
        issuer = issuer_of(token)
    except TokenError as error:
        raise _invalid(
            "The ID Token provided is not a valid JWT. (You may see this error if you sent an Access Token)"
        ) from error
    name = issuer.removeprefix("https://").rstrip("/")
    provider = next((each for each in providers.values() if each.url.rstrip("/") == name), None)
    if provider is None:
        raise _invalid(f"No OpenIDConnect provider found in your account for {issuer}")
    try:
        found = verified(token, keys_of(issuer))
    except TokenError as error:
        if error.is_unknown_key:
            raise _invalid(
                "Couldn't retrieve verification key from your identity provider,  please reference "
                "AssumeRoleWithWebIdentity documentation for requirements"
            ) from error
        raise _invalid("The signature of the ID Token is invalid") from error
    seconds = int(now.timestamp())
    if seconds >= found.expires:
        raise AwsError(
            "ExpiredTokenException",
            f"Token expired: current date/time {seconds} must be before the expiration date/time {found.expires}",
        )
    if seconds < found.not_before:
        raise _invalid(
            f"Token not yet valid: current date/time {seconds} must be after the not-before date/time "
            f"{found.not_before}"
        )
    if not set(found.audiences) & set(provider.client_id_list):
        raise _invalid("Incorrect token audience")
    return found, provider


def _invalid(message: str) -> AwsError:
    return AwsError("InvalidIdentityToken", message)
