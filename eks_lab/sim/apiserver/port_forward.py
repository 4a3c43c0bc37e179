"""port-forward: SPDY streams inside of a WebSocket (KEP-4006, `SPDY/3.1+portforward.k8s.io`), or its channels.

A client opens two streams for each connection, `error` and `data`; what comes on the data stream is taken for
HTTP and answered by the pod's behaviour. Other protocols get no answer. The older way, which the Python client goes,
names the ports in the query and has two channels of the WebSocket for each (pkg/kubelet/cri/streaming/portforward).
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver import spdy
from eks_lab.sim.apiserver.access import Call, Handlers
from eks_lab.sim.apiserver.answers import Answer, Receive, Send
from eks_lab.sim.apiserver.channels import offered_protocols
from eks_lab.sim.apiserver.container_runtime import ContainerRuntime
from eks_lab.sim.objects import Key, Obj, bad_request, not_simulated, uid_of

PROTOCOL = "SPDY/3.1+portforward.k8s.io"
INNER_PROTOCOL = "portforward.k8s.io"
CHANNELS = "v4.channel.k8s.io"
CHANNELS_IN_TEXT = "v4.base64.channel.k8s.io"
UNNAMED = ""
"""Who names no protocol gets binary channels."""
PIECE = 32_768

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)


@dataclass(slots=True)
class _Stream:
    kind: str
    """error or data."""
    port: int
    request: str
    """Connects the two streams of one connection."""
    received: bytearray = field(default_factory=bytearray)


class PortForward:
    """Serves port-forward."""

    def __init__(self, api: Api, runtime: ContainerRuntime) -> None:
        """Wire it up.

        Args:
            api: where pods are.
            runtime: answers requests to ports.
        """
        self._api = api
        self._runtime = runtime

    def register(self, handlers: Handlers) -> None:
        """Serve the subresource; over HTTP only to say what is wrong."""
        handlers.register_socket("pods", "portforward", self.forward)
        for verb in ("create", "get"):
            handlers.register("pods", "portforward", verb, self.refuse)

    async def refuse(self, call: Call) -> Answer:
        """Answer a client that does not speak WebSocket.

        Raises:
            ApiError: always; what is wrong with the pod goes first.
        """
        self._target(call)
        raise not_simulated(
            f"pods/portforward over {call.request.headers.get('upgrade') or 'plain HTTP'}",
            "WebSocket, which kubectl 1.31 and later uses",
            "the kube-apiserver still takes SPDY/3.1 as well.",
        )

    def _target(self, call: Call) -> Obj:
        pod = self._api.read("pods", Key(call.namespace, call.name))
        if not pod["spec"].get("nodeName"):
            raise bad_request(f"pod {call.name} does not have a host assigned")
        return pod

    async def forward(self, call: Call, receive: Receive, send: Send) -> None:
        """Serve a WebSocket until the client goes.

        Raises:
            ApiError: before the WebSocket is accepted.
        """
        pod = self._target(call)
        offered = offered_protocols(call.request.scope)
        if PROTOCOL not in offered:
            channels = [
                each for each in offered or (UNNAMED,) if each in (UNNAMED, CHANNELS, CHANNELS_IN_TEXT)
            ]
            if channels:
                await self._forward_channels(call, uid_of(pod), channels[0], receive, send)
                return
            raise bad_request(
                f"unable to upgrade: the server speaks {PROTOCOL}, the client {', '.join(offered) or 'nothing'}"
            )
        await receive()
        await send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        connection = _Connection(Key(call.namespace, call.name), uid_of(pod), self._runtime)
        while True:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            try:
                answers = connection.feed(message.get("bytes") or b"")
            except spdy.SpdyError:
                await send({"type": "websocket.close", "code": 1002})
                return
            for answer in answers:
                await send({"type": "websocket.send", "bytes": answer})
            if connection.is_closed:
                await send({"type": "websocket.close", "code": 1000})
                return

    async def _forward_channels(
        self, call: Call, uid: str, protocol: str, receive: Receive, send: Send
    ) -> None:
        """Serve the ports of the query, each with a channel for data and one for errors."""
        ports = _ports(call)
        in_text = protocol == CHANNELS_IN_TEXT
        await receive()
        await send({"type": "websocket.accept", "subprotocol": protocol or None})
        received = {2 * number: bytearray() for number in range(len(ports))}

        async def write(channel: int, data: bytes) -> None:
            if in_text:
                text = str(channel) + base64.b64encode(data).decode("ascii")
                await send({"type": "websocket.send", "text": text})
            else:
                await send({"type": "websocket.send", "bytes": bytes((channel,)) + data})

        for number, port in enumerate(ports):
            for channel in (2 * number, 2 * number + 1):
                await write(channel, port.to_bytes(2, "little"))
        while received:
            message = await receive()
            if message["type"] == "websocket.disconnect":
                return
            channel, data = _channel_data(message, in_text=in_text)
            waiting = received.get(channel)
            if waiting is None:
                continue
            port = ports[channel // 2]
            waiting += data
            while (request := _whole_request(bytes(waiting))) is not None:
                del waiting[: len(request)]
                answer = self._runtime.serve(Key(call.namespace, call.name), port, request)
                if answer is None:
                    await write(channel + 1, _unreachable(port, uid).encode())
                    del received[channel]
                    break
                for start in range(0, len(answer), PIECE):
                    await write(channel, answer[start : start + PIECE])
                if _closes(answer) or _closes(request):
                    del received[channel]
                    break
        await send({"type": "websocket.close", "code": 1000})


def _ports(call: Call) -> list[int]:
    """Return the ports that a query names.

    Raises:
        ApiError: 400, there is none, or it is no port.
    """
    texts = [each for value in call.request.query.get("ports") or () for each in value.split(",")]
    if not texts:
        raise bad_request('query parameter "port" is required')
    for text in texts:
        if not (text.isascii() and text.isdecimal() and 0 < int(text) < 65_536):
            raise bad_request(f"unable to parse {text!r} as a port")
    return [int(text) for text in texts]


def _channel_data(message: Mapping[str, Any], *, in_text: bool) -> tuple[int, bytes]:
    """Return channel and content of a WebSocket message; -1 when it has neither."""
    if in_text:
        text = message.get("text") or (message.get("bytes") or b"").decode("latin-1")
        if not text[:1].isdecimal():
            return -1, b""
        try:
            return int(text[0]), base64.b64decode(text[1:])
        except ValueError:
            return -1, b""
    data = message.get("bytes") or (message.get("text") or "").encode("latin-1", "replace")
    return (data[0], data[1:]) if data else (-1, b"")


class _Connection:
    """The streams of one client."""

    def __init__(self, pod: Key, uid: str, runtime: ContainerRuntime) -> None:
        self._pod = pod
        self._uid = uid
        self._runtime = runtime
        self._reader = spdy.Reader()
        self._writer = spdy.Writer()
        self._streams: dict[int, _Stream] = {}
        self.is_closed = False

    def feed(self, data: bytes) -> list[bytes]:
        """Return what goes back for what came."""
        out: list[bytes] = []
        for frame in self._reader.feed(data):
            match frame.kind:
                case spdy.SYN_STREAM:
                    out += self._open(frame)
                case 0:
                    out += self._take(frame)
                case spdy.PING:
                    out.append(spdy.control(spdy.PING, frame.data))
                case spdy.RST_STREAM:
                    self._streams.pop(frame.stream, None)
                case spdy.GOAWAY:
                    self.is_closed = True
                case _:
                    # SETTINGS and WINDOW_UPDATE: spdystream, the client's library, does no flow control.
                    continue
        return out

    def _open(self, frame: spdy.Frame) -> list[bytes]:
        headers = frame.headers or {}
        port = headers.get("port", "")
        kind = headers.get("streamtype", "")
        if not port.isdecimal() or kind not in ("error", "data"):
            # Status 3 of RST_STREAM: refused.
            return [spdy.control(spdy.RST_STREAM, frame.stream.to_bytes(4, "big") + (3).to_bytes(4, "big"))]
        self._streams[frame.stream] = _Stream(kind, int(port), headers.get("requestid", ""))
        return [self._writer.reply(frame.stream)]

    def _take(self, frame: spdy.Frame) -> list[bytes]:
        stream = self._streams.get(frame.stream)
        if stream is None or stream.kind != "data":
            return []
        stream.received += frame.data
        out: list[bytes] = []
        while stream.received:
            request = _whole_request(bytes(stream.received))
            if request is None:
                break
            del stream.received[: len(request)]
            answer = self._runtime.serve(self._pod, stream.port, request)
            if answer is None:
                return out + self._fail(frame.stream, stream)
            out += [
                spdy.data_frame(frame.stream, answer[start : start + PIECE])
                for start in range(0, len(answer), PIECE)
            ]
            if _closes(answer) or _closes(request):
                return out + self._end(frame.stream)
        if frame.flags & spdy.FIN:
            out += self._end(frame.stream)
        return out

    def _end(self, number: int) -> list[bytes]:
        """Finish a data stream and the error stream beside it."""
        stream = self._streams.pop(number, None)
        beside = self._beside(stream) if stream else None
        out = [spdy.data_frame(number, b"", is_last=True)]
        if beside is not None:
            self._streams.pop(beside)
            out.append(spdy.data_frame(beside, b"", is_last=True))
        return out

    def _fail(self, number: int, stream: _Stream) -> list[bytes]:
        text = _unreachable(stream.port, self._uid)
        beside = self._beside(stream)
        out = [spdy.data_frame(beside, text.encode())] if beside is not None else []
        return out + self._end(number)

    def _beside(self, stream: _Stream) -> int | None:
        """Return the error stream of a data stream."""
        return next(
            (
                number
                for number, each in self._streams.items()
                if each.kind == "error" and each.request == stream.request
            ),
            None,
        )


def _unreachable(port: int, uid: str) -> str:
    """Return what the error stream says when nothing listens."""
    return (
        f"error forwarding port {port} to pod {uid}, uid : failed to execute portforward in network "
        f"namespace: failed to connect to localhost:{port} inside namespace "
        f'"{uid}", IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused'
    )


def _whole_request(received: bytes) -> bytes | None:
    """Return the first HTTP request when all of it is there."""
    head, separator, _ = received.partition(b"\r\n\r\n")
    if not separator:
        return None
    found = _LENGTH.search(head)
    length = len(head) + 4 + (int(found[1]) if found else 0)
    return received[:length] if len(received) >= length else None


def _closes(message: bytes) -> bool:
    return b"\r\nconnection: close" in message.partition(b"\r\n\r\n")[0].lower()
