"""Whatever comes over the wire has an answer."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eks_lab.aws.gateway.http_request import HttpRequest
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
