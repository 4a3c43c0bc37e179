"""Each preset is what its name promises; the production one is everything that facts ask of it."""

from __future__ import annotations

import pytest

from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
from eks_lab.generate.choices import read_choices
from eks_lab.generate.terraform.generator import GENERATOR
from tests.generate.terraform.bundles import bundle, text_of, whole
from tests.generate.terraform.declarations import Block, blocks


def only(found: list[Block], *labels: str) -> Block:
    return next(block for block in found if block.labels[: len(labels)] == labels)


@pytest.fixture(scope="module")
def production() -> list[Block]:
    return list(blocks(bundle("production")))


def test_production_cluster(production: list[Block]) -> None:
    cluster = only(production, "aws_eks_cluster", "main").body
    network = cluster["vpc_config"][0]
    assert network["endpoint_public_access"] is False
    assert network["endpoint_private_access"] is True
    assert "aws_subnet.control_plane" in network["subnet_ids"]
    assert cluster["access_config"][0]["authentication_mode"] == '"API"'
    assert cluster["access_config"][0]["bootstrap_cluster_creator_admin_permissions"] is False
    assert cluster["bootstrap_self_managed_addons"] is False
    assert sorted(cluster["enabled_cluster_log_types"]) == sorted(
        f'"{name}"' for name in ("api", "audit", "authenticator", "controllerManager", "scheduler")
    )
    assert cluster["upgrade_policy"][0]["support_type"] == '"STANDARD"'
    assert cluster["zonal_shift_config"][0]["enabled"] is True
    assert "aws_cloudwatch_log_group.cluster" in str(cluster["depends_on"])
    assert only(production, "deletion_protection").body["default"] is True
    assert only(production, "kubernetes_version").body["default"] == '"1.36"'


def test_production_key_and_logs(production: list[Block]) -> None:
    key = only(production, "aws_kms_key", "cluster").body
    assert (key["enable_key_rotation"], key["deletion_window_in_days"]) == (True, 30)
    logs = only(production, "aws_cloudwatch_log_group", "cluster").body
    assert logs["name"] == '"/aws/eks/${var.cluster_name}/cluster"'
    assert only(production, "log_retention_days").body["default"] == 365


def test_production_nodes(production: list[Block]) -> None:
    template = only(production, "aws_launch_template", "node").body
    assert template["metadata_options"][0]["http_tokens"] == '"required"'
    assert template["metadata_options"][0]["http_put_response_hop_limit"] == 1
    assert template["block_device_mappings"][0]["ebs"][0]["encrypted"] is True
    group = only(production, "aws_eks_node_group", "main").body
    assert "latest_version" in group["launch_template"][0]["version"]
    assert group["node_repair_config"][0]["enabled"] is True
    assert "desired_size" in str(group["lifecycle"][0]["ignore_changes"])
    assert "aws_eks_addon.before_nodes" in str(group["depends_on"])
    assert "AL2023_x86_64_STANDARD" in str(only(production, "node_groups").body["default"])
    policies = str(only(production, "aws_iam_role_policy_attachment", "node").body["for_each"])
    assert "AmazonEC2ContainerRegistryPullOnly" in policies
    assert "CNI" not in policies


def test_production_network(production: list[Block]) -> None:
    assert "local.zone_index" in only(production, "aws_nat_gateway", "zone").body["for_each"]
    route = only(production, "aws_route_table", "nodes").body["route"][0]
    assert route["nat_gateway_id"] == "${aws_nat_gateway.zone[each.key].id}"
    assert only(production, "aws_route_table", "public").body["route"][0]["gateway_id"].endswith(".id}")
    zones = only(production, "aws_availability_zones", "usable").body
    assert '"use1-az3"' in zones["exclude_zone_ids"]
    assert all("/28" in cidr for cidr in only(production, "control_plane_subnet_cidrs").body["default"])
    assert not any("map_public_ip_on_launch = true" in str(block.body) for block in production)


def test_production_addons_come_in_order(production: list[Block]) -> None:
    text = str(next(block for block in production if "addons_before_nodes" in block.body).body)
    for name in (
        "vpc-cni",
        "kube-proxy",
        "coredns",
        "eks-pod-identity-agent",
        "aws-ebs-csi-driver",
        "metrics-server",
    ):
        assert name in text
    assert "aws_eks_node_group.main" in str(
        only(production, "aws_eks_addon", "after_nodes").body["depends_on"]
    )


