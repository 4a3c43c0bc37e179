"""DefaultStorageClass, StorageObjectInUseProtection and PersistentVolumeClaimResize."""

from __future__ import annotations

from eks_lab.kube.quantity import parse_quantity
from eks_lab.sim.admission.plugin import Plugin, refused
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.resource import Attributes, World

CLASSES = "storageclasses.storage.k8s.io"
CLAIMS = "persistentvolumeclaims"
IS_DEFAULT = "storageclass.kubernetes.io/is-default-class"
IS_DEFAULT_BETA = "storageclass.beta.kubernetes.io/is-default-class"
CLASS_BETA = "volume.beta.kubernetes.io/storage-class"
PROTECTION = {CLAIMS: "kubernetes.io/pvc-protection", "persistentvolumes": "kubernetes.io/pv-protection"}


def newest(classes: list[Obj]) -> Obj | None:
    """Return the class made last, of equals the first by name: how the server chooses between defaults."""
    if not classes:
        return None
    last = max(each["metadata"].get("creationTimestamp") or "" for each in classes)
    made_last = [each for each in classes if (each["metadata"].get("creationTimestamp") or "") == last]
    return min(made_last, key=lambda each: str(each["metadata"]["name"]))


class DefaultStorageClass(Plugin):
    """Gives a claim without a class the default one (plugin/pkg/admission/storage/storageclass/setdefault)."""

    name: str = "DefaultStorageClass"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Set the class of a new claim."""
        if (
            obj is None
            or request.resource.id != CLAIMS
            or request.operation != "CREATE"
            or request.subresource
        ):
            return
        spec: Obj = obj.setdefault("spec", {})
        if spec.get("storageClassName") is not None or CLASS_BETA in (
            obj["metadata"].get("annotations") or {}
        ):
            return
        chosen = newest([each for each in world.items(CLASSES) if _is_default(each)])
        if chosen is not None:
            spec["storageClassName"] = chosen["metadata"]["name"]


def _is_default(storage_class: Obj) -> bool:
    annotations = storage_class["metadata"].get("annotations") or {}
    return "true" in (annotations.get(IS_DEFAULT), annotations.get(IS_DEFAULT_BETA))


class StorageObjectInUseProtection(Plugin):
    """Puts finalizers on new claims and volumes (plugin/pkg/admission/storage/storageobjectinuseprotection)."""

    name: str = "StorageObjectInUseProtection"

    def admit(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> None:
        """Add the finalizer."""
        finalizer = PROTECTION.get(request.resource.id)
        if obj is None or finalizer is None or request.operation != "CREATE" or request.subresource:
            return
        present = obj["metadata"].get("finalizers") or []
        if finalizer not in present:
            obj["metadata"]["finalizers"] = [*present, finalizer]


class PersistentVolumeClaimResize(Plugin):
    """Lets only claims grow whose class allows it (plugin/pkg/admission/storage/persistentvolume/resize)."""

    name: str = "PersistentVolumeClaimResize"

    def validate(self, request: Attributes, obj: Obj | None, old: Obj | None, world: World) -> list[str]:
        """Judge a claim that asks for more.

        Raises:
            ApiError: 403.
        """
        if obj is None or old is None or request.resource.id != CLAIMS or request.subresource:
            return []
        if _size(obj) <= _size(old):
            return []
        if (old.get("status") or {}).get("phase") != "Bound":
            raise refused(request, "Only bound persistent volume claims can be expanded")
        name = (obj.get("spec") or {}).get("storageClassName") or ""
        storage_class = world.get(CLASSES, Key("", name)) if name else None
        if storage_class is None or not storage_class.get("allowVolumeExpansion"):
            raise refused(
                request,
                "only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc "
                "must support resize",
            )
        return []


def _size(claim: Obj) -> int:
    requests = ((claim.get("spec") or {}).get("resources") or {}).get("requests") or {}
    return parse_quantity(str(requests.get("storage", "0"))).value
