"""VPC plans: no address lost or given twice, sizes that hold what they promise, refusals in a sentence."""

from __future__ import annotations

import json
from ipaddress import IPv4Network
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.model import Answer
from eks_lab.calc.vpc_plan import month_after
from eks_lab.errors import InputError
from tests.calc.answers import answer, answer_if_offered
from tests.calc.arithmetic import value_of


def subnets(found: Answer, role: str) -> list[dict[str, Any]]:
    return [subnet for subnet in found.result["subnets"] if subnet["role"] == role]


def test_a_plan() -> None:
    found = answer("vpc-plan", today="2026-11-22")
    result = found.result
    assert result["fits"] is True
    assert [subnet["cidr"] for subnet in subnets(found, "nodes")] == [
        "10.0.0.0/23",
        "10.0.2.0/23",
        "10.0.4.0/23",
    ]
    assert [subnet["cidr"] for subnet in subnets(found, "public")] == [
        "10.0.6.0/27",
        "10.0.6.32/27",
        "10.0.6.64/27",
    ]
    assert [subnet["usable"] for subnet in subnets(found, "control-plane")] == [11, 11, 11]
    assert [subnet["name"] for subnet in subnets(found, "nodes")] == ["nodes-a", "nodes-b", "nodes-c"]
    # 12 nodes of 30 addresses in 3 zones, 2 more a zone during an update, 8 for a load balancer.
    assert [subnet["needed_now"] for subnet in subnets(found, "nodes")] == [6 * 30 + 8] * 3
    assert (result["runs_out_months"], result["runs_out_on"]) == (26, "2029-01")
    assert found.headline == (
        "10.0.0.0/16: a /23 for the nodes of each of 3 zones; the plan lasts for 26 months (until 2029-01)."
    )


def test_tags_of_load_balancers() -> None:
    found = answer("vpc-plan", cidrs="10.0.0.0/22")
    assert subnets(found, "public")[0]["tags"] == {"kubernetes.io/role/elb": "1"}
    nodes = subnets(found, "nodes")
    assert nodes[0]["tags"] == {"kubernetes.io/role/internal-elb": "1"}
    assert nodes[-1]["is_added"] is True
    assert nodes[-1]["tags"]["kubernetes.io/role/cni"] == "1"
    assert subnets(found, "control-plane")[0]["tags"] == {}


@pytest.mark.parametrize(
    ("zones", "max_unavailable", "surge"), [(3, 1, 2), (2, 1, 2), (5, 20, 4), (3, 7, 3), (2, 33, 17)]
)
def test_surge(zones: int, max_unavailable: int, surge: int) -> None:
    """Facts B2: an update adds max(2 × zones, maxUnavailable) nodes; here those of one zone."""
    found = answer("vpc-plan", zones=zones, max_unavailable=max_unavailable)
    assert found.result["surge_nodes_per_zone"] == surge


def test_cluster_interfaces_live_in_node_subnets_when_they_have_none() -> None:
    """Facts B2: 6 free addresses asked for, 16 advised."""
    own = subnets(answer("vpc-plan"), "control-plane")
    assert [subnet["needed_now"] for subnet in own] == [6, 6, 6]
    without = answer("vpc-plan", control_plane_subnets=False)
    assert subnets(without, "control-plane") == []
    assert subnets(without, "nodes")[0]["needed_now"] == 6 * 30 + 8 + 16


def test_load_balancers_want_eight_addresses_and_a_27() -> None:
    """Facts B2, marked as widely known: the answer says so with a date."""
    found = answer("vpc-plan", load_balancers=3, internal_load_balancers=2, interface_endpoints=5)
    assert subnets(found, "public")[0]["needed_now"] == 3 * 8 + 1
    assert subnets(found, "nodes")[0]["needed_now"] == 6 * 30 + 2 * 8 + 5
    assert any("not read again" in warning and "2026-11-22" in warning for warning in found.warnings)
    small = answer("vpc-plan", load_balancers=1, nodes=1, pods=0, growth_percent=0, mode="ipv6")
    assert {IPv4Network(subnet["cidr"]).prefixlen for subnet in small.result["subnets"]} == {27, 28}
    none = answer("vpc-plan", load_balancers=0, internal_load_balancers=0)
    assert not any("Load Balancer" in warning for warning in none.warnings)
    assert subnets(none, "public")[0]["usable"] == 11


