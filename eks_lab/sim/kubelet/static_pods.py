"""Static pods: what a kubelet runs from its manifest folder, and the mirror pods that show them (pkg/kubelet/config).

EKS gives its nodes no static pods (the kubelet's `staticPodPath` is /etc/kubernetes/manifests and empty); scenarios
and faults put manifests there with `put`. The API only holds a mirror: deleting it stops nothing, and the kubelet
creates it again.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import orjson

from eks_lab.errors import InputError
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import ApiError, Key, Obj, annotations_of, is_deleting, key_of, timestamp

MIRROR = "kubernetes.io/config.mirror"
HASH = "kubernetes.io/config.hash"
SEEN = "kubernetes.io/config.seen"
SOURCE = "kubernetes.io/config.source"
_OWN = frozenset({MIRROR, HASH, SEEN, SOURCE})
_TOLERATION = {"effect": "NoExecute", "operator": "Exists"}
"""What the kubelet adds to every static pod (pkg/kubelet/config/common.go: applyDefaults)."""


@dataclass(frozen=True, slots=True)
class _Manifest:
    node: str
    body: Obj
    digest: str


@dataclass(slots=True)
class StaticPods:
    """The manifest folders of all nodes."""

    around: Surroundings
    _manifests: dict[Key, _Manifest] = field(default_factory=dict)
    _mirrors: dict[Key, None] = field(default_factory=dict)
    """Pods with the annotation of mirrors, so that nobody has to look through all pods."""

    def put(self, node: str, manifest: Obj) -> Key:
        """Put a manifest into a node's folder, or replace the one of the same name.

        The kubelet finds it with its next sign of life, within ten seconds.

        Args:
            node: name of the node.
            manifest: a Pod.

        Returns:
            The key of the mirror pod that will show it.

        Raises:
            InputError: it is no Pod with a name and containers.
        """
        metadata = manifest.get("metadata") or {}
        if manifest.get("kind") != "Pod" or not metadata.get("name"):
            raise InputError(
                "static pod: the manifest is no Pod with a name", hint="Set kind and metadata.name."
            )
        if not (manifest.get("spec") or {}).get("containers"):
            raise InputError(
                f"static pod {metadata['name']}: spec.containers is empty", hint="Add a container."
            )
        key = Key(metadata.get("namespace") or "default", f"{metadata['name']}-{node}".lower())
        self._manifests[key] = _Manifest(node, manifest, _digest(manifest))
        return key

    def remove(self, node: str, name: str, namespace: str = "default") -> None:
        """Take a manifest out of a node's folder; its pod stops with the next sign of life."""
        self._manifests.pop(Key(namespace, f"{name}-{node}".lower()), None)

    def note(self, pod: Obj) -> None:
        """Take notice of a pod that a kubelet sees for the first time: it may be a mirror.

        One that runs already began before this process did, so there is a manifest.
        """
        if MIRROR not in annotations_of(pod):
            return
        key = key_of(pod)
        self._mirrors[key] = None
        if not self.owns(key) and not is_deleting(pod) and (pod.get("status") or {}).get("startTime"):
            self._adopt(pod)

    def owns(self, key: Key) -> bool:
        """Say whether a pod mirrors a manifest."""
        return key in self._manifests

    def _adopt(self, pod: Obj) -> None:
        """Take over the manifest of a mirror pod that ran before this process began."""
        node = pod["spec"]["nodeName"]
        annotations = {name: value for name, value in annotations_of(pod).items() if name not in _OWN}
        metadata = pod["metadata"]
        body: Obj = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": metadata["name"].removesuffix(f"-{node}"),
                "namespace": metadata["namespace"],
                **({"labels": metadata["labels"]} if metadata.get("labels") else {}),
                **({"annotations": annotations} if annotations else {}),
            },
            "spec": {name: value for name, value in pod["spec"].items() if name != "nodeName"},
        }
        digest = annotations_of(pod).get(HASH) or _digest(body)
        self._manifests[key_of(pod)] = _Manifest(node, body, digest)

    def is_current(self, pod: Obj) -> bool:
        """Say whether a mirror shows the manifest as it is, and nobody deletes it."""
        manifest = self._manifests[key_of(pod)]
        return not is_deleting(pod) and annotations_of(pod).get(MIRROR) == manifest.digest

    def outdated(self, node: str) -> list[Obj]:
        """Return the mirrors on a node that show another manifest than there is."""
        found = [
            self.around.api.get("pods", key) for key, each in self._manifests.items() if each.node == node
        ]
        return [pod for pod in found if pod is not None and not self.is_current(pod)]

    def mirror(self, key: Key) -> Obj | None:
        """Create the mirror of a manifest; None when the API refuses it, which stops nothing on the node."""
        manifest = self._manifests[key]
        node = self.around.node(manifest.node)
        if node is None:
            return None
        metadata = manifest.body["metadata"]
        spec = manifest.body["spec"]
        tolerations = list(spec.get("tolerations") or ())
        if _TOLERATION not in tolerations:
            tolerations.append(dict(_TOLERATION))
        annotations = {
            **(metadata.get("annotations") or {}),
            HASH: manifest.digest,
            MIRROR: manifest.digest,
            SEEN: timestamp(self.around.now()),
            SOURCE: "file",
        }
        owner = {
            "apiVersion": "v1",
            "kind": "Node",
            "name": manifest.node,
            "uid": node["metadata"]["uid"],
            "controller": True,
        }
        body: Obj = {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {
                "name": key.name,
                "namespace": key.namespace,
                "annotations": annotations,
                "ownerReferences": [owner],
                **({"labels": metadata["labels"]} if metadata.get("labels") else {}),
            },
            "spec": {**spec, "nodeName": manifest.node, "tolerations": tolerations},
        }
        try:
            return self.around.api.create("pods", body, namespace=key.namespace, manager="kubelet")
        except ApiError:
            return None

    def sync(self, node: str) -> None:
        """Create the mirrors that are missing on a node, and delete those without a manifest."""
        api = self.around.api
        for key, manifest in list(self._manifests.items()):
            if manifest.node == node and api.get("pods", key) is None:
                self.mirror(key)
        for key in list(self._mirrors):
            pod = api.get("pods", key)
            if pod is None:
                del self._mirrors[key]
                continue
            if pod["spec"].get("nodeName") != node or self.owns(key) or is_deleting(pod):
                continue
            api.delete("pods", key)


def _digest(manifest: Obj) -> str:
    return hashlib.md5(orjson.dumps(manifest, option=orjson.OPT_SORT_KEYS), usedforsecurity=False).hexdigest()
