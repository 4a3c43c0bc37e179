"""Which lines of a console block are commands."""

from __future__ import annotations

from eks_lab.content.console import chosen, commands, failing_words, numbered_commands, typed_lines

BLOCK = """$ kubectl get pods \\
    -A
NAME   READY
$ kubectl apply -f - <<'EOF'
kind: Pod
EOF
$ kubectl get nodes"""


def test_each_command_is_found_with_its_line() -> None:
    assert numbered_commands(BLOCK) == [
        (1, "kubectl get pods \\\n    -A"),
        (4, "kubectl apply -f - <<'EOF'\nkind: Pod\nEOF"),
        (7, "kubectl get nodes"),
    ]
    assert commands(BLOCK) == [each for _, each in numbered_commands(BLOCK)]


def test_everything_else_is_output() -> None:
    assert typed_lines(BLOCK) == [True, True, False, True, True, True, True]


def test_a_digit_that_is_no_number_names_no_command() -> None:
    assert chosen("²")(1)
    assert failing_words("9" * 5000) == failing_words("²") == "meant to fail"