def test_the_lessons_busy_t3_medium() -> None:
    """Lesson networking.running-out: a busy t3.medium takes 18, so a /24 holds 13 and a /20 holds 227."""
    found = answer(
        "vpc-plan",
        cidrs="10.0.0.0/16",
        zones=2,
        instance="t3.medium",
        nodes=22,
        pods=220,
        growth_percent=0,
        internal_load_balancers=0,
        max_unavailable=1,
    )
    assert found.result["ips_per_node"] == 18
    assert subnets(found, "nodes")[0]["cidr"].endswith("/24")
    assert subnets(found, "nodes")[0]["nodes_room"] == 13
    large = answer(
        "vpc-plan", instance="t3.medium", nodes=600, pods=6000, internal_load_balancers=0, growth_percent=0
    )
    assert (subnets(large, "nodes")[0]["usable"], subnets(large, "nodes")[0]["nodes_room"]) == (4091, 227)


def test_prefixes_take_whole_blocks() -> None:
    """A t3.medium with 17 pods: 3 prefixes and 1 address (facts B2); 14 whole blocks in a /24."""
    found = answer(
        "vpc-plan",
        mode="prefix",
        instance="t3.medium",
        zones=2,
        nodes=4,
        pods=68,
        growth_percent=0,
        internal_load_balancers=0,
    )
    assert (found.result["ips_per_node"], found.result["pods_per_node"]) == (49, 17)
    node = subnets(found, "nodes")[0]
    assert (node["nodes_room"], node["usable"], node["blocks_left"]) == (4, 251, 2)


def test_custom_networking_adds_a_range_for_pods() -> None:
    found = answer("vpc-plan", mode="custom-networking", cidrs="10.0.0.0/22")
    assert found.result["fits"] is True
    assert found.result["added_cidrs"] == ["100.64.0.0/16"]
    assert [subnet["cidr"] for subnet in subnets(found, "pods")] == [
        "100.64.0.0/18",
        "100.64.64.0/18",
        "100.64.128.0/18",
    ]
    # One address a node of the node subnet, and 20 of the pods' (2 ENIs of 10).
    assert subnets(found, "nodes")[0]["needed_now"] == 6 + 8
    assert subnets(found, "pods")[0]["needed_now"] == 6 * 20
    assert any("ENIConfig" in warning for warning in found.warnings)
    given = answer("vpc-plan", mode="custom-networking", cidrs="10.0.0.0/22 100.64.0.0/16")
    assert given.result["added_cidrs"] == []
    assert all(subnet["cidr"].startswith("100.64.") for subnet in subnets(given, "pods"))
    assert all(subnet["cidr"].startswith("10.0.") for subnet in subnets(given, "nodes"))


def test_an_added_range_does_not_overlap_a_given_one() -> None:
    found = answer("vpc-plan", mode="custom-networking", cidrs="10.0.0.0/24 100.64.0.0/26")
    assert found.result["fits"] is False
    assert found.result["added_cidrs"] == ["100.65.0.0/16"]
    assert any("second set of ENIConfigs" in warning for warning in found.warnings)


def test_ipv6_takes_one_ipv4_address_a_node() -> None:
    found = answer("vpc-plan", mode="ipv6")
    assert found.result["ips_per_node"] == 1
    assert [subnet["ipv6_index"] for subnet in found.result["subnets"]] == list(range(9))
    assert any("inferred" in warning for warning in found.warnings)
    assert {subnet["ipv6_index"] for subnet in answer("vpc-plan").result["subnets"]} == {None}


def test_a_vpc_that_is_too_small_gets_a_plan() -> None:
    found = answer("vpc-plan", cidrs="10.0.0.0/22", today="2026-11-22")
    result = found.result
    assert (result["fits"], result["runs_out_months"], result["runs_out_on"]) == (False, 9, "2027-08")
    assert result["added_cidrs"] == ["100.64.0.0/16"]
    assert result["runs_out_with_added_months"] == 101
    assert found.headline == (
        "10.0.0.0/22 lasts for 9 months (until 2027-08), not 24 months: add 100.64.0.0/16,"
        " and the plan lasts for 101 months (until 2035-04)."
    )
    first, second = (
        next(s for s in subnets(found, "nodes") if s["name"] == name) for name in ("nodes-a", "nodes-a-2")
    )
    assert (first["cidr"], second["cidr"]) == ("10.0.0.0/24", "100.64.0.0/18")
    assert first["needed_at_horizon"] + second["needed_at_horizon"] == 15 * 30 + 8


