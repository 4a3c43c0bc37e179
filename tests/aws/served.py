"""The gateway of a small account on a loopback port, for real clients."""

from __future__ import annotations

import asyncio
import contextlib
import http.client
import socket
import threading
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import uvicorn
from botocore.config import Config
from botocore.session import Session

from tests.aws.account_fake import FakeAccount


class Served:
    """An account and where it answers."""

    def __init__(self, account: FakeAccount, url: str) -> None:
        self.account = account
        self.url = url

    def client(
        self,
        service: str,
        key: str = "test",
        secret: str = "test",
        token: str = "",
        region: str = "us-east-1",
        version: str = "",
    ) -> Any:
        """Return a client of botocore, as boto3 makes it, that tries once."""
        session = Session()
        session.set_credentials(key, secret, token or None)
        config = Config(
            retries={"max_attempts": 1, "mode": "standard"},
            s3={"addressing_style": "path"},
            signature_version=version or ("v4" if service != "s3" else "s3v4"),
            parameter_validation=False,
        )
        return session.create_client(service, region_name=region, endpoint_url=self.url, config=config)


@contextlib.contextmanager
def serve(account: FakeAccount) -> Iterator[Served]:
    """Serve an account from a thread for as long as the context lasts."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    listener.bind(("127.0.0.1", 0))
    # Who asks before the thread has come as far as to listen would be refused; now the request waits for it.
    listener.listen()
    config = uvicorn.Config(account.gateway, log_level="error", lifespan="off", ws="none", loop="asyncio")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve([listener])), daemon=True)
    thread.start()
    try:
        yield Served(account, f"http://127.0.0.1:{listener.getsockname()[1]}")
    finally:
        server.should_exit = True
        thread.join(60)
        listener.close()


def get(
    url: str, path: str, headers: dict[str, str] | None = None, method: str = "GET", body: bytes = b""
) -> Any:
    """Send one request as it stands; return status, body and headers."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
    try:
        connection.request(method, path, body or None, headers or {})
        answer = connection.getresponse()
        return answer.status, answer.read().decode(), dict(answer.headers)
    finally:
        connection.close()
