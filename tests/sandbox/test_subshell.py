"""What a shell of the sandbox brings along: the short name of kubectl, and a note of what is typed in a lab."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from eks_lab.sandbox import subshell


def typed_into_bash(home: Path, lines: str, **more: str) -> str:
    """Return what an interactive bash prints."""
    home.mkdir(exist_ok=True)
    (home / ".bash_history").write_text("a command of another day\n")
    environment = {"HOME": str(home), "PATH": os.environ["PATH"], **more}
    with subshell.prepared("/bin/bash", environment) as (arguments, settled):
        # An interactive bash takes the terminal of its session, where there is one: two at once would stop each other.
        done = subprocess.run(
            arguments,
            env=settled,
            input=lines,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
            start_new_session=True,
        )
    return done.stdout


def test_k_is_kubectl(tmp_path: Path) -> None:
    assert "alias k='kubectl'" in typed_into_bash(tmp_path / "home", "alias k\nexit\n")


def test_a_lab_is_told_what_is_typed_in_it_and_nothing_from_before(tmp_path: Path) -> None:
    note = tmp_path / "it's typed"
    out = typed_into_bash(
        tmp_path / "home", "echo one\necho one\n\necho 'two  2'\nexit\n", **{subshell.TYPED: str(note)}
    )
    assert out.splitlines()[-1] == "two  2"
    assert note.read_text().splitlines() == ["echo one", "echo one", "echo 'two  2'"]


def test_nothing_is_noted_outside_of_a_lab(tmp_path: Path) -> None:
    typed_into_bash(tmp_path / "home", "echo one\nexit\n")
    assert not (tmp_path / "home" / "typed").exists()
    for program in ("/bin/zsh", "/usr/bin/fish", "/bin/bash"):
        for noted in ("", "/typed"):
            with subshell.prepared(program, {"HOME": "/", subshell.TYPED: noted}) as (arguments, settled):
                folder = Path(settled["ZDOTDIR"]) if "zsh" in program else None
                text = (folder / ".zshrc").read_text() if folder else " ".join(arguments)
                if "bash" in program:
                    text = Path(arguments[arguments.index("--rcfile") + 1]).read_text()
                assert ("__eks_lab_typed" in text) is bool(noted)
                assert "alias k" in text
