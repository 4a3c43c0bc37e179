"""What a sandbox survives: being killed while it is written to, a full disk, clients that vanish or lie."""

from __future__ import annotations

import resource
import sys
import threading
import time
from collections.abc import Iterator
from datetime import timedelta
from http.client import HTTPException
from pathlib import Path
from typing import Any

import psutil
import pytest

from tests.e2e.sandbox_lab import KubeClient, Lab, own_port, until

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="starts a process as POSIX systems do"),
]

MAPS = "/api/v1/namespaces/default/configmaps"
PODS = "/api/v1/namespaces/default/pods"
WRITERS = 3
STORM_SECONDS = 2.2
"""At least, so that there is something that is more than a second old."""
STORM_WRITES = 50
"""Of each writer, at least."""
MAY_BE_LOST_SECONDS = 1.0


@pytest.fixture
def lab(own_home: Path) -> Iterator[Lab]:
    made = Lab(own_home)
    yield made
    made.end()


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """A sandbox that tests may write to as long as they leave its life alone."""
    home = tmp_path_factory.mktemp("shared")
    patch = pytest.MonkeyPatch()
    patch.setenv("EKS_LAB_HOME", str(home))
    made = Lab(home)
    try:
        made.run("up", "--nodes", "1")
        yield made
    finally:
        patch.setenv("EKS_LAB_HOME", str(home))
        made.end()
        patch.undo()


class Writer:
    """Creates ConfigMaps and counts one up, as fast as it can, and remembers what was acknowledged, and when."""

    def __init__(self, lab: Lab, number: int) -> None:
        self.number = number
        self.created: list[tuple[float, str]] = []
        self.counted: list[tuple[float, int]] = []
        self.revision = 0
        self._client = lab.api()
        self.thread = threading.Thread(target=self._write)

    def content(self, turn: int) -> dict[str, str]:
        """Return data that is either whole or visibly not."""
        return {"turn": str(turn), "padding": f"{self.number}-{turn};" * 200, "end": str(turn)}

    def _write(self) -> None:
        counter = f"{MAPS}/counter-{self.number}"
        try:
            self._client.ask(
                "POST", MAPS, {"metadata": {"name": f"counter-{self.number}"}, "data": {"n": "0"}}
            )
            for turn in range(100_000):
                name = f"w{self.number}-{turn}"
                body = {"metadata": {"name": name}, "data": self.content(turn)}
                status, answer = self._client.ask("POST", MAPS, body)
                assert status == 201, answer
                self.created.append((time.monotonic(), name))
                body = {"metadata": {"name": f"counter-{self.number}"}, "data": {"n": str(turn + 1)}}
                status, answer = self._client.ask("PUT", counter, body)
                assert status == 200, answer
                self.counted.append((time.monotonic(), turn + 1))
                self.revision = int(answer["metadata"]["resourceVersion"])
        except (OSError, HTTPException):
            return
        finally:
            self._client.close()


def test_a_kill_in_a_write_storm_loses_a_second_at_most(lab: Lab) -> None:
    """Nothing is half-written, and a client that saw a lost revision is not told that time ran backwards."""
    lab.run("up", "--nodes", "0", "--port", str(own_port()))
    server = lab.status()["server"]
    writers = [Writer(lab, number) for number in range(WRITERS)]
    for each in writers:
        each.thread.start()
    threading.Event().wait(STORM_SECONDS)
    until(lambda: all(len(each.created) > STORM_WRITES for each in writers))
    killed = time.monotonic()
    lab.kill()
    for each in writers:
        each.thread.join()
    lab.run("status", code=3)
    assert "as you left it" in lab.run("up").stdout
    status = lab.status()
    assert status["server"] == server
    assert status["notices"] == []
    listed = lab.api().ask("GET", MAPS)[1]
    kept: dict[str, dict[str, Any]] = {each["metadata"]["name"]: each["data"] for each in listed["items"]}
    for each in writers:
        safe = {name for at, name in each.created if at < killed - MAY_BE_LOST_SECONDS}
        assert safe <= kept.keys()
        counted = max((count for at, count in each.counted if at < killed - MAY_BE_LOST_SECONDS), default=0)
        assert int(kept[f"counter-{each.number}"]["n"]) >= counted
        mine = {name: data for name, data in kept.items() if name.startswith(f"w{each.number}-")}
        assert all(data == each.content(int(data["turn"])) for data in mine.values())
        assert sorted(int(data["turn"]) for data in mine.values()) == list(range(len(mine))), "there are gaps"
        assert int(listed["metadata"]["resourceVersion"]) > each.revision


