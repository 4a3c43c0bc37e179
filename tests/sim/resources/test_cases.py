"""Cases as data: what is refused and in which words, what is filled in, what a table shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml

from eks_lab.sim.objects import ApiError, Obj
from eks_lab.sim.resource import Resource
from eks_lab.sim.resources import builtin_resources
from tests.sim.resources.world import NOW, FakeWorld

_CASES = Path(__file__).with_name("cases")
_BY_KIND = {(each.api_version, each.kind): each for each in builtin_resources("1.36")}


def _cases(name: str) -> list[Any]:
    found = []
    for path in sorted(_CASES.glob(f"*/{name}.yaml")):
        for case in yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader):
            found.append(pytest.param(case, id=f"{path.parent.name}: {case['about']}"))
    return found


def _copy(obj: Obj) -> Obj:
    copied: Obj = orjson.loads(orjson.dumps(obj))
    return copied


def _resource(obj: Obj) -> Resource:
    return _BY_KIND[obj["apiVersion"], obj["kind"]]


def _created(obj: Obj) -> Obj:
    obj, world = _copy(obj), FakeWorld()
    resource = _resource(obj)
    resource.default(obj, world)
    resource.prepare_create(obj, world)
    return obj


@pytest.mark.parametrize("case", _cases("errors"))
def test_refusals_are_in_the_servers_words(case: Obj) -> None:
    try:
        obj = _created(case["object"])
        found = [str(error) for error in _resource(obj).validate(obj, FakeWorld())]
    except ApiError as error:
        found = [f"{cause['field']}: {cause['message']}" for cause in error.details["causes"]]
    assert found == case["errors"]


@pytest.mark.parametrize("case", _cases("defaults"))
def test_defaults_are_filled_in(case: Obj) -> None:
    obj = _created(case["object"])
    assert obj["spec"] == case["spec"]
    if "status" in case:
        assert obj["status"] == case["status"]
    assert _resource(obj).validate(obj, FakeWorld()) == []


@pytest.mark.parametrize("case", _cases("rows"))
def test_rows_are_kubectls(case: Obj) -> None:
    columns = _resource(case["object"]).columns
    assert [column.cell(case["object"], NOW) for column in columns] == case["row"]


@pytest.mark.parametrize("case", [*_cases("errors"), *_cases("defaults")])
def test_defaulting_twice_changes_nothing(case: Obj) -> None:
    once, world = _copy(case["object"]), FakeWorld()
    resource = _resource(once)
    resource.default(once, world)
    twice = _copy(once)
    resource.default(twice, world)
    assert twice == once
