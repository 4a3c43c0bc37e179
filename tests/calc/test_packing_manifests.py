"""Manifests as packing reads them: effective requests, workloads, what is left out, and what is refused."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.calc.packer.manifests import read_manifests
from eks_lab.calc.packer.pods import VOLUMES
from eks_lab.errors import InputError
from tests.calc.packing_builders import ZONE, Manifest, disruption_budget, pod_spec, text, workload

GI = 2**30


def requests(*requested: dict[str, str], limits: dict[str, str] | None = None, **spec: Any) -> dict[str, int]:
    """Return the effective requests of a pod with containers."""
    containers: list[Manifest] = [
        {"name": f"c{number}", "image": "x", "resources": {"requests": each}}
        for number, each in enumerate(requested)
    ]
    if limits:
        containers[0]["resources"]["limits"] = limits
    found = read_manifests(text([workload("web", 1, {"containers": containers, **spec})]))
    return dict(found.classes[0].spec.requests)


def init(cpu: str, *, is_sidecar: bool = False) -> Manifest:
    """Return an init container."""
    container: Manifest = {"name": "i", "image": "x", "resources": {"requests": {"cpu": cpu}}}
    return {**container, "restartPolicy": "Always"} if is_sidecar else container


def test_containers_add_up() -> None:
    found = requests({"cpu": "250m", "memory": "1Gi"}, {"cpu": "0.5", "memory": "512Mi"})
    assert found == {"cpu": 750, "memory": GI + GI // 2}


@pytest.mark.parametrize(
    ("containers", "cpu"),
    [
        ([init("2")], 2000),
        ([init("500m")], 1000),
        ([init("300m", is_sidecar=True)], 1300),
        ([init("300m", is_sidecar=True), init("800m")], 1300),
        ([init("300m", is_sidecar=True), init("2")], 2300),
        ([init("2"), init("300m", is_sidecar=True)], 2000),
    ],
)
def test_init_containers_and_sidecars(containers: list[Manifest], cpu: int) -> None:
    """The larger of everything that runs together and each init step with the sidecars before it."""
    assert requests({"cpu": "1"}, initContainers=containers)["cpu"] == cpu


def test_a_limit_counts_where_a_request_is_missing() -> None:
    found = requests({"cpu": "1"}, limits={"cpu": "4", "memory": "2Gi", "nvidia.com/gpu": "1"})
    assert found == {"cpu": 1000, "memory": 2 * GI, "nvidia.com/gpu": 1}


def test_overhead_and_resources_of_the_pod() -> None:
    assert requests({"cpu": "1"}, overhead={"cpu": "250m"})["cpu"] == 1250
    assert requests({"cpu": "1"}, resources={"requests": {"cpu": "3"}})["cpu"] == 3000


@pytest.mark.parametrize(
    ("quantity", "bytes_"),
    [("1Gi", GI), ("1G", 10**9), ("1e3", 1000), ("0.5Ki", 512), ("1500m", 2), ("7", 7)],
)
def test_quantities(quantity: str, bytes_: int) -> None:
    """Source: kubernetes/apimachinery, quantity.go; fractions of a byte are rounded up."""
    assert requests({"memory": quantity})["memory"] == bytes_


def job(**spec: object) -> Manifest:
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": "report"},
        "spec": {"template": {"spec": pod_spec()}, **spec},
    }


@pytest.mark.parametrize(
    ("manifest", "pods"),
    [
        (workload("web", 5, pod_spec()), 5),
        (workload("web", 3, pod_spec(), kind="StatefulSet"), 3),
        (workload("web", 2, pod_spec(), kind="ReplicaSet"), 2),
        (job(), 1),
        (job(parallelism=8, completions=100), 8),
        (job(parallelism=8, completions=3), 3),
        ({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "one"}, "spec": pod_spec()}, 1),
    ],
)
def test_workloads_count_with_what_they_run(manifest: Manifest, pods: int) -> None:
    found = read_manifests(text([manifest]))
    assert found.pods == pods
    assert found.classes[0].members[0].kind == manifest["kind"]


def test_lists_as_kubectl_prints_them() -> None:
    items = [workload("web", 2, pod_spec()), workload("api", 1, pod_spec("1"))]
    listed = {"apiVersion": "v1", "kind": "List", "items": items}
    typed = {
        "apiVersion": "apps/v1",
        "kind": "DeploymentList",
        "items": [{key: each[key] for key in ("metadata", "spec")} for each in items],
    }
    for document in (listed, typed):
        assert read_manifests(text([document])).pods == 3


def test_what_belongs_to_a_workload_or_is_over_is_not_counted_twice() -> None:
    def pod(name: str, owner: str, **more: object) -> Manifest:
        references = [{"kind": owner, "name": "web", "controller": True}] if owner else []
        return {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": name, "ownerReferences": references},
            "spec": pod_spec(),
            **more,
        }

    found = read_manifests(
        text(
            [
                workload("web", 2, pod_spec(), kind="ReplicaSet"),
                pod("web-1", "ReplicaSet"),
                pod("agent", "DaemonSet"),
                pod("done", "", status={"phase": "Succeeded"}),
                pod("lone", ""),
            ]
        )
    )
    assert found.pods == 3
    told = " ".join(found.warnings)
    assert "1 Pods belong to workloads" in told
    assert "1 pods of DaemonSets" in told
    assert "1 pods have finished" in told


def test_other_kinds_are_named() -> None:
    others = [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "x"}},
        {"apiVersion": "batch/v1", "kind": "CronJob", "metadata": {"name": "x"}},
        {"apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler", "metadata": {"name": "x"}},
        {"apiVersion": "karpenter.sh/v1", "kind": "NodePool", "metadata": {"name": "x"}},
    ]
    told = read_manifests(text([workload("web", 1, pod_spec()), *others])).warnings
    for words in ("ConfigMap", "CronJobs are left out", "HorizontalPodAutoscalers", "give them as nodepool"):
        assert any(words in warning for warning in told), words


def test_equal_pods_are_one_class_and_unselected_labels_do_not_matter() -> None:
    found = read_manifests(text([workload("a", 3, pod_spec()), workload("b", 2, pod_spec())]))
    assert [each.count for each in found.classes] == [5]
    budgeted = [
        workload("a", 3, pod_spec()),
        workload("b", 2, pod_spec()),
        disruption_budget("a", minAvailable=1),
    ]
    assert [each.count for each in read_manifests(text(budgeted)).classes] == [3, 2]


def claim(name: str, mode: str = "ReadWriteOnce", **spec: object) -> Manifest:
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolumeClaim",
        "metadata": {"name": name},
        "spec": {"accessModes": [mode], **spec},
    }


def volume(name: str, *zones: str) -> Manifest:
    expression = {"key": ZONE, "operator": "In", "values": list(zones)}
    return {
        "apiVersion": "v1",
        "kind": "PersistentVolume",
        "metadata": {"name": name},
        "spec": {
            "csi": {"driver": "ebs.csi.aws.com", "volumeHandle": name},
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [expression]}]}},
        },
    }


def test_claims_of_a_stateful_set_by_ordinal() -> None:
    """Replica 0 has a volume in a zone, replica 1 none yet: two classes, each attaching one volume."""
    found = read_manifests(
        text(
            [
                workload(
                    "db",
                    2,
                    pod_spec(),
                    kind="StatefulSet",
                    volumeClaimTemplates=[
                        {"metadata": {"name": "data"}, "spec": {"accessModes": ["ReadWriteOnce"]}}
                    ],
                ),
                volume("pv-0", "us-east-1b"),
                claim("data-db-0", volumeName="pv-0"),
            ]
        )
    )
    zones = {each.spec.volume_zones for each in found.classes}
    assert zones == {None, frozenset({"us-east-1b"})}
    assert all(dict(each.spec.requests)[VOLUMES] == 1 for each in found.classes)


def test_shared_file_systems_tie_nothing() -> None:
    spec = pod_spec(volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "files"}}])
    found = read_manifests(text([workload("web", 2, spec), claim("files", "ReadWriteMany")]))
    assert VOLUMES not in dict(found.classes[0].spec.requests)
    assert not found.classes[0].spec.claims


def test_an_unknown_claim_is_said() -> None:
    spec = pod_spec(volumes=[{"name": "v", "persistentVolumeClaim": {"claimName": "lost"}}])
    found = read_manifests(text([workload("web", 1, spec)]))
    assert any("1 claims are not in the text (lost)" in warning for warning in found.warnings)


def broken(**change: object) -> Manifest:
    return workload("web", 1, {**pod_spec(), **change})


def container(**resources: object) -> Manifest:
    return {"name": "main", "image": "x", "resources": resources}


@pytest.mark.parametrize(
    ("manifest", "message"),
    [
        ({"kind": "Deployment"}, "apiVersion: Required value"),
        ({"apiVersion": "apps/v1"}, "kind: Required value"),
        ({"apiVersion": "apps/v1", "kind": "Deployment"}, "metadata.name: Required value"),
        (
            {**workload("web", 1, pod_spec()), "apiVersion": "apps/v1beta1"},
            'no matches for kind "Deployment"',
        ),
        (workload("web", -1, pod_spec()), "replicas: -1 is no whole number"),
        (workload("web", 100_001, pod_spec()), "more than 100,000"),
        ({**workload("web", 1, pod_spec()), "spec": {"replicas": 1}}, "spec.template: Required value"),
        (broken(containers=[]), "containers: Required value"),
        (broken(containers="x"), "containers: 'x' is no list"),
        (broken(containers=[container(requests={"cpu": "lots"})]), "requests.cpu: 'lots' is no quantity"),
        (broken(containers=[container(requests={"cpu": "-1"})]), "requests.cpu: '-1' is no quantity"),
        (
            broken(containers=[container(requests={"memory": float("nan")})]),
            "requests.memory: nan is no quantity",
        ),
        (broken(containers=[container(requests=[])]), "requests: a list is no mapping"),
        (broken(nodeSelector={"size": 8}), "nodeSelector.size: 8 is no string"),
        (broken(tolerations=[{"operator": "Equal", "value": "x"}]), "must be Exists when `key` is empty"),
        (broken(tolerations=[{"key": "a", "effect": "Never"}]), "effect: 'Never' is none of"),
        (
            broken(topologySpreadConstraints=[{"topologyKey": ZONE, "whenUnsatisfiable": "DoNotSchedule"}]),
            "maxSkew: Required value",
        ),
        (
            broken(
                topologySpreadConstraints=[
                    {"topologyKey": ZONE, "maxSkew": 0, "whenUnsatisfiable": "DoNotSchedule"}
                ]
            ),
            "maxSkew: 0 is no whole number from 1",
        ),
        (
            broken(
                topologySpreadConstraints=[{"topologyKey": ZONE, "maxSkew": 1, "whenUnsatisfiable": "Maybe"}]
            ),
            "whenUnsatisfiable: 'Maybe' is none of DoNotSchedule, ScheduleAnyway",
        ),
        (
            broken(affinity={"podAntiAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": [{}]}}),
            "topologyKey: Required value",
        ),
        (
            broken(affinity={"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": {"x": 1}}}),
            "nodeSelectorTerms: Required value",
        ),
        (disruption_budget("web"), "give minAvailable or maxUnavailable, one of the two"),
        (disruption_budget("web", minAvailable=1, maxUnavailable=1), "one of the two"),
        (disruption_budget("web", minAvailable="half"), "'half' is neither a number nor a percentage"),
    ],
)
def test_refusals_name_document_field_and_value(manifest: Manifest, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_manifests(text([workload("fine", 1, pod_spec()), manifest]))
    assert caught.value.message.startswith("pods, document 2")
    assert message in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    ("written", "message"),
    [
        ("", "no pod among the documents"),
        ("# only a comment\n", "no pod among the documents"),
        ("just words", "document 1: 'just words' is no manifest"),
        ("a: [1, 2", "document 1, line"),
        ("# first\n---\n\tb: 2", "line 2 of it: no YAML"),
        ("[" * 300, "nested more than 100 levels"),
        (
            "a0: &a0 [x, x]\n"
            + "\n".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)),
            "aliases stand for more than 1,000,000 values",
        ),
    ],
)
def test_texts_that_are_no_manifests(written: str, message: str) -> None:
    with pytest.raises(InputError) as caught:
        read_manifests(written)
    assert message in caught.value.message


def test_thousands_of_equal_documents_are_read_like_one() -> None:
    """Documents that differ in name and plain requests are read by one template; the values are kept."""
    sizes = [(100 + number, 64 + number) for number in range(40)]
    documents: list[Manifest] = [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": f"p-{cpu}"},
            "spec": pod_spec(f"{cpu}m", f"{mib}Mi"),
        }
        for cpu, mib in sizes
    ]
    found = read_manifests(text(documents))
    assert [dict(each.spec.requests) for each in found.classes] == [
        {"cpu": cpu, "memory": mib * 2**20} for cpu, mib in sizes
    ]
    assert [each.members[0].name for each in found.classes] == [f"p-{cpu}" for cpu, _ in sizes]


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 5)
    | st.sampled_from(["", "1", "Pod", "v1", "cpu", "x", "1Gi"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "kind",
                    "apiVersion",
                    "metadata",
                    "name",
                    "spec",
                    "template",
                    "containers",
                    "resources",
                    "requests",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@settings(deadline=None, max_examples=150)
@given(JSON, st.sampled_from(["containers", "initContainers", "affinity", "tolerations", "volumes", "ports"]))
def test_no_content_crashes(content: object, field: str) -> None:
    documents: list[Manifest] = [workload("web", 1, {**pod_spec(), field: content})]
    if isinstance(content, dict):
        documents.append(content)
    with contextlib.suppress(InputError):
        assert read_manifests(text(documents)).pods >= 1


@settings(deadline=None, max_examples=100)
@given(st.text(max_size=80))
def test_no_text_crashes(written: str) -> None:
    with pytest.raises(InputError):
        read_manifests(written)
