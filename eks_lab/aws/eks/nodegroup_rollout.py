"""Replaces the instances of a node group by those of a new version: surge, cordon, drain, terminate.

Source: EKS user guide, "Understand each phase of node updates". The strategy DEFAULT adds nodes first, MINIMAL
takes old ones away first.
"""

from __future__ import annotations

from datetime import timedelta
from math import ceil

from eks_lab.aws.eks import updates
from eks_lab.aws.eks.context import Eks
from eks_lab.aws.eks.draining import cordon, drain
from eks_lab.aws.eks.fleet import FleetInstance
from eks_lab.aws.eks.nodegroup_instances import Members, launch, launch_issues, members
from eks_lab.aws.eks.records import NODEGROUPS, UPDATES, text_of
from eks_lab.catalog.kubernetes_versions import calendar
from eks_lab.sim.objects import Obj, parse_time
from eks_lab.sim.runtime import DONE, Result

LOOK = timedelta(seconds=5)
JOIN_LIMIT = timedelta(minutes=15)
NOT_JOINED = "Couldn't proceed with upgrade process as new nodes are not joining node group {}"
NOT_DRAINED = "Reached max retries while trying to evict pods from nodes in node group {}"
"""containers-roadmap issue 1282 prints it."""


def at_once(config: Obj, size: int) -> int:
    """Return how many nodes an update takes away at a time.

    Args:
        config: `updateConfig`.
        size: nodes of the group.
    """
    percent = config.get("maxUnavailablePercentage")
    if percent is not None:
        return max(1, ceil(size * int(percent) / 100))
    return int(config.get("maxUnavailable") or 1)


def surge(config: Obj, size: int, zones: int) -> int:
    """Return how many nodes an update adds: the larger of two a zone and maxUnavailable; MINIMAL adds none."""
    if config.get("updateStrategy") == "MINIMAL":
        return 0
    per_zone = calendar().rules.surge_nodes_per_zone
    return max(per_zone * zones, at_once(config, size))


class Rollout:
    """One step of an update at a time, from what is there."""

    def __init__(self, eks: Eks) -> None:
        """Take EKS of one account."""
        self._eks = eks

    def step(self, record: Obj, update: Obj, present: Members) -> Result:
        """Go on with an update.

        Args:
            record: of the node group; its description is the new one already.
            update: under way.
            present: instances.
        """
        eks, spec = self._eks, record["spec"]
        if record["generation"] == update["before"]["generation"]:
            # A crash between the two writes of the request: the group never heard of the update.
            text = "The update was interrupted before it changed anything. Start it again."
            updates.finish(eks, update, ("Unknown", text, [spec["nodegroupArn"]]))
            return Result(LOOK)
        size = spec["scalingConfig"]["desiredSize"]
        new, old = present.of(record["generation"]), present.older_than(record["generation"])
        zones = len({each.zone for each in present.living}) or len(spec["subnets"])
        most = size + (surge(spec["updateConfig"], size, zones) if old else 0)
        missing = min(size, most - len(old)) - len(new)
        if missing > 0 and not self._launched(record, update, missing, present):
            return DONE
        if missing > 0:
            return Result(LOOK)
        late = [
            each.id
            for each in new
            if each.id not in present.ready and eks.now() - each.launched_at >= JOIN_LIMIT
        ]
        if late:
            text = NOT_JOINED.format(spec["nodegroupName"])
            self._fail(record, update, "NodeCreationFailure", text, late)
            return DONE
        if any(each.id not in present.ready for each in new):
            return Result(LOOK)
        if old:
            return self._replace(record, update, old, size)
        updates.finish(eks, update)
        eks.change(NODEGROUPS, record, status="ACTIVE", modifiedAt=text_of(eks.now()))
        return DONE

    def _launched(self, record: Obj, update: Obj, missing: int, present: Members) -> bool:
        errors = launch(self._eks, record, missing, present.living)
        if not errors:
            return True
        # An update does not wait for capacity: it fails with what Auto Scaling said, and the old nodes stay.
        issues = launch_issues(record, errors)
        is_full = any(each["code"] == "InsufficientFreeAddresses" for each in issues)
        code = "InsufficientFreeAddresses" if is_full else "NodeCreationFailure"
        self._fail(record, update, code, issues[0]["message"], issues[0]["resourceIds"])
        return False

    def _replace(self, record: Obj, update: Obj, old: list[FleetInstance], size: int) -> Result:
        eks, spec = self._eks, record["spec"]
        control_plane = eks.control_plane(spec["clusterName"])
        if control_plane is None:
            return Result(LOOK)
        api, rules = control_plane.api, calendar().rules
        for each in old:
            if each.node_name:
                cordon(api, each.node_name)
        draining: dict[str, Obj] = {id: dict(state) for id, state in (update.get("draining") or {}).items()}
        now, force = eks.now(), bool(update.get("force"))
        there = {each.id: each for each in old}
        draining = {id: state for id, state in draining.items() if id in there}
        for each in sorted(old, key=lambda each: (each.launched_at, each.id)):
            if len(draining) >= at_once(spec["updateConfig"], size):
                break
            draining.setdefault(each.id, {"since": text_of(now)})
        done = []
        for id, state in draining.items():
            is_late = now - parse_time(state["since"]) >= timedelta(minutes=rules.drain_limit_minutes)
            node = there[id].node_name
            progress = drain(api, node, force=force and is_late) if node else None
            if progress is None or progress.is_done:
                emptied = state.setdefault("emptied", text_of(now)) if node else text_of(now)
                wait = timedelta(minutes=rules.wait_after_drain_minutes)
                if not node or now - parse_time(emptied) >= wait:
                    done.append(id)
            elif is_late and not force:
                text = NOT_DRAINED.format(spec["nodegroupName"])
                self._fail(record, update, "PodEvictionFailure", text, [node])
                return DONE
        if done:
            eks.fleet.terminate(done)
        left = {id: state for id, state in draining.items() if id not in done}
        eks.put(UPDATES, {**update, "draining": left})
        return Result(LOOK)

    def _fail(self, record: Obj, update: Obj, code: str, text: str, resources: list[str]) -> None:
        """End an update that cannot go on: new instances go, old ones stay and take pods again."""
        eks = self._eks
        before = update["before"]
        present = members(eks, record)
        eks.fleet.terminate([each.id for each in present.of(record["generation"])])
        control_plane = eks.control_plane(record["spec"]["clusterName"])
        for each in present.older_than(record["generation"]):
            if each.node_name and control_plane is not None:
                cordon(control_plane.api, each.node_name, unschedulable=False)
        updates.finish(eks, update, (code, text, resources))
        record = eks.put(
            NODEGROUPS,
            {**record, "generation": before["generation"], "templateGroups": before["templateGroups"]},
        )
        eks.change(NODEGROUPS, record, **before["spec"], status="ACTIVE", modifiedAt=text_of(eks.now()))
