"""docs/fidelity.md names every kind, every controller, every admission plugin and every behaviour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from eks_lab.sim.admission import default_plugins
from eks_lab.sim.apiserver.operator_pages import PAGES, operator_pages
from eks_lab.sim.behaviours.catalogue import packaged
from eks_lab.sim.cluster import Cluster, ClusterOptions
from eks_lab.sim.objects import ApiError
from eks_lab.sim.resources import builtin_resources
from tests.sim.small_cluster import START

TEXT = (Path(__file__).parents[2] / "docs" / "fidelity.md").read_text(encoding="utf-8")
SPOKEN_OF_OTHERWISE = {
    "interpreter",
    "pause",
    "liveness-example",
    "unknown",
    "nowhere",
    "python-http",
    "bad",
    "hello",
}
"""Behaviours that the page describes in other words than their file's name."""


def test_every_kind_is_there() -> None:
    named = set(re.findall(r"`([^`]+)`", TEXT))
    missing = {each.plural for each in builtin_resources("1.36")} - named
    # Two groups have kinds of the names nodes and pods.
    assert missing == set()
    assert {"nodes.metrics.k8s.io", "pods.metrics.k8s.io"} <= named


def test_every_controller_is_there() -> None:
    cluster = Cluster(ClusterOptions(nodes=0), START)
    words = set(re.findall(r"[a-z][a-z-]+", TEXT))
    missing = {each.name for each in cluster.controllers} - words
    assert missing == set()


def test_every_admission_plugin_is_there() -> None:
    assert [each.name for each in default_plugins() if each.name not in TEXT] == []


def test_every_behaviour_is_there() -> None:
    names = {each.name for each in packaged()} - SPOKEN_OF_OTHERWISE
    missing = {name for name in names if name.partition("-")[0] not in TEXT.lower()}
    assert missing == set()


@pytest.mark.parametrize("path", sorted(PAGES))
def test_pages_for_operators_say_that_they_are_not_simulated(path: str) -> None:
    with pytest.raises(ApiError, match=r"is not simulated by eks-lab\. Nearest: .* Real EKS: ") as caught:
        operator_pages()[path](None)  # type: ignore[arg-type]
    assert (caught.value.code, caught.value.reason) == (501, "NotImplemented")
