"""Secrets and the types that demand certain keys."""

from __future__ import annotations

import base64
import binascii
import json

from eks_lab.sim.objects import FieldError, Obj, annotations_of, invalid, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME
from eks_lab.sim.resources.configmaps import LARGEST_DATA, fixed_errors
from eks_lab.sim.resources.field_rules import config_key_problems, immutable_errors

_REDACTED = "<secret contents redacted>"
_ACCOUNT_NAME = "kubernetes.io/service-account.name"
_GO_WORDS = {
    "Expecting property name": "looking for beginning of object key string",
    "Expecting value": "looking for beginning of value",
    "Expecting ',' delimiter": "after object key:value pair",
    "Expecting ':' delimiter": "after object key",
    "Extra data": "after top-level value",
}
"""What Python's JSON reader says -> what Go's does."""


def _default(secret: Obj, world: World) -> None:
    if not secret.get("type"):
        secret["type"] = "Opaque"
    plain = secret.pop("stringData", None)
    if plain:
        data = secret.get("data") or {}
        secret["data"] = {
            **data,
            **{key: base64.b64encode(str(value).encode()).decode() for key, value in plain.items()},
        }


def _value(secret: Obj, key: str) -> bytes:
    try:
        return base64.b64decode((secret.get("data") or {}).get(key) or "")
    except binascii.Error:
        return b""


def _json_problem(text: bytes) -> str:
    """Return Go's complaint about a text that is no JSON object; empty when it is one."""
    decoded = text.decode(errors="replace")
    try:
        json.loads(decoded)
    except json.JSONDecodeError as error:
        if error.pos >= len(decoded.rstrip()):
            return "unexpected end of JSON input"
        words = next(
            (go for start, go in _GO_WORDS.items() if error.msg.startswith(start)), "in string literal"
        )
        return f"invalid character '{decoded[error.pos]}' {words}"
    return ""


def _type_errors(secret: Obj) -> list[FieldError]:
    data = secret.get("data") or {}
    match secret.get("type"):
        case "kubernetes.io/service-account-token":
            if not annotations_of(secret).get(_ACCOUNT_NAME):
                return [required(f"metadata.annotations[{_ACCOUNT_NAME}]")]
        case "kubernetes.io/dockercfg" | "kubernetes.io/dockerconfigjson" as kind:
            key = ".dockercfg" if kind.endswith("cfg") else ".dockerconfigjson"
            if key not in data:
                return [required(f"data[{key}]")]
            problem = _json_problem(_value(secret, key))
            return [invalid(f"data[{key}]", _REDACTED, problem)] if problem else []
        case "kubernetes.io/basic-auth":
            if "username" not in data and "password" not in data:
                return [required("data[username]"), required("data[password]")]
        case "kubernetes.io/ssh-auth":
            if not data.get("ssh-privatekey"):
                return [required("data[ssh-privatekey]")]
        case "kubernetes.io/tls":
            return [required(f"data[{key}]") for key in ("tls.crt", "tls.key") if key not in data]
    return []


def _validate(secret: Obj, world: World) -> list[FieldError]:
    data = secret.get("data") or {}
    errors: list[FieldError] = []
    size = 0
    for key in sorted(data):
        errors.extend(invalid(f"data[{key}]", key, said) for said in config_key_problems(key))
        size += len(data[key] or "") * 3 // 4
    if size > LARGEST_DATA:
        errors.append(FieldError("TooLong", "data", f"Too long: may not be more than {LARGEST_DATA} bytes"))
    return errors + _type_errors(secret)


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    errors = immutable_errors(new.get("type"), old.get("type"), "type")
    return errors + fixed_errors(new, old, ("data",)) + _validate(new, world)


def _warnings(secret: Obj, old: Obj | None, world: World) -> list[str]:
    """Warn of a TLS pair that cannot be read, as crypto/tls.X509KeyPair words it."""
    if secret.get("type") != "kubernetes.io/tls":
        return []
    for key, word in (("tls.crt", "certificate"), ("tls.key", "key")):
        if b"-----BEGIN " not in _value(secret, key):
            return [f"tls: failed to find any PEM data in {word} input"]
    return []


SECRETS = Resource(
    plural="secrets",
    kind="Secret",
    columns=(
        NAME,
        Column("Type", lambda each, now: each.get("type", "")),
        Column("Data", lambda each, now: str(len(each.get("data") or ()))),
        AGE,
    ),
    field_labels={"type": lambda secret: secret.get("type") or ""},
    default=_default,
    validate=_validate,
    validate_update=_validate_update,
    warnings=_warnings,
)

RESOURCES = (SECRETS,)
