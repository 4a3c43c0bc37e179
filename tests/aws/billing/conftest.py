"""A fresh small world for every test of billing."""

from __future__ import annotations

import pytest

from tests.aws.ec2.world import World, new_world


@pytest.fixture
def world() -> World:
    """Return an account with its base VPC; its ledger opens with the first settlement."""
    found = new_world()
    found.account.advance(0)
    return found
