"""The conversation: follow-ups, the clock, and a program that dies in the middle."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from eks_lab.clock import SimClock
from eks_lab.errors import DataError, InputError
from eks_lab.learning.interviews.conversation import MOST_FOLLOW_UPS, Conversation
from eks_lab.learning.interviews.questions import PutQuestion, put
from eks_lab.learning.progress import Progress, open_progress
from tests.learning.conftest import START
from tests.learning.interviews.bank import further, item, pool, question

STRONG = "I would take alpha because it holds, and then beta."
FAIR = "I would take beta because it holds."
NONE = "I would look at something else for it."


def begun(progress: Progress, *questions: PutQuestion, minutes: float = 30) -> Conversation:
    interview = progress.interviews.start(questions, "mid", (), minutes, 0)
    talk = Conversation(progress.interviews, interview)
    assert talk.waiting() is not None
    return talk


@pytest.mark.parametrize(
    ("when", "answer", "is_asked"),
    [
        ("always", NONE, True),
        ("weak", NONE, True),
        ("weak", FAIR, False),
        ("strong", STRONG, True),
        ("strong", FAIR, False),
        ("missing: alpha", FAIR, True),
        ("missing: alpha", STRONG, False),
        ("found: beta", FAIR, True),
        ("found:alpha", FAIR, False),
    ],
)
def test_a_follow_up_depends_on_the_answer(
    progress: Progress, when: str, answer: str, is_asked: bool
) -> None:
    talk = begun(progress, question("one", follow_ups=[further(when)]), question("two"))
    asked = talk.answer(answer)
    assert asked is not None
    assert (asked.number, asked.follow_up) == ((1, 0) if is_asked else (2, None))
    assert asked.prompt in asked.text


def test_at_most_two_follow_ups_and_none_after_a_passed_question(progress: Progress) -> None:
    several = [further("always", f"f{number}") for number in range(3)]
    talk = begun(progress, question("one", follow_ups=several), question("two", follow_ups=several))
    places = []
    asked = talk.answer(NONE)
    while asked is not None and asked.number == 1:
        places.append(asked.follow_up)
        asked = talk.answer("I do not know that, sorry")
    assert places == [0, 1] == list(range(MOST_FOLLOW_UPS))
    assert talk.answer("  ") is None
    assert talk.interview.outcome == "finished"
    assert talk.waiting() is None


def test_nothing_the_interviewer_says_is_a_verdict(progress: Progress) -> None:
    talk = begun(progress, *pool(8, follow_ups=[further("always")]), minutes=60)
    while talk.waiting() is not None:
        talk.answer(NONE)
    said = " ".join(turn.text for turn in talk.interview.turns if turn.speaker == "interviewer").lower()
    assert not any(word in said.split() for word in ("right", "wrong", "correct", "great", "unfortunately"))


def test_questions_come_before_follow_ups_when_time_is_short(progress: Progress, clock: SimClock) -> None:
    talk = begun(
        progress, *[question(name, follow_ups=[further("always")]) for name in ("a", "b")], minutes=8
    )
    clock.advance(timedelta(minutes=4))
    asked = talk.answer(NONE)
    assert asked is not None
    assert (asked.number, asked.follow_up, asked.left) == (2, None, timedelta(minutes=4))


def test_time_is_kept_for_each_answer(progress: Progress, clock: SimClock) -> None:
    talk = begun(progress, question("a"), question("b"))
    clock.advance(timedelta(seconds=50))
    talk.answer(STRONG)
    clock.advance(timedelta(seconds=70))
    talk.answer(FAIR)
    seconds = [turn.seconds for turn in talk.interview.turns if turn.speaker == "candidate"]
    assert seconds == [50, 70]
    assert talk.interview.ended_at == START + timedelta(minutes=2)


def test_a_sentence_may_be_finished_and_a_late_answer_counts_nowhere(
    progress: Progress, clock: SimClock
) -> None:
    talk = begun(progress, question("a"), question("b"), minutes=10)
    clock.advance(timedelta(minutes=10, seconds=20))
    assert talk.answer(STRONG) is None
    assert talk.interview.outcome == "time_up"
    assert talk.interview.ended_at == START + timedelta(minutes=10)
    assert len(progress.attempts("networking.lesson.a")) == 1
    late = begun(progress, question("c"), minutes=10)
    clock.advance(timedelta(minutes=11))
    assert late.answer(STRONG) is None
    assert late.interview.outcome == "time_up"
    assert progress.attempts("networking.lesson.c") == []


def test_time_goes_on_while_nobody_is_there(path: Path, clock: SimClock) -> None:
    with open_progress(path, clock) as progress:
        begun(progress, question("a"), question("b"), minutes=10).answer(FAIR)
    clock.advance(timedelta(minutes=4))
    with open_progress(path, clock) as progress:
        interview = progress.interviews.running()
        assert interview is not None
        talk = Conversation(progress.interviews, interview)
        asked = talk.waiting()
        assert asked is not None
        assert (asked.number, asked.left) == (2, timedelta(minutes=6))
    clock.advance(timedelta(days=3))
    with open_progress(path, clock) as progress:
        interview = progress.interviews.running()
        assert interview is not None
        talk = Conversation(progress.interviews, interview)
        assert talk.waiting() is None
        assert (talk.interview.outcome, talk.interview.ended_at) == ("time_up", START + timedelta(minutes=10))
        assert progress.interviews.running() is None


def test_a_clock_that_is_set_back_takes_nothing_back(path: Path, clock: SimClock) -> None:
    with open_progress(path, clock) as progress:
        talk = begun(progress, question("a"), question("b"))
        clock.advance(timedelta(minutes=5))
        talk.answer(STRONG)
    with open_progress(path, SimClock(START - timedelta(days=1))) as progress:
        interview = progress.interviews.running()
        assert interview is not None
        talk = Conversation(progress.interviews, interview)
        asked = talk.waiting()
        assert asked is not None
        assert asked.left == timedelta(minutes=25)
        talk.answer(STRONG)
        times = [turn.said_at for turn in talk.interview.turns]
        assert times == sorted(times)
        assert talk.interview.turns[-1].seconds == 0


_DIES = """
import os, signal, sys
from pathlib import Path
from eks_lab.clock import SimClock
from eks_lab.learning.interviews.conversation import Conversation
from eks_lab.learning.progress import open_progress
from tests.learning.conftest import START
from tests.learning.interviews.bank import question

