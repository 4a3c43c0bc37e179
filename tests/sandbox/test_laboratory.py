"""Kept moments and recordings outlive the process; aws and single calls answer."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson
import pytest

from eks_lab.aws.world import BASE_CLUSTER, World, WorldState
from eks_lab.clock import SystemClock
from eks_lab.errors import DataError, InputError
from eks_lab.sandbox.laboratory import Laboratory
from eks_lab.sandbox.recorder import Recorder
from eks_lab.sim.apiserver.access import AccessRequest, Authorizer
from eks_lab.sim.apiserver.authentication import BearerAuthenticator
from eks_lab.sim.apiserver.tokens import new_key
from eks_lab.sim.cluster import Cluster, ClusterIdentity, ClusterOptions
from eks_lab.sim.objects import Key, User

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
KEY = new_key()
STUDENT = User("kubernetes-admin", ("system:masters",))


class Nowhere:
    """Serves clusters to nobody."""

    def identity(self, name: str) -> ClusterIdentity:
        return ClusterIdentity(token_key=KEY)

    def open(
        self,
        name: str,
        cluster: Cluster,
        bearers: Sequence[BearerAuthenticator] = (),
        authorizers: Sequence[Authorizer] = (),
    ) -> str:
        return "https://127.0.0.1:1"

    def close(self, name: str) -> None:
        return

    def certificate_authority(self, name: str) -> str:
        return ""


class Desk:
    """A world and its laboratory."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.open()

    def open(self) -> None:
        """Begin, or go on after a crash: with another world, but the same folder."""
        self.laboratory = Laboratory(self.root, self._replace)
        self._use(None)

    def _use(self, kept: WorldState | None) -> None:
        self.world = World(ClusterOptions(nodes=1), START, Nowhere(), SystemClock(), kept)
        if kept is None:
            self.world.bootstrap()
        self.laboratory.follow(self.world)

    async def _replace(self, kept: WorldState) -> None:
        self._use(kept)

    async def call(self, what: str, **body: Any) -> dict[str, Any]:
        found = await self.laboratory.call(what, body)
        assert found is not None
        # What goes over HTTP has to be JSON.
        document: dict[str, Any] = orjson.loads(orjson.dumps(found))
        return document

    def make(self, name: str) -> None:
        cluster = self.world.cluster(BASE_CLUSTER)
        assert cluster is not None
        cluster.api.store.put(
            "configmaps", {"metadata": {"namespace": "default", "name": name, "managedFields": []}}
        )

    def has(self, name: str) -> bool:
        cluster = self.world.cluster(BASE_CLUSTER)
        assert cluster is not None
        return cluster.store.get("configmaps", Key("default", name)) is not None


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path)


async def test_a_kept_moment_comes_back(desk: Desk) -> None:
    desk.make("before")
    await desk.call("keep", name="start")
    now = desk.world.clock.now()
    desk.make("after")
    desk.world.advance(timedelta(minutes=5))
    await desk.call("restore", name="start")
    assert desk.has("before")
    assert not desk.has("after")
    assert desk.world.clock.now() == now


async def test_a_kept_moment_outlives_the_process(desk: Desk) -> None:
    desk.make("before")
    await desk.call("begin")
    desk.make("recorded")
    await desk.call("keep", name="start")
    desk.open()
    assert not desk.has("before")
    await desk.call("restore", name="start")
    assert desk.has("before")
    assert [each[3]["metadata"]["name"] for each in (await desk.call("record"))["writes"]] == ["recorded"]


async def test_what_was_recorded_outlives_the_process(desk: Desk) -> None:
    await desk.call("begin")
    desk.make("one")
    desk.laboratory.write()
    desk.open()
    found = await desk.call("record")
    assert [(each[1], each[2]) for each in found["writes"]] == [("configmaps", False)]
    desk.make("two")
    assert len((await desk.call("record", since=1))["writes"]) == 1
    assert (await desk.call("record", since=1))["start"] == []
    await desk.call("end")
    desk.open()
    assert (await desk.call("record"))["began"] == ""


