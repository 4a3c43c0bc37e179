"""Decisions about identities as IAM holds them."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eks_lab.aws.errors import AwsError
from eks_lab.aws.principal import root, service
from tests.aws.account_fake import (
    FakeAccount,
    add_role,
    add_user,
    allow,
    deny,
    policy,
    session_of,
    trust,
)

BUCKET = "arn:aws:s3:::data"


def test_nothing_is_allowed_by_itself(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada")
    with pytest.raises(AwsError) as refused:
        fake_account.iam.require(ada, "s3:ListBucket", BUCKET)
    assert refused.value.code == "AccessDenied"
    assert refused.value.status == 403
    assert refused.value.message == (
        "User: arn:aws:iam::123456789012:user/ada is not authorized to perform: s3:ListBucket on resource: "
        '"arn:aws:s3:::data" because no identity-based policy allows the s3:ListBucket action'
    )


def test_ec2_says_it_in_its_own_way_and_sts_decodes_it(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("sts:DecodeAuthorizationMessage"))
    arn = "arn:aws:ec2:us-east-1:123456789012:volume/*"
    with pytest.raises(AwsError) as refused:
        fake_account.iam.require(ada, "ec2:CreateVolume", arn)
    assert refused.value.code == "UnauthorizedOperation"
    start, _, encoded = refused.value.message.partition(" Encoded authorization failure message: ")
    assert start == (
        "You are not authorized to perform this operation. User: arn:aws:iam::123456789012:user/ada is not "
        f"authorized to perform: ec2:CreateVolume on resource: {arn} because no identity-based policy allows the "
        "ec2:CreateVolume action."
    )
    found = fake_account.call("sts", "DecodeAuthorizationMessage", {"EncodedMessage": encoded}, principal=ada)
    assert '"action":"ec2:CreateVolume"' in found["DecodedMessage"]
    with pytest.raises(AwsError, match="InvalidAuthorizationMessageException"):
        fake_account.call("sts", "DecodeAuthorizationMessage", {"EncodedMessage": "abc"}, principal=ada)


@pytest.mark.parametrize(
    ("action", "code"),
    [
        ("kms:Decrypt", "AccessDeniedException"),
        ("eks:ListClusters", "AccessDeniedException"),
        ("iam:ListUsers", "AccessDenied"),
        ("sqs:SendMessage", "AccessDenied"),
        ("autoscaling:SetDesiredCapacity", "AccessDenied"),
    ],
)
def test_each_service_has_its_code(fake_account: FakeAccount, action: str, code: str) -> None:
    with pytest.raises(AwsError) as refused:
        fake_account.iam.require(add_user(fake_account, "ada"), action)
    assert refused.value.code == code


def test_a_deny_wins(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("s3:*"), deny("s3:DeleteObject", f"{BUCKET}/*"))
    assert fake_account.iam.decide(ada, "s3:GetObject", f"{BUCKET}/a")
    found = fake_account.iam.decide(ada, "s3:DeleteObject", f"{BUCKET}/a")
    assert (found.allowed, found.explicit) == (False, True)
    assert found.reason == "with an explicit deny in an identity-based policy"


def test_policies_come_from_groups_and_managed_ones_too(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada")
    iam = fake_account.moto.backend("iam")
    iam.create_group("readers")
    iam.attach_group_policy("arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess", "readers")
    assert not fake_account.iam.decide(ada, "s3:GetObject", f"{BUCKET}/a")
    iam.add_user_to_group("readers", "ada")
    assert fake_account.iam.decide(ada, "s3:GetObject", f"{BUCKET}/a")
    assert not fake_account.iam.decide(ada, "s3:PutObject", f"{BUCKET}/a")


def test_a_remembered_decision_ends_with_a_change_of_the_policy(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("s3:GetObject"))
    iam = fake_account.moto.backend("iam")
    assert fake_account.iam.decide(ada, "s3:GetObject", f"{BUCKET}/a")
    iam.put_user_policy("ada", "inline", policy(allow("s3:PutObject")))
    assert not fake_account.iam.decide(ada, "s3:GetObject", f"{BUCKET}/a")
    made = iam.create_policy("", "/", policy(allow("s3:GetObject")), "extra", {})
    iam.attach_user_policy(made.arn, "ada")
    assert fake_account.iam.decide(ada, "s3:GetObject", f"{BUCKET}/a")
    iam.create_policy_version(made.arn, policy(allow("s3:ListBucket")), "true")
    assert not fake_account.iam.decide(ada, "s3:GetObject", f"{BUCKET}/a")


def test_a_boundary_narrows(fake_account: FakeAccount) -> None:
    iam = fake_account.moto.backend("iam")
    made = iam.create_policy("", "/", policy(allow("s3:Get*")), "edge", {})
    add_role(fake_account, "worker", trust({"AWS": "*"}), allow("*"), boundary=made.arn)
    worker = session_of(fake_account, "worker")
    assert fake_account.iam.decide(worker, "s3:GetObject", f"{BUCKET}/a")
    found = fake_account.iam.decide(worker, "ec2:RunInstances")
    assert found.reason == "because no permissions boundary allows the ec2:RunInstances action"


def test_the_boundary_of_a_user_can_be_set_and_taken(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("*"))
    iam = fake_account.moto.backend("iam")
    made = iam.create_policy("", "/", policy(allow("s3:*")), "edge", {})
    owner = root(fake_account.id)
    boundary = {"UserName": "ada", "PermissionsBoundary": made.arn}
    fake_account.call("iam", "PutUserPermissionsBoundary", boundary, principal=owner)
    assert not fake_account.iam.decide(ada, "ec2:RunInstances")
    fake_account.call("iam", "DeleteUserPermissionsBoundary", {"UserName": "ada"}, principal=owner)
    assert fake_account.iam.decide(ada, "ec2:RunInstances")
    with pytest.raises(AwsError, match="does not have a permissions boundary"):
        fake_account.call("iam", "DeleteUserPermissionsBoundary", {"UserName": "ada"}, principal=owner)


def test_a_session_policy_narrows(fake_account: FakeAccount) -> None:
    add_role(fake_account, "worker", trust({"AWS": "*"}), allow("*"))
    narrow = session_of(fake_account, "worker", session_policies=(policy(allow("s3:GetObject")),))
    assert fake_account.iam.decide(narrow, "s3:GetObject", f"{BUCKET}/a")
    found = fake_account.iam.decide(narrow, "s3:PutObject", f"{BUCKET}/a")
    assert found.reason == "because no session policy allows the s3:PutObject action"


def test_a_session_of_a_role_made_anew_may_nothing(fake_account: FakeAccount) -> None:
    add_role(fake_account, "worker", trust({"AWS": "*"}), allow("*"))
    old = session_of(fake_account, "worker")
    iam = fake_account.moto.backend("iam")
    iam.delete_role_policy("worker", "inline")
    iam.delete_role("worker")
    add_role(fake_account, "worker", trust({"AWS": "*"}), allow("*"))
    assert not fake_account.iam.decide(old, "s3:GetObject", f"{BUCKET}/a")
    assert fake_account.iam.decide(session_of(fake_account, "worker"), "s3:GetObject", f"{BUCKET}/a")


def test_a_bucket_policy_lets_a_user_in_and_keeps_everybody_out(fake_account: FakeAccount) -> None:
    ada, bob = add_user(fake_account, "ada"), add_user(fake_account, "bob", allow("s3:*"))
    owner = root(fake_account.id)
    fake_account.call("s3", "CreateBucket", {"Bucket": "data"}, principal=owner)
    text = policy(
        {**allow("s3:GetObject", f"{BUCKET}/*"), "Principal": {"AWS": ada.arn}},
        {**deny("s3:GetObject", f"{BUCKET}/secret"), "Principal": "*"},
    )
    fake_account.call("s3", "PutBucketPolicy", {"Bucket": "data", "Policy": text}, principal=owner)
    assert fake_account.iam.decide(ada, "s3:GetObject", f"{BUCKET}/a")
    found = fake_account.iam.decide(bob, "s3:GetObject", f"{BUCKET}/secret")
    assert found.reason == "with an explicit deny in a resource-based policy"
    assert not fake_account.iam.decide(owner, "s3:GetObject", f"{BUCKET}/secret")


def test_a_key_policy_has_to_let_the_account_in(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("kms:*"))
    owner = root(fake_account.id)
    key = fake_account.call("kms", "CreateKey", {}, principal=owner)["KeyMetadata"]["Arn"]
    assert fake_account.iam.decide(ada, "kms:Decrypt", key)
    text = policy({**allow("kms:*"), "Principal": {"AWS": "arn:aws:iam::123456789012:user/bob"}})
    fake_account.call(
        "kms", "PutKeyPolicy", {"KeyId": key, "PolicyName": "default", "Policy": text}, principal=owner
    )
    found = fake_account.iam.decide(ada, "kms:Decrypt", key)
    assert found.reason == "because no resource-based policy allows the kms:Decrypt action"


@pytest.mark.parametrize(
    ("condition", "context", "allowed"),
    [
        ({"StringEquals": {"aws:PrincipalTag/team": "red"}}, {}, True),
        ({"StringEquals": {"aws:PrincipalTag/team": "blue"}}, {}, False),
        (
            {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
            {"aws:ResourceTag/team": "red"},
            True,
        ),
        (
            {"StringEquals": {"aws:ResourceTag/team": "${aws:PrincipalTag/team}"}},
            {"aws:ResourceTag/team": "x"},
            False,
        ),
        ({"StringLike": {"aws:username": "a?a"}}, {}, True),
        ({"ForAllValues:StringEquals": {"aws:TagKeys": ["a", "b"]}}, {"aws:TagKeys": ["a"]}, True),
        ({"ForAnyValue:StringEquals": {"aws:TagKeys": ["a"]}}, {"aws:TagKeys": ["b", "c"]}, False),
        ({"Null": {"aws:RequestTag/team": "false"}}, {"aws:RequestTag/team": "x"}, True),
        ({"StringEqualsIfExists": {"aws:RequestTag/team": "x"}}, {}, True),
        ({"Bool": {"aws:SecureTransport": "true"}}, {}, True),
        ({"IpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, {}, True),
        ({"NotIpAddress": {"aws:SourceIp": "127.0.0.0/8"}}, {}, False),
        ({"DateLessThan": {"aws:CurrentTime": "2026-11-21T00:00:00Z"}}, {}, True),
        ({"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3:max-keys": "11"}, False),
        ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::123456789012:user/*"}}, {}, True),
    ],
)
def test_conditions(
    fake_account: FakeAccount, condition: object, context: dict[str, str | list[str]], allowed: bool
) -> None:
    ada = add_user(fake_account, "ada", allow("s3:*", Condition=condition))
    fake_account.moto.backend("iam").tag_user("ada", [{"Key": "team", "Value": "red"}])
    ada = fake_account.iam.identities.user_principal(fake_account.iam.identities.user("ada"))
    assert fake_account.iam.decide(ada, "s3:ListBucket", BUCKET, context).allowed is allowed


def test_a_decision_by_time_is_not_remembered(fake_account: FakeAccount) -> None:
    until = {"DateLessThan": {"aws:CurrentTime": "2026-11-21T00:00:00Z"}}
    ada = add_user(fake_account, "ada", allow("s3:*", Condition=until))
    assert fake_account.iam.decide(ada, "s3:ListBucket", BUCKET)
    fake_account.clock.advance(timedelta(days=2))
    assert not fake_account.iam.decide(ada, "s3:ListBucket", BUCKET)


def test_services_of_aws_are_not_asked_for_policies(fake_account: FakeAccount) -> None:
    assert fake_account.iam.decide(service(fake_account.id, "eks.amazonaws.com"), "ec2:RunInstances")


def test_a_remembered_decision_is_quick(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("ec2:*"))
    first = fake_account.iam.decide(ada, "ec2:AssignPrivateIpAddresses")
    assert fake_account.iam.decide(ada, "ec2:AssignPrivateIpAddresses") is first
