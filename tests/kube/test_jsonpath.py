"""kubectl's JSONPath; the outputs are those of real kubectl."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.kube.jsonpath import JsonPathError, find, render

PODS: dict[str, Any] = {
    "apiVersion": "v1",
    "kind": "List",
    "items": [
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "a", "labels": {"app.kubernetes.io/name": "web"}},
            "spec": {"containers": [{"name": "x", "image": "nginx:1"}, {"name": "y", "image": "envoy:2"}]},
            "status": {"phase": "Running", "conditions": [{"type": "Ready", "status": "True"}]},
        },
        {
            "apiVersion": "v1",
            "kind": "Pod",
            "metadata": {"name": "b"},
            "spec": {"containers": [{"name": "z", "image": "redis:3"}], "priority": 5},
            "status": {"phase": "Pending", "conditions": [{"type": "Ready", "status": "False"}]},
        },
    ],
}
# `kubectl label --local -f pod.json … -o jsonpath=…` with kubectl 1.37.1, over the first pod.
RECORDED = [
    ("{.metadata.name}", "a"),
    ("{.spec.containers[1].image}", "envoy:2"),
    ("{.spec.containers[-1].name}", "y"),
    ('{range .spec.containers[*]}{.name}{"\\t"}{.image}{"\\n"}{end}', "x\tnginx:1\ny\tenvoy:2\n"),
    ('{.spec.containers[?(@.name=="x")].image}', "nginx:1"),
    ("{..image}", "nginx:1 envoy:2"),
    ("{.metadata.labels.app\\.kubernetes\\.io/name}", "web"),
    ("{.spec.containers[0]}", '{"image":"nginx:1","name":"x"}'),
    ("{.spec.containers[0:1].name}", "x"),
    ("names: {.spec.containers[0,1].name}!", "names: x y!"),
    ("{.spec.containers[*]['name','image']}", "x y nginx:1 envoy:2"),
    ("{.spec.missing}", ""),
    ("{.spec.containers[*].missing}", ""),
    ('{.status.conditions[?(@.type=="Ready")].status}', "True"),
    ("{.spec.containers[0:2:2].name}", "x"),
    ("{.spec.containers}", '[{"image":"nginx:1","name":"x"},{"image":"envoy:2","name":"y"}]'),
    ("{.metadata['name']}", "a"),
    ('{range .spec.containers[?(@.image!="nginx:1")]}{.name}{end}', "y"),
    ("{@.metadata.name}", "a"),
    ("{$.metadata.name}", "a"),
    ('{.spec.containers[*].name}{","}{.metadata.name}', "x y,a"),
    ("{.spec..name}", "x y"),
    ("{['metadata.name', 'status.phase']}", "a Running"),
    ("{.*.name}", "a"),
]


@pytest.mark.parametrize(("template", "shown"), RECORDED)
def test_a_template_prints_what_kubectl_prints(template: str, shown: str) -> None:
    assert render(template, PODS["items"][0]) == shown


def test_values_are_found_with_their_types() -> None:
    assert find(".items[1].spec.priority", PODS) == [5]
    assert find("{.items[*].status.phase}", PODS) == ["Running", "Pending"]
    assert find("$.items[0].metadata.name", PODS) == ["a"]
    assert find(".none", PODS) == []
    with pytest.raises(JsonPathError, match="none is not found"):
        find(".none", PODS, allow_missing=False)
    with pytest.raises(JsonPathError, match="index 7, length 2"):
        find(".items[7]", PODS, allow_missing=False)


@pytest.mark.parametrize(
    ("template", "shown"),
    [
        ("{.items[-1].metadata.name}", "b"),
        ('{.items[?(@.status.phase=="Running")].metadata.name}', "a"),
        ("{.items[?(@.spec.priority>3)].metadata.name}", "b"),
        ("{.items[?(@.spec.priority)].metadata.name}", "b"),
        ("names: {.items[0,1].metadata.name}!", "names: a b!"),
        ("{range .items[*]}{range .spec.containers[*]}{.name},{end};{end}", "x,y,;z,;"),
        ("{..image}", "nginx:1 envoy:2 redis:3"),
        ("{.items[0].metadata.labels.app\\.kubernetes\\.io/name}", "web"),
        ("{.items[0].metadata}", '{"labels":{"app.kubernetes.io/name":"web"},"name":"a"}'),
        ("{.items[0].spec.containers[*]['name','image']}", "x y nginx:1 envoy:2"),
    ],
)
def test_templates(template: str, shown: str) -> None:
    assert render(template, PODS) == shown


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{.items", "unclosed action"),
        ("{.items[0}", "unterminated array"),
        ("{range .items[*]}{.x}", "unterminated range"),
        ("{end}", "nothing to end"),
        ("{.items[a]}", "invalid array index a"),
        ("{.items[" + "9" * 5000 + "]}", "invalid array index 9"),
        ("{.items[?(@.a==b)]}", "unrecognized value b"),
        ("{.items[?oops]}", "unrecognized filter"),
        ("{.items[::-1]}", "step must be > 0"),
    ],
)
def test_bad_templates_say_why(template: str, said: str) -> None:
    with pytest.raises(JsonPathError, match=said.replace("?", r"\?").replace(">", ".")):
        render(template, PODS)


@given(st.text(alphabet="{}[].*?@'\"abc01:,()=<> range end\\", max_size=24))
def test_no_text_makes_a_traceback(template: str) -> None:
    with suppress(JsonPathError):
        render(template, PODS)
