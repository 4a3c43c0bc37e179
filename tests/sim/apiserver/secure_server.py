"""A secured server over every built-in kind, on loopback with TLS, and kubectl to talk to it."""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import uvicorn

from eks_lab.clock import SimClock, SystemClock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.access import Handlers
from eks_lab.sim.apiserver.app import ApiServer, Observer
from eks_lab.sim.apiserver.authentication import BearerAuthenticator
from eks_lab.sim.apiserver.certificates import Authority, Pair, server_context
from eks_lab.sim.apiserver.container_runtime import ContainerRuntime, MetricsSource
from eks_lab.sim.apiserver.default_roles import bootstrap_access
from eks_lab.sim.apiserver.secured import install_admission, secured_server
from eks_lab.sim.apiserver.tls_protocol import protocol_class, websocket_protocol_class
from eks_lab.sim.apiserver.tokens import TokenAuthority, new_key
from eks_lab.sim.resources import builtin_resources
from eks_lab.sim.store import Store

BESIDE = Path(sys.executable).with_name("kubectl")
KUBECTL = str(BESIDE) if BESIDE.exists() else shutil.which("kubectl")
START = datetime(2026, 1, 1, 12, tzinfo=UTC)
REAL = SystemClock().now()
"""Certificates live in real time."""


@cache
def token_key() -> bytes:
    """Return one RSA key for all tests: making one takes a while."""
    return new_key()


@cache
def authority() -> Authority:
    """Return one certificate authority for all tests."""
    return Authority.create(REAL)


def full_api() -> Api:
    """Return an Api of every built-in kind with the default roles, and accounts in its two namespaces."""
    api = Api(Store(), SimClock(START), Ids(7), "1.36", builtin_resources("1.36"))
    for name in ("default", "kube-system"):
        api.create("namespaces", {"metadata": {"name": name}})
        api.create("serviceaccounts", {"metadata": {"name": "default", "namespace": name}})
    bootstrap_access(api)
    return api


class Secured:
    """Api and server, with what tests ask of them."""

    def __init__(
        self,
        handlers: Handlers | None = None,
        observer: Observer | None = None,
        bearers: tuple[BearerAuthenticator, ...] = (),
        containers: ContainerRuntime | None = None,
        metrics: MetricsSource | None = None,
    ) -> None:
        """Wire them."""
        self.api = full_api()
        self.rbac = install_admission(self.api)
        self.tokens = TokenAuthority(self.api, token_key())
        self.app: ApiServer = secured_server(
            self.api,
            self.rbac,
            self.tokens,
            bearers=bearers,
            containers=containers,
            metrics=metrics,
            handlers=handlers,
            observer=observer,
        )


class Kubectl:
    """Runs kubectl against one server as one user."""

    def __init__(self, address: str, home: Path, pair: Pair | None) -> None:
        """Write a kubeconfig."""
        self.home = home
        user: dict[str, str] = {}
        if pair is not None:
            user = {
                "client-certificate-data": b64encode(pair.certificate).decode(),
                "client-key-data": b64encode(pair.key).decode(),
            }
        data = b64encode(authority().pair.certificate).decode()
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "x",
            "clusters": [{"name": "x", "cluster": {"server": address, "certificate-authority-data": data}}],
            "users": [{"name": "x", "user": user}],
            "contexts": [{"name": "x", "context": {"cluster": "x", "user": "x"}}],
        }
        self.config = home / "kubeconfig"
        self.config.write_text(json.dumps(config))

    def command(self, *words: str) -> list[str]:
        """Return the words of a command."""
        return [str(KUBECTL), "--kubeconfig", str(self.config), "--request-timeout=20s", *words]

    @property
    def environment(self) -> dict[str, str]:
        """Return what it runs with."""
        return {**os.environ, "HOME": str(self.home), "KUBECACHEDIR": str(self.home / "cache")}

    def __call__(self, *words: str, stdin: str = "", code: int = 0) -> str:
        """Run it; returns stdout, or stderr when a failure is expected."""
        done = subprocess.run(
            self.command(*words),
            input=stdin,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout if code == 0 else done.stderr + done.stdout


@contextmanager
def served(app: ApiServer, folder: Path) -> Iterator[str]:
    """Serve over TLS; yields the address."""
    authority().pair.write(folder / "ca.pem", folder / "ca.key")
    authority().server(REAL).write(folder / "server.pem", folder / "server.key")
    config = uvicorn.Config(
        app,
        log_level="error",
        access_log=False,
        loop="asyncio",
        http=protocol_class(),
        ws=websocket_protocol_class(),
        ssl_certfile=str(folder / "server.pem"),
        ssl_keyfile=str(folder / "server.key"),
    )
    config.load()
    config.ssl = server_context(folder / "ca.pem", folder / "server.pem", folder / "server.key")
    listener = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],))
    thread.start()
    deadline = time.monotonic() + 10
    while not server.started and time.monotonic() < deadline:
        thread.join(0.01)
    try:
        yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
