"""A cluster's issuer of service-account tokens."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.aws.account_fake import FakeAccount

ISSUER = "https://oidc.eks.us-east-1.amazonaws.com/id/0123456789ABCDEF0123456789ABCDEF"
PROVIDER = ISSUER.removeprefix("https://")


@cache
def _key(number: int) -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _text(value: int) -> str:
    return urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8, "big")).rstrip(b"=").decode()


def publish(account: FakeAccount, issuer: str = ISSUER) -> None:
    """Let the account's clusters have an issuer."""
    numbers = _key(0).public_key().public_numbers()
    key = {
        "kty": "RSA",
        "kid": "one",
        "alg": "RS256",
        "use": "sig",
        "n": _text(numbers.n),
        "e": _text(numbers.e),
    }
    account.kubernetes.known[issuer] = {"keys": [key]}


def token(account: FakeAccount, *, audience: str = "sts.amazonaws.com", key: int = 0, **claims: Any) -> str:
    """Return a token of the service account default/app."""
    now = account.clock.now()
    subject = claims.pop("subject", "system:serviceaccount:default:app")
    headers = {"kid": claims.pop("kid", "one")}
    given = {
        "iss": ISSUER,
        "sub": subject,
        "aud": [audience],
        "nbf": int(now.timestamp()),
        "exp": int((now + timedelta(hours=1)).timestamp()),
        "kubernetes.io": {"namespace": "default", "pod": {"name": "app-1", "uid": "u-1"}},
        **claims,
    }
    pem = _key(key).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return jwt.encode(given, pem.decode(), algorithm="RS256", headers=headers)
