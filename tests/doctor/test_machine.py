"""The real machine: commands end, ports are told apart, programs are found."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from eks_lab.doctor import machine
from eks_lab.doctor.machine import find_program, port_state, run_command, this_machine
from eks_lab.doctor.model import Outcome

PATIENCE_SECONDS = 60.0
"""For what is no matter of time: a busy machine may need more than the doctor's two seconds to start a shell."""


def until(is_true: Callable[[], bool]) -> None:
    """Wait until something is true."""
    pause, end = threading.Event(), time.monotonic() + PATIENCE_SECONDS
    while not is_true():
        assert time.monotonic() < end, "waited too long"
        pause.wait(0.01)


def script(tmp_path: Path, text: str) -> str:
    path = tmp_path / "tool"
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return str(path)


def test_what_a_command_prints_is_kept_apart(tmp_path: Path) -> None:
    tool = script(tmp_path, "echo out; echo err >&2; exit 3")
    assert run_command([tool], PATIENCE_SECONDS) == Outcome(3, "out\n", "err\n")


def test_a_command_has_no_input_and_terraform_may_not_call_home(tmp_path: Path) -> None:
    tool = script(tmp_path, 'read line; echo "got <$line> $CHECKPOINT_DISABLE"')
    assert run_command([tool], PATIENCE_SECONDS).output == "got <> 1\n"


def test_bytes_that_are_no_text_are_survived(tmp_path: Path) -> None:
    assert run_command([script(tmp_path, r"printf 'v1\377'")], PATIENCE_SECONDS).output == "v1\ufffd"


def test_a_command_that_hangs_is_ended(tmp_path: Path) -> None:
    outcome = run_command([script(tmp_path, "exec sleep 60")], timeout_seconds=0.1)
    assert outcome == Outcome(None, "", "no answer within 0.1 s")


@pytest.mark.parametrize("text", ["sleep 60 & echo $! > pid; sleep 60", "sleep 60 & echo $! > pid"])
def test_what_a_wrapper_script_started_is_ended_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """The child keeps the pipe open, which would hold a plain `communicate` for a minute."""
    wait, number = subprocess.Popen.communicate, tmp_path / "pid"

    def once_it_has_started(process: subprocess.Popen[str], timeout: float) -> tuple[str, str]:
        until(lambda: number.exists() and number.read_text().endswith("\n"))
        return wait(process, timeout=timeout)

    monkeypatch.setattr(subprocess.Popen, "communicate", once_it_has_started)
    tool = script(tmp_path, text.replace("pid", str(number)))
    outcome = run_command([tool], timeout_seconds=0.3)
    assert outcome.errors == "no answer within 0.3 s"
    until(lambda: not _lives(int(number.read_text())))


def _lives(pid: int) -> bool:
    """Return whether a process goes on; a dead one that nobody has asked about yet does not."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_what_cannot_be_started_is_told(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("not a program")
    (tmp_path / "data").chmod(0o755)
    assert run_command([str(tmp_path / "data")]).errors.startswith("could not be started: ")
    assert run_command([str(tmp_path / "nowhere")]).errors == (
        "could not be started: No such file or directory"
    )


def test_a_program_beside_our_python_is_found_when_path_lacks_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "env" / "bin").mkdir(parents=True)
    (tmp_path / "shell").mkdir()
    ours = Path(script(tmp_path / "env" / "bin", "true"))
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "env"))
    monkeypatch.setenv("PATH", str(tmp_path / "shell"))
    assert find_program("tool") == ours
    theirs = Path(script(tmp_path / "shell", "true"))
    assert find_program("tool") == theirs
    assert find_program("no-such-tool") is None


def test_a_port_somebody_listens_on_is_taken() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        assert port_state(port) == "taken"
    assert port_state(port) == "free"


def test_a_port_that_is_only_bound_is_taken_too() -> None:
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        assert port_state(bound.getsockname()[1]) == "taken"


def test_no_two_probes_disturb_each_other() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        states: list[str] = []
        threads = [threading.Thread(target=lambda: states.append(port_state(port))) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert states == ["taken"] * 4


def test_this_machine_can_be_asked_everything(tmp_path: Path) -> None:
    here = this_machine()
    assert here.python_version == sys.version_info[:3]
    assert here.package_version("click")
    assert here.package_version("no-such-package-at-all") is None
    assert here.is_writable(tmp_path)
    assert here.free_bytes(tmp_path) > 0
    assert here.run is run_command
    assert run_command([sys.executable, "-c", "print(1)"], PATIENCE_SECONDS).output.strip() == "1"


def test_without_any_terminal_there_is_no_size(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/null") as nothing:
        for name in ("__stdin__", "__stdout__", "__stderr__"):
            monkeypatch.setattr(sys, name, nothing)
        assert machine.terminal_size() is None
    for name in ("__stdin__", "__stdout__", "__stderr__"):
        monkeypatch.setattr(sys, name, None)
    assert machine.terminal_size() is None


def test_the_size_is_that_of_the_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    import fcntl
    import os
    import pty
    import struct
    import termios

    ours, theirs = pty.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 33, 111, 0, 0))
        with open("/dev/null") as nothing, os.fdopen(os.dup(theirs), "w") as terminal:
            monkeypatch.setattr(sys, "__stdout__", nothing)
            monkeypatch.setattr(sys, "__stderr__", terminal)
            assert machine.terminal_size() == (111, 33)
    finally:
        os.close(ours)
        os.close(theirs)
