"""Exams and interviews of a stored database: they go on, and go along to another machine."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pytest

from eks_lab.clock import SimClock
from eks_lab.learning.exams.sitting import ExamRoom
from eks_lab.learning.export import export_text, import_bytes
from eks_lab.learning.interviews.scorecard import scorecard_of
from eks_lab.learning.progress import open_progress
from eks_lab.learning.schema import load_migrations
from tests.learning.test_migrations import restore

LATER = datetime(2026, 12, 5, 10, 20, tzinfo=UTC)
VERSIONS = [step.number for step in load_migrations() if step.number >= 5]


@pytest.mark.parametrize("version", VERSIONS)
def test_a_stored_exam_goes_on_with_its_answers(path: Path, version: int) -> None:
    restore(version, path)
    clock = SimClock(LATER)
    with open_progress(path, clock) as progress:
        sitting = ExamRoom(progress.database, clock).running()
        assert sitting is not None
        state = sitting.state()
        assert (state.given, state.flagged, state.is_over) == ({1: (0,), 2: (0,)}, frozenset({1}), False)
        assert [event.kind for event in state.events][:3] == ["started", "shown", "answered"]


def test_what_is_carried_to_another_machine_reads_there_as_it_did_here(path: Path, tmp_path: Path) -> None:
    restore(VERSIONS[-1], path)
    clock = SimClock(LATER)
    with (
        open_progress(path, clock) as here,
        open_progress(tmp_path / "there" / "p", clock) as there,
    ):
        text = export_text(here, LATER)
        there.mark_opened("a.one")
        merged = import_bytes(there, text.encode(), "x.json")
        assert merged.sittings == 1 + len(here.interviews.all())
        (line,) = ExamRoom(there.database, clock).past()
        assert not line.is_running, "it runs on the machine where it was begun"
        mine = ExamRoom(here.database, clock).sitting(1)
        theirs = ExamRoom(there.database, clock).sitting(line.sitting_id)
        assert theirs.record.tasks == mine.record.tasks
        assert theirs.state().given == mine.state().given
        for ours, copied in zip(here.interviews.all(), there.interviews.all(), strict=True):
            assert scorecard_of(copied) == scorecard_of(ours)
        again = json.loads(export_text(there, LATER))
        assert again["sittings"] == json.loads(text)["sittings"]
        assert import_bytes(there, text.encode(), "x.json").is_nothing
