"""What a CustomResourceDefinition may say (apiextensions-apiserver/pkg/apis/apiextensions/validation)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from eks_lab.kube import names
from eks_lab.sim.objects import (
    FieldError,
    Obj,
    annotations_of,
    invalid,
    is_condition_true,
    not_supported,
    required,
)
from eks_lab.sim.resources.field_rules import immutable_errors
from eks_lab.sim.resources.structural_rules import schema_definition_errors

_APPROVED = "api-approved.kubernetes.io"
_WHY = "see https://github.com/kubernetes/enhancements/pull/1111"
_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = (
    "binary", "bsonobjectid", "byte", "cidr", "creditcard", "date", "date-time", "double", "duration", "email",
    "float", "hexcolor", "hostname", "int32", "int64", "ipv4", "ipv6", "isbn", "isbn10", "isbn13", "mac",
    "password", "rgbcolor", "ssn", "uri", "uuid", "uuid3", "uuid4", "uuid5",
)  # fmt: skip
_SIMPLE_PATH = re.compile(r"\.[A-Za-z0-9_.\[\]\-'\"@?()=!<>&|*/\\: ]*")
_SCOPES = ("Cluster", "Namespaced")
_PER_VERSION = ("schema", "subresources", "additionalPrinterColumns", "selectableFields")
_IGNORED = "x-kubernetes-preserve-unknown-fields"


def _shared(versions: list[Obj], field: str) -> bool:
    """Say whether all versions agree on a field; the internal type then has it once, beside `versions`."""
    return all(each.get(field) == versions[0].get(field) for each in versions)


def _shown(versions: list[Obj] | None) -> Any:
    """Return versions as messages show them: the internal type, what all agree on taken out."""
    if versions is None:
        return None
    shared = {field for field in _PER_VERSION if versions and _shared(versions, field)}

    def own(version: Obj, field: str) -> Any:
        return None if field in shared else version.get(field)

    return [
        {
            "Name": each.get("name", ""),
            "Served": bool(each.get("served")),
            "Storage": bool(each.get("storage")),
            "Deprecated": bool(each.get("deprecated")),
            "DeprecationWarning": each.get("deprecationWarning"),
            "Schema": own(each, "schema"),
            "Subresources": own(each, "subresources"),
            "AdditionalPrinterColumns": own(each, "additionalPrinterColumns"),
            "SelectableFields": own(each, "selectableFields"),
        }
        for each in versions
    ]


def _label(text: str, path: str) -> list[FieldError]:
    if not text:
        return [required(path)]
    said = names.dns1035_label(text)
    return [invalid(path, text, ",".join(said))] if said else []


def _mixed_case(text: str, path: str) -> list[FieldError]:
    if not text:
        return [required(path)]
    said = names.dns1035_label(text.lower())
    if not said:
        return []
    return [invalid(path, text, f"may have mixed case, but should otherwise match: {','.join(said)}")]


def _group_errors(group: str) -> list[FieldError]:
    if not group:
        return [required("spec.group")]
    said = names.dns1123_subdomain(group)
    if said:
        return [invalid("spec.group", group, ",".join(said))]
    if "." not in group:
        return [invalid("spec.group", group, "should be a domain with at least one dot")]
    return []


def _names_errors(given: Obj, path: str) -> list[FieldError]:
    errors = _label(given.get("plural") or "", f"{path}.plural")
    errors.extend(_label(given.get("singular") or "", f"{path}.singular"))
    kind, list_kind = given.get("kind") or "", given.get("listKind") or ""
    errors.extend(_mixed_case(kind, f"{path}.kind"))
    errors.extend(_mixed_case(list_kind, f"{path}.listKind"))
    for number, short in enumerate(given.get("shortNames") or ()):
        errors.extend(_label(short, f"{path}.shortNames[{number}]"))
    if kind and kind == list_kind:
        errors.append(invalid(f"{path}.listKind", list_kind, "kind and listKind may not be the same"))
    for number, category in enumerate(given.get("categories") or ()):
        errors.extend(_label(category, f"{path}.categories[{number}]"))
    return errors


def _subresource_errors(subresources: Obj | None, path: str) -> list[FieldError]:
    scale = (subresources or {}).get("scale")
    if scale is None:
        return []
    errors: list[FieldError] = []
    for field, root in (
        ("specReplicasPath", ".spec"),
        ("statusReplicasPath", ".status"),
        ("labelSelectorPath", ""),
    ):
        here, value = f"{path}.scale.{field}", scale.get(field)
        if not value:
            if root:
                errors.append(required(here))
        elif "[" in value or not value.startswith("."):
            errors.append(invalid(here, value, "should be a json path without any array notation"))
        elif root and not value.startswith(f"{root}."):
            errors.append(invalid(here, value, f"should be a json path under {root}"))
        elif not root and not value.startswith((".spec.", ".status.")):
            errors.append(invalid(here, value, "should be a json path under either .spec or .status"))
    return errors


def _column_errors(column: Obj, path: str) -> list[FieldError]:
    kind, form, where = (
        column.get("type") or "",
        column.get("format") or "",
        column.get("jsonPath") or "",
    )
    errors: list[FieldError] = []
    if not column.get("name"):
        errors.append(required(f"{path}.name"))
    choices = ",".join(_COLUMN_TYPES)
    if not kind:
        errors.append(required(f"{path}.type", f"must be one of {choices}"))
    elif kind not in _COLUMN_TYPES:
        errors.append(invalid(f"{path}.type", kind, f"must be one of {choices}"))
    if form and form not in _COLUMN_FORMATS:
        detail = f"must be one of {','.join(_COLUMN_FORMATS)}"
        errors.append(invalid(f"{path}.format", form, detail))
    here = f"{path}.JSONPath"
    if not where:
        errors.append(required(here))
    elif not _SIMPLE_PATH.fullmatch(where):
        errors.append(invalid(here, where, "must be a simple json path starting with ."))
    return errors


def _parts_errors(spec: Obj, versions: list[Obj], *, shared: bool) -> list[FieldError]:
    """Return the errors of schemas, subresources and columns.

    Args:
        spec: of the definition.
        versions: of it.
        shared: True for what all versions agree on, whose paths name no version.
    """
    errors: list[FieldError] = []
    for number, version in enumerate(versions[:1] if shared else versions):
        base = "spec" if shared else f"spec.versions[{number}]"
        for field in _PER_VERSION:
            if _shared(versions, field) != shared or version.get(field) is None:
                continue
            if field == "schema":
                here = f"{base}.{'validation' if shared else 'schema'}.openAPIV3Schema"
                schema = version["schema"].get("openAPIV3Schema")
                if schema is not None:
                    errors.extend(schema_definition_errors(schema, here))
            elif field == "subresources":
                errors.extend(_subresource_errors(version[field], f"{base}.{field}"))
            elif field == "additionalPrinterColumns":
                for position, column in enumerate(version[field]):
                    errors.extend(_column_errors(column, f"{base}.{field}[{position}]"))
            else:
                errors.extend(_selectable_errors(version, f"{base}.{field}"))
    return errors


def _selectable_errors(version: Obj, path: str) -> list[FieldError]:
    schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
    errors: list[FieldError] = []
    for number, field in enumerate(version.get("selectableFields") or ()):
        here, where = f"{path}[{number}].jsonPath", field.get("jsonPath") or ""
        if not where:
            errors.append(required(here))
            continue
        node: Any = schema
        for step in where.strip(".").split("."):
            node = (node.get("properties") or {}).get(step) if isinstance(node, Mapping) else None
        if node is None:
            errors.append(invalid(here, where, "is an invalid path: does not refer to a valid field"))
        elif node.get("type") not in ("boolean", "integer", "string"):
            detail = "must point to a field of type string, boolean or integer"
            errors.append(invalid(here, where, detail))
    return errors


def _version_errors(spec: Obj) -> list[FieldError]:
    versions: list[Obj] = spec.get("versions") or []
    errors: list[FieldError] = []
    if not versions or _shared(versions, "schema"):
        if versions and not (versions[0].get("schema") or {}).get("openAPIV3Schema"):
            errors.extend(
                required(f"spec.versions[{number}].schema.openAPIV3Schema") for number in range(len(versions))
            )
    else:
        errors.extend(
            required(f"spec.versions[{number}].schema.openAPIV3Schema")
            for number, each in enumerate(versions)
            if not (each.get("schema") or {}).get("openAPIV3Schema")
        )
    for number, each in enumerate(versions):
        said = names.dns1035_label(each.get("name") or "")
        if said:
            errors.append(invalid(f"spec.versions[{number}].name", each.get("name") or "", ",".join(said)))
    errors.extend(_parts_errors(spec, versions, shared=False) if versions else [])
    given = [each.get("name") or "" for each in versions]
    if len(set(given)) < len(given):
        errors.append(invalid("spec.versions", _shown(versions), "must contain unique version names"))
    if sum(bool(each.get("storage")) for each in versions) != 1:
        detail = "must have exactly one version marked as storage version"
        errors.append(invalid("spec.versions", _shown(spec.get("versions")), detail))
    if given and given[0]:
        said = names.dns1035_label(given[0])
        if said:
            errors.append(invalid("spec.version", given[0], ",".join(said)))
    return errors


def _conversion_errors(conversion: Obj) -> list[FieldError]:
    strategy, webhook = conversion.get("strategy") or "", conversion.get("webhook")
    here = "spec.conversion"
    if not strategy:
        return [required(f"{here}.strategy")]
    if strategy == "Webhook":
        if webhook is None or webhook.get("clientConfig") is None:
            detail = "required when strategy is set to Webhook"
            return [required(f"{here}.webhookClientConfig", detail)]
        errors: list[FieldError] = []
        if not webhook.get("conversionReviewVersions"):
            errors.append(required(f"{here}.conversionReviewVersions"))
        client = webhook["clientConfig"]
        if (client.get("url") is None) == (client.get("service") is None):
            detail = "exactly one of url or service is required"
            errors.append(required(f"{here}.webhookClientConfig", detail))
        return errors
    if strategy != "None":
        return [not_supported(f"{here}.strategy", strategy, ("None", "Webhook"))]
    if webhook is not None:
        detail = "should not be set when strategy is not set to Webhook"
        return [FieldError("Forbidden", f"{here}.webhookClientConfig", f"Forbidden: {detail}")]
    return []


def _spec_errors(spec: Obj) -> list[FieldError]:
    versions: list[Obj] = spec.get("versions") or []
    scope = spec.get("scope") or ""
    errors = _group_errors(spec.get("group") or "")
    if not scope:
        errors.append(required("spec.scope"))
    elif scope not in _SCOPES:
        errors.append(not_supported("spec.scope", scope, _SCOPES))
    if spec.get("preserveUnknownFields"):
        detail = f"cannot set to true, set {_IGNORED} to true in spec.versions[*].schema instead"
        errors.append(invalid("spec.preserveUnknownFields", value=True, detail=detail))
    errors.extend(_version_errors(spec))
    errors.extend(_names_errors(spec.get("names") or {}, "spec.names"))
    if versions:
        errors.extend(_parts_errors(spec, versions, shared=True))
    return errors + _conversion_errors(spec.get("conversion") or {})


def _stored_errors(crd: Obj) -> list[FieldError]:
    stored = (crd.get("status") or {}).get("storedVersions")
    here = "status.storedVersions"
    if not stored:
        return [invalid(here, stored, "must have at least one stored version")]
    left = {name: number for number, name in enumerate(stored)}
    errors: list[FieldError] = []
    for version in crd["spec"].get("versions") or ():
        name = version.get("name") or ""
        if name in left:
            del left[name]
        elif version.get("storage"):
            errors.append(invalid(here, stored, f"must have the storage version {name}"))
    for name, number in left.items():
        detail = (
            f"missing from spec.versions; {name} was previously a storage version, and must remain in "
            "spec.versions until a storage migration ensures no data remains persisted in "
            f"{name} and removes {name} from status.storedVersions"
        )
        errors.append(invalid(f"{here}[{number}]", name, detail))
    return errors


def _is_address(text: str) -> bool:
    """Say whether a text is a URL with a host."""
    try:
        address = urlsplit(text)
    except ValueError:
        return False
    return bool(address.scheme and address.netloc)


def _approval_errors(crd: Obj) -> list[FieldError]:
    """Return the error of a group of the Kubernetes project that nobody approved."""
    group = crd["spec"].get("group") or ""
    if not (group in ("k8s.io", "kubernetes.io") or group.endswith((".k8s.io", ".kubernetes.io"))):
        return []
    here, said = f"metadata.annotations[{_APPROVED}]", annotations_of(crd).get(_APPROVED)
    if not said:
        return [required(here, f'protected groups must have approval annotation "{_APPROVED}", {_WHY}')]
    if said.startswith("unapproved") or _is_address(said):
        return []
    detail = (
        f'protected groups must have approval annotation "{_APPROVED}" with either a URL or a reason '
        f'starting with "unapproved", {_WHY}'
    )
    return [invalid(here, said, detail)]


def _name_errors(crd: Obj) -> list[FieldError]:
    spec, name = crd["spec"], crd["metadata"].get("name") or ""
    if name == f"{(spec.get('names') or {}).get('plural') or ''}.{spec.get('group') or ''}":
        return []
    return [invalid("metadata.name", name, 'must be spec.names.plural+"."+spec.group')]


def definition_errors(crd: Obj) -> list[FieldError]:
    """Return the errors of a definition about to be created.

    Args:
        crd: with its defaults and the status that creation gives it.
    """
    return _name_errors(crd) + _spec_errors(crd["spec"]) + _stored_errors(crd) + _approval_errors(crd)


def definition_update_errors(new: Obj, old: Obj) -> list[FieldError]:
    """Return the errors of a changed definition: names of an established one must stay.

    Args:
        new: as wished.
        old: as stored.
    """
    errors = _name_errors(new) + _spec_errors(new["spec"])
    after, before = new["spec"], old["spec"]
    if is_condition_true(old, "Established"):
        for path in (("scope",), ("names", "kind")):
            errors.extend(immutable_errors(_at(after, path), _at(before, path), f"spec.{'.'.join(path)}"))
    for path in (("group",), ("names", "plural")):
        errors.extend(immutable_errors(_at(after, path), _at(before, path), f"spec.{'.'.join(path)}"))
    return errors + _stored_errors(new)


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        value = (value or {}).get(step)
    return value
