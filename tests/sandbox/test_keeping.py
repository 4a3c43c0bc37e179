"""A world on disk: what is found again, and what becomes of damaged halves."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from eks_lab.aws.world import BASE_CLUSTER, World
from eks_lab.sandbox.keeping import Keeper, Kept
from eks_lab.sandbox.state_directory import StateDirectory
from tests.aws.world_lab import START, Wall, WorldLab


@pytest.fixture
def directory(tmp_path: Path) -> StateDirectory:
    found = StateDirectory(tmp_path / "sandbox")
    found.create()
    return found


@asynccontextmanager
async def kept(directory: StateDirectory, lab: WorldLab, *, is_new: bool = True) -> AsyncIterator[Keeper]:
    """Keep a world for as long as the context lasts."""
    keeper = Keeper(directory, BASE_CLUSTER)
    keeper.recover()
    await keeper.begin(lab.world, is_new=is_new)
    yield keeper
    await keeper.close()


def recovered(directory: StateDirectory) -> Kept:
    return Keeper(directory, BASE_CLUSTER).recover()


def again(lab: WorldLab, directory: StateDirectory) -> WorldLab:
    """Return the world that a restart makes of what is kept."""
    found = recovered(directory)
    assert found.state is not None
    assert found.notices == ()
    return lab.restored(found.state)


async def test_a_world_is_found_again(directory: StateDirectory) -> None:
    lab = WorldLab(nodes=2)
    async with kept(directory, lab):
        lab.call("s3", "CreateBucket", Bucket="kept-bucket")
        lab.deploy("web", 3)
        lab.advance(60)
        pods, key = set(lab.running()), lab.world.account.student_key
    assert directory.moto.stat().st_mode & 0o777 == 0o600
    lab = again(lab, directory)
    assert set(lab.running()) == pods
    assert lab.world.account.student_key == key
    assert [each["Name"] for each in lab.call("s3", "ListBuckets")["Buckets"]] == ["kept-bucket"]
    assert lab.violations() == []


async def test_nothing_is_kept_at_first(directory: StateDirectory) -> None:
    assert recovered(directory) == Kept(None, ())


async def test_motos_state_is_written_when_it_changed(directory: StateDirectory) -> None:
    """The simulator's own work does not count: the same bytes are not written twice."""
    lab = WorldLab(nodes=1)
    async with kept(directory, lab) as keeper:
        await keeper.compact()
        first = directory.moto.stat()
        lab.deploy("web", 1)
        await keeper.compact()
        # It is replaced as a whole: untouched it is the same file, to the nanosecond.
        assert (directory.moto.stat().st_ino, directory.moto.stat().st_mtime_ns) == (
            first.st_ino,
            first.st_mtime_ns,
        )
        before = directory.moto.read_bytes()
        lab.call("sqs", "CreateQueue", QueueName="jobs")
        await keeper.compact()
        # Not by its time: two writes within one tick of the file system's clock have the same.
        assert directory.moto.read_bytes() != before


async def test_a_damaged_half_is_set_aside(directory: StateDirectory) -> None:
    """Without moto's state there is no VPC any more; the learner is told, and nothing is overwritten."""
    lab = WorldLab(nodes=1)
    async with kept(directory, lab):
        pass
    content = directory.moto.read_bytes()
    directory.moto.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    found = recovered(directory)
    assert found.state is not None
    assert found.state.account.moto == b""
    assert any("damaged" in each for each in found.notices)
    assert directory.moto.with_name(f"{directory.moto.name}.damaged").exists()
    world = World(lab.options, START, lab.hosting, Wall(), found.state)
    assert world.cluster_names == [BASE_CLUSTER]


async def test_clusters_without_an_account_are_set_aside(directory: StateDirectory) -> None:
    lab = WorldLab(nodes=1)
    async with kept(directory, lab):
        pass
    for each in directory.account.iterdir():
        each.unlink()
    found = recovered(directory)
    assert found.state is None
    assert any("set aside" in each for each in found.notices)
    assert not directory.cluster_of(BASE_CLUSTER).exists()


async def test_a_cluster_that_goes_takes_its_files(directory: StateDirectory) -> None:
    lab = WorldLab(nodes=1)
    async with kept(directory, lab) as keeper:
        lab.world.create("own", "1.36", service_cidr="10.100.0.0/16", creator="")
        keeper.changed("own", lab.cluster("own"))
        await asyncio.gather(*keeper._waiting)
        await keeper.compact()
        assert set(recovered(directory).state.clusters) == {BASE_CLUSTER, "own"}  # type: ignore[union-attr]
        lab.world.delete("own")
        keeper.changed("own", None)
        await asyncio.gather(*keeper._waiting)
        assert not directory.cluster_of("own").exists()
    assert again(lab, directory).world.cluster_names == [BASE_CLUSTER]


async def test_a_new_world_forgets_the_old_one(directory: StateDirectory) -> None:
    """As a reset does, in the same process."""
    lab = WorldLab(nodes=1)
    async with kept(directory, lab) as keeper:
        lab.world.create("own", "1.36", service_cidr="10.100.0.0/16", creator="")
        keeper.changed("own", lab.cluster("own"))
        lab.deploy("web", 2)
        other = WorldLab(nodes=2)
        await keeper.begin(other.world, is_new=True)
    found = again(other, directory)
    assert found.world.cluster_names == [BASE_CLUSTER]
    assert len(found.ready_nodes()) == 2
    assert found.running() == []


async def test_what_cannot_be_written_is_said(
    directory: StateDirectory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And written as soon as it can be."""
    from eks_lab.errors import DataError
    from eks_lab.sandbox import keeping, state_directory

    def full(path: Path, content: bytes) -> None:
        raise DataError(f"{path}: No space left on device")

    lab, write = WorldLab(nodes=0), state_directory.write_private
    monkeypatch.setattr(keeping, "write_private", full)
    async with kept(directory, lab) as keeper:
        assert any("No space left on device" in each for each in keeper.troubles)
        monkeypatch.setattr(keeping, "write_private", write)
        await keeper._write_moto()
        assert keeper.troubles == []


async def test_an_account_that_cannot_be_kept_is_said_and_the_rest_is_kept(directory: StateDirectory) -> None:
    """A generator in moto is what no pickle takes; the task that keeps goes on."""
    lab = WorldLab(nodes=0)
    async with kept(directory, lab) as keeper:
        backend = lab.world.account.moto.backend("sqs", "us-east-1")
        backend.unfinished = (number for number in range(3))
        lab.deploy("web", 2)
        keeper._moto_seen = (-1, -1)  # as after a call
        await keeper._write_moto()
        (trouble,) = keeper.troubles
        assert trouble.startswith("the AWS account cannot be kept as it is now: ")
        assert "generator" in trouble
        del backend.unfinished
        keeper._moto_seen = (-1, -1)  # as after a call
        await keeper._write_moto()
        assert keeper.troubles == []
        assert directory.moto.exists()


async def test_an_account_that_has_just_begun_is_whole_on_disk(directory: StateDirectory) -> None:
    """Killed before the first look at moto's state, it would go on without its users."""
    lab = WorldLab(nodes=0)
    async with kept(directory, lab):
        assert directory.moto.exists()
