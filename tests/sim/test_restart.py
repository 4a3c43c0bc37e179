"""A cluster that is stopped and built again goes on: what it comes to is what it would have come to anyway.

The kubelet and the controllers keep nothing that they could not find out from the objects, so a restart may cost
some seconds of simulated time and repeat an event, but it never strands a pod.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.sim.apiserver.tokens import new_key
from eks_lab.sim.cluster import Cluster, ClusterIdentity, ClusterOptions
from eks_lab.sim.objects import Key, Obj

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
IDENTITY = ClusterIdentity("", new_key())
END = timedelta(minutes=14)


def second(number: float) -> timedelta:
    return timedelta(seconds=number)


def container(image: str, *command: str, **more: Any) -> Obj:
    found: Obj = {"name": "main", "image": image, **more}
    if command:
        found["command"] = ["sh", "-c", " ".join(command)]
    return found


def pod(name: str, *containers: Obj, **spec: Any) -> Obj:
    return {
        "metadata": {"name": name, "namespace": "default", "labels": {"app": name}},
        "spec": {"containers": list(containers), **spec},
    }


def workload(name: str, template: Obj, **spec: Any) -> Obj:
    labels = {"app": name}
    return {
        "metadata": {"name": name, "namespace": "default"},
        "spec": {
            "selector": {"matchLabels": labels},
            "template": {"metadata": {"labels": labels}, "spec": template},
            **spec,
        },
    }


NGINX = {"containers": [container("nginx")]}
PROBED = container(
    "busybox",
    "sleep 20; touch /tmp/up; sleep 30000",
    readinessProbe={"exec": {"command": ["cat", "/tmp/up"]}, "periodSeconds": 5},
    startupProbe={"exec": {"command": ["true"]}, "periodSeconds": 2},
)
SICK = container(
    "busybox",
    "touch /tmp/up; sleep 60; rm /tmp/up; sleep 30000",
    livenessProbe={"exec": {"command": ["cat", "/tmp/up"]}, "periodSeconds": 5, "failureThreshold": 2},
)
SIDECAR = {**container("busybox", "sleep 30000"), "name": "side", "restartPolicy": "Always"}

PODS = (
    pod("plain", container("nginx")),
    pod("pulling", container("busybox", "sleep 30000", imagePullPolicy="Always")),
    pod("missing", container("nginx:no-such-tag")),
    pod("nameless", container("NGINX:::")),
    pod("crasher", container("busybox", "sleep 3; exit 7")),
    pod("unconfigured", container("nginx", envFrom=[{"configMapRef": {"name": "ghost"}}])),
    pod("probed", PROBED),
    pod("sick", SICK),
    pod("once", container("busybox", "sleep 40"), restartPolicy="Never"),
    pod("failed", container("busybox", "sleep 25; exit 3"), restartPolicy="Never"),
    pod("retried", container("busybox", "sleep 2; exit 1"), restartPolicy="OnFailure"),
    pod(
        "prepared",
        container("nginx"),
        initContainers=[
            {**container("busybox", "sleep 15"), "name": "one"},
            {**container("busybox", "sleep 15"), "name": "two"},
        ],
    ),
    pod("unprepared", container("nginx"), initContainers=[{**container("busybox", "exit 1"), "name": "one"}]),
    pod("beside", container("nginx"), initContainers=[SIDECAR]),
    pod(
        "wound-up", container("busybox", "sleep 30"), initContainers=[SIDECAR], restartPolicy="Never",
        terminationGracePeriodSeconds=10,
    ),
    pod("limited", container("nginx"), activeDeadlineSeconds=50),
    pod("unplaceable", container("nginx"), nodeSelector={"no": "where"}),
    pod("waiting", container("nginx"), volumes=[{"name": "v", "secret": {"secretName": "ghost"}}]),
    pod("stopped", container("busybox", "sleep 30000")),
    pod("closed", container("nginx", lifecycle={"preStop": {"sleep": {"seconds": 12}}})),
)  # fmt: skip

JOB_TEMPLATE = {"containers": [container("busybox", "sleep 30")], "restartPolicy": "Never"}


def begin(cluster: Cluster) -> None:
    """Create everything."""
    api = cluster.api
    for each in PODS:
        api.create("pods", each)
    api.create("deployments.apps", workload("web", NGINX, replicas=3))
    api.create("statefulsets.apps", workload("db", NGINX, replicas=3, serviceName="db"))
    api.create("daemonsets.apps", workload("agent", NGINX))
    job = {"completions": 4, "parallelism": 2, "template": {"spec": JOB_TEMPLATE}}
    api.create("jobs.batch", {"metadata": {"name": "job", "namespace": "default"}, "spec": job})
    bad = {"containers": [container("busybox", "exit 1")], "restartPolicy": "Never"}
    api.create(
        "jobs.batch",
        {
            "metadata": {"name": "bad", "namespace": "default"},
            "spec": {"backoffLimit": 2, "template": {"spec": bad}},
        },
    )


def change(cluster: Cluster) -> None:
    """Roll out, scale and delete, a minute and a half later."""
    api = cluster.api
    api.patch(
        "deployments.apps",
        Key("default", "web"),
        {"spec": {"replicas": 5, "template": {"spec": {"containers": [container("httpd")]}}}},
        type="strategic",
    )
    for name in ("stopped", "closed"):
        api.delete("pods", Key("default", name))
    api.delete("statefulsets.apps", Key("default", "db"))


PLAN = ((timedelta(0), begin), (second(90), change))


def rebuilt(cluster: Cluster, *, is_clean: bool) -> Cluster:
    """Return the cluster as it comes back from what is kept of it."""
    state = cluster.state()
    if not is_clean:
        state = replace(state, ids=None, revision=state.revision + 100_000)
    return Cluster(state.options, START, state, IDENTITY)


def play(stops: list[tuple[timedelta, bool]]) -> Cluster:
    """Return the cluster at the end of the plan, stopped and built again at some moments."""
    cluster = Cluster(ClusterOptions(nodes=2), START, None, IDENTITY)
    cluster.bootstrap()
    moments: list[tuple[timedelta, int, Any]] = [(at, 0, do) for at, do in PLAN]
    moments += [(at, 1, is_clean) for at, is_clean in stops]
    for at, kind, what in sorted(moments, key=lambda each: each[:2]):
        cluster.runtime.run_until(START + at)
        if kind == 0:
            what(cluster)
            cluster.runtime.settle()
        else:
            cluster = rebuilt(cluster, is_clean=what)
    cluster.runtime.run_until(START + END)
    return cluster


def state_of(status: Obj) -> str:
    state: Obj = status.get("state") or {}
    kind = next(iter(state), "none")
    what = state.get(kind) or {}
    code = f" {what['exitCode']}" if kind == "terminated" else ""
    return f"{kind} {what.get('reason', '')}{code}".strip()


def summary(cluster: Cluster) -> dict[str, Any]:
    """Return what is there, without moments, identifiers and generated names."""
    found: dict[str, Any] = {}
    for each in cluster.store.items("pods", "default"):
        name = each["metadata"]["labels"].get("app") or each["metadata"]["labels"]["job-name"]
        status = each.get("status") or {}
        lists = ("initContainerStatuses", "containerStatuses")
        containers = [state for field in lists for state in status.get(field) or ()]
        # Which of its states a container that keeps failing is in depends on the second.
        shown = [
            "failing"
            if state["restartCount"] > 2
            else f"{state['name']} {state_of(state)} ready={state['ready']}"
            for state in containers
        ]
        conditions = {c["type"]: c["status"] for c in status.get("conditions") or ()}
        settled = {} if "failing" in shown else conditions
        found.setdefault(name, []).append(
            repr((status.get("phase"), status.get("reason"), shown, sorted(settled.items()),
                  "deletionTimestamp" in each["metadata"]))
        )  # fmt: skip
    for each in found.values():
        each.sort()
    for rid in ("deployments.apps", "daemonsets.apps", "jobs.batch", "statefulsets.apps"):
        for each in cluster.store.items(rid, "default"):
            status = each.get("status") or {}
            found[f"{rid}/{each['metadata']['name']}"] = {
                name: value
                for name, value in status.items()
                if isinstance(value, int) and name != "observedGeneration"
            }
    found["addresses"] = sum(bool((p.get("status") or {}).get("podIP")) for p in cluster.store.items("pods"))
    return found


def restarts(cluster: Cluster) -> dict[str, int]:
    return {
        each["metadata"]["name"]: sum(
            state["restartCount"]
            for field in ("initContainerStatuses", "containerStatuses")
            for state in (each.get("status") or {}).get(field) or ()
        )
        for each in cluster.store.items("pods", "default")
    }


@pytest.fixture(scope="module")
def undisturbed() -> tuple[dict[str, Any], dict[str, int]]:
    cluster = play([])
    return summary(cluster), restarts(cluster)


MOMENTS = st.one_of(
    st.floats(0, 8), st.floats(25, 70), st.floats(88, 130), st.floats(0, END.total_seconds() - 1)
).map(second)
"""Starting, ending, rolling out, and anything."""


@pytest.mark.parametrize(
    ("at", "is_clean", "what"),
    [
        (second(0.15), False, "mounting"),
        (second(1.2), True, "pulling, with pods behind in the queue"),
        (second(2.5), False, "images pulled, containers not started"),
        (second(12), True, "in back-off, and between init containers"),
        (second(33), False, "a sidecar stops after the containers of its pod"),
        (second(51), True, "a deadline passed while its pod stops"),
        (second(92), False, "pods terminate, a rollout is under way"),
        (second(400), True, "in long back-offs"),
    ],
)
def test_nothing_is_stranded(
    undisturbed: tuple[dict[str, Any], dict[str, int]], at: timedelta, is_clean: bool, what: str
) -> None:
    """After `down` the sequence of identifiers is kept; after kill -9 it is not, and revisions are skipped."""
    cluster = play([(at, is_clean)])
    assert summary(cluster) == undisturbed[0], what
    assert_same_restarts(restarts(cluster), undisturbed[1])


@settings(max_examples=6, deadline=None)
@given(stops=st.lists(st.tuples(MOMENTS, st.booleans()), min_size=2, max_size=4))
def test_any_restarts_come_to_the_same(
    undisturbed: tuple[dict[str, Any], dict[str, int]], stops: list[tuple[timedelta, bool]]
) -> None:
    cluster = play(sorted(stops))
    assert summary(cluster) == undisturbed[0]
    assert_same_restarts(restarts(cluster), undisturbed[1])


def assert_same_restarts(found: dict[str, int], wanted: dict[str, int]) -> None:
    """Back-offs go on as they were; a restart in the second in which one is over may shift the last of them."""
    named = {each["metadata"]["name"] for each in PODS}
    differences = {
        name: (found[name], count)
        for name, count in wanted.items()
        if name in named and abs(found[name] - count) > 1
    }
    assert differences == {}


def test_two_pods_never_get_one_address() -> None:
    """Addresses in use are found out again before any is given out."""
    cluster = play([(second(0.4), False), (second(95), False)])
    addresses = [
        each["status"]["podIP"]
        for each in cluster.store.items("pods")
        if (each.get("status") or {}).get("podIP") and each["status"]["phase"] == "Running"
    ]
    assert len(addresses) == len(set(addresses)) > 10
