"""Follows each instance from its launch to its node, and to its end."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from eks_lab.aws import machine_images
from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.backend import Ec2Backend
from eks_lab.aws.ec2.instance_records import INSTANCES, new_record, plan_of, with_status
from eks_lab.aws.ec2.instances import SHOWN_TERMINATED, Instance, observers
from eks_lab.aws.ec2.join import Plan, journal, judge
from eks_lab.aws.ec2.lost_nodes import LostNodeController
from eks_lab.aws.ec2.node_registration import register_node
from eks_lab.sim.objects import Key, Obj, key_of
from eks_lab.sim.runtime import DONE, Controller, Result, Watch

if TYPE_CHECKING:
    from eks_lab.aws.account import Account

NAME = "instances"
BOOT_SECONDS = (38, 58)
"""From `running` to the kubelet's first call: what AL2023 nodes take."""
RETRY = timedelta(seconds=15)
"""How often a node that cannot register is looked at again; its kubelet tries more often."""
UNKNOWN = Plan()
NODEGROUPS = "nodegroups.eks"


class InstanceController:
    """Boots instances, registers their nodes, and forgets them an hour after their end."""

    name = NAME
    watches: Sequence[Watch] = (Watch(INSTANCES),)

    def __init__(self, account: Account) -> None:
        """Follow the instances of an account.

        Args:
            account: its clock, store, clusters and EC2.
        """
        self._account = account
        self._plan = UNKNOWN
        observers[account.id] = self

    @property
    def _ec2(self) -> Ec2Backend:
        return mended.region(self._account.id, self._account.region)

    @contextmanager
    def planning(self, plan: Plan) -> Iterator[None]:
        """Take instances that are launched meanwhile as meant for a node group."""
        self._plan = plan
        try:
            yield
        finally:
            self._plan = UNKNOWN

    def changed(self, instance: Instance) -> None:
        """Begin to follow a new instance; look again at one that was ordered into another state."""
        if instance.ec2_backend.region_name != self._account.region:
            return
        if self._account.store.get(INSTANCES, _key(instance)) is not None:
            self._account.enqueue(NAME, _key(instance))
            return
        instance.launched_for = self._plan.cluster
        record = new_record(instance.id, self._account.ids.uid(), self._plan)
        self._account.store.put(INSTANCES, record)

    def console(self, instance_id: str) -> str:
        """Return the journal of an instance; empty when there is none."""
        instance = self._ec2.instance_index.get(instance_id)
        record = self._account.store.get(INSTANCES, _key(instance)) if instance is not None else None
        return "".join(f"{line}\n" for line in record["status"]["journal"]) if record is not None else ""

    def reconcile(self, key: Key) -> Result:
        """Bring one instance as far as it is by now."""
        store = self._account.store
        record = store.get(INSTANCES, key)
        if record is None:
            return DONE
        instance = self._ec2.instance_index.get(key.name)
        if instance is None:
            store.remove(INSTANCES, key)
            return DONE
        if instance.is_terminating:
            return self._end(instance, record)
        started = instance.running_since
        if started is None or record["status"]["isFinal"]:
            return DONE
        now = self._account.clock.now()
        booted = started.replace(tzinfo=UTC) + boot_time(instance.id)
        if now < booted:
            return Result(booted - now)
        return self._join(instance, record)

    def _join(self, instance: Instance, record: Obj) -> Result:
        account, status = self._account, record["status"]
        if status["nodeName"]:
            cluster = account.kubernetes.cluster(status["cluster"])
            if cluster is None or cluster.api.get("nodes", Key("", status["nodeName"])) is not None:
                return DONE
        plan = plan_of(record)
        verdict = judge(account, self._ec2, instance, plan)
        if verdict.may_register:
            register_node(account, self._ec2, instance, plan, verdict)
        elif verdict.problem == status["problem"]:
            return DONE if status["isFinal"] else Result(RETRY)
        lines = journal(account.clock.now(), verdict.node_name, verdict.lines)
        account.store.put(
            INSTANCES,
            with_status(
                record,
                lines,
                cluster=verdict.cluster,
                nodeName=verdict.node_name if verdict.may_register else "",
                problem=verdict.problem,
                isFinal=verdict.is_final,
            ),
        )
        return DONE if verdict.may_register or verdict.is_final else Result(RETRY)

    def _end(self, instance: Instance, record: Obj) -> Result:
        """Forget an instance when EC2 does."""
        assert instance.terminated_at is not None
        ended: datetime = instance.terminated_at.replace(tzinfo=UTC)
        left = ended + SHOWN_TERMINATED - self._account.clock.now()
        if left > timedelta(0):
            return Result(left)
        self._ec2.forget_terminated()
        self._account.store.remove(INSTANCES, key_of(record))
        return DONE

    def adopt(self) -> None:
        """Follow instances that have no record: those that EC2 has kept and the records have lost in a crash."""
        for instance in self._ec2.find_instances():
            if self._account.store.get(INSTANCES, _key(instance)) is None:
                plan = self._plan_by_tags(instance)
                instance.launched_for = plan.cluster
                self._account.store.put(INSTANCES, new_record(instance.id, self._account.ids.uid(), plan))

    def _plan_by_tags(self, instance: Instance) -> Plan:
        """Return what an instance was meant to become, from its tags and the record of its node group."""
        tags = self._ec2.tags_of(instance.id)
        cluster, nodegroup = tags.get("eks:cluster-name", ""), tags.get("eks:nodegroup-name", "")
        group = self._account.store.get(NODEGROUPS, Key(cluster, nodegroup)) if nodegroup else None
        image = machine_images.image_with_id(str(instance.image_id), self._account.region)
        if not nodegroup or image is None:
            return UNKNOWN
        return Plan(
            cluster=cluster,
            nodegroup=nodegroup,
            version=image.version,
            ami_type=image.ami_type,
            labels=dict(group["spec"].get("labels") or {}) if group is not None else {},
            generation=str(group.get("generation", "")) if group is not None else "",
        )


def boot_time(instance_id: str) -> timedelta:
    """Return how long an instance boots: always the same for the same instance."""
    low, high = BOOT_SECONDS
    return timedelta(seconds=low + int(instance_id[-4:], 16) % (high - low + 1))


def _key(instance: Instance) -> Key:
    return Key(instance.launched_for, instance.id)


def controllers(account: Account) -> tuple[Controller, ...]:
    """Return the controllers of this package."""
    controller = InstanceController(account)
    controller.adopt()
    return (controller, LostNodeController(account))
