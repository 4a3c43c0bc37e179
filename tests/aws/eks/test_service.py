"""The service as the gateway sees it: every operation of the model, IAM's part, tags, insights, and the small ones."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from eks_lab.aws.eks.not_simulated import REASONS, NotSimulatedOperationError
from eks_lab.aws.eks.service import OPERATIONS
from eks_lab.aws.eks.surroundings import Role
from eks_lab.aws.service import Call
from tests.aws.eks.lab import CLUSTER_ROLE, NODE_ROLE, POD_ROLE, STUDENT, SUBNETS, Lab, model, trust

Params = dict[str, Any]


def test_every_operation_is_simulated_or_says_why_not() -> None:
    known = {"CreateCluster", *OPERATIONS, *REASONS}
    assert known == set(model().operation_names)
    assert not set(OPERATIONS) & set(REASONS)


@pytest.mark.parametrize("operation", sorted(REASONS))
def test_what_is_not_simulated_names_the_nearest(lab: Lab, operation: str) -> None:
    context = Call(STUDENT, "us-east-1", "r", lab.clock.now())
    with pytest.raises(NotSimulatedOperationError, match=r".{20}") as caught:
        lab.service.handle(operation, {}, context)
    assert caught.value.nearest in {"CreateCluster", *OPERATIONS}


@pytest.mark.parametrize("operation", sorted(OPERATIONS))
def test_nothing_of_a_cluster_that_is_not_there(lab: Lab, operation: str) -> None:
    shape = model().operation_model(operation).input_shape
    member = next((name for name in ("clusterName", "name") if name in shape.members), "")
    if not member or member not in shape.required_members:
        return
    params = {name: sample(shape.members[name]) for name in shape.required_members}
    params[member] = "none"
    error = lab.refusal(operation, **params)
    assert (error.code, error.message) == ("ResourceNotFoundException", "No cluster found for name: none.")


def sample(shape: Any) -> Any:
    """Return a value that botocore's validator takes."""
    if shape.type_name == "structure":
        return {name: sample(shape.members[name]) for name in shape.required_members}
    if shape.type_name == "list":
        return [sample(shape.member)]
    if shape.type_name == "map":
        return {}
    if shape.type_name == "boolean":
        return True
    if shape.type_name == "integer":
        return 1
    return (getattr(shape, "enum", None) or ["x"])[0]


def test_create_cluster_asks_for_the_role_too(lab: Lab) -> None:
    asked = lab.actions(
        "CreateCluster",
        name="one",
        roleArn=CLUSTER_ROLE,
        resourcesVpcConfig={"subnetIds": list(SUBNETS), "endpointPublicAccess": True},
        tags={"team": "red"},
    )
    assert [each.name for each in asked] == ["eks:CreateCluster", "eks:TagResource", "iam:PassRole"]
    assert asked[0].resource == "arn:aws:eks:us-east-1:123456789012:cluster/one"
    assert asked[0].context["aws:RequestTag/team"] == "red"
    assert asked[0].context["aws:TagKeys"] == ["team"]
    assert asked[0].context["eks:endpointPublicAccess"] == "true"
    assert asked[2].resource == CLUSTER_ROLE
    assert asked[2].context == {"iam:PassedToService": "eks.amazonaws.com"}


def test_iam_is_asked_about_what_is_there(lab: Lab) -> None:
    lab.active(tags={"team": "red"})
    group = lab.group(tags={"env": "dev"})
    (described,) = lab.actions("DescribeNodegroup", clusterName="one", nodegroupName="workers")
    assert described.resource == group["nodegroupArn"]
    assert described.context == {"aws:ResourceTag/env": "dev"}
    (cluster,) = lab.actions("DescribeCluster", name="one")
    assert cluster.context == {"aws:ResourceTag/team": "red"}
    (anything,) = lab.actions("ListClusters")
    assert anything.resource == "*"
    (policy,) = lab.actions(
        "AssociateAccessPolicy",
        clusterName="one",
        principalArn=POD_ROLE,
        policyArn="arn:p",
        accessScope={"type": "namespace", "namespaces": ["a"]},
    )
    assert policy.context["eks:namespaces"] == ["a"]
    assert policy.context["eks:policyArn"] == "arn:p"
    for operation in model().operation_names:
        shape = model().operation_model(operation).input_shape
        params = {name: sample(shape.members[name]) for name in shape.required_members}
        assert lab.actions(operation, **params)[0].name == f"eks:{operation}"


