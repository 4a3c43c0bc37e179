"""AssumeRoleForPodIdentity."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from eks_lab.aws.errors import AwsError
from eks_lab.aws.principal import root
from tests.aws.account_fake import FakeAccount, add_role, add_user, allow, policy, trust
from tests.aws.issuer import ISSUER, publish, token

AUDIENCE = "pods.eks.amazonaws.com"
BOTH = ["sts:AssumeRole", "sts:TagSession"]
ARN = "arn:aws:eks:us-east-1:123456789012:cluster/lab"


def associate(account: FakeAccount, role: str, **spec: Any) -> None:
    metadata = {"namespace": "lab", "name": "a-1", "uid": "1"}
    given = {
        "namespace": "default",
        "serviceAccount": "app",
        "roleArn": role,
        "associationArn": "arn:aws:eks:us-east-1:123456789012:podidentityassociation/lab/a-1",
        "associationId": "a-1",
        **spec,
    }
    account.store.put("podidentityassociations.eks", {"metadata": metadata, "spec": given})


@pytest.fixture
def account(fake_account: FakeAccount) -> FakeAccount:
    publish(fake_account)
    cluster = {
        "metadata": {"namespace": "", "name": "lab", "uid": "c"},
        "spec": {"identity": {"oidc": {"issuer": ISSUER}}},
    }
    fake_account.store.put("clusters.eks", cluster)
    return fake_account


def assume(account: FakeAccount, given: str, cluster: str = "lab") -> dict[str, Any]:
    params = {"clusterName": cluster, "token": given}
    return account.call("eks-auth", "AssumeRoleForPodIdentity", params, principal=root(account.id))


def refusal(account: FakeAccount, given: str, cluster: str = "lab") -> str:
    with pytest.raises(AwsError) as refused:
        assume(account, given, cluster)
    return refused.value.code


def test_a_pod_gets_its_role_with_tags(account: FakeAccount) -> None:
    role = add_role(account, "app", trust({"Service": AUDIENCE}, BOTH))
    associate(account, role)
    found = assume(account, token(account, audience=AUDIENCE))
    assert found["subject"] == {"namespace": "default", "serviceAccount": "app"}
    assert found["assumedRoleUser"]["arn"].startswith(
        "arn:aws:sts::123456789012:assumed-role/app/eks-lab-app-1-"
    )
    keys = found["credentials"]
    assert keys["expiration"] == account.clock.now() + timedelta(hours=6)
    principal = account.iam.principal_of(keys["accessKeyId"], keys["sessionToken"])
    assert principal.tags == {
        "eks-cluster-arn": ARN,
        "eks-cluster-name": "lab",
        "kubernetes-namespace": "default",
        "kubernetes-service-account": "app",
        "kubernetes-pod-name": "app-1",
        "kubernetes-pod-uid": "u-1",
    }
    assert len(principal.session) <= 64


def test_tags_decide_in_policies(account: FakeAccount) -> None:
    mine = "arn:aws:s3:::data/${aws:PrincipalTag/kubernetes-namespace}/*"
    role = add_role(account, "app", trust({"Service": AUDIENCE}, BOTH), allow("s3:GetObject", mine))
    associate(account, role)
    keys = assume(account, token(account, audience=AUDIENCE))["credentials"]
    principal = account.iam.principal_of(keys["accessKeyId"], keys["sessionToken"])
    assert account.iam.decide(principal, "s3:GetObject", "arn:aws:s3:::data/default/a")
    assert not account.iam.decide(principal, "s3:GetObject", "arn:aws:s3:::data/other/a")


@pytest.mark.parametrize(
    "trusts",
    [
        trust({"Service": "ec2.amazonaws.com"}, BOTH),
        trust({"Service": AUDIENCE}, "sts:AssumeRole"),
        trust(
            {"Service": AUDIENCE},
            BOTH,
            Condition={"StringEquals": {"aws:RequestTag/kubernetes-namespace": "x"}},
        ),
        trust({"Service": AUDIENCE}, BOTH, Condition={"ArnEquals": {"aws:SourceArn": ARN + "-other"}}),
    ],
)
def test_a_role_has_to_trust(account: FakeAccount, trusts: str) -> None:
    associate(account, add_role(account, "app", trusts))
    assert refusal(account, token(account, audience=AUDIENCE)) == "AccessDeniedException"


def test_without_session_tags_no_permission_for_them_is_needed(account: FakeAccount) -> None:
    associate(account, add_role(account, "app", trust({"Service": AUDIENCE})), disableSessionTags=True)
    keys = assume(account, token(account, audience=AUDIENCE))["credentials"]
    assert account.iam.principal_of(keys["accessKeyId"], keys["sessionToken"]).tags == {}


def test_a_target_role_is_reached_by_its_external_id(account: FakeAccount) -> None:
    role = add_role(account, "app", trust({"Service": AUDIENCE}, BOTH), allow("sts:*"))
    condition = {"StringEquals": {"sts:ExternalId": "us-east-1/123456789012/lab/default/app"}}
    target = add_role(account, "far", trust({"AWS": role}, BOTH, Condition=condition))
    associate(account, role, targetRoleArn=target, externalId="us-east-1/123456789012/lab/default/app")
    found = assume(account, token(account, audience=AUDIENCE))
    assert ":assumed-role/far/" in found["assumedRoleUser"]["arn"]
    associate(account, role, targetRoleArn=target, externalId="another")
    assert refusal(account, token(account, audience=AUDIENCE)) == "AccessDeniedException"


def test_a_session_policy_narrows(account: FakeAccount) -> None:
    role = add_role(account, "app", trust({"Service": AUDIENCE}, BOTH), allow("s3:*"))
    associate(account, role, policy=policy(allow("s3:GetObject")), disableSessionTags=True)
    keys = assume(account, token(account, audience=AUDIENCE))["credentials"]
    principal = account.iam.principal_of(keys["accessKeyId"], keys["sessionToken"])
    assert not account.iam.decide(principal, "s3:PutObject", "arn:aws:s3:::data/a")


def test_what_is_wrong_has_its_code(account: FakeAccount) -> None:
    good = token(account, audience=AUDIENCE)
    assert refusal(account, good) == "ResourceNotFoundException"
    assert refusal(account, good, "other") == "ResourceNotFoundException"
    associate(account, add_role(account, "app", trust({"Service": AUDIENCE}, BOTH)))
    assert refusal(account, token(account)) == "InvalidTokenException"
    assert refusal(account, token(account, audience=AUDIENCE, key=1)) == "InvalidTokenException"
    assert refusal(account, "no-token") == "InvalidTokenException"
    account.clock.advance(timedelta(hours=2))
    assert refusal(account, good) == "ExpiredTokenException"


def test_the_node_needs_permission(account: FakeAccount) -> None:
    associate(account, add_role(account, "app", trust({"Service": AUDIENCE}, BOTH)))
    params = {"clusterName": "lab", "token": token(account, audience=AUDIENCE)}
    nobody = add_user(account, "nobody")
    with pytest.raises(AwsError, match=f"eks-auth:AssumeRoleForPodIdentity on resource: {ARN}"):
        account.call("eks-auth", "AssumeRoleForPodIdentity", params, principal=nobody)
    worker = add_user(account, "worker", allow("eks-auth:AssumeRoleForPodIdentity"))
    assert account.call("eks-auth", "AssumeRoleForPodIdentity", params, principal=worker)
