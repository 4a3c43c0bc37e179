"""Kubernetes objects as plain JSON values, and the errors an API server answers with.

An object that came from the store or the API is shared by everybody and is never changed: whoever wants
another value builds a new object around the parts that stay (`evolve`, or `copy.deepcopy` in rare cases).
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from eks_lab.errors import EksLabError

Obj = dict[str, Any]
"""A Kubernetes object, or a part of one."""


class Key(NamedTuple):
    """Namespace and name; the namespace is empty for cluster-scoped objects."""

    namespace: str
    name: str


@dataclass(frozen=True, slots=True)
class User:
    """Who makes a request."""

    name: str
    groups: tuple[str, ...] = ()
    uid: str = ""
    extra: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


SYSTEM = User("system:apiserver", ("system:masters", "system:authenticated"))
"""The control plane itself."""


def key_of(obj: Obj) -> Key:
    """Return namespace and name of an object."""
    metadata = obj["metadata"]
    return Key(metadata.get("namespace", ""), metadata["name"])


def uid_of(obj: Obj) -> str:
    """Return the uid of a stored object."""
    uid: str = obj["metadata"]["uid"]
    return uid


def labels_of(obj: Obj) -> dict[str, str]:
    """Return the labels of an object; empty when it has none."""
    return obj["metadata"].get("labels") or {}


def annotations_of(obj: Obj) -> dict[str, str]:
    """Return the annotations of an object; empty when it has none."""
    return obj["metadata"].get("annotations") or {}


def is_deleting(obj: Obj) -> bool:
    """Say whether the object waits for its finalizers or its grace period."""
    return bool(obj["metadata"].get("deletionTimestamp"))


def controller_of(obj: Obj) -> Obj | None:
    """Return the owner reference that controls the object."""
    for reference in obj["metadata"].get("ownerReferences") or ():
        if reference.get("controller"):
            found: Obj = reference
            return found
    return None


def owner_reference(owner: Obj, *, controller: bool = True) -> Obj:
    """Return the reference that a controller puts on what it creates."""
    reference = {
        "apiVersion": owner["apiVersion"],
        "kind": owner["kind"],
        "name": owner["metadata"]["name"],
        "uid": owner["metadata"]["uid"],
    }
    return {**reference, "controller": True, "blockOwnerDeletion": True} if controller else reference


def evolve(obj: Obj, path: Sequence[str], value: Any) -> Obj:
    """Return the object with another value at a path of keys; None removes the key.

    Everything that is not on the path is shared with the original.
    """
    head, *rest = path
    if rest:
        return {**obj, head: evolve(obj.get(head) or {}, rest, value)}
    if value is None:
        return {key: each for key, each in obj.items() if key != head}
    return {**obj, head: value}


MOST_SHARED = 20_000
"""Values that are remembered to be shared; beyond that all are forgotten and sharing begins anew."""
_shared: dict[bytes, Any] = {}


def exact_json(value: Any) -> bytes:
    """Return a value as JSON in a buffer of just its size: what orjson returns holds a larger one."""
    return bytes(memoryview(orjson.dumps(value)))


def share(value: Any) -> Any:
    """Return an equal value that is one with the equal ones of others, part by part.

    Thousands of pods come from one template: what they have in common is in memory once, and comparing two of them
    stops where they are one.

    Args:
        value: JSON that nobody changes any more.
    """
    if not value or value.__class__ not in (dict, list):
        return value
    text = orjson.dumps(value)
    known = _shared.get(text)
    if known is None:
        if len(_shared) >= MOST_SHARED:
            _shared.clear()
        if value.__class__ is dict:
            known = {key: share(each) for key, each in value.items()}
        else:
            known = [share(each) for each in value]
        _shared[bytes(memoryview(text))] = known
    return known


def share_parts(obj: Obj) -> Obj:
    """Return a dictionary, itself too individual to be shared, with its values shared."""
    return {key: share(each) for key, each in obj.items()}


def condition_of(obj: Obj, kind: str) -> Obj | None:
    """Return one condition of `status.conditions`."""
    for condition in (obj.get("status") or {}).get("conditions") or ():
        if condition.get("type") == kind:
            found: Obj = condition
            return found
    return None


def is_condition_true(obj: Obj, kind: str) -> bool:
    """Say whether a condition of `status.conditions` is True."""
    condition = condition_of(obj, kind)
    return condition is not None and condition.get("status") == "True"


@lru_cache(4096)
def timestamp(moment: datetime) -> str:
    """Return a `metav1.Time`: RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@lru_cache(1024)
