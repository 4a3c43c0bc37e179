"""What a pod's volumes need before its containers can start (pkg/volume, volumemanager)."""

from __future__ import annotations

from eks_lab.sim.api import Api
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Key, Obj


def problem_of(api: Api, pod: Obj) -> tuple[str, str] | None:
    """Return volume and error of the first volume that cannot be mounted; None when all can.

    Args:
        api: where ConfigMaps, Secrets and claims are.
        pod: with its volumes.
    """
    namespace = pod["metadata"]["namespace"]
    for volume in pod["spec"].get("volumes") or ():
        error = _error(api, pod, namespace, volume)
        if error:
            return volume["name"], error
    return None


def missing_device(around: Surroundings, pod: Obj) -> tuple[str, str] | None:
    """Return the first volume that is not on the pod's node yet, and why; None when all may be mounted.

    Args:
        around: its `attaching` knows what is attached.
        pod: whose claims are bound.
    """
    if around.attaching is None:
        return None
    namespace = pod["metadata"]["namespace"]
    for volume in pod["spec"].get("volumes") or ():
        name = _claim_of(pod, volume)
        claim = around.api.get("persistentvolumeclaims", Key(namespace, name)) if name else None
        error = around.attaching(pod, claim) if claim is not None else None
        if error is not None:
            return volume["name"], error
    return None


def _claim_of(pod: Obj, volume: Obj) -> str:
    """Return the claim of a volume; empty when it has none."""
    if volume.get("ephemeral"):
        return f"{pod['metadata']['name']}-{volume['name']}"
    return str((volume.get("persistentVolumeClaim") or {}).get("claimName") or "")


def _error(api: Api, pod: Obj, namespace: str, volume: Obj) -> str:
    if volume.get("configMap"):
        return _named(api, namespace, "configmaps", "configmap", volume["configMap"])
    if volume.get("secret"):
        source = {**volume["secret"], "name": volume["secret"].get("secretName", "")}
        return _named(api, namespace, "secrets", "secret", source)
    for source in (volume.get("projected") or {}).get("sources") or ():
        error = ""
        if source.get("configMap"):
            error = _named(api, namespace, "configmaps", "configmap", source["configMap"])
        elif source.get("secret"):
            error = _named(api, namespace, "secrets", "secret", source["secret"])
        if error:
            return error
    claim = _claim_of(pod, volume)
    return _claimed(api, namespace, claim) if claim else ""


def _named(api: Api, namespace: str, rid: str, word: str, source: Obj) -> str:
    name = source.get("name", "")
    found = api.get(rid, Key(namespace, name))
    if source.get("optional"):
        return ""
    if found is None:
        return f'{word} "{name}" not found'
    data = {**(found.get("data") or {}), **(found.get("binaryData") or {})}
    missing = next((item["key"] for item in source.get("items") or () if item["key"] not in data), "")
    what = "config" if word == "configmap" else word
    return f"references non-existent {what} key: {missing}" if missing else ""


def _claimed(api: Api, namespace: str, name: str) -> str:
    claim = api.get("persistentvolumeclaims", Key(namespace, name))
    if claim is None:
        return f'persistentvolumeclaim "{name}" not found'
    if (claim.get("status") or {}).get("phase") != "Bound":
        return f"PVC {namespace}/{name} is not bound"
    return ""
