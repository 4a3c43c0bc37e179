"""Presigned URLs of S3 in the old form, which clients still make in us-east-1 unless they are told otherwise.

Source: https://docs.aws.amazon.com/AmazonS3/latest/API/RESTAuthentication.html (2026-11-23).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

from eks_lab.aws.gateway.http_request import HttpRequest

_SUBRESOURCES = {
    *("acl", "cors", "delete", "lifecycle", "location", "logging", "notification", "partNumber", "policy"),
    *("requestPayment", "tagging", "torrent", "uploadId", "uploads", "versionId", "versioning", "versions"),
    *("website", "response-content-type", "response-content-language", "response-expires"),
    *("response-cache-control", "response-content-disposition", "response-content-encoding"),
}

_EXPIRES = re.compile(r"[0-9]{1,15}")
"""Seconds since 1970, as long as any calendar goes."""


@dataclass(frozen=True, slots=True)
class OldSignature:
    """What a presigned URL of the old form says."""

    access_key: str
    signature: str
    expires: int
    """Seconds since 1970."""
    token: str = ""

    def is_expired(self, now: datetime) -> bool:
        """Return whether it is past its time, by real time."""
        return now.timestamp() > self.expires


def read(request: HttpRequest) -> OldSignature | None:
    """Return the signature of a request, None when it carries none of this form."""
    found = request.parameters
    expires = found.get("Expires", "")
    if not (found.get("AWSAccessKeyId") and found.get("Signature") and _EXPIRES.fullmatch(expires)):
        return None
    return OldSignature(
        found["AWSAccessKeyId"], found["Signature"], int(expires), found.get("x-amz-security-token", "")
    )


def verify(request: HttpRequest, signature: OldSignature, secret: str) -> bool:
    """Return whether a request was signed with a secret."""
    named = {name: value for name, value in request.headers.items() if name.startswith("x-amz-")}
    if signature.token:
        named["x-amz-security-token"] = signature.token
    parts = sorted(
        f"{name}={value}" if value else name
        for name, value in request.parameters.items()
        if name in _SUBRESOURCES
    )
    lines = (
        request.method,
        request.headers.get("content-md5", ""),
        request.headers.get("content-type", ""),
        str(signature.expires),
        *(f"{name}:{value}" for name, value in sorted(named.items())),
        request.path + ("?" + "&".join(parts) if parts else ""),
    )
    made = hmac.new(secret.encode(), "\n".join(lines).encode(), hashlib.sha1).digest()
    return hmac.compare_digest(base64.b64encode(made), signature.signature.encode())
