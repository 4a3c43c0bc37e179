"""What is kept on disk, and what is left of it after all kinds of bad luck."""

from __future__ import annotations

import asyncio
import errno
import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.errors import DataError
from eks_lab.sandbox import journal_format
from eks_lab.sandbox.journal import Journal
from eks_lab.sim.cluster import Cluster, ClusterOptions, ClusterState
from eks_lab.sim.objects import Key, Obj, key_of

START = datetime(2026, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "cluster"
    path.mkdir()
    return path


def small_cluster() -> Cluster:
    cluster = Cluster(ClusterOptions(nodes=1), START)
    cluster.bootstrap()
    return cluster


def write(cluster: Cluster, name: str, value: str = "x") -> Obj:
    return cluster.api.create(
        "configmaps", {"metadata": {"name": name}, "data": {"v": value}}, namespace="default"
    )


def names(state: ClusterState | None) -> set[str]:
    assert state is not None
    return {obj["metadata"]["name"] for rid, obj in state.objects if rid == "configmaps"}


def contents(state: ClusterState) -> dict[tuple[str, Key], Obj]:
    return {(rid, key_of(obj)): obj for rid, obj in state.objects}


async def killed(folder: Path, cluster: Cluster, *, with_snapshot: bool = True) -> None:
    """Keep a cluster, write to it, and stop as `kill -9` does."""
    journal = Journal(folder, journal_format.recover(folder).generation)
    await journal.begin(cluster, is_new=not with_snapshot)
    state = journal._first
    assert state is not None
    await journal._snapshot(state)
    write(cluster, "one")
    await journal.flush()
    write(cluster, "two")
    cluster.api.delete("configmaps", Key("default", "one"))
    await journal.flush()
    write(cluster, "lost")
    journal._close_file()
    journal._thread.shutdown()


async def test_a_clean_end_keeps_everything(folder: Path) -> None:
    cluster = small_cluster()
    journal = Journal(folder, 0)
    await journal.begin(cluster, is_new=True)
    running = asyncio.create_task(journal.run())
    await asyncio.sleep(0)
    write(cluster, "one")
    running.cancel()
    await journal.close()
    found = journal_format.recover(folder)
    assert found.state is not None
    assert found.notices == ()
    assert found.state.revision == cluster.store.revision
    assert found.state.now == cluster.clock.now()
    assert contents(found.state) == contents(cluster.state())
    assert Cluster(found.state.options, START, found.state).ids.uid() == cluster.ids.uid()


async def test_after_a_kill_flushed_writes_are_there(folder: Path) -> None:
    cluster = small_cluster()
    await killed(folder, cluster)
    found = journal_format.recover(folder)
    assert names(found.state) == {"two"} | {"kube-root-ca.crt"} & names(found.state)
    assert found.state is not None
    assert found.state.revision > cluster.store.revision
    assert found.state.ids is None


async def test_a_torn_last_line_is_dropped(folder: Path) -> None:
    """Whatever part of the last batch reached the disk, the batches before it count and it does not."""
    await killed(folder, small_cluster())
    path = journal_format.files(folder)["journal"][1]
    whole = path.read_bytes()
    last = whole.rstrip(b"\n").rfind(b"\n") + 1
    for end in {last, last + 1, last + 9, last + 200, len(whole) - 1}:
        path.write_bytes(whole[:end])
        found = journal_format.recover(folder)
        assert "one" in names(found.state)
        assert "two" not in names(found.state)
        assert found.notices == ()


async def test_damage_in_the_middle_is_told_and_set_aside(folder: Path) -> None:
    await killed(folder, small_cluster())
    path = journal_format.files(folder)["journal"][1]
    path.write_bytes(
        b"0" + path.read_bytes()[1:] if path.read_bytes()[:1] != b"0" else b"1" + path.read_bytes()[1:]
    )
    found = journal_format.recover(folder)
    assert "one" not in names(found.state)
    assert "damaged" in found.notices[0]
    assert path.with_name(f"{path.name}.damaged").exists()


async def test_a_damaged_snapshot_is_set_aside(folder: Path) -> None:
    await killed(folder, small_cluster())
    path = journal_format.files(folder)["snapshot"][1]
    path.write_bytes(path.read_bytes()[:-10])
    found = journal_format.recover(folder)
    assert found.state is None
    assert "set aside" in found.notices[0]
    assert path.with_name(f"{path.name}.damaged").exists()
    assert journal_format.files(folder) == {"snapshot": {}, "journal": {}}


def test_a_newer_format_is_refused(folder: Path) -> None:
    line = journal_format.line_of(b'{"format":2}')
    journal_format.snapshot_path(folder, 1).write_bytes(line)
    with pytest.raises(DataError, match="format 2"):
        journal_format.recover(folder)


async def test_going_on_after_a_kill_and_another_kill(folder: Path) -> None:
    await killed(folder, small_cluster())
    first = journal_format.recover(folder).state
    assert first is not None
    again = Cluster(first.options, START, first)
    again.api.delete("configmaps", Key("default", "two"))
    await killed(folder, again)
    second = journal_format.recover(folder)
    assert second.state is not None
    assert "two" in names(second.state)
    assert second.state.revision > again.store.revision


async def test_compaction_leaves_one_generation(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = small_cluster()
    journal = Journal(folder, 0)
    await journal.begin(cluster, is_new=True)
    write(cluster, "one")
    await journal.compact()
    write(cluster, "two")
    await journal.flush()
    assert {kind: list(found) for kind, found in journal_format.files(folder).items()} == {
        "snapshot": [2],
        "journal": [2],
    }
    assert {"one", "two"} <= names(journal_format.recover(folder).state)
    await journal.close()


async def test_a_reset_that_is_killed_at_once_leaves_nothing_of_the_old_cluster(folder: Path) -> None:
    old = small_cluster()
    await killed(folder, old)
    journal = Journal(folder, journal_format.recover(folder).generation)
    await journal.begin(small_cluster(), is_new=True)
    journal._close_file()
    journal._thread.shutdown()
    assert journal_format.recover(folder).state is None


async def test_a_full_disk_is_told_once_and_nothing_is_lost(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While nothing can be written the cluster goes on; when there is room again everything is written."""
    cluster = small_cluster()
    journal = Journal(folder, 0)
    await journal.begin(cluster, is_new=True)
    assert journal._first is not None
    await journal._snapshot(journal._first)
    sync = os.fsync

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    write(cluster, "one")
    await journal.flush()
    assert "No space left on device" in journal.trouble
    monkeypatch.setattr(os, "fsync", sync)
    write(cluster, "two")
    await journal.flush()
    assert journal.trouble == ""
    assert {"one", "two"} <= names(journal_format.recover(folder).state)
    await journal.close()


async def test_a_write_storm_is_written_once_an_object(folder: Path) -> None:
    cluster = small_cluster()
    journal = Journal(folder, 0)
    await journal.begin(cluster, is_new=True)
    made = write(cluster, "busy")
    for number in range(200):
        made = cluster.api.update("configmaps", {**made, "data": {"v": str(number)}})
    cluster.runtime.advance(timedelta(seconds=1))
    await journal.flush()
    path = journal_format.files(folder)["journal"][1]
    documents = [document for _, document in journal_format.batches(path)]
    puts = [obj for document in documents for rid, obj in document["put"] if rid == "configmaps"]
    assert [each["data"] for each in puts if each["metadata"]["name"] == "busy"] == [{"v": "199"}]
    await journal.close()


@given(st.recursive(st.none() | st.integers(-(2**53), 2**53) | st.text(), st.lists, max_leaves=5))
def test_lines_read_back(document: Any) -> None:
    import orjson

    line = journal_format.line_of(orjson.dumps(document))
    assert journal_format.document_of(line) == document


@given(st.data())
def test_changed_lines_are_noticed(data: st.DataObject) -> None:
    line = bytearray(journal_format.line_of(b'{"put":[["pods",{"a":1}]],"gone":[]}'))
    at = data.draw(st.integers(0, len(line) - 1))
    line[at] ^= 1 << data.draw(st.integers(0, 7))
    try:
        document = journal_format.document_of(bytes(line))
    except ValueError:
        return
    # Capital digits of the checksum mean the same.
    assert document == {"put": [["pods", {"a": 1}]], "gone": []}
