"""Rules of `metadata`: what the server fills in, and what it refuses (apimachinery/pkg/api/validation/objectmeta.go)."""

from __future__ import annotations

import functools
from typing import Any

from eks_lab.kube import names
from eks_lab.sim.objects import FieldError, Obj, forbidden_field, invalid, required
from eks_lab.sim.resource import Resource

ANNOTATIONS_LIMIT = 256 * 1024
"""Bytes of all annotations together, keys and values (TotalAnnotationSizeLimitB)."""

_GONE_FINALIZERS = ("orphan", "foregroundDeletion", "kubernetes")
"""Finalizer names without a domain that the server itself owns."""


@functools.lru_cache(maxsize=4096)
def _key_problems(key: str) -> tuple[str, ...]:
    return tuple(names.qualified_name(key))


@functools.lru_cache(maxsize=4096)
def _value_problems(value: str) -> tuple[str, ...]:
    return tuple(names.label_value(value))


@functools.lru_cache(maxsize=4096)
def _namespace_problems(namespace: str) -> tuple[str, ...]:
    return tuple(names.dns1123_label(namespace))


def name_problems(resource: Resource, name: str) -> list[str]:
    """Return what is wrong with a name, in the words of validation."""
    if resource.name_problem is not None:
        return resource.name_problem(name)
    return names.dns1123_subdomain(name)


def metadata_errors(resource: Resource, metadata: Obj) -> list[FieldError]:
    """Return the errors of metadata about to be written, in the real server's order.

    Args:
        resource: whose names and scope count.
        metadata: with name and namespace settled.
    """
    errors: list[FieldError] = []
    prefix = metadata.get("generateName") or ""
    if prefix:
        # A generated name is judged with its ending cut off, so a trailing dash is fine.
        probe = prefix[:-1] + "a" if prefix.endswith("-") else prefix
        errors += [invalid("metadata.generateName", prefix, each) for each in name_problems(resource, probe)]
    name = metadata.get("name") or ""
    if not name:
        errors.append(required("metadata.name", "name or generateName is required"))
    else:
        errors += [invalid("metadata.name", name, each) for each in name_problems(resource, name)]
    namespace = metadata.get("namespace") or ""
    if resource.namespaced:
        if not namespace:
            errors.append(required("metadata.namespace"))
        else:
            errors += [
                invalid("metadata.namespace", namespace, each) for each in _namespace_problems(namespace)
            ]
    elif namespace:
        errors.append(forbidden_field("metadata.namespace", "not allowed on this type"))
    errors += label_errors(metadata.get("labels") or {}, "metadata.labels")
    errors += annotation_errors(metadata.get("annotations") or {}, "metadata.annotations")
    errors += _owner_errors(metadata.get("ownerReferences") or ())
    # The aggregated servers inside kube-apiserver leave out the check for standard names.
    is_core = not resource.dynamic and resource.group not in (
        "apiextensions.k8s.io",
        "apiregistration.k8s.io",
    )
    errors += _finalizer_errors(metadata.get("finalizers") or (), is_core)
    return errors


def label_errors(labels: Obj, path: str) -> list[FieldError]:
    """Return the errors of labels (ValidateLabels).

    Args:
        labels: name -> value.
        path: where they stand: `metadata.labels`.
    """
    errors: list[FieldError] = []
    for key, value in labels.items():
        errors += [invalid(path, key, each) for each in _key_problems(key)]
        errors += [invalid(path, value, each) for each in _value_problems(value)]
    return errors


def annotation_errors(annotations: Obj, path: str) -> list[FieldError]:
    """Return the errors of annotations (ValidateAnnotations); their keys are judged in lower case."""
    errors: list[FieldError] = []
    size = 0
    for key, value in annotations.items():
        errors += [invalid(path, key, each) for each in _key_problems(key.lower())]
        size += len(key.encode()) + len(value.encode())
    if size > ANNOTATIONS_LIMIT:
        errors.append(
            FieldError("TooLong", path, f"Too long: may not be more than {ANNOTATIONS_LIMIT} bytes")
        )
    return errors


