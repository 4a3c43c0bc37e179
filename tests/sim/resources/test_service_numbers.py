"""Cluster IPs and node ports: given, kept, taken, let go."""

from __future__ import annotations

import ipaddress
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim.objects import ApiError, Obj
from eks_lab.sim.resources.service_allocation import SERVICE_NETWORK
from eks_lab.sim.resources.services import SERVICES
from tests.sim.resources.world import FakeWorld


def _service(name: str, world: FakeWorld, **spec: Any) -> Obj:
    service: Obj = {
        "apiVersion": "v1",
        "kind": "Service",
        "metadata": {"name": name, "namespace": "ns"},
        "spec": {"ports": [{"port": 80}], **spec},
    }
    SERVICES.default(service, world)
    SERVICES.prepare_create(service, world)
    return service


def _changed(old: Obj, world: FakeWorld, **spec: Any) -> Obj:
    new: Obj = orjson.loads(orjson.dumps(old))
    new["spec"].update(spec)
    SERVICES.default(new, world)
    SERVICES.prepare_update(new, old, world)
    return new


@given(seed=st.integers(0, 2**32), count=st.integers(1, 20))
def test_addresses_and_ports_differ_and_lie_in_their_ranges(seed: int, count: int) -> None:
    services: list[Obj] = []
    world = FakeWorld(services=services)
    world.ids = type(world.ids)(seed)
    for number in range(count):
        services.append(_service(f"s{number}", world, type="NodePort"))
    addresses = {each["spec"]["clusterIP"] for each in services}
    ports = {each["spec"]["ports"][0]["nodePort"] for each in services}
    assert len(addresses) == len(ports) == count
    assert all(ipaddress.ip_address(each) in SERVICE_NETWORK for each in addresses)
    assert all(30_086 <= port <= 32_767 for port in ports)


def test_taken_numbers_are_refused() -> None:
    services: list[Obj] = []
    world = FakeWorld(services=services)
    services.append(_service("dns", world, clusterIP="172.20.0.10"))
    services.append(_service("np", world, type="NodePort", ports=[{"port": 80, "nodePort": 31234}]))
    with pytest.raises(ApiError, match=r"failed to allocate IP 172.*: provided IP is already allocated"):
        _service("again", world, clusterIP="172.20.0.10")
    with pytest.raises(
        ApiError, match=r"ports\[0\].nodePort: Invalid value: 31234: provided port is already allocated"
    ):
        _service("again", world, type="NodePort", ports=[{"port": 80, "nodePort": 31234}])


def test_an_update_keeps_what_was_given() -> None:
    world = FakeWorld()
    old = _service("s", world, type="NodePort")
    new = _changed(old, world, ports=[{"port": 80}], clusterIP="", clusterIPs=[], selector={"a": "b"})
    assert new["spec"]["clusterIP"] == old["spec"]["clusterIP"]
    assert new["spec"]["ports"][0]["nodePort"] == old["spec"]["ports"][0]["nodePort"]
    assert SERVICES.validate_update(new, old, world) == []


def test_another_type_lets_go_of_its_numbers() -> None:
    world = FakeWorld()
    old = _service("s", world, type="LoadBalancer", externalTrafficPolicy="Local")
    assert 30_086 <= old["spec"]["healthCheckNodePort"] <= 32_767
    new = _changed(old, world, type="ClusterIP")
    assert not {"healthCheckNodePort", "allocateLoadBalancerNodePorts", "externalTrafficPolicy"} & set(
        new["spec"]
    )
    assert "nodePort" not in new["spec"]["ports"][0]
    assert SERVICES.validate_update(new, old, world) == []


def test_addresses_and_classes_do_not_change() -> None:
    world = FakeWorld()
    old = _service("s", world, type="LoadBalancer", loadBalancerClass="a.b/c")
    new = _changed(old, world, loadBalancerClass="d.e/f")
    assert [str(error) for error in SERVICES.validate_update(new, old, world)] == [
        'spec.loadBalancerClass: Invalid value: "d.e/f": may not change once set'
    ]
    new = _changed(old, world, clusterIP="172.20.9.9", clusterIPs=["172.20.9.9"])
    assert [str(error) for error in SERVICES.validate_update(new, old, world)] == [
        'spec.clusterIPs[0]: Invalid value: ["172.20.9.9"]: may not change once set'
    ]
