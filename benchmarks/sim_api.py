"""The simulator's API server over HTTP: creates, reads, lists and watches (issue 5).

The server alone: no TLS, no RBAC, no admission plugins, no audit log, no controllers. `sandbox_api` asks the same of a
whole sandbox. The client is a process of its own on the same machine.
"""

from __future__ import annotations

import statistics
import threading
import time
from collections.abc import Callable

import orjson

from benchmarks._sim_server import Connection, cpu_seconds, running

CREATES_PER_SECOND = 3_000
GET_MS = 0.5
LIST_MS = 20.0
EVENTS_PER_SECOND = 15_000
PODS = 10_000
WATCHERS = 50
WATCHED_CREATES = 1_000
Connect = Callable[[], Connection]
Figure = tuple[str, float, float, str]
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
    # Behind its gate a pod is nothing to a scheduler, where there is one: what is measured is the API.
    spec = {"containers": containers, "schedulingGates": [{"name": "example.com/benchmark"}]}
    return orjson.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec})


def _create(connect: Connect, prefix: str, count: int, connections: int = 8) -> float:
    """Return the seconds it takes to create so many pods over a few connections."""
    clients = [connect() for _ in range(connections)]
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


def _median_ms(connect: Connect, path: str, times: int) -> float:
    client = connect()
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        client.send("GET", path)
        status, answer = client.receive()
        taken.append((time.perf_counter() - start) * 1000)
        assert status == 200, answer[:200]
    client.close()
    return statistics.median(taken)


def _watch(connect: Connect) -> float:
    """Return the seconds from the first create until every watcher has every event."""
    watchers = [connect() for _ in range(WATCHERS)]
    revision = orjson.loads(_list(connect))["metadata"]["resourceVersion"]
    for watcher in watchers:
        watcher.send("GET", f"{PATH}?watch=1&resourceVersion={revision}")
    for watcher in watchers:
        watcher.read_head()
    readers = [threading.Thread(target=watcher.read_lines, args=(WATCHED_CREATES,)) for watcher in watchers]
    start = time.perf_counter()
    for reader in readers:
        reader.start()
    _create(connect, "seen", WATCHED_CREATES)
    for reader in readers:
        reader.join()
    taken = time.perf_counter() - start
    for watcher in watchers:
        watcher.close()
    return taken


def _list(connect: Connect) -> bytes:
    client = connect()
    client.send("GET", f"{PATH}?limit=1")
    body = client.receive()[1]
    client.close()
    return body


def measure(connect: Connect, server_seconds: Callable[[], float] = time.process_time) -> list[Figure]:
    """Return name, measured, limit and note of each figure; rates as microseconds apiece.

    Args:
        connect: opens a connection to a server that nobody else uses.
        server_seconds: CPU time that the server has used so far; the client has the other core, more or less.
    """
    figures = []
    _create(connect, "warm", 200)
    before = server_seconds()
    taken = _create(connect, "pod", PODS)
    used = (server_seconds() - before) / PODS * 1e6
    note = f"{PODS / taken:,.0f}/s over 8 connections; server CPU {used:.0f} µs each"
    figures.append(("create a pod, µs", taken / PODS * 1e6, 1e6 / CREATES_PER_SECOND, note))
    figures.append(
        ("get a pod, p50 ms", _median_ms(connect, f"{PATH}/pod-1", 2_000), GET_MS, "one connection")
    )
    figures.append(("list 10,000 pods, ms", _median_ms(connect, PATH, 9), LIST_MS, "until the last byte"))
    events = WATCHERS * WATCHED_CREATES
    before = server_seconds()
    taken = _watch(connect)
    used = (server_seconds() - before) / events * 1e6
    note = f"{events / taken:,.0f}/s to {WATCHERS} watchers, creates included; server CPU {used:.0f} µs each"
    figures.append(("deliver an event, µs", taken / events * 1e6, 1e6 / EVENTS_PER_SECOND, note))
    return figures


def run() -> list[Figure]:
    """Return name, measured, limit and note of each figure."""
    with running() as (port, pid):
        return measure(lambda: Connection(port), lambda: cpu_seconds(pid))
