"""CustomResourceDefinitions: names, defaults, strategy (apiextensions-apiserver/pkg/registry/customresourcedefinition)."""

from __future__ import annotations

from eks_lab.sim.objects import FieldError, Obj
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import NAME
from eks_lab.sim.resources.definition_rules import definition_errors, definition_update_errors


def _default(crd: Obj, world: World) -> None:
    spec = crd.setdefault("spec", {})
    given = spec.setdefault("names", {})
    given.setdefault("plural", "")
    given.setdefault("kind", "")
    if not given.get("singular") and given["kind"]:
        given["singular"] = given["kind"].lower()
    if not given.get("listKind") and given["kind"]:
        given["listKind"] = f"{given['kind']}List"
    spec.setdefault("group", "")
    spec.setdefault("scope", "")
    spec.setdefault("versions", None)
    if spec.get("conversion") is None:
        spec["conversion"] = {"strategy": "None"}
    webhook = (spec["conversion"].get("webhook") or {}).get("clientConfig") or {}
    if webhook.get("service") is not None and webhook["service"].get("port") is None:
        webhook["service"]["port"] = 443


def _stored_versions(crd: Obj) -> list[str]:
    return [each.get("name", "") for each in crd["spec"].get("versions") or () if each.get("storage")]


def _prepare_create(crd: Obj, world: World) -> None:
    stored = list(dict.fromkeys(_stored_versions(crd)))[:1]
    crd["status"] = {
        "acceptedNames": {"kind": "", "plural": ""},
        "conditions": None,
        "storedVersions": stored or None,
    }


def _prepare_update(new: Obj, old: Obj, world: World) -> None:
    status = old.get("status") or {}
    before = status.get("storedVersions") or []
    added = [name for name in _stored_versions(new) if name not in before]
    new["status"] = {**status, "storedVersions": [*before, *added]} if added else status


def _validate(crd: Obj, world: World) -> list[FieldError]:
    return definition_errors(crd)


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return definition_update_errors(new, old)


CUSTOM_RESOURCE_DEFINITIONS = Resource(
    plural="customresourcedefinitions",
    kind="CustomResourceDefinition",
    group="apiextensions.k8s.io",
    namespaced=False,
    short_names=("crd", "crds"),
    categories=("api-extensions",),
    has_status=True,
    columns=(
        NAME,
        Column("Created At", lambda each, now: each["metadata"].get("creationTimestamp", ""), type="date"),
    ),
    default=_default,
    prepare_create=_prepare_create,
    prepare_update=_prepare_update,
    validate=_validate,
    validate_update=_validate_update,
    counts_generation=True,
)

RESOURCES = (CUSTOM_RESOURCE_DEFINITIONS,)
