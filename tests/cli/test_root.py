"""The command line as a whole: quick to start, one message an error, right exit codes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from eks_lab import __version__
from eks_lab.cli import COMMANDS, run
from eks_lab.locations import HOME_VARIABLE, log_file

HEAVY = (
    "textual",
    "rich",
    "boto3",
    "botocore",
    "moto",
    "jinja2",
    "pydantic",
    "markdown_it",
    "yaml",
    "sqlite3",
    "hcl2",
)


def eks_lab(
    *arguments: str, home: Path | None = None, stdin: str | None = None
) -> subprocess.CompletedProcess[str]:
    """Run the program in a process of its own."""
    environment = dict(os.environ)
    if home is not None:
        environment[HOME_VARIABLE] = str(home)
    command = [sys.executable, "-m", "eks_lab", *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, env=environment, timeout=60, input=stdin, check=False
    )


@pytest.mark.parametrize("arguments", [["--version"], ["--help"]])
def test_the_first_answer_loads_nothing_heavy(arguments: list[str]) -> None:
    script = (
        "import sys\nfrom eks_lab.cli import run\n"
        f"code = run({arguments!r})\n"
        f"print(sorted(set({HEAVY!r}) & set(sys.modules)))\nsys.exit(code)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 0
    assert done.stdout.splitlines()[-1] == "[]"


def test_version(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--version"]) == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_explains_itself(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run([name, "--help"]) == 0
    assert "Usage: eks-lab " + name in capsys.readouterr().out


def test_a_command_that_does_not_exist(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lessn"]) == 2
    assert "Did you mean 'lesson'?" in capsys.readouterr().err


def test_without_a_terminal_there_is_a_way_on(tmp_path: Path) -> None:
    done = eks_lab(home=tmp_path)
    assert done.returncode == 3
    assert "needs a terminal" in done.stderr
    assert "eks-lab lesson show ID --plain" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_defect_of_ours_leaves_a_message_and_a_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import eks_lab.cli.app

    def broken(lesson_id: str, content: str) -> None:
        raise RuntimeError("the cat sat on it")

    monkeypatch.setattr(eks_lab.cli.app, "open_app", broken)
    assert run([]) == 70
    shown = capsys.readouterr().err
    assert "the cat sat on it" in shown
    assert "Traceback" not in shown
    assert "Traceback" in log_file().read_text()
    assert oct(log_file().stat().st_mode & 0o777) == "0o600"


def test_a_log_that_cannot_be_written_is_no_second_error(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    import eks_lab.cli.app

    (tmp_path / "file").write_text("")
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "file"))

    def broken(lesson_id: str, content: str) -> None:
        raise RuntimeError("x")

    monkeypatch.setattr(eks_lab.cli.app, "open_app", broken)
    assert run([]) == 70
    assert "could not be written" in capsys.readouterr().err


def test_a_reader_that_stops_reading_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m eks_lab lesson list --json | head -n 1"
    environment = {**os.environ, HOME_VARIABLE: str(tmp_path)}
    done = subprocess.run(
        ["bash", "-c", "set -o pipefail; " + command],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