def test_growth_beyond_everything_is_said_to_be_so() -> None:
    found = answer("vpc-plan", growth_percent=100, horizon_months=120)
    assert found.result["fits"] is False
    assert len(found.result["added_cidrs"]) == 4
    assert any("find no place even with the 5 ranges" in warning for warning in found.warnings)
    assert any("above the quota of 5000 in a Region" in warning for warning in found.warnings)
    assert any("network address units" in warning for warning in found.warnings)
    assert "even with the ranges a VPC can add" in found.headline


def test_largest_takes_all_the_room() -> None:
    needed = answer("vpc-plan")
    assert any("room for /18 instead of /23" in warning for warning in needed.warnings)
    largest = answer("vpc-plan", subnet_size="largest")
    assert [subnet["cidr"] for subnet in subnets(largest, "nodes")] == [
        "10.0.0.0/18",
        "10.0.64.0/18",
        "10.0.128.0/18",
    ]
    assert largest.result["runs_out_months"] > needed.result["runs_out_months"]
    assert not any("instead of" in warning for warning in largest.warnings)


def test_no_growth_never_runs_out() -> None:
    found = answer("vpc-plan", growth_percent=0, today="2026-11-22")
    assert (found.result["runs_out_months"], found.result["runs_out_on"]) == (None, None)
    assert "for 20 years and more" in found.headline


@pytest.mark.parametrize(
    ("inputs", "message"),
    [
        ({"cidrs": "10.0.0.0/8"}, "cidrs: 10.0.0.0/8 is too large"),
        ({"cidrs": "10.0.0.0/30"}, "cidrs: 10.0.0.0/30 is too small"),
        ({"cidrs": "10.0.0.0/16, 10.0.0.0/20"}, "cidrs: 10.0.0.0/16 and 10.0.0.0/20 overlap"),
        ({"cidrs": "10.0.0.0/28"}, "cidrs: 10.0.0.0/28 with 16 addresses cannot hold the subnets of 3 zones"),
        (
            {"nodes": 2, "pods": 100},
            "nodes: 2 m5.large run 54 pods with addresses at most (27 each), not 100",
        ),
        ({"nodes": -1}, "nodes: -1 is below 1"),
        ({"pods": -5}, "pods: -5 is below 0"),
        ({"zones": 1}, "zones: 1 is below 2"),
        ({"growth_percent": float("nan")}, "growth_percent: nan is not a number"),
        ({"mode": "overlay"}, "mode: 'overlay' is no choice"),
        ({"instance": "m5.huge"}, "instance: 'm5.huge' is no EC2 instance type"),
        ({"public_subnets": False}, "load_balancers: 2 internet-facing load balancers need public subnets"),
        ({"mode": "ipv6", "instance": "m4.large"}, "ip_family: an ipv6 cluster needs Nitro"),
        ({"today": "soon"}, "today: 'soon' is no date"),
    ],
)
def test_nonsense_gets_a_sentence(inputs: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        answer("vpc-plan", **inputs)
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("cidrs", "warning"),
    [
        ("8.8.0.0/16", "8.8.0.0/16 belongs to somebody on the internet"),
        ("10.0.0.0/16 172.16.0.0/16", "EC2 refuses some combinations"),
        (" ".join(f"10.{n}.0.0/16" for n in range(6)), "6 ranges are above the quota of 5"),
    ],
)
def test_warnings_about_ranges(cidrs: str, warning: str) -> None:
    assert any(warning in found for found in answer("vpc-plan", cidrs=cidrs).warnings)


def test_shared_space_goes_with_every_range() -> None:
    found = answer("vpc-plan", cidrs="10.0.0.0/16 100.64.0.0/16")
    assert not any("combinations" in warning or "internet:" in warning for warning in found.warnings)


def test_where_sources_disagree_the_answer_says_so() -> None:
    """6 asked for, 16 advised, a /28 with 11 recommended."""
    found = answer("vpc-plan")
    assert any("advises 16" in warning and "2026-05-04" in warning for warning in found.warnings)
    assert not any("advises 16" in w for w in answer("vpc-plan", control_plane_subnets=False).warnings)


