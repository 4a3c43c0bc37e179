"""Serves the control planes of a sandbox: each on its own port, with its own keys, audit log and servers."""

from __future__ import annotations

import asyncio
import logging
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from eks_lab.clock import Clock
from eks_lab.sandbox import credentials, serving
from eks_lab.sandbox.audit_file import AuditFile
from eks_lab.sandbox.credentials import Credentials
from eks_lab.sandbox.kubeconfig import encoded
from eks_lab.sandbox.observation import Observation
from eks_lab.sandbox.state_directory import StateDirectory, write_private
from eks_lab.sim.apiserver.access import AccessRequest, Authorizer
from eks_lab.sim.apiserver.app import ApiServer
from eks_lab.sim.apiserver.authentication import BearerAuthenticator
from eks_lab.sim.apiserver.secured import secured_server
from eks_lab.sim.apiserver.tls_protocol import websocket_protocol_class
from eks_lab.sim.cluster import Cluster, ClusterIdentity
from eks_lab.sim.container_access import ContainerAccess
from eks_lab.sim.objects import User

logger = logging.getLogger(__name__)

PREFERRED_PORT = 6443
AWS_PORT = 4566
"""LocalStack's, so that awslocal, tflocal and localstack-client find it."""


@dataclass(frozen=True, slots=True)
class Registered:
    """A real cluster that stands where the base cluster would."""

    server: str
    """`https://127.0.0.1:40123`."""
    authority: str
    """Certificate of its authority, PEM in base64."""


