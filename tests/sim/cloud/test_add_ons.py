"""What depends on add-ons that run: names in pods, metrics, the images themselves."""

from __future__ import annotations

from typing import Any

import pytest

from eks_lab.sim.objects import ApiError, Key, Obj
from tests.sim.cloud.cloud_cluster import IMAGES, CloudCluster

SLEEP = {"command": ["sleep", "infinity"]}


def deploy(world: CloudCluster, name: str, service: str, port: int, path: str, **labels: str) -> None:
    """Run one pod of an add-on behind a Service."""
    probe = {"httpGet": {"path": path, "port": port}}
    container = {"name": name, "image": f"{IMAGES}/eks/{name}:v1.0.0", "readinessProbe": probe}
    pod: Obj = {
        "metadata": {"name": f"{name}-0", "namespace": "kube-system", "labels": labels},
        "spec": {"containers": [container]},
    }
    world.api.create("pods", pod, namespace="kube-system")
    body = {
        "metadata": {"name": service, "namespace": "kube-system"},
        "spec": {"selector": labels, "ports": [{"port": 443, "targetPort": port}]},
    }
    world.api.create("services", body, namespace="kube-system")


def shell(world: CloudCluster, *argv: str) -> tuple[str, str, int]:
    """Run a command in the pod `web`."""
    return world.containers.exec(world.read("web"), "", list(argv))


def test_names_are_resolved_while_coredns_is_ready() -> None:
    world = CloudCluster()
    world.advance(30)
    world.pod("web", "busybox:1.36", container=SLEEP)
    world.advance(30)
    out, _error, code = shell(world, "nslookup", "kubernetes.default")
    assert (out, code) == (";; connection timed out; no servers could be reached\n\n", 1)
    assert "bad address" in shell(world, "wget", "-qO-", "http://kubernetes.default")[1]
    deploy(world, "coredns", "kube-dns", 8181, "/ready", **{"k8s-app": "kube-dns"})
    world.advance(30)
    out, _error, code = shell(world, "nslookup", "kubernetes.default")
    assert code == 0
    assert "172.20.0.1" in out
    world.api.delete("pods", Key("kube-system", "coredns-0"), grace_seconds=0)
    world.advance(5)
    assert shell(world, "nslookup", "kubernetes.default")[2] == 1


def test_metrics_are_served_while_metrics_server_is_ready() -> None:
    world = CloudCluster()
    world.advance(30)
    with pytest.raises(ApiError, match="could not find the requested resource"):
        world.api.resource("pods.metrics.k8s.io")
    autoscaler: dict[str, Any] = {
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "web"},
            "maxReplicas": 3,
            "metrics": [
                {
                    "type": "Resource",
                    "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 50}},
                }
            ],
        },
    }
    labels = {"app": "web"}
    container = {"name": "web", "image": "nginx", "resources": {"requests": {"cpu": "100m"}}}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container]}}
    deployment = {
        "metadata": {"name": "web", "namespace": "default"},
        "spec": {"selector": {"matchLabels": labels}, "template": template},
    }
    world.api.create("deployments.apps", deployment, namespace="default")
    world.api.create("horizontalpodautoscalers.autoscaling", autoscaler, namespace="default")
    world.advance(60)
    text = "the server could not find the requested resource (get pods.metrics.k8s.io)"
    assert text in world.said("web", "FailedGetResourceMetric")[0]
    deploy(world, "metrics-server", "metrics-server", 10251, "/readyz", **{"k8s-app": "metrics-server"})
    world.advance(120)
    assert world.api.resource("pods.metrics.k8s.io").kind == "PodMetrics"
    stored = world.api.read("apiservices.apiregistration.k8s.io", Key("", "v1beta1.metrics.k8s.io"))
    assert stored["status"]["conditions"][0]["reason"] == "Passed"
    found = world.api.read("horizontalpodautoscalers.autoscaling", Key("default", "web"))
    assert found["status"]["currentMetrics"]
    world.api.delete("services", Key("kube-system", "metrics-server"))
    world.advance(5)
    with pytest.raises(ApiError):
        world.api.resource("pods.metrics.k8s.io")


@pytest.mark.parametrize(
    ("image", "text"),
    [
        ("eks/kube-proxy", "Using iptables Proxier"),
        ("eks/coredns", "CoreDNS-"),
        ("amazon/aws-network-policy-agent", "network policy agent"),
        ("eks/csi-provisioner", "Probing CSI driver"),
        ("eks/aws-ebs-csi-driver", "Driver Information"),
    ],
)
def test_images_of_add_ons_speak_for_themselves(image: str, text: str) -> None:
    world = CloudCluster()
    world.advance(30)
    world.pod("web", f"{IMAGES}/{image}:v1.0.0-eksbuild.1")
    world.advance(30)
    assert text in "\n".join(world.containers.logs(world.read("web")))


@pytest.mark.parametrize(
    ("image", "command"),
    [
        ("amazon-k8s-cni-init:v1.23.0", []),
        ("eks/eks-pod-identity-agent:v0.1.33", ["/go-runner", "/eks-pod-identity-agent", "initialize"]),
    ],
)
def test_what_prepares_a_node_ends(image: str, command: list[str]) -> None:
    world = CloudCluster()
    world.advance(30)
    container = {"command": command} if command else {}
    world.pod("web", f"{IMAGES}/{image}", restartPolicy="Never", container=container)
    world.advance(30)
    assert world.read("web")["status"]["phase"] == "Succeeded"
