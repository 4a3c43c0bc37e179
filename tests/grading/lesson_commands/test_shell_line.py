"""Lines of lessons are read as a shell reads them, and what is more of a shell says so."""

from __future__ import annotations

import contextlib
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.errors import InputError
from eks_lab.grading.lesson_commands.shell_line import (
    Assignment,
    Pipe,
    Step,
    UnreadableError,
    lift_document,
    lift_substitutions,
    read_line,
)


def steps(line: str, **variables: str) -> list[Step]:
    found = read_line(line, variables)
    assert not isinstance(found, Assignment)
    assert len(found) == 1
    return list(found[0].steps)


def words(line: str, **variables: str) -> tuple[str, ...]:
    (only,) = steps(line, **variables)
    return only.words


def test_quotes_comments_and_continuations() -> None:
    line = """kubectl get pods -o jsonpath='{range .items[*]}{.metadata.name}{"\\n"}{end}' \\
    --selector "app in (a, b)" a\\ b  # all of them"""
    assert words(line) == (
        *("kubectl", "get", "pods", "-o", 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'),
        *("--selector", "app in (a, b)", "a b"),
    )


def test_values_are_put_in_outside_of_single_quotes() -> None:
    found = words('echo $role "${role}!" \'$role\' "\\$role" 5$', role="a b")
    assert found == ("echo", "a b", "a b!", "$role", "$role", "5$")
    with pytest.raises(InputError, match=r"\$rule. is not set"):
        read_line("echo $rule", {"role": "x"})


def test_pipes_lists_and_redirections() -> None:
    found = read_line("a x 2>&1 | b > out.txt && c >> out.txt || d < in.txt 2>/dev/null; e;", {})
    assert found == (
        Pipe("", (Step(("a", "x"), joins_errors=True), Step(("b",), writes="out.txt"))),
        Pipe("&&", (Step(("c",), writes="out.txt", appends=True),)),
        Pipe("||", (Step(("d",), reads="in.txt", drops_errors=True),)),
        Pipe(";", (Step(("e",)),)),
    )


def test_variables_are_set() -> None:
    assert read_line("role=arn:$who", {"who": "me"}) == Assignment("role", "arn:me")
    assert read_line("export NAME='a b'", {}) == Assignment("NAME", "a b")
    with pytest.raises(UnreadableError, match="one command alone"):
        read_line("AWS_PROFILE=a aws sts get-caller-identity", {})


def test_substitutions_are_taken_out() -> None:
    line = """aws x --a "$(aws y --query 'a[?b==`)`]' | tr -d '"')" --b '$(not this)' --c $(z (1))"""
    rest, commands = lift_substitutions(line)
    assert rest == """aws x --a "${_1}" --b '$(not this)' --c ${_2}"""
    assert commands == {"_1": "aws y --query 'a[?b==`)`]' | tr -d '\"'", "_2": "z (1)"}
    with pytest.raises(InputError, match="not closed"):
        lift_substitutions("echo $(date")


def test_here_documents_are_taken_out() -> None:
    line = "kubectl apply -f - <<EOF | cat\nname: $name\nEOF"
    assert lift_document(line, {"name": "web"}) == (
        "kubectl apply -f - < .here-document | cat",
        "name: web\n",
    )
    assert lift_document("x <<-'E'\n\ta: $b\n\tE", {})[1] == "a: $b\n"
    assert lift_document("x", {}) == ("x", None)
    with pytest.raises(InputError, match="`EOF` is not closed"):
        lift_document("cat <<EOF\na", {})


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("for x in a; do echo $x; done", "`for` begins a structure"),
        ("sleep 1 &", "in the background"),
        ("(cd x)", "a subshell"),
        ("echo `date`", "a substitution"),
        ('echo "${x:-y}"', "a substitution"),
    ],
)
def test_what_is_more_of_a_shell_says_so(line: str, said: str) -> None:
    with pytest.raises(UnreadableError, match=said):
        read_line(line, {})


@pytest.mark.parametrize("line", ["a |", "| a", "a &&", "a > ", "a > | b", "a 'b", 'a "b', "a || ; b", "> x"])
def test_what_is_no_line_is_refused(line: str) -> None:
    with pytest.raises(InputError) as caught:
        read_line(line, {})
    assert not isinstance(caught.value, UnreadableError)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs", "Cc"])), min_size=2))
def test_any_words_come_back_when_they_are_quoted(wanted: list[str]) -> None:
    assert words(shlex.join(["echo", *wanted])) == ("echo", *wanted)


@given(st.text(alphabet="ab$(){}'\"\\`|&;<> \n=#"))
def test_any_text_is_read_or_refused(line: str) -> None:
    with contextlib.suppress(InputError):
        rest, _ = lift_substitutions(line)
        read_line(lift_document(rest, {})[0], {})
