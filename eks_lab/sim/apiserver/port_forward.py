"""port-forward: SPDY streams inside of a WebSocket (KEP-4006, `SPDY/3.1+portforward.k8s.io`).

A client opens two streams for each connection, `error` and `data`; what comes on the data stream is taken for
HTTP and answered by the pod's behaviour. Other protocols get no answer.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver import spdy
from eks_lab.sim.apiserver.access import Call, Handlers
from eks_lab.sim.apiserver.answers import Answer, Receive, Send
from eks_lab.sim.apiserver.channels import offered_protocols
from eks_lab.sim.apiserver.container_runtime import ContainerRuntime
from eks_lab.sim.objects import Key, Obj, bad_request, not_simulated, uid_of

PROTOCOL = "SPDY/3.1+portforward.k8s.io"
INNER_PROTOCOL = "portforward.k8s.io"
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
        port = stream.port
        text = (
            f"error forwarding port {port} to pod {self._uid}, uid : failed to execute portforward in network "
            f"namespace: failed to connect to localhost:{port} inside namespace "
            f'"{self._uid}", IPv4: dial tcp4 127.0.0.1:{port}: connect: connection refused'
        )
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
