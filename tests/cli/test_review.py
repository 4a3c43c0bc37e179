"""`eks-lab review`: held on a pipe, from a file and on a terminal; what is due; decks in and out."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from fsrs import Rating

from eks_lab import locations
from eks_lab.cli import run
from eks_lab.cli.asking import Terminal
from eks_lab.cli.review_run import ReviewRun
from eks_lab.clock import SimClock, SystemClock
from eks_lab.content.items.bank import open_bank
from eks_lab.content.items.explanation import LETTERS
from eks_lab.content.items.variant import make_variant, shown_sides
from eks_lab.content.load import load_course
from eks_lab.errors import InputError
from eks_lab.grading.known_labs import lab_ids
from eks_lab.learning.deck_file import read_deck
from eks_lab.learning.progress import FILE_NAME, Progress, open_progress
from eks_lab.learning.schedule import variant_seed
from tests.content.course_files import write_course
from tests.content.items.builders import KINDS, document, item, write_bank, write_diagram

NOW = SystemClock().now()


@pytest.fixture
def course(tmp_path: Path) -> str:
    root = write_course(tmp_path / "course")
    write_diagram(root)
    write_bank(root, *(document(kind) for kind in KINDS))
    return str(root)


def opened(days_ago: float = 1) -> Progress:
    """Open the learner's progress as it was written some days ago."""
    clock = SimClock(NOW - timedelta(days=days_ago))
    return open_progress(locations.data_dir() / FILE_NAME, clock)


def missed(*kinds: str) -> None:
    with opened() as progress:
        for kind in kinds:
            progress.record_answer(f"net.slots.{kind}", 1, (0,), False)


def right(kind: str) -> str:
    """Return what to type at the first review of a question's card."""
    seed = variant_seed(f"item:net.slots.{kind}", 0)
    if kind == "number":
        return f"{make_variant(item('number'), seed).answer:g}"
    shown = shown_sides(item(kind), seed)
    places = {"choice": (0,), "multi": (0, 3), "order": (0, 1, 2, 3)}[kind]
    return " ".join(LETTERS[shown.index(at)] for at in places)


def nearly_right() -> str:
    """Return what to type for steps of which the first two are swapped."""
    shown = shown_sides(item("order"), variant_seed("item:net.slots.order", 0))
    return " ".join(LETTERS[shown.index(at)] for at in (1, 0, 2, 3))


def answers(tmp_path: Path, given: dict[str, str] | str) -> str:
    path = tmp_path / "answers"
    path.write_text(given if isinstance(given, str) else json.dumps(given))
    return str(path)


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert run(["review", *arguments]) == code
    return capsys.readouterr().out


