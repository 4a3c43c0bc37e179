"""The default backend behind the interface: the daemon, its status, and a purge that leaves nothing of its own."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from eks_lab.errors import InputError
from eks_lab.sandbox.backends import choice
from eks_lab.sandbox.backends.choice import Choice
from eks_lab.sandbox.backends.embedded import Embedded
from eks_lab.sandbox.backends.interface import (
    CAPABILITIES,
    PROGRAMS,
    Cancel,
    StoppedError,
    Wishes,
    tell_nobody,
)
from eks_lab.sandbox.backends.switching import take_down
from eks_lab.sandbox.state_directory import StateDirectory

ANY = Wishes(port=None, nodes=1)


def test_up_status_environment_reset_down(tmp_path: Path) -> None:
    directory = StateDirectory(tmp_path / "sandbox")
    backend = Embedded(directory)
    assert backend.preflight() == ()
    assert not backend.status().running
    try:
        first = backend.up(ANY, tell_nobody, Cancel())
        assert first.was_started
        assert not backend.up(ANY, tell_nobody, Cancel()).was_started
        status = backend.status()
        assert status.running
        assert status.capabilities >= set(CAPABILITIES) - set(PROGRAMS)
        assert status.as_json()["options"]["nodes"] == 1
        assert backend.environment(os.environ)["AWS_ENDPOINT_URL"] == status.aws_url
        with pytest.raises(InputError, match="runs already with nodes 1"):
            backend.up(Wishes(nodes=2), tell_nobody, Cancel())
        assert backend.reset(Wishes(nodes=2), tell_nobody, Cancel()).document["options"]["nodes"] == 2
        leftovers = backend.down(purge=False, tell=tell_nobody)
        assert leftovers.was_running
        assert leftovers.kept
    finally:
        leftovers = backend.down(purge=True, tell=tell_nobody)
    assert leftovers.is_clean
    assert not directory.root.exists()


def test_a_cancelled_up_starts_nothing(tmp_path: Path) -> None:
    backend = Embedded(StateDirectory(tmp_path / "sandbox"))
    cancel = Cancel()
    cancel.cancel()
    with pytest.raises(StoppedError):
        backend.up(ANY, tell_nobody, cancel)
    assert not backend.status().running


def test_a_purge_never_forgets_what_other_backends_have(directory: StateDirectory) -> None:
    for folder in ("docker", "own-account"):
        (directory.root / folder).mkdir()
        (directory.root / folder / "record").write_text("what costs money")
    (directory.root / "moments").mkdir()
    choice.write(directory, Choice("embedded"))
    leftovers = take_down(directory, purge=True, tell=tell_nobody)
    assert leftovers.is_clean
    assert [each.split(":")[0] for each in leftovers.kept] == [
        "what the backend docker has",
        "what the backend aws has",
    ]
    assert sorted(each.name for each in directory.root.iterdir() if not each.name.endswith(".lock")) == [
        "docker",
        "own-account",
    ]


def test_the_folders_of_other_backends_are_where_they_keep_their_things(directory: StateDirectory) -> None:
    from eks_lab.sandbox.backends.aws.ledger import folder_of
    from eks_lab.sandbox.backends.docker.place import DockerPlace
    from eks_lab.sandbox.backends.embedded import _OTHERS

    assert DockerPlace(directory).root == directory.root / _OTHERS["docker"]
    assert folder_of(directory) == directory.root / _OTHERS["aws"]
