"""Cases as data for kinds of every group: updates that are refused, fields outside a spec; and what discovery lists."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from eks_lab.sim.api.partial import carry_over
from eks_lab.sim.objects import Obj
from eks_lab.sim.resource import Resource
from eks_lab.sim.resources import builtin_resources
from eks_lab.sim.resources.api_services import initial_services
from tests.sim.resources.world import FakeWorld

_CASES = Path(__file__).with_name("cases")
_ALL = builtin_resources("1.36")
_BY_KIND = {(each.api_version, each.kind): each for each in _ALL}


def _cases(name: str) -> list[Any]:
    found = []
    for path in sorted(_CASES.glob(f"*/{name}.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            found.append(pytest.param(case, id=f"{path.parent.name}: {case['about']}"))
    return found


def _read(obj: Obj) -> tuple[Obj, Resource]:
    copied: Obj = orjson.loads(orjson.dumps(obj))
    return copied, _BY_KIND[obj["apiVersion"], obj["kind"]]


def _merge(value: Any, change: Any) -> Any:
    if not isinstance(value, dict) or not isinstance(change, dict):
        return change
    return {**value, **{key: _merge(value.get(key), each) for key, each in change.items()}}


@pytest.mark.parametrize("case", _cases("changes"))
def test_updates_are_refused_in_the_servers_words(case: Obj) -> None:
    world = FakeWorld()
    old, resource = _read(case["object"])
    resource.default(old, world)
    new, _ = _read(_merge(old, case["change"]))
    resource.default(new, world)
    resource.prepare_update(new, old, world)
    assert [str(error) for error in resource.validate_update(new, old, world)] == case["errors"]


@pytest.mark.parametrize("case", _cases("filled"))
def test_fields_are_filled_in(case: Obj) -> None:
    world = FakeWorld()
    obj, resource = _read(case["object"])
    resource.default(obj, world)
    resource.prepare_create(obj, world)
    assert {key: obj[key] for key in obj if key not in ("apiVersion", "kind", "metadata")} == case["filled"]


@pytest.mark.parametrize(
    "resource", [each for each in _ALL if each.has_status and each.group], ids=lambda each: str(each.id)
)
def test_a_client_cannot_write_the_status_with_the_object(resource: Resource) -> None:
    world = FakeWorld()
    old: Obj = {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": {"name": "a"}}
    resource.default(old, world)
    resource.prepare_create(old, world)
    new = _merge(orjson.loads(orjson.dumps(old)), {"status": {"mine": True}})
    created = orjson.loads(orjson.dumps(new))
    resource.prepare_create(created, world)
    new = carry_over(resource, "", old, new)
    resource.prepare_update(new, old, world)
    assert "mine" not in created.get("status", {})
    assert new.get("status") == old.get("status")


def test_no_two_resources_share_a_name() -> None:
    names = [each.id for each in _ALL]
    assert sorted(set(names)) == sorted(names)


def test_short_names_and_groups_are_those_of_a_real_cluster() -> None:
    short = {name: each.id for each in _ALL for name in each.short_names if each.group != "events.k8s.io"}
    assert short["hpa"] == "horizontalpodautoscalers.autoscaling"
    assert short["pdb"] == "poddisruptionbudgets.policy"
    assert short["netpol"] == "networkpolicies.networking.k8s.io"
    assert short["ip"] == "ipaddresses.networking.k8s.io"
    assert short["csr"] == "certificatesigningrequests.certificates.k8s.io"
    assert short["crds"] == "customresourcedefinitions.apiextensions.k8s.io"
    assert short["vac"] == "volumeattributesclasses.storage.k8s.io"
    assert {each.group for each in _ALL} >= {
        "admissionregistration.k8s.io",
        "apiregistration.k8s.io",
        "authentication.k8s.io",
        "authorization.k8s.io",
        "certificates.k8s.io",
        "discovery.k8s.io",
        "flowcontrol.apiserver.k8s.io",
        "metrics.k8s.io",
        "node.k8s.io",
        "rbac.authorization.k8s.io",
        "resource.k8s.io",
        "scheduling.k8s.io",
        "storage.k8s.io",
    }


@pytest.mark.parametrize("group", ["authentication.k8s.io", "authorization.k8s.io"])
def test_reviews_can_only_be_asked(group: str) -> None:
    assert {each.verbs for each in _ALL if each.group == group} == {("create",)}


def test_measurements_can_only_be_read() -> None:
    assert {each.verbs for each in _ALL if each.group == "metrics.k8s.io"} == {("get", "list")}


@pytest.mark.parametrize("name", ["10.0.0.1", "2001:db8::1", "10.0.0.01", "2001:DB8::1", "web"])
def test_an_address_is_named_after_itself(name: str) -> None:
    addresses = next(each for each in _ALL if each.kind == "IPAddress")
    assert addresses.name_problem is not None
    assert bool(addresses.name_problem(name)) == (name not in ("10.0.0.1", "2001:db8::1"))


def test_every_served_version_has_an_api_service_that_is_valid() -> None:
    world = FakeWorld()
    resource = next(each for each in _ALL if each.kind == "APIService")
    services = initial_services(_ALL)
    names = [each["metadata"]["name"] for each in services]
    assert {"v1.", "v1.apps", "v2.autoscaling", "v1.autoscaling", "v1.events.k8s.io"} <= set(names)
    assert "v1.apiregistration.k8s.io" not in names
    for service in services:
        obj, _ = _read({"apiVersion": resource.api_version, "kind": resource.kind, **service})
        resource.default(obj, world)
        resource.prepare_create(obj, world)
        assert resource.validate(obj, world) == []
        is_local = obj["spec"].get("service") is None
        assert bool(obj["status"]) == is_local