def micro_timestamp(moment: datetime) -> str:
    """Return a `metav1.MicroTime`: RFC 3339 in UTC with six digits."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def parse_time(text: str) -> datetime:
    """Return the moment that a `Time` or `MicroTime` names.

    Raises:
        ValueError: it is neither.
    """
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(f"{text!r} names no time zone")
    return moment


NEVER = datetime.min.replace(tzinfo=UTC)
"""Go's zero time: what a time is that nobody wrote."""


def moment_of(part: Obj, field: str) -> datetime:
    """Return the time in a part of an object; clients may leave it out of a status they write."""
    text = part.get(field)
    return parse_time(text) if text else NEVER


LONGEST_DURATION = timedelta(microseconds=(2**63 - 1) // 1000)
"""Of Go's time.Duration: 292 years."""


def duration(seconds: float) -> timedelta:
    """Return as many seconds as an object asks for, or the longest span that Go knows: fields are int64."""
    most = LONGEST_DURATION.total_seconds()
    return timedelta(seconds=min(max(seconds, -most), most))


def later(moment: datetime, span: timedelta) -> datetime:
    """Return a moment after a client's time, which may stand in the year 9999: then the last one there is."""
    try:
        return moment + span
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)


# --- errors -------------------------------------------------------------------------------------------------


