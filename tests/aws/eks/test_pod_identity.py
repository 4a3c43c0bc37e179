"""Pod Identity associations."""

from __future__ import annotations

import json
from typing import Any

import pytest

from eks_lab.aws.eks.pod_identity import association_of
from eks_lab.aws.eks.surroundings import Role
from tests.aws.eks.lab import ACCOUNT, CLUSTER_ROLE, POD_ROLE, Lab, trust

Params = dict[str, Any]
POLICY = json.dumps({"Version": "2012-10-17", "Statement": []})


def associate(lab: Lab, **more: Any) -> Params:
    params: Params = {
        "clusterName": "one",
        "namespace": "shop",
        "serviceAccount": "reader",
        "roleArn": POD_ROLE,
    }
    made: Params = lab.call("CreatePodIdentityAssociation", **{**params, **more})["association"]
    return made


def test_an_association_is_made_changed_and_taken_away(lab: Lab) -> None:
    lab.active()
    made = associate(lab, tags={"a": "b"})
    identifier = made["associationId"]
    assert identifier.startswith("a-")
    assert made["associationArn"].endswith(f"podidentityassociation/one/{identifier}")
    found = association_of(lab.eks, "one", "shop", "reader")
    assert found is not None
    assert association_of(lab.eks, "one", "shop", "writer") is None
    ours: Params = {"clusterName": "one", "associationId": identifier}
    assert lab.call("DescribePodIdentityAssociation", **ours)["association"] == made
    target = "arn:aws:iam::210987654321:role/there"
    changed = lab.call("UpdatePodIdentityAssociation", **ours, targetRoleArn=target)["association"]
    assert changed["targetRoleArn"] == target
    assert changed["externalId"] == f"us-east-1/{ACCOUNT}/one/shop/reader"
    changed = lab.call("UpdatePodIdentityAssociation", **ours, targetRoleArn="")["association"]
    assert "targetRoleArn" not in changed
    assert "externalId" not in changed
    lab.call("DeletePodIdentityAssociation", **ours)
    assert lab.refusal("DescribePodIdentityAssociation", **ours).code == "ResourceNotFoundException"


def test_one_for_each_service_account(lab: Lab) -> None:
    lab.active()
    made = associate(lab, clientRequestToken="t")
    assert associate(lab, clientRequestToken="t") == made
    error = lab.refusal(
        "CreatePodIdentityAssociation",
        clusterName="one",
        namespace="shop",
        serviceAccount="reader",
        roleArn=POD_ROLE,
    )
    assert (error.code, error.message) == (
        "ResourceInUseException",
        f"Association already exists: {made['associationId']}",
    )
    associate(lab, namespace="other")
    rows = lab.call("ListPodIdentityAssociations", clusterName="one", namespace="shop")["associations"]
    assert [row["associationId"] for row in rows] == [made["associationId"]]


@pytest.mark.parametrize(
    ("params", "code", "text"),
    [
        (
            {"roleArn": f"{POD_ROLE}-none"},
            "ResourceNotFoundException",
            "Role provided in the request does not exist.",
        ),
        ({"roleArn": CLUSTER_ROLE}, "InvalidParameterException", "Trust policy of the role"),
        ({"roleArn": "arn:aws:iam::210987654321:role/x"}, "InvalidParameterException", "targetRoleArn"),
        ({"roleArn": "nonsense"}, "InvalidParameterException", "not a valid ARN"),
        ({"roleArn": ""}, "InvalidParameterException", "not a valid ARN"),
        ({"namespace": "Bad_Name"}, "InvalidParameterException", "namespace"),
        ({"policy": POLICY}, "InvalidParameterException", "disableSessionTags must be true"),
        ({"policy": "[", "disableSessionTags": True}, "InvalidParameterException", "JSON document"),
    ],
)
def test_associations_that_are_refused(lab: Lab, params: Params, code: str, text: str) -> None:
    lab.described_as_active()
    base: Params = {
        "clusterName": "one",
        "namespace": "shop",
        "serviceAccount": "reader",
        "roleArn": POD_ROLE,
    }
    error = lab.refusal("CreatePodIdentityAssociation", **{**base, **params})
    assert error.code == code
    assert text in error.message


def test_a_role_has_to_allow_session_tags(lab: Lab) -> None:
    lab.active()
    document = trust("pods.eks.amazonaws.com")
    document["Statement"][0]["Action"] = "sts:AssumeRole"
    lab.surroundings.roles[POD_ROLE] = Role(POD_ROLE, "reader", document)
    error = lab.refusal(
        "CreatePodIdentityAssociation",
        clusterName="one",
        namespace="shop",
        serviceAccount="reader",
        roleArn=POD_ROLE,
    )
    assert "sts:TagSession" in error.message


def test_a_session_policy_is_kept(lab: Lab) -> None:
    lab.active()
    made = associate(lab, policy=POLICY, disableSessionTags=True)
    assert (made["policy"], made["disableSessionTags"]) == (POLICY, True)
    ours: Params = {"clusterName": "one", "associationId": made["associationId"]}
    error = lab.refusal("UpdatePodIdentityAssociation", **ours, disableSessionTags=False)
    assert "disableSessionTags must be true" in error.message
    changed = lab.call("UpdatePodIdentityAssociation", **ours, policy="", disableSessionTags=False)[
        "association"
    ]
    assert "policy" not in changed
