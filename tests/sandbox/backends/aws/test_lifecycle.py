"""From nothing to nodes and back to nothing, with everything that can come between."""

from __future__ import annotations

import stat
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from eks_lab.errors import InputError, UnavailableError
from eks_lab.sandbox.backends.aws.lifecycle import RESOURCES
from eks_lab.sandbox.backends.aws.requests import Api, RefusedError, is_read
from eks_lab.sandbox.backends.aws.site import EXPIRES_TAG, OWNER_TAG, SESSION_TAG
from eks_lab.sandbox.backends.interface import StoppedError
from tests.sandbox.backends.aws.own_account import WISHES, Killed, Learner, OwnAccount, refusing

STEPS = [each.step for each in RESOURCES]
CHANGES = 25
"""Calls of `up` that change something; a test keeps it true."""


def kill(monkeypatch: pytest.MonkeyPatch, number: int, happens: Callable[[str], bool]) -> None:
    """Let the program die when the given call has been carried out, and before its answer is looked at."""
    real, seen = Api._once, [0]

    def once(self: Api, service: str, operation: str, params: Any) -> dict[str, Any]:
        found = real(self, service, operation, params)
        if happens(operation):
            seen[0] += 1
            if seen[0] == number:
                raise Killed(f"{service} {operation}")
        return found

    monkeypatch.setattr(Api, "_once", once)


def is_change(operation: str) -> bool:
    return not is_read(operation)


def test_up_and_down(learner: Learner, account: OwnAccount) -> None:
    status = learner.up()
    assert learner.done == STEPS
    assert len(account.changes) == CHANGES
    assert status.running
    assert status.account == "123456789012"
    assert {"cluster", "node-groups", "writable"} <= status.capabilities
    assert not {"simulated-time", "snapshots", "faults"} & status.capabilities
    world = account.lab
    assert len(world.ready_nodes("mine")) == 1
    left = learner.down()
    assert account.left() == []
    assert left.is_clean
    assert any("resourcegroupstaggingapi" in each for each in left.looked_at)
    assert not learner.backend.status().running


def test_everything_bears_the_tags(learner: Learner, account: OwnAccount) -> None:
    learner.up()
    session = learner.ledger["head"]["session"]
    filters = [{"Key": SESSION_TAG, "Values": [session]}]
    found = account.lab.call("resourcegroupstaggingapi", "GetResources", TagFilters=filters)
    kinds = set()
    for each in found["ResourceTagMappingList"]:
        tags = {tag["Key"]: tag["Value"] for tag in each["Tags"]}
        assert tags[OWNER_TAG] == "user/student"
        assert tags[EXPIRES_TAG] == "2026-11-23T11:00:00Z"
        kinds.add(each["ResourceARN"].split(":", 5)[-1].split("/")[0])
    assert {
        "vpc", "subnet", "internet-gateway", "route-table", "launch-template", "security-group", "instance", "cluster",
        "nodegroup",
    } <= kinds  # fmt: skip
    groups = account.lab.call("autoscaling", "DescribeAutoScalingGroups")["AutoScalingGroups"]
    assert any(tag["Key"] == SESSION_TAG for group in groups for tag in group["Tags"])
    for role in ("cluster-role", "node-role"):
        tags = account.lab.call("iam", "ListRoleTags", RoleName=f"eks-lab-{session}-{role}")["Tags"]
        assert {tag["Key"] for tag in tags} == {OWNER_TAG, SESSION_TAG, EXPIRES_TAG}
    learner.down()


def test_the_record_is_the_owners_alone(learner: Learner) -> None:
    learner.up()
    path = learner.directory.root / "own-account" / "ledger.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.with_name("kubeconfig").stat().st_mode) == 0o600
    assert [each["step"] for each in learner.ledger["entries"]] == STEPS
    left = learner.down()
    assert "closed-" in left.kept[0]
    learner.down(purge=True)
    assert not path.parent.exists()


