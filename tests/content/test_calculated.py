"""Figures of calculators for what authors write."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from eks_lab.content.calculated import calculated
from eks_lab.errors import ContentError


@pytest.mark.parametrize("inputs", [{"instance": {1: 2, "a": 3}}, {"instance": {date(2026, 1, 1): 1}}])
def test_names_that_are_no_texts(inputs: dict[str, Any]) -> None:
    with pytest.raises(ContentError, match="calculator max-pods: a mapping in its inputs"):
        calculated("max-pods", inputs, "max_pods")


@pytest.mark.parametrize("part", ["²", "9" * 5000])
def test_a_place_in_a_list_that_is_no_number(part: str) -> None:
    with pytest.raises(ContentError, match="no output"):
        calculated("vpc-plan", {}, f"subnets.{part}")
