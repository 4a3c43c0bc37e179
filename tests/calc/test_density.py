"""Density: no limit is ever exceeded, the cheapest comes first, and nothing is guessed."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.node_density import (
    NodeSetup,
    PodShape,
    attached_enis,
    can_join,
    fit,
    fleet,
    fleet_addresses,
    subnet_addresses,
)
from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import InstanceType, catalogue
from eks_lab.catalog.prices import price_list
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered
from tests.calc.arithmetic import value_of

TYPES = [instance for instance in catalogue() if can_join(instance)]


def pods_by(name: str, limit: str, **inputs: Any) -> int:
    """Return what one limit of a type allows."""
    candidates = answer("density", families=name.partition(".")[0], show=100, **inputs).result["candidates"]
    found: int = next(entry["limits"][limit] for entry in candidates if entry["instance"] == name)
    return found


@pytest.mark.parametrize(("name", "pods"), [("m5.large", 24), ("m7i.large", 31)])
def test_volumes_of_the_lesson(name: str, pods: int) -> None:
    """Lesson storage.access-and-limits: 27 shared less root disk and two ENIs, 32 dedicated less root disk."""
    assert pods_by(name, "volumes", volumes=1, cpu_millicores=10, memory_mib=16) == pods


@pytest.mark.parametrize(
    ("name", "prefix", "custom", "addresses", "cap"),
    [
        ("m5.large", False, False, 27, 108),
        ("m5.large", True, False, 432, 108),
        ("m5.large", False, True, 18, 108),
        ("m5.4xlarge", False, False, 232, 108),
        ("m5.24xlarge", False, False, 735, 248),
        ("t3.medium", True, True, 160, 108),
    ],
)
def test_addresses_and_max_pods_are_those_of_max_pods(
    name: str, prefix: bool, custom: bool, addresses: int, cap: int
) -> None:
    """Facts B1, less the two pods on the host network."""
    inputs = {"prefix_delegation": prefix, "custom_networking": custom, "cpu_millicores": 1, "memory_mib": 1}
    assert pods_by(name, "addresses", **inputs) == addresses
    assert pods_by(name, "max pods", **inputs) == cap


def test_cpu_and_memory_are_those_of_allocatable() -> None:
    left = answer("allocatable", instance="m5.xlarge", daemonset_memory_mib=300).result
    inputs = {"cpu_millicores": 300, "memory_mib": 700, "daemonset_memory_mib": 300}
    assert pods_by("m5.xlarge", "cpu", **inputs) == left["pods_cpu_millicores"] // 300
    assert pods_by("m5.xlarge", "memory", **inputs) == left["pods_memory_mib"] // 700


@pytest.mark.parametrize(
    ("inputs", "binding"),
    [
        ({"cpu_millicores": 900, "memory_mib": 64}, ["cpu"]),
        ({"cpu_millicores": 50, "memory_mib": 2000}, ["memory"]),
        ({"cpu_millicores": 10, "memory_mib": 10}, ["addresses"]),
        ({"cpu_millicores": 1, "memory_mib": 1, "prefix_delegation": True}, ["max pods"]),
        ({"cpu_millicores": 10, "memory_mib": 10, "volumes": 3}, ["volumes"]),
        ({"cpu_millicores": 65, "memory_mib": 10}, ["cpu", "addresses"]),
    ],
)
def test_what_decides(inputs: dict[str, Any], binding: list[str]) -> None:
    candidates = answer("density", families="m5", show=100, **inputs).result["candidates"]
    assert next(entry["binding"] for entry in candidates if entry["instance"] == "m5.large") == binding


def test_gpus_decide() -> None:
    found = answer("density", gpus=1, pods=5, cpu_millicores=1000, memory_mib=4000).result
    assert (found["instance"], found["nodes"], found["binding"]) == ("g4dn.xlarge", 5, ["gpus"])
    assert found["usd_per_hour"] == 2.63
    assert found["candidates"][-1]["limits"]["gpus"] == 8


def test_an_answer() -> None:
    found = answer("density", architecture="x86_64", families="m5, m6a, c6a", today="2026-11-22")
    assert found.headline == (
        "100 pods run cheapest on 7 nodes m6a.xlarge for 1.2096 USD an hour;"
        " a node carries 15 pods, decided by CPU."
    )
    assert found.result["usd_per_month"] == 883.01
    assert found.result["usd_per_pod_month"] == 8.8301
    assert found.result["addresses"] == 5 * 30 + 2 * 45
    assert [step.value for step in found.steps] == [15, 27, 108, 56, 15, 7, 1.2096]
    assert not any("days ago" in warning for warning in found.warnings)
    assert any("zz_generated.pricing_aws.go" in source.title for source in found.sources)


def test_old_prices_warn() -> None:
    assert any("490 days ago" in warning for warning in answer("density", today="2027-11-22").warnings)


def test_own_prices() -> None:
    found = answer("density", prices="m5d.xlarge=0.01, m5.xlarge=0.02", families="m5,m5d", show=2)
    assert [entry["instance"] for entry in found.result["candidates"]] == ["m5d.xlarge", "m5.xlarge"]
    assert any("Your own prices count" in warning for warning in found.warnings)


def test_types_without_a_price_are_named_and_not_compared() -> None:
    found = answer("density", families="m5,m5d,m5n")
    assert found.result["not_comparable_types"] == sum(
        1 for instance in TYPES if instance.family in ("m5d", "m5n")
    )
    assert {entry["instance"].partition(".")[0] for entry in found.result["candidates"]} == {"m5"}
    assert found.grids[-1].title == "Not comparable: no price on record"
    assert found.grids[-1].rows == (("m", found.result["not_comparable_types"], "m5d, m5n"),)
    assert len(answer("density", families="m5").grids) == 2


def test_filters() -> None:
    arm = answer("density", architecture="arm64", show=100).result["candidates"]
    assert all("arm64" in instance_types.get(entry["instance"]).architectures for entry in arm)
    cheap = answer("density", highest_usd_per_hour=0.1, show=100).result
    assert all(entry["usd_per_node_hour"] <= 0.1 for entry in cheap["candidates"])
    assert cheap["too_dear_types"] > 0
    assert not any(entry["instance"].startswith("t") for entry in cheap["candidates"])
    burstable = answer("density", burstable=True, highest_usd_per_hour=0.1, show=100).result["candidates"]
    assert any(entry["instance"].startswith("t3.") for entry in burstable)
    assert answer("density", families="t3").result["instance"].startswith("t3.")
    everything = answer("density", cpu_millicores=1, memory_mib=1, show=100)
    assert not any(entry["instance"].startswith(("a1.", "mac")) for entry in everything.result["candidates"])


def test_free_addresses() -> None:
    """A type that takes few addresses wins when there are few."""
    roomy = answer("density", families="m6g,c6g").result
    assert (roomy["instance"], roomy["addresses"]) == ("m6g.xlarge", 240)
    tight = answer("density", families="m6g,c6g", free_addresses=200).result
    assert (tight["instance"], tight["addresses"]) == ("c6g.2xlarge", 180)
    assert tight["too_many_addresses_types"] > 0


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"families": "m55"}, "families: 'm55' is no family of the catalogue"),
        ({"families": "m5.large"}, "families: 'm5.large' is no family of the catalogue"),
        ({"families": "m5d"}, "families: no type of m5d with architecture any has a price on record"),
        ({"families": "m5", "architecture": "arm64"}, "families: no type of m5 with architecture arm64"),
        ({"cpu_millicores": 1_000_000}, "carries one pod of 1000000 millicores and 512 MiB"),
        ({"volumes": 100, "families": "m5"}, "carries one pod of 250 millicores and 512 MiB, 100 volumes"),
        ({"highest_usd_per_hour": 0.001}, "highest_usd_per_hour: all"),
        ({"free_addresses": 3}, "free_addresses: 3 are too few for 100 pods"),
        ({"pods": 0}, "pods: 0 is below 1"),
        ({"memory_mib": -1}, "memory_mib: -1 is below 0"),
        ({"prices": "m5.lrge=1"}, "prices: no price named 'm5.lrge'"),
        ({"prices": "m5.large=nan"}, "prices: m5.large='nan' is no price"),
    ],
)
def test_nonsense_gets_a_sentence(inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("density", **inputs)
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("inputs", "warning"),
    [
        ({}, "is arm64: every image must be built for it"),
        ({"least_nodes": 1, "pods": 5}, "One node carries everything"),
        ({"families": "t3"}, "is burstable"),
        ({"cpu_millicores": 0}, "A pod without requests looks small"),
        ({"volumes": 1}, "NVMe disks"),
        ({"families": "m5", "cpu_millicores": 20, "memory_mib": 64}, "with prefix delegation it carries"),
        ({}, "Karpenter's first guess"),
        ({"memory_overhead_percent": 5}, "your own overhead"),
        ({}, "types are not compared"),
    ],
)
def test_warnings(inputs: dict[str, Any], warning: str) -> None:
    assert any(warning in found for found in answer("density", **inputs).warnings)


def test_at_the_same_price_more_nodes_come_first() -> None:
    candidates = answer("density", families="c6g", pods=1120).result["candidates"]
    for first, second in pairwise(candidates):
        assert (first["usd_per_hour"], -first["nodes"]) <= (second["usd_per_hour"], -second["nodes"]) or (
            second["instance"].endswith("metal")
        )


SHAPES = st.builds(
    PodShape,
    cpu_millicores=st.integers(0, 3000),
    memory_mib=st.integers(0, 8000),
    volumes=st.integers(0, 4),
    gpus=st.sampled_from([0, 0, 0, 1, 2]),
)
SETUPS = st.builds(
    NodeSetup,
    prefix_delegation=st.booleans(),
    custom_networking=st.booleans(),
    memory_overhead_percent=st.sampled_from([0.0, 5.0, 7.5]),
    daemonset_cpu_millicores=st.integers(0, 400),
    daemonset_memory_mib=st.integers(0, 1000),
    daemonset_pods=st.integers(0, 8),
)


def _holds(instance: InstanceType, shape: PodShape, setup: NodeSetup, pods: int) -> bool:
    """Whether a node carries so many pods, from the documented figures, written out once more."""
    usable = instance.default_card_enis - setup.custom_networking
    nitro = instance.hypervisor == "nitro" or instance.is_bare_metal
    places = usable * (instance.ipv4_per_eni - 1) * (16 if setup.prefix_delegation and nitro else 1)
    cap = 250 if instance.vcpus > 30 else 110
    max_pods = min(cap, places + 2)
    with_address = pods + setup.daemonset_pods
    cpu = sum(60 if n == 0 else 10 if n == 1 else 5 if n < 4 else 2.5 for n in range(instance.vcpus))
    capacity = instance.memory_mib - math.ceil(instance.memory_mib * setup.memory_overhead_percent / 100)
    memory = capacity - 255 - 11 * max_pods - 100 - setup.daemonset_memory_mib
    if pods * shape.cpu_millicores > max(0, instance.vcpus * 1000 - cpu - setup.daemonset_cpu_millicores):
        return False
    if pods * shape.memory_mib > max(0, memory) or with_address + 2 > cap or with_address > places:
        return False
    if pods * shape.gpus > instance.gpus:
        return False
    if shape.volumes and instance.ebs_attachments is not None:
        further = 0
        if instance.ebs_limit == "shared":
            per_eni = (instance.ipv4_per_eni - 1) * (16 if setup.prefix_delegation and nitro else 1)
            if setup.prefix_delegation and nitro:
                prefixes = min(usable * (instance.ipv4_per_eni - 1), -(-with_address // 16) + 1)
                enis = -(-prefixes // (instance.ipv4_per_eni - 1))
            else:
                enis = min(usable, -(-with_address // per_eni) + 1)
            further = enis - 1 + setup.custom_networking
        return pods * shape.volumes + 1 + further <= instance.ebs_attachments
    return True


@settings(deadline=None, max_examples=500)
@given(st.sampled_from(TYPES), SHAPES, SETUPS)
def test_no_limit_is_exceeded_and_one_more_pod_exceeds_one(
    instance: InstanceType, shape: PodShape, setup: NodeSetup
) -> None:
    found = fit(instance, shape, setup)
    assert found.pods == min(found.limits.values()) >= 0
    assert found.binding
    assert all(found.limits[name] == found.pods for name in found.binding)
    if found.pods:
        assert _holds(instance, shape, setup, found.pods)
    assert not _holds(instance, shape, setup, found.pods + 1)


@settings(deadline=None, max_examples=200)
@given(st.sampled_from(TYPES), SHAPES, SETUPS, st.integers(1, 5000), st.integers(1, 9))
def test_fleets(instance: InstanceType, shape: PodShape, setup: NodeSetup, pods: int, least: int) -> None:
    found = fit(instance, shape, setup)
    if not found.pods:
        return
    nodes = fleet(found, pods, 0.1, least_nodes=least)
    assert nodes.nodes * found.pods >= pods
    assert nodes.nodes == least or (nodes.nodes - 1) * found.pods < pods
    assert nodes.usd_per_hour == pytest.approx(0.1 * nodes.nodes)
    spread = [pods // nodes.nodes + (node < pods % nodes.nodes) for node in range(nodes.nodes)]
    assert max(spread) <= found.pods
    assert fleet_addresses(nodes, setup) == sum(
        subnet_addresses(instance, count + setup.daemonset_pods, setup) for count in spread
    )
    assert attached_enis(instance, found.pods, setup) <= instance.default_card_enis


QUESTION = st.fixed_dictionaries(
    {
        "pods": st.integers(1, 3000),
        "cpu_millicores": st.integers(0, 4000),
        "memory_mib": st.integers(0, 16_000),
        "volumes": st.integers(0, 3),
        "prefix_delegation": st.booleans(),
        "custom_networking": st.booleans(),
        "architecture": st.sampled_from(["any", "x86_64", "arm64"]),
        "families": st.none() | st.sampled_from(["m5", "c6g, m6g", "t3", "m5,m7i,c7i"]),
        "burstable": st.booleans(),
        "highest_usd_per_hour": st.none() | st.floats(0.01, 3),
        "least_nodes": st.integers(1, 5),
        "free_addresses": st.none() | st.integers(0, 3000),
        "show": st.integers(1, 20),
    }
)


@settings(deadline=None, max_examples=60)
@given(QUESTION)
def test_the_cheapest_comes_first(question: dict[str, Any]) -> None:
    found = answer_if_offered("density", **question)
    if found is None:
        return
    result = found.result
    assert json.loads(json.dumps(result)) == result
    prices = [entry["usd_per_hour"] for entry in result["candidates"]]
    assert prices == sorted(prices)
    assert len(prices) == min(question["show"], result["compared_types"])
    for entry in result["candidates"]:
        instance = instance_types.get(entry["instance"])
        assert entry["usd_per_node_hour"] == price_list().on_demand_usd_per_hour(instance)
        assert entry["pods_per_node"] == min(entry["limits"].values()) > 0
        assert entry["nodes"] >= question["least_nodes"]
        assert question["free_addresses"] is None or entry["addresses"] <= question["free_addresses"]
    assert [row[0] for row in found.grids[0].rows] == [entry["instance"] for entry in result["candidates"]]


@settings(deadline=None, max_examples=60)
@given(QUESTION)
def test_the_working_works_out(question: dict[str, Any]) -> None:
    found = answer_if_offered("density", **question)
    for step in found.steps if found else ():
        assert value_of(step.substitution) == pytest.approx(step.value), step


@settings(deadline=None, max_examples=60)
@given(QUESTION, st.integers(1, 500))
def test_more_pods_never_cost_less(question: dict[str, Any], more: int) -> None:
    question["free_addresses"] = None
    fewer = answer_if_offered("density", **question)
    greater = answer_if_offered("density", **{**question, "pods": question["pods"] + more})
    if fewer is None or greater is None:
        assert fewer is greater
        return
    assert fewer.result["usd_per_hour"] <= greater.result["usd_per_hour"]


@settings(deadline=None, max_examples=60)
@given(
    st.dictionaries(
        st.sampled_from(["pods", "cpu_millicores", "families", "prices", "architecture", "show", "today"]),
        st.text(max_size=12) | st.text("m5c6g.,=01 ", max_size=12) | st.integers() | st.floats() | st.none(),
        max_size=3,
    )
)
def test_whatever_is_typed_is_answered_or_refused(raw: dict[str, Any]) -> None:
    found = answer_if_offered("density", **raw)
    assert found is None or found.headline.endswith(".")
