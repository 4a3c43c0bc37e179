"""Claims find volumes, volumes outlive claims, and protection holds both."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from eks_lab.sim.controllers.volume_binding.controller import (
    CLAIM_PROTECTION,
    VOLUME_PROTECTION,
    ClaimController,
    ProtectionController,
    VolumeController,
)
from eks_lab.sim.objects import Obj, evolve
from eks_lab.sim.runtime import Controller
from tests.sim.world import World


def controllers(world: World) -> Sequence[Controller]:
    recorder = world.recorder("persistentvolume-controller")
    return [
        ClaimController(world.clock, world.api, recorder),
        VolumeController(world.clock, world.api, recorder),
        ProtectionController(world.api),
    ]


@pytest.fixture
def world() -> World:
    return World(controllers)


def volume(name: str, size: str = "5Gi", **spec: object) -> Obj:
    return {
        "metadata": {"name": name, "finalizers": [VOLUME_PROTECTION]},
        "spec": {
            "capacity": {"storage": size},
            "accessModes": ["ReadWriteOnce"],
            "persistentVolumeReclaimPolicy": "Retain",
            "storageClassName": "manual",
            "hostPath": {"path": "/mnt/a"},
            **spec,
        },
    }


def claim(name: str, size: str = "3Gi", **spec: object) -> Obj:
    return {
        "metadata": {"name": name, "finalizers": [CLAIM_PROTECTION]},
        "spec": {
            "accessModes": ["ReadWriteOnce"],
            "storageClassName": "manual",
            "resources": {"requests": {"storage": size}},
            **spec,
        },
    }


def test_a_claim_takes_the_smallest_volume_that_is_large_enough(world: World) -> None:
    for name, size in (("large", "50Gi"), ("small", "1Gi"), ("right", "5Gi")):
        world.create("persistentvolumes", volume(name, size))
    world.create("persistentvolumeclaims", claim("data"))
    bound = world.get("persistentvolumeclaims", "data")
    assert bound["spec"]["volumeName"] == "right"
    assert bound["status"] == {
        "phase": "Bound",
        "accessModes": ["ReadWriteOnce"],
        "capacity": {"storage": "5Gi"},
    }
    assert world.get("persistentvolumes", "right")["status"]["phase"] == "Bound"
    assert world.get("persistentvolumes", "large")["status"]["phase"] == "Available"


def test_a_claim_that_came_first_is_bound_when_a_volume_comes(world: World) -> None:
    world.create("persistentvolumeclaims", claim("data"))
    assert world.get("persistentvolumeclaims", "data")["status"]["phase"] == "Pending"
    world.create("persistentvolumes", volume("late"))
    assert world.get("persistentvolumeclaims", "data")["spec"]["volumeName"] == "late"


def test_a_released_volume_is_not_bound_again_until_its_claim_reference_is_removed(world: World) -> None:
    world.create("persistentvolumes", volume("kept"))
    world.create("persistentvolumeclaims", claim("data"))
    world.delete("persistentvolumeclaims", "data")
    assert world.find("persistentvolumeclaims", "data") is None
    released = world.get("persistentvolumes", "kept")
    assert released["status"]["phase"] == "Released"
    world.create("persistentvolumeclaims", claim("again"))
    assert world.get("persistentvolumeclaims", "again")["status"]["phase"] == "Pending"
    world.api.update("persistentvolumes", evolve(released, ("spec", "claimRef"), None))
    world.advance(1)
    assert world.get("persistentvolumeclaims", "again")["spec"]["volumeName"] == "kept"


def test_a_bound_volume_and_a_used_claim_are_protected(world: World) -> None:
    world.create("persistentvolumes", volume("kept"))
    world.create("persistentvolumeclaims", claim("data"))
    world.create(
        "pods",
        {
            "metadata": {"name": "app"},
            "spec": {
                "nodeName": "n1",
                "volumes": [{"name": "v", "persistentVolumeClaim": {"claimName": "data"}}],
                "containers": [{"name": "c", "image": "nginx"}],
            },
        },
    )
    world.delete("persistentvolumes", "kept")
    world.delete("persistentvolumeclaims", "data")
    assert world.find("persistentvolumeclaims", "data") is not None
    pod = world.get("pods", "app")
    world.api.update_status("pods", evolve(pod, ("status", "phase"), "Succeeded"))
    world.advance(1)
    assert world.find("persistentvolumeclaims", "data") is None
    assert world.find("persistentvolumes", "kept") is None


def test_a_claim_without_class_says_that_there_is_no_volume(world: World) -> None:
    world.create("persistentvolumeclaims", claim("data", storageClassName=""))
    assert world.reasons("data") == ["FailedBinding"]


def test_a_class_nobody_made_fails_provisioning(world: World) -> None:
    world.create("persistentvolumeclaims", claim("data", storageClassName="nope"))
    event = world.api.items("events")[0]
    assert (event["reason"], event["message"]) == (
        "ProvisioningFailed",
        'storageclass.storage.k8s.io "nope" not found',
    )


def test_a_claim_named_by_its_volume_is_bound_to_it_alone(world: World) -> None:
    reference = {"namespace": "default", "name": "mine"}
    world.create("persistentvolumes", volume("reserved", claimRef=reference))
    world.create("persistentvolumeclaims", claim("other"))
    assert world.get("persistentvolumeclaims", "other")["status"]["phase"] == "Pending"
    world.create("persistentvolumeclaims", claim("mine"))
    assert world.get("persistentvolumeclaims", "mine")["spec"]["volumeName"] == "reserved"


def test_a_claim_whose_volume_is_deleted_behind_its_back_is_lost(world: World) -> None:
    world.create("persistentvolumes", {**volume("gone"), "metadata": {"name": "gone"}})
    world.create("persistentvolumeclaims", claim("data"))
    world.delete("persistentvolumes", "gone")
    assert world.get("persistentvolumeclaims", "data")["status"]["phase"] == "Lost"
    assert "ClaimLost" in world.reasons("data")
