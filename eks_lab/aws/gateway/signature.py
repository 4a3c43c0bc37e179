"""AWS Signature Version 4, in a header or in a presigned URL.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html (2026-11-23).
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from urllib.parse import quote, unquote, unquote_plus

from eks_lab.aws.errors import AwsError
from eks_lab.aws.gateway.http_request import HttpRequest

ALGORITHM = "AWS4-HMAC-SHA256"
UNSIGNED = "UNSIGNED-PAYLOAD"
LONGEST_PRESIGNED = 604_800
"""Seconds that a presigned URL may be good for."""
MISMATCH = (
    "The request signature we calculated does not match the signature you provided. Check your AWS Secret Access "
    "Key and signing method. Consult the service documentation for details."
)
_EMPTY = hashlib.sha256(b"").hexdigest()


@dataclass(frozen=True, slots=True)
class Signature:
    """What a request says about who signed it."""

    access_key: str
    date: str
    """`20261123`, of the credential scope."""
    region: str
    service: str
    """The signing name: `elasticloadbalancing`."""
    signed_headers: tuple[str, ...]
    signature: str
    moment: str
    """`X-Amz-Date`: `20261123T010203Z`."""
    token: str = ""
    """Session token; empty for lasting keys."""
    expires: int | None = None
    """Seconds that a presigned URL is good for; None for a signature in a header."""

    @property
    def scope(self) -> str:
        """Return the credential scope."""
        return f"{self.date}/{self.region}/{self.service}/aws4_request"


def read(request: HttpRequest) -> Signature | None:
    """Return the signature of a request; None when it carries none.

    Raises:
        AwsError: IncompleteSignature, with AWS's sentence.
    """
    header = request.headers.get("authorization", "")
    if header:
        return _from_header(request, header)
    if "X-Amz-Signature" in request.parameters or "X-Amz-Credential" in request.parameters:
        return _from_query(request)
    return None


def _from_header(request: HttpRequest, header: str) -> Signature:
    algorithm, _, rest = header.partition(" ")
    if algorithm != ALGORITHM:
        raise _incomplete(f"Unsupported AWS 'algorithm': '{algorithm}'.")
    parts = {
        name.strip(): value.strip()
        for name, _, value in (each.partition("=") for each in rest.split(","))
        if name.strip()
    }
    for name in ("Credential", "SignedHeaders", "Signature"):
        if not parts.get(name):
            raise _incomplete(f"Authorization header requires '{name}' parameter. Authorization={algorithm}")
    access_key, date, region, service = _credential(parts["Credential"])
    moment = request.headers.get("x-amz-date", "")
    if not moment:
        raise _incomplete(
            "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' header. "
            f"Authorization={algorithm}"
        )
    return Signature(
        access_key=access_key,
        date=date,
        region=region,
        service=service,
        signed_headers=tuple(parts["SignedHeaders"].lower().split(";")),
        signature=parts["Signature"],
        moment=moment,
        token=request.headers.get("x-amz-security-token", ""),
    )


def _from_query(request: HttpRequest) -> Signature:
    found = request.parameters
    for name in (
        *("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Signature"),
        *("X-Amz-Date", "X-Amz-SignedHeaders", "X-Amz-Expires"),
    ):
        if not found.get(name):
            raise _incomplete(
                f"AWS query-string parameters must include '{name}'. Re-examine the query-string parameters."
            )
    access_key, date, region, service = _credential(found["X-Amz-Credential"])
    expires = found["X-Amz-Expires"]
    if not expires.isascii() or not expires.isdigit():
        raise AwsError("AuthorizationQueryParametersError", "X-Amz-Expires should be a number")
    # Python reads no number of thousands of digits.
    if len(expires) > 9 or int(expires) > LONGEST_PRESIGNED:
        raise AwsError(
            "AuthorizationQueryParametersError",
            f"X-Amz-Expires must be less than a week (in seconds); that is, the given X-Amz-Expires must be less than {LONGEST_PRESIGNED} seconds",
        )
    return Signature(
        access_key=access_key,
        date=date,
        region=region,
        service=service,
        signed_headers=tuple(found["X-Amz-SignedHeaders"].lower().split(";")),
        signature=found["X-Amz-Signature"],
        moment=found["X-Amz-Date"],
        token=found.get("X-Amz-Security-Token", ""),
        expires=int(expires),
    )


def _credential(text: str) -> tuple[str, str, str, str]:
    parts = text.split("/")
    if len(parts) < 5 or parts[-1] != "aws4_request":
        raise _incomplete(
            f"Credential must have at least 5 slash-delimited elements, e.g. keyid/date/region/service/term, got '{text}'"
        )
    return "/".join(parts[:-4]), parts[-4], parts[-3], parts[-2]


def _incomplete(message: str) -> AwsError:
    return AwsError("IncompleteSignature", message, status=400)


def verify(request: HttpRequest, signature: Signature, secret: str) -> bool:
    """Return whether a request was signed with a secret, and its body is the signed one."""
    declared = request.headers.get("x-amz-content-sha256", "")
    if signature.expires is not None:
        payload = declared or request.parameters.get("X-Amz-Content-Sha256", "")
        payload = payload or (UNSIGNED if signature.service == "s3" else _EMPTY)
    elif declared and not _is_digest(declared):
        payload = declared
    else:
        payload = hashlib.sha256(request.body).hexdigest()
        if declared and declared != payload:
            return False
    key = _signing_key(secret, signature.date, signature.region, signature.service)
    for query in _canonical_queries(request, signature):
        made = _sign(_canonical(request, signature, query, payload), signature, key)
        if hmac.compare_digest(made.encode(), signature.signature.encode()):
            return True
    return False


def _canonical(request: HttpRequest, signature: Signature, query: str, payload: str) -> str:
    lines = (
        request.method,
        _canonical_path(request.path, signature.service),
        query,
        *(f"{name}:{_header(request, name)}" for name in signature.signed_headers),
        "",
        ";".join(signature.signed_headers),
        payload,
    )
    return "\n".join(lines)


def _sign(canonical: str, signature: Signature, key: bytes) -> str:
    digest = hashlib.sha256(canonical.encode()).hexdigest()
    text = f"{ALGORITHM}\n{signature.moment}\n{signature.scope}\n{digest}"
    return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()


def moment_of(signature: Signature) -> datetime:
    """Return when a request was signed.

    Raises:
        AwsError: IncompleteSignature, the date is none.
    """
    try:
        return datetime.strptime(signature.moment, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise _incomplete(
            f"Date must be in ISO-8601 'basic format'. Got '{signature.moment}'. See http://en.wikipedia.org/wiki/ISO_8601"
        ) from None


def is_expired(signature: Signature, now: datetime) -> bool:
    """Return whether a presigned URL is past its time; a signature in a header never is.

    Simulated time and the wall's part, and clients sign by the wall's: only what says how long it lives is judged.

    Args:
        signature: of the request.
        now: by the wall's clock.
    """
    return signature.expires is not None and now - timedelta(seconds=signature.expires) > moment_of(signature)


def _is_digest(text: str) -> bool:
    return len(text) == 64 and all(letter in "0123456789abcdef" for letter in text)


@lru_cache(maxsize=256)
def _signing_key(secret: str, date: str, region: str, service: str) -> bytes:
    key = f"AWS4{secret}".encode()
    for part in (date, region, service, "aws4_request"):
        key = hmac.new(key, part.encode(), hashlib.sha256).digest()
    return key


def _canonical_path(path: str, service: str) -> str:
    if service == "s3":
        return path
    # Segments of dots are resolved, empty ones left out; what is percent-encoded is encoded once more.
    kept: list[str] = []
    for segment in path.split("/"):
        if segment == "..":
            del kept[-1:]
        elif segment not in ("", "."):
            kept.append(segment)
    ending = "/" if kept and path.endswith("/") else ""
    return quote("/" + "/".join(kept) + ending, safe="/~")


def _canonical_queries(request: HttpRequest, signature: Signature) -> Iterator[str]:
    pairs = []
    for each in request.query.split("&") if request.query else ():
        name, _, value = each.partition("=")
        if not (signature.expires is not None and name == "X-Amz-Signature"):
            pairs.append((name, value))
    # Signers encode what they mean; some send a plus for a space, and some sign the query as they send it.
    yield from dict.fromkeys(
        (
            _encoded(pairs, unquote),
            _encoded(pairs, unquote_plus),
            "&".join(f"{name}={value}" for name, value in sorted(pairs)),
        )
    )


def _encoded(pairs: list[tuple[str, str]], decode: Callable[[str], str]) -> str:
    encoded = sorted(
        (quote(decode(name), safe="-_.~"), quote(decode(value), safe="-_.~")) for name, value in pairs
    )
    return "&".join(f"{name}={value}" for name, value in encoded)


def _header(request: HttpRequest, name: str) -> str:
    value = request.headers.get(name, "")
    return ",".join(" ".join(part.split()) for part in value.split(","))


def presigned(
    request: HttpRequest,
    *,
    access_key: str,
    secret: str,
    token: str,
    region: str,
    service: str,
    now: datetime,
    seconds: int,
) -> str:
    """Return the query of a presigned URL.

    Args:
        request: with the headers that are to be signed, `host` among them.
        access_key: of the signer.
        secret: of the signer.
        token: session token; empty for lasting keys.
        region: of the credential scope.
        service: its signing name.
        now: when it is signed.
        seconds: how long the URL is good for.
    """
    moment = now.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    names = tuple(sorted(request.headers))
    scope = f"{moment[:8]}/{region}/{service}/aws4_request"
    pairs = {
        **request.parameters,
        "X-Amz-Algorithm": ALGORITHM,
        "X-Amz-Credential": f"{access_key}/{scope}",
        "X-Amz-Date": moment,
        "X-Amz-Expires": str(seconds),
        "X-Amz-SignedHeaders": ";".join(names),
        **({"X-Amz-Security-Token": token} if token else {}),
    }
    query = "&".join(
        f"{quote(name, safe='-_.~')}={quote(value, safe='-_.~')}" for name, value in pairs.items()
    )
    unsigned = HttpRequest(request.method, request.path, query, request.headers)
    found = Signature(access_key, moment[:8], region, service, names, "", moment, token, seconds)
    lines = _canonical(unsigned, found, next(_canonical_queries(unsigned, found)), _EMPTY)
    made = _sign(lines, found, _signing_key(secret, found.date, region, service))
    return f"{query}&X-Amz-Signature={made}"
