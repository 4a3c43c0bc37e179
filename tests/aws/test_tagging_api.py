"""GetResources over EC2, EKS and moto's services, and the tags of node groups' Auto Scaling groups."""

from __future__ import annotations

from typing import Any

import pytest

from tests.aws.world_lab import WorldLab

TAGS = {"team": "blue", "stage": "test"}


@pytest.fixture(scope="module")
def lab() -> WorldLab:
    made = WorldLab(nodes=1)
    listed = [{"Key": key, "Value": value} for key, value in TAGS.items()]
    arn = made.call("eks", "DescribeCluster", name="lab")["cluster"]["arn"]
    made.call("eks", "TagResource", resourceArn=arn, tags=TAGS)
    made.call(
        "ec2",
        "CreateVpc",
        CidrBlock="10.9.0.0/16",
        TagSpecifications=[{"ResourceType": "vpc", "Tags": listed}],
    )
    made.call(
        "ec2",
        "CreateLaunchTemplate",
        LaunchTemplateName="of-a-team",
        LaunchTemplateData={},
        TagSpecifications=[{"ResourceType": "launch-template", "Tags": listed[:1]}],
    )
    made.call("sqs", "CreateQueue", QueueName="of-a-team", tags={"team": "blue"})
    return made


def kinds(lab: WorldLab, **params: Any) -> set[str]:
    found = lab.call("resourcegroupstaggingapi", "GetResources", **params)["ResourceTagMappingList"]
    return {":".join(each["ResourceARN"].split(":")[2::3]).split("/")[0] for each in found}


def test_everything_with_a_tag(lab: WorldLab) -> None:
    found = kinds(lab, TagFilters=[{"Key": "team", "Values": ["blue"]}])
    assert found == {"ec2:vpc", "ec2:launch-template", "eks:cluster", "sqs:of-a-team"}


def test_all_filters_have_to_fit(lab: WorldLab) -> None:
    filters = [{"Key": "team"}, {"Key": "stage", "Values": ["test", "live"]}]
    assert kinds(lab, TagFilters=filters) == {"ec2:vpc", "eks:cluster"}
    assert kinds(lab, TagFilters=[{"Key": "team", "Values": ["red"]}]) == set()


def test_by_type_and_by_arn(lab: WorldLab) -> None:
    team = [{"Key": "team"}]
    assert kinds(lab, TagFilters=team, ResourceTypeFilters=["ec2"]) == {"ec2:vpc", "ec2:launch-template"}
    assert kinds(lab, TagFilters=team, ResourceTypeFilters=["eks:cluster"]) == {"eks:cluster"}
    arn = lab.call("eks", "DescribeCluster", name="lab")["cluster"]["arn"]
    assert kinds(lab, ResourceARNList=[arn]) == {"eks:cluster"}


def test_tags_of_a_node_groups_auto_scaling_group(lab: WorldLab) -> None:
    group = lab.call("autoscaling", "DescribeAutoScalingGroups")["AutoScalingGroups"][0]
    tag = {
        "ResourceId": group["AutoScalingGroupName"], "ResourceType": "auto-scaling-group", "Key": "team",
        "Value": "blue", "PropagateAtLaunch": False,
    }  # fmt: skip
    lab.call("autoscaling", "CreateOrUpdateTags", Tags=[tag])
    lab.call("autoscaling", "CreateOrUpdateTags", Tags=[{**tag, "Value": "green"}])
    found = lab.call("autoscaling", "DescribeAutoScalingGroups")["AutoScalingGroups"][0]
    assert [each for each in found["Tags"] if each["Key"] == "team"] == [{**tag, "Value": "green"}]
    assert len(found["Tags"]) == len(group["Tags"]) + 1
