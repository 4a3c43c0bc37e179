"""Label selectors."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim.selection import matches, matches_map, selector_text

_LABELS = {"app": "web", "tier": "front", "rank": "7"}


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ({"key": "app", "operator": "In", "values": ["api", "web"]}, True),
        ({"key": "app", "operator": "In", "values": ["api"]}, False),
        ({"key": "none", "operator": "In", "values": [None]}, False),
        ({"key": "app", "operator": "NotIn", "values": ["web"]}, False),
        ({"key": "none", "operator": "NotIn", "values": ["web"]}, True),
        ({"key": "app", "operator": "Exists"}, True),
        ({"key": "none", "operator": "Exists"}, False),
        ({"key": "none", "operator": "DoesNotExist"}, True),
        ({"key": "app", "operator": "DoesNotExist"}, False),
        ({"key": "rank", "operator": "Gt", "values": ["6"]}, True),
        ({"key": "rank", "operator": "Gt", "values": ["7"]}, False),
        ({"key": "rank", "operator": "Lt", "values": ["8"]}, True),
        ({"key": "app", "operator": "Lt", "values": ["8"]}, False),
        ({"key": "rank", "operator": "Sounds", "values": ["8"]}, False),
    ],
)
def test_one_expression(expression: Any, expected: bool) -> None:
    assert matches({"matchExpressions": [expression]}, _LABELS) is expected


def test_none_matches_nothing_and_an_empty_selector_everything() -> None:
    assert not matches(None, _LABELS)
    assert matches({}, _LABELS)
    assert not matches_map({}, _LABELS)


def test_all_parts_have_to_hold() -> None:
    both = {"matchLabels": {"app": "web"}, "matchExpressions": [{"key": "tier", "operator": "DoesNotExist"}]}
    assert not matches(both, _LABELS)
    assert matches(both, {"app": "web"})


@given(st.dictionaries(st.text("abc", min_size=1, max_size=2), st.text("xyz", max_size=2)))
def test_own_labels_always_match(labels: dict[str, str]) -> None:
    assert matches({"matchLabels": labels}, {**labels, "more": "1"})
    assert matches_map(labels, labels) is bool(labels)


def test_text_is_sorted_by_key() -> None:
    selector = {
        "matchLabels": {"tier": "front"},
        "matchExpressions": [
            {"key": "app", "operator": "In", "values": ["web", "api"]},
            {"key": "z", "operator": "DoesNotExist"},
        ],
    }
    assert selector_text(selector) == "app in (api,web),tier=front,!z"
    assert selector_text(None) == "<none>"
