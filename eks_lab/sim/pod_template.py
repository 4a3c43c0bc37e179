"""Pods from templates, and the hash that tells templates apart."""

from __future__ import annotations

import orjson

from eks_lab.ids import SAFE_LETTERS
from eks_lab.sim.objects import Obj, owner_reference


def pod_from_template(template: Obj, owner: Obj, *, name: str = "", labels: Obj | None = None) -> Obj:
    """Return a pod as a controller asks for it.

    Args:
        template: `spec.template` of the owner.
        owner: the controlling object.
        name: exact name; empty means `<owner>-` and a generated ending.
        labels: more labels.

    Returns:
        A new object; its spec is shared with the template.
    """
    given = template.get("metadata") or {}
    metadata: Obj = {"namespace": owner["metadata"]["namespace"], "ownerReferences": [owner_reference(owner)]}
    if name:
        metadata["name"] = name
    else:
        metadata["generateName"] = prefix_for(owner["metadata"]["name"])
    merged = {**(given.get("labels") or {}), **(labels or {})}
    if merged:
        metadata["labels"] = merged
    for field in ("annotations", "finalizers"):
        if given.get(field):
            metadata[field] = given[field]
    return {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": template.get("spec") or {}}


def prefix_for(name: str) -> str:
    """Return the generateName of a controller's pods; long names are cut by the server."""
    return f"{name}-"


def template_hash(template: Obj, collisions: int | None = None) -> str:
    """Return the hash that ends the name of a ReplicaSet or a ControllerRevision.

    The real one is FNV-1a over a Go dump of the template; this one is FNV-1a over its JSON with sorted
    keys, written in the same letters. Equal templates have equal hashes, which is all that anybody may
    rely on.

    Args:
        template: the pod template.
        collisions: `status.collisionCount`, when there was a collision.
    """
    text = orjson.dumps(template, option=orjson.OPT_SORT_KEYS)
    if collisions is not None:
        text += str(collisions).encode()
    value = 0x811C9DC5
    for byte in text:
        value = ((value ^ byte) * 0x01000193) & 0xFFFFFFFF
    return "".join(SAFE_LETTERS[ord(digit) % len(SAFE_LETTERS)] for digit in str(value))
