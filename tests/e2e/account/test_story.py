"""The guide's fifth chapter by hand, with the real `aws` and `kubectl`, from an empty VPC to nothing left behind.

Every program that is written in Python refuses whatever is not loopback, kubectl's way out is a closed port, and the
shell begins with a learner's own credentials: the end of the story says that none of them was ever used.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.account.account_lab import AWS, GUARD, LEARNERS_KEY, AccountLab
from tests.e2e.account.story import Story
from tests.e2e.sandbox_lab import KUBECTL

pytestmark = [
    pytest.mark.e2e,
    pytest.mark.skipif(sys.platform == "win32", reason="starts a process as POSIX systems do"),
    pytest.mark.skipif(not (KUBECTL and AWS.exists()), reason="needs kubectl and aws (the extra `tools`)"),
]
MOST_CALLS = 60
"""How often the real `aws` is started: each costs a second of processor."""


@pytest.fixture
def lab(own_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[AccountLab]:
    monkeypatch.setenv("PYTHONPATH", str(GUARD))
    monkeypatch.setenv("EKS_LAB_GUARD_LOG", str(own_home / "guard.log"))
    made = AccountLab(own_home)
    yield made
    made.forget_clients()
    made.end()


def test_the_story(lab: AccountLab) -> None:
    """Each step ends with both halves in agreement."""
    lab.run("up", "--nodes", "3", as_process=True)
    story = Story(lab)
    story.network()
    story.roles()
    story.create_cluster()
    story.create_nodes()
    story.add_ons()
    story.deploy()
    story.identities()
    story.storage()
    story.second_person()
    story.exhaust()
    story.delegate_prefixes()
    story.network_custom()
    story.delete()
    assert lab.calls <= MOST_CALLS
    assert lab.refused_addresses() == []
    assert LEARNERS_KEY not in (lab.directory / "sandbox.log").read_text()
