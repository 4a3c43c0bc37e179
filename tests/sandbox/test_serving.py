"""What listens on loopback: answers arrive whole."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Mapping
from typing import Any

from eks_lab.sandbox import serving

REQUESTS = 200
BODY = b"<GetCallerIdentityResponse/>" * 20


async def answer(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
    await receive()
    headers = [(b"content-length", str(len(BODY)).encode())]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": BODY})


def pieces(port: int) -> set[int]:
    """Ask again and again on one connection; return in how many pieces answers came."""
    found: set[int] = set()
    with socket.create_connection((serving.HOST, port), 60) as connection:
        for _ in range(REQUESTS):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: lab\r\n\r\n")
            read, count = b"", 0
            while not read.endswith(BODY):
                piece = connection.recv(65536)
                assert piece, read
                read, count = read + piece, count + 1
            found.add(count)
    return found


async def test_head_and_body_of_an_answer_leave_together() -> None:
    """Terraform's AWS provider gives up, and calls again, when the body comes a moment after the head."""
    listening = serving.listen(0)
    server = serving.server_for(answer, ws="none")
    running = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        assert await asyncio.to_thread(pieces, listening.getsockname()[1]) == {1}
    finally:
        server.should_exit = True
        await running