@pytest.mark.parametrize("number", [1, 2, 4, 8, 11, 13, 15, 17, 21, 22, 24])
def test_killed_while_making(
    learner: Learner, account: OwnAccount, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """At every step: the call was carried out, and nobody has heard of it; `down` finds what it made."""
    with monkeypatch.context() as patch:
        kill(patch, number, is_change)
        with pytest.raises(Killed):
            learner.up()
    assert account.left() != []
    assert learner.backend.status().running
    assert learner.down().is_clean
    assert account.left() == []


@pytest.mark.parametrize("number", [2, 15, 22])
def test_killed_and_gone_on(
    learner: Learner, account: OwnAccount, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """The next `up` finds what the killed one made, and makes nothing twice."""
    with monkeypatch.context() as patch:
        kill(patch, number, is_change)
        with pytest.raises(Killed):
            learner.up()
    learner.up()
    made = [operation for _, operation in account.changes if operation.startswith("Create")]
    twice = {each for each in made if made.count(each) > 1}
    assert twice == {"CreateRole", "CreateSubnet"}
    assert made.count("CreateRole") == made.count("CreateSubnet") == 2
    assert learner.backend.status().capabilities
    assert learner.down().is_clean
    assert account.left() == []


@pytest.mark.parametrize("number", [1, 9])
def test_killed_while_removing(
    learner: Learner, account: OwnAccount, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    learner.up()
    with monkeypatch.context() as patch:
        kill(patch, number, is_change)
        with pytest.raises(Killed):
            learner.down()
    assert learner.down().is_clean
    assert account.left() == []


@pytest.mark.parametrize("moment", ["at once", "while waiting"])
def test_cancelled(learner: Learner, account: OwnAccount, moment: str) -> None:
    if moment == "at once":
        learner.cancel.cancel()
    else:
        learner.on_wait = learner.cancel.cancel
    with pytest.raises(StoppedError):
        learner.up()
    learner.on_wait = None
    assert bool(account.left()) is (moment == "while waiting")
    assert learner.down().is_clean
    assert account.left() == []


@pytest.mark.parametrize(
    ("operation", "service"),
    [
        ("AttachRolePolicy", "iam"), ("CreateSubnet", "ec2"), ("CreateRoute", "ec2"), ("CreateNodegroup", "eks"),
    ],
)  # fmt: skip
def test_access_denied(learner: Learner, account: OwnAccount, operation: str, service: str) -> None:
    code = "UnauthorizedOperation" if service == "ec2" else "AccessDenied"
    account.before = refusing(operation, code, status=403)
    with pytest.raises(RefusedError) as caught:
        learner.up()
    assert f"{service}:{operation}" in caught.value.message
    assert "eks-lab sandbox down" in caught.value.hint
    assert learner.steps[-1].state == "failed"
    account.before = None
    assert learner.down().is_clean
    assert account.left() == []


def test_no_budget_is_permitted(learner: Learner, account: OwnAccount) -> None:
    """The estimate watches alone; everything else is made."""
    account.before = refusing("CreateBudget", "AccessDeniedException")
    learner.up()
    assert learner.done == STEPS
    assert learner.ledger["entries"][0]["id"] == "not permitted"
    assert learner.down().is_clean


def test_throttled(learner: Learner, account: OwnAccount) -> None:
    account.before = refusing("CreateVpc", "RequestLimitExceeded", times=3, status=503)
    learner.up()
    assert [each for each in account.asked if each[1] == "CreateVpc"] == [("ec2", "CreateVpc")] * 4
    assert learner.down().is_clean
    assert account.left() == []


def test_throttled_for_ever(learner: Learner, account: OwnAccount) -> None:
    account.before = refusing("CreateRole", "Throttling")
    with pytest.raises(RefusedError, match="Throttling") as caught:
        learner.up()
    assert "8 times" in caught.value.hint
    account.before = None
    assert learner.down().is_clean


def test_credentials_run_out(learner: Learner, account: OwnAccount) -> None:
    """`down` cannot look, so it says so and keeps the record; with new credentials it goes on."""
    account.before = refusing("CreateLaunchTemplate", "RequestExpired")
    with pytest.raises(RefusedError, match="RequestExpired") as caught:
        learner.up()
    assert "aws sso login --profile school" in caught.value.hint
    account.before = refusing("GetCallerIdentity", "ExpiredToken", status=403)
    with pytest.raises(RefusedError, match="ExpiredToken"):
        learner.down()
    assert account.left() != []
    account.before = None
    learner.up()
    assert learner.down().is_clean
    assert account.left() == []


def test_a_role_that_is_not_known_yet(learner: Learner, account: OwnAccount) -> None:
    """IAM takes some seconds to tell EKS of a new role."""
    left = [2]

    def unknown(service: str, operation: str, params: dict[str, Any]) -> None:
        from eks_lab.aws.errors import AwsError

        if operation == "CreateCluster" and left[0]:
            left[0] -= 1
            message = f"Role with arn: {params['roleArn']}, could not be assumed because it does not exist"
            raise AwsError("InvalidParameterException", message)

    account.before = unknown
    learner.up()
    assert [each[1] for each in account.asked].count("CreateCluster") == 3
    learner.down()


def test_something_else_is_in_the_way(learner: Learner, account: OwnAccount) -> None:
    """What labs and controllers make in the VPC goes with it: load balancers, groups, instances, interfaces."""
    learner.up()
    ids = {each["step"]: each["id"] for each in learner.ledger["entries"]}
    call, subnets = account.lab.call, [ids["subnet-1"], ids["subnet-2"]]
    group = call("ec2", "CreateSecurityGroup", GroupName="web", Description="of a lab", VpcId=ids["vpc"])[
        "GroupId"
    ]
    rule = {"IpProtocol": "tcp", "FromPort": 80, "ToPort": 80, "UserIdGroupPairs": [{"GroupId": group}]}
    call("ec2", "AuthorizeSecurityGroupIngress", GroupId=group, IpPermissions=[rule])
    call("elbv2", "CreateLoadBalancer", Name="of-a-lab", Subnets=subnets, SecurityGroups=[group])
    call("ec2", "CreateNetworkInterface", SubnetId=subnets[0])
    tags = [{"ResourceType": "volume", "Tags": [{"Key": "kubernetes.io/cluster/mine", "Value": "owned"}]}]
    volume = call("ec2", "CreateVolume", AvailabilityZone="us-east-1a", Size=1, TagSpecifications=tags)[
        "VolumeId"
    ]
    theirs = call("ec2", "CreateVolume", AvailabilityZone="us-east-1a", Size=1)["VolumeId"]
    assert learner.down().is_clean
    assert account.left() == []
    assert call("elbv2", "DescribeLoadBalancers")["LoadBalancers"] == []
    volumes = [each["VolumeId"] for each in call("ec2", "DescribeVolumes")["Volumes"]]
    assert volume not in volumes
    assert theirs in volumes
    call("ec2", "DeleteVolume", VolumeId=theirs)


def test_what_cannot_be_removed_is_listed_with_its_command(learner: Learner, account: OwnAccount) -> None:
    learner.up()
    account.before = refusing("DeleteRole", "AccessDenied", status=403)
    left = learner.down()
    session = learner.ledger["head"]["session"]
    assert len(left.left) == 2
    assert left.left[0] == (
        f"role eks-lab-{session}-cluster-role: aws iam delete-role --role-name eks-lab-{session}-cluster-role"
        " --profile school --region us-east-1"
    )
    assert learner.backend.status().running
    account.before = None
    assert learner.down().is_clean
    assert account.left() == []


def test_a_node_group_that_cannot_be_deleted(
    learner: Learner, account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EKS gives up on it: that is said with EKS's reason and the commands, and nothing waits for the rest."""
    learner.up()
    real = Api._once

    def once(self: Api, service: str, operation: str, params: Any) -> dict[str, Any]:
        if operation == "DeleteNodegroup":
            return {}
        if operation == "DescribeNodegroup":
            found = real(self, service, operation, params)
            issue = {"code": "Ec2SecurityGroupDeletionFailure", "message": "DependencyViolation"}
            found["nodegroup"] |= {"status": "DELETE_FAILED", "health": {"issues": [issue]}}
            return found
        return real(self, service, operation, params)

    with monkeypatch.context() as patch:
        patch.setattr(Api, "_once", once)
        left = learner.down()
    assert any("eks delete-nodegroup --cluster-name mine" in each for each in left.left)
    failed = [each.detail for each in learner.steps if each.state == "failed"]
    assert "Ec2SecurityGroupDeletionFailure: DependencyViolation" in failed[0]
    assert learner.down().is_clean
    assert account.left() == []


def test_not_being_allowed_to_look_proves_nothing(learner: Learner, account: OwnAccount) -> None:
    learner.up()
    account.before = refusing("GetResources", "AccessDeniedException")
    left = learner.down()
    assert not left.is_clean
    assert "could not be looked at" in left.left[0]
    account.before = None
    assert learner.down().is_clean


def test_a_cluster_of_somebody_else_is_left_alone(learner: Learner, account: OwnAccount) -> None:
    with pytest.raises(InputError, match="already, and it is not ours"):
        learner.up(replace(WISHES, new="lab"))
    assert account.changes == []
    assert learner.down() is not None
    assert "lab" in account.lab.call("eks", "ListClusters")["clusters"]


def test_a_cluster_made_meanwhile_by_somebody_else_is_left_alone(
    learner: Learner, account: OwnAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The intention is on record, but the cluster of that name bears other tags."""
    with monkeypatch.context() as patch:
        kill(patch, 1, lambda operation: operation == "CreateLaunchTemplate")
        with pytest.raises(Killed):
            learner.up()
    path = learner.directory.root / "own-account" / "ledger.json"
    text = path.read_text().replace('"cluster": "mine"', '"cluster": "lab"')
    path.write_text(text)
    with pytest.raises(RefusedError, match="ResourceInUseException"):
        learner.up(replace(WISHES, new="lab"))
    assert learner.down().is_clean
    assert "lab" in account.lab.call("eks", "ListClusters")["clusters"]
    assert account.left() == []


def test_another_account_behind_the_profile(learner: Learner, account: OwnAccount) -> None:
    """Nothing is removed from an account in which nothing was made."""
    learner.up()
    path = learner.directory.root / "own-account" / "ledger.json"
    text = path.read_text()
    path.write_text(text.replace('"account": "123456789012"', '"account": "999999999999"'))
    account.forget()
    with pytest.raises(InputError, match="nothing was changed"):
        learner.down()
    assert account.changes == []
    path.write_text(text)
    assert learner.down().is_clean


def test_time_limit(learner: Learner, account: OwnAccount, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        kill(patch, 1, lambda operation: operation == "CreateVpc")
        with pytest.raises(Killed):
            learner.up()
    assert learner.backend.status().overdue == ""
    learner.clock.advance(timedelta(hours=3, minutes=1))
    assert "time limit of 3 h passed at 2026-11-23 11:00 UTC" in learner.backend.status().overdue
    account.forget()
    with pytest.raises(InputError, match="Nothing further is made"):
        learner.up()
    assert account.changes == []
    assert learner.down().is_clean
    assert account.left() == []


def test_spending_limit(learner: Learner, account: OwnAccount) -> None:
    wishes = replace(WISHES, hours=10.0, budget_usd=1.5)
    learner.up(wishes)
    learner.clock.advance(timedelta(hours=9))
    status = learner.backend.status()
    assert status.overdue == ""
    assert status.spent_usd == pytest.approx(9.3 * 0.1488, abs=0.05)
    learner.clock.advance(timedelta(minutes=59))
    assert learner.backend.status().overdue == "" or "limit" in learner.backend.status().overdue
    learner.clock.advance(timedelta(minutes=10))
    assert "limit" in learner.backend.status().overdue
    assert learner.down().is_clean


def test_unreachable(learner: Learner, account: OwnAccount, unused_tcp_port: int) -> None:
    learner.up()
    url, account.url = account.url, f"http://127.0.0.1:{unused_tcp_port}"
    status = learner.backend.status()
    assert status.running
    assert any("cannot be reached" in each for each in status.notices)
    with pytest.raises(UnavailableError, match="cannot be reached"):
        learner.down()
    account.url = url
    assert learner.down().is_clean
