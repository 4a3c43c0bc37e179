"""For every test: a home of its own, no animations, nothing from the developer's machine."""

from __future__ import annotations

import gc
import os
from collections.abc import Generator, Iterator
from pathlib import Path

# Read by Textual when it is imported, so it has to be set before any test module is.
os.environ["TEXTUAL_ANIMATIONS"] = "none"
# What changed is drawn a millisecond later instead of a sixtieth of a second: tests wait for it after each key.
os.environ["TEXTUAL_FPS"] = "1000"
os.environ["COLORTERM"] = "truecolor"
os.environ.pop("NO_COLOR", None)

import hypothesis
import pytest

from eks_lab.sandbox.collection import collect_rarely
from tests.idleness import ask_the_loop, keep_messages

# A change is judged by the same examples before and after it; whoever looks for new ones asks for `explore`.
# Timings are measured in benchmarks/: a machine that is busy for a moment fails no test.
hypothesis.settings.register_profile("eks-lab", deadline=None, derandomize=True)
hypothesis.settings.register_profile("explore", deadline=None, max_examples=1500)
hypothesis.settings.load_profile("eks-lab")

LONG = ("golden", "e2e", "battery", "clients")
"""Folders of tests that wait for other processes; at the end of a run all other workers would wait for them."""
HERE = Path(__file__).parent


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Look for no garbage while ten thousand tests are loaded: it took a third of that time, and there is hardly any."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes long, folder by folder, so that each needs one sandbox; chance orders the rest."""

    def rank(item: pytest.Item) -> int:
        folder = item.path.relative_to(HERE).parts[0] if item.path.is_relative_to(HERE) else ""
        return LONG.index(folder) if folder in LONG else len(LONG)

    items.sort(key=rank)


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


@pytest.fixture(autouse=True, scope="session")
def pilots_ask_the_loop() -> Iterator[None]:
    """Let the tests of screens go on when the app has nothing to do, however long the machine takes for it."""
    with pytest.MonkeyPatch.context() as patch:
        ask_the_loop(patch)
        keep_messages(patch)
        yield
