"""What is left in a form is there the next time, and nothing in the file can break the form."""

from __future__ import annotations

import contextlib
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from eks_lab.clock import SimClock
from eks_lab.errors import InputError
from eks_lab.learning.export import export_text
from eks_lab.learning.progress import Progress, open_progress
from tests.learning.conftest import START


def test_a_form_is_as_it_was_left_after_reopening(path: Path, clock: SimClock) -> None:
    with open_progress(path, clock) as first:
        first.drafts.keep("calculator", "max-pods", {"instance_type": "m5.lar", "max_eni": ""})
        first.drafts.keep("generator", "max-pods", {"name": "größer"})
    with open_progress(path, clock) as second:
        assert second.drafts.all("calculator") == {"max-pods": {"instance_type": "m5.lar", "max_eni": ""}}
        assert second.drafts.all("generator") == {"max-pods": {"name": "größer"}}


def test_a_form_is_kept_as_a_whole(progress: Progress) -> None:
    progress.drafts.keep("calculator", "hpa", {"target": "70", "pods": "3"})
    progress.drafts.keep("calculator", "hpa", {"pods": "4"})
    assert progress.drafts.all("calculator") == {"hpa": {"pods": "4"}}
    progress.drafts.keep("calculator", "hpa", {})
    assert progress.drafts.all("calculator") == {}


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[2J", "x" * 5000, "nul\0"])
def test_what_no_field_can_hold_is_not_kept(progress: Progress, text: str) -> None:
    progress.drafts.keep("calculator", "hpa", {"target": text, "pods": "4"})
    assert progress.drafts.all("calculator") == {"hpa": {"pods": "4"}}


@pytest.mark.parametrize("text", ["two\nlines", "\x1b[2J", "x" * 5000])
def test_a_foreign_value_in_the_file_falls_back_and_stays_out_of_exports(
    progress: Progress, path: Path, text: str
) -> None:
    progress.drafts.keep("calculator", "hpa", {"target": "70", "pods": "4"})
    change(path, "UPDATE drafts SET text = ? WHERE input = 'target'", text)
    assert progress.drafts.all("calculator") == {"hpa": {"pods": "4"}}
    assert '"pods": "4"' in export_text(progress, START)
    assert '"target"' not in export_text(progress, START)


def test_the_file_refuses_what_is_no_text(progress: Progress, path: Path) -> None:
    progress.drafts.keep("calculator", "hpa", {"target": "70"})
    with pytest.raises(sqlite3.IntegrityError):
        change(path, "UPDATE drafts SET text = ?", b"\xff\xfe")


def test_a_clock_set_back_does_not_make_the_newer_draft_the_older_one(
    progress: Progress, clock: SimClock, tmp_path: Path
) -> None:
    progress.drafts.keep("calculator", "hpa", {"target": "70"})
    with open_progress(tmp_path / "b" / "p", SimClock(START - timedelta(days=1))) as behind:
        from eks_lab.learning.export import import_bytes

        import_bytes(behind, export_text(progress, START).encode(), "x")
        behind.drafts.keep("calculator", "hpa", {"target": "80"})
        import_bytes(behind, export_text(progress, START).encode(), "x")
        assert behind.drafts.all("calculator") == {"hpa": {"target": "80"}}


def test_another_kind_of_form_is_refused(progress: Progress) -> None:
    kind: Any = "quiz"
    with pytest.raises(InputError, match="'quiz' is no kind of form"):
        progress.drafts.keep(kind, "hpa", {})


def test_where_files_went_is_known_until_they_are_saved_elsewhere(progress: Progress, tmp_path: Path) -> None:
    assert progress.drafts.saved_files("terraform") == {}
    progress.drafts.note_saved("terraform", {"vpc.tf": tmp_path / "vpc.tf", "eks.tf": tmp_path / "eks.tf"})
    progress.drafts.note_saved("hpa", {"hpa.yaml": tmp_path / "hpa.yaml"})
    assert progress.drafts.saved_files("terraform") == {
        "eks.tf": tmp_path / "eks.tf",
        "vpc.tf": tmp_path / "vpc.tf",
    }
    progress.drafts.note_saved("terraform", {"vpc.tf": tmp_path / "b" / "vpc.tf"})
    assert progress.drafts.saved_files("terraform") == {"vpc.tf": tmp_path / "b" / "vpc.tf"}
    assert str(tmp_path) not in export_text(progress, START)


def test_a_reset_forgets_forms_as_well(progress: Progress, tmp_path: Path) -> None:
    progress.drafts.keep("calculator", "hpa", {"target": "70"})
    progress.drafts.note_saved("hpa", {"hpa.yaml": tmp_path / "hpa.yaml"})
    progress.reset()
    assert progress.drafts.all("calculator") == {}
    assert progress.drafts.saved_files("hpa") == {}


def change(path: Path, sql: str, *values: object) -> None:
    with contextlib.closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(sql, values)
