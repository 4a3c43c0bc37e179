r"""Request bodies of `application/vnd.kubernetes.protobuf`, as JSON objects.

A body is the prefix `k8s\0` and a `runtime.Unknown` message that names the kind and holds the
object. kubectl and client-go send `create`, `autoscale`, `auth can-i` and the like this way and do
not fall back to JSON. What comes out is what Go's JSON encoder would print for the same struct.

Sources: kubernetes/apimachinery pkg/runtime/serializer/protobuf, the generated.proto files, and
protobuf.dev "Encoding".
"""

from __future__ import annotations

import base64
import struct
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson

from eks_lab.errors import InputError
from eks_lab.kube.types import group_version
from eks_lab.kube.wire_table import WireField, WireMessage, WireTable, wire_table

PREFIX = b"k8s\x00"
CONTENT_TYPE = "application/vnd.kubernetes.protobuf"
_META = "k8s.io.apimachinery.pkg.apis.meta.v1"
_UNKNOWN = "k8s.io.apimachinery.pkg.runtime.Unknown"
_EXTENSIONS = "k8s.io.apiextensions_apiserver.pkg.apis.apiextensions"
_AGGREGATOR = "k8s.io.kube_aggregator.pkg.apis.apiregistration"
_DEEPEST = 100
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_VARINT, _FIXED64, _BYTES, _FIXED32 = 0, 1, 2, 5
_DOUBLE, _FLOAT, _INT64, _UINT64, _INT32, _BOOL, _STRING, _MESSAGE, _RAW = 1, 2, 3, 4, 5, 8, 9, 11, 12


class ProtobufError(InputError):
    """A body that is no Kubernetes protobuf, or names a kind nobody knows."""


def decode(body: bytes) -> tuple[str, str, dict[str, Any]]:
    """Decode one request body.

    Args:
        body: the bytes with their prefix.

    Returns:
        apiVersion, kind, and the object in its JSON form, apiVersion and kind included.

    Raises:
        ProtobufError: the prefix is missing, the bytes end early or are no protobuf, or the kind is unknown.
    """
    if not body.startswith(PREFIX):
        raise ProtobufError("provided data does not appear to be a protobuf message, expected prefix k8s\\0")
    table = wire_table()
    try:
        envelope = _message(table, _UNKNOWN, memoryview(body)[len(PREFIX) :], 0)
        api_version, kind = envelope.get("apiVersion", ""), envelope.get("kind", "")
        raw = base64.b64decode(envelope.get("raw", ""))
        decoded = _message(table, message_name(api_version, kind), memoryview(raw), 0)
    except (IndexError, struct.error, UnicodeDecodeError, OverflowError, orjson.JSONDecodeError) as error:
        raise ProtobufError(
            f"the protobuf body is damaged: {error}", hint="Send it again, or as JSON."
        ) from error
    return api_version, kind, {"apiVersion": api_version, "kind": kind, **decoded}


def message_name(api_version: str, kind: str) -> str:
    """Return the full protobuf name of a kind.

    Args:
        api_version: `apps/v1`.
        kind: `Deployment`.

    Raises:
        ProtobufError: no such kind has a protobuf form.
    """
    group, version = group_version(api_version)
    package = {
        "": "k8s.io.api.core",
        "apiextensions.k8s.io": _EXTENSIONS,
        "apiregistration.k8s.io": _AGGREGATOR,
        "internal.apiserver.k8s.io": "k8s.io.api.apiserverinternal",
    }.get(group, f"k8s.io.api.{group.partition('.')[0]}")
    table = wire_table()
    # DeleteOptions, Status and their like belong to every group and are defined once.
    for name in (f"{package}.{version}.{kind}", f"{_META}.{kind}"):
        if kind and table.message(name) is not None:
            return name
    raise ProtobufError(
        f'no kind "{kind}" is registered for version "{api_version}"', hint="Send it as JSON."
    )


def _fields(data: memoryview) -> Iterator[tuple[int, int, int | memoryview]]:
    """Yield number, wire type and raw value of every field."""
    at, end = 0, len(data)
    while at < end:
        key, at = _varint(data, at)
        number, wire = key >> 3, key & 7
        if number == 0:
            raise ProtobufError("the protobuf body is damaged: field number 0")
        if wire == _VARINT:
            value, at = _varint(data, at)
            yield number, wire, value
            continue
        if wire == _BYTES:
            size, at = _varint(data, at)
        elif wire == _FIXED64:
            size = 8
        elif wire == _FIXED32:
            size = 4
        else:
            raise ProtobufError(f"the protobuf body is damaged: wire type {wire} of field {number}")
        if at + size > end:
            raise ProtobufError("the protobuf body is damaged: it ends inside a field")
        yield number, wire, data[at : at + size]
        at += size


