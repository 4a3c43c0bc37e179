"""Keeps a world on disk while it runs: a journal for each cluster, one for the account, and moto's state."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import time
import zlib
from dataclasses import dataclass
from pathlib import Path

from eks_lab.aws.account import Account, AccountState
from eks_lab.aws.world import World, WorldState
from eks_lab.errors import DataError
from eks_lab.sandbox import journal_format
from eks_lab.sandbox.journal import Journal
from eks_lab.sandbox.state_directory import StateDirectory, write_private
from eks_lab.sim.cluster import Cluster, ClusterState

logger = logging.getLogger(__name__)

MOTO_SECONDS = 0.4
"""Pause between two looks at moto's state."""
MOTO_SHARE = 0.05
"""Most of the time that may go into writing it: a large account is written less often."""
_MAGIC = b"eks-lab moto 1\n"


@dataclass(frozen=True, slots=True)
class Kept:
    """What was found on disk."""

    state: WorldState | None
    """None when there is nothing to go on from."""
    notices: tuple[str, ...]
    """What a learner should know: damaged files and what became of them."""


class AccountRecords:
    """The account as a journal keeps it."""

    def __init__(self, account: Account) -> None:
        """Look at an account."""
        self._account = account
        self.store = account.store
        self.clock = account.clock

    def state(self) -> ClusterState:
        """Return the records of our own services."""
        return self._account.records()