def test_tags_of_everything(lab: Lab) -> None:
    arn = lab.active(tags={"a": "1"})["arn"]
    lab.call("TagResource", resourceArn=arn, tags={"b": "2"})
    lab.call("UntagResource", resourceArn=arn, tagKeys=["a", "none"])
    assert lab.call("ListTagsForResource", resourceArn=arn) == {"tags": {"b": "2"}}
    group = lab.group()["nodegroupArn"]
    lab.call("TagResource", resourceArn=group, tags={"createdAt": "never a time"})
    assert lab.described_group()["tags"] == {"createdAt": "never a time"}
    assert lab.refusal("TagResource", resourceArn=arn, tags={"aws:x": "y"}).code == "BadRequestException"
    assert (
        lab.refusal("TagResource", resourceArn=arn, tags={f"k{n}": "" for n in range(50)}).code
        == "BadRequestException"
    )
    assert lab.refusal("ListTagsForResource", resourceArn=f"{arn}x").code == "NotFoundException"
    assert lab.refusal("ListTagsForResource", resourceArn="arn:aws:s3:::b").code == "BadRequestException"


def test_insights_pass_warn_and_are_refreshed(lab: Lab) -> None:
    lab.active()
    lab.group()
    lab.advance(minutes=2)
    rows = lab.call("ListInsights", clusterName="one")["insights"]
    assert {row["insightStatus"]["status"] for row in rows} == {"PASSING"}
    assert {row["kubernetesVersion"] for row in rows} == {"1.36"}
    node = lab.api().items("nodes")[0]
    info = {**node["status"]["nodeInfo"], "kubeletVersion": "v1.32.0-eks-1"}
    lab.api().update_status("nodes", {**node, "status": {**node["status"], "nodeInfo": info}})
    (skew,) = lab.call("ListInsights", clusterName="one", filter={"statuses": ["ERROR"]})["insights"]
    assert skew["name"] == "Kubelet version skew"
    insight = lab.call("DescribeInsight", clusterName="one", id=skew["id"])["insight"]
    assert insight["resources"][0]["kubernetesResourceUri"] == f"/api/v1/nodes/{node['metadata']['name']}"
    assert lab.refusal("DescribeInsight", clusterName="one", id="x").code == "ResourceNotFoundException"
    assert lab.call("ListInsights", clusterName="one", filter={"categories": ["MISCONFIGURATION"]}) == {
        "insights": []
    }
    assert lab.refusal("DescribeInsightsRefresh", clusterName="one").code == "ResourceNotFoundException"
    assert lab.call("StartInsightsRefresh", clusterName="one")["status"] == "IN_PROGRESS"
    assert lab.refusal("StartInsightsRefresh", clusterName="one").code == "InvalidRequestException"
    lab.advance(minutes=4)
    refresh = lab.call("DescribeInsightsRefresh", clusterName="one")
    assert refresh["status"] == "COMPLETED"
    (again,) = lab.call("ListInsights", clusterName="one", filter={"statuses": ["ERROR"]})["insights"]
    assert again["lastRefreshTime"] == refresh["endedAt"]
    assert lab.call("StartInsightsRefresh", clusterName="one")["status"] == "IN_PROGRESS"


