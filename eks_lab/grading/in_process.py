"""A world in this process, for proofs: real HTTPS for the real kubectl, and time that waits for nobody.

An event loop in a thread of its own holds the world; everything that touches the world happens there. Simulated
time stands still but for `advance`, and while a command waits for something that only time can bring.
"""

from __future__ import annotations

import asyncio
import hashlib
import shutil
import threading
import time
from collections.abc import Callable, Coroutine, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import orjson

from eks_lab.aws import principal
from eks_lab.aws.billing.costs import costs
from eks_lab.aws.command import run_aws
from eks_lab.aws.errors import AwsError
from eks_lab.aws.world import BASE_CLUSTER, World, WorldState
from eks_lab.clock import Clock
from eks_lab.content.actions import WorldOptions
from eks_lab.errors import DataError
from eks_lab.grading.command_line import with_files
from eks_lab.grading.kubernetes_client import KubernetesClient
from eks_lab.grading.patience import LONGEST_COMMAND, run_patiently
from eks_lab.grading.recording import Record
from eks_lab.grading.target import Done, RefusedError
from eks_lab.sandbox.backends.registry import ENTRIES
from eks_lab.sandbox.hosting import ClusterHosting
from eks_lab.sandbox.kubeconfig import kubeconfig
from eks_lab.sandbox.recorder import Recorder
from eks_lab.sandbox.state_directory import StateDirectory, write_private
from eks_lab.sim.cluster import ClusterOptions

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
"""Simulated moment at which every proof begins."""
PATIENCE_SECONDS = 0.4
"""Wall time of silence after which a command that has asked something, and watches nothing, is taken to wait for simulated
time. How long it has run says nothing: on a busy machine kubectl takes that long to begin."""
SPEECHLESS_SECONDS = 10.0
"""The same for a command that asks nothing at all."""
Found = TypeVar("Found")


