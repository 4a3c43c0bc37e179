"""Static pods and their mirrors."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.errors import InputError
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.runtime import Runtime
from tests.sim.kubelet.small_node import NODE, SmallNode

MIRROR = f"proxy-{NODE}"


def manifest(image: str = "nginx:1.27", **metadata: Any) -> Obj:
    """Return a manifest as it lies in a node's folder."""
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "proxy", "labels": {"app": "proxy"}, **metadata},
        "spec": {"containers": [{"name": "c", "image": image}]},
    }


def running() -> SmallNode:
    """Return a node with a static pod that runs."""
    node = SmallNode()
    assert node.kubelet.static.put(NODE, manifest()) == Key("default", MIRROR)
    node.advance(20)
    return node


def test_a_manifest_becomes_a_mirror_pod_that_runs() -> None:
    pod = running().read(MIRROR)
    annotations = pod["metadata"]["annotations"]
    assert annotations["kubernetes.io/config.source"] == "file"
    assert annotations["kubernetes.io/config.mirror"] == annotations["kubernetes.io/config.hash"]
    assert pod["metadata"]["ownerReferences"][0]["kind"] == "Node"
    assert {"effect": "NoExecute", "operator": "Exists"} in pod["spec"]["tolerations"]
    assert pod["status"]["phase"] == "Running"
    assert pod["status"]["containerStatuses"][0]["ready"] is True


def test_deleting_the_mirror_stops_nothing() -> None:
    node = running()
    before = node.read(MIRROR)
    for grace in (None, 0):
        node.api.delete("pods", Key("default", MIRROR), grace_seconds=grace)
        node.advance(15)
    after = node.read(MIRROR)
    assert after["metadata"]["uid"] != before["metadata"]["uid"]
    kept = ("containerID", "restartCount", "state")
    assert [
        {name: pod["status"]["containerStatuses"][0][name] for name in kept} for pod in (before, after)
    ] == [{name: before["status"]["containerStatuses"][0][name] for name in kept}] * 2
    assert after["status"]["podIP"] == before["status"]["podIP"]
    assert node.logs(MIRROR)


def test_another_manifest_replaces_the_pod_and_none_ends_it() -> None:
    node = running()
    before = node.read(MIRROR)
    node.kubelet.static.put(NODE, manifest("redis:7"))
    node.advance(20)
    after = node.read(MIRROR)
    assert after["spec"]["containers"][0]["image"] == "redis:7"
    assert after["status"]["phase"] == "Running"
    assert (
        after["status"]["containerStatuses"][0]["containerID"]
        != (before["status"]["containerStatuses"][0]["containerID"])
    )
    node.kubelet.static.remove(NODE, "proxy")
    node.advance(45)
    assert not node.exists(MIRROR)


def test_a_mirror_without_a_manifest_goes() -> None:
    node = SmallNode()
    node.pod("fake", metadata={"annotations": {"kubernetes.io/config.mirror": "x"}})
    node.advance(60)
    assert not node.exists("fake")


def test_a_kubelet_that_starts_again_keeps_its_static_pods() -> None:
    node = running()
    before = node.status(MIRROR)
    fresh = KubeletController(node.clock, node.api, node.kubelet.around.recorder)
    node.runtime = Runtime(node.clock, node.store, [fresh])
    node.runtime.resync()
    node.advance(30)
    assert node.status(MIRROR) == before
    node.api.delete("pods", Key("default", MIRROR), grace_seconds=0)
    node.advance(30)
    assert node.status(MIRROR)["containerStatuses"] == before["containerStatuses"]


@pytest.mark.parametrize(
    ("wrong", "says"),
    [({"kind": "Deployment"}, "no Pod"), ({"spec": {}}, "spec.containers is empty")],
)
def test_what_is_no_pod_is_refused(wrong: Obj, says: str) -> None:
    with pytest.raises(InputError, match=says):
        SmallNode().kubelet.static.put(NODE, {**manifest(), **wrong})
