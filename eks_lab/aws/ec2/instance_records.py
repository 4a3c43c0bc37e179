"""What the account remembers of an instance beside EC2: what it was meant to become, and how far it got."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eks_lab.aws.ec2.join import Plan
from eks_lab.sim.objects import Obj

INSTANCES = "instances.ec2"
"""Records of the account's store; the namespace is the cluster whose node group launched the instance, or empty."""
KEPT_LINES = 60
"""Lines of a journal that are kept."""


def new_record(instance_id: str, uid: str, plan: Plan) -> Obj:
    """Return the record of an instance that was just launched."""
    return {
        "metadata": {"namespace": plan.cluster, "name": instance_id, "uid": uid},
        "spec": {
            "cluster": plan.cluster,
            "nodegroup": plan.nodegroup,
            "version": plan.version,
            "amiType": plan.ami_type,
            "labels": dict(plan.labels),
            "taints": [dict(each) for each in plan.taints],
            "generation": plan.generation,
        },
        "status": {"cluster": "", "nodeName": "", "problem": "", "isFinal": False, "journal": []},
    }


def plan_of(record: Obj) -> Plan:
    """Return what an instance was meant to become."""
    spec: Mapping[str, Any] = record["spec"]
    return Plan(
        cluster=spec["cluster"],
        nodegroup=spec["nodegroup"],
        version=spec["version"],
        ami_type=spec["amiType"],
        labels=spec["labels"],
        taints=tuple(spec["taints"]),
        generation=spec["generation"],
    )


def with_status(record: Obj, lines: Sequence[str] = (), **changes: Any) -> Obj:
    """Return a record with another status and more lines in its journal."""
    status = record["status"]
    journal = [*status["journal"], *lines][-KEPT_LINES:]
    return {**record, "status": {**status, **changes, "journal": journal}}