def _varint(data: memoryview, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & 0xFFFFFFFFFFFFFFFF, at
        shift += 7
        if shift > 63:
            raise ProtobufError("the protobuf body is damaged: a number longer than 64 bits")


def _scalar(kind: int, wire: int, value: int | memoryview) -> Any:
    if isinstance(value, int):
        if wire != _VARINT or kind in (_STRING, _RAW, _DOUBLE, _FLOAT):
            raise ProtobufError("the protobuf body is damaged: a number where text belongs")
        if kind == _BOOL:
            return value != 0
        if kind in (_INT64, _INT32) and value >= 1 << 63:
            return value - (1 << 64)
        return value
    if kind == _STRING and wire == _BYTES:
        return str(value, "utf-8")
    if kind == _RAW and wire == _BYTES:
        return base64.b64encode(value).decode()
    if kind == _DOUBLE and wire == _FIXED64:
        return struct.unpack("<d", value)[0]
    if kind == _FLOAT and wire == _FIXED32:
        return struct.unpack("<f", value)[0]
    raise ProtobufError("the protobuf body is damaged: text where a number belongs")


def _packed(kind: int, value: memoryview) -> Iterator[Any]:
    at = 0
    while at < len(value):
        number, at = _varint(value, at)
        yield _scalar(kind, _VARINT, number)


def _value(table: WireTable, field: WireField, wire: int, value: int | memoryview, depth: int) -> Any:
    if field.type != _MESSAGE:
        return _scalar(field.type, wire, value)
    if isinstance(value, int) or wire != _BYTES:
        raise ProtobufError(f"the protobuf body is damaged: {field.name} is no message")
    special = _SPECIAL.get(field.message)
    if special is not None:
        return special(table, value, depth)
    message = table.message(field.message)
    if message is not None and not message.entry and _wraps_list(message):
        return _message(table, field.message, value, depth + 1).get("items", [])
    return _message(table, field.message, value, depth + 1)


def _wraps_list(message: WireMessage) -> bool:
    """Tell Go's named slices (ExtraValue, Verbs), which protobuf wraps in a message of one list."""
    only = message.fields.get(1)
    return len(message.fields) == 1 and only is not None and only.name == "items" and only.type == _STRING


def _message(table: WireTable, name: str, data: memoryview, depth: int) -> dict[str, Any]:
    message = table.message(name)
    if message is None:
        raise ProtobufError(f"no protobuf message {name} is known", hint="Send it as JSON.")
    if depth > _DEEPEST:
        raise ProtobufError("the protobuf body is nested too deeply")
    decoded: dict[str, Any] = {}
    for number, wire, value in _fields(data):
        field = message.fields.get(number)
        if field is None:
            continue
        if field.repeated and field.type not in (_MESSAGE, _STRING, _RAW) and not isinstance(value, int):
            decoded.setdefault(field.name, []).extend(_packed(field.type, value))
            continue
        item = _value(table, field, wire, value, depth)
        if field.inlined:
            decoded.update(item)
        elif field.repeated:
            target = table.message(field.message) if field.message else None
            if target is not None and target.entry:
                decoded.setdefault(field.name, {})[item.get("key", "")] = _entry_value(target, item)
            else:
                decoded.setdefault(field.name, []).append(item)
        elif item is None or (_empty(item) and not field.pointer and field.name not in message.kept_empty):
            decoded.pop(field.name, None)
        else:
            decoded[field.name] = item
    return decoded


def _empty(item: Any) -> bool:
    return item is False or item == "" or (item == 0 and not isinstance(item, dict | list))


def _entry_value(entry: WireMessage, item: dict[str, Any]) -> Any:
    """Return the value of a map's entry; protobuf leaves out what is empty."""
    if "value" in item:
        return item["value"]
    return {_MESSAGE: {}, _STRING: "", _RAW: "", _BOOL: False}.get(entry.fields[2].type, 0)


def _seconds(data: memoryview) -> tuple[int, int] | None:
    found = {number: value for number, wire, value in _fields(data) if wire == _VARINT}
    if not found:
        return None
    seconds, nanos = found.get(1, 0), found.get(2, 0)
    return int(_scalar(_INT64, _VARINT, seconds)), int(_scalar(_INT32, _VARINT, nanos))


def _time(_: WireTable, data: memoryview, __: int) -> str | None:
    parts = _seconds(data)
    if parts is None:
        return None
    return (_EPOCH + timedelta(seconds=parts[0])).strftime("%Y-%m-%dT%H:%M:%SZ")


def _micro_time(_: WireTable, data: memoryview, __: int) -> str | None:
    parts = _seconds(data)
    if parts is None:
        return None
    moment = _EPOCH + timedelta(seconds=parts[0], microseconds=parts[1] // 1000)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def go_duration(nanoseconds: int) -> str:
    """Return a duration as Go prints it: `1h0m0s`, `1.5s`, `0s`."""
    sign, rest = ("-", -nanoseconds) if nanoseconds < 0 else ("", nanoseconds)
    if rest < 1_000_000_000:
        for unit, size in (("ms", 1_000_000), ("µs", 1_000), ("ns", 1)):
            if rest >= size:
                return f"{sign}{rest / size:.9f}".rstrip("0").rstrip(".") + unit
        return "0s"
    minutes, nanos = divmod(rest, 60 * 1_000_000_000)
    seconds = f"{nanos / 1e9:.9f}".rstrip("0").rstrip(".")
    hours, minutes = divmod(minutes, 60)
    before = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{sign}{before}{seconds}s"


def _duration(_: WireTable, data: memoryview, __: int) -> str:
    found = {number: value for number, wire, value in _fields(data) if wire == _VARINT}
    return go_duration(int(_scalar(_INT64, _VARINT, found.get(1, 0))))


def _quantity(_: WireTable, data: memoryview, __: int) -> str:
    for number, wire, value in _fields(data):
        if number == 1 and wire == _BYTES and not isinstance(value, int):
            return str(value, "utf-8")
    return "0"


def _int_or_string(_: WireTable, data: memoryview, __: int) -> int | str:
    kind, number, text = 0, 0, ""
    for field, wire, value in _fields(data):
        if field == 1 and isinstance(value, int):
            kind = value
        elif field == 2 and isinstance(value, int):
            number = int(_scalar(_INT32, wire, value))
        elif field == 3 and not isinstance(value, int):
            text = str(value, "utf-8")
    return text if kind == 1 else number


def _raw_json(_: WireTable, data: memoryview, __: int) -> Any:
    for number, wire, value in _fields(data):
        if number == 1 and wire == _BYTES and not isinstance(value, int) and len(value):
            return orjson.loads(value)
    return None


def _schema_or_array(table: WireTable, data: memoryview, depth: int) -> Any:
    parts = _message(table, f"{_EXTENSIONS}.v1.JSONSchemaPropsOrArray", data, depth + 1)
    return parts.get("jSONSchemas") or parts.get("schema", {})


def _schema_or_bool(table: WireTable, data: memoryview, depth: int) -> Any:
    parts = _message(table, f"{_EXTENSIONS}.v1.JSONSchemaPropsOrBool", data, depth + 1)
    return parts.get("schema", parts.get("allows", False))


def _schema_or_strings(table: WireTable, data: memoryview, depth: int) -> Any:
    parts = _message(table, f"{_EXTENSIONS}.v1.JSONSchemaPropsOrStringArray", data, depth + 1)
    return parts.get("property") or parts.get("schema", {})


_SPECIAL: dict[str, Callable[[WireTable, memoryview, int], Any]] = {
    f"{_META}.Time": _time,
    f"{_META}.MicroTime": _micro_time,
    f"{_META}.Duration": _duration,
    f"{_META}.FieldsV1": _raw_json,
    "k8s.io.apimachinery.pkg.api.resource.Quantity": _quantity,
    "k8s.io.apimachinery.pkg.util.intstr.IntOrString": _int_or_string,
    "k8s.io.apimachinery.pkg.runtime.RawExtension": _raw_json,
    f"{_EXTENSIONS}.v1.JSON": _raw_json,
    f"{_EXTENSIONS}.v1beta1.JSON": _raw_json,
    f"{_EXTENSIONS}.v1.JSONSchemaPropsOrArray": _schema_or_array,
    f"{_EXTENSIONS}.v1.JSONSchemaPropsOrBool": _schema_or_bool,
    f"{_EXTENSIONS}.v1.JSONSchemaPropsOrStringArray": _schema_or_strings,
}
