"""The machine the program runs on. Looks only: no file is written, nothing beyond this machine is asked."""

from __future__ import annotations

import contextlib
import os
import platform
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from importlib import metadata
from pathlib import Path

from eks_lab.doctor.model import Machine, Outcome, PortState

COMMAND_TIMEOUT_SECONDS = 2.0


def this_machine() -> Machine:
    """Return the machine the program runs on."""
    return Machine(
        system=platform.system(),
        environment=dict(os.environ),
        terminal_size=terminal_size(),
        output_encoding=getattr(sys.stdout, "encoding", None) or "ascii",
        python_version=sys.version_info[:3],
        find_program=find_program,
        run=run_command,
        port_state=port_state,
        package_version=package_version,
        is_writable=lambda path: os.access(path, os.W_OK),
        free_bytes=lambda path: shutil.disk_usage(path).free,
    )


def terminal_size() -> tuple[int, int] | None:
    """Return columns and rows of the terminal behind any of the standard streams, or None."""
    for stream in (sys.__stdout__, sys.__stderr__, sys.__stdin__):
        with contextlib.suppress(OSError, ValueError, AttributeError):
            size = os.get_terminal_size(stream.fileno())  # type: ignore[union-attr]
            return size.columns, size.lines
    return None


def find_program(name: str) -> Path | None:
    """Return where a command is: on PATH, as the learner's shell finds it, else beside our Python."""
    found = shutil.which(name) or shutil.which(name, path=str(Path(sys.prefix) / "bin"))
    return Path(found) if found else None


def run_command(arguments: Sequence[str], timeout_seconds: float = COMMAND_TIMEOUT_SECONDS) -> Outcome:
    """Run a command without input, and end it and all it started when it takes too long.

    Args:
        arguments: program and arguments; no shell is involved.
        timeout_seconds: how long it may take.
    """
    try:
        process = subprocess.Popen(
            list(arguments),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            errors="replace",
            # Its own group, to end helpers of wrapper scripts too: they would keep the pipes open.
            start_new_session=True,
            # Terraform asks its maker for news of newer versions otherwise.
            env={**os.environ, "CHECKPOINT_DISABLE": "1"},
        )
    except (OSError, ValueError) as error:
        return Outcome(None, "", f"could not be started: {getattr(error, 'strerror', None) or error}")
    try:
        output, errors = process.communicate(timeout=timeout_seconds)
    except subprocess.TimeoutExpired:
        _end(process)
        return Outcome(None, "", f"no answer within {timeout_seconds:g} s")
    finally:
        for pipe in (process.stdout, process.stderr):
            if pipe is not None:
                pipe.close()
    return Outcome(process.returncode, output, errors)


def _end(process: subprocess.Popen[str]) -> None:
    """End a process and its group, and do not wait for one that cannot be ended.

    The process may be gone already while one that it started keeps its output open.
    """
    with contextlib.suppress(OSError):
        if hasattr(os, "killpg"):
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=1)


def port_state(port: int) -> PortState:
    """Return whether a port of 127.0.0.1 can be listened on."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.settimeout(0.5)
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            return "taken"
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        # A connection that was closed a moment ago does not make a port taken.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except PermissionError:
            return "unknown"
        except OSError:
            return "taken"
    return "free"


def package_version(name: str) -> str | None:
    """Return the version of an installed Python package, or None."""
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None
