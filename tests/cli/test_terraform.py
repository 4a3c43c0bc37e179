"""`eks-lab terraform`: what is missing is said, what runs has the sandbox around it and leaves nothing behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from eks_lab.cli import run, terraform
from eks_lab.sandbox.backends import registry
from eks_lab.sandbox.backends.interface import BackendStatus
from eks_lab.sandbox.state_directory import StateDirectory

PROGRAM = """#!{python}
import json, os, sys, time
name = sys.argv[1] if len(sys.argv) > 1 else ""
if name == "init":
    os.makedirs(".terraform", exist_ok=True)
# Whole, closed, and only then to be seen: a Ctrl-C that comes while Python closes a forgotten file is lost.
with open({said!r} + ".part", "w") as file:
    json.dump({{"words": sys.argv[1:], "folder": os.getcwd(), "environment": dict(os.environ)}}, file)
os.replace({said!r} + ".part", {said!r})
if name == "apply":
    time.sleep(600)
sys.exit(2 if "-detailed-exitcode" in sys.argv else 1 if "-upgrade" in sys.argv else 0)
"""
PATIENCE_SECONDS = 60.0


class FakeBackend:
    """A backend whose account is at one endpoint."""

    name = "fake"

    def __init__(self, endpoint: str) -> None:
        """Name the endpoint; empty: it does not run."""
        self._endpoint = endpoint

    def status(self) -> BackendStatus:
        """Return whether it runs."""
        running = bool(self._endpoint)
        return BackendStatus(
            name=self.name, running=running, capabilities=frozenset({"account"} if running else ())
        )

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a shell."""
        return {"AWS_ENDPOINT_URL": self._endpoint, "AWS_ACCESS_KEY_ID": "AKIASANDBOX", "AWS_PROFILE": ""}


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    found = tmp_path / "shop"
    found.mkdir()
    (found / "main.tf").write_text("locals {}\n")
    monkeypatch.chdir(found)
    return found


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Put a terraform into PATH that writes down how it was called."""
    place, said = tmp_path / "bin", tmp_path / "said.json"
    place.mkdir()
    path = place / "terraform"
    path.write_text(PROGRAM.format(python=sys.executable, said=str(said)))
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:/usr/bin:/bin")
    return said


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> None:
    _present(monkeypatch, "http://127.0.0.1:4566")


def _present(monkeypatch: pytest.MonkeyPatch, endpoint: str) -> None:
    monkeypatch.setattr(registry, "present", lambda directory: FakeBackend(endpoint))


def said(program: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(program.read_text())
    return found


@pytest.mark.usefixtures("folder")
def test_it_says_what_it_is_for(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["terraform"]) == 2
    assert "eks-lab terraform -- init" in capsys.readouterr().err


@pytest.mark.usefixtures("folder", "sandbox")
def test_without_terraform(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))
    assert run(["terraform", "--", "plan"]) == 3
    assert "neither terraform nor tofu" in capsys.readouterr().err


@pytest.mark.usefixtures("folder")
def test_without_a_sandbox(
    program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _present(monkeypatch, "")
    assert run(["terraform", "--", "plan"]) == 3
    assert "eks-lab sandbox up" in capsys.readouterr().err
    assert not program.exists()


@pytest.mark.usefixtures("folder")
def test_on_a_real_account_it_does_not_start(
    program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _present(monkeypatch, "https://ec2.us-east-1.amazonaws.com")
    assert run(["terraform", "--", "init"]) == 2
    assert "real AWS account" in capsys.readouterr().err
    assert not program.exists()


@pytest.mark.usefixtures("sandbox")
def test_a_profile_is_refused(folder: Path, program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "main.tf").write_text('provider "aws" {\n  profile = "production"\n}\n')
    assert run(["terraform", "--", "init"]) == 2
    assert "main.tf:2: the provider names an AWS profile" in capsys.readouterr().err
    assert not program.exists()


@pytest.mark.usefixtures("folder", "sandbox")
def test_before_init_it_says_so(program: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["terraform", "--", "plan"]) == 3
    assert "eks-lab terraform -- init" in capsys.readouterr().err
    assert not program.exists()


@pytest.mark.usefixtures("sandbox")
def test_it_runs_beside_its_state_with_the_sandboxs_keys(
    folder: Path, program: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AWS_PROFILE", "production")
    assert run(["terraform", "--", "init", "-backend-config=bucket=states"]) == 0
    output = capsys.readouterr().err
    root = StateDirectory.default().root / "terraform" / "fake"
    assert f"the state is {root}" in output
    assert "-backend-config=bucket=states" in output
    assert said(program)["words"] == ["init"]
    assert run(["terraform", "--", "plan", "-detailed-exitcode"]) == 2
    call = said(program)
    assert call["words"] == ["plan", "-detailed-exitcode"]
    assert root in Path(call["folder"]).parents
    assert call["environment"]["AWS_ACCESS_KEY_ID"] == "AKIASANDBOX"
    assert "AWS_PROFILE" not in call["environment"]
    assert os.listdir(folder) == ["main.tf"]


@pytest.mark.usefixtures("sandbox")
def test_providers_from_a_folder(folder: Path, program: Path, tmp_path: Path) -> None:
    mirror = tmp_path / "mirror"
    mirror.mkdir()
    assert run(["terraform", "--plugin-dir", str(mirror), "--", "init"]) == 0
    assert said(program)["words"] == ["init", f"-plugin-dir={mirror}"]
    assert run(["terraform", "--plugin-dir", str(mirror), "--", "plan"]) == 2


@pytest.mark.usefixtures("folder", "sandbox", "program")
def test_a_failing_init_names_the_way_without_downloads(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["terraform", "--", "init", "-upgrade"]) == 1
    assert "eks-lab terraform --plugin-dir DIR -- init" in capsys.readouterr().err


def test_what_looks_at_files_alone_runs_in_the_folder_itself(
    folder: Path, program: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _present(monkeypatch, "")
    assert run(["terraform", "--", "fmt", "-check"]) == 0
    assert said(program)["words"] == ["fmt", "-check"]
    assert said(program)["folder"] == str(folder)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_who_asks_it_to_end_while_it_starts_is_heard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: signal.Signals
) -> None:
    """The program is there a moment before we know it by name."""
    start = subprocess.Popen

    def interrupted(*arguments: Any, **options: Any) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] = start(*arguments, **options)
        signal.raise_signal(number)
        return process

    monkeypatch.setattr(subprocess, "Popen", interrupted)
    words = [sys.executable, "-c", "import time; time.sleep(60)"]
    before = signal.signal(number, signal.SIG_DFL)  # under nohup it would be deaf to SIGHUP
    try:
        assert terraform._run(words, tmp_path, os.environ, lambda: None) == 128 + number
    finally:
        signal.signal(number, before)


def test_under_nohup_it_goes_on_without_its_terminal(tmp_path: Path) -> None:
    words = [sys.executable, "-c", "import signal; signal.raise_signal(signal.SIGHUP)"]
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert terraform._run(words, tmp_path, os.environ, lambda: None) == 0
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_however_it_ends_the_folder_is_as_before(
    folder: Path, program: Path, tmp_path: Path, number: signal.Signals
) -> None:
    """A process of its own, which is interrupted, asked to end, or killed in the middle of an apply."""
    script = tmp_path / "session.py"
    script.write_text(
        "import signal, sys\n"
        # A shell's background job begins deaf to Ctrl-C; this one is to hear it, wherever the tests run.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from eks_lab.cli import run\n"
        "from eks_lab.sandbox.backends import registry\n"
        "from tests.cli.test_terraform import FakeBackend\n"
        "registry.present = lambda directory: FakeBackend('http://127.0.0.1:4566')\n"
        "assert run(['terraform', '--', 'init']) == 0\n"
        f"open({str(program)!r}, 'w').close()\n"
        "sys.exit(run(['terraform', '--', 'apply']))\n"
    )
    checkout = Path(__file__).parents[2]
    process = subprocess.Popen(
        [sys.executable, script],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(checkout)},
        start_new_session=True,
        stderr=subprocess.DEVNULL,
    )
    try:
        pause, deadline = threading.Event(), time.monotonic() + PATIENCE_SECONDS
        while not (program.exists() and b'"words": ["apply"]' in program.read_bytes()):
            assert process.poll() is None
            assert time.monotonic() < deadline
            pause.wait(0.02)
        if number == signal.SIGTERM:
            process.send_signal(number)
        else:
            os.killpg(process.pid, number)
        code = process.wait(PATIENCE_SECONDS)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
    assert code in ({-signal.SIGKILL} if number == signal.SIGKILL else {1, 128 + number})
    assert os.listdir(folder) == ["main.tf"]
