"""The sandbox process: one event loop for the account, its clusters, the control API, the driver and the journal."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import secrets
import signal
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from typing import Any

import orjson

from eks_lab import __version__
from eks_lab.aws.world import BASE_CLUSTER, World, WorldState
from eks_lab.clock import Clock
from eks_lab.errors import InputError
from eks_lab.sandbox import serving
from eks_lab.sandbox.armed_faults import ArmedFaults
from eks_lab.sandbox.control import ControlApi
from eks_lab.sandbox.environment import write_environment
from eks_lab.sandbox.hosting import ClusterHosting, Registered, remembered_aws_port
from eks_lab.sandbox.keeping import Keeper
from eks_lab.sandbox.kubeconfig import kubeconfig
from eks_lab.sandbox.laboratory import Laboratory
from eks_lab.sandbox.process_identity import identity_of
from eks_lab.sandbox.state_directory import StateDirectory, write_private
from eks_lab.sim.cluster import Cluster, ClusterOptions
from eks_lab.sim.driver import Advanced, Driver, format_speed, parse_speed
from eks_lab.sim.happenings import Happening, happening_of
from eks_lab.sim.objects import condition_of
from eks_lab.sim.store import StoreEvent

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What `sandbox up` asked for; None means: as it was, or the default."""

    nodes: int | None = None
    instance: str | None = None
    version: str | None = None
    seed: int | None = None
    speed: str = "1x"
    port: int | None = None
    """Of the base cluster's API server; None takes the last one, 6443, or any."""
    aws_port: int | None = None
    """Of the AWS API; None takes the last one, 4566, or any."""
    localstack: str | None = None
    """URL of a LocalStack that answers for every service but EKS; see `eks_lab.sandbox.backends.docker`."""
    registered: Mapping[str, str] | None = None
    """`server` and `authority` of a real cluster that EKS is to name in place of the base cluster."""

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
        """Read what is kept, or begin a new world.

        Args:
            directory: made already, and locked.
            clock: wall time: where the simulated time of a new world begins.
            wishes: of the command line.

        Raises:
            EksLabError: the wishes cannot be had, or the kept state cannot be used.
        """
        self._directory = directory
        self._clock = clock
        self._wishes = wishes
        self._speed = parse_speed(wishes.speed)
        self._keeper = Keeper(directory, BASE_CLUSTER)
        found = self._keeper.recover()
        self.notices = found.notices
        for notice in found.notices:
            logger.warning("%s", notice)
        kept = found.state
        self.is_new = kept is None
        options = wishes.options(kept.account.records.options if kept else ClusterOptions())
        options.check()
        if kept is not None and options != kept.account.records.options:
            raise _different(kept.account.records.options, options)
        self.instance = secrets.token_hex(8)
        self.token = secrets.token_urlsafe(32)
        self._control_port = self._aws_port = 0
        self._stopping = asyncio.Event()
        self._listeners: list[Callable[[Happening], None]] = []
        self.hosting = ClusterHosting(
            directory,
            clock,
            base=BASE_CLUSTER,
            port=wishes.port,
            catch_up=lambda: self.driver.catch_up(),
            changed=self._keeper.changed,
            registered=Registered(**wishes.registered) if wishes.registered else None,
        )
        self.laboratory = Laboratory(directory.root, self._go_back)
        self.hosting.listener = self.laboratory.recorder.changed
        self.world = World(options, clock.now(), self.hosting, clock, kept)
        if kept is None:
            self.world.bootstrap()
        self._wire()

    def _wire(self) -> None:
        self.driver = Driver(self.world, time.monotonic, self._speed)
        self._faults = ArmedFaults(self.world, self.driver)
        self.world.subscribe(self._tell)
        self.laboratory.follow(self.world)

    @property
    def cluster(self) -> Cluster | None:
        """Return the base cluster; None when the learner has deleted it."""
        return self.world.cluster(BASE_CLUSTER)

    @property
    def ports(self) -> dict[str, int]:
        """Return where clients connect, 0 for what is not served."""
        return {
            "api": self.hosting.ports.get(BASE_CLUSTER, 0),
            "aws": self._aws_port,
            "control": self._control_port,
        }

    # --- running ---------------------------------------------------------------------------------------------

    async def run(self, ready: Callable[[dict[str, Any]], None]) -> None:
        """Serve until somebody says stop.

        Args:
            ready: called once, when clients can connect.

        Raises:
            EksLabError: a port or a file cannot be had.
        """
        wanted = self._wishes.aws_port
        aws_socket = serving.listen(
            wanted if wanted is not None else remembered_aws_port(self._directory),
            is_required=wanted is not None,
            option="--aws-port",
        )
        control_socket = serving.listen(0)
        self._aws_port = aws_socket.getsockname()[1]
        self._control_port = control_socket.getsockname()[1]
        await self._keeper.begin(self.world, is_new=self.is_new)
        self._write_files()
        servers = (
            serving.server_for(self._serve_aws, ws="none"),
            serving.server_for(ControlApi(self, self.token), ws="none"),
        )
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            with contextlib.suppress(NotImplementedError):
                loop.add_signal_handler(number, self.stop)
        self._driving = self._drive()
        tasks = [
            asyncio.create_task(self._keep()),
            asyncio.create_task(servers[0].serve([aws_socket])),
            asyncio.create_task(servers[1].serve([control_socket])),
        ]
        await self.hosting.start()
        while not all(each.started for each in servers):
            await asyncio.sleep(0.001)
        ready(self.status())
        stopping = asyncio.create_task(self._stopping.wait())
        await asyncio.wait({stopping, *tasks}, return_when=asyncio.FIRST_COMPLETED)
        logger.info("stopping")
        self.driver.stop()
        for each in servers:
            each.should_exit = True
        await self.hosting.stop()
        await asyncio.gather(*tasks[1:], self._driving, return_exceptions=True)
        tasks[0].cancel()
        stopping.cancel()
        await asyncio.gather(tasks[0], stopping, return_exceptions=True)
        await self._keeper.close()
        self.laboratory.write()
        self._directory.process.unlink(missing_ok=True)

    async def _keep(self) -> None:
        await asyncio.gather(self._keeper.run(), self.laboratory.run())

    def _drive(self) -> asyncio.Task[None]:
        """Let simulated time run; should that fail, the process ends instead of standing still."""

        def has_ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and task.exception() is not None:
                logger.error("the driver failed", exc_info=task.exception())
                self.stop()

        task = asyncio.create_task(self.driver.run())
        task.add_done_callback(has_ended)
        return task

    async def _serve_aws(self, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """Bring simulated time up to date, then let the AWS API answer."""
        self.driver.catch_up()
        await self._aws_door()(scope, receive, send)

    def _aws_door(self) -> Callable[[Mapping[str, Any], Any, Any], Awaitable[None]]:
        gateway = self.world.account.gateway
        if self._wishes.localstack is None:
            return gateway
        from eks_lab.sandbox.backends.docker.front_door import FrontDoor

        account = self.world.account
        return FrontDoor(gateway, self._wishes.localstack, account.id, account.region)

    def _write_files(self) -> None:
        directory = self._directory
        write_private(directory.token, self.token.encode())
        self.hosting.remember(self._aws_port)
        keys = self.hosting.credentials(BASE_CLUSTER)
        write_private(
            directory.kubeconfig,
            kubeconfig(self.hosting.url(BASE_CLUSTER), keys.authority, keys.kubeconfig_user()),
        )
        write_environment(directory, self.world.account, self._aws_port)
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
        world, cluster = self.world, self.cluster
        nodes = cluster.store.items("nodes") if cluster else []
        pods = cluster.store.items("pods") if cluster else []
        phases: dict[str, int] = {}
        for pod in pods:
            phase = (pod.get("status") or {}).get("phase", "Pending")
            phases[phase] = phases.get(phase, 0) + 1
        return {
            "running": True,
            "pid": os.getpid(),
            "instance": self.instance,
            "program": __version__,
            "server": self.hosting.url(BASE_CLUSTER),
            "ports": self.ports,
            "kubeconfig": str(self._directory.kubeconfig),
            "options": asdict(world.options),
            "speed": format_speed(self.driver.speed),
            "advancing_to": self.driver.advancing_to.isoformat() if self.driver.advancing_to else "",
            "now": world.clock.now().isoformat(),
            "revision": cluster.store.revision if cluster else 0,
            "nodes": {
                "ready": sum((condition_of(each, "Ready") or {}).get("status") == "True" for each in nodes),
                "all": len(nodes),
            },
            "pods": {"all": len(pods), "phases": dict(sorted(phases.items()))},
            "account": world.account.id,
            "aws": f"http://{serving.HOST}:{self._aws_port}",
            "clusters": {name: self.hosting.url(name) for name in world.cluster_names},
            "is_new": self.is_new,
            "notices": [*self.notices, *self._keeper.troubles, *self.hosting.troubles],
        }

    def account(self) -> dict[str, Any]:
        """Return the account at a glance, as JSON values."""
        from eks_lab.aws.overview import overview

        self.driver.catch_up()
        return overview(self.world.account)

    def costs(self) -> dict[str, Any]:
        """Return what the account would have cost, as JSON values."""
        from eks_lab.aws.billing.costs import costs

        self.driver.catch_up()
        return _plain(asdict(costs(self.world.account, self.world.clock.now())))

    def journal(self, instance_id: str) -> list[str]:
        """Return what an instance's kubelet said.

        Raises:
            InputError: there is no such instance.
        """
        from eks_lab.aws.ec2.instance_records import INSTANCES

        for record in self.world.account.store.items(INSTANCES):
            if record["metadata"]["name"] == instance_id:
                return list(record["status"]["journal"])
        raise InputError(f"instance: there is no {instance_id}", hint="List them: aws ec2 describe-instances")

    def violations(self) -> list[str]:
        """Return what does not agree between the account and its clusters; empty when all is well."""
        from eks_lab.aws import invariants

        self.driver.catch_up()
        return invariants.violations(self.world.account)

    def faults(self) -> dict[str, Any]:
        """Return all faults, as JSON values."""
        return self._faults.listed()

    async def arm_fault(self, id: str, seed: int | None) -> dict[str, Any]:
        """Bring a fault about; return it, as JSON values."""
        return await self._faults.arm(id, seed)

    async def clear_fault(self, id: str) -> dict[str, Any]:
        """Take a fault back; return it, as JSON values."""
        return await self._faults.clear(id)

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
        await self._keeper.compact()

    async def reset(self, wishes: Mapping[str, Any]) -> None:
        """Begin anew with the same options, or with others.

        Args:
            wishes: `nodes`, `instance`, `version`, `seed`; what is missing or null stays.

        Raises:
            InputError: an option is unknown or cannot be had.
        """
        options = _wished(wishes).options(self.world.options)
        options.check()
        await self._replace(options, None)

    async def _go_back(self, kept: WorldState) -> None:
        await self._replace(kept.account.records.options, kept)

    async def _replace(self, options: ClusterOptions, kept: WorldState | None) -> None:
        """Put a new world, or a kept one, in the place of the one that runs."""
        self.driver.stop()
        self.hosting.close_watches()
        await self._driving
        there = set(kept.clusters) if kept is not None else {BASE_CLUSTER}
        for name in self.world.cluster_names:
            if name not in there:
                self.world.delete(name)
        self.world = World(options, self._clock.now(), self.hosting, self._clock, kept)
        if kept is None:
            self.world.bootstrap()
            self.laboratory.recorder.end()
        self.is_new, self.notices = True, ()
        self._wire()
        await self._keeper.begin(self.world, is_new=True)
        self._write_files()
        self._driving = self._drive()

    async def lab(self, what: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
        """Answer what a lab asks for; see `eks_lab.sandbox.laboratory`."""
        return await self.laboratory.call(what, body)

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
        happening = happening_of(event, self.world.clock.now())
        if happening is not None:
            for listener in tuple(self._listeners):
                listener(happening)


def _plain(document: Any) -> dict[str, Any]:
    """Return a document with times as text."""
    found: dict[str, Any] = orjson.loads(orjson.dumps(document))
    return found


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
