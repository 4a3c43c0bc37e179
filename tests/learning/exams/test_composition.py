"""Exams follow the weights, never repeat, keep near-duplicates apart, and say what is lacking."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eks_lab.content.tracks import Domain
from eks_lab.errors import InputError
from eks_lab.learning.exams.composition import Length, Plan, compose, length_of
from eks_lab.learning.exams.matching import matched
from eks_lab.learning.exams.offers import Offer, family_of
from eks_lab.learning.exams.shares import apportioned
from eks_lab.learning.exams.spacing import spaced
from tests.learning.exams.samples import NOON, command, number, offer, plenty, track

WEIGHTS = st.lists(st.integers(1, 40), min_size=2, max_size=9).map(
    lambda parts: [part * 100 / sum(parts) for part in parts]
)


def points_by_domain(plan: Plan) -> dict[str, float]:
    found: dict[str, float] = {}
    for task in plan.tasks:
        found[task.domain] = found.get(task.domain, 0) + task.points
    return found


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=20), st.integers(0, 500))
def test_apportioned_numbers_add_up_and_lie_next_to_their_exact_share(
    weights: list[float], total: int
) -> None:
    if sum(weights) <= 0:
        with pytest.raises(InputError):
            apportioned(weights, total)
        return
    found = apportioned(weights, total)
    assert sum(found) == total
    for weight, got in zip(weights, found, strict=True):
        assert abs(got - weight * total / sum(weights)) < 1 + 1e-6


def test_the_least_is_taken_from_those_that_have_more_than_their_share() -> None:
    assert apportioned([90, 9, 1], 5, least=1) == [3, 1, 1]
    assert apportioned([1, 1, 1], 3, least=1) == [1, 1, 1]
    with pytest.raises(InputError, match="cannot be shared out"):
        apportioned([1, 1], 1, least=1)
    with pytest.raises(InputError, match="cannot be shared out"):
        apportioned([0, 0], 5)


@settings(max_examples=60, deadline=None)
@given(WEIGHTS, st.integers(9, 80), st.integers(0, 10**9))
def test_shares_match_the_weights_within_two_points_and_nothing_repeats(
    weights: list[float], questions: int, seed: int
) -> None:
    exam = track(weights)
    plan = compose(exam, plenty(exam, questions), seed, Length(60, questions, 0))
    assert len(plan.tasks) == questions
    assert sum(task.points for task in plan.tasks) == pytest.approx(100)
    assert len({task.offer.id for task in plan.tasks}) == questions
    assert [task.number for task in plan.tasks] == list(range(1, questions + 1))
    got = points_by_domain(plan)
    for domain, share in zip(exam.domains, plan.shares, strict=True):
        assert domain.weight is not None
        assert abs(got[domain.id] - domain.weight) <= 2
        assert abs(got[domain.id] - share.points) < 1e-6
        # Not only the points: as many questions as the weight asks for, give or take one.
        assert abs(share.got - domain.weight * questions / 100) <= max(1, len(exam.domains))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_with_any_supply_what_is_lacking_is_said_and_the_rest_adds_up(data: st.DataObject) -> None:
    exam = track([10, 20, 30, 40])
    skills = st.lists(st.sampled_from(["s0", "s1", "s2", "s3", "other"]), min_size=1, max_size=3, unique=True)
    offers = [
        offer(f"q{index}", drawn, data.draw(st.sampled_from(["choice", "number", "lab", "diagram"])))
        for index, drawn in enumerate(data.draw(st.lists(skills, max_size=25)))
    ]
    length = Length(60, data.draw(st.integers(4, 20)), data.draw(st.integers(0, 3)))
    seed = data.draw(st.integers(0, 1000))
    usable = [each for each in offers if set(each.skills) & {"s0", "s1", "s2", "s3"}]
    if not [each for each in usable if each.kind != "lab" or length.labs]:
        with pytest.raises(InputError, match="nothing to ask"):
            compose(exam, offers, seed, length)
        return
    plan = compose(exam, offers, seed, length)
    ids = [task.offer.id for task in plan.tasks]
    assert len(set(ids)) == len(ids)
    assert all(task.offer.belongs_to(exam.domain(task.domain)) for task in plan.tasks)
    assert all(task.points > 0 for task in plan.tasks)
    assert sum(task.points for task in plan.tasks) == pytest.approx(100)
    assert sum(share.points for share in plan.shares) == pytest.approx(100)
    for share in plan.shares:
        assert share.got == sum(task.domain == share.domain for task in plan.tasks) <= share.wanted
        assert bool(share.note) == (share.got < share.wanted)
    assert sum(task.offer.kind == "lab" for task in plan.tasks) <= length.labs
    asked = Counter(task.offer.kind for task in plan.tasks)
    unused = [each for each in offers if each.id not in ids and each.kind not in ("lab", "diagram")]
    if asked["diagram"]:
        # A stand-in is asked only where no question of the wanted kinds could be.
        short = {task.domain for task in plan.tasks if task.offer.kind == "diagram"}
        assert not [each for each in unused if any(each.belongs_to(exam.domain(domain)) for domain in short)]


def test_a_scarce_domain_gets_its_questions_although_others_want_them_too() -> None:
    exam = track([50, 50], questions=4)
    both = [offer("both1", ["s0", "s1"]), offer("both2", ["s0", "s1"])]
    only = [offer("only1", ["s0"]), offer("only2", ["s0"])]
    for seed in range(50):
        plan = compose(exam, [*both, *only], seed, Length(60, 4, 0))
        assert [share.got for share in plan.shares] == [2, 2]


def test_a_lack_is_said_and_weighs_less_openly() -> None:
    exam = track([50, 50], questions=10)
    exam.domains[1].not_covered.append("kubeadm")
    offers = [*plenty(exam)[:30], offer("rare1", ["s1"]), offer("rare2", ["s1"])]
    plan = compose(exam, offers, 1, Length(60, 10, 0))
    lacking = plan.shares[1]
    assert (lacking.wanted, lacking.got, lacking.weight) == (5, 2, 50)
    assert lacking.note == "Domain 1: 2 of 5 questions; EKS practice does not cover kubeadm."
    assert lacking.points == pytest.approx(28.6)
    assert plan.shares[0].points == pytest.approx(71.4)
    assert lacking.note in plan.notes
    assert any("count less" in note for note in plan.notes)


def test_the_same_seed_gives_the_same_exam_and_another_seed_another_one() -> None:
    exam = track()
    one = compose(exam, plenty(exam), 5, Length(60, 20, 0))
    assert one == compose(exam, list(reversed(plenty(exam))), 5, Length(60, 20, 0))
    other = compose(exam, plenty(exam), 6, Length(60, 20, 0))
    assert [task.offer.id for task in one.tasks] != [task.offer.id for task in other.tasks]


def test_what_was_asked_lately_comes_last() -> None:
    exam = track([50, 50])
    offers = plenty(exam, 8)
    yesterday = {each.id: NOON - timedelta(days=1) for each in offers[:4]}
    long_ago = {each.id: NOON - timedelta(days=90) for each in offers[4:8]}
    plan = compose(exam, offers, 1, Length(60, 8, 0), seen={**yesterday, **long_ago}, now=NOON)
    assert not {task.offer.id for task in plan.tasks} & set(yesterday)
    plan = compose(exam, offers, 1, Length(60, 16, 0), seen=yesterday, now=NOON)
    assert len(plan.tasks) == 16


@given(st.lists(st.sampled_from(["", "a", "b", "c"]), max_size=40))
def test_neighbours_are_of_different_families_wherever_that_can_be(families: list[str]) -> None:
    things = list(enumerate(families))
    found = spaced(things, lambda thing: thing[1])
    assert sorted(found) == things
    most = max(Counter(each for each in families if each).values(), default=0)
    if most <= (len(families) + 1) // 2:
        assert not [pair for pair in pairwise(found) if pair[0][1] and pair[0][1] == pair[1][1]]


def test_two_questions_of_one_calculator_do_not_follow_each_other() -> None:
    exam = track([50, 50])
    numbers = [offer(f"n{index}", [f"s{index % 2}"], "number", "max_pods pods") for index in range(6)]
    for seed in range(30):
        plan = compose(exam, [*numbers, *plenty(exam, 4)], seed, Length(60, 12, 0))
        assert not [
            pair for pair in pairwise(plan.tasks) if pair[0].offer.family and pair[0].offer.family == pair[1].offer.family
        ]  # fmt: skip


def test_labs_are_at_the_end_spread_over_domains_and_never_more_than_asked_for() -> None:
    exam = track([50, 50], labs=2)
    labs = [offer(f"lab:{name}", [skill], "lab") for name, skill in (("a", "s0"), ("b", "s0"), ("c", "s1"))]
    plan = compose(exam, [*labs, *plenty(exam)], 3, Length(60, 10, 2))
    kinds = [task.offer.kind for task in plan.tasks]
    assert kinds == ["choice"] * 8 + ["lab"] * 2
    assert {task.domain for task in plan.tasks if task.offer.kind == "lab"} == {"d0", "d1"}
    assert points_by_domain(plan) == pytest.approx({"d0": 50, "d1": 50})
    long = [replace(each, id=f"{each.id}.long", minutes=90) for each in labs]
    for seed in range(20):
        plan = compose(
            exam,
            [*long, *(replace(each, minutes=15) for each in labs), *plenty(exam)],
            seed,
            Length(60, 10, 2),
        )
        assert not [task for task in plan.tasks if task.offer.id.endswith("long")]
    assert [
        task
        for task in compose(exam, [*long, *plenty(exam)], 3, Length(60, 10, 2)).tasks
        if task.offer in long
    ]
    none = compose(exam, plenty(exam), 3, Length(60, 10, 2))
    assert any(note.startswith("0 of 2 labs") for note in none.notes)


def test_unknown_weights_are_said_and_count_the_same() -> None:
    exam = track([None, None])
    plan = compose(exam, plenty(exam), 1, Length(60, 10, 0))
    assert points_by_domain(plan) == pytest.approx({"d0": 50, "d1": 50})
    assert plan.notes[0].startswith("The issuer's weights are not known")


def test_the_length_follows_the_time() -> None:
    exam = track(questions=40, labs=4)
    assert length_of(exam) == Length(60, 40, 4)
    assert length_of(exam, short=True) == Length(15, 10, 1)
    assert length_of(exam, minutes=5) == Length(5, 3, 0)
    with pytest.raises(InputError, match="4 minutes"):
        length_of(exam, minutes=4)
    with pytest.raises(InputError, match="exclude each other"):
        length_of(exam, minutes=30, short=True)


def test_a_domain_by_chapter_takes_what_has_other_skills() -> None:
    by_chapter = Domain(id="x", title="X", chapters=["c"])
    assert offer("q", ["s9"]).belongs_to(by_chapter)
    assert not Offer(id="q", kind="choice", skills=("s9",), chapter="d", minutes=1).belongs_to(by_chapter)


def test_only_questions_with_a_calculator_have_a_family() -> None:
    assert family_of(number("a.b")) == family_of(command("a.c")) == ""


@given(st.lists(st.lists(st.sampled_from("abcdef"), unique=True), max_size=6))
def test_a_matching_fills_as_many_places_as_can_be_filled(wishes: list[list[str]]) -> None:
    found = matched(wishes, range(len(wishes)))
    assert len(set(found.values())) == len(found)
    assert all(candidate in wishes[place] for candidate, place in found.items())
    assert len(found) == _most(wishes, frozenset())


def _most(wishes: list[list[str]], taken: frozenset[str]) -> int:
    if not wishes:
        return 0
    skipped = _most(wishes[1:], taken)
    return max([skipped, *(1 + _most(wishes[1:], taken | {each}) for each in wishes[0] if each not in taken)])
