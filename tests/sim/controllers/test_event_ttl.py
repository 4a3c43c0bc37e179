"""Events go an hour after they last happened, however many there are and whatever their times say."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.sim.objects import timestamp
from tests.sim.controllers.scenario import Cluster


def _event(name: str, **more: Any) -> dict[str, Any]:
    involved = {"kind": "Node", "name": "n", "apiVersion": "v1", "namespace": ""}
    return {
        "apiVersion": "v1",
        "kind": "Event",
        "metadata": {"name": name, "namespace": "default"},
        "involvedObject": involved,
        "reason": "Tried",
        "message": "it",
        "type": "Normal",
        **more,
    }


def _names(cluster: Cluster) -> list[str]:
    return [each["metadata"]["name"] for each in cluster.api.items("events", "default")]


def test_an_event_goes_after_an_hour() -> None:
    cluster = Cluster()
    cluster.given(_event("first"))
    cluster.advance("30m")
    cluster.given(_event("second"))
    cluster.advance("29m")
    assert _names(cluster) == ["first", "second"]
    cluster.advance("2m")
    assert _names(cluster) == ["second"]
    cluster.advance("30m")
    assert _names(cluster) == []


def test_an_event_that_happens_again_stays_longer() -> None:
    cluster = Cluster()
    cluster.given(_event("again"), _event("once"))
    cluster.advance("40m")
    cluster.patch("events", "again", {"lastTimestamp": timestamp(cluster.clock.now()), "count": 2})
    cluster.advance("30m")
    assert _names(cluster) == ["again"]
    cluster.advance("31m")
    assert _names(cluster) == []


@pytest.mark.parametrize("minutes", [1, 59])
def test_an_event_from_before_goes_sooner(minutes: int) -> None:
    cluster = Cluster()
    cluster.given(_event("new"))
    then = cluster.clock.now()
    cluster.advance(f"{minutes}m")
    cluster.given(_event("old", firstTimestamp=timestamp(then), lastTimestamp=timestamp(then)))
    cluster.advance(f"{60 - minutes}m")
    assert _names(cluster) == []
