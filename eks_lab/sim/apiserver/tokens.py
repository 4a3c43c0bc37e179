"""Service-account tokens: RS256 JWTs with an issuer that publishes its keys (pkg/serviceaccount/{claims,jwt}.go)."""

from __future__ import annotations

import functools
import hashlib
from base64 import urlsafe_b64encode
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from eks_lab.errors import InputError
from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.certificates import private_pem
from eks_lab.sim.objects import Key, Obj, User, is_deleting, uid_of

ISSUER = "https://kubernetes.default.svc.cluster.local"
AUDIENCE = "https://kubernetes.default.svc"
SHORTEST, LONGEST = 600, 1 << 32
"""Seconds that a TokenRequest may ask for."""
EXTENDED = timedelta(days=365)
"""What a pod's default token really lives for: clients that never reread it go on working."""
MOST_REMEMBERED = 4096

_KUBERNETES = "kubernetes.io"


@functools.lru_cache(8)
def _read_key(pem: bytes) -> Any:
    """Return a private key; reading it checks it, which takes longer than going back to a kept cluster may."""
    return serialization.load_pem_private_key(pem, None)


class TokenAuthority:
    """Issues and checks the tokens of service accounts, in simulated time."""

    def __init__(
        self, api: Api, key: bytes, *, issuer: str = ISSUER, audiences: Sequence[str] = (AUDIENCE,)
    ) -> None:
        """Take a kept key.

        Args:
            api: where accounts, pods and nodes are.
            key: RSA, PEM; see `new_key`.
            issuer: `iss` of the tokens; on EKS `https://oidc.eks.<region>.amazonaws.com/id/<id>`.
            audiences: whom a token is for when nobody says.

        Raises:
            InputError: the key cannot be read.
        """
        try:
            loaded = _read_key(key)
        except ValueError as error:
            raise InputError(
                f"the key of service-account tokens cannot be read: {error}",
                hint="Run `eks-lab sandbox reset`.",
            ) from error
        if not isinstance(loaded, rsa.RSAPrivateKey):
            raise InputError("the key of service-account tokens is not RSA")
        self.issuer = issuer
        self.audiences = tuple(audiences)
        self._api = api
        self._key = loaded
        self._public = loaded.public_key()
        der = self._public.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        self._key_id = urlsafe_b64encode(hashlib.sha256(der).digest()).rstrip(b"=").decode()
        self._verified: dict[str, dict[str, Any]] = {}

    # --- issuing --------------------------------------------------------------------------------------------

    def issue(
        self,
        account: Obj,
        *,
        audiences: Sequence[str] = (),
        seconds: int = 3600,
        bound: tuple[str, Obj] | None = None,
    ) -> tuple[str, str]:
        """Return a token and its identifier.

        Args:
            account: the ServiceAccount as stored.
            audiences: whom it is for; the API server when empty.
            seconds: until it expires, simulated.
            bound: kind in small letters (`pod`, `node`, `secret`) and the object it lives with.
        """
        now = int(self._api.now().timestamp())
        metadata = account["metadata"]
        identity: Obj = {
            "namespace": metadata["namespace"],
            "serviceaccount": {"name": metadata["name"], "uid": metadata["uid"]},
        }
        if bound is not None:
            kind, obj = bound
            identity[kind] = {"name": obj["metadata"]["name"], "uid": uid_of(obj)}
            node = (obj.get("spec") or {}).get("nodeName") if kind == "pod" else ""
            found = self._api.get("nodes", Key("", node)) if node else None
            if found is not None:
                identity["node"] = {"name": node, "uid": uid_of(found)}
        identifier = self._api.ids.uid()
        claims = {
            "aud": list(audiences or self.audiences),
            "exp": now + seconds,
            "iat": now,
            "iss": self.issuer,
            "jti": identifier,
            _KUBERNETES: identity,
            "nbf": now,
            "sub": f"system:serviceaccount:{metadata['namespace']}:{metadata['name']}",
        }
        headers = {"kid": self._key_id}
        # The key itself: reading it from PEM again checks it, which takes twenty times longer than signing.
        return jwt.encode(claims, self._key, algorithm="RS256", headers=headers), identifier

    # --- checking -------------------------------------------------------------------------------------------

    def user_of(self, token: str, audiences: Sequence[str] = ()) -> User | None:
        """Return the user of a token; None when it is not ours, not valid now, or what it is bound to is gone.

        Args:
            token: of an Authorization header.
            audiences: one of them must be the token's; the API server's when empty.
        """
        claims = self._claims(token)
        if claims is None:
            return None
        now = self._api.now().timestamp()
        if not claims["nbf"] <= now < claims["exp"]:
            return None
        if not set(audiences or self.audiences) & set(claims["aud"]):
            return None
        identity = claims[_KUBERNETES]
        namespace = identity["namespace"]
        account = self._api.get("serviceaccounts", Key(namespace, identity["serviceaccount"]["name"]))
        if account is None or is_deleting(account) or uid_of(account) != identity["serviceaccount"]["uid"]:
            return None
        extra = {"authentication.kubernetes.io/credential-id": (f"JTI={claims['jti']}",)}
        for kind, resource in (("pod", "pods"), ("node", "nodes"), ("secret", "secrets")):
            reference = identity.get(kind)
            if reference is None:
                continue
            if kind == "node" and "pod" in identity:
                found: Obj | None = {"metadata": {"uid": reference["uid"]}}
            else:
                found = self._api.get(resource, Key("" if kind == "node" else namespace, reference["name"]))
            if found is None or found["metadata"]["uid"] != reference["uid"]:
                return None
            if kind != "secret":
                extra[f"authentication.kubernetes.io/{kind}-name"] = (reference["name"],)
                extra[f"authentication.kubernetes.io/{kind}-uid"] = (reference["uid"],)
        groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}")
        return User(claims["sub"], groups, uid_of(account), extra)

    def _claims(self, token: str) -> dict[str, Any] | None:
        """Return the claims of a token that this authority signed; times are not judged here."""
        found = self._verified.get(token)
        if found is not None:
            return found
        unjudged = {"verify_aud": False, "verify_exp": False, "verify_nbf": False, "verify_iat": False}
        try:
            claims: dict[str, Any] = jwt.decode(
                token,
                self._public,
                algorithms=["RS256"],
                issuer=self.issuer,
                options=unjudged,  # type: ignore[arg-type]
            )
        except jwt.InvalidTokenError:
            return None
        if _KUBERNETES not in claims:
            return None
        if len(self._verified) >= MOST_REMEMBERED:
            self._verified.clear()
        self._verified[token] = claims
        return claims

    # --- publishing -----------------------------------------------------------------------------------------

    def discovery(self) -> Obj:
        """Return the document of `/.well-known/openid-configuration`."""
        return {
            "issuer": self.issuer,
            "jwks_uri": f"{self.issuer}/openid/v1/jwks",
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
        }

    def keys(self) -> Obj:
        """Return the document of `/openid/v1/jwks`."""
        numbers = self._public.public_numbers()
        return {
            "keys": [
                {
                    "use": "sig",
                    "kty": "RSA",
                    "kid": self._key_id,
                    "alg": "RS256",
                    "n": _number(numbers.n),
                    "e": _number(numbers.e),
                }
            ]
        }


def new_key() -> bytes:
    """Return a new RSA key of 2048 bits as PEM."""
    return private_pem(rsa.generate_private_key(public_exponent=65537, key_size=2048))


def _number(value: int) -> str:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return urlsafe_b64encode(raw).rstrip(b"=").decode()
