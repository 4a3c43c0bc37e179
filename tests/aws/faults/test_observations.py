"""What can be seen of a world, and what cannot."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from eks_lab.aws.faults.model import Observation
from eks_lab.aws.faults.observations import is_seen
from eks_lab.aws.faults.stage import Notes, Stage
from eks_lab.aws.principal import root
from eks_lab.aws.world import World
from eks_lab.errors import ContentError
from tests.aws.faults.worlds import world

ADAPTER = TypeAdapter(Observation)
DNS = {"kind": "Deployment", "name": "coredns", "namespace": "kube-system"}


@pytest.fixture(scope="module")
def whole() -> World:
    """One for all: observations change nothing."""
    made = world()
    # Kubelets of a world that goes on look at their pods first.
    made.advance(timedelta(seconds=1))
    return made


def seen(whole: World, *, ago: timedelta = timedelta(days=1), **wish: Any) -> bool:
    stage = Stage(whole, "lab", Notes("x", 0, "", {"two": 2}), {})
    stage.notes.said["hello"] = "An error occurred (Oops)"
    return is_seen(stage, ADAPTER.validate_python(wish), whole.clock.now() - ago)


@pytest.mark.parametrize(
    "wish",
    [
        {"resource": {"kind": "Node", "count": 3}},
        {"resource": DNS},
        {"resource": {**DNS, "path": ".status.readyReplicas", "equals": "${vars.two}"}},
        {"resource": {**DNS, "path": ".status.readyReplicas", "gte": 2}},
        {"resource": {**DNS, "name": "core*", "path": ".spec.strategy.type", "matches": "^Rolling"}},
        {"resource": {"kind": "Pod", "selector": {"k8s-app": "kube-dns"}, "count": 2}},
        {"event": {"reason": "FailedScheduling", "namespace": "kube-system", "name": "coredns-*"}},
        {"log": {"namespace": "kube-system", "pod": "aws-node-*", "contains": "Starting IPAM daemon"}},
        {"log": {"namespace": "kube-system", "container": "aws-node", "matches": "Starting [A-Z]+ daemon"}},
        {"aws": {"command": "eks describe-cluster --name lab", "path": "cluster.status", "equals": "ACTIVE"}},
        {"aws": {"command": "eks describe-cluster --name x", "contains": "ResourceNotFoundException"}},
        {"aws": {"command": "eks list-addons --cluster-name ${cluster.name}", "contains": "coredns"}},
        {"said": {"step": "hello", "contains": "Oops"}},
        {"console": {"nodegroup": "workers", "contains": "Successfully registered node"}},
    ],
)
def test_what_is_there_is_seen(whole: World, wish: dict[str, Any]) -> None:
    assert seen(whole, **wish)


@pytest.mark.parametrize(
    "wish",
    [
        {"resource": {"kind": "Node", "count": 4}},
        {"resource": {"kind": "ENIConfig", "name": "nowhere"}},
        {"resource": {"kind": "NoSuchKind"}},
        {"resource": {**DNS, "path": ".status.readyReplicas", "equals": 3}},
        {"resource": {**DNS, "path": ".status.readyReplicas", "gte": 3}},
        {"resource": {**DNS, "path": ".spec.strategy.type", "gte": 1}},
        {"resource": {**DNS, "path": ".spec.nothing"}},
        {"event": {"reason": "FailedMount"}},
        {"event": {"reason": "FailedScheduling", "kind": "Node"}},
        {"log": {"namespace": "default", "contains": "Starting IPAM daemon"}},
        {"aws": {"command": "eks describe-cluster --name lab", "path": "cluster.nothing"}},
        {"aws": {"command": "eks describe-cluster --name x", "path": "cluster.status", "equals": "ACTIVE"}},
        {"said": {"step": "goodbye"}},
        {"console": {"nodegroup": "nobody", "contains": "Successfully registered node"}},
        {"kubectl": {"verb": "get", "kind": "Node"}},
    ],
)
def test_what_is_not_there_is_not_seen(whole: World, wish: dict[str, Any]) -> None:
    assert not seen(whole, **wish)


@pytest.mark.parametrize(
    "wish",
    [
        {"event": {"reason": "FailedScheduling", "namespace": "kube-system"}},
        {"log": {"namespace": "kube-system", "contains": "Starting IPAM daemon"}},
    ],
)
def test_what_is_past_does_not_count(whole: World, wish: dict[str, Any]) -> None:
    assert seen(whole, **wish)
    assert not seen(whole, ago=timedelta(minutes=2), **wish)


def test_kubectl_is_refused_as_the_server_refuses(whole: World) -> None:
    account = whole.account
    stranger = f"arn:aws:iam::{account.id}:user/stranger"
    out: dict[str, Any] = {
        "kubectl": {"verb": "get", "kind": "Node", "caller": stranger, "contains": "You must be logged in"}
    }
    assert seen(whole, **out)
    entry = {"clusterName": "lab", "principalArn": stranger}
    account.call("iam", "CreateUser", {"UserName": "stranger"}, principal=root(account.id))
    account.call("eks", "CreateAccessEntry", entry, principal=root(account.id))
    assert not seen(whole, **out)
    words = f'nodes is forbidden: User "{stranger}" cannot list resource "nodes" in API group "" at the cluster scope'
    assert seen(whole, kubectl={"verb": "get", "kind": "Node", "caller": stranger, "contains": words})
    view = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSAdminViewPolicy"
    scope = {"policyArn": view, "accessScope": {"type": "cluster"}}
    account.call("eks", "AssociateAccessPolicy", {**entry, **scope}, principal=root(account.id))
    assert not seen(whole, kubectl={"verb": "get", "kind": "Node", "caller": stranger})


def test_trying_to_create_something_creates_nothing(whole: World) -> None:
    bad = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "Bad_Name"}}
    assert seen(
        whole,
        kubectl={
            "verb": "create",
            "manifest": bad,
            "matches": '^The Namespace "Bad_Name" is invalid|is invalid',
        },
    )
    good = {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "good"}}
    assert not seen(whole, kubectl={"verb": "create", "manifest": good})
    assert not seen(whole, resource={"kind": "Namespace", "name": "good"})


@pytest.mark.parametrize("command", ["eks delete-cluster --name lab", "s3 rm s3://x", "ec2"])
def test_an_observation_only_reads(whole: World, command: str) -> None:
    with pytest.raises(ContentError, match="an observation only reads"):
        seen(whole, aws={"command": command, "contains": "x"})


@pytest.mark.parametrize("wish", [{}, {"said": {"step": "a"}, "event": {}}, {"guess": {}}])
def test_an_observation_is_of_one_kind(whole: World, wish: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"exactly one of event, resource|guess"):
        seen(whole, **wish)
