"""Key points in answers: what counts, what does not, and what it is worth."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.content.items import rubric
from eks_lab.content.items.model import KeyPoint
from eks_lab.content.items.rubric.discounts import LONGEST_LIST
from eks_lab.content.items.rubric.finding import LONGEST_QUOTE

PROMPT = "How do you make sure that draining a node does not take down a service with three replicas?"


def point(*says: Sequence[str], denied: Sequence[str] = (), name: str = "p", weight: float = 1) -> KeyPoint:
    return KeyPoint(
        id=name, text="", says=[list(group) for group in says], denied=list(denied), weight=weight
    )


PDB = point(["pdb"], ["min available", "max unavailable", "at least"])


def found(key: KeyPoint, text: str, prompt: str = PROMPT) -> tuple[bool, str]:
    (result,) = rubric.find([key], text, prompt)
    return result.found, result.reason


@pytest.mark.parametrize(
    "text",
    [
        "I write a PodDisruptionBudget with minAvailable 2, so the eviction API refuses.",
        "You need a pod disruption budget. It keeps at least two of them.",
        "Not only a PDB with minAvailable, also probes.",
        "Do not forget the PDB: minAvailable 2 is what protects us.",
        "That is not enough, so I add a PDB with maxUnavailable 1.",
        "It does not help to wait, but a PDB with maxUnavailable does.",
        "- PDB with maxUnavailable 1\n- probes that tell the truth",
        "I add a podDisruptionBuget with maxUnavialable 1",
    ],
)
def test_it_is_found(text: str) -> None:
    assert found(PDB, text) == (True, "")


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("I would drain slowly and watch the graphs.", ""),
        ("A PDB is a fine thing. I drain slowly. Then at least I see it.", ""),
        ("There is no need for a PDB with minAvailable here.", "denied"),
        ("A drain works without a PDB with maxUnavailable.", "denied"),
        ("I would wait instead of a PDB with maxUnavailable.", "denied"),
        ("PDB minAvailable drain evict replica rollout surge karpenter spot zone", "loose"),
        ("PDB, minAvailable, drain, eviction, replicas, rollout, surge, karpenter", "loose"),
        ("PDB and minAvailable and drain and the eviction and the replicas and surge", "loose"),
    ],
)
def test_it_is_not(text: str, reason: str) -> None:
    assert found(PDB, text) == (False, reason)


def test_a_long_list_behind_a_sentence_is_still_a_list() -> None:
    words = "drain surge rollout karpenter spot zone eviction affinity PDB maxUnavailable readiness taint"
    assert len(words.split()) > LONGEST_LIST
    assert found(PDB, f"I would look at {words}")[1] == "loose"
    assert found(PDB, "I would look at drain, surge, zones, PDB and maxUnavailable")[0]


def test_what_excludes_a_point_contradicts_it_unless_it_is_denied_itself() -> None:
    key = point(["control plane"], ["stays", "survives"], denied=["single master"])
    assert found(key, "The control plane stays up.")[0]
    assert found(key, "The control plane stays up. There is a single master.") == (False, "contradicted")
    assert found(key, "The control plane stays up. There is no single master.")[0]


def test_a_phrase_with_a_not_is_about_the_not() -> None:
    key = point(["no oidc provider", "without oidc provider", "not need oidc provider"])
    assert found(key, "Pod Identity needs no OIDC provider for each cluster.")[0]
    assert found(key, "With it you do not need an OIDC provider.")[0]
    assert not found(key, "It needs an OIDC provider for each cluster.")[0]
    split = point(["not", "never"], ["restart"])
    assert found(split, "The kubelet does not restart it.")[0]


def test_the_question_repeated_is_no_answer() -> None:
    key = point(["drain"], ["replica"])
    assert found(key, PROMPT) == (False, "copied")
    assert found(key, "So: draining a node does not take down a service with three replicas.")[1] == "copied"
    assert found(key, "A drain evicts one replica after the other.")[0]


def test_short_answers_may_be_bare() -> None:
    key = point(["pod identity"])
    assert found(key, "Pod Identity.", "Which of both?")[0]


def test_the_words_are_quoted() -> None:
    text = "First I look.\nThen I write a PDB\nwith maxUnavailable 1. Then I rest."
    (result,) = rubric.find([PDB], text, PROMPT)
    assert result.where == "Then I write a PDB with maxUnavailable 1."
    long = (
        f"Well {'and so it goes on as it is ' * 20}a PDB with maxUnavailable {'and so it is as it was ' * 20}"
    )
    (result,) = rubric.find([PDB], long, PROMPT)
    assert result.where == "… PDB with maxUnavailable …"
    apart = f"A PDB {'and so it goes on as it is ' * 20}has maxUnavailable"
    (result,) = rubric.find([PDB], apart, PROMPT)
    assert len(result.where) <= LONGEST_QUOTE + 4


POINTS = [
    point(["alpha"], name="a", weight=1),
    point(["beta"], name="b", weight=2),
    point(["gamma"], name="c", weight=3),
]


def test_score_is_the_share_of_the_weight_and_the_learner_has_the_last_word() -> None:
    results = rubric.find(POINTS, "It is gamma that I would take here.", PROMPT)
    assert rubric.score(POINTS, results) == pytest.approx(0.5)
    assert rubric.score(POINTS, results, {"a": True}) == pytest.approx(4 / 6)
    assert rubric.score(POINTS, results, {"c": False}) == 0
    assert rubric.score([], (), {}) == 0


def test_strong_needs_every_essential_point() -> None:
    essential = KeyPoint(id="e", text="", says=[["alpha"]], weight=1, essential=True)
    points = [essential, point(["beta"], name="b", weight=9)]
    results = rubric.find(points, "I take beta for that.", PROMPT)
    assert rubric.strength(points, results) == "fair"
    assert rubric.strength(points, results, {"e": True}) == "strong"
    assert rubric.strength(points, rubric.find(points, "", PROMPT)) == "weak"


WORDS = st.sampled_from("alpha beta gamma not I take it for the zone, because. never".split())  # noqa: SIM905


@given(st.lists(WORDS, max_size=30), st.dictionaries(st.sampled_from("abcx"), st.booleans()))
def test_score_stays_between_nothing_and_all(words: list[str], overruled: dict[str, bool]) -> None:
    results = rubric.find(POINTS, " ".join(words), PROMPT)
    assert 0 <= rubric.score(POINTS, results, overruled) <= 1
    assert all(bool(result.where) == (result.found or bool(result.reason)) for result in results)


@given(st.sets(st.sampled_from(["alpha", "beta", "gamma"])), st.sampled_from(["alpha", "beta", "gamma"]))
def test_who_says_more_scores_no_less(said: set[str], more: str) -> None:
    def scored(names: set[str]) -> float:
        text = " ".join(f"I would take {name} for it." for name in sorted(names))
        return rubric.score(POINTS, rubric.find(POINTS, text, PROMPT))

    assert scored(said | {more}) >= scored(said)


@given(st.text(alphabet=" .,;\n\t-?!…", max_size=40))
def test_nothing_is_found_in_nothing(text: str) -> None:
    assert not any(result.found for result in rubric.find(POINTS, text, PROMPT))


@given(st.text(max_size=300), st.text(max_size=100))
def test_any_text_is_read(text: str, prompt: str) -> None:
    rubric.find([*POINTS, PDB], text, prompt)
