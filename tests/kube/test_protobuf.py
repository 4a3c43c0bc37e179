"""Bodies that kubectl really sent, against what kubectl itself prints for them as JSON."""

from __future__ import annotations

import base64
import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.kube.protobuf import PREFIX, ProtobufError, decode, go_duration

# Recorded with `kubectl create …` against a server that keeps the body, beside `--dry-run=client -o json`.
BODIES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parent / "data" / "kubectl_bodies.json").read_text()
)
JUDGED = [entry for entry in BODIES if entry["object"] is not None]
BY_NAME = {entry["name"]: base64.b64decode(entry["body"]) for entry in BODIES}


def _without_empty_lists(value: Any) -> Any:
    """Drop `null` lists: protobuf does not carry them, Go's JSON prints them."""
    if isinstance(value, dict):
        return {key: _without_empty_lists(inner) for key, inner in value.items() if inner is not None}
    return [_without_empty_lists(inner) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize("entry", JUDGED, ids=lambda entry: f"{entry['name']}-{entry['kubectl']}")
def test_a_body_reads_as_kubectl_prints_it(entry: dict[str, Any]) -> None:
    api_version, kind, decoded = decode(base64.b64decode(entry["body"]))

    assert (api_version, kind) == (entry["object"]["apiVersion"], entry["object"]["kind"])
    assert decoded == _without_empty_lists(entry["object"])


def test_bodies_without_a_printed_form() -> None:
    assert decode(BY_NAME["can-i"])[2]["spec"] == {
        "resourceAttributes": {"namespace": "default", "verb": "list", "resource": "pods"}
    }
    assert decode(BY_NAME["token"])[1:] == (
        "TokenRequest",
        {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "metadata": {},
            "spec": {"expirationSeconds": 600},
            "status": {"token": ""},
        },
    )
    assert decode(BY_NAME["whoami"])[1] == "SelfSubjectReview"


def test_a_zero_survives_where_it_was_set() -> None:
    assert decode(BY_NAME["deployment"])[2]["spec"]["replicas"] == 0


def _field(number: int, payload: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(payload)) + payload


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _number(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value & 0xFFFFFFFFFFFFFFFF)


def _body(api_version: str, kind: str, raw: bytes) -> bytes:
    meta = _field(1, api_version.encode()) + _field(2, kind.encode())
    return PREFIX + _field(1, meta) + _field(2, raw)


@given(st.dictionaries(st.text(max_size=20), st.text(max_size=40), max_size=5), st.booleans())
def test_any_config_map_survives(data: dict[str, str], immutable: bool) -> None:
    entries = b"".join(
        _field(2, _field(1, key.encode()) + _field(2, value.encode())) for key, value in data.items()
    )
    decoded = decode(_body("v1", "ConfigMap", entries + _number(4, immutable)))[2]

    assert decoded.get("data", {}) == data
    assert decoded["immutable"] is immutable


@given(st.integers(-(2**31), 2**31 - 1))
def test_any_number_of_a_pointer_field_survives(replicas: int) -> None:
    decoded = decode(_body("apps/v1", "Deployment", _field(2, _number(1, replicas))))[2]
    assert decoded["spec"]["replicas"] == replicas


def test_special_messages() -> None:
    moment = _number(1, 1_800_000_000) + _number(2, 123_456_000)
    lease = _field(2, _field(4, moment))
    assert decode(_body("coordination.k8s.io/v1", "Lease", lease))[2]["spec"]["renewTime"] == (
        "2027-01-15T08:00:00.123456Z"
    )
    meta = _field(1, _field(8, moment))
    assert (
        decode(_body("v1", "ConfigMap", meta))[2]["metadata"]["creationTimestamp"] == "2027-01-15T08:00:00Z"
    )
    secret = _field(2, _field(1, b"key") + _field(2, b"\x00\xff"))
    assert decode(_body("v1", "Secret", secret))[2]["data"] == {"key": "AP8="}
    managed = _field(1, _field(17, _field(7, _field(1, b'{"f:data":{}}'))))
    assert decode(_body("v1", "ConfigMap", managed))[2]["metadata"]["managedFields"] == [
        {"fieldsV1": {"f:data": {}}}
    ]


def test_inlined_structs_are_flat() -> None:
    # Pod.spec.volumes[0] = {name, VolumeSource{emptyDir{}}}; the source is inlined in Go.
    volume = _field(1, b"scratch") + _field(2, _field(2, b""))
    decoded = decode(_body("v1", "Pod", _field(2, _field(1, volume))))[2]
    assert decoded["spec"]["volumes"] == [{"name": "scratch", "emptyDir": {}}]


@pytest.mark.parametrize(
    ("nanoseconds", "shown"),
    [
        (0, "0s"),
        (1_500_000_000, "1.5s"),
        (3_600_000_000_000, "1h0m0s"),
        (90_000_000_000, "1m30s"),
        (2_500_000, "2.5ms"),
    ],
)
def test_durations_are_gos(nanoseconds: int, shown: str) -> None:
    assert go_duration(nanoseconds) == shown


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"", "expected prefix"),
        (b"{}", "expected prefix"),
        (PREFIX, 'no kind ""'),
        (PREFIX + b"\xff", "damaged"),
        (PREFIX + b"\x0a\x7f", "damaged"),
        (PREFIX + b"\x0b", "wire type 3"),
        (PREFIX + b"\x00\x00", "field number 0"),
        (PREFIX + b"\xff" * 11, "longer than 64 bits"),
        (_body("v1", "Boat", b""), 'no kind "Boat" is registered for version "v1"'),
        (_body("apps/v1", "Deployment", _number(2, 7)), "spec is no message"),
        (_body("v1", "ConfigMap", _field(4, b"yes")), "where a number belongs"),
        (_body("v1", "Namespace", _field(1, _field(1, b"\xff\xfe"))), "damaged"),
    ],
)
def test_bad_bodies_are_refused(body: bytes, said: str) -> None:
    with pytest.raises(ProtobufError, match=said):
        decode(body)


def test_nesting_has_a_bottom() -> None:
    schema = b""
    for _ in range(300):
        schema = _field(26, schema)  # JSONSchemaProps.not
    crd = _field(2, _field(7, _field(1, b"v1") + _field(4, _field(1, schema))))
    with pytest.raises(ProtobufError, match="nested too deeply"):
        decode(_body("apiextensions.k8s.io/v1", "CustomResourceDefinition", crd))


@given(st.binary(max_size=200))
def test_no_bytes_make_a_traceback(noise: bytes) -> None:
    for body in (PREFIX + noise, _body("v1", "Pod", noise)):
        with suppress(ProtobufError):
            decode(body)


@given(st.data())
def test_a_cut_body_is_refused_or_smaller(data: st.DataObject) -> None:
    body = BY_NAME["deployment"]
    cut = data.draw(st.integers(0, len(body) - 1))
    with suppress(ProtobufError):
        assert isinstance(decode(body[:cut])[2], dict)
