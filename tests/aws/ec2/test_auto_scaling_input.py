"""Odd parameters of the Auto Scaling, Tagging and EC2 APIs are refused in AWS's words, and change nothing."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.aws.errors import AwsError
from tests.aws.world_lab import WorldLab


@pytest.fixture(scope="module")
def lab() -> WorldLab:
    return WorldLab(nodes=1)


def group(lab: WorldLab) -> dict[str, Any]:
    found: dict[str, Any] = lab.call("autoscaling", "DescribeAutoScalingGroups")["AutoScalingGroups"][0]
    return found


@pytest.mark.parametrize(
    ("operation", "params", "code"),
    [
        ("DescribeAutoScalingGroups", {"NextToken": "²"}, "InvalidNextToken"),
        ("DescribeAutoScalingGroups", {"NextToken": "9" * 5000}, "InvalidNextToken"),
        ("DescribeAutoScalingGroups", {"MaxRecords": -1}, "ValidationError"),
        ("TerminateInstanceInAutoScalingGroup", {"ShouldDecrementDesiredCapacity": True}, "ValidationError"),
    ],
)
def test_odd_parameters(lab: WorldLab, operation: str, params: dict[str, Any], code: str) -> None:
    with pytest.raises(AwsError) as refused:
        lab.call("autoscaling", operation, **params)
    assert refused.value.code == code


@pytest.mark.parametrize("sizes", [{"MinSize": -2, "DesiredCapacity": -1}, {"MinSize": 9, "MaxSize": 3}])
def test_no_group_has_fewer_than_no_instances(lab: WorldLab, sizes: dict[str, int]) -> None:
    before = group(lab)
    with pytest.raises(AwsError, match="ValidationError"):
        lab.call(
            "autoscaling",
            "UpdateAutoScalingGroup",
            AutoScalingGroupName=before["AutoScalingGroupName"],
            **sizes,
        )
    assert group(lab)["MinSize"] == before["MinSize"]


def test_a_tag_without_a_key_is_no_defect(lab: WorldLab) -> None:
    vpc = lab.call("ec2", "DescribeVpcs")["Vpcs"][0]["VpcId"]
    with pytest.raises(AwsError) as refused:
        lab.call("ec2", "CreateTags", Resources=[vpc], Tags=[{"Value": "x"}])
    assert refused.value.status < 500
    with pytest.raises(AwsError) as refused:
        lab.call("resourcegroupstaggingapi", "GetResources", TagFilters=[{}])
    assert refused.value.code == "InvalidParameterException"


def test_a_subnet_needs_a_block(lab: WorldLab) -> None:
    vpc = lab.call("ec2", "DescribeVpcs")["Vpcs"][0]["VpcId"]
    with pytest.raises(AwsError) as refused:
        lab.call("ec2", "CreateSubnet", VpcId=vpc)
    assert refused.value.code == "MissingParameter"


def test_a_page_token_of_letters_that_look_like_digits(lab: WorldLab) -> None:
    with pytest.raises(AwsError) as refused:
        lab.call("ec2", "DescribeInstanceTypes", NextToken="²")
    assert refused.value.code == "InvalidParameterValue"
