"""One served account for the tests of a module; one that left something behind does not spoil the others.

Not for longer: moto has one account a process, and the next module may make a world of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.sandbox.backends.aws.own_account import Learner, OwnAccount, served


class Holder:
    """The account that is served at present."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self.account = stack.enter_context(served())

    def clean(self) -> OwnAccount:
        """Return an account in which nothing of any session is left."""
        self.account.forget()
        if self.account.left():
            self._stack.close()
            self.account = self._stack.enter_context(served())
        return self.account


@pytest.fixture(scope="module")
def holder() -> Iterator[Holder]:
    """Serve an account."""
    with ExitStack() as stack:
        yield Holder(stack)


@pytest.fixture
def account(holder: Holder) -> Iterator[OwnAccount]:
    """Begin with nothing asked and nothing left."""
    found = holder.clean()
    yield found
    found.forget()


@pytest.fixture
def learner(account: OwnAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Learner:
    """A learner with a home and a profile."""
    monkeypatch.setenv("HOME", str(tmp_path))
    return Learner(account, tmp_path)
