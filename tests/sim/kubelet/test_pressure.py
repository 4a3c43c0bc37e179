"""Disks and process IDs: conditions, evictions, limits of pods, admission under pressure."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.sim.kubelet import disk
from eks_lab.sim.kubelet.surroundings import Thresholds
from eks_lab.sim.objects import Key, Obj, condition_of
from tests.sim.kubelet.small_node import NODE, SmallNode

CACHE = {"volumes": [{"name": "cache", "emptyDir": {"sizeLimit": "1Gi"}}]}
MOUNT = {"volumeMounts": [{"name": "cache", "mountPath": "/cache"}]}


def condition(node: SmallNode, kind: str) -> Obj:
    """Return a condition of the node."""
    found = condition_of(node.api.read("nodes", Key("", NODE)), kind)
    assert found is not None
    return found


def writer(size: str, path: str = "/tmp/f", **more: Any) -> Obj:
    """Return fields of a container that writes a file and sleeps."""
    script = f"dd if=/dev/zero of={path} bs=1M count={size}; sleep 36000"
    return {"command": ["sh", "-c", script], **more}


def limited(amount: str) -> Obj:
    """Return fields of a container with a limit of ephemeral storage."""
    return {"resources": {"limits": {"ephemeral-storage": amount}}}


def test_a_full_disk_evicts_the_greediest_and_takes_no_more() -> None:
    node = SmallNode()
    node.pod("modest")
    node.pod("filler", "example.com/disk-filler:1")
    node.advance(3600)
    status = node.status("filler")
    assert (status["phase"], status["reason"]) == ("Failed", "Evicted")
    message: str = status["message"]
    assert message.startswith(
        "The node was low on resource: ephemeral-storage. Threshold quantity: 2146223308, available: "
    )
    assert "Container web was using " in message
    assert message.endswith("request is 0, has larger consumption of ephemeral-storage. ")
    assert node.condition("DisruptionTarget", "filler")["reason"] == "TerminationByKubelet"
    assert node.status("modest")["phase"] == "Running"
    reasons = [reason for _kind, reason, _text in node.events(NODE)]
    assert "NodeHasDiskPressure" in reasons
    assert ("Warning", "EvictionThresholdMet", "Attempting to reclaim ephemeral-storage") in node.events(NODE)


def test_the_condition_stays_five_minutes_and_keeps_pods_away() -> None:
    node = SmallNode()
    node.pod("filler", "example.com/disk-filler:1")
    while condition(node, "DiskPressure")["status"] == "False":
        node.advance(60)
    assert condition(node, "DiskPressure")["reason"] == "KubeletHasDiskPressure"
    node.pod("late")
    node.pod("critical", priority=2_000_000_000)
    node.advance(10)
    late = node.status("late")
    assert (late["phase"], late["reason"]) == ("Failed", "Evicted")
    assert late["message"] == "Pod was rejected: The node had condition: [DiskPressure]. "
    assert node.status("critical")["phase"] == "Running"
    node.advance(330)
    assert condition(node, "DiskPressure")["message"] == "kubelet has no disk pressure"


def test_unused_images_go_before_pods() -> None:
    node = SmallNode()
    images = node.kubelet.around.images
    images._held.setdefault(NODE, {})["docker.io/library/old:1"] = 4 * 2**30
    node.pod("filler", "busybox", container=writer("6000"))
    node.advance(600)
    assert node.status("filler")["phase"] == "Running"
    assert "docker.io/library/old:1" not in images.images(NODE)
    assert "docker.io/library/busybox:latest" in images.images(NODE)


@pytest.mark.parametrize(
    ("spec", "says"),
    [
        (
            {"container": writer("1100", "/cache/f", **MOUNT), **CACHE},
            'Usage of EmptyDir volume "cache" exceeds the limit "1Gi". ',
        ),
        (
            {"container": writer("1100", **limited("1Gi"))},
            "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. ",
        ),
        (
            {
                "container": writer("1100", **limited("1Gi")),
                "initContainers": [{"name": "i", "image": "busybox", "command": ["true"], **limited("4Gi")}],
            },
            'Container web exceeded its local ephemeral storage limit "1Gi". ',
        ),
    ],
)
def test_a_pod_that_outgrows_its_limit_is_evicted(spec: Obj, says: str) -> None:
    node = SmallNode()
    node.pod("writer", "busybox", **spec)
    node.advance(120)
    status = node.status("writer")
    assert (status["phase"], status["reason"], status["message"]) == ("Failed", "Evicted", says)
    assert node.said("Evicted", "writer") == [says]
    assert condition(node, "DiskPressure")["status"] == "False"


def test_within_the_limit_it_stays_and_exec_counts() -> None:
    node = SmallNode()
    node.pod("writer", "busybox", container=writer("900", **limited("1Gi")))
    node.advance(120)
    assert node.status("writer")["phase"] == "Running"
    node.containers.exec(node.read("writer"), "", ["fallocate", "-l", "200M", "/more"])
    node.advance(60)
    assert node.status("writer")["reason"] == "Evicted"


def test_where_files_count() -> None:
    node = SmallNode()
    volumes = [
        {"name": "cache", "emptyDir": {}},
        {"name": "ram", "emptyDir": {"medium": "Memory"}},
        {"name": "host", "hostPath": {"path": "/var/x"}},
    ]
    mounts = [{"name": each["name"], "mountPath": f"/{each['name']}"} for each in volumes]
    script = "; ".join(
        f"fallocate -l {size}M /{name}/f"
        for size, name in ((1, "cache"), (2, "ram"), (3, "host"), (4, "tmp"))
    )
    command = ["sh", "-c", f"{script}; sleep 3600"]
    node.pod("w", "busybox", container={"command": command, "volumeMounts": mounts}, volumes=volumes)
    node.advance(10)
    around, record = node.kubelet.around, node.kubelet.record_of(node.read("w"))
    assert record is not None
    mib = 2**20
    assert disk.layers_of(around, record) == {"web": 4 * mib}
    assert disk.empty_dirs_of(around, record) == {"cache": mib}
    assert disk.host_bytes_of(around, record) == 3 * mib


def test_process_ids_run_out_where_the_kubelet_looks() -> None:
    node = SmallNode()
    node.pod("bomb", "example.com/fork-bomb:1")
    node.advance(900)
    assert node.status("bomb")["phase"] == "Running"
    node.kubelet.around.thresholds = Thresholds(threads_share=0.1)
    node.advance(60)
    status = node.status("bomb")
    assert status["reason"] == "Evicted"
    assert status["message"].startswith(
        "The node was low on resource: pids. Threshold quantity: 6553, available: "
    )
    assert "NodeHasInsufficientPID" in [reason for _kind, reason, _text in node.events(NODE)]
