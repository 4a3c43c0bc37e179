"""The checker finds what it is for: each kind of damage is done once and named."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from eks_lab.aws import invariants
from eks_lab.sim.objects import Key
from tests.aws.ec2.world import World


def violations(world: World) -> str:
    return "\n".join(invariants.violations(world.account))  # type: ignore[arg-type]


def pod(world: World, name: str, node: str, address: str, **spec: Any) -> None:
    world.account.cluster.store.put(
        "pods",
        {
            "metadata": {"namespace": "default", "name": name, "uid": name},
            "spec": {"nodeName": node, "containers": [], **spec},
            "status": {"phase": "Running", "podIP": address},
        },
    )


def test_a_sound_world_has_none(world: World) -> None:
    instance_id = world.join()
    interface = world.ec2.instance_of(instance_id).nics[0]
    world.ec2.assign_private_ip_addresses(interface.id, None, 2, ipv4_prefix_count=1)
    name = world.status(instance_id)["nodeName"]
    pod(world, "one", name, interface.secondary_addresses[0])
    pod(world, "two", name, interface.prefixes[0].partition("/")[0])
    pod(world, "host", name, interface.private_ip_address or "", hostNetwork=True)
    assert violations(world) == ""


def test_addresses_that_are_twice_outside_or_uncounted_are_named(world: World) -> None:
    first = world.ec2.create_network_interface(world.network.private_subnets[0], "")
    second = world.ec2.create_network_interface(world.network.private_subnets[0], "")
    second.private_ip_addresses[0]["PrivateIpAddress"] = first.private_ip_address
    found = violations(world)
    assert f"{first.private_ip_address} is on {first.id} and on {second.id}" in found
    assert "counts" in found
    second.private_ip_addresses[0]["PrivateIpAddress"] = "192.168.0.1"
    assert "which is not in" in violations(world)


def test_interfaces_of_nothing_and_too_many_slots_are_named(world: World) -> None:
    (instance_id,) = world.account.fleet.launch(world.launch(instance_types=("t3.small",)), 1)
    instance = world.ec2.instance_of(instance_id)
    interface = instance.nics[0]
    interface.private_ip_addresses += [
        {"Primary": False, "PrivateIpAddress": f"10.0.60.{number}"} for number in range(4, 9)
    ]
    assert "uses 6 address slots, t3.small has 4" in violations(world)
    del world.ec2.instance_index[instance_id]
    assert f"is attached to {instance_id}, which does not exist" in violations(world)


def test_volumes_of_dead_instances_are_named(world: World) -> None:
    (instance_id,) = world.account.fleet.launch(world.launch(), 1)
    world.ec2.instance_of(instance_id).head_for("terminated")
    assert f"is attached to {instance_id}, which is gone" in violations(world)
    world.ec2.volumes.clear()
    assert "which does not exist" in violations(world)


def test_nodes_without_an_instance_are_named_after_a_while(world: World) -> None:
    instance_id = world.join()
    name = world.status(instance_id)["nodeName"]
    world.account.fleet.terminate([instance_id])
    assert violations(world) == ""
    world.account.clock.advance(timedelta(minutes=4))
    assert f"node {name} is still there" in violations(world)
    world.account.cluster.store.remove("nodes", Key("", name))
    assert violations(world) == ""


def test_pods_with_addresses_of_nobody_are_named(world: World) -> None:
    instance_id = world.join()
    name = world.status(instance_id)["nodeName"]
    primary = world.ec2.instance_of(instance_id).private_ip or ""
    pod(world, "one", name, "10.0.9.9")
    pod(world, "two", name, "10.0.9.9")
    pod(world, "three", name, primary)
    pod(world, "host", name, "10.0.9.8", hostNetwork=True)
    found = violations(world)
    assert "pod default/one has 10.0.9.9, which no interface of" in found
    assert "pod default/two and pod default/one both have 10.0.9.9" in found or "both have 10.0.9.9" in found
    assert f"pod default/three has {primary}, which no interface of" in found
    assert "pod default/host uses the host's network and has 10.0.9.8" in found


def test_claims_and_attachments_that_ec2_does_not_know_are_named(world: World) -> None:
    instance_id = world.join()
    name = world.status(instance_id)["nodeName"]
    store = world.account.cluster.store
    made = world.ec2.create_volume(10, "us-east-1a", volume_type="gp3")
    for number, handle in enumerate((made.id, "vol-0gone")):
        store.put(
            "persistentvolumes",
            {
                "metadata": {"name": f"pv-{number}", "uid": f"pv-{number}"},
                "spec": {"csi": {"driver": "ebs.csi.aws.com", "volumeHandle": handle}},
                "status": {"phase": "Bound"},
            },
        )
    store.put(
        "volumeattachments.storage.k8s.io",
        {
            "metadata": {"name": "csi-1", "uid": "csi-1"},
            "spec": {"nodeName": name, "source": {"persistentVolumeName": "pv-0"}},
            "status": {"attached": True},
        },
    )
    found = violations(world)
    assert "PersistentVolume pv-1 is vol-0gone, which does not exist" in found
    assert f"VolumeAttachment of pv-0 says attached, {made.id} is not attached to {instance_id}" in found
