"""The wanderer itself: the same seed walks the same way, and what goes wrong is said."""

from __future__ import annotations

import random

import pytest

from tests.e2e.terminal import Terminal
from tests.e2e.wander import steps, walk

pytestmark = pytest.mark.e2e


def test_a_program_that_does_not_open_is_trouble() -> None:
    trouble = walk(0, "--content", "/dev/null").trouble
    assert "/dev/null" in trouble
    assert "did not come" in trouble or trouble.startswith("exit code ")


def test_a_seed_walks_the_same_way_again(tmp_path_factory: pytest.TempPathFactory) -> None:
    def typed(seed: int) -> str:
        with Terminal("--version", home=tmp_path_factory.mktemp("home")) as terminal:
            return "".join(steps(random.Random(seed), terminal))

    assert typed(7) == typed(7)
    assert len({typed(seed) for seed in range(4)}) == 4
