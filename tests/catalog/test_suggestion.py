"""Likely spellings."""

from __future__ import annotations

import pytest

from eks_lab.catalog.suggestion import did_you_mean


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        ("instanse", "Did you mean instance?"),
        ("warm_target", "Did you mean warm_ip_target or warm_eni_target?"),
        ("xyz", ""),
    ],
)
def test_hint(word: str, hint: str) -> None:
    assert did_you_mean(word, ["instance", "pods", "warm_ip_target", "warm_eni_target"]) == hint
