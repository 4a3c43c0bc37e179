"""The screen's way to a real sandbox process, and what is said when the way is blocked."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import boto3
import pytest

from eks_lab.errors import DataError, EksLabError, InputError, UnavailableError
from eks_lab.sandbox import launch
from eks_lab.sandbox.state_directory import StateDirectory
from eks_lab.tui.sandbox_access import STEPS, LocalSandbox
from eks_lab.tui.sandbox_reader import KubeReader
from eks_lab.tui.sandbox_view import Page, Wishes


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[StateDirectory]:
    """A folder whose sandbox ends with the test."""
    made = StateDirectory(tmp_path / "sandbox")
    yield made
    launch.stop(made)


def ignore(step: str, part: float) -> None:
    """Hear nothing."""


def test_a_sandbox_is_started_watched_played_and_stopped(directory: StateDirectory) -> None:
    sandbox = LocalSandbox(directory)
    assert sandbox.look().facts is None
    steps: list[tuple[str, float]] = []
    sandbox.start(lambda step, part: steps.append((step, part)))
    assert steps[0] == (f"step 1 of 3, {STEPS[0]}", 0.5 / 3)
    assert steps == sorted(steps, key=lambda step: step[1])
    view = sandbox.look()
    assert view.facts is not None
    assert (view.facts.ready, view.facts.nodes) == (3, 3)
    assert view.facts.kubeconfig == str(directory.kubeconfig)
    assert view.nodes.title == "Nodes: 3, all ready"
    assert [row.cells[1:4] for row in view.nodes.rows] == [
        ("✓ ready", f"us-east-1{zone}", "m5.large") for zone in ("a", "c", "b")
    ]
    manifest = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: sent}\n"
    assert sandbox.apply(manifest) == "configmap/sent created"
    with pytest.raises(InputError, match="Bad_Name"):
        sandbox.apply(manifest.replace("sent", "Bad_Name"))
    sandbox.set_speed("pause")
    before = sandbox.look().facts
    parts: list[float] = []
    played = sandbox.advance(5, lambda _, part: parts.append(part), lambda: len(parts) == 2)
    after = sandbox.look().facts
    assert before is not None
    assert after is not None
    assert played.minutes == 2
    assert parts == [0, 0.2]
    assert (after.now - before.now).total_seconds() == 120
    assert after.is_paused
    sandbox.reset()
    assert len(sandbox.look().nodes.rows) == 3
    sandbox.begin(Wishes(2, "c7g.large", "1.35", 4), ignore)
    another = sandbox.look()
    assert another.facts is not None
    assert another.facts.wishes == Wishes(2, "c7g.large", "1.35", 4)
    assert [row.cells[3] for row in another.nodes.rows] == ["c7g.large"] * 2
    with pytest.raises(InputError, match=r"m5\.lrage"):
        sandbox.begin(Wishes(instance="m5.lrage"), ignore)
    assert sandbox.look().facts is not None, "the cluster is still there"
    sandbox.stop()
    assert sandbox.look().facts is None
    assert directory.cluster_of("lab").exists()
    # Its kubeconfig is still there, and nobody listens.
    with pytest.raises(UnavailableError, match="does not answer"):
        KubeReader(directory.kubeconfig).read(("/api/v1/nodes", True))
    sandbox.reset()
    assert not directory.cluster_of("lab").exists()
    sandbox.begin(Wishes(nodes=1), ignore)
    begun = sandbox.look().facts
    assert begun is not None
    assert begun.nodes == 1
    sandbox.stop()
    with pytest.raises(UnavailableError, match="does not run"):
        sandbox.advance(1, ignore, lambda: False)
    with pytest.raises(UnavailableError, match="does not run"):
        sandbox.apply(manifest)


def test_a_folder_that_cannot_be_made_is_said_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EksLabError) as told:
        LocalSandbox(StateDirectory(tmp_path / "file" / "sandbox")).start(ignore)
    assert "file" in told.value.message
    assert told.value.hint


@pytest.mark.parametrize("content", [None, "{", "{}", json.dumps({"clusters": [], "users": []}), "[]"])
def test_a_kubeconfig_that_is_gone_or_another_one_is_said(tmp_path: Path, content: str | None) -> None:
    path = tmp_path / "kubeconfig"
    if content is not None:
        path.write_text(content)
    with pytest.raises(DataError, match="kubeconfig"):
        KubeReader(path).read(("/api/v1/nodes", True))


def test_the_account_and_every_cluster_of_it_are_seen(directory: StateDirectory) -> None:
    sandbox = LocalSandbox(directory)
    sandbox.start(ignore)
    known = json.loads(directory.aws_environment.read_bytes())
    facts = sandbox.look().facts
    assert facts is not None
    assert (facts.shown, facts.aws) == ("lab", known["AWS_ENDPOINT_URL"])
    network = sandbox.look(Page.NETWORK).account
    assert [row.cells[0] for row in network.instances.rows if not row.cells[0].startswith(" ")] == [
        "ip-10-0-1-10",
        "ip-10-0-65-10",
        "ip-10-0-129-10",
    ]
    assert all(" of " in row.cells[2] for row in network.instances.rows if row.cells[1])
    assert "Would have cost" in sandbox.look(Page.COST).costs.lines.title
    eks = boto3.client(
        "eks",
        endpoint_url=known["AWS_ENDPOINT_URL"],
        region_name=known["AWS_REGION"],
        aws_access_key_id=known["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=known["AWS_SECRET_ACCESS_KEY"],
    )
    lab = eks.describe_cluster(name="lab")["cluster"]
    eks.create_cluster(
        name="second",
        version="1.35",
        roleArn=lab["roleArn"],
        resourcesVpcConfig={"subnetIds": lab["resourcesVpcConfig"]["subnetIds"]},
    )
    # Pages of the account wait for nothing: the cluster is seen on its way.
    assert ("second", "▲ CREATING") in [row.cells[:2] for row in sandbox.look(Page.EKS).account.clusters.rows]
    sandbox.advance(15, lambda *_: None, lambda: False)
    second = sandbox.look(cluster="second")
    assert second.facts is not None
    assert (second.facts.shown, second.facts.version, second.facts.nodes) == ("second", "1.35", 0)
    assert second.nodes.title == "Nodes: none"
    same = sandbox.look(Page.EKS, "second").facts
    assert same is not None
    assert replace(same, now=second.facts.now) == second.facts
    first = sandbox.look().facts
    assert first is not None
    assert (first.version, first.nodes) == ("1.36", 3)
    for name in ("second", "lab"):
        if name == "lab":
            eks.delete_nodegroup(clusterName="lab", nodegroupName="workers")
            sandbox.advance(15, lambda *_: None, lambda: False)
        eks.delete_cluster(name=name)
        sandbox.advance(15, lambda *_: None, lambda: False)
    empty = sandbox.look(cluster="second")
    assert empty.facts is not None
    assert (empty.facts.shown, empty.facts.clusters) == ("", ())
    assert "aws eks create-cluster" in empty.pods.empty
    assert sandbox.look(Page.NETWORK).account.instances.rows == ()
