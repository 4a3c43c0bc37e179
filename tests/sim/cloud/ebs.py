"""The EBS CSI driver's add-on as far as the cluster sees it, and a class for claims."""

from __future__ import annotations

from typing import Any

from eks_lab.sim.objects import Key, Obj
from tests.sim.cloud.cloud_cluster import IMAGES, CloudCluster

DRIVER = "ebs.csi.aws.com"


def install(world: CloudCluster, *, has_controller: bool = True) -> None:
    """Install CSIDriver, controller and node plugins."""
    world.api.create(
        "csidrivers.storage.k8s.io",
        {"metadata": {"name": DRIVER}, "spec": {"attachRequired": True, "podInfoOnMount": False}},
    )
    world.daemon("ebs-csi-node", "aws-ebs-csi-driver:v1.50.1", app="ebs-csi-node")
    if has_controller:
        controller(world)


def controller(world: CloudCluster) -> None:
    """Run the controller."""
    account = {"metadata": {"name": "ebs-csi-controller-sa", "namespace": "kube-system"}}
    world.api.create("serviceaccounts", account, namespace="kube-system")
    pod = {
        "metadata": {
            "name": "ebs-csi-controller-0",
            "namespace": "kube-system",
            "labels": {"app": "ebs-csi-controller"},
        },
        "spec": {
            "serviceAccountName": "ebs-csi-controller-sa",
            "containers": [{"name": "ebs-plugin", "image": f"{IMAGES}/aws-ebs-csi-driver:v1.50.1"}],
        },
    }
    world.api.create("pods", pod, namespace="kube-system")


def storage_class(world: CloudCluster, name: str = "gp3", **more: Any) -> None:
    """Create a StorageClass that waits for a consumer."""
    world.api.create(
        "storageclasses.storage.k8s.io",
        {
            "metadata": {"name": name},
            "provisioner": DRIVER,
            "volumeBindingMode": "WaitForFirstConsumer",
            "allowVolumeExpansion": True,
            **more,
        },
    )


def claim(world: CloudCluster, name: str = "data", size: str = "4Gi", **spec: Any) -> None:
    """Create a claim."""
    whole = {
        "accessModes": ["ReadWriteOnce"],
        "storageClassName": "gp3",
        "resources": {"requests": {"storage": size}},
        **spec,
    }
    body = {"metadata": {"name": name, "namespace": "default"}, "spec": whole}
    world.api.create("persistentvolumeclaims", body, namespace="default")


def consumer(world: CloudCluster, name: str, claim: str = "data", **spec: Any) -> Obj:
    """Create a pod that mounts a claim."""
    return world.pod(
        name,
        volumes=[{"name": "data", "persistentVolumeClaim": {"claimName": claim}}],
        container={"volumeMounts": [{"name": "data", "mountPath": "/data"}]},
        **spec,
    )


def read_claim(world: CloudCluster, name: str = "data") -> Obj:
    """Return a claim."""
    return world.api.read("persistentvolumeclaims", Key("default", name))


def attachments(world: CloudCluster) -> list[tuple[str, bool]]:
    """Return node and state of all attachments."""
    return [
        (each["spec"]["nodeName"], each["status"]["attached"])
        for each in world.api.items("volumeattachments.storage.k8s.io")
    ]
