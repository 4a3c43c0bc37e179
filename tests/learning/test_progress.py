"""What the rest of the program sees of progress."""

from __future__ import annotations

import math
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from eks_lab.clock import SimClock
from eks_lab.errors import DataError, InputError
from eks_lab.learning.progress import (
    AnswerRecord,
    Bookmark,
    Given,
    LessonRecord,
    Place,
    Progress,
    open_progress,
)
from tests.learning.conftest import START


def test_a_fresh_start_remembers_nothing_and_says_nothing(progress: Progress) -> None:
    assert progress.notice == ""
    assert progress.is_remembered
    assert progress.lessons() == {}
    assert progress.answers() == {}
    assert progress.bookmarks() == []
    assert progress.last_place() is None
    assert progress.place("networking.max-pods") is None


def test_the_scheduler_is_loaded_only_when_cards_are_looked_at() -> None:
    """The first screen of the app opens progress; FSRS would cost it ten milliseconds."""
    script = (
        "import sys, eks_lab.learning.progress; assert 'fsrs' not in sys.modules;"
        "import eks_lab.learning.reviews; assert 'fsrs' in sys.modules"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_only_the_owner_may_read_it(progress: Progress, path: Path) -> None:
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_file_that_others_may_read_is_closed_to_them(path: Path, clock: SimClock) -> None:
    open_progress(path, clock).close()
    path.chmod(0o644)
    open_progress(path, clock).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_folder_that_was_there_keeps_its_mode(tmp_path: Path, clock: SimClock) -> None:
    tmp_path.chmod(0o755)
    open_progress(tmp_path / "progress.sqlite3", clock).close()
    assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o755


def test_everything_is_there_after_reopening(path: Path, clock: SimClock) -> None:
    with open_progress(path, clock) as first:
        first.mark_opened("a.one")
        first.add_seconds("a.one", 61)
        first.save_place(Place("a.one", "why", 0.25))
        first.record_answer("a.one.q", 2, (0, 2), True)
        first.toggle_bookmark("a.one", "why", "Why")
        first.set_setting("reading_width", 100)
    with open_progress(path, clock) as second:
        assert second.notice == ""
        assert second.lessons() == {"a.one": LessonRecord("a.one", START, None, 61)}
        assert second.last_place() == Place("a.one", "why", 0.25)
        assert second.answers() == {"a.one.q": AnswerRecord("a.one.q", 2, (0, 2), True, START)}
        assert second.bookmarks() == [Bookmark("a.one", "why", "Why", START)]
        assert second.setting("reading_width") == 100


# Lessons


def test_the_first_opening_counts(progress: Progress, clock: SimClock) -> None:
    progress.mark_opened("a.one")
    clock.advance(timedelta(hours=1))
    progress.mark_opened("a.one")
    assert progress.lessons()["a.one"].opened_at == START


def test_a_lesson_is_finished_and_unfinished(progress: Progress, clock: SimClock) -> None:
    progress.mark_opened("a.one")
    clock.advance(timedelta(minutes=8))
    progress.mark_finished("a.one")
    assert progress.lessons()["a.one"].finished_at == START + timedelta(minutes=8)
    progress.mark_unfinished("a.one")
    assert progress.lessons()["a.one"] == LessonRecord("a.one", START, None, 0)


def test_a_lesson_can_be_finished_without_having_been_opened(progress: Progress) -> None:
    progress.mark_finished("a.one")
    assert progress.lessons() == {"a.one": LessonRecord("a.one", START, START, 0)}


def test_unfinishing_an_unknown_lesson_leaves_it_unknown(progress: Progress) -> None:
    progress.mark_unfinished("a.one")
    assert progress.lessons() == {}


def test_reading_time_adds_up(progress: Progress) -> None:
    progress.add_seconds("a.one", 30)
    progress.add_seconds("a.one", 12)
    progress.add_seconds("a.two", 0)
    assert {key: record.seconds for key, record in progress.lessons().items()} == {"a.one": 42, "a.two": 0}


@pytest.mark.parametrize("seconds", [-1, 24 * 60 * 60 + 1])
def test_impossible_reading_time_is_refused(progress: Progress, seconds: int) -> None:
    with pytest.raises(InputError, match=f"a.one: {seconds} is not between 0 and 86400"):
        progress.add_seconds("a.one", seconds)
    assert progress.lessons() == {}


# Places


def test_each_lesson_keeps_its_own_place_and_the_last_is_known(progress: Progress) -> None:
    progress.save_place(Place("a.one", "why", 0.5))
    progress.save_place(Place("a.two", "", 0.0))
    progress.save_place(Place("a.one", "how", 1.0))
    assert progress.place("a.one") == Place("a.one", "how", 1.0)
    assert progress.place("a.two") == Place("a.two", "", 0.0)
    # The clock stood still all the time: order must not depend on its resolution.
    assert progress.last_place() == Place("a.one", "how", 1.0)


def test_the_last_place_is_the_one_saved_last_even_if_the_clock_was_set_back(path: Path) -> None:
    with open_progress(path, SimClock(START)) as before:
        before.save_place(Place("a.one", "", 0.5))
    with open_progress(path, SimClock(START - timedelta(days=300))) as after:
        after.save_place(Place("a.two", "", 0.5))
        assert after.last_place() == Place("a.two", "", 0.5)


@pytest.mark.parametrize(
    ("given", "kept"), [(1.0000001, 1.0), (-0.5, 0.0), (math.nan, 0.0), (math.inf, 1.0), (0.25, 0.25)]
)
def test_a_fraction_out_of_range_does_not_lose_the_place(
    progress: Progress, given: float, kept: float
) -> None:
    progress.save_place(Place("a.one", "why", given))
    assert progress.place("a.one") == Place("a.one", "why", kept)


# Answers


def test_the_latest_answer_counts_and_all_are_kept(progress: Progress, clock: SimClock) -> None:
    progress.record_answer("a.one.q", 1, (1,), False)
    clock.advance(timedelta(seconds=5))
    progress.record_answer("a.one.q", 1, (0,), True)
    progress.record_answer("a.one.n", 1, 17, True)
    assert {key: answer.given for key, answer in progress.answers().items()} == {
        "a.one.q": (0,),
        "a.one.n": 17.0,
    }
    assert [(attempt.given, attempt.correct) for attempt in progress.attempts("a.one.q")] == [
        ((1,), False),
        ((0,), True),
    ]


def test_answers_in_the_same_instant_keep_their_order(progress: Progress) -> None:
    for number in range(5):
        progress.record_answer("a.one.n", 1, float(number), False)
    assert progress.answers()["a.one.n"].given == 4.0
    assert [attempt.given for attempt in progress.attempts("a.one.n")] == [0.0, 1.0, 2.0, 3.0, 4.0]


def test_the_latest_answer_counts_even_if_the_clock_was_set_back(path: Path) -> None:
    with open_progress(path, SimClock(START)) as before:
        before.record_answer("a.one.q", 1, (1,), False)
    with open_progress(path, SimClock(START - timedelta(days=300))) as after:
        after.record_answer("a.one.q", 1, (0,), True)
        assert after.answers()["a.one.q"].correct


def test_an_empty_choice_and_a_number_come_back_as_given(progress: Progress) -> None:
    progress.record_answer("a.one.m", 1, (), False)
    progress.record_answer("a.one.n", 1, 0.1 + 0.2, False)
    answers = progress.answers()
    assert answers["a.one.m"].given == ()
    assert answers["a.one.n"].given == 0.1 + 0.2


@pytest.mark.parametrize("given", [math.nan, math.inf, True, (True,), (-2,), ("a",), [0], None, "\ud800"])
def test_what_is_no_answer_is_refused(progress: Progress, given: object) -> None:
    with pytest.raises(InputError, match=r"answer to a\.one\.q"):
        progress.record_answer("a.one.q", 1, given, True)  # type: ignore[arg-type]
    assert progress.attempts("a.one.q") == []


@pytest.mark.parametrize(
    "given", [(2, 0, 1), (0, -1, 3), 17.5, "", "vpc-link", "kubectl get pods\n", "×" * 65536]
)
def test_answers_of_every_kind_come_back_as_given(progress: Progress, given: Given) -> None:
    progress.record_answer("a.one.q", 3, given, False, seed=2**62, score=0.25, seconds=31.5, mode="drill")
    (record,) = progress.attempts("a.one.q")
    assert record == AnswerRecord("a.one.q", 3, given, False, START, 2**62, 0.25, 31.5, "drill")
    assert progress.history() == [record]


def test_a_text_nobody_types_is_refused(progress: Progress) -> None:
    with pytest.raises(InputError, match="at most 65,536 characters"):
        progress.record_answer("a.one.q", 1, "x" * 65537, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"score": 1.5}, "the score 1.5 is not between 0 and 1"),
        ({"score": math.nan}, "the score nan"),
        ({"mode": "party"}, "'party' is no mode"),
        ({"seed": 2**63}, "more than 64 bits"),
    ],
)
def test_what_is_known_of_an_answer_has_its_range(
    progress: Progress, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        progress.record_answer("a.one.q", 1, (0,), True, **arguments)
    assert progress.history() == []


@pytest.mark.parametrize("seconds", [-1.0, math.nan, 10.0**9])
def test_a_time_that_only_a_jumping_clock_measures_is_not_kept(progress: Progress, seconds: float) -> None:
    progress.record_answer("a.one.q", 1, (0,), True, seconds=seconds)
    assert progress.answers()["a.one.q"].seconds is None


def test_a_revision_below_one_is_refused(progress: Progress) -> None:
    with pytest.raises(InputError, match="revision 0"):
        progress.record_answer("a.one.q", 0, (0,), True)


def test_times_are_utc_whatever_zone_the_clock_was_made_in(path: Path) -> None:
    east = datetime.fromisoformat("2026-11-22T15:00:00+05:30")
    with open_progress(path, SimClock(east)) as progress:
        progress.mark_opened("a.one")
        assert progress.lessons()["a.one"].opened_at == START
        assert progress.lessons()["a.one"].opened_at.tzinfo is UTC


# Bookmarks


def test_a_bookmark_is_set_and_taken_away(progress: Progress) -> None:
    assert progress.toggle_bookmark("a.one", "", "One") is True
    assert progress.toggle_bookmark("a.one", "why", "Why") is True
    assert [mark.anchor for mark in progress.bookmarks()] == ["", "why"]
    assert progress.toggle_bookmark("a.one", "", "One") is False
    assert [mark.anchor for mark in progress.bookmarks()] == ["why"]


# Settings (their values: test_settings.py)


def test_a_setting_is_stored_read_and_reset(progress: Progress) -> None:
    progress.set_setting("theme", "eks-light")
    assert progress.setting("theme") == "eks-light"
    assert progress.settings().theme == "eks-light"
    progress.reset_setting("theme")
    assert progress.setting("theme") == "eks-dark"


def test_a_refused_setting_changes_nothing(progress: Progress) -> None:
    progress.set_setting("reading_width", 100)
    with pytest.raises(InputError, match="reading_width: '121' is not allowed"):
        progress.set_setting("reading_width", 121)
    assert progress.setting("reading_width") == 100


def test_an_unknown_setting_is_refused_everywhere(progress: Progress) -> None:
    with pytest.raises(InputError, match="did you mean 'theme'"):
        progress.setting("them")
    with pytest.raises(InputError, match="did you mean 'theme'"):
        progress.set_setting("them", "eks-dark")
    with pytest.raises(InputError, match="did you mean 'theme'"):
        progress.reset_setting("them")


def test_a_stored_setting_of_the_wrong_type_gives_the_default_and_a_notice(progress: Progress) -> None:
    with progress.database.write() as connection:
        connection.execute("INSERT INTO settings VALUES ('reading_width', '\"wide\"'), ('theme', 'not json')")
        connection.execute("INSERT INTO settings VALUES ('of_a_later_version', '1')")
    assert progress.settings().reading_width == 88
    assert progress.settings().theme == "eks-dark"
    notices = progress.setting_notices()
    assert len(notices) == 2
    assert "theme is not usable (not json); its default is used: eks-dark" in notices[0]
    assert 'reading_width is not usable ("wide")' in notices[1]


# Starting over


def test_reset_forgets_all_but_settings_and_leaves_a_backup(progress: Progress, clock: SimClock) -> None:
    progress.mark_finished("a.one")
    progress.save_place(Place("a.one", "", 0.5))
    progress.record_answer("a.one.q", 1, (0,), True)
    progress.toggle_bookmark("a.one", "", "One")
    progress.set_setting("theme", "eks-light")
    backup = progress.reset()
    assert (progress.lessons(), progress.answers(), progress.bookmarks()) == ({}, {}, [])
    assert progress.last_place() is None
    assert progress.attempts("a.one.q") == []
    assert progress.setting("theme") == "eks-light"
    assert backup.name == "progress.sqlite3.backup-20261122T093000Z"
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with open_progress(backup, clock) as kept:
        assert kept.notice == ""
        assert list(kept.lessons()) == ["a.one"]
        assert list(kept.answers()) == ["a.one.q"]


def test_two_backups_in_one_second_both_stay(progress: Progress) -> None:
    first, second = progress.reset(), progress.reset()
    assert first != second
    assert first.exists()
    assert second.exists()


def test_nothing_is_forgotten_when_the_backup_fails(
    progress: Progress, monkeypatch: pytest.MonkeyPatch
) -> None:
    progress.mark_finished("a.one")
    missing = progress.path.parent / "no" / "such" / "backup"
    monkeypatch.setattr("eks_lab.learning.database.unused_name", lambda *_: missing)
    with pytest.raises(DataError, match="no backup could be written"):
        progress.reset()
    assert list(progress.lessons()) == ["a.one"]


# Threads and misuse


def test_many_threads_may_write_at_once(progress: Progress) -> None:
    def work(thread: int) -> None:
        for number in range(25):
            progress.add_seconds("a.one", 1)
            progress.record_answer(f"a.one.{thread}", 1, float(number), True)
            progress.last_place()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, range(4)))
    assert progress.lessons()["a.one"].seconds == 100
    assert [len(progress.attempts(f"a.one.{thread}")) for thread in range(4)] == [25] * 4


