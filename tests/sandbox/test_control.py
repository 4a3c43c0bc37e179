"""The control API without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from eks_lab.errors import InputError
from eks_lab.sandbox.control import ControlApi, happening_of_json
from eks_lab.sim.driver import Advanced
from eks_lab.sim.happenings import Happening

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
HAPPENING = Happening(START, "Warning", "pod/web", "BackOff", "Back-off restarting failed container")


class FakeSandbox:
    """Writes down what it is asked."""

    def __init__(self) -> None:
        self.asked: list[object] = []
        self.listeners: list[Callable[[Happening], None]] = []

    def status(self) -> dict[str, Any]:
        return {"running": True}

    def account(self) -> dict[str, Any]:
        return {"clusters": [{"name": "lab"}]}

    def costs(self) -> dict[str, Any]:
        return {"so_far_usd": 1.5}

    def journal(self, instance_id: str) -> list[str]:
        if instance_id != "i-1":
            raise InputError(f"instance: there is no {instance_id}")
        return ["kubelet started"]

    def violations(self) -> list[str]:
        return ["eni-1 and eni-2 both have 10.0.0.9"]

    def faults(self) -> dict[str, Any]:
        return {"faults": [{"id": "locked-out"}]}

    async def arm_fault(self, id: str, seed: int | None) -> dict[str, Any]:
        self.asked.append(("arm", id, seed))
        return {"id": id}

    async def lab(self, what: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
        return {"what": what, **body} if what == "keep" else None

    async def clear_fault(self, id: str) -> dict[str, Any]:
        self.asked.append(("clear", id))
        return {"id": id}

    async def advance(self, by: timedelta) -> Advanced:
        self.asked.append(by)
        return Advanced(START, START + by, 3, (HAPPENING,), 0)

    def cancel_advance(self) -> bool:
        self.asked.append("cancel")
        return True

    def set_speed(self, text: str) -> None:
        if text == "never":
            raise InputError("speed: no", hint="Write 1x.")
        self.asked.append(text)

    async def snapshot(self) -> None:
        self.asked.append("snapshot")

    async def reset(self, wishes: Mapping[str, Any]) -> None:
        self.asked.append(dict(wishes))

    def stop(self) -> None:
        self.asked.append("stop")

    def follow(self, listener: Callable[[Happening], None]) -> Callable[[], None]:
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)


async def call(
    method: str, path: str, body: bytes = b"", token: str = "t", sandbox: FakeSandbox | None = None
) -> tuple[int, Any]:
    sent: list[Mapping[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "http.request", "body": body}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message)

    headers = [(b"authorization", f"Bearer {token}".encode())] if token else []
    scope = {"type": "http", "method": method, "path": path, "headers": headers}
    await ControlApi(sandbox or FakeSandbox(), "t")(scope, receive, send)
    return sent[0]["status"], orjson.loads(sent[1]["body"])


@pytest.mark.parametrize("token", ["", "wrong"])
async def test_nothing_without_the_token(token: str) -> None:
    sandbox = FakeSandbox()
    status, _ = await call("POST", "/v1/stop", token=token, sandbox=sandbox)
    assert status == 401
    assert sandbox.asked == []


@pytest.mark.parametrize(
    ("path", "body", "asked"),
    [
        ("/v1/advance", b'{"seconds": 900}', timedelta(minutes=15)),
        ("/v1/speed", b'{"speed": "60x"}', "60x"),
        ("/v1/advance/cancel", b"", "cancel"),
        ("/v1/snapshot", b"", "snapshot"),
        ("/v1/reset", b'{"nodes": 2}', {"nodes": 2}),
        ("/v1/stop", b"", "stop"),
    ],
)
async def test_calls_reach_the_sandbox(path: str, body: bytes, asked: object) -> None:
    sandbox = FakeSandbox()
    status, _ = await call("POST", path, body, sandbox=sandbox)
    assert status == 200
    assert sandbox.asked == [asked]


async def test_an_advance_tells_what_happened() -> None:
    _, found = await call("POST", "/v1/advance", b'{"seconds": 60}')
    assert [happening_of_json(each) for each in found["happenings"]] == [HAPPENING]
    assert found["end"] == (START + timedelta(minutes=1)).isoformat()


async def test_refusals_keep_message_hint_and_code() -> None:
    status, found = await call("POST", "/v1/speed", b'{"speed": "never"}')
    assert (status, found) == (400, {"error": "speed: no", "hint": "Write 1x.", "code": 2})


@pytest.mark.parametrize("body", [b"{", b"[]", b"\xff", b'{"seconds": "x"}', b"{}", b'{"seconds": true}'])
async def test_nonsense_is_refused(body: bytes) -> None:
    status, found = await call("POST", "/v1/advance", body)
    assert status == 400
    assert found["code"] == 2


async def test_too_much_is_refused() -> None:
    status, _ = await call("POST", "/v1/reset", b" " * 70_000)
    assert status == 400


async def test_unknown_calls() -> None:
    assert (await call("GET", "/v2/status"))[0] == 404
    assert (await call("DELETE", "/v1/status"))[0] == 404


async def test_events_are_streamed_until_the_client_hangs_up() -> None:
    sandbox, sent, gone = FakeSandbox(), list[bytes](), asyncio.Event()

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: Mapping[str, Any]) -> None:
        sent.append(message.get("body", b""))

    scope = {
        "type": "http",
        "method": "GET",
        "path": "/v1/events",
        "headers": [(b"authorization", b"Bearer t")],
    }
    stream = asyncio.create_task(ControlApi(sandbox, "t")(scope, receive, send))
    while not sandbox.listeners:
        await asyncio.sleep(0)
    sandbox.listeners[0](HAPPENING)
    while not any(sent):
        await asyncio.sleep(0)
    gone.set()
    await stream
    assert happening_of_json(orjson.loads(b"".join(sent))) == HAPPENING
    assert sandbox.listeners == []


@pytest.mark.parametrize(
    ("path", "answer"),
    [
        ("/v1/account", {"clusters": [{"name": "lab"}]}),
        ("/v1/costs", {"so_far_usd": 1.5}),
        ("/v1/journal/i-1", {"lines": ["kubelet started"]}),
    ],
)
async def test_the_account_is_told(path: str, answer: dict[str, Any]) -> None:
    assert await call("GET", path) == (200, answer)


async def test_an_instance_that_is_not_there_is_named() -> None:
    status, answer = await call("GET", "/v1/journal/i-2")
    assert status == 400
    assert answer["error"] == "instance: there is no i-2"


async def test_faults_are_listed_armed_and_cleared() -> None:
    sandbox = FakeSandbox()
    assert await call("GET", "/v1/faults", sandbox=sandbox) == (200, {"faults": [{"id": "locked-out"}]})
    armed = await call("POST", "/v1/faults/arm", b'{"id": "locked-out", "seed": 9}', sandbox=sandbox)
    assert armed == (200, {"id": "locked-out"})
    await call("POST", "/v1/faults/arm", b'{"id": "locked-out"}', sandbox=sandbox)
    await call("POST", "/v1/faults/clear", b'{"id": "locked-out"}', sandbox=sandbox)
    assert sandbox.asked == [("arm", "locked-out", 9), ("arm", "locked-out", None), ("clear", "locked-out")]


async def test_a_seed_is_a_number() -> None:
    assert (await call("POST", "/v1/faults/arm", b'{"id": "locked-out", "seed": "x"}'))[0] == 400
