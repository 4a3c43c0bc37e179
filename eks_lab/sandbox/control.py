"""The control API: clock, events, snapshot, reset and stop, on loopback and only with the token.

GET  /v1/status             what runs
GET  /v1/account            clusters, node groups, subnets, interfaces, access, running cost
GET  /v1/costs              what the account would have cost so far, and costs
GET  /v1/journal/INSTANCE   what an instance's kubelet said -> {"lines": []}
GET  /v1/invariants         what does not agree between the account and its clusters -> {"violations": []}
GET  /v1/faults             all faults, and which are armed
POST /v1/faults/arm         {"id": "locked-out", "seed": 7} -> the fault, when it can be seen
POST /v1/faults/clear       {"id": "locked-out"} -> the fault, when it has been taken back
POST /v1/advance            {"seconds": 900} -> what happened
POST /v1/advance/cancel     end it at the moment that it has reached -> {"cancelled": true}
POST /v1/speed              {"speed": "60x"}
GET  /v1/events             a line of JSON for everything that happens, until the client hangs up
POST /v1/snapshot           write everything to disk now
POST /v1/reset              {"nodes": 3, …} -> a new cluster; options that are left out stay
POST /v1/lab/…             what labs ask for: see eks_lab.sandbox.laboratory
POST /v1/stop
"""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Protocol

import orjson

from eks_lab.errors import EksLabError, InputError
from eks_lab.sim.driver import Advanced
from eks_lab.sim.happenings import Happening

logger = logging.getLogger(__name__)

LARGEST_BODY = 65_536
MOST_PENDING = 10_000
"""Happenings that wait for a slow reader before it is dropped."""

Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[Mapping[str, Any]], Awaitable[None]]


