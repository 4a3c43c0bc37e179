"""One bench a module: making its keys takes longer than a test."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from eks_lab.clock import SystemClock
from eks_lab.grading.practical.bench import Bench
from tests.grading.bench import kubectl


@pytest.fixture(scope="module")
def bench() -> Iterator[Bench]:
    """Give a bench; every judgement in it begins anew."""
    with Bench(kubectl(), SystemClock()) as found:
        yield found