async def test_the_start_is_recorded_with_the_writes_after_it(desk: Desk) -> None:
    desk.make("before")
    assert (await desk.call("record"))["began"] == ""
    await desk.call("begin")
    desk.make("after")
    cluster = desk.world.cluster(BASE_CLUSTER)
    assert cluster is not None
    cluster.api.store.remove("configmaps", Key("default", "before"))
    found = await desk.call("record")
    assert found["began"] == desk.world.clock.now().isoformat()
    assert ("configmaps", "before") in {
        (resource, obj["metadata"]["name"]) for resource, obj in found["start"]
    }
    assert [(each[2], each[3]["metadata"]["name"]) for each in found["writes"]] == [
        (False, "after"),
        (True, "before"),
    ]
    assert all("managedFields" not in obj["metadata"] for _, obj in found["start"])


def test_only_changes_of_people_are_noted(desk: Desk) -> None:
    recorder = Recorder()
    recorder.follow(desk.world)

    def asked(
        verb: str,
        user: User | None = STUDENT,
        status: int = 200,
        is_dry_run: bool = False,
        group: str = "apps",
    ) -> None:
        access = AccessRequest(verb, "/", True, group, "v1", "deployments", "", "shop", "cart")
        recorder.changed(user, access, status, is_dry_run)

    asked("patch")
    recorder.begin()
    for verb in ("get", "list", "watch"):
        asked(verb)
    asked("patch", status=409)
    asked("patch", user=None)
    asked("patch", user=User("system:kube-scheduler", ()))
    asked("patch", is_dry_run=True)
    asked("create", group="authorization.k8s.io")
    assert recorder.document()["changes"] == []
    asked("delete")
    assert recorder.document()["changes"] == [["delete", "deployments.apps", "shop", "cart"]]


async def test_aws_as_the_learner_and_single_calls_as_the_account(desk: Desk) -> None:
    found = await desk.call("aws", words=["sts", "get-caller-identity", "--query", "Arn", "--output", "text"])
    assert found == {"code": 0, "out": "arn:aws:iam::123456789012:user/student\n", "err": ""}
    found = await desk.call("call", service="eks", operation="DescribeCluster", params={"name": "lab"})
    assert found["answer"]["cluster"]["status"] == "ACTIVE"
    assert isinstance(found["answer"]["cluster"]["createdAt"], str)
    found = await desk.call("call", service="eks", operation="DescribeCluster", params={"name": "none"})
    assert found["refused"] == "ResourceNotFoundException"
    found = await desk.call("call", service="eks", operation="DescribeNothing")
    assert found["refused"] == "UnknownOperation"


async def test_what_cannot_be_done_is_one_clear_message(desk: Desk) -> None:
    with pytest.raises(DataError, match="no moment is kept as 'nothing'"):
        await desk.call("restore", name="nothing")
    for name in ("../x", "", "Upper"):
        with pytest.raises(InputError, match="name"):
            await desk.call("keep", name=name)
    with pytest.raises(InputError, match="words"):
        await desk.call("aws", words="s3 ls")
    with pytest.raises(InputError, match="operation"):
        await desk.call("call", service="eks")
    assert await desk.laboratory.call("dance", {}) is None
    await desk.call("keep", name="start")
    await desk.call("forget", name="start")
    with pytest.raises(DataError, match="no moment"):
        await desk.call("restore", name="start")


async def test_a_damaged_moment_is_named(desk: Desk, tmp_path: Path) -> None:
    await desk.call("keep", name="start")
    (path,) = tmp_path.rglob("lab.jsonl")
    path.write_bytes(path.read_bytes()[:-20])
    desk.open()
    with pytest.raises(DataError, match=r"lab\.jsonl: the snapshot is damaged"):
        await desk.call("restore", name="start")