def test_fargate_profiles_are_kept_and_say_that_no_pod_runs_there(lab: Lab) -> None:
    role = "arn:aws:iam::123456789012:role/pods"
    lab.surroundings.roles[role] = Role(role, "pods", trust("eks-fargate-pods.amazonaws.com"))
    lab.active()
    params: Params = {"clusterName": "one", "fargateProfileName": "fp", "podExecutionRoleArn": role}
    assert (
        lab.refusal("CreateFargateProfile", **params).message
        == "Fargate Profile requires at least one selector."
    )
    selectors = [{"namespace": "batch"}]
    assert (
        "could not be assumed"
        in lab.refusal(
            "CreateFargateProfile", **{**params, "podExecutionRoleArn": NODE_ROLE}, selectors=selectors
        ).message
    )
    labels = {str(number): "x" for number in range(6)}
    assert (
        "more than 5 Label pairs"
        in lab.refusal(
            "CreateFargateProfile", **params, selectors=[{"namespace": "a", "labels": labels}]
        ).message
    )
    made = lab.call("CreateFargateProfile", **params, selectors=selectors)["fargateProfile"]
    assert made["status"] == "CREATING"
    assert "does not run pods on Fargate" in made["health"]["issues"][0]["message"]
    lab.advance(minutes=3)
    ours: Params = {"clusterName": "one", "fargateProfileName": "fp"}
    assert lab.call("DescribeFargateProfile", **ours)["fargateProfile"]["status"] == "ACTIVE"
    assert lab.refusal("DeleteCluster", name="one").message == "Cluster has fargate profiles attached"
    lab.call("DeleteFargateProfile", **ours)
    lab.advance(minutes=3)
    assert lab.call("ListFargateProfiles", clusterName="one") == {"fargateProfileNames": []}
    assert lab.refusal("DescribeFargateProfile", **ours).message == "No Fargate Profile found with name: fp."


def test_an_identity_provider_comes_and_goes(lab: Lab) -> None:
    lab.active()
    oidc = {
        "identityProviderConfigName": "corp",
        "issuerUrl": "https://login.example.com",
        "clientId": "kube",
    }
    bad = lab.refusal(
        "AssociateIdentityProviderConfig", clusterName="one", oidc={**oidc, "issuerUrl": "http://x"}
    )
    assert "https://" in bad.message
    update = lab.call("AssociateIdentityProviderConfig", clusterName="one", oidc=oidc)["update"]
    assert update["type"] == "AssociateIdentityProviderConfig"
    ours: Params = {"clusterName": "one", "identityProviderConfig": {"type": "oidc", "name": "corp"}}
    found = lab.call("DescribeIdentityProviderConfig", **ours)["identityProviderConfig"]["oidc"]
    assert (found["status"], found["usernameClaim"]) == ("CREATING", "sub")
    lab.advance(minutes=13)
    assert (
        lab.call("DescribeIdentityProviderConfig", **ours)["identityProviderConfig"]["oidc"]["status"]
        == "ACTIVE"
    )
    assert (
        lab.refusal("AssociateIdentityProviderConfig", clusterName="one", oidc=oidc).code
        == "ResourceInUseException"
    )
    assert lab.call("ListIdentityProviderConfigs", clusterName="one")["identityProviderConfigs"] == [
        {"type": "oidc", "name": "corp"}
    ]
    lab.call("DisassociateIdentityProviderConfig", **ours)
    lab.advance(minutes=13)
    assert lab.call("ListIdentityProviderConfigs", clusterName="one") == {"identityProviderConfigs": []}
    assert lab.refusal("DescribeIdentityProviderConfig", **ours).code == "ResourceNotFoundException"


def test_controllers_repeat_themselves_without_writing(lab: Lab) -> None:
    """Everything at rest: looking at all of it again changes nothing."""
    lab.active()
    lab.group()
    lab.call("CreateAddon", clusterName="one", addonName="kube-proxy")
    lab.advance(minutes=5)
    before = lab.store.revision
    lab.runtime.resync()
    lab.lockstep.advance(timedelta(minutes=10))
    assert lab.store.revision == before
