"""Logs, channels, terminals, archives and SPDY without a socket."""

from __future__ import annotations

import asyncio
import io
import tarfile
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.ids import Ids
from eks_lab.sim.apiserver import spdy
from eks_lab.sim.apiserver.access import AccessRequest
from eks_lab.sim.apiserver.audit import AuditLog
from eks_lab.sim.apiserver.authentication import StaticTokens
from eks_lab.sim.apiserver.container_runtime import LogLine, chosen_container
from eks_lab.sim.apiserver.rbac import ROLE_BINDINGS, ROLES
from eks_lab.sim.apiserver.request import HttpRequest
from eks_lab.sim.objects import ApiError, Key, Obj, User, evolve
from tests.sim.apiserver.secure_server import START, Secured
from tests.sim.apiserver.test_streams_kubectl import FakeContainers, running_pod
from tests.sim.small_cluster import PATIENCE_SECONDS, Client, scope_of

ADMIN = {"authorization": "Bearer admin"}
LOG = "/api/v1/namespaces/default/pods/web/log"


class GrowingLog(FakeContainers):
    """A container whose log grows while a test looks."""

    def __init__(self) -> None:
        super().__init__()
        self.lines = [LogLine(START, "first")]

    def log(self, pod: Key, container: str, *, previous: bool) -> Sequence[LogLine]:
        return self.lines


def made(containers: FakeContainers) -> Secured:
    secured = Secured(
        bearers=(StaticTokens({"admin": User("admin", ("system:masters",))}),),
        containers=containers,
        metrics=containers,
    )
    running_pod(secured)
    return secured


def with_state(secured: Secured, **state: Any) -> None:
    """Give the container another state, and no run before."""
    pod = secured.api.read("pods", Key("default", "web"))
    status = {**pod["status"]["containerStatuses"][0], "lastState": {}, "state": state}
    secured.api.store.put("pods", evolve(pod, ("status", "containerStatuses"), [status]))


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("", "line 0\nline 1\nline 2\n"),
        ("?tailLines=1", "line 2\n"),
        ("?tailLines=0", ""),
        ("?limitBytes=9", "line 0\nli"),
        ("?sinceTime=2026-01-01T12:00:02Z", "line 2\n"),
        ("?sinceSeconds=999999999999999999&tailLines=1", "line 2\n"),
        ("?tailLines=--1&limitBytes=6", "line 0"),
        ("?previous=true&tailLines=1", "old 2\n"),
        ("?timestamps=true&tailLines=1", "2026-01-01T12:00:02.000000000Z line 2\n"),
    ],
)
async def test_a_log_is_cut_to_what_was_asked(query: str, text: str) -> None:
    answered = await Client(made(FakeContainers()).app).ask("GET", LOG + query, headers=ADMIN)
    assert (answered.status, answered.body.decode()) == (200, text)


async def test_since_seconds_counts_in_simulated_time() -> None:
    secured = made(FakeContainers())
    secured.api.clock.advance(timedelta(seconds=3))
    answered = await Client(secured.app).ask("GET", LOG + "?sinceSeconds=2", headers=ADMIN)
    assert answered.body == b"line 1\nline 2\n"


@pytest.mark.parametrize(
    ("state", "query", "text"),
    [
        ({"waiting": {"reason": "ContainerCreating"}}, "", 'container "web" in pod "web" is waiting to start: ContainerCreating'),
        (
            {"waiting": {"reason": "ImagePullBackOff"}},
            "",
            'container "web" in pod "web" is waiting to start: trying and failing to pull image',
        ),
        (
            {"running": {}},
            "?previous=true",
            'previous terminated container "web" in pod "web" not found',
        ),
        ({"running": {}}, "?container=x", "container x is not valid for pod web"),
    ],
)  # fmt: skip
async def test_a_missing_log_says_why(state: Obj, query: str, text: str) -> None:
    secured = made(FakeContainers())
    with_state(secured, **state)
    answered = await Client(secured.app).ask("GET", LOG + query, headers=ADMIN)
    assert (answered.status, answered.json["message"]) == (400, text)


