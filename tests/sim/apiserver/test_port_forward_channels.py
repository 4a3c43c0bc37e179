"""port-forward over channels of a WebSocket, as the Python clients ask for it."""

from __future__ import annotations

import base64

import pytest

from tests.sim.apiserver.test_streams import FORWARD, Socket, made
from tests.sim.apiserver.test_streams_kubectl import FakeContainers

REQUEST = b"GET /hello HTTP/1.1\r\nConnection: close\r\n\r\n"


@pytest.mark.parametrize("protocols", [("v5.channel.k8s.io", "v4.channel.k8s.io"), ()])
async def test_a_port_answers_on_its_channel(protocols: tuple[str, ...]) -> None:
    socket = Socket(made(FakeContainers()), f"{FORWARD}?ports=81&ports=80", *protocols)
    came = await socket.run(b"\x02" + REQUEST[:9], b"\x02" + REQUEST[9:])
    assert socket.sent[0]["subprotocol"] == (protocols[1] if protocols else None)
    # Each channel begins with the number of its port.
    assert came[:4] == [b"\x00\x51\x00", b"\x01\x51\x00", b"\x02\x50\x00", b"\x03\x50\x00"]
    assert {each[0] for each in came[4:]} == {2}
    assert b"".join(each[1:] for each in came[4:]).partition(b"\r\n\r\n")[2] == b"/hello" * 40_000


async def test_a_closed_port_says_so_on_the_error_channel() -> None:
    socket = Socket(made(FakeContainers()), f"{FORWARD}?ports=81", "v4.channel.k8s.io")
    came = await socket.run(b"\x00" + REQUEST)
    assert came[2][0] == 1
    assert b"dial tcp4 127.0.0.1:81: connect: connection refused" in came[2]
    assert socket.sent[-1] == {"type": "websocket.close", "code": 1000}


async def test_channels_in_text() -> None:
    socket = Socket(made(FakeContainers()), f"{FORWARD}?ports=80", "v4.base64.channel.k8s.io")
    await socket.run(b"0" + base64.b64encode(REQUEST))
    texts = [each["text"] for each in socket.sent if each["type"] == "websocket.send"]
    assert [text[0] for text in texts[:2]] == ["0", "1"]
    body = b"".join(base64.b64decode(text[1:]) for text in texts[2:])
    assert body.endswith(b"/hello" * 40_000)


@pytest.mark.parametrize("query", ["", "?ports=", "?ports=http", "?ports=0", "?ports=70000"])
async def test_what_is_no_port_is_refused(query: str) -> None:
    socket = Socket(made(FakeContainers()), FORWARD + query, "v4.channel.k8s.io")
    await socket.run()
    assert socket.sent[0]["status"] == 400


@pytest.mark.parametrize("message", [b"", b"\x07lost", b"\x01error channels are read only", b"\xff"])
async def test_what_belongs_to_no_channel_is_passed_over(message: bytes) -> None:
    came = await Socket(made(FakeContainers()), f"{FORWARD}?ports=80", "v4.channel.k8s.io").run(message)
    assert len(came) == 2
