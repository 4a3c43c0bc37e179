"""Arming: what stands in its way, what happens when it fails, and what is taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from eks_lab.aws.faults.discovery import Discovered
from eks_lab.aws.faults.engine import Faults, play
from eks_lab.aws.faults.fault_file import load_fault, packaged
from eks_lab.aws.faults.model import Fault
from eks_lab.aws.faults.stage import StepError
from eks_lab.aws.principal import root
from eks_lab.aws.world import World
from eks_lab.errors import InputError, UnavailableError
from eks_lab.sim.objects import Key
from tests.aws.faults.worlds import shape, world

HEAD = """\
id: example
title: An example
number: 1
mark: M
says: [broken]
cause: Somebody.
remedy: Somebody else.
sources: [here]
symptom:
  - resource: {kind: ConfigMap, name: broken, namespace: default}
fix:
  - delete: {kind: ConfigMap, name: broken, namespace: default}
arm:
"""
APPLY = "  - apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: broken}, data: {a: '${vars.a}'}}\n"
VARS = "vars: {a: {choose: [x, y, z]}, b: {range: [1, 1000]}}\n"


def example(steps: str, more: str = "") -> Fault:
    return load_fault(f"{HEAD}{steps}{more}", "example.yaml")


def one(whole: World, steps: str, more: str = "") -> Faults:
    return Faults(whole, "lab", [example(steps, more)])


def test_a_fault_is_armed_once() -> None:
    whole = world()
    faults = one(whole, APPLY, VARS)
    play(faults.arm("example"), whole.advance)
    with pytest.raises(InputError, match="example is armed already"):
        play(faults.arm("example"), whole.advance)


def test_two_faults_that_touch_the_same_are_not_armed_together() -> None:
    whole = world()
    first = replace(example(APPLY, VARS), touches=["vpc-cni"])
    faults = Faults(whole, "lab", [first, replace(first, id="other")])
    play(faults.arm("example"), whole.advance)
    with pytest.raises(InputError, match="example is armed and touches vpc-cni, too"):
        play(faults.arm("other"), whole.advance)
    play(faults.clear("example"), whole.advance)
    play(faults.arm("other"), whole.advance)


@pytest.mark.parametrize(
    ("needs", "message"),
    [
        ("{nodes: 4}", "needs 4 ready nodes, the cluster has 3"),
        ("{addons: [aws-ebs-csi-driver]}", "needs the add-on aws-ebs-csi-driver"),
        ("{without_addons: [coredns]}", "cannot be seen while the add-on coredns is there"),
    ],
)
def test_what_a_fault_needs_is_checked_before_anything_is_done(needs: str, message: str) -> None:
    whole = world()
    before = shape(whole)
    with pytest.raises(UnavailableError, match=message):
        play(one(whole, APPLY, f"{VARS}requires: {needs}\n").arm("example"), whole.advance)
    assert shape(whole) == before


@pytest.mark.parametrize(
    ("failing", "message"),
    [
        (
            "  - aws: eks describe-cluster --name nobody\n",
            "aws eks describe-cluster .*ResourceNotFoundException",
        ),
        ("  - apply: {apiVersion: v1, kind: ConfigMap, metadata: {name: Wrong_Name}}\n", "is invalid"),
        ("  - aws: sts get-caller-identity\n    fails: AccessDenied\n", "was not refused"),
        (
            "  - wait: {until: {event: {reason: Never}}, most: 1m}\n",
            "waited 1m in vain for event reason: Never",
        ),
        ("  - delete: {kind: Pod, name: nobody, namespace: default}\n", "NotFound"),
        ("  - find: {x: {kind: Pod, name: nobody, path: .spec.nodeName}}\n", "no Pod has .spec.nodeName"),
    ],
)
def test_a_step_that_fails_takes_everything_back(failing: str, message: str) -> None:
    whole = world()
    before = shape(whole)
    faults = one(whole, APPLY + failing, VARS)
    with pytest.raises(StepError, match=message):
        play(faults.arm("example"), whole.advance)
    assert shape(whole) == before
    assert not any(each.armed_at for each in faults.listed())


def test_the_seed_decides_about_variables() -> None:
    seen = []
    for seed in (1, 2, 1):
        whole = world()
        notes = play(one(whole, APPLY, VARS).arm("example", seed), whole.advance)
        cluster = whole.cluster("lab")
        assert cluster is not None
        assert cluster.api.read("configmaps", Key("default", "broken"))["data"] == {"a": notes.variables["a"]}
        seen.append(notes.variables)
    assert seen[0] == seen[2] != seen[1]


def test_what_was_changed_is_put_back_and_what_was_deleted_is_made_again() -> None:
    whole = world()
    before = shape(whole)
    steps = (
        "  - patch: {kind: ConfigMap, name: coredns, namespace: kube-system, patch: {data: {Corefile: '.:53 {}'}}}\n"
        "  - delete: {kind: Service, name: kube-dns, namespace: kube-system}\n"
        "  - scale: {kind: Deployment, name: coredns, namespace: kube-system, replicas: 5}\n"
        "  - cordon: '${nodes[0]}'\n"
        "  - run_out: {instance: m5.large, zone: us-east-1a}\n"
        "  - fill_subnet: {subnet: '${subnets.control_plane[0]}', leave: 2}\n"
    )
    faults = one(whole, steps)
    play(faults.arm("example"), whole.advance)
    ec2 = whole.account.moto.backend("ec2")
    assert ec2.capacity.is_out("m5.large", "us-east-1a", is_spot=False)
    assert ec2.subnet_of(_control_plane(whole)).available_ip_address_count == 2
    assert shape(whole) != before
    assert play(faults.clear("example"), whole.advance) == []
    whole.advance(timedelta(minutes=2))
    assert shape(whole) == before


def _control_plane(whole: World) -> str:
    found: list[str] = Discovered(whole, "lab")["subnets"]["control_plane"]
    return found[0]


def test_what_a_learner_built_upon_stays_and_is_named() -> None:
    whole = world()
    steps = (
        "  - aws: iam create-role --role-name r --assume-role-policy-document ${documents.trust}\n"
        "clear:\n  - aws: iam delete-role --role-name r\n"
        "documents: {trust: {Version: '2012-10-17', Statement: [{Effect: Allow, Principal: {Service: ec2.amazonaws.com}, "
        "Action: 'sts:AssumeRole'}]}}\n"
    )
    faults = one(whole, steps)
    play(faults.arm("example"), whole.advance)
    account = whole.account
    policy = {"RoleName": "r", "PolicyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}
    account.call("iam", "AttachRolePolicy", policy, principal=root(account.id))
    (left,) = play(faults.clear("example"), whole.advance)
    assert left.startswith("aws iam delete-role --role-name r: ")
    assert "DeleteConflict" in left
    with pytest.raises(InputError, match="example is not armed"):
        play(faults.clear("example"), whole.advance)


@pytest.mark.parametrize("id", ["sdk-too-old", "locked-out", "multi-attach"])
def test_what_a_learner_has_already_is_left_alone_when_arming_fails(id: str) -> None:
    """A role, an access entry, a node group of the name that the fault wants."""
    whole = world()
    account = whole.account
    caller = root(account.id)
    trust = (
        '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"},'
        ' "Action": "sts:AssumeRole"}]}'
    )
    role = {"RoleName": "exporter", "AssumeRolePolicyDocument": trust}
    account.call("iam", "CreateRole", role, principal=caller)
    entry = {"clusterName": "lab", "principalArn": f"arn:aws:iam::{account.id}:user/student"}
    account.call("eks", "DeleteAccessEntry", entry, principal=caller)
    group = {
        "clusterName": "lab",
        "nodegroupName": "orders",
        "nodeRole": f"arn:aws:iam::{account.id}:role/eks-lab-node",
        "subnets": Discovered(whole, "lab")["subnets"]["private"],
        "scalingConfig": {"minSize": 0, "maxSize": 1, "desiredSize": 0},
    }
    account.call("eks", "CreateNodegroup", group, principal=caller)
    whole.advance(timedelta(minutes=5))
    before = shape(whole)
    with pytest.raises(StepError, match=r"EntityAlreadyExists|ResourceNotFound|ResourceInUse"):
        play(Faults(whole, "lab").arm(id), whole.advance)
    whole.advance(timedelta(minutes=10))
    assert shape(whole) == before


def test_an_unknown_fault_is_refused_with_those_there_are() -> None:
    with pytest.raises(InputError, match=r"'nonsense' is none of .*locked-out"):
        Faults(world(), "lab").fault("nonsense")


def test_a_cluster_that_is_gone_has_no_faults() -> None:
    whole = world()
    whole.delete("lab")
    with pytest.raises(UnavailableError, match="cluster lab is not there"):
        play(Faults(whole, "lab").arm("locked-out"), whole.advance)


def test_the_fix_is_shown_as_commands_without_loose_ends() -> None:
    whole = world()
    for fault in packaged():
        if fault.id in ("locked-out", "irsa-subject-mismatch", "bad-zone"):
            faults = Faults(whole, "lab")
            play(faults.arm(fault.id), whole.advance)
            commands = faults.commands(fault.id)
            assert len(commands) == len(fault.fix)
            assert all(each.startswith(("aws ", "kubectl ", "eks-lab ", "(")) for each in commands)
            assert not any("${" in each for each in commands)
