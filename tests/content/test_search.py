"""Search as you type."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from eks_lab.content.load import load_course
from eks_lab.content.search import SearchIndex
from tests.content.course_files import lesson_path, write_course


@pytest.fixture
def index(tmp_path: Path) -> SearchIndex:
    return SearchIndex.build(load_course(write_course(tmp_path)))


def test_titles_come_before_text(index: SearchIndex) -> None:
    hits = index.search("slots")
    assert (hits[0].kind, hits[0].id, hits[0].anchor) == ("lesson", "net.slots", "")


def test_a_word_matches_from_its_beginning(index: SearchIndex) -> None:
    (hit,) = [hit for hit in index.search("sevent") if hit.kind == "section"]
    assert (hit.anchor, hit.place) == ("the-formula", "1 Networking › The formula")
    assert ("seventeen", True) in hit.snippet


def test_all_words_must_match(index: SearchIndex) -> None:
    assert index.search("formula interfaces")
    assert not index.search("formula karpenter")


def test_terms_by_alias(index: SearchIndex) -> None:
    assert [(hit.kind, hit.id) for hit in index.search("elastic")] == [("term", "eni")]


def test_code_is_found(index: SearchIndex) -> None:
    assert index.search("kubectl get nodes")
    assert index.search("nginx")


def test_a_broken_lesson_is_left_out(tmp_path: Path) -> None:
    loaded = load_course(write_course(tmp_path))
    lesson_path(tmp_path).write_text("broken")
    assert [hit.kind for hit in SearchIndex.build(loaded).search("eni")] == ["term"]


@pytest.mark.parametrize(
    "query", ["", "  ", '"', "a OR", "NEAR(", "title:", "*", "-x", "'; DROP TABLE place"]
)
def test_operators_are_only_text(index: SearchIndex, query: str) -> None:
    index.search(query)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.text(max_size=40))
def test_any_text_can_be_typed(index: SearchIndex, query: str) -> None:
    assert len(index.search(query, limit=5)) <= 5


def test_tags_of_skills_are_found_but_never_shown(index: SearchIndex) -> None:
    (hit,) = [hit for hit in index.search("ip-planning") if hit.id == "net.slots"]
    assert hit.kind == "lesson"
    assert "ip-planning" not in "".join(text for text, _ in hit.snippet)
