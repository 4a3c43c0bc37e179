"""The control API's account and costs, as the sandbox screen shows them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from eks_lab.tui.account_view import BAR_CELLS, MOST_INSTANCES, account_view, bar, cost_view, fault_table, usd
from eks_lab.tui.status_rows import Tone
from tests.fake_sandbox import ACCOUNT, COSTS, FAULTS, SERVERS

NOTHING: dict[str, list[object]] = {
    name: []
    for name in ("clusters", "nodegroups", "addons", "subnets", "instances", "access", "associations")
}
VIEW = account_view(ACCOUNT, "lab", SERVERS, {"ip-10-0-1-10.ec2.internal": 4})


@given(st.floats(0, 1), st.integers(1, 40))
def test_a_bar_is_as_long_as_it_should_be_and_full_and_empty_only_at_the_ends(
    part: float, cells: int
) -> None:
    drawn = bar(part, cells)
    assert len(drawn) == cells
    assert (drawn == "█" * cells) is (part == 1)
    assert (drawn == "░" * cells) is (part == 0)


@given(st.integers(0, 1000), st.integers(0, 1000))
def test_a_fuller_bar_is_never_shorter(one: int, other: int) -> None:
    less, more = sorted((one, other))
    assert bar(less / 1000).count("█") <= bar(more / 1000).count("█")


def test_clusters_say_which_one_is_shown() -> None:
    assert [row.cells for row in VIEW.clusters.rows] == [
        ("second", "▲ CREATING", "1.35", "https://127.0.0.1:6444", ""),
        ("lab", "✓ ACTIVE", "1.36", "https://127.0.0.1:6443", "● shown"),
    ]


def test_a_node_group_with_an_issue_comes_first_and_says_it_in_one_line() -> None:
    assert VIEW.nodegroups.title == "Node groups: 2, 1 with a problem"
    assert [row.cells for row in VIEW.nodegroups.rows] == [
        ("lab", "spare", "✗ CREATE_FAILED", "1", "–",
         "NodeCreationFailure: Instances failed to join the kubernetes cluster"),
        ("lab", "workers", "✓ ACTIVE", "2", "m5.large", "no issues"),
    ]  # fmt: skip


def test_subnets_say_how_many_addresses_are_left_those_that_have_none_first() -> None:
    assert VIEW.subnets.title == "Subnets: 3, 1 full, 1 nearly full"
    assert [row.cells[:3] for row in VIEW.subnets.rows] == [
        ("small-b", "✗ none left", f"{'█' * BAR_CELLS} 11 of 11 used"),
        ("subnet-c", "▲ 1 left", "█████████▏ 10 of 11 used"),
        ("private-a", "✓ 16,359 left", "▏░░░░░░░░░ 20 of 16,379 used"),
    ]


def test_instances_are_in_the_order_of_their_addresses_with_their_interfaces_below() -> None:
    assert [row.cells for row in VIEW.instances.rows] == [
        ("ip-10-0-0-200", "✓ running", "0 for pods", "░░░░░░░░░░ 0 of 0", "0 of 3 ENIs", "m5.large, us-east-1a", "i-1"),
        # 9 and 1 secondary addresses, and two prefixes of 16; three interfaces have 27 slots.
        ("ip-10-0-1-10", "✓ running", "█░░░░░░░░░ 4 of 42", "████▌░░░░░ 12 of 27", "2 of 3 ENIs",
         "m5.large, us-east-1a", "i-2"),
        ("  10.0.1.10", "", "", "██████████ 9 of 9", "9 secondary", "private-a", "eni-1"),
        ("  10.0.1.20", "", "", "███▍░░░░░░ 3 of 9", "2 prefixes of 16, 1 secondary", "private-a", "eni-2"),
    ]  # fmt: skip


def test_not_more_instances_are_listed_than_can_be_looked_at() -> None:
    one = ACCOUNT["instances"][0]
    many = [{**one, "id": f"i-{number}", "state": "pending"} for number in range(MOST_INSTANCES + 3)]
    view = account_view({**NOTHING, "instances": [*many, {**one, "id": "i-x"}]})
    assert view.instances.title.endswith(f"104, 103 on the way (the first {MOST_INSTANCES} are listed)")
    assert len(view.instances.rows) == MOST_INSTANCES * 3


def test_who_may() -> None:
    assert [row.cells for row in VIEW.access.rows] == [
        ("lab", "role/node", "EC2_LINUX", "joins as a node"),
        ("lab", "user/student", "STANDARD", "AmazonEKSClusterAdminPolicy"),
    ]
    assert [row.cells for row in VIEW.associations.rows] == [("lab", "shop", "reader", "shop-reader")]


def test_an_empty_account_says_what_is_missing() -> None:
    view = account_view(NOTHING)
    for table in (view.clusters, view.nodegroups, view.addons, view.subnets, view.instances, view.access):
        assert table.rows == ()
        assert "none" in table.title
        assert table.empty
    assert "create-cluster" in view.clusters.empty


def test_faults_say_what_they_look_like_and_not_what_they_are() -> None:
    armed = {**FAULTS[1], "armed": "2026-11-22T12:00:00Z"}
    view = fault_table([FAULTS[0], armed])
    assert view.title == "Faults: 2, 1 armed"
    assert [row.cells for row in view.rows] == [
        ("Addresses end", "▲ armed", "no-addresses", "Pending."),
        ("Nobody may", "• not armed", "locked-out", "Forbidden, again."),
    ]
    assert fault_table([{**armed, "visible": True}]).rows[0].cells[1] == "✗ armed, and seen"
    assert fault_table(FAULTS).title == "Faults: 2, none armed"
    assert fault_table([]).rows == ()


def test_costs_with_their_sum_and_what_looks_forgotten_first() -> None:
    view = cost_view(COSTS)
    assert view.lines.title == "Would have cost $0.07 so far, $0.396 an hour, $289.08 a month on AWS"
    assert [row.cells for row in view.lines.rows] == [
        ("m5.large on demand", "3", "$0.0480", "$0.2880", "$210.24"),
        ("= all of it", "", "$0.0748", "$0.3960", "$289.08"),
    ]
    assert view.running.title == "Running: 2, 1 forgotten by the look of it"
    assert [row.cells for row in view.running.rows] == [
        ("vol-1", "▲ attached to nothing", "$0.0022", "11-22 11:55", "EBS volumes (gp3)"),
        ("i-2", "• in use", "$0.0960", "11-22 11:50", "m5.large on demand"),
        ("x9.huge", "• no price on record", "–", "", ""),
        ("also on a bill", "• not metered", "–", "", "data transfer, requests"),
    ]
    assert view.running.rows[0].tone is Tone.WAITING
    nothing = cost_view({**COSTS, "lines": [], "left_running": [], "unknown": [], "not_metered": []})
    assert nothing.lines.rows == nothing.running.rows == ()
    assert usd(1234.5, 2) == "$1,234.50"
