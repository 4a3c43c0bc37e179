"""The command line as a whole: quick to start, one message an error, right exit codes."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from eks_lab import __version__
from eks_lab.cli import COMMANDS, run
from eks_lab.locations import HOME_VARIABLE, data_dir, log_file

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


@pytest.mark.parametrize("arguments", ["lesson list", "doctor", "--version", "quiz list"])
def test_a_reader_that_stops_after_a_line_is_no_error_either(tmp_path: Path, arguments: str) -> None:
    command = f"{sys.executable} -m eks_lab {arguments} | true"
    environment = {**os.environ, HOME_VARIABLE: str(tmp_path)}
    done = subprocess.run(
        ["bash", "-c", command + "; echo ${PIPESTATUS[0]}"],
        capture_output=True,
        text=True,
        env=environment,
        check=False,
    )
    assert (done.stdout, done.stderr) == ("0\n", "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
@pytest.mark.parametrize("arguments", [["--version"], ["lesson", "list"], ["quiz", "list", "--json"]])
def test_output_that_cannot_be_written_is_one_message(tmp_path: Path, arguments: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "eks_lab", *arguments],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, HOME_VARIABLE: str(tmp_path)},
            check=False,
        )
    assert done.returncode == 4
    assert done.stderr.splitlines()[0].startswith("eks-lab: the output could not be written: ")
    assert len(done.stderr.splitlines()) == 2


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("<&-", 3),
        ("lesson show networking.max-pods <&-", 0),
        ("lesson list >&-", 0),
        ("lessn 2>&-", 2),
    ],
)
def test_closed_streams_are_empty_ones(tmp_path: Path, command: str, code: int) -> None:
    done = subprocess.run(
        ["bash", "-c", f"exec {sys.executable} -m eks_lab {command}"],
        capture_output=True,
        text=True,
        env={**os.environ, HOME_VARIABLE: str(tmp_path)},
        check=False,
    )
    assert done.returncode == code
    assert "should not have happened" not in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("arguments", "code", "word"),
    [
        (["lesson", "show", "no.such", "--json"], 2, "No such option"),
        (["settings", "get", "them", "--json"], 2, "did you mean 'theme'?"),
        (["lesson", "list", "--content", "/nowhere", "--json"], 2, "holds no course.yaml"),
    ],
)
def test_who_asked_for_json_gets_json_when_it_fails(
    capsys: pytest.CaptureFixture[str], arguments: list[str], code: int, word: str
) -> None:
    assert run(arguments) == code
    shown = capsys.readouterr()
    error = json.loads(shown.out)["error"]
    assert error["exit_code"] == code
    assert word in error["message"]
    assert word in shown.err


def test_json_behind_two_dashes_is_not_ours(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["settings", "get", "--", "--json"]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--content", "/somewhere", "lesson", "list"], "eks-lab lesson … --content /somewhere"),
        (["--lesson", "networking.max-pods", "progress"], "goes with no command"),
    ],
)
def test_options_of_the_app_are_not_swallowed_before_a_command(
    capsys: pytest.CaptureFixture[str], arguments: list[str], word: str
) -> None:
    assert run(arguments) == 2
    assert word in capsys.readouterr().err


@pytest.fixture
def without_a_home(monkeypatch: pytest.MonkeyPatch) -> None:
    import platformdirs

    def unknown(name: str) -> Path:
        raise RuntimeError(f"could not determine the home directory for {name!r}")

    monkeypatch.delenv(HOME_VARIABLE)
    for folder in ("user_data_path", "user_cache_path", "user_log_path"):
        monkeypatch.setattr(platformdirs, folder, unknown)


@pytest.mark.usefixtures("without_a_home")
@pytest.mark.parametrize("arguments", [["progress"], ["lesson", "list"], ["settings", "list"]])
def test_a_user_without_a_home_is_told_what_to_set(
    capsys: pytest.CaptureFixture[str], arguments: list[str]
) -> None:
    assert run(arguments) == 3
    shown = capsys.readouterr().err
    assert "Your home folder is unknown" in shown
    assert "export EKS_LAB_HOME=" in shown


@pytest.mark.usefixtures("without_a_home")
def test_a_defect_without_a_home_is_still_one_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import eks_lab.cli.app

    def broken(lesson_id: str, content: str) -> None:
        raise RuntimeError("x")

    monkeypatch.setattr(eks_lab.cli.app, "open_app", broken)
    assert run([]) == 70
    assert "could not be written" in capsys.readouterr().err


def test_the_exit_code_of_the_app_is_that_of_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    import eks_lab.tui.app

    monkeypatch.setattr(eks_lab.tui.app, "run_app", lambda **arguments: 70)
    for stream in ("stdin", "stdout"):
        monkeypatch.setattr(getattr(sys, stream), "isatty", lambda: True, raising=False)
    with pytest.raises(SystemExit) as stop:
        run([])
    assert stop.value.code == 70


@pytest.mark.parametrize(
    "arguments",
    [
        ("lesson", "list", "--content", "~nobody-of-that-name/x"),
        ("progress", "export", "~nobody-of-that-name/x"),
        ("progress", "import", "~nobody-of-that-name/x"),
        ("review", "import", "~nobody-of-that-name/x"),
    ],
)
def test_a_file_of_a_user_nobody_knows_is_refused(
    arguments: tuple[str, ...], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(arguments) == 2
    assert "nobody's home folder is known by the name ~nobody-of-that-name" in capsys.readouterr().err


def test_a_home_by_a_name_nobody_has_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(HOME_VARIABLE, "~nobody-of-that-name/course")
    assert run(["progress"]) == 3
    assert "EKS_LAB_HOME is '~nobody-of-that-name/course'" in capsys.readouterr().err


def test_a_relative_home_in_a_folder_that_is_gone_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    (tmp_path / "gone").mkdir()
    monkeypatch.chdir(tmp_path / "gone")
    (tmp_path / "gone").rmdir()
    monkeypatch.setenv(HOME_VARIABLE, "here")
    assert run(["progress"]) == 3
    assert "the folder you stand in is gone" in capsys.readouterr().err


def test_a_relative_home_holds_for_other_programs_too(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(HOME_VARIABLE, "here")
    assert data_dir() == tmp_path / "here" / "data"


def test_a_name_longer_than_any_file_has_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["generate", "manifest", "pdb", "--out", "x" * 5000]) == 2
    said = capsys.readouterr().err
    assert "is longer than the name of a file may be" in said
    assert len(said) < 200


def test_a_name_that_is_no_text_is_said_with_its_bytes(tmp_path: Path) -> None:
    arguments = ["exam", "tracks", "--json", "--content", os.fsdecode(b"caf\xe9")]
    found = subprocess.run(
        [sys.executable, "-m", "eks_lab", *arguments],
        env={**os.environ, HOME_VARIABLE: str(tmp_path), "PYTHONIOENCODING": "utf-8:strict"},
        capture_output=True,
        check=False,
    )
    assert found.returncode == 2
    assert json.loads(found.stdout)["error"]["message"] == "caf\udce9 holds no course.yaml."
    assert b"Traceback" not in found.stderr
