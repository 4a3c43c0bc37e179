"""exec and attach over WebSocket: the channels of `v5.channel.k8s.io` and `v4.channel.k8s.io`.

The first byte of a message names the channel (k8s.io/apimachinery/pkg/util/remotecommand/constants.go); version 5
adds the closing of a channel. Older clients use SPDY, which is refused.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.access import Call, Handlers
from eks_lab.sim.apiserver.answers import Answer, Receive, Send
from eks_lab.sim.apiserver.archives import is_tar, run_tar
from eks_lab.sim.apiserver.attaching import follow, serve_prompt
from eks_lab.sim.apiserver.container_runtime import (
    ContainerRuntime,
    Executed,
    check_has_log,
    check_runs,
    chosen_container,
)
from eks_lab.sim.apiserver.terminal import is_shell, run_terminal
from eks_lab.sim.objects import Key, Obj, bad_request, not_simulated

PROTOCOLS = ("v5.channel.k8s.io", "v4.channel.k8s.io")
STDIN, STDOUT, STDERR, ERROR, RESIZE, CLOSE = 0, 1, 2, 3, 4, 255


class Channels:
    """One WebSocket with channels."""

    def __init__(self, receive: Receive, send: Send) -> None:
        """Take an accepted WebSocket."""
        self._receive = receive
        self._send = send
        self.is_gone = False

    async def read(self) -> bytes | None:
        """Return the next piece of stdin; None at its end."""
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                self.is_gone = True
                return None
            data = message.get("bytes") or b""
            if not data:
                continue
            if data[0] == STDIN and len(data) > 1:
                return data[1:]
            if data[0] == CLOSE and data[1:2] == bytes([STDIN]):
                return None

    async def read_all(self) -> bytes:
        """Return all of stdin."""
        parts = []
        while (part := await self.read()) is not None:
            parts.append(part)
        return b"".join(parts)

    async def write(self, channel: int, data: bytes) -> None:
        """Send data on a channel, in pieces."""
        for start in range(0, len(data), 32_768):
            await self._put(bytes([channel]) + data[start : start + 32_768])

    async def finish(self, code: int) -> None:
        """Say how it ended and close."""
        await self._put(bytes([ERROR]) + orjson.dumps(exit_status(code)))
        if not self.is_gone:
            await self._send({"type": "websocket.close", "code": 1000})

    async def _put(self, data: bytes) -> None:
        if not self.is_gone:
            await self._send({"type": "websocket.send", "bytes": data})


def exit_status(code: int) -> Obj:
    """Return the Status that the error channel ends on (remotecommand: NonZeroExitCodeReason)."""
    if code == 0:
        return {"metadata": {}, "status": "Success"}
    return {
        "metadata": {},
        "status": "Failure",
        "message": f"command terminated with non-zero exit code: exit status {code}",
        "reason": "NonZeroExitCode",
        "details": {"causes": [{"reason": "ExitCode", "message": str(code)}]},
    }


class RemoteCommands:
    """Serves exec and attach."""

    def __init__(self, api: Api, runtime: ContainerRuntime) -> None:
        """Wire it up.

        Args:
            api: where pods are.
            runtime: answers commands.
        """
        self._api = api
        self._runtime = runtime

    def register(self, handlers: Handlers) -> None:
        """Serve both subresources; over HTTP only to say what is wrong."""
        handlers.register_socket("pods", "exec", self.exec)
        handlers.register_socket("pods", "attach", self.attach)
        for verb in ("create", "get"):
            handlers.register("pods", "exec", verb, self.refuse)
            handlers.register("pods", "attach", verb, self.refuse)

    async def refuse(self, call: Call) -> Answer:
        """Answer a client that does not speak WebSocket.

        Raises:
            ApiError: always; what is wrong with the pod goes first.
        """
        self._target(call)
        raise not_simulated(
            f"pods/{call.subresource} over {call.request.headers.get('upgrade') or 'plain HTTP'}",
            "WebSocket, which kubectl 1.31 and later uses",
            "the kube-apiserver still takes SPDY/3.1 as well.",
        )

    def _target(self, call: Call) -> tuple[Key, str]:
        """Return pod and container.

        Raises:
            ApiError: 400, 404 or 500, it cannot be entered.
        """
        key = Key(call.namespace, call.name)
        pod = self._api.read("pods", key)
        container = chosen_container(pod, call.request.param("container"))
        check_runs(pod, container)
        return key, container

    async def exec(self, call: Call, receive: Receive, send: Send) -> None:
        """Answer a command.

        Raises:
            ApiError: before the WebSocket is accepted.
        """
        command = call.request.query.get("command") or []
        if not command:
            raise bad_request("you must specify at least 1 command for the container")
        key, container = self._target(call)
        channels = await accepted(call, receive, send)
        has_stdin, has_tty = call.request.flag("stdin"), call.request.flag("tty")
        if has_stdin and has_tty and is_shell(command):

            def run(line: str) -> Executed:
                return self._runtime.execute(key, container, [command[0], "-c", line], b"")

            await channels.finish(await run_terminal(channels, run))
            return
        stdin = await channels.read_all() if has_stdin and not has_tty else b""
        done = self._run(key, container, command, stdin)
        if has_tty:
            await channels.write(STDOUT, (done.stdout + done.stderr).replace(b"\n", b"\r\n"))
        else:
            await channels.write(STDOUT, done.stdout)
            await channels.write(STDERR, done.stderr)
        await channels.finish(done.code)

    def _run(self, key: Key, container: str, command: Sequence[str], stdin: bytes) -> Executed:
        if is_tar(command):
            return run_tar(self._runtime, key, container, command, stdin)
        return self._runtime.execute(key, container, command, stdin)

    async def attach(self, call: Call, receive: Receive, send: Send) -> None:
        """Show what the container prints, or let the client type into its shell.

        Raises:
            ApiError: before the WebSocket is accepted.
        """
        key, container = self._target(call)
        check_has_log(self._api.read("pods", key), container, False)
        channels = await accepted(call, receive, send)
        has_tty = call.request.flag("tty")
        if call.request.flag("stdin") and self._runtime.waits_for_input(key, container):
            pod = self._api.read("pods", key)
            await serve_prompt(channels, self._runtime, pod, key, container, has_tty=has_tty)
        else:
            await follow(channels, self._api, self._runtime, key, container, has_tty=has_tty)
        await channels.finish(0)


async def accepted(call: Call, receive: Receive, send: Send) -> Channels:
    """Accept a WebSocket with the newest protocol that both sides speak.

    Raises:
        ApiError: 400, there is none.
    """
    offered = offered_protocols(call.request.scope)
    protocol = next((each for each in PROTOCOLS if each in offered), "")
    if not protocol:
        raise bad_request(
            f"unable to upgrade: the server speaks {', '.join(PROTOCOLS)}, the client {', '.join(offered) or 'nothing'}"
        )
    await receive()
    await send({"type": "websocket.accept", "subprotocol": protocol})
    return Channels(receive, send)


def offered_protocols(scope: Mapping[str, Any]) -> list[str]:
    """Return the subprotocols a WebSocket client offers."""
    return list(scope.get("subprotocols") or ())