class Controlled(Protocol):
    """What the control API controls."""

    def status(self) -> dict[str, Any]:
        """Return what runs, as JSON values."""
        ...

    def account(self) -> dict[str, Any]:
        """Return the account at a glance, as JSON values."""
        ...

    def costs(self) -> dict[str, Any]:
        """Return what the account would have cost, as JSON values."""
        ...

    def journal(self, instance_id: str) -> list[str]:
        """Return what an instance's kubelet said."""
        ...

    def violations(self) -> list[str]:
        """Return what does not agree between the account and its clusters."""
        ...

    def faults(self) -> dict[str, Any]:
        """Return all faults, as JSON values."""
        ...

    async def arm_fault(self, id: str, seed: int | None) -> dict[str, Any]:
        """Bring a fault about; return it."""
        ...

    async def clear_fault(self, id: str) -> dict[str, Any]:
        """Take a fault back; return it."""
        ...

    async def advance(self, by: timedelta) -> Advanced:
        """Play simulated time."""
        ...

    def cancel_advance(self) -> bool:
        """End the advance that is under way; say whether there was one."""
        ...

    def set_speed(self, text: str) -> None:
        """Go on at another speed."""
        ...

    async def snapshot(self) -> None:
        """Write everything to disk."""
        ...

    async def reset(self, wishes: Mapping[str, Any]) -> None:
        """Begin anew."""
        ...

    async def lab(self, what: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """Answer what a lab asks for."""
        ...

    def stop(self) -> None:
        """End the process."""
        ...

    def follow(self, listener: Callable[[Happening], None]) -> Callable[[], None]:
        """Call a function for everything that happens; return what ends it."""
        ...


class ControlApi:
    """An ASGI application."""

    def __init__(self, sandbox: Controlled, token: str) -> None:
        """Serve a sandbox.

        Args:
            sandbox: what is controlled.
            token: that every request must carry.
        """
        self._sandbox = sandbox
        self._expected = f"Bearer {token}".encode()

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = dict(scope["headers"])
        if not hmac.compare_digest(headers.get(b"authorization", b""), self._expected):
            await _answer(send, 401, {"error": "the control API needs the token of control.token", "code": 2})
            return
        method, path = scope["method"], scope["path"]
        try:
            if (method, path) == ("GET", "/v1/events"):
                await self._events(receive, send)
                return
            body = await _body(receive)
            found = await self._call(method, path, body)
        except EksLabError as error:
            answer = {"error": error.message, "hint": error.hint, "code": error.exit_code}
            await _answer(send, 400, answer)
            return
        except Exception as error:
            logger.exception("control %s %s failed", method, path)
            await _answer(send, 500, {"error": f"{type(error).__name__}: {error}", "code": 70})
            return
        if found is None:
            await _answer(send, 404, {"error": f"{method} {path}: there is no such call", "code": 2})
        else:
            await _answer(send, 200, found)

    async def _call(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any] | None:
        sandbox = self._sandbox
        match method, path:
            case "GET", "/v1/status":
                return sandbox.status()
            case "GET", "/v1/account":
                return sandbox.account()
            case "GET", "/v1/costs":
                return sandbox.costs()
            case "GET", _ if path.startswith("/v1/journal/"):
                return {"lines": sandbox.journal(path.removeprefix("/v1/journal/"))}
            case "GET", "/v1/invariants":
                return {"violations": sandbox.violations()}
            case "GET", "/v1/faults":
                return sandbox.faults()
            case "POST", "/v1/faults/arm":
                seed = int(_number(body, "seed")) if body.get("seed") is not None else None
                return await sandbox.arm_fault(str(body.get("id", "")), seed)
            case "POST", "/v1/faults/clear":
                return await sandbox.clear_fault(str(body.get("id", "")))
            case "POST", "/v1/advance":
                return as_json(await sandbox.advance(timedelta(seconds=_number(body, "seconds"))))
            case "POST", "/v1/advance/cancel":
                return {"cancelled": sandbox.cancel_advance()}
            case "POST", "/v1/speed":
                sandbox.set_speed(str(body.get("speed", "")))
                return sandbox.status()
            case "POST", "/v1/snapshot":
                await sandbox.snapshot()
                return sandbox.status()
            case "POST", "/v1/reset":
                await sandbox.reset(body)
                return sandbox.status()
            case "POST", _ if path.startswith("/v1/lab/"):
                return await sandbox.lab(path.removeprefix("/v1/lab/"), body)
            case "POST", "/v1/stop":
                sandbox.stop()
                return {}
        return None

    async def _events(self, receive: Receive, send: Send) -> None:
        """Stream what happens; ends when the client hangs up or does not read."""
        queue: asyncio.Queue[Happening] = asyncio.Queue(MOST_PENDING)
        is_late = asyncio.Event()

        def put(happening: Happening) -> None:
            try:
                queue.put_nowait(happening)
            except asyncio.QueueFull:
                is_late.set()

        end = self._sandbox.follow(put)
        gone = asyncio.create_task(_hung_up(receive))
        try:
            await send(_head(200, b"application/x-ndjson"))
            await send({"type": "http.response.body", "body": b"", "more_body": True})
            while not is_late.is_set():
                waiting = asyncio.create_task(queue.get())
                await asyncio.wait({waiting, gone}, return_when=asyncio.FIRST_COMPLETED)
                if gone.done():
                    waiting.cancel()
                    return
                lines = [happening_json(waiting.result())]
                while not queue.empty():
                    lines.append(happening_json(queue.get_nowait()))
                body = b"".join(orjson.dumps(each) + b"\n" for each in lines)
                await send({"type": "http.response.body", "body": body, "more_body": True})
            await send({"type": "http.response.body", "body": b""})
        finally:
            end()
            gone.cancel()


def as_json(advanced: Advanced) -> dict[str, Any]:
    """Return what an advance brought, as JSON values."""
    return {
        "start": advanced.start.isoformat(),
        "end": advanced.end.isoformat(),
        "reconciles": advanced.reconciles,
        "dropped": advanced.dropped,
        "cancelled": advanced.is_cancelled,
        "happenings": [happening_json(each) for each in advanced.happenings],
    }


def happening_json(happening: Happening) -> dict[str, str]:
    """Return a happening as JSON values."""
    return {
        "at": happening.at.isoformat(),
        "kind": happening.kind,
        "about": happening.about,
        "reason": happening.reason,
        "message": happening.message,
    }


def happening_of_json(document: Mapping[str, str]) -> Happening:
    """Return the happening that `happening_json` wrote."""
    return Happening(
        datetime.fromisoformat(document["at"]),
        document["kind"],
        document["about"],
        document["reason"],
        document["message"],
    )


def _number(body: Mapping[str, Any], name: str) -> float:
    value = body.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InputError(f"{name}: {value!r} is no number")
    return float(value)


async def _body(receive: Receive) -> dict[str, Any]:
    parts: list[bytes] = []
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise InputError("the client went away")
        parts.append(message.get("body", b""))
        if sum(map(len, parts)) > LARGEST_BODY:
            raise InputError(f"the request is longer than {LARGEST_BODY} bytes")
        if not message.get("more_body", False):
            break
    content = b"".join(parts)
    if not content:
        return {}
    try:
        document = orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InputError(f"the request is no JSON: {error}") from error
    if not isinstance(document, dict):
        raise InputError("the request is no JSON object")
    return document


async def _hung_up(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _head(status: int, content_type: bytes, length: int | None = None) -> dict[str, Any]:
    headers = [(b"content-type", content_type)]
    if length is not None:
        headers.append((b"content-length", str(length).encode()))
    return {"type": "http.response.start", "status": status, "headers": headers}


async def _answer(send: Send, status: int, document: Mapping[str, Any]) -> None:
    body = orjson.dumps(document)
    await send(_head(status, b"application/json", len(body)))
    await send({"type": "http.response.body", "body": body})