@dataclass(slots=True)
class Served:
    """One control plane behind its port; the cluster in it may be replaced."""

    name: str
    socket: socket.socket
    audit: AuditFile
    app: ApiServer
    observation: Observation
    server: serving.Server
    tasks: list[asyncio.Task[Any]] = field(default_factory=list)

    @property
    def port(self) -> int:
        """Return the port on loopback."""
        port: int = self.socket.getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Return the endpoint."""
        return f"https://{serving.HOST}:{self.port}"


class ClusterHosting:
    """Implements what a world asks of its host; see `eks_lab.aws.world.Hosting`."""

    def __init__(
        self,
        directory: StateDirectory,
        wall: Clock,
        *,
        base: str,
        port: int | None = None,
        catch_up: Callable[[], object],
        changed: Callable[[str, Cluster | None], None],
        registered: Registered | None = None,
    ) -> None:
        """Name the place; nothing is served before `start`.

        Args:
            directory: of the sandbox.
            wall: wall time, for certificates.
            base: name of the cluster that takes the preferred port and stands in the kubeconfig.
            port: that this one must have; None takes the last one, 6443, or any.
            catch_up: brings simulated time up to date; called before each request.
            changed: told of a cluster that is to be kept from now on, or, with None, no more.
            registered: named to clients in place of the base cluster.
        """
        self._registered = registered
        self._directory = directory
        self._wall = wall
        self._base = base
        self._port = port
        self._catch_up = catch_up
        self._changed = changed
        self.listener: Callable[[User | None, AccessRequest, int, bool], None] | None = None
        """Told of every request to a cluster: who asked, for what, the status of the answer, and whether only as a dry run."""
        self._credentials: dict[str, Credentials] = {}
        self._served: dict[str, Served] = {}
        self._is_started = False
        self._remembered = _remembered(directory)
        self._aws_port = remembered_aws_port(directory)

    # --- what a world asks for -------------------------------------------------------------------------------

    def identity(self, name: str) -> ClusterIdentity:
        """Return what proves who a cluster is; made when it is new."""
        kept = self.credentials(name)
        return ClusterIdentity(kept.authority.decode("ascii"), kept.token_key)

    def credentials(self, name: str) -> Credentials:
        """Return the keys of a cluster; made when it is new."""
        if name not in self._credentials:
            folder = self._directory.certificates_of(name, self._base)
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._credentials[name] = credentials.prepared(folder, self._wall.now())
        return self._credentials[name]

    def certificate_authority(self, name: str) -> str:
        """Return the certificate of a cluster's authority, PEM in base64."""
        if self._registered is not None and name == self._base:
            return self._registered.authority
        return encoded(self.credentials(name).authority)

    def open(
        self,
        name: str,
        cluster: Cluster,
        bearers: Sequence[BearerAuthenticator] = (),
        authorizers: Sequence[Authorizer] = (),
    ) -> str:
        """Serve a cluster, in place of one of the same name.

        Args:
            name: of the cluster.
            cluster: that answers from now on.
            bearers: further kinds of tokens.
            authorizers: asked before RBAC.

        Returns:
            Its URL.

        Raises:
            UnavailableError: no port can be had.
        """
        served = self._served.get(name)
        audit = served.audit if served else AuditFile(self._directory.audit_of(name, self._base))
        access = ContainerAccess(
            cluster.api,
            cluster.kubelet,
            lambda key: cluster.runtime.enqueue(cluster.kubelet.name, key),
            self._catch_up,
        )
        observation = Observation(cluster, audit, time.perf_counter)
        observation.listener = self.listener
        app = secured_server(
            cluster.api,
            cluster.rbac,
            cluster.tokens,
            bearers=bearers,
            authorizers=authorizers,
            containers=access,
            metrics=access,
            handlers=observation.handlers(access),
            observer=observation,
        )
        observation.attach(app)
        if served is not None:
            served.app.watches.close()
            served.app, served.observation = app, observation
        else:
            served = self._new(name, audit, app, observation)
            if self._is_started:
                self._start(served)
                # A kubeconfig of this cluster has to be good after a crash, too.
                self.remember(self._aws_port)
        self._changed(name, cluster)
        return self.url(name)

    def _new(self, name: str, audit: AuditFile, app: ApiServer, observation: Observation) -> Served:
        is_base = name == self._base
        wanted = self._port if is_base and self._port is not None else self._remembered.get(name, 0)
        if is_base and self._port is None and not wanted:
            wanted = PREFERRED_PORT
        listening = serving.listen(wanted, is_required=is_base and self._port is not None)

        async def answer(scope: Mapping[str, Any], receive: Any, send: Any) -> None:
            # Simulated time first: the answer is of this moment.
            self._catch_up()
            current = self._served[name]
            await current.observation.serve(current.app, scope, receive, send)

        server = serving.server_for(answer, self.credentials(name).context, ws=websocket_protocol_class())
        served = self._served[name] = Served(name, listening, audit, app, observation, server)
        return served

    def close(self, name: str) -> None:
        """Serve a cluster no more and forget its keys."""
        served = self._served.pop(name, None)
        self._credentials.pop(name, None)
        self._remembered.pop(name, None)
        self._changed(name, None)
        if served is not None:
            served.app.watches.close()
            served.server.should_exit = True
            for task in served.tasks[1:]:
                task.cancel()
            if not served.tasks:
                served.socket.close()
            served.audit.close()

    # --- running ---------------------------------------------------------------------------------------------

    @property
    def ports(self) -> dict[str, int]:
        """Return name -> port of every cluster that is served."""
        return {name: each.port for name, each in self._served.items()}

    def url(self, name: str) -> str:
        """Return the endpoint of a cluster; empty when it is not served."""
        if self._registered is not None and name == self._base and name in self._served:
            return self._registered.server
        return self._served[name].url if name in self._served else ""

    @property
    def watching(self) -> int:
        """Return how many watches are open."""
        return sum(each.app.watches.count for each in self._served.values())

    @property
    def troubles(self) -> list[str]:
        """Return what cannot be written at present."""
        return [each.audit.trouble for each in self._served.values() if each.audit.trouble]

    async def start(self) -> None:
        """Answer clients from now on; returns when they can connect."""
        self._is_started = True
        for served in self._served.values():
            self._start(served)
        while not all(each.server.started for each in self._served.values()):
            await asyncio.sleep(0.001)

    def _start(self, served: Served) -> None:
        served.tasks = [
            asyncio.create_task(served.server.serve([served.socket])),
            asyncio.create_task(served.audit.run()),
        ]

    def close_watches(self) -> None:
        """End every watch, so that clients list again or go."""
        for served in self._served.values():
            served.app.watches.close()

    async def stop(self) -> None:
        """Answer nobody any more."""
        self.close_watches()
        for served in self._served.values():
            served.server.should_exit = True
        await asyncio.gather(
            *(each.tasks[0] for each in self._served.values() if each.tasks), return_exceptions=True
        )
        for served in self._served.values():
            for task in served.tasks[1:]:
                task.cancel()
            await asyncio.gather(*served.tasks[1:], return_exceptions=True)
            served.audit.close()

    def remember(self, aws_port: int) -> None:
        """Write ports down, so that a kubeconfig stays good over a restart."""
        self._aws_port = aws_port
        ports = {"clusters": {**self._remembered, **self.ports}, "aws": aws_port}
        write_private(self._directory.ports, orjson.dumps(ports))


def remembered_aws_port(directory: StateDirectory) -> int:
    """Return the port the AWS API had last; LocalStack's when it had none."""
    port = _ports(directory).get("aws")
    return port if isinstance(port, int) and 0 < port < 65536 else AWS_PORT


def _remembered(directory: StateDirectory) -> dict[str, int]:
    clusters = _ports(directory).get("clusters")
    if not isinstance(clusters, dict):
        return {}
    return {name: port for name, port in clusters.items() if isinstance(port, int) and 0 < port < 65536}


def _ports(directory: StateDirectory) -> dict[str, Any]:
    try:
        document = orjson.loads(directory.ports.read_bytes())
    except (OSError, ValueError):
        return {}
    return document if isinstance(document, dict) else {}