def test_production_asks_for_administrators_and_keeps_state_in_s3() -> None:
    found = bundle("production")
    assert "access = {" in text_of(found, "terraform.tfvars.example")
    assert 'backend "s3"' in text_of(found, "backend.tf")
    assert "use_lockfile = true" in text_of(found, "backend.tf")
    assert "-backend-config" in text_of(found, "README.md")


def test_learning_needs_only_your_address() -> None:
    found = bundle("learning")
    assert "aws_iam_session_context" in text_of(found, "access.tf")
    assert "aws_nat_gateway" in text_of(found, "routing.tf")
    assert "single" in text_of(found, "routing.tf")
    example = text_of(found, "terraform.tfvars.example")
    assert "public_access_cidrs" in example
    assert "access =" not in example
    assert "kms.tf" not in {file.name for file in found.files}


def test_private_has_no_way_out() -> None:
    text = whole(bundle("private"))
    assert "aws_internet_gateway" not in text
    assert "aws_nat_gateway" not in text
    assert "0.0.0.0/0" not in text
    assert '"ecr.dkr"' in text
    assert '"eks-auth"' in text


def test_auto_mode_switches_three_things_together() -> None:
    text = whole(bundle("auto-mode"))
    for block in ("compute_config", "elastic_load_balancing", "block_storage"):
        assert block in text
    assert "sts:TagSession" in text_of(bundle("auto-mode"), "iam_cluster.tf")
    assert "AmazonEKSComputePolicy" in text
    assert "AmazonEKSWorkerNodeMinimalPolicy" in text
    assert "vpc-cni" not in text
    assert "aws_eks_node_group" not in text


def test_karpenter_gets_roles_queue_and_rules() -> None:
    found = bundle("karpenter")
    there = {block.labels[0] for block in blocks(found) if block.kind == "resource"}
    assert {
        "aws_sqs_queue",
        "aws_sqs_queue_policy",
        "aws_cloudwatch_event_rule",
        "aws_cloudwatch_event_target",
    } <= there
    text = text_of(found, "karpenter.tf")
    for event in ("Spot Instance Interruption", "Rebalance", "State-change", "Health"):
        assert event in text
    assert 'type          = "EC2_LINUX"' in text
    assert "karpenter.sh/discovery" in text_of(found, "subnets.tf")
    assert "interruptionQueue" in text_of(found, "README.md")


@pytest.mark.parametrize("preset", GENERATOR.presets)
def test_every_preset_explains_and_prices_itself(preset: str) -> None:
    found = bundle(preset)
    readme = text_of(found, "README.md")
    assert "terraform destroy" in readme
    assert "USD an hour" in readme
    for file in found.files[1:]:
        assert f"`{file.name}`" in readme
    assert sum(len(file.reasons) for file in found.files) >= 40
    assert found.files[0].name == "README.md"
    assert found.notes


def test_the_price_is_that_of_the_calculator() -> None:
    calculator = registry.get("cluster-cost")
    answer = calculator.compute(
        read_inputs(
            calculator,
            {
                "instance": "m7i.large", "nodes": 3, "root_gib": 50, "zones": 3, "nat": "per-zone", "nat_gb": 0,
                "cross_zone_gb": 0, "load_balancers": 0, "ebs_gib": 0, "log_gb": 0, "kms_keys": 2,
            },
        )
    )  # fmt: skip
    assert f"**{answer.result['usd_per_hour']:.4f}**" in text_of(bundle("production"), "README.md")


def test_further_groups_cost_too() -> None:
    two = text_of(
        bundle(node_groups="a types=m7i.large desired=2 max=2; b types=c7i.large desired=3 max=3"),
        "README.md",
    )
    assert "| m7i.large on demand | 2 nodes |" in two
    assert "| c7i.large on demand | 3 nodes |" in two
    assert two.count("| Control plane |") == 1


def test_presets_differ_from_the_form_only_where_they_say() -> None:
    for name, values in GENERATOR.presets.items():
        chosen = read_choices(GENERATOR, name, {})
        plain = read_choices(GENERATOR, "", {})
        assert {field for field in chosen if chosen[field] != plain[field]} <= set(values)
        assert {field: chosen[field] for field in values} == dict(values)


def test_a_type_without_a_price_is_generated_and_says_so() -> None:
    readme = text_of(bundle(node_groups="old types=x1e.32xlarge"), "README.md")
    assert "There is no price on record: " in readme
    assert "x1e.32xlarge" in readme
    assert "USD an hour" not in readme