class Keeper:
    """Writes everything that changes, a moment later."""

    def __init__(self, directory: StateDirectory, base: str) -> None:
        """Name the place.

        Args:
            directory: of the sandbox; it exists.
            base: name of the base cluster.
        """
        self._directory = directory
        self._base = base
        self._journals: dict[str, Journal] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._generations: dict[str, int] = {}
        self._world: World | None = None
        self._moto_seen = (-1, -1)
        """How much had been done in the world when moto's state was last looked at."""
        self._moto_sum = -1
        """Of what was written last."""
        self._moto_trouble = ""
        self._is_new = False
        self._waiting: set[asyncio.Task[None]] = set()
        self._turn = asyncio.Lock()
        """Of a cluster that comes and goes at once, the second must find what the first has done."""

    # --- finding ---------------------------------------------------------------------------------------------

    def recover(self) -> Kept:
        """Read what is kept; damaged files are set aside, never overwritten.

        Raises:
            DataError: a file cannot be read, or was written by a newer version.
        """
        notices: list[str] = []
        account = self._recovered("", self._directory.account, notices)
        clusters = {}
        for name in self._names():
            state = self._recovered(name, self._directory.cluster_of(name), notices)
            if state is not None:
                clusters[name] = state
        if account is None:
            if clusters:
                notices.append("the account's records are missing: its clusters are set aside")
                for name in clusters:
                    _set_aside(self._directory.cluster_of(name))
            return Kept(None, tuple(notices))
        moto = self._moto(notices)
        return Kept(WorldState(AccountState(account, moto), clusters), tuple(notices))

    def _names(self) -> list[str]:
        try:
            return sorted(each.name for each in self._directory.clusters.iterdir() if each.is_dir())
        except OSError:
            return []

    def _recovered(self, name: str, folder: Path, notices: list[str]) -> ClusterState | None:
        if not folder.is_dir():
            return None
        found = journal_format.recover(folder)
        notices.extend(found.notices)
        self._generations[name] = found.generation
        return found.state

    def _moto(self, notices: list[str]) -> bytes:
        path = self._directory.moto
        try:
            content = path.read_bytes()
        except OSError:
            return b""
        head, body = content[: len(_MAGIC) + 9], content[len(_MAGIC) + 9 :]
        if head == _MAGIC + b"%08x\n" % zlib.crc32(body):
            return body
        aside = path.with_name(f"{path.name}.damaged")
        path.replace(aside)
        notices.append(f"{path.name}: damaged; set aside as {aside.name}")
        return b""

    # --- keeping ---------------------------------------------------------------------------------------------

    async def begin(self, world: World, *, is_new: bool) -> None:
        """Follow a world from its present state.

        Args:
            world: to be kept from now on.
            is_new: True when it does not go on from what is kept, which is removed.

        Raises:
            DataError: a file cannot be opened.
        """
        await self._followed()
        self._world, self._is_new, self._moto_seen, self._moto_sum = world, is_new, (-1, -1), -1
        wanted = {"", *world.cluster_names}
        for name in [each for each in self._journals if each not in wanted]:
            await self._drop(name)
        account = AccountRecords(world.account)
        await self._journal("").begin(account, is_new=is_new)
        for name in world.cluster_names:
            cluster = world.cluster(name)
            assert cluster is not None
            await self._journal(name).begin(cluster, is_new=is_new)
        # Records without moto's half of the account, its users and networks, are no account to go on with.
        await self._write_moto()
        self._is_new = False

    def changed(self, name: str, cluster: Cluster | None) -> None:
        """Follow a cluster that came, or was replaced, while the world runs; None ends it."""
        if self._world is None or self._is_new:
            return

        async def follow() -> None:
            async with self._turn:
                if cluster is None:
                    await self._drop(name)
                else:
                    await self._journal(name).begin(cluster, is_new=True)

        task = asyncio.get_running_loop().create_task(follow())
        self._waiting.add(task)
        task.add_done_callback(self._waiting.discard)

    async def _followed(self) -> None:
        """Wait until every cluster that came or went is followed, or is no more."""
        while self._waiting:
            for error in await asyncio.gather(*self._waiting, return_exceptions=True):
                if isinstance(error, BaseException):
                    logger.error("a cluster is not kept", exc_info=error)

    def _journal(self, name: str) -> Journal:
        if name not in self._journals:
            folder = self._directory.cluster_of(name) if name else self._directory.account
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._journals[name] = Journal(folder, self._generations.get(name, 0))
            self._tasks[name] = asyncio.get_running_loop().create_task(self._journals[name].run())
        return self._journals[name]

    async def _drop(self, name: str) -> None:
        journal = self._journals.pop(name, None)
        self._generations.pop(name, None)
        if journal is None:
            return
        await _ended(self._tasks.pop(name))
        await journal.close(is_kept=False)
        folder = self._directory.cluster_of(name)
        await asyncio.get_running_loop().run_in_executor(None, shutil.rmtree, folder, True)

    @property
    def troubles(self) -> list[str]:
        """Return why something cannot be written at present."""
        return [
            *(each.trouble for each in self._journals.values() if each.trouble),
            *filter(None, [self._moto_trouble]),
        ]

    async def run(self) -> None:
        """Write moto's state whenever it has changed, until cancelled; journals look after themselves."""
        pause = MOTO_SECONDS
        while True:
            await asyncio.sleep(pause)
            pause = max(MOTO_SECONDS, await self._write_moto() / MOTO_SHARE)

    async def _write_moto(self) -> float:
        """Write moto's state if it has changed; return the seconds that the loop stood still."""
        world = self._world
        if world is None:
            return 0.0
        # moto changes only when a call is answered or a controller works; whether it has is seen in the state itself.
        seen, begun = (world.runtime.reconciles, world.account.gateway.calls), time.perf_counter()
        if seen == self._moto_seen:
            return 0.0
        self._moto_seen = seen
        try:
            body = world.account.moto.dump()
        except DataError as error:
            # The clusters go on being kept, and the account again as soon as it can be.
            if not self._moto_trouble:
                logger.exception("%s", error.message)
            self._moto_trouble = error.message
            return time.perf_counter() - begun
        checksum, taken = zlib.crc32(body), time.perf_counter() - begun
        if checksum == self._moto_sum:
            self._moto_trouble = ""
            return taken
        content = _MAGIC + b"%08x\n" % checksum + body
        path = self._directory.moto
        try:
            await asyncio.get_running_loop().run_in_executor(None, write_private, path, content)
        except DataError as error:
            if not self._moto_trouble:
                logger.error("%s", error.message)
            self._moto_trouble, self._moto_seen = error.message, (-1, -1)
        else:
            self._moto_sum, self._moto_trouble = checksum, ""
        return taken

    async def compact(self) -> None:
        """Write everything to disk now."""
        for journal in self._journals.values():
            await journal.compact()
        await self._write_moto()

    async def close(self) -> None:
        """Write everything a last time and end."""
        await self._followed()
        for task in self._tasks.values():
            await _ended(task)
        for journal in self._journals.values():
            await journal.close()
        await self._write_moto()


async def _ended(task: asyncio.Task[None]) -> None:
    task.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await task


def _set_aside(folder: Path) -> None:
    for number in range(1, 1000):
        aside = folder.with_name(f"{folder.name}.damaged-{number}")
        if not aside.exists():
            folder.replace(aside)
            return
