"""Listens on loopback: sockets, and uvicorn without its own way with signals."""

from __future__ import annotations

import contextlib
import socket
import ssl
from collections.abc import Callable, Iterator
from typing import Any

import uvicorn

from eks_lab.errors import UnavailableError

HOST = "127.0.0.1"
KEEP_ALIVE_SECONDS = 90
GOODBYE_SECONDS = 1
"""How long open requests may take when the process stops."""
BACKLOG = 512


def listen(wanted: int, *, is_required: bool = False, option: str = "--port") -> socket.socket:
    """Return a listening socket on loopback.

    Args:
        wanted: the port to try first; 0 takes any.
        is_required: True to refuse any other port.
        option: with which a learner asks for one, for the message.

    Raises:
        UnavailableError: the port is required and taken, or none is free.
    """
    for port in (wanted,) if is_required else (wanted, 0):
        try:
            found = socket.create_server((HOST, port), backlog=BACKLOG)
        except OSError as error:
            last = error
        else:
            # asyncio does this only for sockets it made itself; without it each answer may wait 40 ms.
            found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            return found
    raise UnavailableError(
        f"port {wanted} on {HOST} cannot be used: {last.strerror or last}",
        hint=f"Choose another one with {option}, or leave the option out: a free one is taken then.",
    )


class Server(uvicorn.Server):
    """uvicorn inside somebody else's event loop."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals to the process."""
        yield


class _TlsConfig(uvicorn.Config):
    """A configuration with a context that is there already."""

    def __init__(self, app: Callable[..., Any], context: ssl.SSLContext | None, **settings: Any) -> None:
        super().__init__(app, **settings)
        self._context = context

    def load(self) -> None:
        """Load, then put the context in."""
        super().load()
        self.ssl = self._context


def server_for(app: Callable[..., Any], context: ssl.SSLContext | None = None, **settings: Any) -> Server:
    """Return a server for an ASGI application.

    Answers leave whole: of a head without its body, Terraform's AWS provider sometimes closes the connection before it
    has read on ("use of closed network connection"), and calls again what has been done.

    Args:
        app: the application.
        context: for TLS; None serves plain HTTP.
        settings: further ones of `uvicorn.Config`.
    """
    # Not before somebody serves: whoever wants only the address of a sandbox imports this module, too.
    from eks_lab.sim.apiserver.tls_protocol import protocol_class

    config = _TlsConfig(
        app,
        context,
        log_config=None,
        access_log=False,
        server_header=False,
        interface="asgi3",
        proxy_headers=False,
        lifespan="off",
        http=protocol_class(),
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GOODBYE_SECONDS,
        **settings,
    )
    return Server(config)
