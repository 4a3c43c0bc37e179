"""One world a module: making its keys takes longer than a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eks_lab.clock import SystemClock
from eks_lab.grading.in_process import InProcess
from tests.grading.bench import kubectl


@pytest.fixture(scope="module")
def target(tmp_path_factory: pytest.TempPathFactory) -> Iterator[InProcess]:
    """Give a target that every test begins anew."""
    with InProcess(tmp_path_factory.mktemp("world"), SystemClock(), kubectl()) as found:
        yield found
