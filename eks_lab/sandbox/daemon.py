"""The sandbox process: one event loop for the API server, the control API, the driver and the journal."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import orjson

from eks_lab import __version__
from eks_lab.clock import Clock
from eks_lab.errors import InputError
from eks_lab.sandbox import credentials, journal_format, serving
from eks_lab.sandbox.audit_file import AuditFile
from eks_lab.sandbox.control import ControlApi
from eks_lab.sandbox.journal import Journal
from eks_lab.sandbox.kubeconfig import kubeconfig
from eks_lab.sandbox.observation import Observation
from eks_lab.sandbox.process_identity import identity_of
from eks_lab.sandbox.state_directory import StateDirectory, write_private
from eks_lab.sim.apiserver.secured import secured_server
from eks_lab.sim.apiserver.tls_protocol import protocol_class, websocket_protocol_class
from eks_lab.sim.cluster import Cluster, ClusterIdentity, ClusterOptions
from eks_lab.sim.container_access import ContainerAccess
from eks_lab.sim.driver import Advanced, Driver, format_speed, parse_speed
from eks_lab.sim.happenings import Happening, happening_of
from eks_lab.sim.objects import condition_of
from eks_lab.sim.store import StoreEvent

logger = logging.getLogger(__name__)

PREFERRED_PORT = 6443


@dataclass(frozen=True, slots=True)
class Wishes:
    """What `sandbox up` asked for; None means: as it was, or the default."""

    nodes: int | None = None
    instance: str | None = None
    version: str | None = None
    seed: int | None = None
    speed: str = "1x"
    port: int | None = None
    """Of the API server; None takes the last one, 6443, or any."""

    def options(self, base: ClusterOptions) -> ClusterOptions:
        """Return options with the wishes put in."""
        named: dict[str, Any] = {
            "nodes": self.nodes,
            "instance": self.instance,
            "version": self.version,
            "seed": self.seed,
        }
        return replace(base, **{name: value for name, value in named.items() if value is not None})


class Sandbox:
    """Everything that runs in the process."""

    def __init__(self, directory: StateDirectory, clock: Clock, wishes: Wishes) -> None:
        """Read what is kept, or begin a new cluster.

        Args:
            directory: made already, and locked.
            clock: wall time: where the simulated time of a new cluster begins.
            wishes: of the command line.

        Raises:
            EksLabError: the wishes cannot be had, or the kept state cannot be used.
        """
        self._directory = directory
        self._clock = clock
        self._speed = parse_speed(wishes.speed)
        recovered = journal_format.recover(directory.cluster)
        self.notices = recovered.notices
        for notice in recovered.notices:
            logger.warning("%s", notice)
        self.is_new = recovered.state is None
        kept = recovered.state
        options = wishes.options(kept.options if kept else ClusterOptions())
        options.check()
        if kept is not None and options != kept.options:
            raise _different(kept.options, options)
        self.instance = secrets.token_hex(8)
        self.token = secrets.token_urlsafe(32)
        self.ports: dict[str, int] = {}
        self._stopping = asyncio.Event()
        self._listeners: list[Callable[[Happening], None]] = []
        self._credentials = credentials.prepared(directory.certificates, clock.now())
        self._journal = Journal(directory.cluster, recovered.generation)
        self._audit = AuditFile(directory.audit)
        self.cluster = Cluster(options, clock.now(), kept, self._identity())
        if kept is None:
            self.cluster.bootstrap()
        self._wire()

    def _identity(self) -> ClusterIdentity:
        return ClusterIdentity(self._credentials.authority.decode("ascii"), self._credentials.token_key)

    def _wire(self) -> None:
        """Build what hangs on the cluster: driver and API server."""
        cluster = self.cluster
        self.driver = Driver(cluster, time.monotonic, self._speed)
        access = ContainerAccess(
            cluster.api,
            cluster.kubelet,
            lambda key: cluster.runtime.enqueue(cluster.kubelet.name, key),
            lambda: self.driver.catch_up(),
        )
        self._observation = Observation(cluster, self._audit, time.perf_counter)
        self.server = secured_server(
            cluster.api,
            cluster.rbac,
            cluster.tokens,
            containers=access,
            metrics=access,
            handlers=self._observation.handlers(access),
            observer=self._observation,
        )
        self._observation.attach(self.server)
        cluster.store.subscribe(self._tell)

    # --- running ---------------------------------------------------------------------------------------------

    async def run(self, wishes: Wishes, ready: Callable[[dict[str, Any]], None]) -> None:
        """Serve until somebody says stop.

        Args:
            wishes: for the port.
            ready: called once, when clients can connect.

        Raises:
            EksLabError: a port or a file cannot be had.
        """
        directory = self._directory
        remembered = _remembered_port(directory)
        api_socket = serving.listen(
            wishes.port if wishes.port is not None else remembered or PREFERRED_PORT,
            is_required=wishes.port is not None,
        )
        control_socket = serving.listen(0)
        self.ports = {"api": api_socket.getsockname()[1], "control": control_socket.getsockname()[1]}
        await self._journal.begin(self.cluster, is_new=self.is_new)
        self._write_files()
        servers = (
            serving.server_for(
                self._serve, self._credentials.context, http=protocol_class(), ws=websocket_protocol_class()
            ),
            serving.server_for(ControlApi(self, self.token), ws="none"),
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, self.stop)
        self._driving = self._drive()
        tasks = [
            asyncio.create_task(self._journal.run()),
            asyncio.create_task(servers[0].serve([api_socket])),
            asyncio.create_task(servers[1].serve([control_socket])),
        ]
        auditing = asyncio.create_task(self._audit.run())
        while not all(each.started for each in servers):
            await asyncio.sleep(0.001)
        ready(self.status())
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        logger.info("stopping")
        self.driver.stop()
        self.server.watches.close()
        for each in servers:
            each.should_exit = True
        await asyncio.gather(*tasks[1:], self._driving, return_exceptions=True)
        tasks[0].cancel()
        stopping.cancel()
        await asyncio.gather(tasks[0], stopping, return_exceptions=True)
        await self._journal.close()
        auditing.cancel()
        await asyncio.gather(auditing, return_exceptions=True)
        self._audit.close()
        directory.process.unlink(missing_ok=True)

    def _drive(self) -> asyncio.Task[None]:
        """Let simulated time run; should that fail, the process ends instead of standing still."""

        def has_ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and task.exception() is not None:
                logger.error("the driver failed", exc_info=task.exception())
                self.stop()

        task = asyncio.create_task(self.driver.run())
        task.add_done_callback(has_ended)
        return task

    async def _serve(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """Bring simulated time up to date, then let the API server answer."""
        self.driver.catch_up()
        await self._observation.serve(self.server, scope, receive, send)

    def _write_files(self) -> None:
        directory = self._directory
        write_private(directory.token, self.token.encode())
        write_private(directory.ports, orjson.dumps({"api": self.ports["api"]}))
        server = f"https://{serving.HOST}:{self.ports['api']}"
        write_private(
            directory.kubeconfig,
            kubeconfig(server, self._credentials.authority, self._credentials.kubeconfig_user()),
        )
        process = {
            "pid": os.getpid(),
            "identity": identity_of(os.getpid()),
            "instance": self.instance,
            "ports": self.ports,
            "version": __version__,
        }
        write_private(directory.process, orjson.dumps(process))

    # --- what the control API asks for -----------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """Return what runs, as JSON values."""
        cluster, store = self.cluster, self.cluster.store
        nodes = store.items("nodes")
        pods = store.items("pods")
        phases: dict[str, int] = {}
        for pod in pods:
            phase = (pod.get("status") or {}).get("phase", "Pending")
            phases[phase] = phases.get(phase, 0) + 1
        return {
            "running": True,
            "pid": os.getpid(),
            "instance": self.instance,
            "program": __version__,
            "server": f"https://{serving.HOST}:{self.ports['api']}",
            "ports": self.ports,
            "kubeconfig": str(self._directory.kubeconfig),
            "options": asdict(cluster.options),
            "speed": format_speed(self.driver.speed),
            "advancing_to": self.driver.advancing_to.isoformat() if self.driver.advancing_to else "",
            "now": cluster.clock.now().isoformat(),
            "revision": store.revision,
            "nodes": {
                "ready": sum((condition_of(each, "Ready") or {}).get("status") == "True" for each in nodes),
                "all": len(nodes),
            },
            "pods": {"all": len(pods), "phases": dict(sorted(phases.items()))},
            "is_new": self.is_new,
            "notices": [*self.notices, *filter(None, (self._journal.trouble, self._audit.trouble))],
        }

    async def advance(self, by: timedelta) -> Advanced:
        """Play simulated time at once."""
        return await self.driver.advance(by)

    def cancel_advance(self) -> bool:
        """End the advance that is under way; say whether there was one."""
        return self.driver.cancel_advance()

    def set_speed(self, text: str) -> None:
        """Go on at another speed; it stays after a reset."""
        self._speed = parse_speed(text)
        self.driver.set_speed(self._speed)

    async def snapshot(self) -> None:
        """Write everything to disk now."""
        await self._journal.compact()

    async def reset(self, wishes: Mapping[str, Any]) -> None:
        """Begin anew with the same options, or with others.

        Args:
            wishes: `nodes`, `instance`, `version`, `seed`; what is missing or null stays.

        Raises:
            InputError: an option is unknown or cannot be had.
        """
        options = _wished(wishes).options(self.cluster.options)
        options.check()
        cluster = Cluster(options, self._clock.now(), None, self._identity())
        cluster.bootstrap()
        self.driver.stop()
        self.server.watches.close()
        await self._driving
        self.cluster, self.is_new, self.notices = cluster, True, ()
        self._wire()
        await self._journal.begin(cluster, is_new=True)
        self._driving = self._drive()

    def stop(self) -> None:
        """End the process in good order."""
        self._stopping.set()

    def follow(self, listener: Callable[[Happening], None]) -> Callable[[], None]:
        """Call a function for everything that happens; return what ends it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def _tell(self, event: StoreEvent) -> None:
        if not self._listeners:
            return
        happening = happening_of(event, self.cluster.clock.now())
        if happening is not None:
            for listener in tuple(self._listeners):
                listener(happening)


