"""The spec of a PersistentVolumeClaim, its own or inside a template (ValidatePersistentVolumeClaimSpec)."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid, not_supported, required
from eks_lab.sim.resources.field_rules import selector_errors, subdomain_problems
from eks_lab.sim.resources.quantities import quantity
from eks_lab.sim.resources.resource_rules import amount_errors, name_errors

ACCESS_MODES = ("ReadOnlyMany", "ReadWriteMany", "ReadWriteOnce", "ReadWriteOncePod")
VOLUME_MODES = ("Block", "Filesystem")
ACCESS_SHORT = {
    "ReadWriteOnce": "RWO",
    "ReadOnlyMany": "ROX",
    "ReadWriteMany": "RWX",
    "ReadWriteOncePod": "RWOP",
}


def access_modes_text(modes: list[str]) -> str:
    """Return access modes as kubectl shortens them: `RWO,ROX`, each once, in a fixed order."""
    return ",".join(short for mode, short in ACCESS_SHORT.items() if mode in modes)


def access_mode_errors(modes: list[str], path: str) -> list[FieldError]:
    """Return the errors of access modes that are given."""
    errors: list[FieldError] = [
        not_supported(path, mode, ACCESS_MODES) for mode in modes if mode not in ACCESS_MODES
    ]
    if "ReadWriteOncePod" in modes and len(modes) > 1:
        detail = "may not use ReadWriteOncePod with other access modes"
        errors.append(forbidden_field(path, detail))
    return errors


def positive_storage_errors(amount: str, path: str) -> list[FieldError]:
    """Return the errors of a size that must be more than nothing."""
    errors = amount_errors("storage", amount, path)
    if quantity(amount).amount <= 0:
        errors.append(invalid(path, amount, "must be greater than zero"))
    return errors


def claim_spec_errors(spec: Obj, path: str) -> list[FieldError]:
    """Return the errors of a claim's spec.

    Args:
        spec: with its defaults.
        path: of it.
    """
    modes = spec.get("accessModes") or []
    errors: list[FieldError] = []
    if not modes:
        errors.append(required(f"{path}.accessModes", "at least 1 access mode is required"))
    errors.extend(selector_errors(spec.get("selector"), f"{path}.selector"))
    errors.extend(access_mode_errors(modes, f"{path}.accessModes"))
    requests = (spec.get("resources") or {}).get("requests") or {}
    here = f"{path}.resources[storage]"
    if "storage" not in requests:
        errors.append(required(here))
    else:
        # The real server names the field so, without "requests".
        errors.extend(name_errors("storage", here))
        errors.extend(positive_storage_errors(requests["storage"], here))
    storage_class = spec.get("storageClassName")
    if storage_class:
        errors.extend(
            invalid(f"{path}.storageClassName", storage_class, said)
            for said in subdomain_problems(storage_class)
        )
    mode = spec.get("volumeMode")
    if mode is not None and mode not in VOLUME_MODES:
        errors.append(not_supported(f"{path}.volumeMode", mode, VOLUME_MODES))
    for name in ("dataSource", "dataSourceRef"):
        if spec.get(name):
            errors.extend(_source_errors(spec[name], f"{path}.{name}"))
    attributes = spec.get("volumeAttributesClassName")
    if attributes:
        errors.extend(
            invalid(f"{path}.volumeAttributesClassName", attributes, said)
            for said in subdomain_problems(attributes)
        )
    return errors


def _source_errors(source: Obj, path: str) -> list[FieldError]:
    errors = [required(f"{path}.{name}") for name in ("name", "kind") if not source.get(name)]
    if not source.get("apiGroup") and source.get("kind") not in (None, "", "PersistentVolumeClaim"):
        errors.append(
            invalid(
                path, source["kind"], "must be 'PersistentVolumeClaim' when referencing the default apiGroup"
            )
        )
    return errors