def shown(value: Any) -> str:
    """Return a value as the API server's messages show it: strings quoted, other values as JSON."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class FieldError:
    """One thing wrong with one field (k8s.io/apimachinery/pkg/util/validation/field)."""

    kind: str
    """Required, Invalid, NotSupported, Forbidden, Duplicate, TooLong, TooMany, NotFound, TypeInvalid, Internal."""
    path: str
    """`spec.containers[0].name`."""
    text: str
    """What follows the path in the message."""

    def __str__(self) -> str:
        """Return the whole line."""
        return f"{self.path}: {self.text}"

    @property
    def cause(self) -> Obj:
        """Return it as a cause of a Status."""
        reasons = {"Internal": "InternalError", "TypeInvalid": "FieldValueTypeInvalid"}
        return {
            "reason": reasons.get(self.kind, f"FieldValue{self.kind}"),
            "message": self.text,
            "field": self.path,
        }


def required(path: str, detail: str = "") -> FieldError:
    """Return `spec.x: Required value: detail`."""
    return FieldError("Required", path, f"Required value: {detail}" if detail else "Required value")


def invalid(path: str, value: Any, detail: str) -> FieldError:
    """Return `spec.x: Invalid value: "v": detail`."""
    return FieldError("Invalid", path, f"Invalid value: {shown(value)}: {detail}")


def type_invalid(path: str, value: Any, detail: str) -> FieldError:
    """Return the error of a value of the wrong type."""
    return FieldError("TypeInvalid", path, f"Invalid value: {shown(value)}: {detail}")


def not_supported(path: str, value: Any, supported: Iterable[str]) -> FieldError:
    """Return `spec.x: Unsupported value: "v": supported values: "a", "b"`."""
    values = ", ".join(shown(each) for each in supported)
    return FieldError("NotSupported", path, f"Unsupported value: {shown(value)}: supported values: {values}")


def forbidden_field(path: str, detail: str) -> FieldError:
    """Return `spec.x: Forbidden: detail`."""
    return FieldError("Forbidden", path, f"Forbidden: {detail}")


def duplicate(path: str, value: Any) -> FieldError:
    """Return `spec.x: Duplicate value: "v"`."""
    return FieldError("Duplicate", path, f"Duplicate value: {shown(value)}")


def too_long(path: str, most: int) -> FieldError:
    """Return `spec.x: Too long: may not be more than N bytes`."""
    return FieldError("TooLong", path, f"Too long: may not be more than {most} bytes")


def too_many(path: str, count: int, most: int) -> FieldError:
    """Return `spec.x: Too many: N: must have at most M items`."""
    return FieldError("TooMany", path, f"Too many: {count}: must have at most {most} items")


def field_not_found(path: str, value: Any) -> FieldError:
    """Return `spec.x: Not found: "v"`."""
    return FieldError("NotFound", path, f"Not found: {shown(value)}")


class ApiError(EksLabError):
    """An answer other than success, as a Status says it."""

    def __init__(self, code: int, reason: str, message: str, details: Obj | None = None) -> None:
        """Describe the failure.

        Args:
            code: HTTP status.
            reason: `NotFound`, `Conflict`, `Invalid`, …
            message: the sentence that clients print.
            details: `status.details`.
        """
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.details = details or {}

    def status(self) -> Obj:
        """Return the Status object of the answer."""
        answer: Obj = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            answer["reason"] = self.reason
        if self.details:
            answer["details"] = self.details
        answer["code"] = self.code
        return answer


def _details(plural: str, group: str, name: str) -> Obj:
    found = {"name": name, "group": group, "kind": plural}
    return {key: value for key, value in found.items() if value}


def qualified(plural: str, group: str) -> str:
    """Return `deployments.apps`, or `pods` for the core group."""
    return f"{plural}.{group}" if group else plural


def not_found(plural: str, group: str, name: str) -> ApiError:
    """Return `deployments.apps "web" not found`."""
    message = f'{qualified(plural, group)} "{name}" not found'
    return ApiError(404, "NotFound", message, _details(plural, group, name))


def already_exists(plural: str, group: str, name: str) -> ApiError:
    """Return `pods "web" already exists`."""
    message = f'{qualified(plural, group)} "{name}" already exists'
    return ApiError(409, "AlreadyExists", message, _details(plural, group, name))


def conflict(plural: str, group: str, name: str, why: str = "") -> ApiError:
    """Return `Operation cannot be fulfilled on …`, by default because the object was modified."""
    why = why or "the object has been modified; please apply your changes to the latest version and try again"
    message = f'Operation cannot be fulfilled on {qualified(plural, group)} "{name}": {why}'
    return ApiError(409, "Conflict", message, _details(plural, group, name))


def forbidden(plural: str, group: str, name: str, why: str) -> ApiError:
    """Return `pods "web" is forbidden: why`."""
    what = (
        f'{qualified(plural, group)} "{name}" is forbidden'
        if name
        else f"{qualified(plural, group)} is forbidden"
    )
    return ApiError(403, "Forbidden", f"{what}: {why}", _details(plural, group, name))


def invalid_object(kind: str, group: str, name: str, errors: Sequence[FieldError]) -> ApiError:
    """Return `Deployment.apps "web" is invalid: …` with its causes.

    Args:
        kind: as in `kind:`; here it is the kind, not the plural, that clients print.
        group: its API group.
        name: of the object.
        errors: at least one.
    """
    # Two errors that read the same are printed once (field.ErrorList.ToAggregate).
    lines = list(dict.fromkeys(str(error) for error in errors))
    text = lines[0] if len(lines) == 1 else f"[{', '.join(lines)}]"
    details = _details(kind, group, name)
    details["causes"] = [error.cause for error in errors]
    return ApiError(422, "Invalid", f'{qualified(kind, group)} "{name}" is invalid: {text}', details)


def bad_request(message: str) -> ApiError:
    """Return a request that cannot be understood."""
    return ApiError(400, "BadRequest", message)


def not_simulated(what: str, instead: str, real: str) -> ApiError:
    """Return the honest answer for what the simulator does not do.

    Args:
        what: was asked for.
        instead: the nearest thing that is simulated.
        real: what real EKS would do.
    """
    message = f"{what} is not simulated by eks-lab. Nearest: {instead}. Real EKS: {real}"
    return ApiError(501, "NotImplemented", message)
