"""Tells a process from another one that got its number later."""

from __future__ import annotations

import subprocess
from pathlib import Path


def identity_of(pid: int) -> str:
    """Return what stays the same while a process lives, and differs for the next one of that number.

    Args:
        pid: number of a process.

    Returns:
        The moment it was started, as this system counts it; empty when there is no such process.
    """
    stat = Path(f"/proc/{pid}/stat")
    if stat.parent.parent.joinpath("self").exists():
        try:
            # The name in brackets may hold anything; field 22 of all is field 20 behind it (proc(5)).
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            return ""
        return "" if fields[0] == "Z" else fields[19]
    try:
        done = subprocess.run(
            ["ps", "-o", "lstart=", "-p", str(pid)], capture_output=True, text=True, timeout=5, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
