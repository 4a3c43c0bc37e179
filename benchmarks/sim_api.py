"""The simulator's API server over HTTP: creates, reads, lists and watches (issue 5)."""

from __future__ import annotations

import statistics
import threading
import time

import orjson

from benchmarks._sim_server import Connection, running

CREATES_PER_SECOND = 3_000
GET_MS = 0.5
LIST_MS = 20.0
EVENTS_PER_SECOND = 15_000
PODS = 10_000
WATCHERS = 50
WATCHED_CREATES = 1_000
PATH = "/api/v1/namespaces/default/pods"


def _pod(name: str) -> bytes:
    containers = [
        {
            "name": "web",
            "image": "nginx:1.27",
            "ports": [{"containerPort": 80}],
            "resources": {"requests": {"cpu": "100m", "memory": "64Mi"}},
        }
    ]
    metadata = {"name": name, "labels": {"app": "web"}}
    return orjson.dumps(
        {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": {"containers": containers}}
    )


def _create(port: int, prefix: str, count: int, connections: int = 8) -> float:
    """Return the seconds it takes to create so many pods over a few connections."""
    clients = [Connection(port) for _ in range(connections)]
    bodies = [_pod(f"{prefix}-{number}") for number in range(count)]
    start = time.perf_counter()
    for first in range(0, count, connections):
        batch = bodies[first : first + connections]
        for client, body in zip(clients, batch, strict=False):
            client.send("POST", PATH, body)
        for client, _ in zip(clients, batch, strict=False):
            status, answer = client.receive()
            assert status == 201, answer
    taken = time.perf_counter() - start
    for client in clients:
        client.close()
    return taken


def _median_ms(port: int, path: str, times: int) -> float:
    client = Connection(port)
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        client.send("GET", path)
        status, answer = client.receive()
        taken.append((time.perf_counter() - start) * 1000)
        assert status == 200, answer[:200]
    client.close()
    return statistics.median(taken)


def _watch(port: int) -> float:
    """Return the seconds from the first create until every watcher has every event."""
    watchers = [Connection(port) for _ in range(WATCHERS)]
    revision = orjson.loads(_list(port))["metadata"]["resourceVersion"]
    for watcher in watchers:
        watcher.send("GET", f"{PATH}?watch=1&resourceVersion={revision}")
    for watcher in watchers:
        watcher.read_head()
    readers = [threading.Thread(target=watcher.read_lines, args=(WATCHED_CREATES,)) for watcher in watchers]
    start = time.perf_counter()
    for reader in readers:
        reader.start()
    _create(port, "seen", WATCHED_CREATES)
    for reader in readers:
        reader.join()
    taken = time.perf_counter() - start
    for watcher in watchers:
        watcher.close()
    return taken


def _list(port: int) -> bytes:
    client = Connection(port)
    client.send("GET", f"{PATH}?limit=1")
    body = client.receive()[1]
    client.close()
    return body


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure; rates as microseconds apiece."""
    figures = []
    with running() as port:
        _create(port, "warm", 200)
        taken = _create(port, "pod", PODS)
        figures.append(
            ("create a pod, µs", taken / PODS * 1e6, 1e6 / CREATES_PER_SECOND, f"{PODS / taken:,.0f}/s")
        )
        figures.append(("get a pod, p50 ms", _median_ms(port, f"{PATH}/pod-1", 2_000), GET_MS, ""))
        figures.append(("list 10,000 pods, ms", _median_ms(port, PATH, 9), LIST_MS, ""))
        events = WATCHERS * WATCHED_CREATES
        taken = _watch(port)
        note = f"{events / taken:,.0f}/s to {WATCHERS} watchers"
        figures.append(("deliver an event, µs", taken / events * 1e6, 1e6 / EVENTS_PER_SECOND, note))
    return figures
