"""An API server without controllers in a process of its own, and a client that adds next to nothing."""

from __future__ import annotations

import math
import os
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path


def serve() -> None:
    """Serve on a free port, printed on the first line, until the process ends."""
    import uvicorn

    from eks_lab.clock import SimClock
    from eks_lab.ids import Ids
    from eks_lab.sim.api import Api
    from eks_lab.sim.apiserver.app import ApiServer
    from eks_lab.sim.resources import builtin_resources
    from eks_lab.sim.store import Store

    clock = SimClock(datetime(2026, 1, 1, tzinfo=UTC))
    api = Api(Store(), clock, Ids(7), "1.36", builtin_resources("1.36"))
    api.create("namespaces", {"metadata": {"name": "default"}})
    listener = socket.create_server(("127.0.0.1", 0), backlog=256)
    print(listener.getsockname()[1], flush=True)
    config = uvicorn.Config(ApiServer(api), log_level="warning", access_log=False)
    uvicorn.Server(config).run([listener])


@contextmanager
def running() -> Iterator[tuple[int, int]]:
    """Start a server; yields its port and process."""
    code = "from benchmarks._sim_server import serve; serve()"
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        yield int(process.stdout.readline()), process.pid
    finally:
        process.terminate()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def cpu_seconds(pid: int) -> float:
    """Return the CPU time that a process has used, or nothing where the system does not say."""
    stat = Path(f"/proc/{pid}/stat")
    if not stat.exists():
        return math.nan
    fields = stat.read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Connection:
    """One kept-alive HTTP connection."""

    def __init__(self, port: int, context: ssl.SSLContext | None = None) -> None:
        """Connect.

        Args:
            port: on loopback.
            context: for TLS; None speaks in the clear.
        """
        self._socket = socket.create_connection(("127.0.0.1", port))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if context is not None:
            self._socket = context.wrap_socket(self._socket, server_hostname="127.0.0.1")
        self._buffer = b""

    def close(self) -> None:
        """Hang up."""
        self._socket.close()

    def send(self, method: str, path: str, body: bytes = b"") -> None:
        """Send one request."""
        head = f"{method} {path} HTTP/1.1\r\nHost: x\r\nUser-Agent: bench\r\nAccept: application/json\r\n"
        if body:
            head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
        self._socket.sendall(head.encode() + b"\r\n" + body)

    def receive(self) -> tuple[int, bytes]:
        """Return status and body of the next answer; a body over a mebibyte is read but not returned."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._buffer += self._more()
        head, rest = self._buffer[:end], self._buffer[end + 4 :]
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
        if len(rest) < length:
            # Filled in place: the client's own copies would be measured too.
            whole = bytearray(length)
            whole[: len(rest)] = rest
            view, at = memoryview(whole), len(rest)
            while at < length:
                at += self._socket.recv_into(view[at:])
            self._buffer = b""
            return int(head.split(b" ", 2)[1]), bytes(whole) if length < 1 << 20 else b""
        self._buffer = rest[length:]
        return int(head.split(b" ", 2)[1]), rest[:length]

    def read_head(self) -> None:
        """Read the head of a stream."""
        while (end := self._buffer.find(b"\r\n\r\n")) < 0:
            self._buffer += self._more()
        self._buffer = self._buffer[end + 4 :]

    def read_lines(self, count: int) -> None:
        """Read a stream until so many line feeds that end an event have come."""
        seen = self._buffer.count(b"}\n")
        self._buffer = b""
        while seen < count:
            seen += self._more().count(b"}\n")

    def _more(self) -> bytes:
        data = self._socket.recv(1 << 20)
        if not data:
            raise ConnectionError("the server hung up")
        return data