def _wished(document: Mapping[str, Any]) -> Wishes:
    kinds: dict[str, type] = {"nodes": int, "instance": str, "version": str, "seed": int}
    for name, value in document.items():
        if name not in kinds:
            raise InputError(f"{name}: there is no such option", hint=f"There are: {', '.join(kinds)}.")
        if value is not None and (not isinstance(value, kinds[name]) or isinstance(value, bool)):
            raise InputError(f"{name}: {value!r} is not what it should be")
    return Wishes(**document)


def _different(kept: ClusterOptions, wanted: ClusterOptions) -> InputError:
    before, after = asdict(kept), asdict(wanted)
    changed = [f"{name} {before[name]}" for name in before if before[name] != after[name]]
    options = " ".join(f"--{name} {after[name]}" for name in before if before[name] != after[name])
    return InputError(
        f"a cluster with {' and '.join(changed)} is kept already",
        hint=f"Go on with it: eks-lab sandbox up. Begin anew: eks-lab sandbox reset {options}",
    )


def _remembered_port(directory: StateDirectory) -> int:
    try:
        port = orjson.loads(directory.ports.read_bytes())["api"]
    except (OSError, ValueError, KeyError, TypeError):
        return 0
    return port if isinstance(port, int) and 0 < port < 65536 else 0
