"""Patches whose result is no object of its kind."""

from __future__ import annotations

import pytest

from eks_lab.kube import types
from eks_lab.sim.api.misfits import conversion_problem, go_text


def test_a_value_as_go_prints_it() -> None:
    value = {"b": [1, "x", True], "a": {"n": None, "f": 1.5}}
    assert go_text(value) == "map[a:map[f:1.5 n:<nil>] b:[1 x true]]"


@pytest.mark.parametrize(
    ("spec", "problem"),
    [
        ({"replicas": "three"}, "unrecognized type: int32"),
        ({"replicas": 3, "paused": "yes"}, "unrecognized type: bool"),
        ({"template": {"spec": {"containers": {"name": "a"}}}}, "cannot restore slice from map"),
        ({"template": {"spec": {"containers": [{"image": 1}]}}}, "unrecognized type: string"),
        ({"template": {"metadata": {"labels": "app"}}}, "cannot restore map from string"),
        ({"template": "app"}, "cannot restore struct from: string"),
        ({"replicas": 3}, ""),
    ],
)
def test_what_the_converter_says(spec: dict[str, object], problem: str) -> None:
    deployment = types.load("1.36").of("apps", "v1", "Deployment")
    assert deployment is not None
    assert conversion_problem(deployment, {"spec": spec}) == problem
