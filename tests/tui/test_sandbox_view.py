"""What the API server prints, as the sandbox screen shows it."""

from __future__ import annotations

import pytest

from eks_lab.tui.sandbox_view import (
    SHOWN_EVENTS,
    event_table,
    facts_of,
    node_table,
    pod_table,
    pod_tone,
)
from eks_lab.tui.status_rows import Tone
from tests.fake_sandbox import EVENTS, NODE_COLUMNS, NODES, POD_COLUMNS, PODS, event, node, pod, table


def test_nodes_in_words_with_zone_type_and_pods_worst_first() -> None:
    view = node_table(NODES, PODS)
    assert view.title == "Nodes: 3, 1 not ready"
    assert [row.cells for row in view.rows] == [
        ("ip-10-0-65-10.ec2.internal", "✗ not ready", "us-east-1b", "m5.large", "0"),
        ("ip-10-0-129-10.ec2.internal", "▲ ready, cordoned", "us-east-1c", "m5.large", "1"),
        ("ip-10-0-1-10.ec2.internal", "✓ ready", "us-east-1a", "m5.large", "3"),
    ], "the pod that has completed is not counted"
    assert (
        node_table(table(NODE_COLUMNS, node("a", "Ready")), table(POD_COLUMNS)).title == "Nodes: 1, all ready"
    )
    assert node_table(table(NODE_COLUMNS), table(POD_COLUMNS)).rows == ()


def test_a_count_of_pods_from_a_cut_list_says_so() -> None:
    pods = table(POD_COLUMNS, pod("a", "1/1", "Running", on="n"), left_out=9)
    assert node_table(table(NODE_COLUMNS, node("n", "Ready")), pods).rows[0].cells[-1] == "1+"
    assert pod_table(pods).title == "Pods: 10 (of the first 1, which are listed)"


def test_pods_with_a_problem_come_first() -> None:
    view = pod_table(PODS)
    assert view.title == "Pods: 6, 2 with a problem, 2 not ready yet"
    assert [(row.cells[1], row.cells[3]) for row in view.rows] == [
        ("crash-5c9d4-x2v7k", "✗ CrashLoopBackOff"),
        ("pull-66b8d-ktz4m", "✗ ImagePullBackOff"),
        ("web-7957885594-6c6qm", "▲ Running"),
        ("web-7957885594-lvrc9", "▲ Pending"),
        ("batch-7qk2x", "✓ Completed"),
        ("web-7957885594-5jg7t", "✓ Running"),
    ]
    assert view.rows[0].cells == (
        "default", "crash-5c9d4-x2v7k", "0/1", "✗ CrashLoopBackOff", "4 (20s ago)", "ip-10-0-1-10",
    )  # fmt: skip
    assert view.rows[3].cells[-1] == "–"
    assert "kubectl create deployment" in pod_table(table(POD_COLUMNS)).empty


@pytest.mark.parametrize(
    ("ready", "status", "tone"),
    [
        ("2/2", "Running", Tone.GOOD),
        ("1/2", "Running", Tone.WAITING),
        ("0/1", "Init:0/2", Tone.WAITING),
        ("0/1", "Init:CrashLoopBackOff", Tone.BAD),
        ("0/1", "Init:Error", Tone.BAD),
        ("1/1", "Terminating", Tone.WAITING),
        ("0/1", "OOMKilled", Tone.BAD),
        ("0/1", "Evicted", Tone.BAD),
        ("0/1", "Completed", None),
    ],
)
def test_how_a_pod_stands(ready: str, status: str, tone: Tone | None) -> None:
    assert pod_tone(ready, status) is tone


def test_the_newest_events_come_first_with_their_type_in_words() -> None:
    view = event_table(EVENTS)
    assert view.title == "Events, newest first: 2 warnings"
    assert [row.cells[:4] for row in view.rows] == [
        ("12:00:09", "▲ Warning", "FailedScheduling", "pod/web-7957885594-lvrc9"),
        ("12:00:05", "▲ Warning", "BackOff", "pod/crash-5c9d4-x2v7k"),
        ("12:00:03", "• Normal", "Started", "pod/web-7957885594-5jg7t"),
    ]
    assert event_table({"items": []}).rows == ()


def test_events_of_both_apis_are_in_one_order_and_not_too_many() -> None:
    newer = event("new.1", "Normal", "Scheduled", "by the\nscheduler", 0)
    newer["lastTimestamp"], newer["eventTime"] = None, "2026-11-22T12:30:00.000001Z"
    again = event("again.1", "Normal", "Pulled", "x", 0)
    again["series"] = {"lastObservedTime": "2026-11-22T12:40:00.000001Z", "count": 3}
    many = [event(f"e{number}.1", "Normal", "Pulled", "x", number % 60) for number in range(SHOWN_EVENTS)]
    view = event_table({"metadata": {"remainingItemCount": 7}, "items": [*many, newer, again]})
    assert [row.cells[0] for row in view.rows[:2]] == ["12:40:00", "12:30:00"]
    assert view.rows[1].cells[-1] == "by the scheduler"
    assert len(view.rows) == SHOWN_EVENTS
    assert view.title == f"Events, newest first (of {SHOWN_EVENTS + 2} that were read)"


def test_events_of_one_second_are_in_the_order_they_were_written() -> None:
    events = [event(f"pod.{number}", "Normal", str(number), "x", 5) for number in range(3)]
    for each, version in zip(events, ("9", "11", "10"), strict=True):
        each["metadata"]["resourceVersion"] = version
    assert [row.cells[2] for row in event_table({"items": events}).rows] == ["1", "2", "0"]


def test_facts_are_those_of_the_status() -> None:
    facts = facts_of(
        {
            "options": {"version": "1.35", "instance": "m5.large", "nodes": 3, "seed": 7},
            "speed": "pause",
            "now": "2026-11-22T12:00:00+00:00",
            "server": "https://127.0.0.1:1",
            "kubeconfig": "k",
            "nodes": {"ready": 1, "all": 3},
            "pods": {"all": 4, "phases": {}},
            "notices": ["the journal was cut"],
        }
    )
    assert (facts.version, facts.ready, facts.nodes, facts.pods) == ("1.35", 1, 3, 4)
    assert facts.is_paused
    assert facts.notices == ("the journal was cut",)
