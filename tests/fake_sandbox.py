"""A sandbox without a process: what the API server answers, written down, and every call remembered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from eks_lab.errors import EksLabError, InputError
from eks_lab.tui.account_view import account_view, cost_view, fault_table
from eks_lab.tui.sandbox_access import Played, Tell
from eks_lab.tui.sandbox_view import Facts, Page, SandboxView, Wishes, event_table, node_table, pod_table
from eks_lab.tui.screens.aws_consent import Question

FACTS = Facts(
    version="1.36",
    instance="m5.large",
    speed="1x",
    now=datetime(2026, 11, 22, 12, 0, tzinfo=UTC),
    server="https://127.0.0.1:6443",
    kubeconfig="/home/you/.local/share/eks-lab/sandbox/kubeconfig",
    ready=2,
    nodes=3,
    pods=6,
)


def table(
    columns: str, *rows: tuple[tuple[object, ...], dict[str, Any]], left_out: int = 0
) -> dict[str, Any]:
    """Return a Table as the API server prints it.

    Args:
        columns: names, separated by commas.
        rows: cells and metadata of each.
        left_out: objects that a limit kept out.
    """
    return {
        "metadata": {"remainingItemCount": left_out} if left_out else {},
        "columnDefinitions": [{"name": name} for name in columns.split(",")],
        "rows": [{"cells": list(cells), "object": {"metadata": metadata}} for cells, metadata in rows],
    }


def node(name: str, status: str, zone: str = "us-east-1a") -> tuple[tuple[object, ...], dict[str, Any]]:
    """Return the row of a node."""
    labels = {"topology.kubernetes.io/zone": zone, "node.kubernetes.io/instance-type": "m5.large"}
    return (name, status, "<none>", "5m"), {"name": name, "labels": labels}


def pod(
    name: str, ready: str, status: str, restarts: object = 0, on: str = "ip-10-0-1-10.ec2.internal"
) -> tuple[tuple[object, ...], dict[str, Any]]:
    """Return the row of a pod."""
    return (name, ready, status, restarts, "5m", on), {"name": name, "namespace": "default"}


def event(name: str, kind: str, reason: str, message: str, second: int) -> dict[str, Any]:
    """Return an event of a pod at a second of noon."""
    return {
        "metadata": {"name": name, "namespace": "default"},
        "type": kind,
        "reason": reason,
        "message": message,
        "lastTimestamp": f"2026-11-22T12:00:{second:02}Z",
        "involvedObject": {"kind": "Pod", "name": name.partition(".")[0]},
    }


NODE_COLUMNS, POD_COLUMNS = "Name,Status,Roles,Age", "Name,Ready,Status,Restarts,Age,Node"
NODES = table(
    NODE_COLUMNS,
    node("ip-10-0-1-10.ec2.internal", "Ready"),
    node("ip-10-0-65-10.ec2.internal", "NotReady", "us-east-1b"),
    node("ip-10-0-129-10.ec2.internal", "Ready,SchedulingDisabled", "us-east-1c"),
)
PODS = table(
    POD_COLUMNS,
    pod("batch-7qk2x", "0/1", "Completed"),
    pod("crash-5c9d4-x2v7k", "0/1", "CrashLoopBackOff", "4 (20s ago)"),
    pod("pull-66b8d-ktz4m", "0/1", "ImagePullBackOff", 0, "ip-10-0-129-10.ec2.internal"),
    pod("web-7957885594-5jg7t", "1/1", "Running"),
    pod("web-7957885594-6c6qm", "0/1", "Running"),
    pod("web-7957885594-lvrc9", "0/1", "Pending", 0, "<none>"),
)
LONG = "0/3 nodes are available: 1 node(s) had untolerated taint, 2 Insufficient memory. [end]"
EVENTS = {
    "metadata": {},
    "items": [
        event("web-7957885594-5jg7t.1", "Normal", "Started", "Started container nginx", 3),
        event("web-7957885594-lvrc9.1", "Warning", "FailedScheduling", LONG, 9),
        event("crash-5c9d4-x2v7k.1", "Warning", "BackOff", "Back-off restarting failed container", 5),
    ],
}
SLOTS = {"subnet": "subnet-a", "slots": 9}
ACCOUNT: dict[str, Any] = {
    "clusters": [
        {"name": "lab", "version": "1.36", "status": "ACTIVE"},
        {"name": "second", "version": "1.35", "status": "CREATING"},
    ],
    "nodegroups": [
        {
            "cluster": "lab",
            "name": "workers",
            "status": "ACTIVE",
            "desired": 2,
            "types": ["m5.large"],
            "issues": [],
        },
        {
            "cluster": "lab",
            "name": "spare",
            "status": "CREATE_FAILED",
            "desired": 1,
            "types": [],
            "issues": ["NodeCreationFailure: Instances failed to join\nthe kubernetes cluster"],
        },
    ],
    "addons": [{"cluster": "lab", "name": "vpc-cni", "version": "v1.21.1-eksbuild.1", "status": "ACTIVE"}],
    "subnets": [
        {"id": "subnet-a", "name": "private-a", "zone": "us-east-1a", "cidr": "10.0.0.0/18", "free": 16_359, "size": 16_379},
        {"id": "subnet-b", "name": "small-b", "zone": "us-east-1b", "cidr": "10.0.64.0/28", "free": 0, "size": 11},
        {"id": "subnet-c", "name": "", "zone": "us-east-1c", "cidr": "10.0.64.16/28", "free": 1, "size": 11},
    ],
    "instances": [
        {
            "id": "i-2",
            "type": "m5.large",
            "zone": "us-east-1a",
            "state": "running",
            "name": "ip-10-0-1-10.ec2.internal",
            "address": "10.0.1.10",
            "most_interfaces": 3,
            "interfaces": [
                {"id": "eni-1", "address": "10.0.1.10", "secondary": 9, "prefixes": 0, **SLOTS},
                {"id": "eni-2", "address": "10.0.1.20", "secondary": 1, "prefixes": 2, **SLOTS},
            ],
        },
        {
            "id": "i-1",
            "type": "m5.large",
            "zone": "us-east-1a",
            "state": "running",
            "name": "ip-10-0-0-200.ec2.internal",
            "address": "10.0.0.200",
            "most_interfaces": 3,
            "interfaces": [],
        },
    ],
    "access": [
        {
            "cluster": "lab",
            "principal": "arn:aws:iam::123456789012:user/student",
            "type": "STANDARD",
            "policies": ["AmazonEKSClusterAdminPolicy"],
        },
        {
            "cluster": "lab",
            "principal": "arn:aws:iam::123456789012:role/node",
            "type": "EC2_LINUX",
            "policies": [],
        },
    ],
    "associations": [{"cluster": "lab", "namespace": "shop", "service_account": "reader", "role": "shop-reader"}],
}  # fmt: skip
"""As `eks_lab.aws.overview.overview` returns it."""
COSTS: dict[str, Any] = {
    "so_far_usd": 0.0748,
    "usd_per_hour": 0.396,
    "usd_per_month": 289.08,
    "lines": [
        {
            "group": "nodes",
            "what": "m5.large on demand",
            "running": 3,
            "so_far_usd": 0.048,
            "usd_per_hour": 0.288,
            "usd_per_month": 210.24,
        }
    ],
    "left_running": [
        {
            "id": "i-2",
            "what": "m5.large on demand",
            "since": "2026-11-22T11:50:00+00:00",
            "usd_per_hour": 0.096,
            "idle": "",
        },
        {
            "id": "vol-1",
            "what": "EBS volumes (gp3)",
            "since": "2026-11-22T11:55:00+00:00",
            "usd_per_hour": 0.0022,
            "idle": "attached to nothing",
        },
    ],
    "unknown": ["x9.huge"],
    "not_metered": ["data transfer", "requests"],
}
"""As `eks_lab.aws.billing.costs.costs` returns it."""
FAULTS: list[dict[str, Any]] = [
    {
        "id": "locked-out",
        "title": "Nobody may",
        "says": ["Forbidden,\nagain."],
        "armed": "",
        "visible": False,
    },
    {"id": "no-addresses", "title": "Addresses end", "says": ["Pending."], "armed": "", "visible": False},
]
"""As `GET /v1/faults` returns them, in part."""
SERVERS = {"lab": "https://127.0.0.1:6443", "second": "https://127.0.0.1:6444"}
RUNNING = SandboxView(FACTS, node_table(NODES, PODS), pod_table(PODS), event_table(EVENTS))
"""A sandbox without its account."""
WHOLE = replace(
    RUNNING,
    facts=replace(
        FACTS,
        clusters=tuple(SERVERS.items()),
        shown="lab",
        account="123456789012",
        aws="http://127.0.0.1:4566",
    ),
    account=account_view(ACCOUNT, "lab", SERVERS, {"ip-10-0-1-10.ec2.internal": 4}),
    costs=cost_view(COSTS),
    faults=fault_table([FAULTS[0], {**FAULTS[1], "armed": "2026-11-22T12:00:00Z", "visible": True}]),
)
"""One with an account and two clusters in it."""


class FakeSandbox:
    """Does at once what it is asked, or fails as told."""

    def __init__(self, view: SandboxView | None = None) -> None:
        """Be in a state.

        Args:
            view: what is seen at first; a sandbox that does not run when left out.
        """
        self.view = view if view is not None else SandboxView()
        self.calls: list[str] = []
        self.looks = 0
        self.looked: tuple[Page, str] = (Page.WORKLOADS, "")
        """The page and the cluster that were asked for last."""
        self.failure: Exception | None = None
        self.blindness: EksLabError | None = None
        self.gate: threading.Event | None = None
        """Held by a call until it is set."""
        self.questions: tuple[Question, ...] = ()
        """About an AWS account, in their order."""
        self.answers: tuple[str, ...] = ()
        """What has to be typed at each."""
        self.typed: list[str] = []
        self.account_wishes: dict[str, str] = {}

    def look(self, page: Page = Page.WORKLOADS, cluster: str = "") -> SandboxView:
        """Return the state."""
        self.looks += 1
        self.looked = (page, cluster)
        if self.blindness is not None:
            raise self.blindness
        return self.view

    def start(self, tell: Tell) -> None:
        """Run."""
        tell("step 2 of 3, the cluster is built", 0.5)
        self._called("start")
        self.view = RUNNING

    def stop(self) -> None:
        """Run no more."""
        self._called("stop")
        self.view = SandboxView()

    def reset(self) -> None:
        """Have nothing in it any more."""
        self._called("reset")

    def begin(self, wishes: Wishes, tell: Tell) -> None:
        """Have another cluster."""
        tell("step 2 of 3, the cluster is built", 0.5)
        self._called(f"begin {wishes.nodes} {wishes.instance} {wishes.version} {wishes.seed}")
        self.view = RUNNING

    def in_own_account(
        self,
        values: Mapping[str, str],
        tell: Tell,
        ask: Callable[[Question], str],
        is_over: Callable[[], bool],
    ) -> str:
        """Ask both questions, and remember what was typed."""
        self.account_wishes = dict(values)
        for question in self.questions:
            self.typed.append(ask(question))
            if self.typed[-1] != self.answers[question.step - 1]:
                raise InputError(f"{self.typed[-1]!r} was typed: nothing happens")
        self._called("in_own_account")
        return "EKS runs in account 123456789012."

    def set_speed(self, speed: str) -> None:
        """Take a speed."""
        self._called(f"speed {speed}")
        assert self.view.facts is not None
        self.view = replace(self.view, facts=replace(self.view.facts, speed=speed))

    def advance(self, minutes: int, tell: Tell, is_over: Callable[[], bool]) -> Played:
        """Play to the end, or until it is over; 4 things happen, one of them a warning."""
        tell(f"5 of {minutes} minutes", 5 / minutes)
        self._called(f"advance {minutes}")
        return Played(5 if is_over() else minutes, 4, 1)

    def arm(self, fault: str) -> str:
        """Remember it; some faults show in the table."""
        self._called(f"arm {fault}")
        self.view = replace(self.view, faults=fault_table([{**each, "armed": "now"} for each in FAULTS]))
        return "Pods stay Pending."

    def clear(self, fault: str) -> tuple[str, ...]:
        """Remember it, and leave something."""
        self._called(f"clear {fault}")
        self.view = replace(self.view, faults=fault_table(FAULTS))
        return ("the old node",)

    def open_shell(self) -> int:
        """Remember it."""
        self._called("shell")
        return 0

    def apply(self, manifests: str) -> str:
        """Remember the kinds that were sent."""
        kinds = [line.removeprefix("kind: ") for line in manifests.splitlines() if line.startswith("kind: ")]
        self._called(f"apply {' '.join(kinds)}")
        return "configured"

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.gate is not None:
            assert self.gate.wait(60)
        if self.failure is not None:
            raise self.failure
