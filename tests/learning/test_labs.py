"""Labs in the learner's record."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from eks_lab.clock import SimClock
from eks_lab.errors import InputError
from eks_lab.learning.labs import LONGEST_LINE
from eks_lab.learning.progress import open_progress
from tests.learning.test_migrations import restore


def test_a_try_is_kept_with_points_time_and_commands(path: Path, clock: SimClock) -> None:
    with open_progress(path, clock) as progress:
        labs = progress.labs
        running = labs.start("max-pods", 7, Path("/labs/max-pods"), "abc")
        assert (running.attempt.lab_id, running.attempt.seed, running.digest) == ("max-pods", 7, "abc")
        labs.answer("limit", "17")
        labs.answer("limit", "18")
        labs.answer("why", "ENIs")
        labs.take_hint(1)
        labs.take_hint(1)
        labs.take_hint(0)
        labs.note_command("kubectl get nodes")
        labs.note_command("echo \x1b[31mred\x1b[0m")
        labs.note_command("   ")
        labs.note_command("x" * 9999)
        clock.advance(timedelta(minutes=2))
        labs.finish("solved", 85)
        clock.advance(timedelta(minutes=2))
        labs.finish("stopped", 0)
    with open_progress(path, clock) as progress:
        found = progress.labs.running()
        assert found is not None
        assert found.answers == {"limit": "18", "why": "ENIs"}
        assert found.hints == [1, 0]
        assert found.folder == Path("/labs/max-pods")
        attempt = found.attempt
        assert (attempt.outcome, attempt.points, attempt.seconds, attempt.hints) == ("solved", 85, 120, 2)
        commands = progress.labs.commands(attempt.attempt_id)
        assert commands[:2] == ["kubectl get nodes", "echo  [31mred [0m"]
        assert len(commands[2]) == LONGEST_LINE
        progress.labs.restart("def")
        again = progress.labs.running()
        assert again is not None
        assert (again.answers, again.hints, again.digest) == ({}, [1, 0], "def")
        progress.labs.end()
        assert progress.labs.running() is None
        assert progress.labs.attempts("max-pods") == [attempt]
        assert progress.labs.attempts("other") == []


def test_only_one_lab_runs(path: Path, clock: SimClock) -> None:
    with open_progress(path, clock) as progress:
        progress.labs.start("max-pods", 7, Path("a"), "")
        with pytest.raises(InputError, match="the lab max-pods runs already"):
            progress.labs.start("pod-identity", 7, Path("b"), "")
        assert len(progress.labs.attempts()) == 1


def test_without_a_lab_nothing_is_noted(path: Path, clock: SimClock) -> None:
    with open_progress(path, clock) as progress:
        progress.labs.note_command("kubectl get nodes")
        progress.labs.answer("a", "b")
        progress.labs.take_hint(0)
        progress.labs.finish("solved", 100)
        progress.labs.end()
        assert progress.labs.attempts() == []


def test_a_stored_lab_goes_on(path: Path, clock: SimClock) -> None:
    restore(3, path)
    with open_progress(path, clock) as progress:
        first, second = progress.labs.attempts()
        assert (first.lab_id, first.points, first.seconds, first.outcome) == ("max-pods", 85, 750, "solved")
        assert progress.labs.commands(first.attempt_id) == [
            "kubectl get nodes",
            "kubectl describe node ip-10-0-1-10",
        ]
        running = progress.labs.running()
        assert running is not None
        assert running.attempt == second
        assert (running.answers, running.hints, running.digest) == ({"who": "2"}, [0], "0123456789abcdef")


def test_an_old_database_takes_labs_once_it_is_migrated(path: Path, clock: SimClock) -> None:
    restore(2, path)
    with open_progress(path, clock) as progress:
        assert progress.labs.attempts() == []
        progress.labs.start("max-pods", 7, Path("a"), "")


def test_a_reset_of_progress_forgets_labs(path: Path, clock: SimClock) -> None:
    with open_progress(path, clock) as progress:
        progress.labs.start("max-pods", 7, Path("a"), "")
        progress.labs.note_command("kubectl get nodes")
        progress.reset()
        assert progress.labs.running() is None
        assert progress.labs.attempts() == []
