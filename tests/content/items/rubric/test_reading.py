"""Texts read into sentences of words."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.content.items.rubric.reading import read
from eks_lab.content.items.rubric.stemming import stem


def plain(text: str) -> list[list[str]]:
    return [[word.plain for word in sentence.words] for sentence in read(text)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("podIdentity", [["pod", "identity"]]),
        ("the PDB", [["pod", "disruption", "budget"]]),
        ("PDBs", [["pod", "disruption", "budget"]]),
        ("K8s", [["kubernetes"]]),
        ("It doesn’t, it can't.", [["it", "does", "not", "it", "can", "not"]]),
        ("sixteen IPs", [["16", "ips"]]),
        ("1,000 pods", [["1000", "pods"]]),
        ("version 1.36", [["version", "1.36"]]),
        ("5 min, 20 %, 2Gi", [["5", "minute", "20", "percent", "2", "gib"]]),
        ("min two", [["min", "2"]]),
        ("$72 a month", [["72", "usd", "month"]]),
        ("naïve", [["naive"]]),
        ("eks.amazonaws.com/role-arn", [["eks", "amazonaws", "com", "role", "arn"]]),
        ("1. zones\n2. nodes", [["zones"], ["nodes"]]),
        ("3. They are many", [["3"], ["they", "are", "many"]]),
        ("", []),
        (" … !? ", []),
    ],
)
def test_words(text: str, words: list[list[str]]) -> None:
    assert plain(text) == words


@pytest.mark.parametrize(
    ("text", "count"),
    [
        ("One. Two! Three?", 3),
        ("Use e.g. taints, i.e. keep them away.", 1),
        ("A line that\nwas wrapped.", 1),
        ("One\n\nTwo", 2),
        ("- taints\n- labels\n2. zones", 3),
        ("Version 1.36 is out", 1),
        ("He said so (twice.) Then left.", 2),
    ],
)
def test_sentences(text: str, count: int) -> None:
    assert len(read(text)) == count


@given(st.text(max_size=200))
def test_places_are_right_for_any_text(text: str) -> None:
    for sentence in read(text):
        assert 0 <= sentence.start < sentence.end <= len(text)
        for word in sentence.words:
            assert sentence.start <= word.start < word.end <= sentence.end
            assert word.plain


@pytest.mark.parametrize(
    "forms",
    [
        ("encrypt", "encrypts", "encrypted", "encrypting", "encryption"),
        ("evict", "evicted", "eviction", "evictions"),
        ("schedule", "scheduled", "scheduler", "scheduling"),
        ("scale", "scales", "scaling", "scaled"),
        ("policy", "policies"),
        ("cpu", "cpus"),
        ("status", "statuses"),
        ("authorise", "authorize", "authorised", "authorization", "authorisation"),
        ("authenticate", "authentication"),
        ("behaviour", "behavior"),
        ("labelled", "labeled"),
        ("isolate", "isolation", "isolated"),
        ("deny", "denies", "denied"),
        ("run", "running", "runs", "ran"),
    ],
)
def test_forms_of_a_word_meet(forms: tuple[str, ...]) -> None:
    assert len({stem(form) for form in forms}) == 1


@pytest.mark.parametrize(
    ("one", "other"),
    [("deployment", "deploy"), ("container", "contain"), ("cluster", "clust"), ("access", "accept")],
)
def test_words_that_differ_stay_apart(one: str, other: str) -> None:
    assert stem(one) != stem(other)
