"""simulate-principal-policy and simulate-custom-policy."""

from __future__ import annotations

import pytest

from eks_lab.aws.errors import AwsError
from eks_lab.aws.principal import root
from tests.aws.account_fake import FakeAccount, add_role, add_user, allow, deny, policy, trust


def decisions(account: FakeAccount, operation: str, **params: object) -> dict[tuple[str, str], str]:
    found = account.call("iam", operation, params, principal=root(account.id))
    return {
        (each["EvalActionName"], each["EvalResourceName"]): each["EvalDecision"]
        for each in found["EvaluationResults"]
    }


def test_an_identity_is_judged_by_its_policies(fake_account: FakeAccount) -> None:
    ada = add_user(fake_account, "ada", allow("s3:Get*", "arn:aws:s3:::data/*"), deny("s3:GetObjectAcl"))
    found = decisions(
        fake_account,
        "SimulatePrincipalPolicy",
        PolicySourceArn=ada.arn,
        ActionNames=["s3:GetObject", "s3:GetObjectAcl", "s3:PutObject"],
        ResourceArns=["arn:aws:s3:::data/a"],
    )
    assert list(found.values()) == ["allowed", "explicitDeny", "implicitDeny"]


def test_a_role_in_a_path_is_found(fake_account: FakeAccount) -> None:
    arn = add_role(fake_account, "w", trust({"AWS": "*"}), allow("ec2:*"), path="/team/")
    found = decisions(
        fake_account, "SimulatePrincipalPolicy", PolicySourceArn=arn, ActionNames=["ec2:RunInstances"]
    )
    assert found == {("ec2:RunInstances", "*"): "allowed"}


def test_a_simulation_says_which_context_it_misses(fake_account: FakeAccount) -> None:
    document = policy(allow("ec2:*", Condition={"StringEquals": {"ec2:InstanceType": "t3.micro"}}))
    params = {"PolicyInputList": [document], "ActionNames": ["ec2:RunInstances"]}
    found = fake_account.call("iam", "SimulateCustomPolicy", params, principal=root(fake_account.id))
    result = found["EvaluationResults"][0]
    assert (result["EvalDecision"], result["MissingContextValues"]) == ("implicitDeny", ["ec2:instancetype"])
    entry = {
        "ContextKeyName": "ec2:InstanceType",
        "ContextKeyValues": ["t3.micro"],
        "ContextKeyType": "string",
    }
    assert decisions(fake_account, "SimulateCustomPolicy", **params, ContextEntries=[entry]) == {
        ("ec2:RunInstances", "*"): "allowed"
    }


def test_nobody_is_simulated_who_is_not_there(fake_account: FakeAccount) -> None:
    with pytest.raises(AwsError) as refused:
        decisions(
            fake_account,
            "SimulatePrincipalPolicy",
            PolicySourceArn="arn:aws:iam::123456789012:user/nobody",
            ActionNames=["s3:GetObject"],
        )
    assert (refused.value.code, refused.value.status) == ("NoSuchEntity", 404)


def test_a_group_is_judged_by_its_own(fake_account: FakeAccount) -> None:
    iam = fake_account.moto.backend("iam")
    iam.create_group("readers")
    iam.put_group_policy("readers", "inline", policy(allow("s3:Get*")))
    found = decisions(
        fake_account,
        "SimulatePrincipalPolicy",
        PolicySourceArn="arn:aws:iam::123456789012:group/readers",
        ActionNames=["s3:GetObject", "s3:PutObject"],
    )
    assert list(found.values()) == ["allowed", "implicitDeny"]


def test_context_keys_of_documents(fake_account: FakeAccount) -> None:
    document = policy(allow("s3:*", Condition={"StringEquals": {"aws:PrincipalTag/team": "x"}}))
    found = fake_account.call(
        "iam",
        "GetContextKeysForCustomPolicy",
        {"PolicyInputList": [document]},
        principal=root(fake_account.id),
    )
    assert found["ContextKeyNames"] == ["aws:principaltag/team"]
