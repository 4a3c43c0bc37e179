"""Volumes for claims: made near the pod, with the driver's credentials, larger on request, deleted with the claim."""

from __future__ import annotations

import pytest

from eks_lab.sim.controllers.ebs_csi.parameters import wish_of
from eks_lab.sim.controllers.ebs_csi.registration import attach_limit
from eks_lab.sim.objects import Key
from tests.sim.cloud import ebs
from tests.sim.cloud.cloud_cluster import CloudCluster

WAITING = (
    "Waiting for a volume to be created either by the external provisioner 'ebs.csi.aws.com' or manually by the system "
    "administrator. If volume creation is delayed, please verify that the provisioner is running and correctly "
    "registered."
)


def test_without_the_driver_a_claim_waits_and_says_for_what() -> None:
    world = CloudCluster(hop_limit=2)
    world.advance(30)
    ebs.storage_class(world)
    ebs.claim(world)
    ebs.consumer(world, "db-0")
    world.advance(60)
    assert WAITING in world.said("data", "ExternalProvisioning")
    assert world.cloud.volumes() == []
    ebs.install(world)
    world.advance(90)
    assert world.read("db-0")["status"]["phase"] == "Running"
    assert len(world.cloud.volumes()) == 1


def test_a_claim_becomes_a_volume_in_the_pods_zone() -> None:
    world = CloudCluster(nodes=3, hop_limit=2)
    ebs.install(world)
    world.advance(60)
    parameters = {
        "type": "gp3",
        "iops": "4000",
        "throughput": "250",
        "encrypted": "true",
        "tagSpecification_1": "team=shop",
    }
    ebs.storage_class(world, parameters=parameters)
    ebs.claim(world, size="4500Mi")
    ebs.consumer(world, "db-0", nodeSelector={"topology.kubernetes.io/zone": "us-east-1b"})
    world.advance(60)
    (volume,) = world.cloud.volumes()
    assert (volume.zone, volume.size_gib, volume.type, volume.state) == ("us-east-1b", 5, "gp3", "in-use")
    claim = ebs.read_claim(world)
    name = f"pvc-{claim['metadata']['uid']}"
    assert volume.tags["team"] == "shop"
    assert volume.tags["CSIVolumeName"] == name
    assert volume.tags["kubernetes.io/created-for/pvc/name"] == "data"
    assert claim["status"]["phase"] == "Bound"
    assert claim["status"]["capacity"] == {"storage": "5Gi"}
    stored = world.api.read("persistentvolumes", Key("", name))
    assert stored["spec"]["csi"]["volumeHandle"] == volume.id
    (term,) = stored["spec"]["nodeAffinity"]["required"]["nodeSelectorTerms"]
    wanted = {"key": "topology.ebs.csi.aws.com/zone", "operator": "In", "values": ["us-east-1b"]}
    assert term["matchExpressions"] == [wanted]
    assert world.said("data", "ProvisioningSucceeded") == [f"Successfully provisioned volume {name}"]
    assert world.said("db-0", "SuccessfulAttachVolume") == [
        f'AttachVolume.Attach succeeded for volume "{name}"'
    ]
    assert world.read("db-0")["status"]["phase"] == "Running"


def test_a_driver_without_permission_says_who_may_not_do_what() -> None:
    world = CloudCluster(hop_limit=2)
    world.cloud.denied.add("CreateVolume")
    ebs.install(world)
    world.advance(60)
    ebs.storage_class(world)
    ebs.claim(world)
    ebs.consumer(world, "db-0")
    world.advance(30)
    uid = ebs.read_claim(world)["metadata"]["uid"]
    said = world.said("data", "ProvisioningFailed")[0]
    assert said.startswith(
        'failed to provision volume with StorageClass "gp3": rpc error: code = Internal desc = Could not create volume '
        f'"pvc-{uid}": could not create volume in EC2: operation error EC2: CreateVolume, https response error '
        "StatusCode: 403, RequestID: "
    )
    assert "api error UnauthorizedOperation: You are not authorized to perform this operation. User: " in said
    assert "UnauthorizedOperation" in world.log("ebs-csi-controller")
    world.cloud.denied.clear()
    world.advance(300)
    assert world.read("db-0")["status"]["phase"] == "Running"


def test_a_driver_without_credentials_cannot_ask() -> None:
    world = CloudCluster(hop_limit=1)
    ebs.install(world)
    world.advance(60)
    ebs.storage_class(world)
    ebs.claim(world)
    ebs.consumer(world, "db-0")
    world.advance(30)
    assert "no EC2 IMDS role found" in world.said("data", "ProvisioningFailed")[0]
    assert world.cloud.volumes() == []


