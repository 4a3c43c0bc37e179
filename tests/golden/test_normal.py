"""What is folded before answers are compared, and what is not."""

from __future__ import annotations

from tests.golden.normal import normalise

REMARK = (
    'I1123 16:01:30.537256    4474 reflector.go:664] "Warning: watch ended with error" '
    'reflector="k8s.io/client-go/tools/watch/informerwatcher.go:162" type="*unstructured.Unstructured" '
    'err="very short watch: k8s.io/client-go/tools/watch/informerwatcher.go:162: Unexpected watch close - '
    'watch lasted less than a second and no items received"'
)


def test_a_remark_of_the_client_about_its_own_watch_is_no_answer() -> None:
    error = "error: timed out waiting for the condition on configmaps/held\n"
    assert normalise(f"{REMARK}\n{error}", "golden-x") == error
    other = REMARK.replace("very short watch", "too old resource version")
    assert "too old resource version" in normalise(f"{other}\n{error}", "golden-x")