def test_using_it_after_closing_is_an_error_with_a_message(progress: Progress) -> None:
    progress.close()
    progress.close()
    with pytest.raises(DataError, match="progress was not saved"):
        progress.mark_opened("a.one")
    with pytest.raises(DataError, match="progress cannot be read"):
        progress.lessons()


def test_a_stored_value_that_is_not_ours_is_an_error_with_a_message(progress: Progress, path: Path) -> None:
    progress.mark_opened("a.one")
    with progress.database.write() as connection:
        connection.execute("UPDATE lessons SET opened_at = 'yesterday'")
    with pytest.raises(DataError, match="yesterday"):
        progress.lessons()


def test_text_that_cannot_be_stored_is_an_error_and_changes_nothing(progress: Progress) -> None:
    with pytest.raises(DataError, match="progress was not saved"):
        progress.mark_opened("\ud800")
    progress.mark_opened("a.one")
    assert list(progress.lessons()) == ["a.one"]


def test_an_error_inside_a_transaction_undoes_all_of_it(progress: Progress) -> None:
    def half() -> None:
        with progress.database.write() as connection:
            connection.execute("INSERT INTO lessons (lesson_id, opened_at) VALUES ('a.one', 'x')")
            raise InputError("stop")

    with pytest.raises(InputError, match="stop"):
        half()
    assert progress.lessons() == {}
