"""Probes: when they are asked, what failing does, and that a settled one costs nothing."""

from __future__ import annotations

from eks_lab.sim.objects import Obj
from tests.sim.kubelet.small_node import SmallNode


def _probe(**more: object) -> Obj:
    return {"httpGet": {"path": "/", "port": 80}, "periodSeconds": 5, **more}


def test_readiness_waits_for_the_answer() -> None:
    node = SmallNode()
    probe = {"httpGet": {"path": "/ready", "port": 8080}, "periodSeconds": 5}
    node.pod(image="example.com/slow:1", container={"readinessProbe": probe})
    node.advance(20)
    assert node.status()["phase"] == "Running"
    assert not node.container()["ready"]
    address = node.status()["podIP"]
    text = f'Get "http://{address}:8080/ready": dial tcp {address}:8080: connect: connection refused'
    assert node.said("Unhealthy") == [f"Readiness probe failed: {text}"]
    node.advance(40)
    assert node.container()["ready"]


def test_a_wrong_path_fails_liveness_and_restarts() -> None:
    node = SmallNode()
    probe = _probe(httpGet={"path": "/nope", "port": "http"}, failureThreshold=2)
    node.pod(container={"ports": [{"name": "http", "containerPort": 80}], "livenessProbe": probe})
    node.advance(12)
    assert node.said("Unhealthy") == ["Liveness probe failed: HTTP probe failed with statuscode: 404"]
    assert node.said("Killing") == ["Container web failed liveness probe, will be restarted"]
    assert node.container()["restartCount"] == 1
    assert node.container()["lastState"]["terminated"]["exitCode"] == 0


def test_the_startup_probe_holds_the_others_back() -> None:
    node = SmallNode()
    slow = {"httpGet": {"path": "/", "port": 8080}, "periodSeconds": 5}
    node.pod(
        image="example.com/slow:1",
        container={
            "startupProbe": {**slow, "failureThreshold": 30},
            "livenessProbe": {**slow, "failureThreshold": 1},
        },
    )
    node.advance(40)
    assert node.container()["started"] is False
    assert node.container()["restartCount"] == 0
    node.advance(20)
    assert node.container()["started"] is True
    assert node.container()["ready"] is True
    assert node.container()["restartCount"] == 0


def test_the_documentations_exec_probe() -> None:
    """Half a minute of health, then the file is gone and the container is restarted."""
    node = SmallNode()
    script = "touch /tmp/healthy; sleep 30; rm -f /tmp/healthy; sleep 600"
    probe = {"exec": {"command": ["cat", "/tmp/healthy"]}, "initialDelaySeconds": 5, "periodSeconds": 5}
    node.pod(
        image="registry.k8s.io/busybox:1.27.2",
        terminationGracePeriodSeconds=1,
        container={"args": ["/bin/sh", "-c", script], "livenessProbe": probe},
    )
    node.advance(30)
    assert node.container()["restartCount"] == 0
    node.advance(25)
    text = "Liveness probe failed: cat: can't open '/tmp/healthy': No such file or directory"
    assert node.said("Unhealthy") == [text]
    assert node.container()["restartCount"] == 1
    assert node.container()["lastState"]["terminated"]["exitCode"] == 137


def test_exec_from_outside_wakes_the_probes() -> None:
    node = SmallNode()
    probe = {"exec": {"command": ["cat", "/usr/share/nginx/html/index.html"]}, "periodSeconds": 2}
    node.pod(container={"readinessProbe": probe})
    node.advance(10)
    assert node.container()["ready"]
    node.containers.exec(node.read(), "web", ["rm", "/usr/share/nginx/html/index.html"])
    node.advance(10)
    assert not node.container()["ready"]


def test_tcp_probes_and_ports_nobody_listens_on() -> None:
    node = SmallNode()
    node.pod("good", "redis:7", container={"readinessProbe": {"tcpSocket": {"port": 6379}}})
    node.pod("wrong", "redis:7", container={"readinessProbe": {"tcpSocket": {"port": 1}}})
    node.advance(20)
    assert node.container("good")["ready"]
    assert not node.container("wrong")["ready"]


def test_a_settled_probe_is_not_asked_again() -> None:
    node = SmallNode()
    node.pod(container={"readinessProbe": _probe(), "livenessProbe": _probe()})
    node.advance(20)
    assert node.container()["ready"]
    before = node.runtime.reconciles
    node.advance(60)
    # Only the node's six signs of life.
    assert node.runtime.reconciles - before <= 7
