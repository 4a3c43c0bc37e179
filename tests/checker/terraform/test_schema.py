"""The table of the AWS provider: where it comes from, what it covers."""

from __future__ import annotations

import re

import pytest

from eks_lab import locations
from eks_lab.checker.terraform.functions import functions
from eks_lab.checker.terraform.schema import provider_schema
from eks_lab.checker.terraform.value_type import BOOL, NUMBER, STRING, ValueType, fits, read_type

NEEDED = [
    "aws_eks_cluster",
    "aws_eks_node_group",
    "aws_eks_addon",
    "aws_eks_access_entry",
    "aws_eks_access_policy_association",
    "aws_eks_fargate_profile",
    "aws_eks_pod_identity_association",
    "aws_eks_identity_provider_config",
    "aws_eks_capability",
    "aws_vpc",
    "aws_subnet",
    "aws_route_table",
    "aws_route",
    "aws_route_table_association",
    "aws_internet_gateway",
    "aws_nat_gateway",
    "aws_eip",
    "aws_security_group",
    "aws_security_group_rule",
    "aws_vpc_security_group_ingress_rule",
    "aws_vpc_endpoint",
    "aws_vpc_ipv4_cidr_block_association",
    "aws_ec2_subnet_cidr_reservation",
    "aws_flow_log",
    "aws_network_acl",
    "aws_instance",
    "aws_launch_template",
    "aws_autoscaling_group",
    "aws_iam_role",
    "aws_iam_policy",
    "aws_iam_role_policy",
    "aws_iam_role_policy_attachment",
    "aws_iam_instance_profile",
    "aws_iam_openid_connect_provider",
    "aws_kms_key",
    "aws_kms_alias",
    "aws_cloudwatch_log_group",
    "aws_cloudwatch_event_rule",
    "aws_cloudwatch_event_target",
    "aws_sqs_queue",
    "aws_sqs_queue_policy",
    "aws_efs_file_system",
    "aws_efs_mount_target",
    "aws_ec2_tag",
    "aws_ebs_volume",
    "aws_s3_bucket",
]


def test_it_names_its_sources() -> None:
    for source in provider_schema().sources:
        assert source["package"]
        assert re.fullmatch(r"\d+\.\d+\.\d+", source["version"])
        assert re.fullmatch(r"20\d\d-\d\d-\d\d", source["date"])


@pytest.mark.parametrize("name", NEEDED)
def test_types_that_a_cluster_needs_are_on_record(name: str) -> None:
    shape = provider_schema().shape("resource", name)
    assert shape is not None
    assert "id" in shape.arguments or "arn" in shape.arguments
    assert any(argument.writable for argument in shape.arguments.values())


def test_every_type_of_the_lessons_is_on_record() -> None:
    pattern = re.compile(r'^\s*(resource|data) "(aws_\w+)"', re.MULTILINE)
    for path in (locations.content_root() / "lessons").glob("*/*/terraform/*.tf"):
        for kind, name in pattern.findall(path.read_text("utf-8")):
            assert provider_schema().shape("data" if kind == "data" else "resource", name) is not None, name


def test_arguments_of_both_sources_are_there() -> None:
    cluster = provider_schema().shape("resource", "aws_eks_cluster")
    assert cluster is not None
    assert cluster.arguments["name"].required
    assert not cluster.arguments["arn"].writable
    assert cluster.blocks["vpc_config"].least == cluster.blocks["vpc_config"].most == 1
    # Came with version 6 of the provider, so only the newer source has them.
    assert cluster.arguments["deletion_protection"].type == BOOL
    assert "control_plane_scaling_config" in cluster.blocks
    nat = provider_schema().shape("resource", "aws_nat_gateway")
    assert nat is not None
    assert not nat.arguments["subnet_id"].required


def test_every_shape_can_be_read() -> None:
    schema = provider_schema()
    kinds: tuple[tuple[str, int], ...] = (("resource", 200), ("data", 100))
    for kind, least in kinds:
        assert kind in ("resource", "data")
        names = schema.recorded("data" if kind == "data" else "resource")
        assert len(names) > least
        for name in names:
            shape = schema.shape("data" if kind == "data" else "resource", name)
            assert shape is not None
            assert shape.type.attributes


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("string", STRING),
        ("any", None),
        ("list(number)", ValueType("list", element=NUMBER)),
        (
            "map(object({a=string,b=list(object({c=bool}))}))",
            ValueType(
                "map",
                element=ValueType(
                    "object",
                    attributes={
                        "a": STRING,
                        "b": ValueType("list", element=ValueType("object", attributes={"c": BOOL})),
                    },
                ),
            ),
        ),
    ],
)
def test_types_are_read(text: str, expected: ValueType | None) -> None:
    assert read_type(text) == expected


@pytest.mark.parametrize(
    ("found", "wanted", "expected"),
    [
        ("string", "string", True),
        ("number", "string", True),
        ("bool", "number", False),
        ("list(string)", "string", False),
        ("list(string)", "set(string)", True),
        ("list(list(string))", "set(string)", False),
        ("string", "list(string)", False),
        ("object({a=string})", "map(string)", True),
        ("object({a=list(string)})", "map(string)", False),
        ("object({a=string})", "list(string)", False),
        ("object({a=list(string)})", "object({a=string})", False),
        ("map(string)", "object({a=string})", True),
        ("any", "string", True),
    ],
)
def test_conversions(found: str, wanted: str, expected: bool) -> None:
    assert fits(read_type(found), read_type(wanted)) is expected


def test_functions_are_on_record() -> None:
    assert {"cidrsubnet", "jsonencode", "toset", "templatefile", "try", "plantimestamp"} <= set(functions())
    assert len(functions()["cidrsubnet"].parameters) == 3
    assert functions()["merge"].takes_more
