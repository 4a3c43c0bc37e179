"""Equal parts of objects are in memory once, and stay what they were."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim import objects
from eks_lab.sim.objects import exact_json, share, share_parts

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(-2, 2) | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_what_is_shared_is_what_it_was(value: Any) -> None:
    # 1, 1.0 and True are equal in Python and not in JSON.
    assert orjson.dumps(share(value)) == orjson.dumps(value)


def test_equal_parts_are_one() -> None:
    one = share({"ports": [{"containerPort": 80}], "name": "a"})
    other = share({"ports": [{"containerPort": 80}], "name": "b"})
    assert one is not other
    assert one["ports"] is other["ports"]
    assert share({"f:a": {}}) is share({"f:a": {}})


def test_parts_are_shared_and_the_whole_is_its_own() -> None:
    one, other = share_parts({"spec": {"a": [1]}}), share_parts({"spec": {"a": [1]}})
    assert one == other
    assert one is not other
    assert one["spec"] is other["spec"]


def test_what_is_remembered_has_a_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(objects, "MOST_SHARED", 50)
    monkeypatch.setattr(objects, "_shared", {})
    for number in range(500):
        assert share([number]) == [number]
    assert len(objects._shared) <= 50


def test_json_is_that_of_the_value() -> None:
    assert exact_json({"a": [1, None]}) == b'{"a":[1,null]}'
