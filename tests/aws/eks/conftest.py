"""What every test of EKS begins with."""

from __future__ import annotations

import pytest

from tests.aws.eks.lab import Lab


@pytest.fixture
def lab() -> Lab:
    """Return an account with a network, roles and a user, and no cluster."""
    return Lab()
