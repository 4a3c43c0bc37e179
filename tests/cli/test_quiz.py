"""`eks-lab quiz`: asked on a pipe, from a file, as JSON; stored; listed and shown."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any, Self

import pytest
from click.testing import CliRunner

from eks_lab import locations
from eks_lab.cli import run
from eks_lab.cli.quiz import command
from eks_lab.clock import SystemClock
from eks_lab.content.items.explanation import LETTERS
from eks_lab.content.items.variant import make_variant, shown_sides
from eks_lab.errors import InputError
from eks_lab.learning.progress import FILE_NAME, open_progress
from eks_lab.learning.records import AnswerRecord
from tests.content.course_files import write_course
from tests.content.items.builders import KINDS, document, item, write_bank, write_diagram

PURE = tuple(kind for kind in KINDS if kind not in ("command", "manifest"))


@pytest.fixture
def course(tmp_path: Path) -> str:
    root = write_course(tmp_path / "course")
    write_diagram(root)
    write_bank(root, *(document(kind) for kind in KINDS))
    return str(root)


def letters(kind: str, wanted: tuple[int, ...], seed: int = 0) -> str:
    """Return what to type for places in the file."""
    shown = shown_sides(item(kind), seed)
    return " ".join("-" if at < 0 else LETTERS[shown.index(at)] for at in wanted)


RIGHT = {
    "choice": letters("choice", (0,)),
    "multi": letters("multi", (0, 3)),
    "order": letters("order", (0, 1, 2, 3)),
    "match": letters("match", (0, 1, 2)),
    "diagram": letters("diagram", (1,)),
    "number": f"{make_variant(item('number'), 0).answer:g} pods",
    "recall": "The type limits the interfaces of a node. Each pod takes an address.",
}


def typed(tmp_path: Path, answers: dict[str, str] | str) -> str:
    path = tmp_path / "answers"
    path.write_text(
        answers if isinstance(answers, str) else json.dumps({f"net.slots.{k}": v for k, v in answers.items()})
    )
    return str(path)


def stored(question: str) -> list[AnswerRecord]:
    with open_progress(locations.data_dir() / FILE_NAME, SystemClock()) as progress:
        return progress.attempts(question)


def test_every_kind_answered_rightly(course: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    kinds = [word for kind in PURE for word in ("--kind", kind)]
    answers = typed(tmp_path, {**RIGHT, "medium": "17", "two": letters_of_two()})
    arguments = ["quiz", "lesson", "net.slots", "--seed", "0", "--json", "--content", course, *kinds]
    assert run([*arguments, "--answers", answers]) == 0
    found = capsys.readouterr()
    report = json.loads(found.out)
    assert (report["questions"], report["answered"], report["right"], report["score"]) == (9, 9, 9, 1.0)
    assert all(row["score"] == 1 and row["correct"] and row["headline"] for row in report["results"])
    assert "Question 1 of 9" in found.err
    for kind in PURE:
        (record,) = stored(f"net.slots.{kind}")
        assert (record.correct, record.mode, record.seed, record.score) == (True, "quiz", 0, 1.0)
    (order,) = stored("net.slots.order")
    assert order.given == (0, 1, 2, 3), "places in the file, not on the screen"
    (part,) = stored("net.slots.diagram")
    assert part.given == "server"


def letters_of_two() -> str:
    from eks_lab.content.questions import shown_order

    return LETTERS[shown_order("net.slots.two", 3, "0").index(0)]


def test_lines_on_a_pipe(course: str) -> None:
    """One line an answer, in the order of the file; what is wrong is explained and counts."""
    asked = ["lesson", "net.slots", "--seed", "0", "--kind", "order", "--kind", "match", "--content", course]
    lines = f"{letters('order', (1, 0, 2, 3))}\n{letters('match', (0, -1, 2))}\n"
    # `spread` may ask them in either order: find out which comes first.
    dry = CliRunner().invoke(command, asked, input="s\ns\n")
    first = "order" if dry.output.index("slots.order") < dry.output.index("slots.match") else "match"
    if first == "match":
        lines = "\n".join(reversed(lines.split("\n")[:2])) + "\n"
    done = CliRunner().invoke(command, asked, input=lines)
    assert done.exit_code == 1
    assert "5 of 6 pairs of steps are in the right order" in done.output
    assert "2 of 3 pairs are right. Score 67%." in done.output
    assert "It looks before the next." in done.output
    assert "0 of 2 right. Score 67%." in done.output
    (record,) = stored("net.slots.order")
    assert (record.given, record.correct) == ((1, 0, 2, 3), False)
    assert record.score == pytest.approx(2 / 3)


def test_skipping_and_leaving(course: str) -> None:
    asked = ["lesson", "net.slots", "--seed", "0", "--kind", "order", "--kind", "match", "--content", course]
    done = CliRunner().invoke(command, asked, input="s\nq\n")
    assert (done.exit_code, "Skipped." in done.output) == (1, True)
    assert "0 of 2 right, 2 without an answer." in done.output
    assert stored("net.slots.order") == stored("net.slots.match") == []
    assert CliRunner().invoke(command, asked, input="").exit_code == 1


@pytest.mark.parametrize(
    ("kind", "line", "says"),
    [
        ("order", "a b", "Type every letter once"),
        ("order", "a b c z", "'z' is none of the letters"),
        ("choice", "a b", "Type one letter"),
        ("match", "a b", "Type 3 letters"),
        ("diagram", "a b", "is not one part"),
        ("number", "many", "is not a number"),
    ],
)
def test_a_line_on_a_pipe_that_is_no_answer(course: str, kind: str, line: str, says: str) -> None:
    asked = ["lesson", "net.slots", "--seed", "0", "--kind", kind, "--count", "9", "--content", course]
    typed = {"net.slots.medium": "s", "net.slots.two": "s"}
    lines = "".join(f"{each}\n" for each in [*typed.values(), line])
    for attempt in (f"{line}\n", lines, f"s\n{line}\n"):
        done = CliRunner().invoke(command, asked, input=attempt)
        if isinstance(done.exception, InputError) and f"net.slots.{kind}" in done.exception.message:
            assert says in f"{done.exception.message} {done.exception.hint}"
            return
    pytest.fail("the line was taken for an answer")


def test_on_a_terminal_it_is_asked_again_and_the_learner_overrules(
    course: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A person may type again, and knows better than phrases do."""

    class Keyboard(io.StringIO):
        def isatty(self) -> bool:
            return True

    monkeypatch.setattr(sys, "stdin", Keyboard("wrong letters\na\n"))
    assert run(["quiz", "lesson", "net.slots", "--seed", "0", "--kind", "diagram", "--content", course]) in (
        0,
        1,
    )
    assert "none of the letters" in capsys.readouterr().out
    monkeypatch.setattr(sys, "stdin", Keyboard("The type limits the interfaces of it.\n.\n2\n"))
    assert run(["quiz", "lesson", "net.slots", "--seed", "0", "--kind", "recall", "--content", course]) == 0
    out = capsys.readouterr().out
    assert "1 of 2 key points found" in out
    assert "by your own judgement. 2 of 2 key points found." in out
    assert stored("net.slots.recall")[-1].correct


