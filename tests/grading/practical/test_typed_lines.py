"""What is typed is read as a shell would read it, as long as no shell is needed."""

from __future__ import annotations

import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.errors import InputError
from eks_lab.grading.practical.typed_lines import commands_of


def words(text: str, most: int = 5) -> list[tuple[str, ...]]:
    return [(each.program, *each.words) for each in commands_of(text, most)]


def refused(text: str, most: int = 5) -> str:
    with pytest.raises(InputError) as caught:
        commands_of(text, most)
    assert "\n" not in caught.value.message
    return caught.value.message


def test_quotes_comments_prompts_and_continuations_mean_what_they_mean_in_a_shell() -> None:
    text = (
        "# first look\n\n$ k get pods -o jsonpath='{.items[*].metadata.name}'  # all\r\n"
        'kubectl annotate pod web note="it\'s \\"fine\\"" \\\n  --overwrite\naws eks list-clusters'
    )
    assert words(text) == [
        ("kubectl", "get", "pods", "-o", "jsonpath={.items[*].metadata.name}"),
        ("kubectl", "annotate", "pod", "web", 'note=it\'s "fine"', "--overwrite"),
        ("aws", "eks", "list-clusters"),
    ]
    assert commands_of("$ k get pods", 1)[0].line == "k get pods"


def test_a_quoted_text_may_go_over_several_lines() -> None:
    assert words("kubectl patch deploy web -p '{\n\"spec\": {}}'", 1) == [
        ("kubectl", "patch", "deploy", "web", "-p", '{\n"spec": {}}')
    ]


def test_what_a_shell_would_do_is_literal_in_single_quotes() -> None:
    assert words("kubectl exec web -- sh -c 'echo $HOME | wc; ls > x && $(y) `z`'")[0][-1] == (
        "echo $HOME | wc; ls > x && $(y) `z`"
    )


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("kubectl get pods | grep web", "a pipe"),
        ("kubectl get pods > out", "a redirection"),
        ("kubectl apply -f - <<EOF", "a redirection"),
        ("kubectl get pods; kubectl get nodes", "a list of commands"),
        ("kubectl get pods && kubectl get nodes", "a list of commands"),
        ("kubectl get pods &", "a list of commands"),
        ("kubectl delete pod $(kubectl get pods -o name)", "a substitution"),
        ('kubectl delete pod "$(kubectl get pods -o name)"', "a substitution"),
        ('kubectl delete pod "`kubectl get pods`"', "a substitution"),
        ("kubectl delete pod `kubectl get pods`", "a substitution"),
        ("kubectl delete pod $POD", "a substitution"),
        ('kubectl delete pod "${POD}"', "a substitution"),
        ("(kubectl get pods)", "a subshell"),
    ],
)
def test_a_shell_is_refused_in_one_sentence(line: str, what: str) -> None:
    said = refused(f"kubectl get nodes\n{line}")
    assert what in said
    assert "line 2" in said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("kubectl get 'pods", "The quote in line 1 is not closed."),
        ('\nkubectl get "pods', "The quote in line 2 is not closed."),
        ("kubectl get pods\x00", "Line 1 has a character that cannot be typed: U+0000."),
        ("kubectl get pods \ud800", "Line 1 has a character that cannot be typed: U+D800."),
        ("k" * 100_000, "The answer has 100,000 characters; at most 65,536 can be read."),
        ("kubectl get " + "x" * 20_000, "A command of 20,012 characters cannot be read: 16,384 is the most."),
        ("rm -rf /", "`rm` is not there: a command here begins with kubectl (or k) or aws."),
        ("KUBECONFIG=x kubectl get pods", "`KUBECONFIG=x` is not there"),
    ],
)
def test_junk_gets_one_sentence(text: str, said: str) -> None:
    assert refused(text).startswith(said)


def test_no_more_commands_than_asked_for() -> None:
    assert refused("k get pods\nk get nodes", most=1) == (
        "At most one command is asked for here, and these are 2."
    )
    assert words("\n# nothing\n", 1) == []


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        found = commands_of(text, 3)
    except InputError:
        found = []
    assert len(found) <= 3


@given(
    st.lists(st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), max_size=12), max_size=6)
)
def test_quoted_words_come_back_as_they_were(given_words: list[str]) -> None:
    line = shlex.join(["kubectl", *given_words])
    assert words(line) == [("kubectl", *given_words)]