def test_pods_go_on_after_a_kill(lab: Lab) -> None:
    """Whatever they were in the middle of: pulling, starting, a back-off, a stop."""
    lab.run("up", "--nodes", "1", "--speed", "pause")
    api, control = lab.api(), lab.control

    def create(name: str, **container: object) -> None:
        body = {
            "metadata": {"name": name},
            "spec": {"containers": [{"name": "c", "image": "nginx", **container}]},
        }
        assert api.ask("POST", PODS, body)[0] == 201

    create("running")
    create("crashing", image="busybox", command=["sh", "-c", "sleep 1; exit 1"])
    create("leaving", image="busybox", command=["sleep", "9999"])
    control.advance(timedelta(seconds=30))
    create("pulling", image="redis")
    create("starting")
    assert api.ask("DELETE", f"{PODS}/leaving")[0] == 200
    control.advance(timedelta(seconds=1))
    before = {each["metadata"]["name"]: each["status"] for each in api.ask("GET", PODS)[1]["items"]}
    waiting = before["pulling"]["containerStatuses"][0]["state"]["waiting"]
    assert waiting["reason"] == "ContainerCreating"
    control.snapshot()
    api.close()
    lab.kill()
    lab.run("up", "--speed", "pause")
    lab.control.advance(timedelta(minutes=1))
    after = {each["metadata"]["name"]: each["status"] for each in lab.api().ask("GET", PODS)[1]["items"]}
    assert set(after) == {"running", "crashing", "pulling", "starting"}
    for name in ("running", "pulling", "starting"):
        assert after[name]["containerStatuses"][0]["ready"], name
    restarts = [each["crashing"]["containerStatuses"][0]["restartCount"] for each in (before, after)]
    assert restarts[1] > restarts[0] > 0


@pytest.mark.skipif(sys.platform != "linux", reason="limits another process's files")
def test_a_full_disk_is_said_and_outlived(lab: Lab) -> None:
    """Clients are answered all the while; with room again everything is kept."""
    lab.run("up", "--nodes", "0")
    api, process = lab.api(), psutil.Process(lab.status()["pid"])
    process.rlimit(resource.RLIMIT_FSIZE, (1000, resource.RLIM_INFINITY))
    for number in range(20):
        body = {"metadata": {"name": f"full-{number}"}, "data": {"a": "b" * 500}}
        assert api.ask("POST", MAPS, body)[0] == 201
    for trouble in ("cannot keep its state", "audit log cannot be written"):
        until(lambda said=trouble: any(said in each for each in lab.status()["notices"]))  # type: ignore[misc]
    assert api.ask("GET", f"{MAPS}/full-19")[0] == 200
    process.rlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    assert api.ask("POST", MAPS, {"metadata": {"name": "room-again"}})[0] == 201
    until(lambda: lab.status()["notices"] == [])
    # What was kept while it was asked for may be all there was before it; it itself follows within a second.
    until(lambda: any(b"room-again" in each.read_bytes() for each in lab.state.cluster_of("lab").iterdir()))
    api.close()
    lab.kill()
    lab.run("up")
    names = {each["metadata"]["name"] for each in lab.api().ask("GET", MAPS)[1]["items"]}
    assert names >= {"room-again", *(f"full-{number}" for number in range(20))}


@pytest.mark.parametrize(
    ("method", "path", "body", "headers", "status"),
    [
        ("POST", MAPS, b"{", {}, 400),
        ("POST", MAPS, b"\xff\xfe\xfd", {}, 400),
        ("POST", MAPS, b'{"kind":"ConfigMap","metadata":{"name":"\xff"}}', {}, 400),
        ("POST", MAPS, b"k8s\x00\xff\xff\xff", {"Content-Type": "application/vnd.kubernetes.protobuf"}, 400),
        ("POST", MAPS, b"<a/>", {"Content-Type": "text/xml"}, 415),
        ("POST", MAPS, b"x" * (3 * 1024 * 1024 + 1), {}, 413),
        ("GET", "/api/v1/namespaces/default/../../../etc/passwd", None, {}, 404),
        ("GET", f"{MAPS}/..%2f..%2fetc%2fpasswd", None, {}, 404),
        ("GET", "/static/%00", None, {}, 404),
        ("GET", f"{MAPS}?labelSelector=%ff%fe", None, {}, 400),
        ("GET", MAPS, None, {"Authorization": "Bearer nonsense"}, 200),
    ],
)  # fmt: skip
def test_what_hostile_clients_send(
    shared: Lab, method: str, path: str, body: bytes | None, headers: dict[str, str], status: int
) -> None:
    """A certificate goes before a token; everything else is refused, and the next request is served."""
    api = shared.api()
    try:
        found, answer = api.ask(method, path, body, headers)
        assert found == status, answer
        assert api.ask("GET", "/readyz")[0] == 200
    finally:
        api.close()


def test_strangers_get_nothing(shared: Lab) -> None:
    for headers in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
        api = KubeClient(shared.state.kubeconfig, is_anonymous=True)
        assert api.ask("GET", MAPS, headers=headers)[0] == 401
        api.close()


def test_clients_that_vanish_in_the_middle_of_a_watch(shared: Lab) -> None:
    """They are noticed, what comes afterwards is not sent to nobody, and the others get theirs."""
    rude = [shared.api() for _ in range(20)]
    watches = [each.watch(f"{MAPS}?watch=1") for each in rude]
    assert {each.status for each in watches} == {200}
    polite, writer = shared.api(), shared.api()
    watch = polite.watch(f"{MAPS}?watch=1")
    assert _watchers(writer) == 21
    for each, response in zip(rude, watches, strict=True):
        response.close()
        each.close()
    for number in range(5):
        assert writer.ask("POST", MAPS, {"metadata": {"name": f"seen-{number}"}})[0] == 201
    while b"seen-4" not in (line := watch.readline()):
        assert b'"ADDED"' in line
    watch.close()
    until(lambda: _watchers(writer) == 1)


def _watchers(api: KubeClient) -> int:
    text: str = api.ask("GET", "/metrics")[1]
    lines = [line for line in text.splitlines() if line.startswith("apiserver_longrunning_requests{")]
    return sum(int(float(line.rpartition(" ")[2])) for line in lines if 'verb="WATCH"' in line)
