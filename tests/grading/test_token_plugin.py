"""Tokens of a program that a kubeconfig names."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_lab.errors import UnavailableError
from eks_lab.grading.token_plugin import TokenPlugin


def test_tokens_are_asked_for_once_while_they_are_fresh(tmp_path: Path) -> None:
    count = tmp_path / "count"
    script = f'echo x >> {count}; echo \'{{"status": {{"token": "\'$TOKEN\'"}}}}\''
    plugin = TokenPlugin(
        {"command": "/bin/sh", "args": ["-c", script], "env": [{"name": "TOKEN", "value": "k8s"}]}
    )
    assert plugin.token() == plugin.token() == "k8s"
    assert count.read_text() == "x\n"


@pytest.mark.parametrize("script", ["exit 1", "echo '{}'", "echo nothing"])
def test_a_program_without_a_token_is_named(script: str) -> None:
    with pytest.raises(UnavailableError, match="/bin/sh: gives no token"):
        TokenPlugin({"command": "/bin/sh", "args": ["-c", script]}).token()