def test_one_of_several_containers_must_be_named() -> None:
    spec = {"containers": [{"name": "a"}, {"name": "b"}], "initContainers": [{"name": "i"}]}
    pod = {"metadata": {"name": "web"}, "spec": spec}
    assert chosen_container(pod, "i") == "i"
    with pytest.raises(ApiError) as caught:
        chosen_container(pod, "")
    assert caught.value.message == (
        "a container name must be specified for pod web, choose one of: [a b] or one of the init containers: [i]"
    )


async def test_a_followed_log_goes_on_until_the_container_ends() -> None:
    containers = GrowingLog()
    secured = made(containers)
    parts: asyncio.Queue[Mapping[str, Any]] = asyncio.Queue()

    async def receive() -> Mapping[str, Any]:
        await asyncio.Event().wait()
        return {"type": "http.disconnect"}

    scope = scope_of("GET", LOG + "?follow=true", ADMIN)
    task = asyncio.create_task(secured.app(scope, receive, parts.put))
    assert (await asyncio.wait_for(parts.get(), PATIENCE_SECONDS))["status"] == 200
    assert (await asyncio.wait_for(parts.get(), PATIENCE_SECONDS))["body"] == b"first\n"
    containers.lines.append(LogLine(START, "second"))
    assert (await asyncio.wait_for(parts.get(), PATIENCE_SECONDS))["body"] == b"second\n"
    with_state(secured, terminated={"containerID": "containerd://1", "exitCode": 0})
    assert not (await asyncio.wait_for(parts.get(), PATIENCE_SECONDS)).get("more_body")
    await asyncio.wait_for(task, PATIENCE_SECONDS)


class Socket:
    """A WebSocket client."""

    def __init__(self, secured: Secured, path: str, *protocols: str) -> None:
        self.scope = {**scope_of("GET", path, ADMIN), "type": "websocket", "subprotocols": list(protocols)}
        self.sent: list[Mapping[str, Any]] = []
        self._app = secured.app

    async def run(self, *messages: bytes) -> list[bytes]:
        """Send messages, then go; returns what came back."""
        incoming: list[Mapping[str, Any]] = [{"type": "websocket.connect"}]
        incoming += [{"type": "websocket.receive", "bytes": each} for each in messages]
        incoming.append({"type": "websocket.disconnect", "code": 1000})
        queue = iter(incoming)

        async def receive() -> Mapping[str, Any]:
            return next(queue)

        async def send(message: Mapping[str, Any]) -> None:
            self.sent.append(message)

        await self._app(self.scope, receive, send)
        return [each["bytes"] for each in self.sent if "bytes" in each]


EXEC = "/api/v1/namespaces/default/pods/web/exec?"


async def test_exec_ends_with_a_status() -> None:
    secured = made(FakeContainers())
    socket = Socket(
        secured, EXEC + "command=false&stdout=true&stderr=true", "v4.channel.k8s.io", "v5.channel.k8s.io"
    )
    stderr, status = await socket.run()
    assert socket.sent[0] == {"type": "websocket.accept", "subprotocol": "v5.channel.k8s.io"}
    assert stderr == b"\x02no\n"
    assert status[0] == 3
    assert orjson.loads(status[1:])["details"]["causes"] == [{"reason": "ExitCode", "message": "3"}]
    assert socket.sent[-1]["type"] == "websocket.close"


