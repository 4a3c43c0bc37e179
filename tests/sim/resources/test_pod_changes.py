"""What may change in a pod, and the diff that a refusal ends with."""

from __future__ import annotations

from typing import Any

import orjson
import pytest

from eks_lab.sim.objects import Obj
from eks_lab.sim.resources.pods import PODS
from tests.sim.resources.world import FakeWorld


def _pod(**spec: Any) -> Obj:
    pod: Obj = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": "p", "namespace": "ns"},
        "spec": {"containers": [{"name": "c", "image": "nginx:1"}], **spec},
    }
    PODS.default(pod, FakeWorld())
    PODS.prepare_create(pod, FakeWorld())
    return pod


def _changed(pod: Obj, **spec: Any) -> list[str]:
    new: Obj = orjson.loads(orjson.dumps(pod))
    for field, value in spec.items():
        if value is None:
            new["spec"].pop(field, None)
        else:
            new["spec"][field] = value
    world = FakeWorld()
    PODS.default(new, world)
    PODS.prepare_update(new, pod, world)
    return [str(error) for error in PODS.validate_update(new, pod, world)]


def test_images_deadlines_and_more_tolerations_may_change() -> None:
    pod = _pod(tolerations=[{"key": "a", "operator": "Exists"}])
    assert (
        _changed(pod, containers=[{"name": "c", "image": "nginx:2", "imagePullPolicy": "IfNotPresent"}]) == []
    )
    assert _changed(pod, activeDeadlineSeconds=5) == []
    assert _changed(pod, tolerations=[*pod["spec"]["tolerations"], {"key": "b", "operator": "Exists"}]) == []


def test_tolerations_may_not_go() -> None:
    pod = _pod(tolerations=[{"key": "a", "operator": "Exists"}])
    assert _changed(pod, tolerations=None) == [
        "spec.tolerations: Forbidden: existing toleration can not be modified except its tolerationSeconds"
    ]


def test_deadlines_only_shrink() -> None:
    pod = _pod(activeDeadlineSeconds=10)
    path = "spec.activeDeadlineSeconds: Invalid value"
    assert _changed(pod, activeDeadlineSeconds=11) == [
        f"{path}: 11: must be less than or equal to previous value"
    ]
    assert _changed(pod, activeDeadlineSeconds=None) == [
        f"{path}: null: must not update from a positive integer to nil value"
    ]


def test_containers_neither_come_nor_go() -> None:
    containers = [{"name": "c", "image": "nginx:1"}, {"name": "d", "image": "nginx:1"}]
    assert _changed(_pod(), containers=containers) == [
        "spec.containers: Forbidden: pod updates may not add or remove containers"
    ]


def test_other_changes_are_refused_with_a_diff_of_the_go_struct() -> None:
    (error,) = _changed(_pod(), nodeSelector={"disk": "ssd"})
    head, _, difference = error.partition("\n")
    assert head.startswith(
        "spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`"
    )
    assert difference.startswith("@@ -")
    assert '- "NodeSelector": null,\n+ "NodeSelector": {\n+  "disk": "ssd"\n+ },\n' in difference


def test_gates_only_go_and_gated_pods_may_narrow_their_nodes() -> None:
    pod = _pod(schedulingGates=[{"name": "a.b/c"}])
    assert pod["status"]["conditions"][0]["reason"] == "SchedulingGated"
    assert _changed(pod, schedulingGates=None) == []
    assert _changed(pod, nodeSelector={"disk": "ssd"}) == []
    assert _changed(pod, schedulingGates=[{"name": "d"}]) == [
        "spec.schedulingGates[0]: Forbidden: only deletion is allowed, but found new scheduling gate 'd'"
    ]


def _resized(pod: Obj, resources: Obj, **container: Any) -> list[str]:
    new: Obj = orjson.loads(orjson.dumps(pod))
    new["spec"]["containers"][0].update({"resources": resources, **container})
    return [str(error) for error in PODS.subresource_validation["resize"](new, pod, FakeWorld())]


def test_resize_changes_amounts_but_not_the_class() -> None:
    pod = _pod(containers=[{"name": "c", "image": "nginx:1", "resources": {"requests": {"cpu": "100m"}}}])
    assert _resized(pod, {"requests": {"cpu": "200m"}}) == []
    both = {"cpu": "1", "memory": "1Gi"}
    assert _resized(pod, {"requests": both, "limits": both}) == [
        'spec: Invalid value: "Burstable": Pod QOS Class may not change as a result of resizing'
    ]
    (error,) = _resized(pod, {"requests": {"cpu": "200m"}}, image="other")
    assert error.startswith("spec: Forbidden: only cpu and memory resources are mutable\n@@ ")


def test_ephemeral_containers_are_added_never_changed() -> None:
    debug = {"name": "debug", "image": "busybox:1"}
    pod = _pod()
    new = _pod(ephemeralContainers=[debug])
    judge = PODS.subresource_validation["ephemeralcontainers"]
    assert judge(new, pod, FakeWorld()) == []
    other = _pod(ephemeralContainers=[{**debug, "image": "busybox:2"}])
    assert "may not be changed" in str(judge(other, new, FakeWorld())[0])
    assert "may not be removed" in str(judge(pod, new, FakeWorld())[0])
    probe = _pod(ephemeralContainers=[{**debug, "ports": [{"containerPort": 1}]}])
    assert [str(error) for error in judge(probe, pod, FakeWorld())] == [
        "spec.ephemeralContainers[0].ports: Forbidden: cannot be set for an Ephemeral Container"
    ]


@pytest.mark.parametrize(
    ("bound", "phase", "asked", "seconds"),
    [
        (True, "Running", None, 30),
        (True, "Running", 5, 5),
        (False, "Pending", None, 0),
        (True, "Succeeded", 9, 0),
    ],
)
def test_only_running_pods_are_given_time(bound: bool, phase: str, asked: int | None, seconds: int) -> None:
    pod = _pod(**({"nodeName": "n"} if bound else {}))
    pod["status"]["phase"] = phase
    assert PODS.grace_seconds is not None
    assert PODS.grace_seconds(pod, asked) == seconds


def test_warnings_name_what_is_old_or_doubled() -> None:
    pod = _pod(
        nodeSelector={"beta.kubernetes.io/arch": "amd64"},
        containers=[
            {"name": "c", "image": "nginx", "env": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}
        ],
    )
    assert PODS.warnings(pod, None, FakeWorld()) == [
        'spec.nodeSelector[beta.kubernetes.io/arch]: deprecated since v1.14; use "kubernetes.io/arch" instead',
        'spec.containers[0].env[1]: hides previous definition of "A", which may be dropped when using apply',
    ]
    assert PODS.warnings(pod, pod, FakeWorld()) == []
