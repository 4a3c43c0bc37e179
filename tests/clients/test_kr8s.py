"""kr8s, a client of another making: get, wait, scale, exec, logs, port-forward, annotate, custom kinds."""

from __future__ import annotations

import urllib.request
from pathlib import Path
from typing import Any

import pytest

from tests.clients.manifests import config_map, definition, deployment, pod
from tests.clients.packages import kr8s, kr8s_objects

pytestmark = pytest.mark.filterwarnings("ignore:Kubernetes version:UserWarning")
"""kr8s says so of every version that is newer than itself."""


@pytest.fixture
def api(kubeconfig: Path) -> Any:
    """Return kr8s' entry to the sandbox."""
    return kr8s.api(kubeconfig=str(kubeconfig))


def test_a_pod_from_its_creation_to_its_end(api: Any, namespace: str) -> None:
    web = kr8s_objects.Pod(pod("web", ports=[{"containerPort": 80}]), namespace=namespace, api=api)
    web.create()
    web.wait("condition=Ready", timeout=15)
    assert web.ready()
    assert web.status.phase == "Running"
    done = web.exec(["sh", "-c", "echo hello; echo oops >&2"])
    assert (done.stdout, done.stderr, done.returncode) == (b"hello\n", b"oops\n", 0)
    failed = web.exec(["sh", "-c", "exit 4"], check=False)
    assert failed.returncode == 4
    lines = list(web.logs())
    assert len(lines) > 2
    assert list(web.logs(tail_lines=1)) == lines[-1:]
    with (
        web.portforward(remote_port=80) as port,
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=10) as answer,
    ):
        assert answer.status == 200
        assert b"nginx" in answer.read().lower()
    web.delete()
    web.wait("delete", timeout=15)
    assert not web.exists()


def test_objects_are_found_marked_and_scaled(api: Any, namespace: str) -> None:
    web = kr8s_objects.Deployment(deployment("web", replicas=1), namespace=namespace, api=api)
    web.create()
    web.annotate({"note": "yes"})
    web.label({"tier": "front"})
    found = list(api.get("deployments", namespace=namespace, label_selector={"tier": "front"}))
    assert [(each.name, each.annotations["note"]) for each in found] == [("web", "yes")]
    web.scale(3)
    web.wait("condition=Available", timeout=15)
    assert web.replicas == 3
    pods = list(api.get("pods", namespace=namespace, field_selector="status.phase=Running"))
    assert {each.metadata.ownerReferences[0].kind for each in pods} <= {"ReplicaSet"}
    web.patch({"spec": {"replicas": 0}})
    web.refresh()
    assert web.spec.replicas == 0
    web.patch([{"op": "replace", "path": "/spec/replicas", "value": 2}], type="json")
    assert web.spec.replicas == 2


def test_a_watch_of_kr8s(api: Any, namespace: str) -> None:
    one = kr8s_objects.ConfigMap(config_map("one", a="1"), namespace=namespace, api=api)
    one.create()
    seen = []
    for kind, each in api.watch("configmaps", namespace=namespace, field_selector="metadata.name=one"):
        seen.append((kind, each.data.a))
        if kind == "ADDED":
            one.patch({"data": {"a": "2"}})
        elif kind == "MODIFIED":
            one.delete()
        else:
            break
    assert seen == [("ADDED", "1"), ("MODIFIED", "2"), ("DELETED", "2")]


def test_kinds_and_people_are_known(api: Any) -> None:
    kinds = {each["kind"]: each for each in api.api_resources()}
    assert {"Pod", "Deployment", "HorizontalPodAutoscaler", "NodeMetrics"} <= kinds.keys()
    assert kinds["Deployment"]["shortNames"] == ["deploy"]
    assert api.version()["major"] == "1"
    assert api.whoami()
    nodes = list(api.get("nodes"))
    assert len(nodes) == 2
    assert all(each.metadata.labels["kubernetes.io/os"] == "linux" for each in nodes)


def test_a_missing_object_is_missing(api: Any, namespace: str) -> None:
    with pytest.raises(kr8s.NotFoundError):
        kr8s_objects.ConfigMap.get("never", namespace=namespace, api=api)
    ghost = kr8s_objects.Service({"metadata": {"name": "ghost", "namespace": namespace}}, api=api)
    assert not ghost.exists()
    with pytest.raises(kr8s.NotFoundError):
        ghost.delete()


def test_a_custom_kind(api: Any, namespace: str) -> None:
    made = kr8s_objects.CustomResourceDefinition(definition("crates", "Crate", "kr8s.example.com"), api=api)
    made.create()
    try:
        made.wait("condition=Established", timeout=15)
        crate_kind = kr8s_objects.new_class(
            kind="Crate", version="kr8s.example.com/v1", namespaced=True, plural="crates", scalable=True
        )
        manifest = {
            "apiVersion": "kr8s.example.com/v1",
            "kind": "Crate",
            "metadata": {"name": "one"},
            "spec": {"size": 2},
        }
        crate = crate_kind(manifest, namespace=namespace, api=api)
        crate.create()
        assert crate.spec.colour == "red"
        with pytest.raises(kr8s.ServerError, match="should be greater than or equal to 1"):
            crate.patch({"spec": {"size": 0}})
        assert [each.name for each in api.get("crates.kr8s.example.com", namespace=namespace)] == ["one"]
    finally:
        made.delete()