async def test_the_observer_hears_of_streams_that_opened_and_of_those_that_did_not() -> None:
    """The audit log needs who went into which pod, once each, with the verb of the client's method."""
    seen: list[tuple[str, str, str, int]] = []
    lines: list[bytes] = []

    def observe(request: HttpRequest, user: User | None, access: AccessRequest, status: int) -> None:
        seen.append(
            (user.name if user else "", access.verb, f"{access.resource}/{access.subresource}", status)
        )
        AuditLog(lines.append, secured.api.clock, Ids(1))(request, user, access, status)

    users = (StaticTokens({"admin": User("admin", ("system:masters",))}),)
    secured = Secured(bearers=users, containers=FakeContainers(), observer=observe)
    running_pod(secured)
    await Socket(secured, EXEC + "command=cat&stdin=true", "v5.channel.k8s.io").run(b"\xff\x00")
    await Socket(secured, EXEC.replace("web", "ghost") + "command=ls", "v5.channel.k8s.io").run()
    assert seen == [("admin", "get", "pods/exec", 101), ("admin", "get", "pods/exec", 404)]
    event = orjson.loads(lines[0])
    assert event["stage"] == "ResponseStarted"
    assert event["objectRef"]["subresource"] == "exec"
    assert "command=cat" in event["requestURI"]
    assert event["annotations"]["authorization.k8s.io/decision"] == "allow"


async def test_stdin_ends_when_its_channel_is_closed() -> None:
    socket = Socket(made(FakeContainers()), EXEC + "command=cat&stdin=true&stdout=true", "v5.channel.k8s.io")
    assert (await socket.run(b"\x00one ", b"\x04{}", b"\x00two", b"\xff\x00"))[0] == b"\x01one two"


async def test_a_terminal_answers_line_by_line() -> None:
    socket = Socket(
        made(FakeContainers()), EXEC + "command=sh&stdin=true&stdout=true&tty=true", "v5.channel.k8s.io"
    )
    came = await socket.run(b"\x00", b"\x00lx\x7fs\r", b"\x00exit 4\r")
    screen = b"".join(each[1:] for each in came if each[0] == 1)
    assert screen == b"/ # lx\b \bs\r\nran ls\r\n/ # exit 4\r\n"
    assert b'"message":"4"' in came[-1]


async def test_what_cannot_be_entered_says_why() -> None:
    secured = made(FakeContainers())
    ghost = EXEC.replace("web", "ghost")
    for path, protocol, code in (
        (ghost + "command=ls", "v5.channel.k8s.io", 404),
        (EXEC, "v5.channel.k8s.io", 400),
        (EXEC + "command=ls", "v1", 400),
    ):
        socket = Socket(secured, path, protocol)
        await socket.run()
        assert socket.sent[0] == {**socket.sent[0], "type": "websocket.http.response.start", "status": code}
    with_state(secured, waiting={"reason": "ContainerCreating"})
    answered = await Client(secured.app).ask("POST", EXEC + "command=ls", headers=ADMIN)
    assert answered.json["message"].endswith('unable to upgrade connection: container not found ("web")')


async def test_entering_a_container_needs_create() -> None:
    containers = FakeContainers()
    secured = Secured(bearers=(StaticTokens({"admin": User("jane")}),), containers=containers)
    running_pod(secured)
    for verb, status in (("get", 403), ("create", 0)):
        rule = {"apiGroups": [""], "resources": ["pods/exec"], "verbs": [verb]}
        where = {"name": verb, "namespace": "default"}
        subject = {"kind": "User", "apiGroup": "rbac.authorization.k8s.io", "name": "jane"}
        reference = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": verb}
        secured.api.create(ROLES, {"metadata": where, "rules": [rule]})
        secured.api.create(ROLE_BINDINGS, {"metadata": where, "roleRef": reference, "subjects": [subject]})
        socket = Socket(secured, EXEC + "command=echo&command=hi", "v5.channel.k8s.io")
        came = await socket.run()
        assert socket.sent[0].get("status", 0) == status
    assert came[0] == b"\x01hi\n"


async def test_a_missing_file_is_reported_by_tar() -> None:
    command = "command=tar&command=cf&command=-&command=/etc/motd&command=/nope"
    out, error, status = await Socket(made(FakeContainers()), EXEC + command, "v5.channel.k8s.io").run()
    with tarfile.open(fileobj=io.BytesIO(out[1:])) as archive:
        assert archive.getnames() == ["etc/motd"]
    assert error.startswith(b"\x02tar: /nope: No such file or directory\n")
    assert b"NonZeroExitCode" in status


# --- port-forward -------------------------------------------------------------------------------------------

FORWARD = "/api/v1/namespaces/default/pods/web/portforward"
TUNNEL = "SPDY/3.1+portforward.k8s.io"