def test_without_a_seed_every_time_is_another_variant(course: str, tmp_path: Path) -> None:
    answers = typed(tmp_path, {"number": "1", "medium": "17"})
    asked = ["quiz", "lesson", "net.slots", "--kind", "number", "--answers", answers, "--content", course]
    assert run(asked) == run(asked) == 1
    assert [record.seed for record in stored("net.slots.number")] == [0, 1]


def test_a_chapter_by_number_or_id_and_count(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("net", "1"):
        run(
            [
                "quiz",
                "chapter",
                name,
                "--count",
                "3",
                "--json",
                "--answers",
                nothing_typed(course),
                "--content",
                course,
            ]
        )
        assert json.loads(capsys.readouterr().out)["questions"] == 3


def nothing_typed(course: str) -> str:
    path = Path(course).parent / "nothing"
    path.write_text("{}")
    return str(path)


def test_the_same_seed_asks_the_same(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    def asked(seed: int) -> list[str]:
        options = ["--seed", str(seed), "--json", "--answers", nothing_typed(course), "--content", course]
        run(["quiz", "chapter", "net", "--count", "5", *options])
        return [row["id"] for row in json.loads(capsys.readouterr().out)["results"]]

    assert asked(1) == asked(1)
    assert len({tuple(asked(seed)) for seed in range(5)}) > 1


def test_a_drill_begins_with_what_was_wrong(
    course: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = typed(tmp_path, {"order": letters("order", (3, 2, 1, 0)), "match": RIGHT["match"]})
    options = ["--seed", "0", "--json", "--content", course]
    run(["quiz", "lesson", "net.slots", "--answers", wrong, *options])
    capsys.readouterr()
    assert (
        run(["quiz", "drill", "--weakest", "--count", "20", "--answers", nothing_typed(course), *options])
        == 1
    )
    found = capsys.readouterr()
    ids = [row["id"] for row in json.loads(found.out)["results"]]
    assert ids[0] == "net.slots.order"
    assert "net.slots.match" not in ids[:3]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["chapter", "nett"], "There is no chapter 'nett'."),
        (["lesson", "net.slotz"], "Did you mean net.slots?"),
        (["drill"], "A drill needs a skill."),
        (["drill", "--skill", "ip-planing"], "Did you mean ip-planning?"),
        (["lesson", "net.slots", "--kind", "orders"], "There is no kind 'orders'."),
        (["list", "--kind", "orders"], "Did you mean order?"),
        (["show", "net.slots.ordre"], "Did you mean net.slots.order?"),
        (["lesson", "net.slots", "--answers", "{path}"], "is no JSON"),
    ],
)
def test_what_does_not_exist(
    course: str, tmp_path: Path, arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    path = typed(tmp_path, "{broken")
    assert run(["quiz", *(each.replace("{path}", path) for each in arguments), "--content", course]) == 2
    assert says in capsys.readouterr().err


def test_without_kubectl_practical_questions_are_left_out(
    course: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("eks_lab.grading.daemon.found", lambda name: "")
    options = ["--kind", "command", "--kind", "manifest", "--json", "--content", course]
    assert run(["quiz", "lesson", "net.slots", *options]) == 1
    found = capsys.readouterr()
    assert "needs the sandbox bench. kubectl is not installed" in found.err
    assert [row["skipped"] for row in json.loads(found.out)["results"]] == [True, True]


def test_commands_go_to_the_bench(
    course: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    from eks_lab.content.items.result import result_of
    from eks_lab.grading.practical.practice import Practice, Typed

    seen: list[tuple[str, int, str]] = []

    class Bench:
        def __init__(self, *_: Any, **__: Any) -> None: ...
        def __enter__(self) -> Self:
            return self

        def __exit__(self, *_: object) -> None:
            seen.append(("closed", 0, ""))

        def prepare(self, made: Any, seed: int) -> None:
            seen.append(("prepared", seed, made.id))

        def judge(self, made: Any, seed: int, text: str) -> Practice:
            seen.append((made.id, seed, text))
            return Practice(result_of(0.5, detail="It has 2."), (Typed(text, "deployment scaled", "", 0),))

    monkeypatch.setattr("eks_lab.grading.practical.remote.RemoteBench", Bench)
    monkeypatch.setattr("eks_lab.cli.lab.kubectl_program", lambda: "kubectl")
    answers = typed(tmp_path, {"command": "kubectl scale deployment web --replicas=2"})
    options = ["--kind", "command", "--seed", "4", "--answers", answers, "--content", course]
    assert run(["quiz", "lesson", "net.slots", *options]) == 1
    assert seen == [
        ("prepared", 4, "net.slots.command"),
        ("net.slots.command", 4, "kubectl scale deployment web --replicas=2"),
        ("closed", 0, ""),
    ]
    out = capsys.readouterr().out
    assert "$ kubectl scale deployment web --replicas=2\ndeployment scaled" in out
    assert "✗ Partly right. It has 2. Score 50%." in out
    assert stored("net.slots.command")[0].score == 0.5


def test_list(course: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["quiz", "list", "--content", course]) == 0
    assert capsys.readouterr().out.endswith("11 questions.\n")
    assert (
        run(
            [
                "quiz",
                "list",
                "--kind",
                "order",
                "--chapter",
                "1",
                "--skill",
                "ip-planning",
                "--json",
                "--content",
                course,
            ]
        )
        == 0
    )
    (row,) = json.loads(capsys.readouterr().out)["questions"]
    assert (row["id"], row["kind"], row["lesson"]) == ("net.slots.order", "order", "net.slots")


@pytest.mark.parametrize("kind", KINDS)
def test_show_hides_the_answer_until_it_is_asked_for(
    course: str, kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    base = ["quiz", "show", f"net.slots.{kind}", "--seed", "2", "--content", course]
    assert run(base) == 0
    question = capsys.readouterr().out
    assert "s skips, q ends." in question
    assert "Source" not in question
    assert run([*base, "--solution"]) == 0
    solution = capsys.readouterr().out
    assert solution.startswith(question.rstrip("\n"))
    assert "Source: The page" in solution
    assert len(solution) > len(question) + 40
    assert run([*base, "--solution", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown["seed"] == 2
    assert shown["explained"]
    assert all(character.isascii() or character in "✓✗×−—–→…" for character in solution)
