"""Pods' addresses: prefix delegation and custom networking, with the pod limit that goes with them."""

from __future__ import annotations

import pytest

from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
from tests.generate.terraform.bundles import bundle, text_of


@pytest.mark.parametrize("types", ["m5.large", "m5.8xlarge", "m7i.large,m5.large", "t3.small,t3.large"])
@pytest.mark.parametrize(("prefix", "custom"), [(True, False), (False, True), (True, True)])
def test_max_pods_are_those_of_the_calculator(types: str, prefix: bool, custom: bool) -> None:
    calculator = registry.get("max-pods")
    lowest = min(
        calculator.compute(
            read_inputs(
                calculator,
                {"instance": instance, "prefix_delegation": prefix, "custom_networking": custom},
            )
        ).result["max_pods"]
        for instance in types.split(",")
    )
    found = bundle(node_groups=f"a types={types}", prefix_delegation=prefix, custom_networking=custom)
    variables = " ".join(text_of(found, "variables.tf").split())
    assert f"max_pods = {lowest} " in variables
    assert 'maxPodsExpression: "${group.max_pods}"' in text_of(found, "nodes.tf")


def test_without_either_nobody_touches_the_limit() -> None:
    found = bundle()
    assert "max_pods" not in text_of(found, "variables.tf")
    assert "user_data" not in text_of(found, "nodes.tf")


def test_bottlerocket_takes_toml_and_a_second_volume() -> None:
    nodes = text_of(
        bundle(node_groups="a types=m5.large ami=bottlerocket", prefix_delegation=True), "nodes.tf"
    )
    assert "[settings.kubernetes]" in nodes
    assert "max-pods = ${group.max_pods}" in nodes
    assert "NodeConfig" not in nodes
    assert '"/dev/xvdb"' in nodes
    both = "a types=m5.large; b types=m5.large ami=bottlerocket"
    nodes = text_of(bundle(node_groups=both, prefix_delegation=True), "nodes.tf")
    assert "NodeConfig" in nodes
    assert "[settings.kubernetes]" in nodes


def test_custom_networking_makes_eniconfigs_in_a_further_range() -> None:
    found = bundle(custom_networking=True)
    assert '["100.64.0.0/18", "100.64.64.0/18", "100.64.128.0/18"]' in text_of(found, "variables.tf")
    addons = text_of(found, "addons.tf")
    assert 'AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG = "true"' in addons
    assert 'ENI_CONFIG_LABEL_DEF               = "topology.kubernetes.io/zone"' in addons
    assert "ENABLE_PREFIX_DELEGATION" not in addons
    assert "aws_vpc_ipv4_cidr_block_association" in text_of(found, "vpc.tf")
    assert 'resource "aws_route_table_association" "pods"' in text_of(found, "routing.tf")


def test_a_public_endpoint_lets_the_nodes_in_through_nat() -> None:
    cluster = text_of(bundle(endpoint="public", public_access_cidrs="8.8.8.8/32"), "cluster.tf")
    assert "address.public_ip" in cluster
    assert "endpoint_private_access = false" in cluster


def test_subnets_that_are_not_given_avoid_those_that_are() -> None:
    found = bundle(vpc_cidr="10.0.0.0/20", public_cidrs="10.0.0.0/24,10.0.2.0/24,10.0.4.0/24")
    assert '["10.0.6.0/23", "10.0.8.0/23", "10.0.10.0/23"]' in text_of(found, "variables.tf")


def test_regional_nat_needs_no_public_subnet() -> None:
    routing = text_of(bundle(nat="regional", public_subnets=False), "routing.tf")
    assert 'availability_mode = "regional"' in routing
    assert "aws_eip" not in routing
    assert "aws_internet_gateway" in routing
    assert "aws_subnet.public" not in routing
