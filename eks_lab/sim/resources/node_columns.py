"""What `kubectl get nodes` shows."""

from __future__ import annotations

from datetime import datetime

from eks_lab.sim.objects import Obj, labels_of
from eks_lab.sim.resource import Column
from eks_lab.sim.resources.columns import AGE, NAME, NONE, UNKNOWN

_ROLE_PREFIX = "node-role.kubernetes.io/"


def _status(node: Obj, now: datetime) -> str:
    found = []
    for condition in (node.get("status") or {}).get("conditions") or ():
        if condition["type"] == "Ready":
            found = ["Ready" if condition["status"] == "True" else "NotReady"]
    words = found or ["Unknown"]
    if (node.get("spec") or {}).get("unschedulable"):
        words.append("SchedulingDisabled")
    return ",".join(words)


def node_roles(node: Obj) -> list[str]:
    """Return the roles that a node's labels name, sorted."""
    found = set()
    for key, value in labels_of(node).items():
        if key.startswith(_ROLE_PREFIX) and len(key) > len(_ROLE_PREFIX):
            found.add(key[len(_ROLE_PREFIX) :])
        elif key == "kubernetes.io/role" and value:
            found.add(value)
    return sorted(found)


def _info(name: str, node: Obj) -> str:
    text: str = ((node.get("status") or {}).get("nodeInfo") or {}).get(name, "")
    return text


def _address(kind: str, node: Obj) -> str:
    for address in (node.get("status") or {}).get("addresses") or ():
        if address["type"] == kind:
            text: str = address["address"]
            return text
    return NONE


COLUMNS = (
    NAME,
    Column("Status", _status, description="The status of the node"),
    Column(
        "Roles", lambda node, now: ",".join(node_roles(node)) or NONE, description="The roles of the node"
    ),
    AGE,
    Column("Version", lambda node, now: _info("kubeletVersion", node)),
    Column("Internal-IP", lambda node, now: _address("InternalIP", node), wide=True),
    Column("External-IP", lambda node, now: _address("ExternalIP", node), wide=True),
    Column("OS-Image", lambda node, now: _info("osImage", node) or UNKNOWN, wide=True),
    Column("Kernel-Version", lambda node, now: _info("kernelVersion", node) or UNKNOWN, wide=True),
    Column(
        "Container-Runtime", lambda node, now: _info("containerRuntimeVersion", node) or UNKNOWN, wide=True
    ),
)
