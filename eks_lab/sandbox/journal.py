"""Keeps a cluster on disk while it runs: at most the last second is lost when the process is killed."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO, Protocol

from eks_lab.clock import Clock
from eks_lab.sandbox import journal_format
from eks_lab.sandbox.journal_format import Batch
from eks_lab.sandbox.state_directory import unwritable
from eks_lab.sim.cluster import ClusterState
from eks_lab.sim.objects import Key, Obj, key_of
from eks_lab.sim.store import Store, StoreEvent

logger = logging.getLogger(__name__)

FLUSH_SECONDS = 0.4
"""Pause between two flushes: with the write itself well under the second that may be lost."""
COMPACT_BYTES = 32 * 1024 * 1024
"""A journal of this size, and twice its snapshot's, is replaced by a new snapshot."""


class Keepable(Protocol):
    """A store that can be kept: a cluster's, or the account's."""

    @property
    def store(self) -> Store:
        """Return whose writes are followed."""
        ...

    @property
    def clock(self) -> Clock:
        """Return simulated time."""
        ...

    def state(self) -> ClusterState:
        """Return everything needed to go on later."""
        ...


class Journal:
    """Writes a cluster's changes behind a snapshot; all file work is done in one thread."""

    def __init__(self, folder: Path, generation: int) -> None:
        """Name the place.

        Args:
            folder: where snapshots and journals are; it exists.
            generation: the highest one in use.
        """
        self._folder = folder
        self._generation = generation
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="journal")
        self._pending: dict[tuple[str, Key], Obj | None] = {}
        self._cluster: Keepable | None = None
        self._unsubscribe: Callable[[], None] = lambda: None
        self._dirty = asyncio.Event()
        self._turn = asyncio.Lock()
        self._first: ClusterState | None = None
        """State that the first snapshot is still to be written of."""
        self._file: BinaryIO | None = None
        self._written = 0
        self._snapshot_bytes = 0
        self.trouble = ""
        """Why nothing can be written at present; empty when all is well."""

    async def begin(self, cluster: Keepable, *, is_new: bool) -> None:
        """Follow a cluster from its present state.

        Args:
            cluster: or account, to be kept from now on.
            is_new: True when it does not go on from what is kept, which is removed.

        Raises:
            DataError: the journal cannot be opened.
        """
        async with self._turn:
            self._unsubscribe()
            self._cluster = cluster
            self._unsubscribe = cluster.store.subscribe(self._see)
            self._pending.clear()
            self._dirty.clear()
            self._generation += 1
            state, generation = cluster.state(), self._generation
            try:
                if is_new:
                    await self._in_thread(self._forget)
                await self._in_thread(lambda: self._open(generation))
            except OSError as error:
                raise unwritable(self._folder, error) from error
        self._first = state
        self._dirty.set()

    async def run(self) -> None:
        """Flush until cancelled."""
        while True:
            await self._dirty.wait()
            if self._first is not None:
                state, self._first = self._first, None
                await self._snapshot(state)
            await asyncio.sleep(FLUSH_SECONDS)
            await self.flush()
            if self._written > max(COMPACT_BYTES, 2 * self._snapshot_bytes):
                await self.compact()

    async def flush(self) -> None:
        """Write what has changed and wait until it is on the disk; trouble is kept in `trouble`."""
        async with self._turn:
            self._dirty.clear()
            cluster = self._cluster
            if cluster is None or not self._pending:
                return
            changes, self._pending = self._pending, {}
            batch = Batch(cluster.store.revision, cluster.clock.now(), changes)
            try:
                await self._in_thread(lambda: self._append(batch))
            except OSError as error:
                self._pending = {**changes, **self._pending}
                self._dirty.set()
                self._note(error)
            else:
                self.trouble = ""

    async def compact(self) -> None:
        """Begin a new journal behind a new snapshot."""
        cluster = self._cluster
        if cluster is None:
            return
        await self.flush()
        async with self._turn:
            state = cluster.state()
            changes, self._pending = self._pending, {}
            generation = self._generation + 1
            try:
                await self._in_thread(lambda: self._open(generation))
            except OSError as error:
                self._pending = {**changes, **self._pending}
                self._note(error)
                return
            self._generation = generation
        await self._snapshot(state)

    async def close(self, *, is_kept: bool = True) -> None:
        """Write a last, clean snapshot and end; when nothing is to be kept, just end."""
        async with self._turn:
            self._unsubscribe()
            if self._cluster is not None and is_kept:
                state, generation = self._cluster.state(), self._generation + 1
                try:
                    await self._in_thread(lambda: self._write_snapshot(state, generation, is_clean=True))
                except OSError as error:
                    self._note(error)
            self._close_file()
        self._thread.shutdown()

    def _see(self, event: StoreEvent) -> None:
        self._pending[(event.resource, key_of(event.obj))] = None if event.type == "DELETED" else event.obj
        if not self._dirty.is_set():
            self._dirty.set()

    async def _snapshot(self, state: ClusterState) -> None:
        generation = self._generation
        async with self._turn:
            if generation != self._generation:
                return
            try:
                await self._in_thread(lambda: self._write_snapshot(state, generation, is_clean=False))
            except OSError as error:
                self._note(error)

    async def _in_thread(self, work: Callable[[], None]) -> None:
        await asyncio.get_running_loop().run_in_executor(self._thread, work)

    def _note(self, error: OSError) -> None:
        trouble = unwritable(self._folder, error)
        if not self.trouble:
            logger.error("%s %s", trouble.message, trouble.hint)
        self.trouble = trouble.message

    # --- in the thread -------------------------------------------------------------------------------------

    def _open(self, generation: int) -> None:
        path = journal_format.journal_path(self._folder, generation)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        self._close_file()
        self._file, self._written = os.fdopen(descriptor, "wb", buffering=0), 0
        self._sync_folder()

    def _append(self, batch: Batch) -> None:
        if self._file is None:
            raise OSError(0, "the journal is not open")
        line = memoryview(journal_format.batch_line(batch))
        try:
            done = 0
            while done < len(line):
                done += self._file.write(line[done:]) or 0
            os.fsync(self._file.fileno())
        except OSError:
            # A torn line in the middle would hide everything behind it.
            with contextlib.suppress(OSError):
                self._file.truncate(self._written)
                self._file.seek(self._written)
            raise
        self._written += len(line)

    def _write_snapshot(self, state: ClusterState, generation: int, *, is_clean: bool) -> None:
        path = journal_format.snapshot_path(self._folder, generation)
        temporary = path.with_suffix(".tmp")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        try:
            with os.fdopen(descriptor, "wb", buffering=1 << 20) as file:
                self._snapshot_bytes = journal_format.write_snapshot(file, state, is_clean=is_clean)
                file.flush()
                os.fsync(file.fileno())
            os.replace(temporary, path)
        except OSError:
            with contextlib.suppress(OSError):
                temporary.unlink()
            raise
        self._sync_folder()
        self._forget(before=generation)

    def _forget(self, before: int | None = None) -> None:
        """Remove snapshots and journals; those of lower generations, when one is named."""
        for of_kind in journal_format.files(self._folder).values():
            for number, old in of_kind.items():
                if before is None or number < before:
                    old.unlink(missing_ok=True)

    def _sync_folder(self) -> None:
        """Make new names last; systems that cannot open folders do without."""
        with contextlib.suppress(OSError):
            descriptor = os.open(self._folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)

    def _close_file(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
