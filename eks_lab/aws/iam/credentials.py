"""Keys and what they stand for: lasting ones of users, temporary ones of sessions.

A session token carries the whole session, sealed with a key of the account, as AWS's own tokens do: nothing has to
be stored, and a restart ends no session.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from eks_lab.aws.principal import Kind, Principal

ROOT_KEYS = {"test": "test", "accesskey": "secretkey"}
"""Access keys and secrets of the account itself: those of awslocal, tflocal and LocalStack's guides, and of localstack-client."""
_PREFIX = "IQoJb3JpZ2luX2VjE"
"""Session tokens of AWS begin so."""
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"


@dataclass(frozen=True, slots=True)
class Credentials:
    """Keys with whom they stand for."""

    access_key: str
    secret: str
    token: str
    """Empty for lasting keys."""
    principal: Principal
    expiration: datetime | None = None
    """By the clock named beside; None for lasting keys."""
    by_wall: bool = False
    """Whether real time decides: for clients outside; inside the simulation simulated time does."""
    issued: datetime | None = None


class Seal:
    """Makes session tokens and reads them back."""

    def __init__(self, secret: bytes) -> None:
        """Take the account's secret.

        Args:
            secret: anything that stays the same over restarts.
        """
        self._secret = hashlib.sha256(b"session tokens" + secret).digest()

    def issue(
        self,
        principal: Principal,
        nonce: str,
        expiration: datetime,
        *,
        by_wall: bool,
        issued: datetime,
    ) -> Credentials:
        """Return new credentials of a session.

        Args:
            principal: the session.
            nonce: fresh, so that no two sessions have the same keys.
            expiration: after which they are refused.
            by_wall: whose time that is.
            issued: `aws:TokenIssueTime`.
        """
        digest = hashlib.sha256(f"{nonce}{principal.arn}".encode()).digest()
        access_key = "ASIA" + "".join(_LETTERS[byte % 32] for byte in digest[:16])
        claims = {
            "key": access_key,
            "kind": principal.kind,
            "account": principal.account,
            "arn": principal.arn,
            "id": principal.unique_id,
            "name": principal.name,
            "session": principal.session,
            "policies": list(principal.session_policies),
            "tags": dict(principal.tags),
            "transitive": list(principal.transitive),
            "expires": expiration.timestamp(),
            "wall": by_wall,
            "issued": issued.timestamp(),
        }
        packed = zlib.compress(json.dumps(claims, separators=(",", ":")).encode(), 9)
        body = self._mac(b"token", packed)[:16] + packed
        token = _PREFIX + base64.b64encode(body).decode()
        return Credentials(
            access_key=access_key,
            secret=self._secret_of(access_key),
            token=token,
            principal=principal,
            expiration=expiration,
            by_wall=by_wall,
            issued=issued,
        )

    def read(self, access_key: str, token: str) -> Credentials | None:
        """Return the credentials of a token, expired or not; None when this account did not make it."""
        if not token.startswith(_PREFIX):
            return None
        try:
            body = base64.b64decode(token.removeprefix(_PREFIX), validate=True)
        except ValueError:
            return None
        if not hmac.compare_digest(self._mac(b"token", body[16:])[:16], body[:16]):
            return None
        claims: dict[str, Any] = json.loads(zlib.decompress(body[16:]))
        if claims["key"] != access_key:
            return None
        kind: Kind = claims["kind"]
        principal = Principal(
            kind,
            claims["account"],
            claims["arn"],
            claims["id"],
            name=claims["name"],
            session=claims["session"],
            session_policies=tuple(claims["policies"]),
            tags=claims["tags"],
            transitive=tuple(claims["transitive"]),
        )
        return Credentials(
            access_key=access_key,
            secret=self._secret_of(access_key),
            token=token,
            principal=principal,
            expiration=datetime.fromtimestamp(claims["expires"], UTC),
            by_wall=claims["wall"],
            issued=datetime.fromtimestamp(claims["issued"], UTC),
        )

    def close(self, text: str) -> str:
        """Return an opaque form of a text: the encoded part of EC2's refusals."""
        packed = zlib.compress(text.encode(), 9)
        return base64.urlsafe_b64encode(self._mac(b"message", packed)[:16] + packed).rstrip(b"=").decode()

    def open(self, encoded: str) -> str | None:
        """Return the text of an opaque form, None when this account did not make it."""
        try:
            body = base64.urlsafe_b64decode(encoded + "=" * (-len(encoded) % 4))
        except ValueError:
            return None
        if not hmac.compare_digest(self._mac(b"message", body[16:])[:16], body[:16]):
            return None
        return zlib.decompress(body[16:]).decode()

    def _mac(self, purpose: bytes, content: bytes) -> bytes:
        return hmac.new(self._secret, purpose + content, hashlib.sha256).digest()

    def _secret_of(self, access_key: str) -> str:
        return base64.b64encode(self._mac(b"secret", access_key.encode())[:30]).decode()
