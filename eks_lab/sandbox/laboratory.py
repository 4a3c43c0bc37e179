"""What a lab asks of a running sandbox, beyond the control API's usual calls.

POST /v1/lab/keep      {"name"}            the world of now, under a name
POST /v1/lab/restore   {"name"}            back to it
POST /v1/lab/forget    {"name"}
POST /v1/lab/record    {"since", "since_change"} -> what happened since recording began
POST /v1/lab/begin     record from now on
POST /v1/lab/end       record no more
POST /v1/lab/aws       {"words"}           aws as the learner's user -> {"code", "out", "err"}
POST /v1/lab/call      {"service", "operation", "params"} -> {"answer"} or {"refused", "message"}; as the account
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import logging
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson

from eks_lab.aws import principal
from eks_lab.aws.command import run_aws
from eks_lab.aws.errors import AwsError
from eks_lab.aws.world import World, WorldState
from eks_lab.errors import InputError
from eks_lab.sandbox.moments import Moments
from eks_lab.sandbox.recorder import Recorder
from eks_lab.sandbox.state_directory import write_private

logger = logging.getLogger(__name__)

WRITE_SECONDS = 0.5
"""Pause between two looks at what was recorded."""
WRITE_SHARE = 0.05
"""Most of the time that may go into writing it."""


class Laboratory:
    """Kept moments, the recorder, and commands, for one sandbox."""

    def __init__(self, root: Path, replace: Callable[[WorldState], Awaitable[None]]) -> None:
        """Name the place.

        Args:
            root: of the sandbox's state.
            replace: puts a kept world in the place of the one that runs.
        """
        self.recorder = Recorder()
        self._moments = Moments(root / "moments")
        self._file = root / "recording.json"
        self._replace = replace
        self._world: World | None = None
        self._written = -1
        with contextlib.suppress(OSError, ValueError, KeyError, TypeError):
            self.recorder.load(orjson.loads(self._file.read_bytes()))

    def follow(self, world: World) -> None:
        """Serve another world from now on."""
        self._world = world
        self.recorder.follow(world)

    async def run(self) -> None:
        """Write what is recorded, a moment later, until cancelled."""
        loop, pause = asyncio.get_running_loop(), WRITE_SECONDS
        while True:
            await asyncio.sleep(pause)
            begun = loop.time()
            self.write()
            pause = max(WRITE_SECONDS, (loop.time() - begun) / WRITE_SHARE)

    def write(self) -> None:
        """Put what is recorded on the disk, if there is anything new."""
        recorder = self.recorder
        if not recorder.is_recording:
            if self._written != 0:
                self._file.unlink(missing_ok=True)
                self._written = 0
            return
        if recorder.size != self._written:
            self._written = recorder.size
            write_private(self._file, orjson.dumps(recorder.document()))

    async def call(self, what: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """Answer a call of the control API; None when there is none of the name.

        Raises:
            EksLabError: it cannot be done.
        """
        match what:
            case "keep":
                await self._keep(_text(body, "name"))
            case "restore":
                state, notes = self._moments.found(_text(body, "name"))
                await self._replace(state)
                self.recorder.load(notes)
                self._written = -1
            case "forget":
                self._moments.forget(_text(body, "name"))
            case "record":
                return self.recorder.document(int(body.get("since", 0)), int(body.get("since_change", 0)))
            case "begin":
                self.recorder.begin()
                self._written = -1
                self.write()
            case "end":
                self.recorder.end()
                self.write()
            case "aws":
                return self._aws(body)
            case "call":
                return self._call(body)
            case _:
                return None
        return {}

    async def _keep(self, name: str) -> None:
        assert self._world is not None
        self._moments.keep(name, self._world.state(), self.recorder.state())
        await asyncio.get_running_loop().run_in_executor(None, self._moments.write, name)

    def _aws(self, body: Mapping[str, Any]) -> dict[str, Any]:
        assert self._world is not None
        words = body.get("words")
        if not isinstance(words, list) or not all(isinstance(each, str) for each in words):
            raise InputError("words: a list of texts is needed")
        account = self._world.account
        key = account.student_key[0]
        who = account.iam.principal_of(key) if key else None
        code, out, err = run_aws(account, who, words, {"AWS_REGION": account.region})
        return {"code": code, "out": out, "err": err}

    def _call(self, body: Mapping[str, Any]) -> dict[str, Any]:
        assert self._world is not None
        account = self._world.account
        params = body.get("params", {})
        if not isinstance(params, dict):
            raise InputError("params: an object is needed")
        service, operation = _text(body, "service"), _text(body, "operation")
        try:
            answer = account.call(service, operation, params, principal=principal.root(account.id))
        except AwsError as error:
            return {"refused": error.code, "message": error.message}
        except KeyError:
            return {"refused": "UnknownOperation", "message": f"there is no operation {service} {operation}"}
        return {"answer": _plain(answer)}


def _text(body: Mapping[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str) or not value:
        raise InputError(f"{name}: a text is needed, not {value!r}")
    return value


def _plain(value: Any) -> Any:
    """Return an answer of botocore's kind as JSON values."""
    if isinstance(value, dict):
        return {str(key): _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, bytes):
        return base64.b64encode(value).decode("ascii")
    return value if isinstance(value, str | int | float | bool) or value is None else str(value)
