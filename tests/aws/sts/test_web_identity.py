"""AssumeRoleWithWebIdentity: signature, issuer, audience, subject, time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from eks_lab.aws.errors import AwsError
from eks_lab.aws.principal import root
from tests.aws.account_fake import FakeAccount, add_role, policy, trust
from tests.aws.issuer import ISSUER, PROVIDER, publish, token

ROLE = "arn:aws:iam::123456789012:role/app"


@pytest.fixture
def account(fake_account: FakeAccount) -> FakeAccount:
    publish(fake_account)
    params = {"Url": ISSUER, "ClientIDList": ["sts.amazonaws.com"], "ThumbprintList": ["a" * 40]}
    fake_account.call("iam", "CreateOpenIDConnectProvider", params, principal=root(fake_account.id))
    condition = {
        "StringEquals": {
            f"{PROVIDER}:sub": "system:serviceaccount:default:app",
            f"{PROVIDER}:aud": "sts.amazonaws.com",
        }
    }
    federated = {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{PROVIDER}"}
    add_role(fake_account, "app", trust(federated, "sts:AssumeRoleWithWebIdentity", Condition=condition))
    return fake_account


def assume(account: FakeAccount, given: str, role: str = ROLE) -> dict[str, Any]:
    params = {"RoleArn": role, "RoleSessionName": "pod", "WebIdentityToken": given}
    return account.call("sts", "AssumeRoleWithWebIdentity", params, principal=root(account.id))


def refusal(account: FakeAccount, given: str, role: str = ROLE) -> str:
    with pytest.raises(AwsError) as refused:
        assume(account, given, role)
    return f"{refused.value.code}: {refused.value.message}"


def test_a_good_token_becomes_a_session(account: FakeAccount) -> None:
    found = assume(account, token(account))
    assert found["AssumedRoleUser"]["Arn"] == "arn:aws:sts::123456789012:assumed-role/app/pod"
    assert found["SubjectFromWebIdentityToken"] == "system:serviceaccount:default:app"
    assert found["Audience"] == "sts.amazonaws.com"
    keys = found["Credentials"]
    assert account.iam.principal_of(keys["AccessKeyId"], keys["SessionToken"]).name == "app"


def test_another_subject_is_not_authorized(account: FakeAccount) -> None:
    given = token(account, subject="system:serviceaccount:default:other")
    assert refusal(account, given) == "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"


def test_a_role_that_is_not_there_is_not_authorized(account: FakeAccount) -> None:
    said = refusal(account, token(account), ROLE.replace("app", "none"))
    assert said == "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity"


def test_a_role_with_another_provider_is_not_authorized(account: FakeAccount) -> None:
    federated = {"Federated": "arn:aws:iam::123456789012:oidc-provider/other.example"}
    arn = add_role(account, "other", trust(federated, "sts:AssumeRoleWithWebIdentity"))
    assert refusal(account, token(account), arn).startswith("AccessDenied")


def test_a_deny_in_the_trust_policy_wins(account: FakeAccount) -> None:
    federated = {"Federated": f"arn:aws:iam::123456789012:oidc-provider/{PROVIDER}"}
    one = {"Effect": "Allow", "Principal": federated, "Action": "sts:AssumeRoleWithWebIdentity"}
    arn = add_role(account, "both", policy(one, {**one, "Effect": "Deny"}))
    assert refusal(account, token(account), arn).startswith("AccessDenied")


def test_an_issuer_has_to_be_registered(account: FakeAccount) -> None:
    publish(account, "https://oidc.example")
    assert refusal(account, token(account, iss="https://oidc.example")) == (
        "InvalidIdentityToken: No OpenIDConnect provider found in your account for https://oidc.example"
    )


def test_an_audience_has_to_be_a_client(account: FakeAccount) -> None:
    assert (
        refusal(account, token(account, audience="vault")) == "InvalidIdentityToken: Incorrect token audience"
    )


def test_a_token_ends(account: FakeAccount) -> None:
    given = token(account)
    account.clock.advance(timedelta(hours=1))
    now = int(account.clock.now().timestamp())
    assert refusal(account, given) == (
        f"ExpiredTokenException: Token expired: current date/time {now} must be before the expiration date/time {now}"
    )


@pytest.mark.parametrize("given", ["none", "abcd", "a.b.c"])
def test_text_is_no_token(account: FakeAccount, given: str) -> None:
    assert refusal(account, given).startswith(
        "InvalidIdentityToken: The ID Token provided is not a valid JWT"
    )


def test_another_key_does_not_do(account: FakeAccount) -> None:
    assert refusal(account, token(account, key=1)).startswith("InvalidIdentityToken: The signature")
    assert refusal(account, token(account, kid="two")).startswith(
        "InvalidIdentityToken: Couldn't retrieve verification key"
    )
