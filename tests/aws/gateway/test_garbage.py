"""Whatever comes over the wire has an answer."""

from __future__ import annotations

import json
from urllib.parse import urlencode
from xml.etree import ElementTree

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eks_lab.aws.gateway.http_request import HttpRequest
from eks_lab.aws.gateway.protocol import Answer
from eks_lab.aws.principal import root
from tests.aws.account_fake import FakeAccount

_headers = st.dictionaries(
    st.sampled_from(["authorization", "x-amz-target", "content-type", "host", "x-amz-date"]),
    st.text(st.characters(min_codepoint=32, max_codepoint=255, exclude_categories=["Cc"]), max_size=30),
)
_queries = st.sampled_from(
    [
        *("", "acl", "Action=%ff", "Action=DescribeVpcs&Version=2016-11-15", "X-Amz-Signature=1"),
        *("list-type=2&max-keys=x", "AWSAccessKeyId=test&Signature=1&Expires=9"),
    ]
)


@settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["GET", "POST", "PUT", "HEAD", "DELETE"]),
    st.text("/ab%-.é0", max_size=12).map(lambda text: f"/{text}"),
    _queries,
    _headers,
    st.binary(max_size=40),
)
def test_anything_is_answered(
    fake_account: FakeAccount, method: str, path: str, query: str, headers: dict[str, str], body: bytes
) -> None:
    answer = fake_account.gateway.answer(HttpRequest(method, path, query, headers, body))
    assert 200 <= answer.status <= 599
    assert answer.status != 500


def test_a_body_that_is_no_xml(fake_account: FakeAccount) -> None:
    answer = fake_account.gateway.answer(HttpRequest("PUT", "/data", "", {}, b"\x00"))
    assert answer.status in (400, 403)


def ask(
    account: FakeAccount,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    operation: str,
    body: bytes,
    *,
    target: str = "",
    path: str = "/",
) -> Answer:
    """Send a body as the account itself, whose signature nobody checks here."""
    monkeypatch.setattr(account.gateway._authentication, "principal", lambda *_: root(account.id))
    scope = f"X/20261120/us-east-1/{service}/aws4_request"
    headers = {
        "authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature=0",
        "x-amz-date": "20261120T120000Z",
        "content-type": "application/x-amz-json-1.1"
        if body[:1] in b"{["
        else "application/x-www-form-urlencoded",
    }
    if target:
        headers["x-amz-target"] = f"{target}.{operation}"
    return account.gateway.answer(HttpRequest("POST", path, "", headers, body))


@pytest.mark.parametrize(
    "body",
    [b"[" * 50_000, b'{"KeyId": "\\ud800"}', b'{"StartTime": 1e20}', b'{"a": ' + b"9" * 5000 + b"}"],
    ids=["deep", "half a pair", "a moment without a calendar", "a long number"],
)
def test_json_that_cannot_be_kept_is_refused(
    fake_account: FakeAccount, monkeypatch: pytest.MonkeyPatch, body: bytes
) -> None:
    if b"StartTime" in body:
        answer = ask(
            fake_account,
            monkeypatch,
            "dynamodb",
            "ExportTableToPointInTime",
            b'{"TableArn": "x", "S3Bucket": "b", "ExportTime": 1e20}',
            target="DynamoDB_20120810",
        )
    else:
        answer = ask(fake_account, monkeypatch, "kms", "DescribeKey", body, target="TrentService")
    assert answer.status == 400
    assert json.loads(answer.body)["__type"].endswith("SerializationException")


@pytest.mark.parametrize(
    ("service", "version", "operation", "parameter"),
    [
        ("ec2", "2016-11-15", "CreateKeyPair", "KeyName"),
        ("iam", "2010-05-08", "CreateUser", "UserName"),
    ],
)
def test_what_no_xml_can_tell_is_neither_kept_nor_said(
    fake_account: FakeAccount,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    version: str,
    operation: str,
    parameter: str,
) -> None:
    body = urlencode({"Action": operation, "Version": version, parameter: "a\x00b"}).encode()
    answer = ask(fake_account, monkeypatch, service, operation, body)
    assert answer.status == 400
    ElementTree.fromstring(answer.body)
    listed = "DescribeKeyPairs" if service == "ec2" else "ListUsers"
    after = ask(
        fake_account, monkeypatch, service, listed, urlencode({"Action": listed, "Version": version}).encode()
    )
    assert (after.status, b"ab" in after.body.replace(b"\x00", b"")) == (200, False)


@pytest.mark.parametrize(
    ("service", "operation", "body", "target", "path"),
    [
        ("identitystore", "ListUsers", b'{"IdentityStoreId": "d-1234567890"}', "AWSIdentityStore", "/"),
    ],
)
def test_a_service_that_wants_what_is_not_installed_is_not_simulated(
    fake_account: FakeAccount,
    monkeypatch: pytest.MonkeyPatch,
    service: str,
    operation: str,
    body: bytes,
    target: str,
    path: str,
) -> None:
    answer = ask(fake_account, monkeypatch, service, operation, body, target=target, path=path)
    assert (answer.status, b"eks-lab does not simulate" in answer.body) == (501, True)


@pytest.mark.parametrize(
    "query",
    [
        (
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test/20261120/us-east-1/s3/aws4_request"
            f"&X-Amz-Date=20261120T120000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=0&X-Amz-Expires={'9' * 5000}"
        ),
        (
            "X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=test/20261120/us-east-1/s3/aws4_request"
            "&X-Amz-Date=20261120T120000Z&X-Amz-SignedHeaders=host&X-Amz-Signature=%C3%A9&X-Amz-Expires=60"
        ),
        f"AWSAccessKeyId=test&Signature=0&Expires={'9' * 5000}",
        "AWSAccessKeyId=test&Signature=%C3%A9&Expires=99999999999",
    ],
    ids=["endless", "no hexadecimal", "endless, old form", "no base64, old form"],
)
def test_odd_signatures_are_refused(fake_account: FakeAccount, query: str) -> None:
    assert fake_account.gateway.answer(HttpRequest("GET", "/data/key", query, {"host": "x"})).status in (
        400,
        403,
    )
