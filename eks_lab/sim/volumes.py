"""Claims and volumes: which match, and how one is bound to the other (pkg/controller/volume/persistentvolume)."""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.kube.quantity import parse_quantity
from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, annotations_of, evolve, is_deleting, labels_of
from eks_lab.sim.placement import term_matches
from eks_lab.sim.selection import matches

CLAIMS = "persistentvolumeclaims"
VOLUMES = "persistentvolumes"
CLASSES = "storageclasses.storage.k8s.io"
NO_PROVISIONER = "kubernetes.io/no-provisioner"
SELECTED_NODE = "volume.kubernetes.io/selected-node"
BIND_COMPLETED = "pv.kubernetes.io/bind-completed"
BOUND_BY_CONTROLLER = "pv.kubernetes.io/bound-by-controller"


def claim_names(pod: Obj) -> list[str]:
    """Return the names of the claims that a pod uses; an ephemeral volume's is made of both names."""
    names = []
    for volume in pod["spec"].get("volumes") or ():
        if "persistentVolumeClaim" in volume:
            names.append(volume["persistentVolumeClaim"]["claimName"])
        elif "ephemeral" in volume:
            names.append(f"{pod['metadata']['name']}-{volume['name']}")
    return names


def bind_volume(api: Api, claim: Obj, volume: Obj, manager: str) -> None:
    """Write the claim into a volume; the volume controller completes the binding."""
    reference = {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "name": claim["metadata"]["name"],
        "namespace": claim["metadata"]["namespace"],
        "resourceVersion": claim["metadata"]["resourceVersion"],
        "uid": claim["metadata"]["uid"],
    }
    changed = evolve(volume, ("spec", "claimRef"), reference)
    if not volume["spec"].get("claimRef"):
        changed = evolve(changed, ("metadata", "annotations", BOUND_BY_CONTROLLER), "yes")
    api.update(VOLUMES, changed, manager=manager)


def class_of(api: Api, claim: Obj) -> Obj | None:
    """Return the StorageClass of a claim, or None."""
    name = claim["spec"].get("storageClassName") or annotations_of(claim).get(
        "volume.beta.kubernetes.io/storage-class"
    )
    return api.get(CLASSES, Key("", name)) if name else None


def waits_for_consumer(api: Api, claim: Obj) -> bool:
    """Say whether the claim is bound only when a pod needs it."""
    found = class_of(api, claim)
    return found is not None and found.get("volumeBindingMode") == "WaitForFirstConsumer"


def fits_volume(volume: Obj, node: Obj | None) -> bool:
    """Say whether a volume's node affinity accepts a node."""
    required = (volume["spec"].get("nodeAffinity") or {}).get("required")
    if required is None or node is None:
        return node is not None
    return any(term_matches(term, node) for term in required.get("nodeSelectorTerms") or ())


def best_volume(api: Api, claim: Obj, node: Obj | None, used: set[str]) -> Obj | None:
    """Return the smallest free volume that meets a claim near a node."""
    found: list[tuple[int, str, Obj]] = []
    for volume in api.items(VOLUMES):
        if volume["metadata"]["name"] in used or not is_match(volume, claim) or not fits_volume(volume, node):
            continue
        reference = volume["spec"].get("claimRef")
        if reference is not None:
            if reference.get("uid") == claim["metadata"]["uid"]:
                return volume
            continue
        found.append((storage_of(volume["spec"].get("capacity")), volume["metadata"]["name"], volume))
    return min(found, key=lambda each: each[:2])[2] if found else None


def is_match(volume: Obj, claim: Obj) -> bool:
    """Say whether a volume is of the kind that a claim asks for: class, modes, size, labels."""
    spec, wanted = volume["spec"], claim["spec"]
    if is_deleting(volume) or (spec.get("storageClassName") or "") != (wanted.get("storageClassName") or ""):
        return False
    if (spec.get("volumeMode") or "Filesystem") != (wanted.get("volumeMode") or "Filesystem"):
        return False
    if (spec.get("volumeAttributesClassName") or "") != (wanted.get("volumeAttributesClassName") or ""):
        return False
    if not set(wanted.get("accessModes") or ()) <= set(spec.get("accessModes") or ()):
        return False
    # A volume that a provisioner made for this very claim is bound before it was ever Available.
    is_reserved = bool(spec.get("claimRef"))
    phase = (volume.get("status") or {}).get("phase")
    if phase not in ("Available", "Bound", None) and not (is_reserved and phase == "Pending"):
        return False
    if wanted.get("selector") is not None and not matches(wanted["selector"], labels_of(volume)):
        return False
    return storage_of(spec.get("capacity")) >= storage_of((wanted.get("resources") or {}).get("requests"))


def may_provision(api: Api, claim: Obj, node: Obj | None) -> bool:
    """Say whether a volume can be made for a claim where the node is."""
    found = class_of(api, claim)
    if (
        found is None
        or node is None
        or found["provisioner"] == NO_PROVISIONER
        or claim["spec"].get("selector")
    ):
        return False
    topologies: Sequence[Obj] = found.get("allowedTopologies") or ()
    if not topologies:
        return True
    labels = labels_of(node)
    return any(
        all(labels.get(each["key"]) in each["values"] for each in term.get("matchLabelExpressions") or ())
        for term in topologies
    )


def are_bound(api: Api, pod: Obj) -> bool:
    """Say whether all claims of a pod are bound."""
    for name in claim_names(pod):
        claim = api.get(CLAIMS, Key(pod["metadata"]["namespace"], name))
        if (
            claim is None
            or not claim["spec"].get("volumeName")
            or BIND_COMPLETED not in annotations_of(claim)
        ):
            return False
    return True


def storage_of(quantities: Obj | None) -> int:
    """Return the bytes of `storage` in a map of quantities."""
    return parse_quantity(str((quantities or {}).get("storage", "0"))).value