@pytest.mark.parametrize(
    ("today", "months", "month"),
    [
        ("2026-11-22", 0, "2026-11"),
        ("2026-11-22", 1, "2026-12"),
        ("2026-11-22", 2, "2027-01"),
        ("2026-01-31", 23, "2027-12"),
    ],
)
def test_months(today: str, months: int, month: str) -> None:
    assert month_after(today, months) == month


def test_the_map_draws_every_cell() -> None:
    grids = answer("vpc-plan", cidrs="10.0.0.0/24", nodes=2, pods=20, growth_percent=0, mode="ipv6").grids
    assert grids[1].title == "10.0.0.0/24, 16 addresses a cell"
    assert grids[1].rows == (("10.0.0.0", "ua ua ub ub uc uc na na nb nb nc nc ca cb cc ··"),)
    assert len(grids[0].rows) == 9
    wide = answer("vpc-plan").grids[1]
    assert wide.rows == (
        ("10.0.0.0", "na na nb nb nc nc ++ ·· ·· ·· ·· ·· ·· ·· ·· ··"),
        ("10.0.16.0", "·· × 240"),
    )


def test_pictures() -> None:
    found = answer("vpc-plan", cidrs="10.0.0.0/22")
    use, growth = found.plots
    assert [series.style for series in use.series] == ["bar", "bar"]
    assert {len(series.points) for series in use.series} == {len(found.result["subnets"])}
    assert [series.name for series in growth.series] == [
        "needed",
        "room in the ranges given",
        "room with ranges added",
    ]
    needed, given, added = ([y for _, y in series.points] for series in growth.series)
    assert needed == sorted(needed)
    assert given[0] < added[0]


CIDRS = st.lists(
    st.tuples(st.integers(0, 30), st.integers(16, 28)), min_size=1, max_size=3, unique_by=lambda pair: pair[0]
).map(lambda ranges: ", ".join(f"10.{number}.0.0/{length}" for number, length in ranges))
QUESTION = st.fixed_dictionaries(
    {
        "cidrs": CIDRS,
        "zones": st.integers(2, 6),
        "instance": st.sampled_from(
            ["t3.small", "t3.medium", "m5.large", "m5.4xlarge", "m4.large", "p5.48xlarge"]
        ),
        "nodes": st.integers(1, 300),
        "pods": st.integers(0, 2000),
        "growth_percent": st.sampled_from([0, 0.5, 3, 10, 45, 100]),
        "horizon_months": st.integers(0, 120),
        "mode": st.sampled_from(
            ["secondary", "prefix", "custom-networking", "custom-networking-prefix", "ipv6"]
        ),
        "max_unavailable": st.integers(1, 100),
        "load_balancers": st.integers(0, 4),
        "internal_load_balancers": st.integers(0, 4),
        "interface_endpoints": st.integers(0, 12),
        "public_subnets": st.just(True),
        "control_plane_subnets": st.booleans(),
        "subnet_size": st.sampled_from(["as-needed", "largest"]),
        "today": st.none() | st.just("2026-11-22"),
    }
)


@settings(deadline=None, max_examples=150)
@given(QUESTION)
def test_addresses_in_are_addresses_out(question: dict[str, Any]) -> None:
    found = answer_if_offered("vpc-plan", **question)
    if found is None:
        return
    result = found.result
    assert json.loads(json.dumps(result)) == result
    given_ranges = [IPv4Network(text) for text in question["cidrs"].split(", ")]
    added = [IPv4Network(text) for text in result["added_cidrs"]]
    for ranges, is_added, free in (
        (given_ranges, False, result["free_cidrs"]),
        (added, True, result["added_free_cidrs"]),
    ):
        own = [IPv4Network(subnet["cidr"]) for subnet in result["subnets"] if subnet["is_added"] is is_added]
        parts = sorted([*own, *map(IPv4Network, free)])
        assert sum(part.num_addresses for part in parts) == sum(r.num_addresses for r in ranges)
        assert not any(left.overlaps(right) for left, right in pairwise(parts))
        assert all(any(part.subnet_of(r) for r in ranges) for part in parts)
    everything = sorted([*given_ranges, *added])
    assert not any(left.overlaps(right) for left, right in pairwise(everything))
    assert all(16 <= IPv4Network(subnet["cidr"]).prefixlen <= 28 for subnet in result["subnets"])
    assert result["vpc_addresses"] == result["subnet_addresses"] + result["free_addresses"]


