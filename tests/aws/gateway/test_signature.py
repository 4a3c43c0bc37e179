"""Signatures, compared with those that botocore makes."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth, SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.aws.errors import AwsError
from eks_lab.aws.gateway import signature
from eks_lab.aws.gateway.http_request import HttpRequest

KEYS = Credentials("AKIAEXAMPLE", "secret", "token")
_words = st.text("ab é/+%=&~-_. ", max_size=6)


def sent(request: AWSRequest) -> HttpRequest:
    prepared = request.prepare()
    url = urlsplit(prepared.url)
    headers = {
        name.lower(): value.decode() if isinstance(value, bytes) else str(value)
        for name, value in prepared.headers.items()
    }
    headers.setdefault("host", url.netloc)
    body = prepared.body or b""
    return HttpRequest(
        prepared.method, url.path or "/", url.query, headers, body.encode() if isinstance(body, str) else body
    )


@settings(deadline=None, max_examples=40)
@given(st.dictionaries(_words.filter(bool), _words, max_size=3), _words, st.binary(max_size=9), st.booleans())
def test_what_botocore_signs_is_good(query: dict[str, str], path: str, body: bytes, is_s3: bool) -> None:
    from urllib.parse import quote

    url = f"http://127.0.0.1:4566/{quote(path, safe='/~')}"
    request = AWSRequest("POST", url, data=body, params=query)
    kind = S3SigV4Auth if is_s3 else SigV4Auth
    if is_s3:
        request.context["client_config"] = None
    kind(KEYS, "s3" if is_s3 else "eks", "us-east-1").add_auth(request)
    found = sent(request)
    read = signature.read(found)
    assert read is not None
    assert signature.verify(found, read, "secret")
    assert not signature.verify(found, read, "other")
    assert (read.access_key, read.region, read.token) == ("AKIAEXAMPLE", "us-east-1", "token")


def presigned(seconds: int = 60) -> HttpRequest:
    request = AWSRequest("GET", "http://127.0.0.1:4566/?Action=GetCallerIdentity&Version=2011-06-15")
    SigV4QueryAuth(KEYS, "sts", "us-east-1", expires=seconds).add_auth(request)
    return sent(request)


def test_a_presigned_url_is_good_and_ends_by_real_time() -> None:
    found = presigned()
    read = signature.read(found)
    assert read is not None
    assert signature.verify(found, read, "secret")
    start = signature.moment_of(read)
    assert not signature.is_expired(read, start + timedelta(seconds=60))
    assert signature.is_expired(read, start + timedelta(seconds=61))


def test_a_changed_query_is_not_what_was_signed() -> None:
    found = presigned()
    read = signature.read(found)
    assert read is not None
    changed = HttpRequest("GET", "/", found.query.replace("GetCallerIdentity", "AssumeRole"), found.headers)
    assert not signature.verify(changed, read, "secret")


def test_our_own_presigned_url_is_good() -> None:
    request = HttpRequest(
        "GET", "/", "Action=GetCallerIdentity", {"host": "sts.amazonaws.com", "x-k8s-aws-id": "lab"}
    )
    query = signature.presigned(
        request,
        access_key="AKIA",
        secret="s",
        token="a/b=",
        region="us-east-1",
        service="sts",
        now=datetime(2026, 11, 20, tzinfo=UTC),
        seconds=60,
    )
    made = HttpRequest("GET", "/", query, request.headers)
    read = signature.read(made)
    assert read is not None
    assert signature.verify(made, read, "s")
    other = HttpRequest("GET", "/", query, {**request.headers, "x-k8s-aws-id": "other"})
    assert not signature.verify(other, read, "s")


@pytest.mark.parametrize(
    "header",
    [
        "Basic abc",
        "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=1",
        "AWS4-HMAC-SHA256 SignedHeaders=host, Signature=1",
        "AWS4-HMAC-SHA256 Credential=k/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=1",
    ],
)
def test_half_a_signature_is_refused(header: str) -> None:
    with pytest.raises(AwsError, match="IncompleteSignature"):
        signature.read(HttpRequest("GET", "/", "", {"authorization": header}))


def test_no_signature_is_none() -> None:
    assert signature.read(HttpRequest("GET", "/")) is None
