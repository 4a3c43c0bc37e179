"""TaintNodesByCondition and NodeRestriction: what new nodes get, and what kubelets may touch."""

from __future__ import annotations

from eks_lab.sim.admission.plugin import Plugin, refused
from eks_lab.sim.objects import Obj
from eks_lab.sim.resource import Attributes, World

NOT_READY_TAINT = {"key": "node.kubernetes.io/not-ready", "effect": "NoSchedule"}
NODE_PREFIX = "system:node:"
RESTRICTED_LABELS = "node-restriction.kubernetes.io"


class TaintNodesByCondition(Plugin):
    """Taints a new node until it is ready (plugin/pkg/admission/nodetaint/admission.go)."""

    name: str = "TaintNodesByCondition"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Add the taint."""
        if obj is None or request.resource.id != "nodes" or request.operation != "CREATE":
            return
        spec = obj.get("spec") or {}
        taints = spec.get("taints") or []
        if not any(
            each.get("key") == NOT_READY_TAINT["key"] and each.get("effect") == "NoSchedule"
            for each in taints
        ):
            obj["spec"] = {**spec, "taints": [*taints, {**NOT_READY_TAINT}]}


class NodeRestriction(Plugin):
    """Keeps a kubelet to its own Node and its own pods (plugin/pkg/admission/noderestriction/admission.go).

    Users of the group `system:nodes` are kubelets. Tokens and volume attachments are not judged.
    """

    name: str = "NodeRestriction"

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Judge what a kubelet asks.

        Raises:
            ApiError: 403.
        """
        user = request.user
        if "system:nodes" not in user.groups or not user.name.startswith(NODE_PREFIX):
            return []
        node = user.name.removeprefix(NODE_PREFIX)
        if request.resource.id == "pods":
            _check_pod(request, node, obj, old)
        elif request.resource.id == "nodes":
            _check_node(request, node, obj, old)
        elif request.resource.id == "leases.coordination.k8s.io":
            if request.key.namespace != "kube-node-lease":
                raise refused(request, 'can only access leases in the "kube-node-lease" system namespace')
            if request.key.name != node:
                raise refused(request, "can only access node lease with the same name as the requesting node")
        return []


def _check_pod(request: Attributes, node: str, obj: Obj | None, old: Obj | None) -> None:
    if request.operation == "CREATE" and not request.subresource and obj is not None:
        if "kubernetes.io/config.mirror" not in (obj["metadata"].get("annotations") or {}):
            raise refused(
                request,
                f'pod does not have "kubernetes.io/config.mirror" annotation, node "{node}" can only create mirror pods',
            )
        if obj["spec"].get("nodeName") != node:
            raise refused(request, f'node "{node}" can only create pods with spec.nodeName set to itself')
    elif request.operation == "UPDATE" and request.subresource not in ("status", "eviction"):
        raise refused(request, f'unexpected pod subresource "{request.subresource}"')
    elif old is not None and (old.get("spec") or {}).get("nodeName") != node:
        verb = "delete" if request.operation == "DELETE" else "update status for"
        raise refused(request, f'node "{node}" can only {verb} pods with spec.nodeName set to itself')


def _check_node(request: Attributes, node: str, obj: Obj | None, old: Obj | None) -> None:
    name = request.key.name or (obj or {}).get("metadata", {}).get("name", "")
    if name != node:
        raise refused(request, f'node "{node}" is not allowed to modify node "{name}"')
    if request.operation == "DELETE" or obj is None:
        return
    before, after = (old or {}).get("metadata", {}).get("labels") or {}, obj["metadata"].get("labels") or {}
    changed = sorted(key for key in {*before, *after} if before.get(key) != after.get(key))
    restricted = [key for key in changed if key.partition("/")[0].endswith(RESTRICTED_LABELS)]
    if restricted:
        raise refused(request, f"is not allowed to modify labels: {', '.join(restricted)}")
    if old is not None and (old.get("spec") or {}).get("taints") != (obj.get("spec") or {}).get("taints"):
        raise refused(request, f'node "{node}" is not allowed to modify taints')
