"""attach: the output of a running container as it comes, or the prompt of a shell that waits for input."""

from __future__ import annotations

import asyncio
from typing import Protocol

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.container_runtime import ContainerRuntime, Executed, container_status
from eks_lab.sim.apiserver.pod_logs import LOOK_SECONDS
from eks_lab.sim.apiserver.terminal import run_terminal
from eks_lab.sim.objects import Key, Obj

STDOUT, STDERR = 1, 2


class Streams(Protocol):
    """The streams of one client."""

    is_gone: bool

    async def read(self) -> bytes | None:
        """Return the next piece of stdin; None at its end."""
        ...

    async def read_all(self) -> bytes:
        """Return all of stdin."""
        ...

    async def write(self, channel: int, data: bytes) -> None:
        """Send data on a channel."""
        ...


async def serve_prompt(
    streams: Streams, runtime: ContainerRuntime, pod: Obj, key: Key, container: str, *, has_tty: bool
) -> None:
    """Let a client type into a shell that is the container's own program; the shell ends when it is left.

    Args:
        streams: of the client.
        runtime: answers commands.
        pod: as stored.
        key: of the pod.
        container: whose program waits for input.
        has_tty: True for a terminal: line by line, with echo.
    """

    def run(line: str) -> Executed:
        return runtime.execute(key, container, ["sh", "-c", line], b"")

    if has_tty:
        code = await run_terminal(streams, run)
    else:
        done = run((await streams.read_all()).decode("utf-8", "replace"))
        code = done.code
        await streams.write(STDOUT, done.stdout)
        await streams.write(STDERR, done.stderr)
    # `exit` ends the shell in any case; a client that just goes does when stdinOnce is set, as kubectl run sets it.
    if not has_tty or _of(pod, container).get("stdinOnce"):
        runtime.end_input(key, container, code)


async def follow(
    streams: Streams, api: Api, runtime: ContainerRuntime, key: Key, container: str, *, has_tty: bool
) -> None:
    """Show what a container prints until it ends or the client goes.

    Like a real runtime this begins with the moment of attaching, except for containers with stdin or a terminal:
    what `kubectl run -i` starts has often said everything before the client is there.

    Args:
        streams: of the client.
        api: where pods are.
        runtime: knows what containers print.
        key: of the pod.
        container: its name.
        has_tty: True ends lines as terminals want them.
    """
    gone = asyncio.ensure_future(_until_gone(streams))
    spec = _of(api.read("pods", key), container)
    run = _run_of(api.get("pods", key), container)
    seen = 0
    if not (spec.get("stdin") or spec.get("tty")):
        seen = len(list(runtime.log(key, container, previous=False)))
    try:
        while True:
            pod = api.get("pods", key)
            is_over = run is None or _run_of(pod, container) != run
            if pod is not None:
                lines = list(runtime.log(key, container, previous=_restarted(pod, container, run)))
                ending = "\r\n" if has_tty else "\n"
                text = "".join(f"{each.text}{ending}" for each in lines[seen:])
                seen = max(seen, len(lines))
                if text:
                    await streams.write(STDOUT, text.encode())
            if is_over or gone.done():
                return
            await asyncio.wait({gone}, timeout=LOOK_SECONDS)
    finally:
        gone.cancel()


async def _until_gone(streams: Streams) -> None:
    while not streams.is_gone:
        await streams.read()


def _of(pod: Obj, container: str) -> Obj:
    found: Obj = next(
        (
            each
            for kind in ("containers", "initContainers", "ephemeralContainers")
            for each in pod["spec"].get(kind) or ()
            if each["name"] == container
        ),
        {},
    )
    return found


def _run_of(pod: Obj | None, container: str) -> tuple[str, int] | None:
    """Return what tells one run of a container from the others; None when it does not run."""
    status = container_status(pod, container) if pod is not None else None
    if pod is None or status is None or not (status.get("state") or {}).get("running"):
        return None
    return pod["metadata"]["uid"], status.get("restartCount", 0)


def _restarted(pod: Obj, container: str, run: tuple[str, int] | None) -> bool:
    now = _run_of(pod, container)
    return run is not None and now is not None and now != run
