"""The signs of life of nodes: a Lease every 10 s, the status every 5 min (pkg/kubelet/nodelease, kubelet_node_status)."""

from __future__ import annotations

from datetime import datetime, timedelta

from eks_lab.sim.kubelet.nodes import LEASE_NAMESPACE, LEASES, node_conditions
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Key, Obj, condition_of, evolve, micro_timestamp, parse_time, timestamp

EVERY = timedelta(seconds=10)
"""A quarter of the Lease's 40 s."""
STATUS_EVERY = timedelta(minutes=5)
"""nodeStatusReportFrequency."""


def beat(around: Surroundings, name: str) -> timedelta:
    """Renew a node's Lease, and its status when that is due.

    Returns:
        How long until the next one.
    """
    now = around.now()
    api = around.api
    lease = api.get(LEASES, Key(LEASE_NAMESPACE, name))
    if lease is None:
        return EVERY
    renewed = (lease.get("spec") or {}).get("renewTime")
    since = now - parse_time(renewed) if renewed else EVERY
    if since < EVERY:
        return EVERY - since
    # Straight into the store: a renewed Lease is valid as the old one was, and 100 nodes do this 36,000 times an hour.
    api.store.put(LEASES, evolve(lease, ("spec", "renewTime"), micro_timestamp(now)))
    node = around.node(name)
    if node is not None and _is_unknown(node):
        # It was silent too long, and speaks again.
        status = {**node["status"], "conditions": node_conditions(timestamp(now))}
        api.update_status("nodes", {**node, "status": status}, manager="kubelet")
    elif node is not None and _is_old(node, now):
        moment = timestamp(now)
        conditions = [{**each, "lastHeartbeatTime": moment} for each in node["status"]["conditions"]]
        api.update_status("nodes", evolve(node, ("status", "conditions"), conditions), manager="kubelet")
    return EVERY


def _is_unknown(node: Obj) -> bool:
    ready = condition_of(node, "Ready")
    return ready is not None and ready["status"] == "Unknown"


def _is_old(node: Obj, now: datetime) -> bool:
    conditions = (node.get("status") or {}).get("conditions") or ()
    beats = [parse_time(each["lastHeartbeatTime"]) for each in conditions if each.get("lastHeartbeatTime")]
    return bool(beats) and now - max(beats) >= STATUS_EVERY
