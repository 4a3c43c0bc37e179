"""A kind cluster is brought back to what it was when it was made."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.errors import DataError
from eks_lab.sandbox.backends.docker.kind_reset import Baseline, baseline_of, is_beyond_reset, node_patch

NODE: dict[str, Any] = {"labels": {"zone": "a", "arch": "amd64"}, "taints": []}
NO_SCHEDULE = {"key": "gpu", "value": "yes", "effect": "NoSchedule"}


@pytest.mark.parametrize(
    ("now", "patch"),
    [
        (NODE, {}),
        (
            {"labels": {"zone": "b", "arch": "amd64", "team": "x"}, "taints": []},
            {"metadata": {"labels": {"zone": "a", "team": None}}},
        ),
        ({"labels": {"zone": "a"}, "taints": []}, {"metadata": {"labels": {"arch": "amd64"}}}),
        (
            {"labels": NODE["labels"], "taints": [NO_SCHEDULE]},
            {"spec": {"taints": None, "unschedulable": None}},
        ),
    ],
)
def test_labels_and_taints_come_back(now: dict[str, Any], patch: dict[str, Any]) -> None:
    assert node_patch(NODE, now) == patch


def test_a_taint_that_was_there_from_the_start_stays() -> None:
    before = {"labels": {}, "taints": [NO_SCHEDULE]}
    added = {"key": "timeAdded", "effect": "NoExecute", "timeAdded": "2026-11-23T00:00:00Z"}
    assert node_patch(before, {"labels": {}, "taints": [{**NO_SCHEDULE, "timeAdded": "x"}]}) == {}
    patch = node_patch(before, {"labels": {}, "taints": [NO_SCHEDULE, added]})
    assert patch["spec"]["taints"] == [NO_SCHEDULE]


_LABELS = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("123"), max_size=5)


@given(_LABELS, _LABELS)
def test_the_patch_gives_back_the_labels(before: dict[str, str], now: dict[str, str]) -> None:
    patch = node_patch({"labels": before, "taints": []}, {"labels": now, "taints": []})
    changed: dict[str, str | None] = {**now, **patch.get("metadata", {}).get("labels", {})}
    assert {name: value for name, value in changed.items() if value is not None} == before


def test_a_baseline_goes_through_json() -> None:
    baseline = Baseline({"n": NODE}, frozenset({"crd/x"}), {"daemonset/kube-proxy": 1})
    assert baseline_of(json.loads(json.dumps(baseline.as_json()))) == baseline
    with pytest.raises(DataError, match="no baseline"):
        baseline_of({})


def test_nodes_and_kube_system_cannot_be_taken_back_one_by_one() -> None:
    baseline = Baseline({"n": NODE}, frozenset(), {"deployment/coredns": 1})
    assert not is_beyond_reset(
        baseline, Baseline({"n": NODE}, frozenset({"crd/x"}), {"deployment/coredns": 1})
    )
    assert is_beyond_reset(baseline, Baseline({}, frozenset(), {"deployment/coredns": 1}))
    assert is_beyond_reset(baseline, Baseline({"n": NODE}, frozenset(), {"deployment/coredns": 2}))
