"""The learner's programs, as capabilities: what PATH has, or came with eks-lab."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from eks_lab.sandbox.backends.interface import PROGRAMS


def find(program: str) -> str:
    """Return where a program is: beside this Python, or on PATH; empty when it is nowhere."""
    beside = shutil.which(program, path=str(Path(sys.executable).parent))
    return beside or shutil.which(program) or ""


def program_capabilities() -> frozenset[str]:
    """Return which of `kubectl`, `aws` and `terraform` are there."""
    return frozenset(each for each in PROGRAMS if find(each))
