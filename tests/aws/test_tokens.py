"""Tokens of `aws eks get-token`."""

from __future__ import annotations

import base64
from datetime import timedelta

import pytest

from eks_lab.aws import tokens
from eks_lab.aws.iam.credentials import Credentials
from eks_lab.clock import SimClock
from tests.aws.account_fake import START, FakeAccount, add_role, add_user, key_of, session_of, trust


@pytest.fixture
def wall() -> SimClock:
    """Real time, far from simulated time."""
    return SimClock(START + timedelta(days=400))


@pytest.fixture
def account(wall: SimClock) -> FakeAccount:
    return FakeAccount(wall)


def keys(account: FakeAccount) -> Credentials:
    ada = add_user(account, "ada")
    access_key, secret = key_of(account, "ada")
    return Credentials(access_key, secret, "", ada)


def test_a_token_says_who_made_it(account: FakeAccount, wall: SimClock) -> None:
    token = tokens.make(keys(account), "lab", "us-east-1", wall.now())
    assert tokens.is_eks_token(token)
    found = tokens.principal_of(account, token, "lab")
    assert found is not None
    assert found.arn == "arn:aws:iam::123456789012:user/ada"


def test_a_session_makes_tokens_too(account: FakeAccount, wall: SimClock) -> None:
    add_role(account, "node", trust({"AWS": "*"}))
    made = account.iam.session(session_of(account, "node", "i-1"), timedelta(hours=1), by_wall=True)
    found = tokens.verify(account, tokens.make(made, "lab", "us-east-1", wall.now()), "lab")
    assert found.arn == "arn:aws:sts::123456789012:assumed-role/node/i-1"


def test_a_token_is_for_one_cluster(account: FakeAccount, wall: SimClock) -> None:
    token = tokens.make(keys(account), "lab", "us-east-1", wall.now())
    with pytest.raises(tokens.TokenRefusedError, match="signature"):
        tokens.verify(account, token, "other")


def test_a_token_lives_fifteen_minutes_of_real_time(account: FakeAccount, wall: SimClock) -> None:
    token = tokens.make(keys(account), "lab", "us-east-1", wall.now())
    account.clock.advance(timedelta(days=3))
    wall.advance(timedelta(minutes=15))
    assert tokens.principal_of(account, token, "lab")
    wall.advance(timedelta(seconds=1))
    with pytest.raises(tokens.TokenRefusedError, match="expired"):
        tokens.verify(account, token, "lab")


def test_a_key_that_was_deleted_makes_no_tokens(account: FakeAccount, wall: SimClock) -> None:
    given = keys(account)
    token = tokens.make(given, "lab", "us-east-1", wall.now())
    account.moto.backend("iam").delete_access_key(given.access_key, "ada")
    assert tokens.principal_of(account, token, "lab") is None


def changed(token: str, old: str, new: str) -> str:
    text = token.removeprefix(tokens.PREFIX)
    url = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)).decode()
    assert old in url
    return tokens.PREFIX + base64.urlsafe_b64encode(url.replace(old, new).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("old", "new", "reason"),
    [
        ("GetCallerIdentity", "AssumeRole", "unexpected action"),
        ("https://", "ftp://", "unexpected scheme"),
        (".com/?", ".com/x?", "unexpected path"),
        ("Version=", "Extra=1&Version=", "non-whitelisted"),
        ("host%3Bx-k8s-aws-id", "host", "did not sign the x-k8s-aws-id header"),
        ("%2Fsts%2F", "%2Fs3%2F", "not signed for STS"),
        ("X-Amz-Signature=", "X-Amz-Signature=0", "signature"),
    ],
)
def test_another_url_is_no_token(
    account: FakeAccount, wall: SimClock, old: str, new: str, reason: str
) -> None:
    token = tokens.make(keys(account), "lab", "us-east-1", wall.now())
    with pytest.raises(tokens.TokenRefusedError, match=reason):
        tokens.verify(account, changed(token, old, new), "lab")


@pytest.mark.parametrize(
    "token", ["", "abc", "k8s-aws-v1.", "k8s-aws-v1.!!", "k8s-aws-v1._w", "k8s-aws-v1." + "a" * 20_000]
)
def test_text_is_no_token(account: FakeAccount, token: str) -> None:
    assert tokens.principal_of(account, token, "lab") is None
