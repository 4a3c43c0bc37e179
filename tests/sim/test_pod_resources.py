"""What a pod asks for."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim.objects import Obj
from eks_lab.sim.pod_resources import amounts, host_ports, pod_limits, pod_requests


def _container(*, sidecar: bool = False, limits: Any = None, **requests: str) -> Obj:
    made: Obj = {"name": "c", "resources": {"requests": requests, "limits": limits or {}}}
    return {**made, "restartPolicy": "Always"} if sidecar else made


def test_amounts_are_millicores_and_bytes() -> None:
    assert amounts({"cpu": "1.5", "memory": "1Gi", "example.com/gpu": 2}) == {
        "cpu": 1500,
        "memory": 1024**3,
        "example.com/gpu": 2,
    }


def test_containers_add_up_and_init_containers_only_raise() -> None:
    spec = {
        "containers": [_container(cpu="100m"), _container(cpu="200m", memory="1Mi")],
        "initContainers": [_container(cpu="250m", memory="4Mi")],
    }
    assert pod_requests(spec) == {"cpu": 300, "memory": 4 * 1024**2}


def test_sidecars_run_beside_everything_after_them() -> None:
    spec = {
        "containers": [_container(cpu="100m")],
        "initContainers": [
            _container(cpu="150m"),
            _container(cpu="50m", sidecar=True),
            _container(cpu="120m"),
        ],
    }
    # The last init container needs its 120m while the sidecar uses 50m.
    assert pod_requests(spec) == {"cpu": 170}


def test_overhead_comes_on_top_and_the_pods_own_resources_go_before() -> None:
    spec = {
        "containers": [_container(cpu="100m")],
        "resources": {"requests": {"cpu": "1"}},
        "overhead": {"cpu": "10m"},
    }
    assert pod_requests(spec) == {"cpu": 1010}


def test_a_limit_counts_when_every_container_has_it() -> None:
    limited, free = _container(limits={"cpu": "1", "memory": "1Mi"}), _container(limits={"cpu": "2"})
    assert pod_limits({"containers": [limited, free]}) == {"cpu": 3000}


def test_host_ports_of_containers_and_sidecars() -> None:
    port = {"containerPort": 80, "hostPort": 8080}
    spec = {
        "containers": [{"name": "a", "ports": [port, {"containerPort": 81}]}],
        "initContainers": [
            {
                "name": "b",
                "ports": [{**port, "protocol": "UDP", "hostIP": "10.0.0.1"}],
                "restartPolicy": "Always",
            },
            {"name": "c", "ports": [port]},
        ],
    }
    assert list(host_ports(spec)) == [("TCP", "0.0.0.0", 8080), ("UDP", "10.0.0.1", 8080)]


@given(st.lists(st.integers(0, 4000), max_size=4), st.lists(st.integers(0, 4000), max_size=4))
def test_requests_are_the_sum_or_the_largest_init_container(running: list[int], first: list[int]) -> None:
    spec = {
        "containers": [_container(cpu=f"{value}m") for value in running],
        "initContainers": [_container(cpu=f"{value}m") for value in first],
    }
    assert pod_requests(spec).get("cpu", 0) == max([sum(running), *first])
