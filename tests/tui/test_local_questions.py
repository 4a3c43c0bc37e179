"""The learner's own questions, as the screens ask for them: the small course, a real record, a real bench."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from eks_lab.clock import SimClock
from eks_lab.content.index import open_course
from eks_lab.content.items.model import ChoiceItem
from eks_lab.errors import InputError, UnavailableError
from eks_lab.learning.progress import Progress, open_progress
from eks_lab.tui.local_questions import LocalQuestions
from eks_lab.tui.local_runs import DRILL_QUESTIONS
from eks_lab.tui.question_access import QuestionAccess
from eks_lab.tui.question_rows import AskedQuestion, JudgedAnswer
from tests.builders import COURSE, NOON


@dataclass
class World:
    """Questions, and what they stand on."""

    questions: LocalQuestions
    progress: Progress
    clock: SimClock


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """The small course with an empty record."""
    clock = SimClock(NOON)
    loaded = open_course(COURSE, tmp_path / "cache")
    with open_progress(tmp_path / "progress.sqlite3", clock) as progress:
        questions = LocalQuestions(lambda: loaded, lambda: progress, tmp_path / "cache", clock)
        yield World(questions, progress, clock)
        questions.close()


def wrong(access: QuestionAccess, question: AskedQuestion) -> JudgedAnswer:
    """Judge a wrong answer."""
    item = question.variant.item
    if isinstance(item, ChoiceItem):
        index = next(number for number, option in enumerate(item.options) if not option.correct)
        return access.judge(question.variant, (index,))
    assert question.variant.answer is not None
    return access.judge(question.variant, question.variant.answer + 100)


def test_the_hub_counts_questions_chapters_and_what_is_due(world: World) -> None:
    hub = world.questions.hub()
    assert hub.questions == len(world.questions.bank())
    assert hub.answered == 0
    assert hub.due.total == 0
    assert sum(chapter.questions for chapter in hub.chapters) == hub.questions
    assert all(skill.share is None for skill in hub.skills)
    assert hub.tracks == 0
    run = world.questions.quiz(hub.chapters[0].id)
    question = run.next()
    assert question is not None
    run.keep(question, wrong(world.questions, question))
    hub = world.questions.hub()
    assert hub.answered == 1
    assert hub.due.new == 1, "what was missed comes back"
    assert hub.chapters[0].share == 0.0
    assert hub.skills[0].share is not None, "the weakest stand first"
    assert world.questions.due_count() == 1


def test_counting_what_is_due_opens_no_bank_while_there_are_no_cards(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.questions, "bank", lambda: pytest.fail("the bank was opened"))
    assert world.questions.due_count() == 0


def test_a_quiz_asks_each_question_once_and_another_variant_at_the_next_try(world: World) -> None:
    chapter = world.questions.hub().chapters[0].id
    run = world.questions.quiz(chapter)
    asked = []
    while (question := run.next()) is not None:
        asked.append(question)
        run.keep(question, wrong(world.questions, question))
    assert len(asked) == run.total == len({question.id for question in asked})
    assert all(question.about for question in asked)
    answers = world.progress.answers()
    assert {answers[question.id].mode for question in asked} == {"quiz"}
    again = world.questions.again("Missed", tuple(question.id for question in asked[:1]))
    second = again.next()
    assert second is not None
    assert second.variant.seed == asked[0].variant.seed + 1
    with pytest.raises(InputError, match="no questions of nowhere"):
        world.questions.quiz("nowhere")


def test_a_drill_asks_for_one_skill_and_says_so(world: World) -> None:
    skill = world.questions.hub().skills[0]
    run = world.questions.drill(skill.id)
    assert run.title == skill.title
    assert run.total == min(DRILL_QUESTIONS, skill.questions)
    question = run.next()
    assert question is not None
    assert skill.id in world.questions.bank().skills_of(question.id)
    assert question.about == f"Skill: {skill.title}"
    run.keep(question, wrong(world.questions, question))
    assert world.progress.answers()[question.id].mode == "drill"
    asked = 1
    while run.next() is not None:
        asked += 1
    assert asked == run.total
    assert world.questions.drill("").title == "What you know least"
    with pytest.raises(InputError):
        world.questions.drill("no-such-skill")


def test_a_review_promises_what_then_happens(world: World) -> None:
    run = world.questions.quiz(world.questions.hub().chapters[0].id)
    question = run.next()
    assert question is not None
    run.keep(question, wrong(world.questions, question))
    for rating in (3, 3, 4, 1):
        review = world.questions.review()
        card = review.next()
        assert card is not None
        assert card.question is not None
        assert card.question.id == question.id
        promised = {each.value: each.interval for each in card.ratings}
        assert [each.name for each in card.ratings] == ["Again", "Hard", "Good", "Easy"]
        answer = wrong(world.questions, card.question)
        assert review.rate(card, rating, answer) == promised[rating]
        stored = world.progress.reviews.card(card.id)
        assert stored is not None
        world.clock.advance(stored.due - world.clock.now() + timedelta(seconds=1))
    assert world.progress.answers()[question.id].mode == "review"


def test_own_cards_are_taken_reviewed_and_written(world: World, tmp_path: Path) -> None:
    deck = tmp_path / "deck.csv"
    deck.write_text("What is an ENI?;A network interface.\n")
    assert world.questions.take_deck(deck) == "1 new cards, 0 changed, 0 known already."
    review = world.questions.review()
    card = review.next()
    assert card is not None
    assert (card.form, card.front, card.back, card.title) == (
        "own",
        "What is an ENI?",
        "A network interface.",
        "deck",
    )
    review.rate(card, 3, None)
    assert review.next() is None
    assert review.due().total == 0
    target = tmp_path / "out.txt"
    assert "1 cards are in" in world.questions.write_deck(target, own=True)
    assert "What is an ENI?" in target.read_text()
    with pytest.raises(InputError, match="exists already"):
        world.questions.write_deck(target, own=True)
    world.questions.write_deck(target, own=False, force=True)
    assert len(target.read_text().splitlines()) > 3


def test_a_skipped_card_is_not_asked_again_in_the_same_sitting(world: World, tmp_path: Path) -> None:
    world.progress.reviews.add("lab:first-deployment")
    review = world.questions.review()
    card = review.next()
    assert card is not None
    assert (card.form, card.lab_id, card.ratings) == ("lab", "first-deployment", ())
    assert card.title
    review.skip(card)
    assert review.next() is None
    assert review.due().total == 1


def test_a_clock_that_ran_ahead_is_doubted_until_the_learner_trusts_it(world: World) -> None:
    world.progress.reviews.add("lab:first-deployment")
    world.progress.reviews.add("own:x")
    assert world.questions.clock_doubt() is None
    from eks_lab.learning.schedule import Rating

    world.progress.reviews.grade("own:x", Rating.Good)
    world.clock.advance(timedelta(days=400))
    doubt = world.questions.clock_doubt()
    assert doubt is not None
    assert doubt.is_ahead
    world.questions.review(trusts_clock=True)
    assert world.questions.clock_doubt() is None


def test_without_kubectl_a_command_says_what_is_missing(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    from eks_lab.content.items.variant import make_variant
    from eks_lab.grading import daemon
    from tests.fake_questions import CHOICE, COMMAND

    monkeypatch.setattr(daemon, "found", lambda program: "")
    variant = make_variant(COMMAND, 1)
    with pytest.raises(UnavailableError, match="kubectl is not installed"):
        world.questions.prepare(variant)
    with pytest.raises(UnavailableError, match="kubectl is not installed"):
        world.questions.judge(variant, "kubectl get pods")
    world.questions.prepare(make_variant(CHOICE, 1))
    world.questions.cancel()


def test_a_command_is_judged_by_what_it_does(world: World) -> None:
    from eks_lab.content.items.variant import make_variant
    from tests.fake_questions import COMMAND

    answer = world.questions.judge(make_variant(COMMAND, 1), COMMAND.answers[0])
    assert answer.result.correct
    assert answer.transcript[-1].code == 0


def test_readiness_is_told_in_rows(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from tests.learning.bank import track

    monkeypatch.setattr(world.questions, "exam_tracks", lambda: {"t": track()})
    monkeypatch.setattr(world.questions, "known_labs", list)
    (row,) = world.questions.tracks()
    assert (row.id, row.pass_share) == ("t", 0.7)
    assert 0 < row.whole.low < row.whole.mean < row.whole.high < 1
    standing = world.questions.standing("t")
    assert [domain.title for domain in standing.domains] == ["Networking", "Identity", "What is not here"]
    assert standing.domains[2].range is None
    assert "80 % sure" in standing.said
    assert standing.retention == ()
    with pytest.raises(InputError):
        world.questions.standing("nowhere")
