"""Texts that are hard to read: one message each, no traceback, no hang."""

from __future__ import annotations

import time
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.checker.manifests import check_manifests
from eks_lab.checker.manifests.reader import UnreadableError, read_documents
from eks_lab.checker.model import CheckOptions

OPTIONS = CheckOptions(today=date(2026, 11, 22))
BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{name}: &{name} [{', '.join(['*' + before] * 9)}]\n"
    for before, name in zip("abcdefghi", "bcdefghij", strict=True)
)


@pytest.mark.parametrize(
    ("name", "text", "line", "said"),
    [
        ("a.yaml", BOMB, 1, "grow beyond a million values"),
        ("a.yaml", "a: &a [*a]\n", 1, "grow beyond a million values"),
        ("a.yaml", "\x00\x01\x02", 0, "binary"),
        ("a.yaml", "kind: 'Pod\nmetadata:\n  name: a\n", 1, "never closed"),
        ("a.yaml", "kind: Pod\nmetadata:\n\tname: a\n", 3, "a tab stands"),
        ("a.yaml", "x" * 50_000_000, 0, "50 MB|48 MB"),
        ("a.yaml", "[" * 100_000, 1, "levels deep"),
        ("a.yaml", "- " * 100_000 + "a", 1, "levels deep"),
        ("a.yaml", "a: {b: 1\n", 2, "no YAML"),
        ("a.yaml", "kind: {{ .Values.kind }}\nname: {{- x }}\n", 2, "Helm template"),
        ("a.yaml", "? [a, b]\n: c\n", 1, "a key belongs"),
        ("a.json", '{"kind": "Pod",}', 1, "no JSON"),
    ],
)
def test_unreadable_texts_are_one_message(name: str, text: str, line: int, said: str) -> None:
    start = time.process_time()
    (finding,) = check_manifests({name: text}, OPTIONS)

    assert finding.rule == "k8s-syntax"
    assert finding.line == line
    assert any(part in finding.message for part in said.split("|"))
    assert finding.fix
    assert time.process_time() - start < 5


def test_documents_before_the_broken_one_are_judged() -> None:
    text = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: Bad_Name}\n---\na: 'b\n"
    assert [one.rule for one in check_manifests({"a.yaml": text}, OPTIONS)] == [
        "k8s-wrong-name",
        "k8s-syntax",
    ]


def test_values_are_those_of_kubectl() -> None:
    text = (
        "yes: y\nno: 'n'\ntime: 22:22\noctal: 010\nnew: 0o10\nhex: 0x1F\nfloat: 1e3\ntext: 1.2.3\nnull: ~\n"
        "base: &base {a: 1}\nmerged: {<<: *base, b: 2}\nempty:\nbig: 123456789012345678901234567890\n"
    )
    (document,) = read_documents("a.yaml", "\ufeff" + text)
    assert document.value == {
        "true": True,
        "false": "n",
        "time": "22:22",
        "octal": 8,
        "new": 8,
        "hex": 31,
        "float": 1000,
        "text": "1.2.3",
        "null": None,
        "base": {"a": 1},
        "merged": {"a": 1, "b": 2},
        "empty": None,
        "big": 123456789012345678901234567890,
    }


def test_lines_are_those_of_the_fields() -> None:
    text = "---\n---\na:\n- b: 1\n  c: [1,\n    2]\n---\nd: 1\n"
    first, second = read_documents("a.yaml", text)
    assert first.line_of(("a", 0, "c", 1)) == 6
    assert first.line_of(("a", 0, "missing", "deeper")) == 4
    assert second.line == second.line_of(("d",)) == 8


@given(st.text(alphabet="ab:-[]{}&*!|>'\"\t\n #?,0", max_size=60))
def test_no_text_makes_a_traceback(text: str) -> None:
    try:
        for document in read_documents("a.yaml", text):
            document.line_of(("a", 0))
    except UnreadableError as error:
        assert error.message, "every refusal says why"  # noqa: PT017
    for finding in check_manifests({"a.yaml": text}, OPTIONS):
        assert finding.message


SCALARS = st.one_of(
    st.none(), st.booleans(), st.integers(-5, 99), st.sampled_from(["", "a", "1Gi", "50%", "{}", "web"])
)
FIELDS = st.sampled_from(
    [
        "spec", "template", "metadata", "labels", "annotations", "containers", "ports", "resources", "requests", "cpu",
        "selector", "matchLabels", "replicas", "minAvailable", "egress", "hard", "limits", "nodeClassRef", "rules",
        "http", "paths", "backend", "service", "name", "volumes", "type", "policyTypes", "podSelector", "metrics",
    ]
)  # fmt: skip
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(FIELDS, inner, max_size=5)),
    max_leaves=20,
)
KINDS = st.sampled_from(
    [
        ("apps/v1", "Deployment"), ("apps/v1", "StatefulSet"), ("v1", "Service"), ("v1", "LimitRange"),
        ("v1", "ResourceQuota"), ("networking.k8s.io/v1", "Ingress"), ("networking.k8s.io/v1", "NetworkPolicy"),
        ("policy/v1", "PodDisruptionBudget"), ("autoscaling/v2", "HorizontalPodAutoscaler"),
        ("karpenter.sh/v1", "NodePool"), ("karpenter.k8s.aws/v1", "EC2NodeClass"), ("batch/v1", "CronJob"),
        ("storage.k8s.io/v1", "StorageClass"), ("snapshot.storage.k8s.io/v1", "VolumeSnapshot"),
        ("vpcresources.k8s.aws/v1beta1", "SecurityGroupPolicy"), ("v1", "PersistentVolumeClaim"), ("v1", "Pod"),
        ("apiextensions.k8s.io/v1", "CustomResourceDefinition"), ("v1", "Namespace"),
    ]
)  # fmt: skip


@given(st.lists(st.tuples(KINDS, st.dictionaries(FIELDS, VALUES, max_size=5), VALUES), max_size=4))
def test_no_shape_of_object_makes_a_traceback(
    objects: list[tuple[tuple[str, str], dict[str, object], object]],
) -> None:
    import json

    made = [
        json.dumps({"apiVersion": api, "kind": kind, "metadata": {"name": "a"}, **fields, "spec": spec})
        for (api, kind), fields, spec in objects
    ]
    check_manifests({"a.yaml": "\n---\n".join(made)}, OPTIONS)
