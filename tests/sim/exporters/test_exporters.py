"""Kubelet, node_exporter and kube-state-metrics: series that follow what happens in the cluster."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eks_lab.sim.cluster import Cluster, ClusterOptions
from eks_lab.sim.container_access import ContainerAccess
from eks_lab.sim.exporters import kubelet_pages
from eks_lab.sim.exporters.state_metrics import collected
from eks_lab.sim.objects import ApiError, Key, Obj, evolve
from tests.kube.test_exposition import read

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
Series = dict[tuple[str, frozenset[tuple[str, str]]], float]


def series(text: str) -> Series:
    """Return the samples of a page; every family must say its type once, before them."""
    found: Series = {}
    seen: set[str] = set()
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            name = line.split(" ")[2]
            assert name not in seen, f"{name} comes twice"
            seen.add(name)
        elif not line.startswith("#"):
            name, labels, value = read(line)
            assert name in seen or name.rpartition("_")[0] in seen
            key = (name, frozenset(labels.items()))
            assert key not in found, f"{line} comes twice"
            found[key] = value
    return found


def value(found: Series, name: str, **labels: str) -> float:
    """Return the one sample that has these labels among others."""
    wanted = set(labels.items())
    values = [number for (known, has), number in found.items() if known == name and wanted <= has]
    assert len(values) == 1, f"{name} {labels}: {len(values)} samples"
    return values[0]


def pod(name: str, image: str, **more: object) -> Obj:
    container = {"name": "main", "image": image, **more}
    return {
        "metadata": {"name": name, "namespace": "default", "labels": {"app": name}},
        "spec": {"containers": [container]},
    }


@pytest.fixture
def cluster() -> Cluster:
    made = Cluster(ClusterOptions(nodes=1), START)
    made.bootstrap()
    return made


@pytest.fixture
def access(cluster: Cluster) -> ContainerAccess:
    return ContainerAccess(cluster.api, cluster.kubelet)


def kubelet_page(cluster: Cluster, access: ContainerAccess, path: str) -> Series:
    status, kind, body = access.node_page(cluster.store.items("nodes")[0], path)
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    return series(body.decode())


def get(access: ContainerAccess, name: str, port: int, path: str = "/metrics") -> bytes:
    answer = access.serve(Key("default", name), port, f"GET {path} HTTP/1.1\r\n\r\n".encode())
    assert answer is not None
    return answer


def test_cpu_follows_the_load(cluster: Cluster, access: ContainerAccess) -> None:
    """What a load generator costs shows in the kubelet's counters, in cAdvisor's, and on the node."""
    limits = {"limits": {"cpu": "500m", "memory": "64Mi"}, "requests": {"cpu": "200m"}}
    cluster.api.create("pods", pod("php", "registry.k8s.io/hpa-example", resources=limits))
    cluster.api.create(
        "services",
        {
            "metadata": {"name": "php", "namespace": "default"},
            "spec": {"selector": {"app": "php"}, "ports": [{"port": 80}]},
        },
    )
    cluster.advance(timedelta(minutes=1))
    paths = ("/metrics/resource", "/metrics/cadvisor")
    used = "container_cpu_usage_seconds_total"
    idle = [value(kubelet_page(cluster, access, path), used, pod="php", container="main") for path in paths]
    quiet_node = value(kubelet_page(cluster, access, paths[0]), "node_cpu_usage_seconds_total")
    command = ["sh", "-c", "while sleep 0.01; do wget -q -O- http://php; done"]
    cluster.api.create("pods", pod("load", "busybox", command=command))
    cluster.advance(timedelta(seconds=30))
    kubelet_page(cluster, access, paths[0])
    kubelet_page(cluster, access, paths[1])
    cluster.advance(timedelta(minutes=1))
    for path, before in zip(paths, idle, strict=True):
        found = kubelet_page(cluster, access, path)
        assert value(found, used, pod="php", container="main") > before + 10
        assert value(found, "container_memory_working_set_bytes", pod="php", container="main") > 0
    assert value(kubelet_page(cluster, access, paths[0]), "node_cpu_usage_seconds_total") > quiet_node + 10
    cadvisor = kubelet_page(cluster, access, paths[1])
    assert value(cadvisor, "container_spec_cpu_quota", pod="php") == 50_000
    assert value(cadvisor, "container_spec_memory_limit_bytes", pod="php") == 64 * 1024**2
    assert value(cadvisor, "machine_cpu_cores") == 2


def test_counters_never_fall_unless_a_container_starts_anew(
    cluster: Cluster, access: ContainerAccess
) -> None:
    cluster.api.create("pods", pod("web", "nginx"))
    cluster.advance(timedelta(seconds=20))
    readings = []
    for _ in range(5):
        found = kubelet_page(cluster, access, "/metrics/resource")
        readings.append(value(found, "container_cpu_usage_seconds_total", pod="web"))
        cluster.advance(timedelta(seconds=7))
    assert readings == sorted(readings)
    assert readings[0] < readings[-1]


def test_counters_of_what_is_gone_are_dropped(
    cluster: Cluster, access: ContainerAccess, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kubelet_pages, "SPARE_COUNTERS", 1)
    cluster.api.create("pods", pod("stays", "nginx"))
    for number in range(8):
        cluster.api.create("pods", pod(f"goes-{number}", "nginx"))
    cluster.advance(timedelta(seconds=40))
    before = value(
        kubelet_page(cluster, access, "/metrics/resource"), "pod_cpu_usage_seconds_total", pod="stays"
    )
    for number in range(8):
        cluster.api.delete("pods", Key("default", f"goes-{number}"), grace_seconds=0)
    cluster.advance(timedelta(seconds=40))
    found = kubelet_page(cluster, access, "/metrics/resource")
    assert len(access._pages._time) == 2
    assert value(found, "pod_cpu_usage_seconds_total", pod="stays") > before


def test_the_kubelet_counts_its_pods(cluster: Cluster, access: ContainerAccess) -> None:
    for number in range(3):
        cluster.api.create("pods", pod(f"web-{number}", "nginx"))
    cluster.advance(timedelta(seconds=30))
    found = kubelet_page(cluster, access, "/metrics")
    assert value(found, "kubelet_running_pods") == 3
    assert value(found, "kubelet_running_containers", container_state="running") == 3
    cluster.api.delete("pods", Key("default", "web-0"))
    cluster.advance(timedelta(seconds=40))
    assert value(kubelet_page(cluster, access, "/metrics"), "kubelet_running_pods") == 2


def test_paths_of_a_kubelet(cluster: Cluster, access: ContainerAccess) -> None:
    node = cluster.store.items("nodes")[0]
    assert access.node_page(node, "/healthz")[2] == b"ok"
    assert access.node_page(node, "/stats/summary")[1] == "application/json"
    assert access.node_page(node, "/nowhere")[0] == 404
    with pytest.raises(ApiError, match="not simulated") as caught:
        access.node_page(node, "/configz")
    assert caught.value.code == 501
    conditions = [{"type": "Ready", "status": "Unknown"}]
    with pytest.raises(ApiError, match="connection refused"):
        access.node_page(evolve(node, ("status", "conditions"), conditions), "/metrics")


def test_kube_state_metrics_tells_what_is_stored(cluster: Cluster, access: ContainerAccess) -> None:
    image = "registry.k8s.io/kube-state-metrics/kube-state-metrics:v2.15.0"
    cluster.api.create("pods", pod("ksm", image))
    cluster.api.create("pods", pod("broken", "nginx:no-such-tag", resources={"requests": {"cpu": "250m"}}))
    template = {
        "metadata": {"labels": {"app": "web"}},
        "spec": {"containers": [{"name": "c", "image": "nginx"}]},
    }
    spec = {"replicas": 2, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    cluster.api.create(
        "deployments.apps", {"metadata": {"name": "web", "namespace": "default"}, "spec": spec}
    )
    cluster.advance(timedelta(seconds=45))
    head, _, body = get(access, "ksm", 8080).partition(b"\r\n\r\n")
    assert b"Content-Type: text/plain; version=0.0.4" in head
    found = series(body.decode())
    assert value(found, "kube_deployment_status_replicas_available", deployment="web") == 2
    assert value(found, "kube_pod_status_phase", pod="broken", phase="Pending") == 1
    assert value(found, "kube_pod_status_phase", pod="broken", phase="Running") == 0
    reasons = {
        dict(has)["reason"] for (name, has) in found if name == "kube_pod_container_status_waiting_reason"
    }
    assert reasons <= {"ErrImagePull", "ImagePullBackOff"}
    assert reasons
    wanted = value(found, "kube_pod_container_resource_requests", pod="broken", resource="cpu", unit="core")
    assert wanted == 0.25
    assert value(found, "kube_node_status_condition", condition="Ready", status="true") == 1
    assert value(found, "kube_node_status_allocatable", resource="cpu") == 1.93
    cluster.api.delete("deployments.apps", Key("default", "web"))
    cluster.advance(timedelta(minutes=1))
    gone = series(get(access, "ksm", 8080).partition(b"\r\n\r\n")[2].decode())
    assert not [name for name, has in gone if ("deployment", "web") in has]


def test_every_kind_of_kube_state_metrics(cluster: Cluster) -> None:
    """Each collector has something to say about an object of its kind."""
    meta = {"name": "x", "namespace": "default"}
    template = {"spec": {"containers": [{"name": "c", "image": "busybox"}], "restartPolicy": "Never"}}
    labels = {"matchLabels": {"a": "b"}}
    kept = {"metadata": {"labels": {"a": "b"}}, "spec": {"containers": [{"name": "c", "image": "nginx"}]}}
    for rid, spec in {
        "statefulsets.apps": {"selector": labels, "serviceName": "x", "template": kept},
        "daemonsets.apps": {"selector": labels, "template": kept},
        "jobs.batch": {"template": template},
        "cronjobs.batch": {"schedule": "* * * * *", "jobTemplate": {"spec": {"template": template}}},
        "horizontalpodautoscalers.autoscaling": {
            "maxReplicas": 5,
            "scaleTargetRef": {"apiVersion": "apps/v1", "kind": "StatefulSet", "name": "x"},
        },
        "poddisruptionbudgets.policy": {"minAvailable": 1, "selector": labels},
        "persistentvolumeclaims": {
            "accessModes": ["ReadWriteOnce"],
            "resources": {"requests": {"storage": "1Gi"}},
        },
        "resourcequotas": {"hard": {"pods": "20"}},
        "services": {"selector": {"a": "b"}, "ports": [{"port": 80}]},
    }.items():
        cluster.api.create(rid, {"metadata": meta, "spec": spec})
    cluster.api.create("configmaps", {"metadata": meta})
    cluster.api.create("secrets", {"metadata": meta})
    cluster.advance(timedelta(minutes=2))
    names = {family.name for family in collected(cluster.api).families}
    assert {
        "kube_statefulset_status_replicas_ready",
        "kube_daemonset_status_number_ready",
        "kube_job_status_succeeded",
        "kube_cronjob_info",
        "kube_horizontalpodautoscaler_spec_max_replicas",
        "kube_poddisruptionbudget_status_pod_disruptions_allowed",
        "kube_persistentvolumeclaim_status_phase",
        "kube_resourcequota",
        "kube_service_info",
        "kube_configmap_info",
        "kube_secret_type",
        "kube_namespace_status_phase",
        "kube_pod_owner",
    } <= names


def test_a_node_exporter_reports_its_node(cluster: Cluster, access: ContainerAccess) -> None:
    cluster.api.create("pods", pod("exporter", "quay.io/prometheus/node-exporter:v1.8.2"))
    cluster.advance(timedelta(minutes=2))
    found = series(get(access, "exporter", 9100).partition(b"\r\n\r\n")[2].decode())
    cpus = sum(number for (name, _), number in found.items() if name == "node_cpu_seconds_total")
    uptime = value(found, "node_time_seconds") - value(found, "node_boot_time_seconds")
    assert cpus == pytest.approx(2 * uptime, rel=0.01)
    assert value(found, "node_memory_MemTotal_bytes") == 8 * 1024**3
    assert value(found, "node_memory_MemAvailable_bytes") < 8 * 1024**3
    assert value(found, "node_uname_info", machine="x86_64") == 1


def test_pods_of_the_cluster_reach_an_exporter(cluster: Cluster, access: ContainerAccess) -> None:
    cluster.api.create("pods", pod("exporter", "quay.io/prometheus/node-exporter:v1.8.2"))
    cluster.advance(timedelta(seconds=20))
    address = (cluster.get("pods", "exporter", "default") or {})["status"]["podIP"]
    cluster.api.create("pods", pod("shell", "busybox", command=["sleep", "9999"]))
    cluster.advance(timedelta(seconds=20))
    done = access.execute(
        Key("default", "shell"), "main", ["wget", "-qO-", f"http://{address}:9100/metrics"], b""
    )
    assert b"node_uname_info{" in done.stdout
