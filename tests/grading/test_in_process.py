"""Simulated time passes while a command waits for it, and not because this machine is busy."""

from __future__ import annotations

from pathlib import Path

import pytest

from eks_lab.clock import SystemClock
from eks_lab.content.actions import WorldOptions
from eks_lab.grading import in_process
from eks_lab.grading.in_process import InProcess


def test_a_command_that_is_slow_to_begin_does_not_move_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "kubectl"
    program.write_text("#!/bin/sh\ni=0; while [ $i -lt 300000 ]; do i=$((i+1)); done\n")
    program.chmod(0o755)
    monkeypatch.setattr(in_process, "PATIENCE_SECONDS", 0.0)
    with InProcess(tmp_path / "world", SystemClock(), str(program)) as target:
        target.begin(WorldOptions(nodes=0), 7)
        before = target.now()
        # It works for many looks at it and asks nothing, as kubectl does on a machine that has no time for it.
        assert target.run_kubectl(["get", "nodes"], tmp_path).code == 0
        assert target.now() == before
