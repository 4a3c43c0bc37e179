"""A fresh small world for every test of EC2."""

from __future__ import annotations

import pytest

from tests.aws.ec2.world import World, new_world


@pytest.fixture
def world() -> World:
    """Return an account with its base VPC; moto starts empty with it."""
    return new_world()
