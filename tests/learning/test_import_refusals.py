"""What cannot be imported gets one message, and changes nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from eks_lab.errors import DataError, InputError
from eks_lab.learning.document import (
    VERSION,
)
from eks_lab.learning.export import import_bytes, read_import
from eks_lab.learning.merge import Merged
from eks_lab.learning.progress import Progress
from tests.learning.exported import everything, valid


def put(*path: str | int, value: object) -> Callable[[dict[str, Any]], None]:
    def change(document: dict[str, Any]) -> None:
        target: Any = document
        for part in path[:-1]:
            target = target[part]
        target[path[-1]] = value

    return change


def test_the_valid_document_of_these_tests_can_be_imported(progress: Progress) -> None:
    merged = import_bytes(progress, json.dumps(valid()).encode("utf-8-sig"), "x.json")
    assert merged == Merged(lessons=1, places=1, answers=2, bookmarks=1)
    assert progress.answers()["a.one.n"].given == 17.0


@pytest.mark.parametrize(
    ("change", "where"),
    [
        (put("answers", 1, "rev", value=0), "answers[1].rev is 0"),
        (put("answers", 0, "given", value={"a": 1}), "answers[0].given"),
        (put("answers", 0, "given", value=[-2]), "answers[0].given"),
        (put("answers", 0, "mode", value="party"), "answers[0].mode is 'party'"),
        (put("answers", 0, "score", value=2.0), "answers[0].score is 2.0"),
        (put("reviews", value=[{"card_id": "item:a"}]), "reviews[0]"),
        (put("cards", value=[{"card_id": 3}]), "cards[0]"),
        (put("sittings", value=[{"kind": "exam", "row": {"a": []}, "parts": {}}]), "sittings[0].row"),
        (put("sittings", value=[{"kind": "duel", "row": {}, "parts": {}}]), "sittings[0].kind is 'duel'"),
        (put("sittings", value=[{"kind": "exam", "row": {}, "parts": {}}]), "sittings[0].row lacks track_id"),
        (put("answers", 0, "given", value=[True]), "answers[0].given"),
        (put("answers", 0, "given", value=None), "answers[0].given"),
        (put("answers", 0, "correct", value=1), "answers[0].correct is 1"),
        (put("answers", 0, "answered_at", value="2026-11-22T09:30:00"), "answers[0].answered_at is '2026"),
        (put("answers", 0, "answered_at", value="yesterday"), "answers[0].answered_at is 'yesterday'"),
        (put("answers", 0, "answered_at", value="0001-01-01T00:00:00+14:00"), "answers[0].answered_at"),
        (put("answers", 0, "answered_at", value="9999-12-31T23:59:59-12:00"), "answers[0].answered_at"),
        (put("answers", 0, "question_id", value=3), "answers[0].question_id is 3"),
        (put("answers", 0, value="x"), "answers[0] is 'x'"),
        (put("answers", value={}), "answers is of the wrong shape"),
        (put("lessons", 0, "seconds", value=-1), "lessons[0].seconds is -1"),
        (put("lessons", 0, "seconds", value=10**30), "lessons[0].seconds"),
        (put("lessons", 0, "extra", value=1), "lessons[0].extra is 1"),
        (put("places", 0, "fraction", value=1.5), "places[0].fraction is 1.5"),
        (put("places", 0, "fraction", value=float("nan")), "places[0].fraction"),
        (put("bookmarks", 0, "title", value=None), "bookmarks[0].title is None"),
        (put("drafts", value=[{"form": "quiz", "name": "a", "typed": {}}]), "drafts[0].form is 'quiz'"),
        (put("version", value="1"), "version is '1'"),
        (put("version", value=0), "version is 0"),
    ],
)
def test_a_wrong_document_gets_one_message_and_changes_nothing(
    progress: Progress, change: Callable[[dict[str, Any]], None], where: str
) -> None:
    progress.mark_opened("a.before")
    before = everything(progress)
    document = valid()
    change(document)
    with pytest.raises(InputError) as caught:
        import_bytes(progress, json.dumps(document).encode(), "x.json")
    assert caught.value.message.startswith(f"x.json: {where}")
    assert "\n" not in caught.value.message
    assert caught.value.hint.startswith("Nothing was imported.")
    assert everything(progress) == before


@pytest.mark.parametrize(
    "content",
    [b"", b"\xff\xfe\x00", b"not json", b"[]", b"3", b"{}", b'{"format": "other"}', b"[" * 100_000],
)
def test_what_is_no_export_is_named_and_changes_nothing(progress: Progress, content: bytes) -> None:
    with pytest.raises(InputError, match=r"x\.json is not a progress export: ") as caught:
        import_bytes(progress, content, "x.json")
    assert "eks-lab progress export" in caught.value.hint
    assert progress.lessons() == {}


def test_an_export_of_a_newer_program_asks_for_an_update(progress: Progress) -> None:
    content = json.dumps({**valid(), "version": VERSION + 1, "cards": []}).encode()
    with pytest.raises(InputError, match="exported by a newer eks-lab") as caught:
        import_bytes(progress, content, "x.json")
    assert "Update eks-lab" in caught.value.hint


def test_text_that_no_database_holds_changes_nothing(progress: Progress) -> None:
    content = json.dumps(valid()).replace('"One"', '"\\ud800"').encode()
    with pytest.raises((InputError, DataError)):
        import_bytes(progress, content, "x.json")
    assert progress.lessons() == {}


def test_a_file_that_is_not_there_or_far_too_long_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(InputError, match=r"nowhere\.json cannot be read: No such file"):
        read_import(tmp_path / "nowhere.json")
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_import(tmp_path)
    (tmp_path / "disk.iso").write_bytes(b"0" * 2**20)
    monkeypatch.setattr("eks_lab.learning.export.LARGEST_IMPORT_MIB", 0.5)
    with pytest.raises(
        InputError, match=r"disk\.iso is not a progress export: it is more than 0\.5 MiB long"
    ):
        read_import(tmp_path / "disk.iso")
    with pytest.raises(InputError, match="zero is not a progress export"):
        read_import(Path("/dev/zero"))  # no size, and no end
