"""`proxy` of nodes, pods and services, and the API server's own `/metrics`."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eks_lab.sim.apiserver.access import Handlers
from eks_lab.sim.apiserver.app import ApiServer
from eks_lab.sim.apiserver.proxy import Proxies
from eks_lab.sim.apiserver.request_metrics import STARTED_KEY, RequestMetrics
from eks_lab.sim.cluster import Cluster, ClusterOptions
from eks_lab.sim.container_access import ContainerAccess
from tests.kube.test_exposition import read
from tests.sim.small_cluster import Client, config_map, small_api

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
NODE = "/api/v1/nodes/ip-10-0-1-10.ec2.internal/proxy"
HERE = "/api/v1/namespaces/default"


@pytest.fixture(scope="module")
def client() -> Client:
    """A cluster with an nginx behind a Service of two ports, one of them named."""
    cluster = Cluster(ClusterOptions(nodes=1), START)
    cluster.bootstrap()
    container = {"name": "c", "image": "nginx", "ports": [{"name": "web", "containerPort": 80}]}
    pod = {
        "metadata": {"name": "web", "namespace": "default", "labels": {"app": "web"}},
        "spec": {"containers": [container]},
    }
    cluster.api.create("pods", pod)
    ports = [{"name": "http", "port": 8000, "targetPort": "web"}, {"name": "odd", "port": 9, "targetPort": 9}]
    for name, selector in (("web", {"app": "web"}), ("empty", {"app": "ghost"})):
        cluster.api.create(
            "services",
            {
                "metadata": {"name": name, "namespace": "default"},
                "spec": {"selector": selector, "ports": ports},
            },
        )
    cluster.advance(timedelta(minutes=1))
    handlers, access = Handlers(), ContainerAccess(cluster.api, cluster.kubelet)
    Proxies(cluster.api, access, access).register(handlers)
    return Client(ApiServer(cluster.api, handlers=handlers))


@pytest.mark.parametrize(
    ("path", "status", "text"),
    [
        (f"{HERE}/services/web:http/proxy/", 200, "Welcome to nginx!"),
        (f"{HERE}/services/web:8000/proxy/index.html", 200, "Welcome to nginx!"),
        (f"{HERE}/services/http:web:http/proxy/", 200, "Welcome to nginx!"),
        (f"{HERE}/services/web:http/proxy/ghost?a=b", 404, "404 Not Found"),
        (f"{HERE}/services/web:77/proxy/", 503, 'no service port "77" found for service "web"'),
        (f"{HERE}/services/web/proxy/", 503, 'no service port "" found for service "web"'),
        (f"{HERE}/services/web:odd/proxy/", 503, "connect: connection refused"),
        (f"{HERE}/services/empty:http/proxy/", 503, 'no endpoints available for service "empty:http"'),
        (f"{HERE}/services/ghost:80/proxy/", 404, 'services "ghost" not found'),
        (f"{HERE}/pods/web/proxy/", 200, "Welcome to nginx!"),
        (f"{HERE}/pods/web:80/proxy/", 200, "Welcome to nginx!"),
        (f"{HERE}/pods/web:81/proxy/", 503, "connect: connection refused"),
        (f"{HERE}/pods/ghost/proxy/", 404, 'pods "ghost" not found'),
        (f"{HERE}/pods/a:b:c:d/proxy/", 400, "invalid pod request"),
        (f"{NODE}/metrics/cadvisor", 200, "container_memory_working_set_bytes{"),
        (f"{NODE}/metrics/resource", 200, "node_memory_working_set_bytes"),
        (f"{NODE}/healthz", 200, "ok"),
        (f"{NODE}/configz", 501, "not simulated"),
        ("/api/v1/nodes/ghost/proxy/metrics", 404, 'nodes "ghost" not found'),
    ],
)
async def test_requests_are_passed_on(client: Client, path: str, status: int, text: str) -> None:
    answer = await client.ask("GET", path)
    assert answer.status == status, answer.body
    assert text in answer.body.decode().replace('\\"', '"')


async def test_any_method_is_passed_on(client: Client) -> None:
    for method in ("POST", "PUT", "DELETE"):
        assert (await client.ask(method, f"{HERE}/services/web:http/proxy/", b"x")).status == 200


async def test_requests_are_counted() -> None:
    """By verb, resource, scope and status; how long they took from the moment the scope names."""
    api = small_api()
    seconds = iter([10.5, *[11.0] * 20])
    metrics = RequestMetrics(api, lambda: next(seconds), START)
    app = ApiServer(api, observer=metrics)
    app.pages["/metrics"] = metrics.answer
    client = Client(_Timed(app, 10.0))  # type: ignore[arg-type]
    maps = f"{HERE}/configmaps"
    assert (await client.ask("POST", maps, config_map("a"))).status == 201
    assert (await client.ask("POST", maps, config_map("a"))).status == 409
    for _ in range(3):
        await client.ask("GET", f"{maps}/a")
    await client.ask("GET", "/api/v1/configmaps")
    await client.ask("PATCH", f"{maps}/a?dryRun=All", b"{}", {"content-type": "application/merge-patch+json"})
    answer = await client.ask("GET", "/metrics")
    assert answer.header("content-type") == "text/plain; version=0.0.4; charset=utf-8"
    found: dict[tuple[str, ...], float] = {}
    for line in answer.body.decode().splitlines():
        if line.startswith("apiserver_request_total"):
            _, labels, value = read(line)
            found[
                (labels["verb"], labels["resource"], labels["scope"], labels["dry_run"], labels["code"])
            ] = value
    assert found == {
        ("POST", "configmaps", "resource", "", "201"): 1,
        ("POST", "configmaps", "resource", "", "409"): 1,
        ("GET", "configmaps", "resource", "", "200"): 3,
        ("LIST", "configmaps", "cluster", "", "200"): 1,
        ("PATCH", "configmaps", "resource", "All", "200"): 1,
    }
    lines = answer.body.decode().splitlines()
    posts = [
        line for line in lines if 'verb="POST"' in line and line.startswith("apiserver_request_duration")
    ]
    assert any('le="0.6"} 1' in line for line in posts)
    assert any("_sum" in line and line.endswith(" 1.5") for line in posts)
    assert 'apiserver_storage_objects{resource="configmaps"} 1' in lines
    assert (await client.ask("POST", "/metrics")).status == 405


class _Timed:
    """Says when a request came, as the sandbox does."""

    def __init__(self, app: ApiServer, at: float) -> None:
        self._app, self._at = app, at

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        await self._app({**scope, STARTED_KEY: self._at}, receive, send)
