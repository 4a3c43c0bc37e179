"""uvicorn's HTTP protocol, with the client's certificate in the ASGI scope.

ASGI's TLS extension (https://asgi.readthedocs.io/en/latest/specs/tls.html) names the place, `extensions.tls`;
uvicorn does not fill it in. Its protocols build the scope inside, from attributes of their own; here the
application they call is wrapped for each connection.
"""

from __future__ import annotations

import asyncio
import importlib.util
from collections.abc import Awaitable, Callable, Iterable, Mapping, MutableMapping
from typing import Any

from uvicorn.protocols.http.h11_impl import H11Protocol

from eks_lab.sim.objects import User

SCOPE_KEY = "eks_lab.client_certificate"
"""Where the scope holds the verified certificate as `ssl.SSLSocket.getpeercert` returns it."""

_OFFER = "Sec-WebSocket-Protocol"
_STATUS_LINE = b"HTTP/1.1 "
JOINED_BYTES = 65_536
"""Of a body that is sent in one piece with its head, at most."""


def peer_certificate(transport: asyncio.BaseTransport) -> Mapping[str, Any] | None:
    """Return the certificate that TLS verified on a connection, if the client has shown one."""
    certificate = transport.get_extra_info("peercert")
    return certificate or None


def _with_certificate(app: Any, certificate: Mapping[str, Any]) -> Callable[..., Awaitable[None]]:
    async def with_certificate(scope: MutableMapping[str, Any], receive: Any, send: Any) -> None:
        scope[SCOPE_KEY] = certificate
        await app(scope, receive, send)

    return with_certificate


class OneWrite:
    """A transport that sends the head of an answer together with the body that follows at once.

    uvicorn writes them one after the other; over TLS each is a record, a system call and a wake-up of the client, and
    most answers are small. A head that nothing follows, as of a watch, leaves in the same turn of the event loop.
    """

    __slots__ = ("_head", "_loop", "_transport")

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        """Stand before a transport."""
        self._transport = transport
        self._loop = loop
        self._head = b""

    def __getattr__(self, name: str) -> Any:
        """Leave everything else to the transport."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Send bytes, soon when they are the head of an answer."""
        if self._head and len(data) > JOINED_BYTES:
            # Copying a long list costs more than the record it saves.
            self.flush()
        elif self._head:
            data, self._head = self._head + data, b""
        elif data.startswith(_STATUS_LINE):
            self._head = data
            self._loop.call_soon(self.flush)
            return
        self._transport.write(data)

    def writelines(self, pieces: Iterable[bytes]) -> None:
        """Send pieces one after the other."""
        self.write(b"".join(pieces))

    def flush(self) -> None:
        """Send a head that waits."""
        if self._head:
            data, self._head = self._head, b""
            self._transport.write(data)

    def close(self) -> None:
        """Close, once everything is sent."""
        self.flush()
        self._transport.close()

    def write_eof(self) -> None:
        """Close the sending side, once everything is sent."""
        self.flush()
        self._transport.write_eof()


class CertificateH11Protocol(H11Protocol):
    """The protocol in Python, for machines without httptools."""

    def connection_made(self, transport: Any) -> None:
        """Remember who connected."""
        certificate = peer_certificate(transport)
        if certificate is not None:
            self.app = _with_certificate(self.app, certificate)
        super().connection_made(transport)


def protocol_class() -> type[asyncio.Protocol]:
    """Return the quickest protocol there is, to be passed to `uvicorn.Config(http=…)`."""
    if importlib.util.find_spec("httptools") is None:
        return CertificateH11Protocol
    from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

    class CertificateHttpToolsProtocol(HttpToolsProtocol):
        def connection_made(self, transport: Any) -> None:
            certificate = peer_certificate(transport)
            if certificate is not None:
                self.app = _with_certificate(self.app, certificate)
            super().connection_made(OneWrite(transport, self.loop))  # type: ignore[arg-type]

    return CertificateHttpToolsProtocol


def websocket_protocol_class() -> type[asyncio.Protocol]:
    """Return the same for WebSockets, to be passed to `uvicorn.Config(ws=…)`."""
    from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

    class CertificateWebSocketProtocol(WebSocketsSansIOProtocol):
        def connection_made(self, transport: Any) -> None:
            certificate = peer_certificate(transport)
            if certificate is not None:
                self.app = _with_certificate(self.app, certificate)
            super().connection_made(transport)

        def handle_connect(self, event: Any) -> None:
            # `SPDY/3.1+portforward.k8s.io` is no token of HTTP, and the library refuses a handshake that
            # offers it. Kubernetes' clients do: the header is taken out and put into the scope by hand.
            offered = [each.strip() for header in event.headers.get_all(_OFFER) for each in header.split(",")]
            if any("/" in each for each in offered):
                del event.headers[_OFFER]
            else:
                offered = []
            super().handle_connect(event)
            if offered and self.response.status_code == 101:
                self.scope["subprotocols"] = offered

    return CertificateWebSocketProtocol


def user_of(certificate: Mapping[str, Any]) -> User | None:
    """Return the user that a certificate names: CN and O; None without a CN.

    Args:
        certificate: as `ssl.SSLSocket.getpeercert` returns it.
    """
    fields = [pair for relative in certificate.get("subject", ()) for pair in relative]
    name = next((value for field, value in fields if field == "commonName"), "")
    groups = tuple(value for field, value in fields if field == "organizationName")
    return User(name, groups) if name else None
