"""Strategic merge patch: keys, directives, order."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.kube import types
from eks_lab.kube.types import Schema
from eks_lab.sim.objects import ApiError
from eks_lab.sim.patches.strategic import apply_strategic_patch


@pytest.fixture(scope="module")
def deployment_schema() -> Schema:
    found = types.load("1.36").of("apps", "v1", "Deployment")
    assert found is not None
    return found


def spec(*containers: dict[str, Any], **rest: Any) -> dict[str, Any]:
    return {"spec": {"template": {"spec": {"containers": list(containers), **rest}}}}


def patched(schema: Schema, target: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    result: dict[str, Any] = apply_strategic_patch(target, patch, schema)["spec"]["template"]["spec"]
    return result


A, B = {"name": "a", "image": "1"}, {"name": "b", "image": "1"}


def test_items_merge_by_key_and_new_ones_come_last(deployment_schema: Schema) -> None:
    patch = spec({"name": "b", "image": "2"}, {"name": "c"})
    result = patched(deployment_schema, spec(A, B), patch)
    assert result["containers"] == [A, {"name": "b", "image": "2"}, {"name": "c"}]


def test_delete_and_replace_directives(deployment_schema: Schema) -> None:
    gone = patched(deployment_schema, spec(A, B), spec({"name": "a", "$patch": "delete"}))
    assert gone["containers"] == [B]
    whole = patched(deployment_schema, spec(A, B), spec({"$patch": "replace"}, {"name": "z"}))
    assert whole["containers"] == [{"name": "z"}]
    one = patched(
        deployment_schema,
        spec({**A, "command": ["x"]}),
        spec({"name": "a", "image": "2", "$patch": "replace"}),
    )
    assert one["containers"] == [{"name": "a", "image": "2"}]


def test_element_order_is_kept_and_what_only_the_server_has_stays(deployment_schema: Schema) -> None:
    target = spec(A, {"name": "sidecar"}, B)
    patch = spec(**{"$setElementOrder/containers": [{"name": "b"}, {"name": "a"}]})
    patch["spec"]["template"]["spec"].pop("containers")
    result = patched(deployment_schema, target, patch)
    assert [each["name"] for each in result["containers"]] in (["b", "a", "sidecar"], ["sidecar", "b", "a"])
    assert {each["name"] for each in result["containers"]} == {"a", "b", "sidecar"}


def test_null_removes_and_atomic_lists_are_replaced(deployment_schema: Schema) -> None:
    target = spec({**A, "args": ["1", "2"]}, nodeSelector={"a": "1", "b": "2"})
    patch = spec({"name": "a", "args": ["3"]}, nodeSelector={"a": None})
    result = patched(deployment_schema, target, patch)
    assert result["containers"][0]["args"] == ["3"]
    assert result["nodeSelector"] == {"b": "2"}


def test_retain_keys_drop_the_rest(deployment_schema: Schema) -> None:
    target = {"spec": {"strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1}}}}
    patch = {"spec": {"strategy": {"$retainKeys": ["type"], "type": "Recreate"}}}
    result = apply_strategic_patch(target, patch, deployment_schema)
    assert result["spec"]["strategy"] == {"type": "Recreate"}


def test_new_items_stand_in_front_in_the_order_of_the_patch(deployment_schema: Schema) -> None:
    target = spec({"name": "a", "image": "1"}, {"name": "b", "image": "1"}, {"name": "c", "image": "1"})
    patch = spec({"name": "new", "image": "1"}, {"name": "b", "image": "2"}, {"name": "last", "image": "1"})
    names = [each["name"] for each in patched(deployment_schema, target, patch)["containers"]]
    # strategicpatch: an item of the patch goes first, unless both are on the server and stood otherwise there.
    assert names == ["new", "a", "b", "last", "c"]


def test_primitive_lists_merge_as_sets() -> None:
    schema = types.load("1.36").of("", "v1", "ConfigMap")
    target = {"metadata": {"finalizers": ["a/1", "b/2"]}}
    added = apply_strategic_patch(target, {"metadata": {"finalizers": ["c/3", "a/1"]}}, schema)
    assert added["metadata"]["finalizers"] == ["c/3", "a/1", "b/2"]
    patch = {"metadata": {"$deleteFromPrimitiveList/finalizers": ["a/1"]}}
    assert apply_strategic_patch(target, patch, schema)["metadata"]["finalizers"] == ["b/2"]


def test_a_missing_merge_key_is_named(deployment_schema: Schema) -> None:
    with pytest.raises(ApiError, match="map: map\\[image:2\\] does not contain declared merge key: name"):
        patched(deployment_schema, spec(A), spec({"image": "2"}))