@settings(deadline=None, max_examples=150)
@given(QUESTION)
def test_a_plan_keeps_its_word(question: dict[str, Any]) -> None:
    found = answer_if_offered("vpc-plan", **question)
    if found is None:
        return
    result = found.result
    for subnet in result["subnets"]:
        assert 0 <= subnet["needed_now"] <= subnet["needed_at_horizon"] <= subnet["usable"]
        assert subnet["free_at_horizon"] == subnet["usable"] - subnet["needed_at_horizon"]
        assert subnet["blocks_left"] * 16 <= subnet["free_at_horizon"]
    names = [subnet["name"] for subnet in result["subnets"]]
    assert len(names) == len(set(names))
    # Every zone has the same subnets.
    kinds = [
        sorted(
            (subnet["role"], subnet["addresses"])
            for subnet in result["subnets"]
            if subnet["zone_index"] == zone
        )
        for zone in range(question["zones"])
    ]
    assert all(kind == kinds[0] for kind in kinds)
    runs_out, with_added = result["runs_out_months"], result["runs_out_with_added_months"]
    assert result["fits"] == (runs_out is None or runs_out > question["horizon_months"])
    if result["unplaced_nodes_per_zone"] == 0:
        assert with_added is None or with_added > question["horizon_months"]
        grown = result["nodes_per_zone_at_horizon"] * result["ips_per_node"]
        role = "pods" if "custom" in question["mode"] else "nodes"
        placed = sum(s["needed_at_horizon"] for s in subnets(found, role) if s["zone_index"] == 0)
        assert placed >= grown
    assert (result["runs_out_on"] is None) == (question["today"] is None or runs_out is None)


@settings(deadline=None)
@given(QUESTION)
def test_the_working_works_out(question: dict[str, Any]) -> None:
    question["growth_percent"] = min(10, question["growth_percent"])
    found = answer_if_offered("vpc-plan", **question)
    for step in found.steps if found else ():
        # A binary fraction may round up where the exact power does not.
        slack = 1 if "^" in step.formula and "growth" in step.formula else 0
        assert isinstance(step.value, int)
        assert value_of(step.substitution.replace("^", "**")) == pytest.approx(step.value, abs=slack), step


@settings(deadline=None)
@given(QUESTION, st.integers(1, 4))
def test_a_larger_vpc_never_runs_out_earlier(question: dict[str, Any], more: int) -> None:
    question["cidrs"], question["subnet_size"] = f"10.0.0.0/{18 + more}", "largest"
    small = answer_if_offered("vpc-plan", **question)
    question["cidrs"] = "10.0.0.0/18"
    large = answer_if_offered("vpc-plan", **question)
    if small is None or large is None:
        assert small is None
        return
    months = [result["runs_out_months"] for result in (small.result, large.result)]
    assert months[1] is None or (months[0] is not None and months[0] <= months[1])


@settings(deadline=None)
@given(QUESTION)
def test_more_growth_never_lasts_longer(question: dict[str, Any]) -> None:
    question["subnet_size"] = "largest"
    slow = answer_if_offered("vpc-plan", **{**question, "growth_percent": 2})
    fast = answer_if_offered("vpc-plan", **{**question, "growth_percent": 9})
    if slow is None or fast is None:
        assert slow is fast
        return
    months = [result["runs_out_months"] for result in (fast.result, slow.result)]
    assert months[1] is None or (months[0] is not None and months[0] <= months[1])


@settings(deadline=None)
@given(
    st.dictionaries(
        st.sampled_from(
            ["cidrs", "zones", "nodes", "pods", "mode", "growth_percent", "horizon_months", "today"]
        ),
        st.text(max_size=20)
        | st.text("0123456789./-, ", max_size=30)
        | st.integers()
        | st.floats()
        | st.none(),
        max_size=4,
    )
)
def test_whatever_is_typed_is_answered_or_refused(raw: dict[str, Any]) -> None:
    found = answer_if_offered("vpc-plan", **raw)
    assert found is None or found.headline.endswith(".")
