"""Keeps a node group as large as it should be, and moves it through its statuses."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from eks_lab.aws.eks import updates
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.draining import cordon, drain, unready_for
from eks_lab.aws.eks.fleet import FleetInstance
from eks_lab.aws.eks.nodegroup_instances import Members, launch, launch_issues, members, surplus
from eks_lab.aws.eks.nodegroup_rollout import Rollout
from eks_lab.aws.eks.records import NODEGROUPS, UPDATES, issue, text_of
from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, parse_time
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

BUSY = timedelta(seconds=5)
"""Between two looks while something is under way."""
STEADY = timedelta(seconds=30)
"""Between two looks at a group at rest: an instance that ends is replaced within that time."""
RETRY = timedelta(seconds=60)
"""Between two tries to launch what EC2 refused."""
REPAIR_AFTER = timedelta(minutes=30)
"""How long a kubelet may be silent before node repair replaces its instance (EKS user guide, node repair)."""
UNHEALTHY_PERCENT = 20
"""Share of unhealthy nodes above which node repair stops, in groups of more than five (same page)."""
JOIN_LIMIT = timedelta(minutes=15)
"""An instance that is no node by then makes NodeCreationFailure (EKS user guide, troubleshooting)."""
DRAIN_LIMIT = timedelta(minutes=5)
"""After which a scale-in or a deletion ends a node that could not be emptied (EKS user guide, delete a managed group)."""
NOT_JOINED = "Instances failed to join the kubernetes cluster"
"""Of NodeCreationFailure (EKS user guide, troubleshooting)."""


def group_of(event: StoreEvent) -> Iterable[Key]:
    """Map an update to the node group it moves."""
    name = event.obj["target"]["nodegroup"]
    return (Key(event.obj["metadata"]["namespace"], name),) if name else ()


class NodegroupController:
    """Reconciles node groups with the instances they have."""

    name = "eks-nodegroup"
    watches: Sequence[Watch] = (Watch(NODEGROUPS), Watch(UPDATES, group_of))

    def __init__(self, eks: Eks) -> None:
        """Take EKS of one account."""
        self._eks = eks
        self._rollout = Rollout(eks)

    def reconcile(self, key: Key) -> Result:
        """Do what is due for one node group."""
        eks = self._eks
        record = eks.find(NODEGROUPS, key.namespace, key.name)
        if record is None:
            left = eks.fleet.instances(key.namespace, key.name)
            if left:
                eks.fleet.terminate([each.id for each in left])
            return DONE
        status = record["spec"]["status"]
        if status == "DELETING":
            return self._delete(record)
        if status == "CREATE_FAILED":
            return DONE
        present = members(eks, record)
        update = updates.in_progress(eks, key.namespace, nodegroup=key.name)
        if update is not None and update["spec"]["type"] == "VersionUpdate" and "before" in update:
            return self._rollout.step(record, update, present)
        present = self._repair(record, present)
        record, present = self._resize(record, present)
        if status == "CREATING":
            return self._create(record, present)
        return self._settle(record, present)

    # --- repair -----------------------------------------------------------------------------------------------

    def _repair(self, record: Obj, present: Members) -> Members:
        """End instances whose nodes have been NotReady for long, where the group wants it; others take their place."""
        eks, spec = self._eks, record["spec"]
        control_plane = eks.control_plane(spec["clusterName"])
        config = spec.get("nodeRepairConfig") or {}
        if not config.get("enabled") or control_plane is None:
            return present
        ill = [
            each.id
            for each in present.living
            if each.node_name and unready_for(control_plane.api, each.node_name, eks.now()) >= REPAIR_AFTER
        ]
        if not ill or len(ill) > most_unhealthy(config, len(present.living)):
            return present
        eks.fleet.terminate(ill[: most_at_once(config, len(present.living))])
        return members(eks, record)

    # --- size -------------------------------------------------------------------------------------------------

    def _resize(self, record: Obj, present: Members) -> tuple[Obj, Members]:
        """Launch what is missing, drain and terminate what is too much; keep what EC2 said."""
        eks, wanted = self._eks, record["spec"]["scalingConfig"]["desiredSize"]
        if present.gone:
            # A stopped instance fails Auto Scaling's health check and is terminated.
            stopped = [each.id for each in present.gone if each.state in ("stopping", "stopped")]
            if stopped:
                eks.fleet.terminate(stopped)
        missing = wanted - len(present.living)
        if missing > 0:
            retry = record.get("retryAt")
            if retry and parse_time(retry) > eks.now():
                return record, present
            errors = launch(eks, record, missing, present.living)
            record = self._after_launch(record, launch_issues(record, errors))
            return record, members(eks, record)
        if record.get("retryAt"):
            record = self._after_launch(record, [])
        leaving = surplus(record, present, -missing)
        record = self._leave(record, leaving)
        return record, members(eks, record) if leaving else present

    def _after_launch(self, record: Obj, issues: list[Obj]) -> Obj:
        eks = self._eks
        kept = {name: value for name, value in record.items() if name not in ("retryAt", "launchIssues")}
        if issues:
            kept |= {"retryAt": text_of(eks.now() + RETRY), "launchIssues": issues}
        return eks.put(NODEGROUPS, kept)

    def _leave(self, record: Obj, leaving: Sequence[FleetInstance]) -> Obj:
        """Drain and terminate instances that the group gives up; return the record with what is still draining."""
        eks = self._eks
        control_plane = eks.control_plane(record["spec"]["clusterName"])
        since: dict[str, str] = dict(record.get("draining") or {})
        still: dict[str, str] = {}
        empty = []
        for each in leaving:
            began = since.get(each.id, text_of(eks.now()))
            is_late = eks.now() - parse_time(began) >= DRAIN_LIMIT
            if is_late or control_plane is None or _is_empty(control_plane.api, each):
                empty.append(each.id)
            else:
                still[each.id] = began
        if empty:
            eks.fleet.terminate(empty)
        kept = {name: value for name, value in record.items() if name != "draining"}
        if still:
            kept["draining"] = still
        elif since and control_plane is not None:
            self._uncordon(control_plane.api, record, since, leaving)
        return eks.put(NODEGROUPS, kept)

    def _uncordon(
        self, api: Api, record: Obj, since: dict[str, str], leaving: Sequence[FleetInstance]
    ) -> None:
        """Give back nodes that were to leave and stay after all, because the group was made larger again."""
        going = {each.id for each in leaving}
        for each in members(self._eks, record).living:
            if each.id in since and each.id not in going and each.node_name:
                cordon(api, each.node_name, unschedulable=False)

    # --- statuses ---------------------------------------------------------------------------------------------

    def _create(self, record: Obj, present: Members) -> Result:
        eks, spec = self._eks, record["spec"]
        wanted = spec["scalingConfig"]["desiredSize"]
        if len(present.living) == wanted and len(present.ready) >= wanted:
            eks.change(
                NODEGROUPS, record, status="ACTIVE", health={"issues": []}, modifiedAt=text_of(eks.now())
            )
            return Result(STEADY)
        if eks.now() - parse_time(record["startedAt"]) < JOIN_LIMIT:
            return Result(BUSY)
        issues = self._issues(record, present, parse_time(record["startedAt"]))
        eks.change(
            NODEGROUPS,
            record,
            status="CREATE_FAILED",
            health={"issues": issues},
            modifiedAt=text_of(eks.now()),
        )
        return DONE

    def _settle(self, record: Obj, present: Members) -> Result:
        """Look after a group that is ACTIVE, DEGRADED or changes its configuration."""
        eks, spec = self._eks, record["spec"]
        name = spec["nodegroupName"]
        update = updates.in_progress(eks, spec["clusterName"], nodegroup=name)
        wanted = spec["scalingConfig"]["desiredSize"]
        is_sized = len(present.living) == wanted
        issues = self._issues(record, present, None)
        if update is not None:
            left = updates.due_at(update) - eks.now()
            if left > timedelta(0):
                return Result(min(left, BUSY))
            # A change of configuration is done when Auto Scaling has taken it; nodes may come later.
            updates.finish(eks, update)
        status = "DEGRADED" if issues else "ACTIVE"
        eks.change(NODEGROUPS, record, status=status, health={"issues": issues})
        is_at_rest = is_sized and len(present.ready) >= wanted
        return Result(STEADY if is_at_rest else BUSY)

    def _issues(self, record: Obj, present: Members, since: datetime | None) -> list[Obj]:
        """Return what is wrong with a group now."""
        eks, spec = self._eks, record["spec"]
        found = list(record.get("launchIssues") or ())
        if eks.surroundings.role(spec["nodeRole"]) is None:
            found.append(
                issue("IamNodeRoleNotFound", "The node role could not be found.", [spec["nodeRole"]])
            )
        lost = [each for each in spec["subnets"] if eks.surroundings.subnet(each) is None]
        if lost:
            found.append(issue("Ec2SubnetNotFound", "The subnets could not be found.", lost))
        late = [
            each.id
            for each in present.living
            if each.id not in present.ready
            and not each.node_name
            and eks.now() - (since or each.launched_at) >= JOIN_LIMIT
        ]
        if late:
            found.append(issue("NodeCreationFailure", NOT_JOINED, late))
        return found

    def _delete(self, record: Obj) -> Result:
        eks = self._eks
        spec = record["spec"]
        present = members(eks, record)
        if present.living:
            self._leave(record, present.living)
            return Result(BUSY)
        if present.gone:
            eks.fleet.terminate([each.id for each in present.gone])
            return Result(BUSY)
        for update in eks.list(UPDATES, spec["clusterName"]):
            if update["target"]["nodegroup"] == spec["nodegroupName"]:
                eks.remove(UPDATES, update)
        eks.fleet.release(spec["nodeRole"])
        eks.remove(NODEGROUPS, record)
        return DONE


def most_unhealthy(config: Obj, size: int) -> int:
    """Return how many nodes may be unhealthy before node repair leaves a group alone.

    Args:
        config: `nodeRepairConfig`.
        size: nodes of the group.
    """
    count, percent = (
        config.get("maxUnhealthyNodeThresholdCount"),
        config.get("maxUnhealthyNodeThresholdPercentage"),
    )
    if count is not None:
        return int(count)
    if percent is None and size <= 5:
        return size
    return size * int(UNHEALTHY_PERCENT if percent is None else percent) // 100


def most_at_once(config: Obj, size: int) -> int:
    """Return how many nodes are repaired at the same time; all of them when nobody says."""
    count, percent = (
        config.get("maxParallelNodesRepairedCount"),
        config.get("maxParallelNodesRepairedPercentage"),
    )
    if count is not None:
        return int(count)
    return size if percent is None else max(1, size * int(percent) // 100)


def _is_empty(api: Api, instance: FleetInstance) -> bool:
    """Drain a node; say whether nothing is left on it that has to go."""
    if not instance.node_name:
        return True
    cordon(api, instance.node_name)
    return drain(api, instance.node_name).is_done
