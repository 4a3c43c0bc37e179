"""The subresource pods/log."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from datetime import datetime

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.access import Call, Handlers
from eks_lab.sim.apiserver.answers import TEXT, Answer, Receive, Send, Stream
from eks_lab.sim.apiserver.container_runtime import (
    ContainerRuntime,
    LogLine,
    check_has_log,
    chosen_container,
    container_status,
)
from eks_lab.sim.apiserver.request import HttpRequest
from eks_lab.sim.objects import FieldError, Key, Obj, duration, invalid, invalid_object, parse_time

LOOK_SECONDS = 0.1
"""Real seconds between two looks at a log that is followed: simulated time may run at any speed."""


class PodLogs:
    """Answers logs."""

    def __init__(self, api: Api, runtime: ContainerRuntime) -> None:
        """Wire it up.

        Args:
            api: where pods are.
            runtime: knows what containers log.
        """
        self._api = api
        self._runtime = runtime

    def register(self, handlers: Handlers) -> None:
        """Answer the subresource."""
        handlers.register("pods", "log", "get", self.get)

    async def get(self, call: Call) -> Answer | Stream:
        """Answer with the log, or with a stream that goes on as the container does.

        Raises:
            ApiError: 400 no such container or no log yet, 404, 422 options that make no sense.
        """
        request, key = call.request, Key(call.namespace, call.name)
        _check(request)
        pod = self._api.read("pods", key)
        container = chosen_container(pod, request.param("container"))
        if not pod["spec"].get("nodeName"):
            return Answer(200, b"", TEXT)
        previous = check_has_log(pod, container, request.flag("previous"))
        lines = list(self._runtime.log(key, container, previous=previous))
        if not request.flag("follow") or previous:
            limit = request.number("limitBytes")
            text = self._text(request, _selected(request, lines, self._api.now()))
            return Answer(200, text if limit is None else text[:limit], TEXT)
        return self._followed(request, key, container, pod)

    def _text(self, request: HttpRequest, lines: Iterable[LogLine]) -> bytes:
        stamps = request.flag("timestamps")
        return "".join(
            f"{_nanoseconds(each.at)} {each.text}\n" if stamps else f"{each.text}\n" for each in lines
        ).encode()

    def _followed(self, request: HttpRequest, key: Key, container: str, pod: Obj) -> Stream:
        run = _run_of(pod, container)

        async def follow(receive: Receive, send: Send) -> None:
            gone = asyncio.ensure_future(_wait_until_gone(receive))
            headers = [(b"content-type", TEXT.encode()), (b"cache-control", b"no-cache, private")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            seen: int | None = None
            left = request.number("limitBytes")
            try:
                while not gone.done():
                    present = self._api.get("pods", key)
                    is_over = (
                        present is None
                        or _run_of(present, container) != run
                        or not _is_running(present, container)
                    )
                    ended = is_over and present is not None and _run_of(present, container) != run
                    lines = list(self._runtime.log(key, container, previous=ended)) if present else []
                    fresh = _selected(request, lines, self._api.now()) if seen is None else lines[seen:]
                    seen = len(lines)
                    text = self._text(request, fresh)
                    if left is not None:
                        text = text[:left]
                        left -= len(text)
                    if text:
                        await send({"type": "http.response.body", "body": text, "more_body": True})
                    if is_over or left == 0:
                        break
                    await asyncio.wait({gone}, timeout=LOOK_SECONDS)
            finally:
                gone.cancel()
            await send({"type": "http.response.body", "body": b""})

        return follow


async def _wait_until_gone(receive: Receive) -> None:
    while (await receive())["type"] != "http.disconnect":
        pass


def _run_of(pod: Obj, container: str) -> tuple[str, int]:
    status = container_status(pod, container) or {}
    return pod["metadata"]["uid"], status.get("restartCount", 0)


def _is_running(pod: Obj, container: str) -> bool:
    status = container_status(pod, container)
    return bool(status and (status.get("state") or {}).get("running"))


def _nanoseconds(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%f") + "000Z"


def _selected(request: HttpRequest, lines: list[LogLine], now: datetime) -> list[LogLine]:
    """Return the lines that sinceSeconds, sinceTime and tailLines leave."""
    since: datetime | None = None
    seconds = request.number("sinceSeconds")
    if seconds is not None:
        since = now - duration(seconds)
    elif request.param("sinceTime"):
        since = parse_time(request.param("sinceTime"))
    if since is not None:
        lines = [each for each in lines if each.at >= since]
    tail = request.number("tailLines")
    if tail is not None:
        lines = lines[len(lines) - min(tail, len(lines)) :]
    return lines


def _check(request: HttpRequest) -> None:
    """Judge the options (pkg/apis/core/validation: ValidatePodLogOptions)."""
    errors: list[FieldError] = []
    for name, least in (("tailLines", 0), ("limitBytes", 1), ("sinceSeconds", 1)):
        value = request.number(name)
        if value is not None and value < least:
            why = "must be greater than or equal to 0" if least == 0 else "must be greater than 0"
            errors.append(invalid(name, value, why))
    text = request.param("sinceTime")
    if text:
        try:
            parse_time(text)
        except ValueError:
            errors.append(invalid("sinceTime", text, "is no RFC 3339 time"))
    if errors:
        raise invalid_object("PodLogOptions", "", "", errors)
