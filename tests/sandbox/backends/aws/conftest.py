"""One served account for all tests of a process: each leaves nothing of its own there."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sandbox.backends.aws.own_account import Learner, OwnAccount, served


@pytest.fixture(scope="session")
def served_account() -> Iterator[OwnAccount]:
    """Serve the account."""
    with served() as account:
        yield account


@pytest.fixture
def account(served_account: OwnAccount) -> Iterator[OwnAccount]:
    """Begin with nothing asked, and see to it that nothing is left for the next test."""
    served_account.forget()
    assert served_account.left() == []
    yield served_account
    served_account.forget()


@pytest.fixture
def learner(account: OwnAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Learner:
    """A learner with a home and a profile."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return Learner(account, tmp_path)
