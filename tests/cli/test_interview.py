"""`eks-lab interview`: a conversation on a pipe, its scorecard, and what is said when something is missing."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from eks_lab import locations
from eks_lab.cli import run
from eks_lab.clock import SimClock, SystemClock
from eks_lab.learning.progress import FILE_NAME, open_progress
from tests.content.course_files import write_course

Say = Callable[..., tuple[int, str, str]]
STRONG = "I would take alpha because it holds,\nand then beta.\n\n"


def quiz(count: int = 12) -> str:
    """Return a bank file of interview questions about `net.slots`."""
    points: list[dict[str, Any]] = [
        {"id": "first", "text": "Alpha holds.", "says": [["alpha"]], "essential": True},
        {"id": "second", "text": "Beta follows.", "says": [["beta"]]},
    ]
    follow_up = {
        "prompt": "Why not gamma?",
        "when": "missing: second",
        "points": [{"id": "third", "text": "Gamma is slow.", "says": [["slow"]]}],
        "model": "Because gamma is slow.",
    }
    items = [
        {
            "kind": "recall",
            "id": f"net.slots.interview-{number}",
            "source": "The page",
            "prompt": f"What holds a node of size {number}?",
            "points": points,
            "model": "I would take alpha and then beta.",
            "interview": {
                "level": "mid",
                "topic": "net",
                "competence": ["design", "cost", "security"][number % 3],
                "minutes": 2,
                "follow_ups": [follow_up],
            },
        }
        for number in range(count)
    ]
    # JSON is YAML; and no two items share a list there, which would become an alias.
    return json.dumps({"format": 1, "items": items})


@pytest.fixture
def course(tmp_path: Path) -> str:
    root = write_course(tmp_path / "course")
    (root / "01-net" / "quiz").mkdir()
    (root / "01-net" / "quiz" / "interview.yaml").write_text(quiz())
    return str(root)


@pytest.fixture
def say(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Say:
    """Give a way to type `eks-lab interview …`; returns exit code, output and errors."""

    def said(*words: str, answers: str = "") -> tuple[int, str, str]:
        capsys.readouterr()
        monkeypatch.setattr("sys.stdin", io.StringIO(answers))
        code = run(["interview", *words])
        found = capsys.readouterr()
        return code, found.out, found.err

    return said


def test_a_whole_interview_on_a_pipe(say: Say, course: str, monkeypatch: pytest.MonkeyPatch) -> None:
    # Half a second between its begin and its first question would be one of the seconds that are shown.
    still = SimClock(SystemClock().now())
    monkeypatch.setattr("eks_lab.cli.progress.SystemClock", lambda: still)
    answers = STRONG + "I would take alpha for it.\n.\nBecause gamma is slow.\n\n\n.\n" + STRONG * 5
    code, out, err = say(
        "start", "--plain", "--content", course, "--count", "8", "--seed", "3", answers=answers
    )
    assert (code, err) == (0, "")
    assert "An empty line, or a line with a single dot, ends the answer" in out
    assert "does not understand what you wrote" in out
    assert "[1 of 8; 35:00 left]" in out
    assert "[2 of 8, follow-up; " in out
    assert "Why not gamma?" in out
    assert out.count("What holds a node of size") == 8 * 2  # asked, and again in the scorecard
    assert "No problem, we move on." in out
    assert "- ✗ not found `2/second`: Beta follows." in out
    assert "7 of 8 answers" not in out
    assert "Compared by words, 6 of 8 answers had" in out
    assert "\x1b" not in out


def test_the_same_seed_asks_the_same_and_json_is_one_document(say: Say, course: str) -> None:
    asked = []
    for _ in range(2):
        code, out, err = say(
            "start", "--content", course, "--count", "8", "--seed", "5", "--json", answers=STRONG * 8
        )
        assert code == 0
        assert "[1 of 8; " in err
        document = json.loads(out)
        asked.append([each["main"]["prompt"] for each in document["questions"]])
        assert (document["outcome"], document["score"], document["seed"]) == ("finished", 1.0, 5)
    assert asked[0] == asked[1]


def test_answers_from_a_file(say: Say, course: str, tmp_path: Path) -> None:
    path = tmp_path / "answers.txt"
    path.write_text(STRONG * 8, encoding="utf-8")
    code, out, _ = say(
        "start", "--content", course, "--count", "8", "--answers", str(path), "--json", answers="not read\n\n"
    )
    assert (code, json.loads(out)["score"]) == (0, 1.0)
    code, _, err = say("start", "--content", course, "--answers", str(tmp_path / "none.txt"))
    assert (code, "none.txt cannot be read" in err) == (2, True)
    assert "No interview runs" in say("resume")[2]


def test_who_leaves_comes_back_and_the_scorecard_waits(say: Say, course: str) -> None:
    code, out, err = say("start", "--content", course, "--count", "8", "--json", answers=STRONG * 2)
    assert code == 0
    left = json.loads(out)
    assert (left["outcome"], left["answered"]) == ("running", 2)
    assert "eks-lab interview resume" in err
    code, _, err = say("start", "--content", course)
    assert (code, "Interview 1 is still running" in err) == (2, True)
    code, _, err = say("show", "1")
    assert (code, "still running" in err) == (2, True)
    code, out, _ = say("resume", answers=STRONG)
    assert "[3 of 8; " in out
    code, out, _ = say("stop")
    assert (code, "stopped. 4 of 8 questions asked" in out) == (0, True)
    assert say("show", "1", "--markdown")[1] == out


def test_time_that_passed_is_gone(say: Say, course: str, monkeypatch: pytest.MonkeyPatch) -> None:
    say("start", "--content", course, "--count", "8", answers=STRONG)
    later = SimClock(SystemClock().now() + timedelta(hours=2))
    monkeypatch.setattr("eks_lab.cli.progress.SystemClock", lambda: later)
    code, out, _ = say("show", "1", "--json")
    document = json.loads(out)
    assert (code, document["outcome"], document["asked"]) == (0, "time_up", 2)
    assert document["seconds"] == document["minutes"] * 60
    monkeypatch.setattr("eks_lab.cli.progress.SystemClock", SystemClock)
    say("start", "--content", course, "--count", "8", answers=STRONG)
    monkeypatch.setattr("eks_lab.cli.progress.SystemClock", lambda: later)
    assert say("start", "--content", course, "--count", "8", answers=STRONG * 8)[0] == 0
    rows = json.loads(say("list", "--json")[1])["interviews"]
    assert [row["outcome"] for row in rows] == ["time_up", "time_up", "finished"]


def test_overrule(say: Say, course: str) -> None:
    say("start", "--content", course, "--count", "8", answers="I would take beta here.\n\n" + STRONG * 7)
    code, out, _ = say("overrule", "1", "1/first")
    assert (code, out) == (0, "1/first counts as found, because you say so. Score: 100%\n")
    assert "✓ found (you say so) `1/first`" in say("show", "1")[1]
    assert "counts as not found" in say("overrule", "1", "1/first")[1]
    document = json.loads(say("overrule", "1", "1/first", "--found", "--json")[1])
    point = document["questions"][0]["main"]["points"][0]
    assert (point["found"], point["was_read"]) == (True, False)


@pytest.mark.parametrize(
    "point", ["first", "1", "x/first", "1./first", "1/none", "99/first", "1.1/third", "0/first"]
)
def test_a_point_that_is_not_there(say: Say, course: str, point: str) -> None:
    say("start", "--content", course, "--count", "8", answers=STRONG * 8)
    code, _, err = say("overrule", "1", point)
    assert code == 2
    assert "point" in err


def test_list(say: Say, course: str) -> None:
    assert "No interview yet" in say("list")[1]
    say("start", "--content", course, "--count", "8", "--topic", "net", answers=STRONG * 8)
    say("start", "--content", course, "--count", "8", answers=STRONG)
    out = say("list")[1]
    assert "100%   8 of  8  finished  net" in out
    assert "running   all topics" in out
    rows = json.loads(say("list", "--json")[1])["interviews"]
    assert [row["outcome"] for row in rows] == ["finished", "running"]


def test_a_missed_question_becomes_a_card(say: Say, course: str) -> None:
    out = say("start", "--content", course, "--count", "8", answers=".\n" + STRONG * 7)[1]
    assert "1 question comes back in your review" in out
    with open_progress(locations.data_dir() / FILE_NAME, SystemClock()) as progress:
        (card,) = progress.reviews.cards()
    assert card.card_id.startswith("item:net.slots.interview-")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--topic", "cooking"], "no interview question about cooking"),
        (["--count", "3"], "8 to 12 questions, not 3"),
        (["--minutes", "2"], "5 to 180 minutes, not 2"),
    ],
)
def test_what_cannot_be_asked(say: Say, course: str, words: list[str], message: str) -> None:
    code, _, err = say("start", "--content", course, *words)
    assert (code, message in err) == (2, True)


def test_the_sandbox_that_runs_is_asked_about(say: Say, course: str) -> None:
    """A question about the learner's own nodes has its facts filled in; without the sandbox it is not asked."""
    from eks_lab.sandbox import launch
    from eks_lab.sandbox.state_directory import StateDirectory

    path = Path(course) / "01-net" / "quiz" / "own.yaml"
    nodes = {"kind": "Node"}
    own = {
        "kind": "recall",
        "id": "net.slots.own",
        "source": "The page",
        "prompt": "How many nodes do you have?",
        "points": [
            {"id": "count", "text": "{{ nodes | length }} nodes", "says": [["{{ nodes | length }} nodes"]]}
        ],
        "model": "There are {{ nodes | length }} nodes.",
        "interview": {
            "level": "mid",
            "topic": "net",
            "competence": "design",
            "needs": {"resource": {**nodes, "count_gte": 1}},
            "facts": {"nodes": nodes},
        },
    }
    path.write_text(json.dumps({"format": 1, "items": [own]}))
    words = ("start", "--content", course, "--count", "12", "--json")
    code, out, err = say(*words, answers=STRONG * 12)
    assert code == 0, err
    assert "own" not in {each["item_id"].rpartition(".")[2] for each in json.loads(out)["questions"]}
    directory = StateDirectory.default()
    launch.start(directory, {"nodes": 2, "port": None})
    try:
        code, out, err = say(*words, answers="There are 2 nodes in it.\n\n" * 30)
    finally:
        launch.stop(directory)
    assert code == 0, err
    (asked,) = [each for each in json.loads(out)["questions"] if each["item_id"] == "net.slots.own"]
    assert asked["main"]["model"] == "There are 2 nodes."
    assert asked["main"]["score"] == 1