@pytest.mark.parametrize(
    ("parameters", "text"),
    [
        ({"type": "gp9"}, 'invalid AWS VolumeType "gp9"'),
        ({"typ": "gp3"}, "Invalid parameter key typ for CreateVolume"),
        ({"iops": "many"}, "Could not parse invalid iops"),
    ],
)
def test_bad_parameters_are_refused(parameters: dict[str, str], text: str) -> None:
    world = CloudCluster(hop_limit=2)
    ebs.install(world)
    world.advance(60)
    ebs.storage_class(world, parameters=parameters)
    ebs.claim(world)
    ebs.consumer(world, "db-0")
    world.advance(10)
    assert f"rpc error: code = InvalidArgument desc = {text}" in world.said("data", "ProvisioningFailed")[0]


def test_the_class_of_before_csi_goes_to_the_same_driver() -> None:
    world = CloudCluster(hop_limit=2)
    ebs.install(world)
    world.advance(60)
    ebs.claim(world, storageClassName="gp2")
    ebs.consumer(world, "db-0")
    world.advance(60)
    assert [each.type for each in world.cloud.volumes()] == ["gp2"]
    assert world.read("db-0")["status"]["phase"] == "Running"


def test_a_claim_grows_and_its_file_system_follows() -> None:
    world = CloudCluster(hop_limit=2)
    ebs.install(world)
    world.advance(60)
    ebs.storage_class(world)
    ebs.claim(world)
    ebs.consumer(world, "db-0")
    world.advance(60)
    patch = {"spec": {"resources": {"requests": {"storage": "10Gi"}}}}
    world.api.patch("persistentvolumeclaims", Key("default", "data"), patch, type="merge")
    world.advance(30)
    claim = ebs.read_claim(world)
    assert claim["status"]["capacity"] == {"storage": "10Gi"}
    assert not claim["status"].get("conditions")
    assert [each.size_gib for each in world.cloud.volumes()] == [10]
    assert len(world.said("data", "Resizing")) == 1
    assert world.said("db-0", "FileSystemResizeSuccessful")
    world.delete_pod("db-0")
    patch = {"spec": {"resources": {"requests": {"storage": "12Gi"}}}}
    world.api.patch("persistentvolumeclaims", Key("default", "data"), patch, type="merge")
    world.advance(30)
    (condition,) = ebs.read_claim(world)["status"]["conditions"]
    assert condition["type"] == "FileSystemResizePending"
    assert ebs.read_claim(world)["status"]["capacity"] == {"storage": "10Gi"}


@pytest.mark.parametrize(("policy", "left"), [("Delete", 0), ("Retain", 1)])
def test_what_becomes_of_a_volume_when_its_claim_goes(policy: str, left: int) -> None:
    world = CloudCluster(hop_limit=2)
    ebs.install(world)
    world.advance(60)
    ebs.storage_class(world, reclaimPolicy=policy)
    ebs.claim(world)
    ebs.consumer(world, "db-0")
    world.advance(60)
    world.api.delete("persistentvolumeclaims", Key("default", "data"))
    world.advance(30)
    assert len(world.cloud.volumes()) == 1, "a pod uses it"
    world.delete_pod("db-0")
    world.advance(60)
    assert len(world.cloud.volumes()) == left
    assert len(world.api.items("persistentvolumes")) == left
    assert ebs.attachments(world) == []


def test_a_restart_while_a_volume_is_made_makes_no_second_one() -> None:
    world = CloudCluster(hop_limit=2)
    ebs.install(world)
    world.advance(60)
    ebs.storage_class(world)
    ebs.claim(world)
    ebs.consumer(world, "db-0")
    world.advance(1)
    assert len(world.cloud.volumes()) == 1
    assert world.api.items("persistentvolumes") == []
    again = CloudCluster(cloud=world.cloud, kept=world.cluster.state())
    again.advance(60)
    assert again.read("db-0")["status"]["phase"] == "Running"
    assert len(again.cloud.volumes()) == 1


def test_the_driver_registers_with_a_limit_that_interfaces_share() -> None:
    world = CloudCluster("m5.large", hop_limit=2)
    world.advance(30)
    entry = world.api.items("csinodes.storage.k8s.io")[0]
    assert not entry["spec"].get("drivers")
    ebs.install(world)
    world.advance(30)
    (driver,) = world.api.items("csinodes.storage.k8s.io")[0]["spec"]["drivers"]
    assert driver["nodeID"] == world.instance()
    assert driver["allocatable"]["count"] == attach_limit("m5.large", world.enis())
    assert world.node()["metadata"]["labels"]["topology.ebs.csi.aws.com/zone"] == "us-east-1a"


def test_attach_limits() -> None:
    assert attach_limit("m5.large", 1) == 26
    assert attach_limit("m5.large", 3) == 24
    assert attach_limit("m7i.large", 3) == 31


def test_sizes_are_whole_gibibytes() -> None:
    assert wish_of({}, 1).size_gib == 1
    assert wish_of({"iopsPerGB": "50", "type": "io2"}, 10 * 1024**3 + 1).iops == 550
