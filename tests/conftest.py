"""For every test: a home of its own, no animations, nothing from the developer's machine."""

from __future__ import annotations

import os
from pathlib import Path

# Read by Textual when it is imported, so it has to be set before any test module is.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
os.environ["COLORTERM"] = "truecolor"
os.environ.pop("NO_COLOR", None)

import pytest

from eks_lab.sandbox.collection import collect_rarely


def pytest_collection_finish(session: pytest.Session) -> None:
    """Look for garbage as rarely as the sandbox does: by default a fifth of the time of the tests went there."""
    collect_rarely()


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep data, cache and log of the program inside the test's folder."""
    home = tmp_path / "eks-lab-home"
    monkeypatch.setenv("EKS_LAB_HOME", str(home))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return home
