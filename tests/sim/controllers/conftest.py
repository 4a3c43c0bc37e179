"""The flag that writes expected outputs anew."""

from __future__ import annotations

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--update-scenarios`: works when the tests are named on the command line."""
    parser.addoption("--update-scenarios", action="store_true", help="write */cases/*.output.yaml anew")
