"""Changes of what is stored: immutability, claims, events in two APIs, and the texts of columns."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim.objects import Obj
from eks_lab.sim.resources import builtin_resources
from eks_lab.sim.resources.columns import duration_text, selector_text
from eks_lab.sim.resources.configmaps import CONFIG_MAPS
from eks_lab.sim.resources.core_events import to_core, to_events_api
from eks_lab.sim.resources.namespaces import NAMESPACES
from eks_lab.sim.resources.persistent_volume_claims import PERSISTENT_VOLUME_CLAIMS
from eks_lab.sim.resources.persistent_volumes import PERSISTENT_VOLUMES
from eks_lab.sim.resources.pod_defaults import pull_policy
from eks_lab.sim.resources.secrets import SECRETS
from tests.sim.resources.world import FakeWorld

_FIXED = "Forbidden: field is immutable when `immutable` is set"


def _texts(errors: list[Any]) -> list[str]:
    return [str(error) for error in errors]


def test_immutable_data_stays() -> None:
    old = {"metadata": {"name": "c"}, "immutable": True, "data": {"a": "1"}}
    new = {"metadata": {"name": "c"}, "data": {"a": "2"}}
    assert _texts(CONFIG_MAPS.validate_update(new, old, FakeWorld())) == [
        f"immutable: {_FIXED}",
        f"data: {_FIXED}",
    ]


def test_secret_texts_become_data_and_types_stay() -> None:
    secret: Obj = {"metadata": {"name": "s"}, "stringData": {"a": "b"}, "data": {"a": "eA==", "c": "eA=="}}
    SECRETS.default(secret, FakeWorld())
    assert secret == {"metadata": {"name": "s"}, "type": "Opaque", "data": {"a": "Yg==", "c": "eA=="}}
    other = {**secret, "type": "kubernetes.io/tls"}
    assert _texts(SECRETS.validate_update(other, secret, FakeWorld())) == [
        'type: Invalid value: "kubernetes.io/tls": field is immutable',
        "data[tls.crt]: Required value",
        "data[tls.key]: Required value",
    ]
    assert SECRETS.warnings(other, None, FakeWorld()) == [
        "tls: failed to find any PEM data in certificate input"
    ]


def test_namespaces_are_labelled_and_held() -> None:
    namespace: Obj = {"metadata": {"name": "shop"}}
    NAMESPACES.default(namespace, FakeWorld())
    NAMESPACES.prepare_create(namespace, FakeWorld())
    assert namespace == {
        "metadata": {"name": "shop", "labels": {"kubernetes.io/metadata.name": "shop"}},
        "spec": {"finalizers": ["kubernetes"]},
        "status": {"phase": "Active"},
    }


def _claim(size: str, **more: Any) -> Obj:
    claim: Obj = {
        "metadata": {"name": "c", "namespace": "ns"},
        "spec": {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": size}}, **more},
    }
    PERSISTENT_VOLUME_CLAIMS.default(claim, FakeWorld())
    return claim


def test_only_bound_claims_grow() -> None:
    judge = PERSISTENT_VOLUME_CLAIMS.validate_update
    (error,) = _texts(judge(_claim("1Gi"), _claim("2Gi"), FakeWorld()))
    assert error.endswith(
        '@@ -6,7 +6,7 @@\n  "Resources": {\n   "Limits": null,\n   "Requests": {\n-   "storage": "2Gi"\n+   "storage": "1Gi"\n   }\n  },\n  "VolumeName": "",\n'
    )
    old, new = _claim("2Gi", volumeName="v"), _claim("3Gi", volumeName="v")
    for each in (old, new):
        each["status"] = {"phase": "Bound", "capacity": {"storage": "2Gi"}}
    assert judge(new, old, FakeWorld()) == []
    assert _texts(judge(old, new, FakeWorld())) == []
    smaller = {**_claim("1Gi", volumeName="v"), "status": old["status"]}
    assert _texts(judge(smaller, old, FakeWorld())) == [
        "spec.resources.requests.storage: Forbidden: field can not be less than status.capacity"
    ]


def test_a_volumes_source_stays() -> None:
    def volume(driver: str) -> Obj:
        obj: Obj = {
            "metadata": {"name": "v"},
            "spec": {
                "capacity": {"storage": "5Gi"},
                "accessModes": ["ReadWriteOnce"],
                "csi": {"driver": driver, "volumeHandle": "vol-0123"},
            },
        }
        PERSISTENT_VOLUMES.default(obj, FakeWorld())
        return obj

    (error,) = _texts(
        PERSISTENT_VOLUMES.validate_update(volume("other"), volume("golden.example"), FakeWorld())
    )
    assert error.startswith(
        "spec.persistentvolumesource: Forbidden: spec.persistentvolumesource is immutable after creation\n"
        '@@ -21,7 +21,7 @@\n  "Local": null,\n  "StorageOS": null,\n  "CSI": {\n-  "Driver": "golden.example",\n'
    )


@given(
    st.fixed_dictionaries(
        {"involvedObject": st.just({"kind": "Pod"}), "message": st.text(), "count": st.integers(1, 9)},
        optional={"source": st.just({"component": "x"}), "firstTimestamp": st.just("2026-01-01T00:00:00Z")},
    )
)
def test_events_survive_the_way_through_the_newer_api(event: Obj) -> None:
    stored = {"apiVersion": "v1", "kind": "Event", **event}
    shown = to_events_api(stored)
    assert shown["apiVersion"] == "events.k8s.io/v1"
    assert shown["note"] == event["message"]
    assert to_core(shown) == stored


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (-5, "<invalid>"),
        (-1, "0s"),
        (119, "119s"),
        (120, "2m"),
        (330, "5m30s"),
        (600, "10m"),
        (3 * 3600 + 1200, "3h20m"),
        (12 * 3600, "12h"),
        (53 * 3600, "2d5h"),
        (40 * 86400, "40d"),
        (733 * 86400, "2y3d"),
        (9 * 365 * 86400, "9y"),
    ],
)
def test_durations_are_shortened_as_kubectl_does(seconds: int, text: str) -> None:
    assert duration_text(seconds) == text


def test_selectors_are_sorted_by_key() -> None:
    rules = [
        {"key": "b", "operator": "NotIn", "values": ["y", "x"]},
        {"key": "a", "operator": "DoesNotExist"},
    ]
    assert selector_text({"matchLabels": {"c": "d"}, "matchExpressions": rules}) == "!a,b notin (x,y),c=d"
    assert selector_text({}) == "<none>"


@pytest.mark.parametrize(
    ("image", "policy"),
    [
        ("nginx", "Always"),
        ("nginx:latest", "Always"),
        ("localhost:5000/app", "Always"),
        ("localhost:5000/app:v1", "IfNotPresent"),
        (f"busybox@sha256:{'0' * 64}", "IfNotPresent"),
    ],
)
def test_pull_policies_follow_the_tag(image: str, policy: str) -> None:
    assert pull_policy(image) == policy


def test_every_resource_is_named_once() -> None:
    resources = builtin_resources("1.36")
    assert len({each.id for each in resources}) == len(resources)
    assert len({name for each in resources for name in each.short_names}) == sum(
        len(each.short_names) for each in resources
    )
