"""Puts back what arming has changed in Kubernetes and in subnets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from eks_lab.aws.ec2 import mended
from eks_lab.aws.faults.stage import Playing, Stage
from eks_lab.sim.objects import ApiError, Key, Obj, is_deleting

MOST = timedelta(minutes=10)
LOOK_EVERY = timedelta(seconds=5)
MANAGER = "kubectl"
_OWN = ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields", "deletionTimestamp",
        "deletionGracePeriodSeconds", "ownerReferences")  # fmt: skip
_KEPT_METADATA = ("labels", "annotations")
_WAITED_FOR = ("namespaces", "persistentvolumeclaims", "pods")
"""Whose end others wait for: a volume's driver must not go before its claims have."""


def undo(stage: Stage) -> Playing[None]:
    """Bring objects, interfaces and stocks back to what the notes say of them.

    Args:
        stage: whose notes say what was before; what is put back is taken off them.

    Yields:
        Simulated time that has to pass.
    """
    gone: list[tuple[str, Key]] = []
    volumes = _volumes(stage)
    for entry in reversed(stage.notes.before):
        key = Key(entry["namespace"], entry["name"])
        if entry["object"] is None:
            _remove(stage, entry["resource"], key)
            gone.append((entry["resource"], key))
        else:
            _restore(stage, entry["resource"], key, entry["object"])
    end = stage.now + MOST
    while stage.now < end and (
        any(rid in _WAITED_FOR and stage.api.get(rid, key) is not None for rid, key in gone)
        or volumes & _released(stage)
    ):
        yield LOOK_EVERY
    stage.notes.before.clear()
    ec2 = mended.region(stage.world.account.id, stage.world.account.region)
    for interface in stage.notes.interfaces:
        if interface in ec2.enis and ec2.enis[interface].instance is None:
            ec2.enis[interface].delete()
    stage.notes.interfaces.clear()
    for pair in stage.notes.out:
        ec2.capacity.restock(*pair)
    stage.notes.out.clear()


def _volumes(stage: Stage) -> set[str]:
    """Return the volumes that end with their claims in what is about to go."""
    namespaces = {
        entry["name"]
        for entry in stage.notes.before
        if entry["resource"] == "namespaces" and entry["object"] is None
    }
    return {
        each["metadata"]["name"]
        for each in stage.api.items("persistentvolumes")
        if each["spec"].get("persistentVolumeReclaimPolicy") == "Delete"
        and (each["spec"].get("claimRef") or {}).get("namespace") in namespaces
    }


def _released(stage: Stage) -> set[str]:
    return {each["metadata"]["name"] for each in stage.api.items("persistentvolumes")}


def _remove(stage: Stage, rid: str, key: Key) -> None:
    found = stage.api.store.get(rid, key)
    if found is None or is_deleting(found):
        return
    try:
        stage.api.delete(rid, key, propagation="Background")
    except ApiError as error:
        if error.code != 404:
            raise


def _restore(stage: Stage, rid: str, key: Key, before: Obj) -> None:
    """Give an object the content it had; one that is gone is made anew."""
    now = stage.api.get(rid, key)
    if now is None:
        metadata = {name: value for name, value in before["metadata"].items() if name not in _OWN}
        content = {name: value for name, value in before.items() if name not in ("status", "metadata")}
        try:
            stage.api.create(rid, {**content, "metadata": metadata}, namespace=key.namespace, manager=MANAGER)
        except ApiError as error:
            # Somebody else has made it anew by now, or its namespace is gone.
            if error.code not in (404, 409):
                raise
        return
    metadata = {name: value for name, value in now["metadata"].items() if name not in _KEPT_METADATA}
    metadata |= {name: before["metadata"][name] for name in _KEPT_METADATA if name in before["metadata"]}
    wanted: dict[str, Any] = {
        **{name: value for name, value in before.items() if name not in ("status", "metadata")},
        "metadata": metadata,
    }
    if "status" in now:
        wanted["status"] = now["status"]
    stage.api.update(rid, wanted, manager=MANAGER)
