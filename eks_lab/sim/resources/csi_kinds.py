"""What CSI drivers and the attach controller keep: drivers, node entries, attachments, capacities."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, duplicate, invalid, not_supported, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, UNSET, field_of
from eks_lab.sim.resources.field_rules import (
    immutable_errors,
    name_errors,
    non_negative_errors,
    qualified_problems,
    selector_errors,
    subdomain_problems,
)
from eks_lab.sim.resources.quantities import canonicalise_fields, quantity
from eks_lab.sim.resources.volume_rules import csi_driver_errors

_GROUP = "storage.k8s.io"
_LONGEST_NODE_ID = 192
_FS_POLICIES = ("File", "None", "ReadWriteOnceWithFSType")
_LIFECYCLES = ("Ephemeral", "Persistent")
_SHORTEST_TOKEN = 600


def _attachment_default(attachment: Obj, world: World) -> None:
    attachment.setdefault("spec", {}).setdefault("source", {})
    attachment.setdefault("status", {}).setdefault("attached", False)


def _attachment_create(attachment: Obj, world: World) -> None:
    attachment["status"] = {"attached": False}


def _attachment_update(new: Obj, old: Obj, world: World) -> None:
    new["status"] = old.get("status") or {"attached": False}


def _attachment_errors(attachment: Obj, world: World) -> list[FieldError]:
    spec = attachment["spec"]
    attacher, node = spec.get("attacher") or "", spec.get("nodeName") or ""
    errors: list[FieldError] = []
    if not attacher:
        errors.append(required("spec.attacher"))
    else:
        errors.extend(
            invalid("spec.attacher", attacher, said) for said in qualified_problems(attacher.lower())
        )
    volume = spec["source"].get("persistentVolumeName")
    inline = spec["source"].get("inlineVolumeSpec")
    if volume is None and inline is None:
        errors.append(
            required("spec.source", "must specify exactly one of inlineVolumeSpec and persistentVolumeName")
        )
    elif volume is not None and inline is not None:
        detail = "must specify exactly one of inlineVolumeSpec and persistentVolumeName"
        errors.append(invalid("spec.source", spec["source"], detail))
    elif volume == "":
        errors.append(
            required("spec.source.persistentVolumeName", "must specify non empty persistentVolumeName")
        )
    if not node:
        errors.append(required("spec.nodeName"))
    else:
        errors.extend(name_errors(subdomain_problems, node, "spec.nodeName"))
    if attacher and not errors:
        errors.extend(csi_driver_errors(attacher, "spec.attacher"))
    return errors


def _attachment_update_errors(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return immutable_errors(new["spec"], old["spec"], "spec")


VOLUME_ATTACHMENTS = Resource(
    plural="volumeattachments",
    kind="VolumeAttachment",
    group=_GROUP,
    namespaced=False,
    has_status=True,
    columns=(
        NAME,
        Column("Attacher", field_of("spec", "attacher")),
        Column("PV", field_of("spec", "source", "persistentVolumeName")),
        Column("Node", field_of("spec", "nodeName")),
        Column("Attached", field_of("status", "attached", otherwise=False), type="boolean"),
        AGE,
    ),
    default=_attachment_default,
    prepare_create=_attachment_create,
    prepare_update=_attachment_update,
    validate=_attachment_errors,
    validate_update=_attachment_update_errors,
)

_DRIVER_DEFAULTS = {
    "attachRequired": True,
    "podInfoOnMount": False,
    "storageCapacity": False,
    "fsGroupPolicy": "ReadWriteOnceWithFSType",
    "requiresRepublish": False,
    "seLinuxMount": False,
}


def _driver_default(driver: Obj, world: World) -> None:
    spec = driver.setdefault("spec", {})
    for field, value in _DRIVER_DEFAULTS.items():
        if spec.get(field) is None:
            spec[field] = value
    if not spec.get("volumeLifecycleModes"):
        spec["volumeLifecycleModes"] = ["Persistent"]


def _token_errors(requests: list[Obj]) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, request in enumerate(requests):
        here, audience = f"spec.tokenRequests[{number}]", request.get("audience") or ""
        if audience in seen:
            errors.append(duplicate(f"{here}.audience", audience))
        seen.add(audience)
        seconds = request.get("expirationSeconds")
        if seconds is None:
            continue
        if seconds < _SHORTEST_TOKEN:
            errors.append(
                invalid(
                    f"{here}.expirationSeconds", seconds, "may not specify a duration less than 10 minutes"
                )
            )
        elif seconds > 1 << 32:
            errors.append(
                invalid(
                    f"{here}.expirationSeconds",
                    seconds,
                    "may not specify a duration larger than 2^32 seconds",
                )
            )
    return errors


def _driver_errors(driver: Obj, world: World) -> list[FieldError]:
    spec = driver["spec"]
    errors = csi_driver_errors(driver["metadata"].get("name") or "", "metadata.name")
    errors.extend(_token_errors(spec.get("tokenRequests") or []))
    if spec.get("fsGroupPolicy") not in _FS_POLICIES:
        errors.append(not_supported("spec.fsGroupPolicy", spec.get("fsGroupPolicy"), _FS_POLICIES))
    for number, mode in enumerate(spec.get("volumeLifecycleModes") or ()):
        if mode not in _LIFECYCLES:
            errors.append(not_supported(f"spec.volumeLifecycleModes[{number}]", mode, _LIFECYCLES))
    return errors


def _driver_update_errors(new: Obj, old: Obj, world: World) -> list[FieldError]:
    errors = _driver_errors(new, world)
    for field in ("attachRequired", "fsGroupPolicy", "volumeLifecycleModes"):
        errors.extend(immutable_errors(new["spec"].get(field), old["spec"].get(field), f"spec.{field}"))
    return errors


def _audiences(driver: Obj) -> str:
    requests = driver["spec"].get("tokenRequests")
    return ",".join(each.get("audience") or "" for each in requests) if requests else UNSET


CSI_DRIVERS = Resource(
    plural="csidrivers",
    kind="CSIDriver",
    group=_GROUP,
    namespaced=False,
    columns=(
        NAME,
        Column("AttachRequired", field_of("spec", "attachRequired", otherwise=True), type="boolean"),
        Column("PodInfoOnMount", field_of("spec", "podInfoOnMount", otherwise=False), type="boolean"),
        Column("StorageCapacity", field_of("spec", "storageCapacity", otherwise=False)),
        Column("TokenRequests", lambda each, now: _audiences(each)),
        Column("RequiresRepublish", field_of("spec", "requiresRepublish", otherwise=False)),
        Column("Modes", lambda each, now: ",".join(each["spec"].get("volumeLifecycleModes") or ())),
        AGE,
    ),
    default=_driver_default,
    validate=_driver_errors,
    validate_update=_driver_update_errors,
)


def _node_default(node: Obj, world: World) -> None:
    node.setdefault("spec", {}).setdefault("drivers", None)


def _node_driver_errors(drivers: list[Obj]) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for number, driver in enumerate(drivers):
        path, name = f"spec.drivers[{number}]", driver.get("name") or ""
        errors.extend(csi_driver_errors(name, f"{path}.name"))
        node = driver.get("nodeID") or ""
        if not node:
            errors.append(required(f"{path}.nodeID"))
        elif len(node) > _LONGEST_NODE_ID:
            errors.append(invalid(f"{path}.nodeID", node, f"must be {_LONGEST_NODE_ID} characters or less"))
        if driver.get("allocatable") is not None:
            here = f"{path}.allocatable.count"
            errors.extend(non_negative_errors(driver["allocatable"].get("count"), here))
        keys: set[str] = set()
        for key in driver.get("topologyKeys") or ():
            if not key:
                errors.append(required(f"{path}.topologyKeys"))
            if key in keys:
                errors.append(duplicate(f"{path}.topologyKeys", key))
            keys.add(key)
            errors.extend(name_errors(qualified_problems, key, f"{path}.topologyKeys"))
        if name in seen:
            errors.append(duplicate(f"{path}.name", name))
        seen.add(name)
    return errors


CSI_NODES = Resource(
    plural="csinodes",
    kind="CSINode",
    group=_GROUP,
    namespaced=False,
    columns=(
        NAME,
        Column("Drivers", lambda each, now: len(each["spec"].get("drivers") or ()), type="integer"),
        AGE,
    ),
    default=_node_default,
    validate=lambda node, world: _node_driver_errors(node["spec"].get("drivers") or []),
    validate_update=lambda new, old, world: _node_driver_errors(new["spec"].get("drivers") or []),
)


def _capacity_default(capacity: Obj, world: World) -> None:
    canonicalise_fields(capacity, ("capacity", "maximumVolumeSize"))


def _capacity_errors(capacity: Obj, world: World) -> list[FieldError]:
    errors = selector_errors(capacity.get("nodeTopology"), "nodeTopology")
    name = capacity.get("storageClassName") or ""
    errors.extend(name_errors(subdomain_problems, name, "storageClassName"))
    for field in ("capacity", "maximumVolumeSize"):
        if capacity.get(field) is not None and quantity(capacity[field]).amount < 0:
            errors.append(invalid(field, capacity[field], "must be greater than or equal to 0"))
    return errors


def _capacity_update_errors(new: Obj, old: Obj, world: World) -> list[FieldError]:
    errors = _capacity_errors(new, world)
    for field in ("nodeTopology", "storageClassName"):
        errors.extend(immutable_errors(new.get(field), old.get(field), field))
    return errors


CSI_STORAGE_CAPACITIES = Resource(
    plural="csistoragecapacities",
    kind="CSIStorageCapacity",
    group=_GROUP,
    singular="csistoragecapacity",
    columns=(
        NAME,
        Column("StorageClassName", field_of("storageClassName")),
        Column("Capacity", field_of("capacity", otherwise=UNSET)),
    ),
    default=_capacity_default,
    validate=_capacity_errors,
    validate_update=_capacity_update_errors,
)

RESOURCES = (VOLUME_ATTACHMENTS, CSI_DRIVERS, CSI_NODES, CSI_STORAGE_CAPACITIES)
