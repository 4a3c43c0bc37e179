"""The scheduler's sentences."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

UNSCHEDULABLE = "node(s) were unschedulable"
WRONG_NAME = "node(s) didn't match the requested node name"
WRONG_LABELS = "node(s) didn't match Pod's node affinity/selector"
NOT_NAMED = "node(s) didn't satisfy plugin(s) [NodeAffinity]"
PORTS_TAKEN = "node(s) didn't have free ports for the requested pod ports"
TOO_MANY_PODS = "Too many pods"
CLAIM_IN_USE = "node has pod using PersistentVolumeClaim with the same name and ReadWriteOncePod access mode"
VOLUMES_FULL = "node(s) exceed max volume count"
VOLUME_ELSEWHERE = "node(s) had volume node affinity conflict"
NO_VOLUME = "node(s) didn't find available persistent volumes to bind"
UNBOUND_CLAIMS = "pod has unbound immediate PersistentVolumeClaims"
WRONG_ZONE = "node(s) had no available volume zone"
SPREAD_UNMET = "node(s) didn't match pod topology spread constraints"
SPREAD_NO_LABEL = "node(s) didn't match pod topology spread constraints (missing required label)"
AFFINITY_UNMET = "node(s) didn't match pod affinity rules"
ANTI_AFFINITY_UNMET = "node(s) didn't match pod anti-affinity rules"
OTHERS_ANTI_AFFINITY = "node(s) didn't satisfy existing pods anti-affinity rules"
NO_NODES = "no nodes available to schedule pods"

NOT_HELPFUL = "Preemption is not helpful for scheduling"
NO_VICTIMS = "No preemption victims found for incoming pod"
NEVER_PREEMPTS = "not eligible due to preemptionPolicy=Never."
GATED = "Scheduling is blocked due to non-empty scheduling gates"


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a node, or all of them, cannot take a pod."""

    plugin: str
    """`NodeResourcesFit`."""
    reasons: tuple[str, ...]
    """`Insufficient cpu`, …"""
    is_final: bool = False
    """True when taking pods away from the node would not help (UnschedulableAndUnresolvable)."""


def untolerated(taint_key: str, taint_value: str, version: str) -> str:
    """Return the reason of a taint; from 1.35 on it no longer names the taint."""
    if version >= "1.35":
        return "node(s) had untolerated taint(s)"
    return f"node(s) had untolerated taint {{{taint_key}: {taint_value}}}"


def insufficient(resource: str) -> str:
    """Return `Insufficient cpu`."""
    return f"Insufficient {resource}"


def unfit(nodes: int, reasons: Iterable[str], afterwards: str, *, before: str = "") -> str:
    """Return the message of a pod that no node takes.

    Args:
        nodes: how many there are.
        reasons: of all nodes, repeated.
        afterwards: what preemption said; empty when it was not asked.
        before: a reason that stands for all nodes.
    """
    text = f"0/{nodes} nodes are available:"
    if before:
        text += f" {before}."
    counted = sorted(f"{count} {reason}" for reason, count in Counter(reasons).items())
    if counted:
        text += f" {', '.join(counted)}."
    return f"{text} {afterwards}" if afterwards else text


def not_preempted(nodes: int, reasons: Iterable[str]) -> str:
    """Return what preemption says when it frees no node."""
    counted = sorted(f"{count} {reason}" for reason, count in Counter(reasons).items())
    return f"no new claims to deallocate, preemption: 0/{nodes} nodes are available: {', '.join(counted)}."


AFTER_VOLUMES = "not found"
"""What follows a refusal by claims: preemption looks for nodes to try and finds none."""


def claim_missing(name: str) -> str:
    """Return the reason of a claim that does not exist."""
    return f'persistentvolumeclaim "{name}" not found'


def claim_deleting(name: str) -> str:
    """Return the reason of a claim that is being deleted."""
    return f'persistentvolumeclaim "{name}" is being deleted'