def test_answers_from_a_file_are_judged_rated_and_kept(
    course: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missed("choice", "number", "order")
    given = {
        "net.slots.choice": right("choice"),
        "item:net.slots.number": "1",
        "net.slots.order": nearly_right(),
    }
    arguments = ("--json", "--content", course, "--answers", answers(tmp_path, given))
    report = json.loads(printed(capsys, *arguments))
    rows = {row["card"]: row for row in report["cards"]}
    assert (report["reviewed"], report["left"]) == (3, 0)
    assert rows["item:net.slots.choice"]["rating"] == "Good"
    assert rows["item:net.slots.number"]["rating"] == "Again"
    assert rows["item:net.slots.order"]["rating"] == "Hard"
    assert report["next_due"] == min(row["due"] for row in rows.values())
    with opened(0) as progress:
        (entry,) = progress.reviews.log("item:net.slots.choice")
        assert entry.rating is Rating.Good
        latest = progress.answers()["net.slots.choice"]
        assert (latest.mode, latest.correct, latest.seed) == ("review", True, entry.seed)
        assert latest.given == (0,)


def test_lines_on_a_pipe_with_own_ratings(
    course: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missed("choice")
    lines = answers(tmp_path, f"{right('choice')}\ne\n")
    out = printed(capsys, "--rate", "--content", course, "--answers", lines)
    assert "Card 1 of 1 (net.slots.choice, new)" in out
    assert "✓ Right." in out
    assert "Rated Easy; it comes back" in out
    assert "1 reviewed, 1 known, 0 left for now." in out
    assert "The next card comes in " in out


def test_count_skip_and_quit(course: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missed("choice", "order", "multi")
    out = printed(capsys, "--content", course, "--count", "1", "--answers", answers(tmp_path, "s\n"))
    assert "Card 1 of 1" in out
    assert "0 reviewed, 0 known, 3 left for now." in out
    out = printed(capsys, "--content", course, "--answers", answers(tmp_path, "s\nq\n"))
    assert "Card 2 of 3" in out
    assert "Card 3 of 3" not in out
    out = printed(capsys, "--content", course, "--answers", answers(tmp_path, "s\ns\ns\n"))
    assert "Card 3 of 3" in out


def test_what_is_no_answer_ends_a_script_with_one_message(
    course: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    missed("choice")
    printed(capsys, "--content", course, "--answers", answers(tmp_path, "z\n"), code=2)
    with opened(0) as progress:
        assert progress.reviews.log("item:net.slots.choice") == []


def test_nothing_to_review(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, "--content", course) == "Nothing is to be reviewed.\nNo card waits.\n"


def test_a_lab_says_how_to_do_it_again(
    course: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lab = lab_ids()[0]
    with opened() as progress:
        progress.reviews.add(f"lab:{lab}")
    out = printed(capsys, "--content", course, "--answers", answers(tmp_path, ""))
    assert f"eks-lab lab start {lab} --seed {variant_seed(f'lab:{lab}', 0)}" in out
    assert "0 reviewed, 0 known, 1 left for now." in out


# On a terminal


def on_a_terminal(course: str, typed: Sequence[str], **options: Any) -> list[str]:
    """Hold a review with a person who types these lines; return what was shown."""
    shown: list[str] = []
    lines = iter(typed)
    root = Path(course)
    terminal = Terminal(lambda: next(lines, None), shown.append, is_interactive=True, root=root)
    bank = open_bank(load_course(root), locations.cache_dir())
    ReviewRun(bank, terminal).hold(None, **options)
    return shown


def test_a_person_is_asked_how_hard_it_was(course: str) -> None:
    missed("choice")
    shown = on_a_terminal(course, ["?", right("choice"), "x", ""])
    assert any("Enter for good" in line for line in shown)
    assert any("Rated Good" in line for line in shown)


def test_an_own_card_shows_its_back_before_the_rating(course: str, tmp_path: Path) -> None:
    deck = tmp_path / "deck.txt"
    deck.write_text("What holds pods?\tA node.\n")
    assert run(["review", "import", str(deck)]) == 0
    shown = on_a_terminal(course, ["", "h"])
    front = next(place for place, line in enumerate(shown) if "What holds pods?" in line)
    back = next(place for place, line in enumerate(shown) if "A node." in line)
    rated = next(place for place, line in enumerate(shown) if "How well did you know it?" in line)
    assert front < back < rated
    with opened(0) as progress:
        (own_id,) = progress.decks.cards()
        assert [entry.rating for entry in progress.reviews.log(f"own:{own_id}")] == [Rating.Hard]


def test_a_card_of_a_stranger_moves_no_cursor(course: str, tmp_path: Path) -> None:
    deck = tmp_path / "deck.txt"
    deck.write_text("What \x1b[2Jholds pods?\tA \x9b31mnode.\n")
    assert run(["review", "import", str(deck)]) == 0
    shown = "\n".join(on_a_terminal(course, ["", "h"]))
    assert "What [2Jholds pods?" in shown
    assert "A 31mnode." in shown


@pytest.mark.parametrize("typed", [["s"], ["", "s"], ["q"], []])
def test_an_own_card_may_be_left_for_later(course: str, tmp_path: Path, typed: list[str]) -> None:
    deck = tmp_path / "deck.txt"
    deck.write_text("a\tb\n")
    run(["review", "import", str(deck)])
    on_a_terminal(course, typed)
    with opened(0) as progress:
        assert all(card.reviews == 0 for card in progress.reviews.cards())


def reviewed_long_ago() -> None:
    missed("choice")
    with opened(days_ago=400) as progress:
        progress.reviews.trust_clock()
        progress.reviews.grade("item:net.slots.choice", Rating.Good)


def test_after_a_long_time_the_clock_is_asked_about(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    reviewed_long_ago()
    printed(capsys, "--content", course, code=2)
    with pytest.raises(InputError, match="the clock may be wrong"):
        on_a_terminal(course, ["n"])
    shown = on_a_terminal(course, ["y", right("choice"), "g"])
    assert "400 days after your last review" in shown[0]
    with opened(0) as progress:
        assert len(progress.reviews.log("item:net.slots.choice")) == 2


def test_a_script_says_that_the_clock_is_right(
    course: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    reviewed_long_ago()
    arguments = ("--trust-clock", "--content", course, "--answers", answers(tmp_path, "s\n"))
    assert "Card 1 of 1" in printed(capsys, *arguments)


# What is due, added, taken away


def test_due_lists_cards_and_what_is_missing(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    missed("choice", "gone")
    with opened() as progress:
        progress.reviews.add("item:net.slots.number")
        progress.reviews.grade("item:net.slots.number", Rating.Easy)
    out = printed(capsys, "due", "--content", course)
    assert "item:net.slots.choice" in out
    assert "0 to review, 1 new today, 0 new for later. 1 rest" in out
    assert "number" not in out
    assert "item:net.slots.number" in printed(capsys, "due", "--all", "--content", course)
    report = json.loads(printed(capsys, "due", "--json", "--content", course))
    assert (report["due"], report["new"], report["missing"]) == (0, 1, 1)
    assert [row["card"] for row in report["cards"]] == ["item:net.slots.choice"]
    assert report["next_due"] > NOW.isoformat()


def test_cards_are_added_and_taken_away(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    out = printed(capsys, "add", "net.slots.choice", "--content", course)
    assert out == "item:net.slots.choice comes back from now on.\n"
    assert "was a card already" in printed(capsys, "add", "item:net.slots.choice", "--content", course)
    assert printed(capsys, "add", "net.slots", "--content", course).startswith("lesson:net.slots ")
    printed(capsys, "add", "net.slots.choic", "--content", course, code=2)
    assert "will not come back" in printed(capsys, "remove", "net.slots.choice", "--content", course)
    printed(capsys, "remove", "net.slots.choice", "--content", course, code=2)
    out = printed(capsys, "due", "--all", "--content", course)
    assert "lesson:net.slots" in out
    assert "choice" not in out


def test_rebuild_says_which_cards_stood_elsewhere(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    missed("choice")
    with opened(0) as progress:
        progress.reviews.grade("item:net.slots.choice", Rating.Good)
    assert printed(capsys, "rebuild") == "Every card stands where it should.\n"
    with opened(0) as progress, progress.database.write() as connection:
        connection.execute("UPDATE cards SET lapses = 99")
    assert printed(capsys, "rebuild") == "item:net.slots.choice\n1 cards stood elsewhere.\n"


# Decks


def test_questions_go_out_as_a_deck_and_come_back_as_own_cards(
    course: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    target = tmp_path / "deck.txt"
    out = printed(capsys, "export", str(target), "--content", course)
    cards = read_deck(target.read_bytes(), "deck.txt")
    assert out.startswith(f"{len(cards)} cards are in {target}")
    assert len(cards) > len(KINDS)
    assert {card.deck for card in cards} == {"eks-lab"}
    kinds = {tag for card in cards for tag in card.tags}
    assert set(KINDS) | {"eks-lab", "ip-planning"} == kinds
    printed(capsys, "export", str(target), "--content", course, code=2)
    printed(capsys, "export", str(target), "--force", "--kind", "order", "--content", course)
    assert len(read_deck(target.read_bytes(), "deck.txt")) == 1
    out = printed(capsys, "import", str(target))
    assert out == f"From {target}: 1 new cards, 0 changed, 0 known already.\n"
    own = printed(capsys, "export", "-", "--own")
    (card,) = read_deck(own.encode(), "-")
    assert card.front.startswith("In which order does the thing do what it does?\na) ")


def test_an_import_names_the_line_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    deck = tmp_path / "deck.txt"
    deck.write_text("a\tb\nonly\n")
    assert run(["review", "import", str(deck)]) == 2
    assert "deck.txt:2: it has 1 of the two fields" in capsys.readouterr().err
    with opened(0) as progress:
        assert progress.decks.cards() == {}


def test_nothing_to_export_is_an_error(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "export", "-", "--own", code=2)
    printed(capsys, "export", "-", "--kind", "riddle", "--content", course, code=2)
