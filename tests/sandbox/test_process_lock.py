"""Who asks for the lock of a sandbox does not stand in anybody's way."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest

from eks_lab.sandbox.process_lock import ProcessLock, is_held

ROUNDS = 500


@pytest.mark.skipif(sys.platform == "win32", reason="there are no shared locks")
def test_two_who_ask_do_not_take_each_other_for_the_holder(tmp_path: Path) -> None:
    """The app asks several times a second, from threads, while commands in a shell ask as well."""
    path = tmp_path / "lock"
    path.write_text("")
    answers: set[bool] = set()

    def ask() -> None:
        answers.update(is_held(path) for _ in range(ROUNDS))

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {False}
    lock = ProcessLock(path)
    assert lock.acquire()
    assert is_held(path)
    lock.release()