class InProcess:
    """A target that lives and ends with a `with` block. Only one may be open in a process: moto has one state."""

    capabilities = ENTRIES["embedded"].capabilities | {"kubectl", "aws"}

    def __init__(
        self, folder: Path, wall: Clock, kubectl: str, longest_command: timedelta = LONGEST_COMMAND
    ) -> None:
        """Name the place; nothing is there before `begin`.

        Args:
            folder: for keys, audit log and kubeconfig; it exists and is private.
            wall: real time, for certificates and signatures.
            kubectl: the program.
            longest_command: simulated time after which a command that still waits is ended.
        """
        self._longest_command = longest_command
        self._directory = StateDirectory(folder)
        self._wall = wall
        self._kubectl = kubectl
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="world", daemon=True)
        self._kept: dict[str, tuple[WorldState, Any]] = {}
        self._world: World | None = None
        self._recorder = Recorder()
        self._asked_at: float | None = None
        """Wall moment of the last request since a command began."""
        self.kubernetes = KubernetesClient(self._directory.kubeconfig)

    def __enter__(self) -> Self:
        self._directory.create()
        self._thread.start()
        self._hosting = ClusterHosting(
            self._directory,
            self._wall,
            base=BASE_CLUSTER,
            port=0,
            catch_up=self._catch_up,
            changed=lambda _name, _cluster: None,
        )
        self._hosting.listener = self._recorder.changed
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kubernetes.close()
        if self._world is not None:
            self._run(self._hosting.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    # --- the world's thread ----------------------------------------------------------------------------------

    def _run(self, work: Coroutine[Any, Any, Found]) -> Found:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()

    def _call(self, function: Callable[..., Found], *arguments: Any) -> Found:
        async def call() -> Found:
            return function(*arguments)

        return self._run(call())

    def _catch_up(self) -> None:
        """Note that somebody asks, and answer of this moment."""
        self._asked_at = time.monotonic()
        self._settle()

    def _settle(self) -> None:
        if self._world is not None:
            self._world.runtime.settle()

    @property
    def world(self) -> World:
        """Return the world; touch it only from its own thread.

        Raises:
            DataError: there is none yet.
        """
        if self._world is None:
            raise DataError("there is no world yet", hint="Call begin first.")
        return self._world

    # --- beginning -------------------------------------------------------------------------------------------

    @property
    def kubeconfig(self) -> Path:
        """Return the file that KUBECONFIG names."""
        return self._directory.kubeconfig

    @property
    def environment(self) -> Mapping[str, str]:
        """Return the variables of a learner's shell."""
        cache = self._directory.root / "kube-cache"
        return {
            "KUBECONFIG": str(self.kubeconfig),
            "KUBECACHEDIR": str(cache),
            "HOME": str(self._directory.root),
            # kubectl lives for a twentieth of a second: a quarter of that went into its garbage and its threads.
            "GOGC": "off",
            "GOMEMLIMIT": "512MiB",
            "GOMAXPROCS": "1",
            # Without a PATH, kubectl finds this one program by its whole name.
            "KUBECTL_EXTERNAL_DIFF": f"{shutil.which('diff') or 'diff'} -u -N",
        }

    def begin(self, world: WorldOptions, seed: int) -> None:
        """Put a new world in the place of what is there.

        Args:
            world: nodes, instance type, version.
            seed: of names and ids.

        Raises:
            InputError: the options cannot be had.
        """
        options = ClusterOptions(world.nodes, world.instance, world.version, seed)
        options.check()
        self._replace(options, None)

    def _replace(self, options: ClusterOptions, kept: WorldState | None) -> None:
        is_first = self._world is None
        self._call(self._make, options, kept)
        if is_first:
            self._run(self._hosting.start())
            keys = self._hosting.credentials(BASE_CLUSTER)
            content = kubeconfig(self._hosting.url(BASE_CLUSTER), keys.authority, keys.kubeconfig_user())
            write_private(self._directory.kubeconfig, content)
        self.kubernetes.forget()

    def _make(self, options: ClusterOptions, kept: WorldState | None) -> None:
        there = set(kept.clusters) if kept else {BASE_CLUSTER}
        if self._world is not None:
            self._hosting.close_watches()
            for name in self._world.cluster_names:
                if name not in there:
                    self._hosting.close(name)
        self._world = World(options, START, self._hosting, self._wall, kept)
        if kept is None:
            self._world.bootstrap()
        self._recorder.follow(self._world)
        self._world.runtime.settle()

    # --- calls -----------------------------------------------------------------------------------------------

    def aws(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Make an AWS call as the account itself.

        Raises:
            RefusedError: AWS refuses, or there is no such operation.
        """
        account = self.world.account
        who = principal.root(account.id)
        try:
            return self._call(lambda: account.call(service, operation, dict(params), principal=who))
        except AwsError as error:
            raise RefusedError(error.code, error.message) from error
        except KeyError as error:
            raise RefusedError("UnknownOperation", f"there is no operation {error.args[0]}") from error

    def run_aws(self, arguments: Sequence[str], folder: Path) -> Done:
        """Run aws as the learner's user, in process."""
        account = self.world.account
        words = with_files(arguments, folder)

        def run() -> Done:
            who = account.iam.principal_of(account.student_key[0])
            found = run_aws(account, who, words, {"AWS_REGION": account.region})
            self.world.runtime.settle()
            return Done(*found)

        return self._call(run)

    def run_kubectl(self, arguments: Sequence[str], folder: Path, stdin: str = "") -> Done:
        """Run kubectl in a folder; simulated time runs while it waits for something."""
        self._asked_at = None
        is_silent = False

        def is_waiting(waited: float) -> bool:
            nonlocal is_silent
            asked_at = self._asked_at
            if asked_at is None:
                is_silent = waited > SPEECHLESS_SECONDS
            elif time.monotonic() - asked_at > PATIENCE_SECONDS:
                # It stays so when it asks again: kubectl drain asks every second.
                is_silent = True
            return is_silent or self._hosting.watching > 0

        done = run_patiently(
            [self._kubectl, *arguments],
            folder,
            {**self.environment, "PATH": ""},
            stdin,
            is_waiting=is_waiting,
            advance=self.advance,
            longest=self._longest_command,
        )
        self._call(self._settle)
        return done

    def arm_fault(self, fault: str, seed: int) -> None:
        """Bring one of the prepared faults about.

        Raises:
            EksLabError: there is no such fault, or it cannot be had here.
        """
        from eks_lab.aws.faults.engine import Faults, play

        self._call(lambda: play(Faults(self.world, BASE_CLUSTER).arm(fault, seed), self.world.advance))

    # --- time and state --------------------------------------------------------------------------------------

    def advance(self, by: timedelta) -> None:
        """Play simulated time."""
        self._call(self.world.advance, by)

    def now(self) -> datetime:
        """Return the simulated moment."""
        return self.world.clock.now()

    def snapshot(self, name: str) -> None:
        """Keep the present state in memory."""
        self._kept[name] = self._call(lambda: (self.world.state(), self._recorder.state()))

    def restore(self, name: str) -> None:
        """Go back to a kept state.

        Raises:
            DataError: none is kept under that name.
        """
        if name not in self._kept:
            raise DataError(
                f"no state is kept as {name!r}", hint=f"There are: {', '.join(self._kept) or 'none'}."
            )
        state, recorded = self._kept[name]
        self._replace(state.account.records.options, state)
        self._call(self._recorder.load, recorded)

    def forget(self, name: str) -> None:
        """Keep a state no more; one that is not there is fine."""
        self._kept.pop(name, None)

    def state_hash(self) -> str:
        """Return a fingerprint of all objects of all clusters, the account's records and moto's state."""
        account = self.world.account
        return self._call(lambda: fingerprint(self.world.state(), account.moto.dump(is_whole=False)))

    def begin_record(self) -> None:
        """Record from now on, in place of what was recorded."""
        self._call(self._recorder.begin)

    def end_record(self) -> None:
        """Record no more."""
        self._call(self._recorder.end)

    def record(self) -> Record:
        """Return what has happened since the last `begin_record`."""
        return Record.of_document(self._call(self._recorder.document))

    def spent_usd(self) -> float:
        """Return what the account has cost since it was made, US dollars."""
        return self._call(lambda: costs(self.world.account, self.world.clock.now()).so_far_usd)


def fingerprint(state: WorldState, moto: bytes) -> str:
    """Return a hash of a world's state; equal states have equal ones.

    Args:
        state: of one world.
        moto: state of its AWS services, in place of the one that stands in `state`.
    """
    found = hashlib.sha256(moto)
    parts = {"": state.account.records, **state.clusters}
    for name in sorted(parts):
        each = parts[name]
        found.update(f"{name}\0{each.now.isoformat()}\0{each.revision}\0".encode())
        for resource, obj in sorted(each.objects, key=lambda pair: (pair[0], _place(pair[1]))):
            found.update(resource.encode() + b"\0" + orjson.dumps(obj, option=orjson.OPT_SORT_KEYS) + b"\0")
    return found.hexdigest()


def _place(obj: Mapping[str, Any]) -> tuple[str, str]:
    metadata = obj["metadata"]
    return metadata.get("namespace") or "", metadata["name"]
