"""STS: roles assumed, identities told."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from eks_lab.aws.errors import AwsError
from eks_lab.aws.principal import Principal, root
from tests.aws.account_fake import FakeAccount, add_role, add_user, allow, deny, policy, session_of, trust

ROLE = "arn:aws:iam::123456789012:role/worker"
ROOT = {"AWS": "arn:aws:iam::123456789012:root"}


def assume(account: FakeAccount, principal: Principal, **params: Any) -> dict[str, Any]:
    given = {"RoleArn": ROLE, "RoleSessionName": "work", **params}
    return account.call("sts", "AssumeRole", given, principal=principal)


def assumed(account: FakeAccount, found: dict[str, Any]) -> Principal:
    keys = found["Credentials"]
    return account.iam.principal_of(keys["AccessKeyId"], keys["SessionToken"])


def test_a_trusted_user_becomes_a_session(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("sts:AssumeRole", ROLE))
    add_role(fake_account, "worker", trust(ROOT))
    found = assume(fake_account, ada)
    assert found["AssumedRoleUser"]["Arn"] == "arn:aws:sts::123456789012:assumed-role/worker/work"
    assert found["AssumedRoleUser"]["AssumedRoleId"].startswith("AROA")
    assert found["Credentials"]["AccessKeyId"].startswith("ASIA")
    assert found["Credentials"]["Expiration"] == fake_account.clock.now() + timedelta(hours=1)
    session = assumed(fake_account, found)
    identity = fake_account.call("sts", "GetCallerIdentity", {}, principal=session)
    assert identity["Arn"] == found["AssumedRoleUser"]["Arn"]


@pytest.mark.parametrize(
    ("own", "trusts", "reason"),
    [
        ((), trust(ROOT), " because no identity-based policy allows the sts:AssumeRole action"),
        (
            (allow("sts:*"),),
            trust({"Service": "ec2.amazonaws.com"}),
            " because no role trust policy allows the sts:AssumeRole action",
        ),
        (
            (allow("sts:*"),),
            policy(
                {"Effect": "Allow", "Principal": ROOT, "Action": "sts:AssumeRole"},
                {"Effect": "Deny", "Principal": "*", "Action": "sts:AssumeRole"},
            ),
            " with an explicit deny in the role trust policy",
        ),
        ((deny("sts:*"),), trust(ROOT), " with an explicit deny in an identity-based policy"),
    ],
)
def test_both_sides_have_to_agree(
    fake_account: FakeAccount, own: tuple[dict[str, Any], ...], trusts: str, reason: str
) -> None:
    ada = add_user(fake_account, "ada", *own)
    add_role(fake_account, "worker", trusts)
    with pytest.raises(AwsError) as refused:
        assume(fake_account, ada)
    assert refused.value.code == "AccessDenied"
    assert refused.value.message == (
        "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: sts:AssumeRole on resource: "
        f"{ROLE}{reason}"
    )


def test_a_user_who_is_named_needs_no_policy_of_his_own(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada")
    add_role(fake_account, "worker", trust({"AWS": ada.arn}))
    assert assume(fake_account, ada)


def test_an_external_id_has_to_be_right(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("sts:*"))
    condition = {"StringEquals": {"sts:ExternalId": "secret"}}
    add_role(fake_account, "worker", trust(ROOT, Condition=condition))
    with pytest.raises(AwsError, match="AccessDenied"):
        assume(fake_account, ada, ExternalId="guess")
    assert assume(fake_account, ada, ExternalId="secret")


def test_tags_need_their_own_permission_and_stay_with_the_session(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("sts:*"))
    add_role(fake_account, "worker", trust(ROOT), allow("s3:*"))
    tags = [{"Key": "team", "Value": "red"}]
    with pytest.raises(AwsError, match="sts:TagSession"):
        assume(fake_account, ada, Tags=tags)
    add_role(fake_account, "tagged", trust(ROOT, ["sts:AssumeRole", "sts:TagSession"]))
    found = assume(fake_account, ada, RoleArn=ROLE.replace("worker", "tagged"), Tags=tags)
    assert assumed(fake_account, found).tags == {"team": "red"}
    assert found["PackedPolicySize"] >= 1


def test_transitive_tags_go_on_into_the_next_session(fake_account: FakeAccount) -> None:
    both = ["sts:AssumeRole", "sts:TagSession"]
    ada = add_user(fake_account, "ada", allow("sts:*"))
    add_role(fake_account, "worker", trust(ROOT, both), allow("sts:*"))
    add_role(fake_account, "next", trust(ROOT, both))
    tags = [{"Key": "team", "Value": "red"}, {"Key": "own", "Value": "x"}]
    first = assumed(fake_account, assume(fake_account, ada, Tags=tags, TransitiveTagKeys=["team"]))
    second = assumed(fake_account, assume(fake_account, first, RoleArn=ROLE.replace("worker", "next")))
    assert second.tags == {"team": "red"}


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(7200, "ValidationError"), (899, "ValidationError")],
)
def test_durations_have_bounds(fake_account: FakeAccount, seconds: int, code: str) -> None:
    ada = add_user(fake_account, "ada", allow("sts:*"))
    add_role(fake_account, "worker", trust(ROOT))
    with pytest.raises(AwsError) as refused:
        assume(fake_account, ada, DurationSeconds=seconds)
    assert refused.value.code == code


def test_chaining_ends_after_an_hour(fake_account: FakeAccount) -> None:
    add_role(fake_account, "first", trust(ROOT), allow("sts:*"))
    add_role(fake_account, "worker", trust(ROOT), longest="43200")
    with pytest.raises(AwsError, match="1 hour session limit for roles assumed by role chaining"):
        assume(fake_account, session_of(fake_account, "first"), DurationSeconds=7200)


def test_credentials_end(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("sts:*"))
    add_role(fake_account, "worker", trust(ROOT))
    found = assume(fake_account, ada, DurationSeconds=900)
    fake_account.clock.advance(timedelta(seconds=899))
    assert assumed(fake_account, found)
    fake_account.clock.advance(timedelta(seconds=1))
    with pytest.raises(AwsError, match="ExpiredToken"):
        assumed(fake_account, found)


def test_a_token_cannot_be_made_up(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("sts:*"))
    add_role(fake_account, "worker", trust(ROOT))
    keys = assume(fake_account, ada)["Credentials"]
    for token in ("", "abc", keys["SessionToken"][:-4] + "AAAA", "IQoJb3JpZ2luX2VjE!!"):
        with pytest.raises(AwsError, match="InvalidClientTokenId"):
            fake_account.iam.credentials(keys["AccessKeyId"], token)
    with pytest.raises(AwsError, match="InvalidClientTokenId"):
        fake_account.iam.credentials("ASIAOTHEROTHEROTHER1", keys["SessionToken"])


def test_a_session_policy_has_to_be_one(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("sts:*"))
    add_role(fake_account, "worker", trust(ROOT), allow("*"))
    with pytest.raises(AwsError, match="MalformedPolicyDocument"):
        assume(fake_account, ada, Policy="{}")
    session = assumed(fake_account, assume(fake_account, ada, Policy=policy(allow("s3:GetObject"))))
    assert not fake_account.iam.decide(session, "s3:PutObject", "arn:aws:s3:::data/a")
    arns = [{"arn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}]
    session = assumed(fake_account, assume(fake_account, ada, PolicyArns=arns))
    assert fake_account.iam.decide(session, "ec2:DescribeVpcs")
    assert not fake_account.iam.decide(session, "ec2:RunInstances")


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"RoleSessionName": "two words"}, "ValidationError"),
        ({"RoleArn": "worker"}, "ValidationError"),
        ({"RoleArn": "arn:aws:iam::123456789012:worker"}, "ValidationError"),
        ({"RoleArn": "arn:aws:iam::123456789012:role/nobody"}, "AccessDenied"),
    ],
)
def test_bad_input_has_the_codes_of_sts(fake_account: FakeAccount, params: dict[str, str], code: str) -> None:
    ada = add_user(fake_account, "ada", allow("sts:*"))
    with pytest.raises(AwsError) as refused:
        assume(fake_account, ada, **params)
    assert refused.value.code == code


def test_the_account_itself_assumes_no_role(fake_account: FakeAccount) -> None:
    add_role(fake_account, "worker", trust(ROOT))
    with pytest.raises(AwsError, match="Roles may not be assumed by root accounts"):
        assume(fake_account, root(fake_account.id))


def test_a_user_gets_session_tokens_a_session_none(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("s3:*"))
    found = fake_account.call("sts", "GetSessionToken", {"DurationSeconds": 900}, principal=ada)
    again = fake_account.iam.principal_of(
        found["Credentials"]["AccessKeyId"], found["Credentials"]["SessionToken"]
    )
    assert again == ada
    add_role(fake_account, "worker", trust(ROOT))
    with pytest.raises(AwsError, match="Cannot call GetSessionToken with session credentials"):
        fake_account.call("sts", "GetSessionToken", {}, principal=session_of(fake_account, "worker"))


def test_what_is_not_simulated_says_so(fake_account: FakeAccount) -> None:
    with pytest.raises(AwsError) as refused:
        fake_account.call("sts", "GetFederationToken", {"Name": "x1"}, principal=root(fake_account.id))
    assert (refused.value.code, refused.value.status) == ("NotImplemented", 501)
    assert "sts GetFederationToken" in refused.value.message
    assert "Nearest simulated operation" in refused.value.message