async def test_a_port_answers_through_spdy() -> None:
    writer, reader = spdy.Writer(), spdy.Reader()
    opened = writer.opening(1, {"streamtype": "error", "port": "80", "requestid": "0"}, spdy.FIN)
    opened += writer.opening(3, {"streamtype": "data", "port": "80", "requestid": "0"})
    request = b"GET /hello HTTP/1.1\r\nConnection: close\r\n\r\n"
    socket = Socket(made(FakeContainers()), FORWARD, TUNNEL)
    # Frames do not keep to messages.
    came = await socket.run(
        opened[:20], opened[20:], spdy.data_frame(3, request), spdy.control(spdy.PING, b"\0\0\0\1")
    )
    frames = [frame for each in came for frame in reader.feed(each)]
    assert [(each.kind, each.stream) for each in frames[:2]] == [(spdy.SYN_REPLY, 1), (spdy.SYN_REPLY, 3)]
    body = b"".join(each.data for each in frames if each.kind == 0 and each.stream == 3)
    assert body.partition(b"\r\n\r\n")[2] == b"/hello" * 40_000
    assert {each.stream for each in frames if each.kind == 0 and each.flags & spdy.FIN} == {1, 3}
    assert frames[-1].kind == spdy.PING


async def test_a_port_without_listener_is_refused_on_the_error_stream() -> None:
    writer, reader = spdy.Writer(), spdy.Reader()
    opened = writer.opening(1, {"streamtype": "error", "port": "81", "requestid": "0"}, spdy.FIN)
    opened += writer.opening(3, {"streamtype": "data", "port": "81", "requestid": "0"})
    came = await Socket(made(FakeContainers()), FORWARD, TUNNEL).run(
        opened + spdy.data_frame(3, b"GET / HTTP/1.1\r\n\r\n")
    )
    frames = [frame for each in came for frame in reader.feed(each)]
    told = b"".join(each.data for each in frames if each.kind == 0 and each.stream == 1)
    assert b"dial tcp4 127.0.0.1:81: connect: connection refused" in told


async def test_garbage_closes_a_tunnel() -> None:
    socket = Socket(made(FakeContainers()), FORWARD, TUNNEL)
    await socket.run(b"\x80\x02\x00\x01\x00\x00\x00\x00")
    assert socket.sent[-1] == {"type": "websocket.close", "code": 1002}


@given(st.binary(max_size=200), st.integers(1, 20))
def test_any_bytes_are_frames_or_an_error(data: bytes, step: int) -> None:
    reader = spdy.Reader()
    try:
        for start in range(0, len(data), step):
            list(reader.feed(data[start : start + step]))
    except spdy.SpdyError:
        return


@given(
    st.dictionaries(st.text("abc:", min_size=1, max_size=5), st.text("xyz 0", max_size=9), max_size=4),
    st.integers(1, 50),
)
def test_headers_arrive_however_they_are_cut(headers: dict[str, str], step: int) -> None:
    writer, reader = spdy.Writer(), spdy.Reader()
    sent = writer.opening(1, headers) + writer.reply(1, headers) + spdy.data_frame(1, b"x", is_last=True)
    frames = [
        frame for start in range(0, len(sent), step) for frame in reader.feed(sent[start : start + step])
    ]
    assert [each.headers for each in frames] == [headers, headers, None]


async def test_metrics_of_what_was_measured() -> None:
    secured = made(FakeContainers())
    client = Client(secured.app)
    base = "/apis/metrics.k8s.io/v1beta1"
    listed = (await client.ask("GET", base + "/pods", headers=ADMIN)).json
    assert [each["metadata"]["name"] for each in listed["items"]] == ["web"]
    assert listed["kind"] == "PodMetricsList"
    secured.api.create("nodes", {"metadata": {"name": "new"}})
    assert (await client.ask("GET", base + "/nodes", headers=ADMIN)).json["items"] == []
    assert (await client.ask("GET", base + "/nodes/new", headers=ADMIN)).status == 404
