"""Whether a pod accepts a node."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.sim.objects import Obj
from eks_lab.sim.placement import node_matches, tolerates_taint, untolerated

_TAINT = {"key": "gpu", "value": "a100", "effect": "NoSchedule"}


def _node(*taints: Obj, **labels: str) -> Obj:
    return {"metadata": {"name": "n1", "labels": labels}, "spec": {"taints": list(taints)}}


def _required(*terms: Obj) -> Obj:
    affinity = {"requiredDuringSchedulingIgnoredDuringExecution": {"nodeSelectorTerms": list(terms)}}
    return {"affinity": {"nodeAffinity": affinity}}


@pytest.mark.parametrize(
    ("toleration", "expected"),
    [
        ({"key": "gpu", "operator": "Exists"}, True),
        ({"operator": "Exists"}, True),
        ({"key": "gpu", "value": "a100"}, True),
        ({"key": "gpu", "operator": "Equal", "value": "t4"}, False),
        ({"key": "gpu", "operator": "Exists", "effect": "NoExecute"}, False),
        ({"key": "cpu", "operator": "Exists"}, False),
        ({"value": "a100"}, False),
    ],
)
def test_tolerations(toleration: Any, expected: bool) -> None:
    assert tolerates_taint(toleration, _TAINT) is expected


@pytest.mark.parametrize(
    ("operator", "bound", "expected"), [("Gt", "5", True), ("Gt", "7", False), ("Lt", "x", False)]
)
def test_numbers_of_taints_are_compared(operator: str, bound: str, expected: bool) -> None:
    taint = {"key": "sla", "value": "6", "effect": "NoSchedule"}
    assert tolerates_taint({"key": "sla", "operator": operator, "value": bound}, taint) is expected


def test_the_first_taint_that_is_not_tolerated_is_named() -> None:
    soft = {"key": "soft", "effect": "PreferNoSchedule"}
    assert untolerated(_node(soft, _TAINT), [], ("NoSchedule", "NoExecute")) == _TAINT
    assert untolerated(_node(soft), [], ("NoSchedule",)) is None


def test_terms_are_alternatives_and_expressions_are_not() -> None:
    first = {"matchExpressions": [{"key": "a", "operator": "Exists"}, {"key": "b", "operator": "Exists"}]}
    second = {"matchFields": [{"key": "metadata.name", "operator": "In", "values": ["n1"]}]}
    assert not node_matches(_required(first), _node(a="1"))
    assert node_matches(_required(first), _node(a="1", b="1"))
    assert node_matches(_required(first, second), _node())
    assert not node_matches(_required({}), _node())


def test_node_selector_counts_beside_affinity() -> None:
    term = {"matchExpressions": [{"key": "a", "operator": "Exists"}]}
    assert not node_matches({"nodeSelector": {"disk": "ssd"}, **_required(term)}, _node(a="1"))
    assert node_matches({"nodeSelector": {"disk": "ssd"}, **_required(term)}, _node(a="1", disk="ssd"))
