"""The head of an answer leaves with its body, and alone when no body follows."""

from __future__ import annotations

import asyncio

from eks_lab.sim.apiserver.tls_protocol import OneWrite

HEAD = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n"


class Wire:
    """A transport that remembers each write."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []
        self.is_closed = False

    def write(self, data: bytes) -> None:
        assert not self.is_closed
        self.sent.append(data)

    def close(self) -> None:
        self.is_closed = True

    def get_extra_info(self, name: str) -> str:
        return f"the {name}"


def sent(*writes: bytes, turns: int = 0, close: bool = False) -> list[bytes]:
    """Return what reaches the wire after so many turns of the event loop."""

    async def play() -> list[bytes]:
        wire = Wire()
        transport = OneWrite(wire, asyncio.get_running_loop())
        for each in writes:
            transport.write(each)
        if close:
            transport.close()
            assert wire.is_closed
        for _ in range(turns):
            await asyncio.sleep(0)
        return list(wire.sent)

    return asyncio.run(play())


def test_head_and_body_are_one_write() -> None:
    assert sent(HEAD, b"ok", turns=2) == [HEAD + b"ok"]


def test_later_pieces_go_by_themselves() -> None:
    assert sent(HEAD, b"one", b"two") == [HEAD + b"one", b"two"]


def test_a_head_alone_leaves_in_the_same_turn() -> None:
    assert sent(HEAD) == []
    assert sent(HEAD, turns=1) == [HEAD]


def test_two_answers_keep_their_order() -> None:
    assert sent(HEAD, b"ok", HEAD, b"on", turns=1) == [HEAD + b"ok", HEAD + b"on"]


def test_closing_sends_the_head_first() -> None:
    assert sent(HEAD, close=True) == [HEAD]


def test_everything_else_is_asked_of_the_transport() -> None:
    async def ask() -> str:
        name: str = OneWrite(Wire(), asyncio.get_running_loop()).get_extra_info("peercert")
        return name

    assert asyncio.run(ask()) == "the peercert"
