"""JSON patch and merge patch against plain reference readings of their RFCs."""

from __future__ import annotations

import copy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim.objects import ApiError
from eks_lab.sim.patches.json_patch import apply_json_patch
from eks_lab.sim.patches.merge_patch import apply_merge_patch

SCALARS = st.one_of(st.none(), st.booleans(), st.integers(-3, 3), st.sampled_from(["x", "y", ""]))
KEYS = st.sampled_from(["a", "b", "c/d", "e~f", ""])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=10,
)
OBJECTS = st.dictionaries(KEYS, VALUES, max_size=4)
POINTERS = st.lists(st.sampled_from(["a", "b", "c~1d", "e~0f", "0", "1", "-"]), max_size=3).map(
    lambda steps: "".join(f"/{step}" for step in steps)
)


def reference_merge(target: Any, patch: Any) -> Any:
    """RFC 7386, section 2, line by line."""
    if not isinstance(patch, dict):
        return patch
    if not isinstance(target, dict):
        target = {}
    target = dict(target)
    for name, value in patch.items():
        if value is None:
            if name in target:
                del target[name]
        else:
            target[name] = reference_merge(target.get(name), value)
    return target


@given(OBJECTS, VALUES)
def test_merge_patch_is_the_rfcs(target: dict[str, Any], patch: Any) -> None:
    before = copy.deepcopy(target)
    assert apply_merge_patch(target, patch) == reference_merge(target, patch)
    assert target == before


def every_place(value: Any, path: str = "") -> list[tuple[str, Any]]:
    found = [(path, value)]
    if isinstance(value, dict):
        for key, inner in value.items():
            found += every_place(inner, path + "/" + key.replace("~", "~0").replace("/", "~1"))
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            found += every_place(inner, f"{path}/{number}")
    return found


@given(OBJECTS, VALUES, st.data())
def test_every_place_can_be_tested_replaced_and_put_back(
    document: dict[str, Any], value: Any, data: st.DataObject
) -> None:
    path, present = data.draw(st.sampled_from(every_place(document)[1:] or [("", document)]))
    before = copy.deepcopy(document)
    test = {"op": "test", "path": path, "value": present}
    assert apply_json_patch(document, [test]) == document
    if path:
        there_and_back = [
            {"op": "replace", "path": path, "value": value},
            {"op": "test", "path": path, "value": value},
            {"op": "replace", "path": path, "value": present},
        ]
        assert apply_json_patch(document, there_and_back) == document
        moved = [{"op": "copy", "from": path, "path": "/new"}, {"op": "remove", "path": "/new"}]
        without_new = {key: each for key, each in document.items() if key != "new"}
        assert apply_json_patch(without_new, moved) == without_new
        removed = apply_json_patch(document, [{"op": "remove", "path": path}])
        assert removed != document
        assert apply_json_patch(removed, [{"op": "add", "path": path, "value": present}]) == document
    assert document == before


@given(OBJECTS, st.lists(st.fixed_dictionaries({"op": st.sampled_from(["add", "remove", "replace", "move", "copy", "test", "jump"]), "path": POINTERS}, optional={"value": VALUES, "from": POINTERS}), max_size=4))  # fmt: skip
def test_a_patch_applies_whole_or_not_at_all(document: dict[str, Any], patch: list[dict[str, Any]]) -> None:
    before = copy.deepcopy(document)
    answer = (422, "the server rejected our request due to an error in our request")
    try:
        apply_json_patch(document, patch)
    except ApiError as error:
        answer_was = (error.code, error.message)
    else:
        answer_was = answer
    assert answer_was == answer
    assert document == before


@pytest.mark.parametrize(
    ("patch", "result"),
    [
        ([{"op": "add", "path": "/l/1", "value": 9}], {"l": [1, 9, 2], "m": {"x": True}}),
        ([{"op": "add", "path": "/l/-", "value": 9}], {"l": [1, 2, 9], "m": {"x": True}}),
        ([{"op": "move", "from": "/l/0", "path": "/m/y"}], {"l": [2], "m": {"x": True, "y": 1}}),
        ([{"op": "test", "path": "/ghost", "value": None}], {"l": [1, 2], "m": {"x": True}}),
        ([{"op": "remove", "path": "/m/x"}], {"l": [1, 2], "m": {}}),
        ([{"op": "test", "path": "/m/x", "value": 1}], None),
        ([{"op": "replace", "path": "/l/2", "value": 1}], None),
        ([{"op": "add", "path": "/l/01", "value": 1}], None),
        ([{"op": "move", "from": "/m", "path": "/m/x"}], None),
        ([{"op": "add", "path": "l", "value": 1}], None),
        ([{"op": "add", "path": "/x"}], None),
        ([{"op": "replace", "path": "", "value": 1}], None),
    ],
)
def test_operations(patch: list[dict[str, Any]], result: dict[str, Any] | None) -> None:
    document: dict[str, Any] = {"l": [1, 2], "m": {"x": True}}
    if result is None:
        with pytest.raises(ApiError):
            apply_json_patch(document, patch)
    else:
        assert apply_json_patch(document, patch) == result


def test_a_patch_must_be_a_list_of_not_too_many_operations() -> None:
    with pytest.raises(ApiError, match="cannot unmarshal object into Go value of type"):
        apply_json_patch({}, {"op": "add"})
    with pytest.raises(ApiError, match="The allowed maximum operations in a JSON patch is 10000, got 10001"):
        apply_json_patch({}, [{"op": "test", "path": "", "value": {}}] * 10_001)