progress = open_progress(Path(sys.argv[1]), SimClock(START))
interview = progress.interviews.start([question("a"), question("b")], "mid", (), 30, 0)
talk = Conversation(progress.interviews, interview)
talk.waiting()
talk.answer("I would take alpha because it holds, and then beta.")
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_program_goes_on_where_it_was(path: Path, clock: SimClock) -> None:
    done = subprocess.run(
        [sys.executable, "-c", _DIES, str(path)],
        cwd=Path(__file__).parents[3],
        capture_output=True,
        check=False,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr
    clock.advance(timedelta(minutes=1))
    with open_progress(path, clock) as progress:
        interview = progress.interviews.running()
        assert interview is not None
        talk = Conversation(progress.interviews, interview)
        asked = talk.waiting()
        assert asked is not None
        assert (asked.number, asked.left) == (2, timedelta(minutes=29))
        talk.answer(STRONG)
        assert talk.interview.outcome == "finished"
        assert [each.mode for each in progress.attempts("networking.lesson.a")] == ["interview"]


def test_two_windows_take_one_answer(progress: Progress) -> None:
    talk = begun(progress, question("a"), question("b"))
    other = Conversation(progress.interviews, talk.interview)
    talk.answer(STRONG)
    with pytest.raises(InputError, match="went on in another window"):
        other.answer(NONE)
    assert len(progress.attempts("networking.lesson.a")) == 1


def test_only_one_interview_runs_and_it_can_be_stopped(progress: Progress) -> None:
    talk = begun(progress, question("a"), question("b"))
    with pytest.raises(InputError, match="still running"):
        progress.interviews.start([question("c")], "mid", (), 30, 0)
    assert talk.stop().outcome == "stopped"
    assert talk.stop().outcome == "stopped"
    with pytest.raises(InputError, match="No question waits"):
        talk.answer(STRONG)
    begun(progress, question("c"))


def test_what_was_said_is_not_changed(progress: Progress) -> None:
    talk = begun(progress, question("a"))
    talk.answer(STRONG)
    with (
        pytest.raises(DataError, match="is not changed"),
        progress.database.write() as connection,
    ):
        connection.execute("UPDATE interview_turns SET text = 'x'")
    assert talk.interview.turns[1].text == STRONG


def test_weak_answers_make_cards_and_own_sandbox_questions_do_not(progress: Progress) -> None:
    from eks_lab.content.queries import Query, ResourceQuery

    own = put(item("own", needs=Query(resource=ResourceQuery(kind="Node"))), {})
    assert own is not None
    talk = begun(progress, question("a"), question("b"), own)
    for answer in (NONE, STRONG, NONE):
        talk.answer(answer)
    cards = {card.card_id for card in progress.reviews.cards()}
    assert cards == {"item:networking.lesson.a"}
    (kept,) = progress.attempts("networking.lesson.b")
    assert (kept.given, kept.correct, kept.score) == (STRONG, True, 1.0)


def test_odd_texts_are_kept_without_what_no_terminal_holds(progress: Progress) -> None:
    talk = begun(progress, question("a"), question("b"))
    talk.answer("alpha\r\nis \x1b[31mgood\ud800\x00 für mich")
    assert talk.interview.turns[1].text == "alpha\nis [31mgood für mich"
    with pytest.raises(InputError, match="characters"):
        talk.answer("x" * 100_000)


def test_reset_forgets_interviews(progress: Progress) -> None:
    begun(progress, question("a"))
    progress.reset()
    assert progress.interviews.all() == []


def test_a_stored_plan_that_cannot_be_read_is_named(progress: Progress, path: Path) -> None:
    begun(progress, question("a")).stop()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE interviews SET plan = '{}'")
    connection.commit()
    connection.close()
    with pytest.raises(DataError, match="questions of a stored interview"):
        progress.interviews.load(1)