def _owner_errors(references: Any) -> list[FieldError]:
    errors: list[FieldError] = []
    controllers: list[Obj] = []
    for number, reference in enumerate(references):
        path = f"metadata.ownerReferences[{number}]"
        api_version = reference.get("apiVersion") or ""
        if not api_version.rpartition("/")[2]:
            errors.append(invalid(f"{path}.apiVersion", api_version, "version must not be empty"))
        if not reference.get("kind"):
            errors.append(invalid(f"{path}.kind", "", "must not be empty"))
        if not reference.get("name"):
            errors.append(invalid(f"{path}.name", "", "must not be empty"))
        if not reference.get("uid"):
            errors.append(invalid(f"{path}.uid", "", "must not be empty"))
        if api_version == "v1" and reference.get("kind") == "Event":
            errors.append(invalid(path, _owner_shown(reference), "is disallowed from being an owner"))
        if reference.get("controller"):
            controllers.append(reference)
    if len(controllers) > 1:
        shown = [_owner_shown(each) for each in references]
        first, second = controllers[0], controllers[1]
        errors.append(
            invalid(
                "metadata.ownerReferences",
                shown,
                'Only one reference can have Controller set to true. Found "true" in references for '
                f"{first['kind']}/{first['name']} and {second['kind']}/{second['name']}",
            )
        )
    return errors


def _owner_shown(reference: Obj) -> Obj:
    """Return a reference with the fields in the order of the Go struct."""
    order = ("apiVersion", "kind", "name", "uid", "controller", "blockOwnerDeletion")
    return {key: reference[key] for key in order if key in reference}


def _finalizer_errors(finalizers: Any, is_core: bool) -> list[FieldError]:
    errors: list[FieldError] = []
    has_orphan = has_foreground = False
    for finalizer in finalizers:
        found = [invalid("metadata.finalizers", finalizer, each) for each in _key_problems(finalizer)]
        errors += found
        if is_core and not found and "/" not in finalizer and finalizer not in _GONE_FINALIZERS:
            errors.append(
                invalid(
                    "metadata.finalizers",
                    finalizer,
                    "name is neither a standard finalizer name nor is it fully qualified",
                )
            )
        has_orphan = has_orphan or finalizer == "orphan"
        has_foreground = has_foreground or finalizer == "foregroundDeletion"
    if has_orphan and has_foreground:
        errors.append(
            invalid(
                "metadata.finalizers",
                list(finalizers),
                "finalizer orphan and foregroundDeletion cannot be both set",
            )
        )
    return errors


def metadata_update_errors(new: Obj, old: Obj) -> list[FieldError]:
    """Return the errors of changed metadata (ValidateObjectMetaUpdate).

    Args:
        new: metadata as asked for; what the server carries over was carried over.
        old: metadata as stored.
    """
    errors: list[FieldError] = []
    if old.get("deletionTimestamp"):
        had = set(old.get("finalizers") or ())
        added = [each for each in new.get("finalizers") or () if each not in had]
        if added:
            shown = ", ".join(f'"{each}"' for each in sorted(added))
            errors.append(
                forbidden_field(
                    "metadata.finalizers",
                    "no new finalizers can be added if the object is being deleted, "
                    f"found new finalizers []string{{{shown}}}",
                )
            )
    for field in (
        "name",
        "namespace",
        "uid",
        "creationTimestamp",
        "deletionTimestamp",
        "deletionGracePeriodSeconds",
    ):
        if new.get(field) != old.get(field):
            errors.append(invalid(f"metadata.{field}", new.get(field), "field is immutable"))
    if (new.get("generation") or 0) < (old.get("generation") or 0):
        errors.append(invalid("metadata.generation", new.get("generation") or 0, "must not be decremented"))
    return errors
