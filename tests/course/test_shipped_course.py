"""The shipped course holds together and keeps the promises made for it."""

from __future__ import annotations

from functools import cache

import pytest

from eks_lab import locations
from eks_lab.calc import registry as calc_registry
from eks_lab.calc.forms import read_inputs
from eks_lab.content.body import read_page
from eks_lab.content.check import check_course
from eks_lab.content.load import load_course
from eks_lab.content.model import LoadedCourse
from eks_lab.content.page import Callout, Directive, walk
from eks_lab.content.plain import render_plain
from eks_lab.generate import registry as generate_registry
from eks_lab.grading.known_labs import known_labs

ROOT = locations.content_root() / "lessons"


@cache
def course() -> LoadedCourse:
    return load_course(ROOT)


def test_author_check_finds_nothing() -> None:
    assert [str(finding) for finding in check_course(ROOT)] == []


def test_all_of_the_guide_is_there() -> None:
    lessons = course().course.lessons
    assert len(lessons) >= 45
    numbers = [chapter.number for chapter in course().course.file.chapters]
    assert [str(number) for number in range(14)] == numbers[:14]
    assert all(course().course.chapter_lessons(chapter.id) for chapter in course().course.file.chapters)


def test_every_correction_of_the_guide_lands_in_a_lesson() -> None:
    wanted = {row.id for row in course().course.file.guide_rows}
    found = {
        row
        for lesson in course().course.lessons
        for block in walk(read_page(course(), lesson.id).blocks)
        if isinstance(block, Callout) and block.kind == "guide"
        for row in block.attributes["rows"].split()
    }
    assert len(wanted) == 115
    assert found == wanted


def test_every_diagram_is_used_by_a_lesson() -> None:
    used = {
        block.attributes["id"]
        for lesson in course().course.lessons
        for block in walk(read_page(course(), lesson.id).blocks)
        if isinstance(block, Directive) and block.name == "diagram"
    }
    shipped = {path.stem for path in (ROOT / "diagrams").glob("*.yaml")}
    assert used == shipped
    assert len(shipped) >= 12


def test_every_lab_is_begun_from_a_lesson_of_its_chapter() -> None:
    led_to = {
        (block.attributes["id"], lesson.chapter)
        for lesson in course().course.lessons
        for block in walk(read_page(course(), lesson.id).blocks)
        if isinstance(block, Directive) and block.name == "lab"
    }
    shipped = {(lab.id, lab.chapter) for lab in known_labs(course().course)}
    assert shipped - led_to == set()
    assert len(shipped) >= 29


def test_every_calculator_and_generator_stands_in_a_lesson() -> None:
    used = {
        (block.name, block.attributes["name"])
        for lesson in course().course.lessons
        for block in walk(read_page(course(), lesson.id).blocks)
        if isinstance(block, Directive) and block.name in ("calculator", "generate")
    }
    calculators = {("calculator", name) for name in calc_registry.names()}
    generators = {("generate", name) for name in generate_registry.names()}
    assert (calculators | generators) - used == set()


def test_nat_gateways_break_even_where_the_calculator_does() -> None:
    """The lesson's sum counts all that is billed: the gateways, their public addresses, the crossing of zones."""
    lesson = course().course.lesson("terraform.network")
    assert lesson is not None
    question = next(one for one in lesson.questions if one.id == "terraform.network.break-even")
    calculator = calc_registry.get("cluster-cost")

    def monthly(way_out: str) -> float:
        asked = {"nat": way_out, "nat_gb": question.answer, "cross_zone_gb": 0}
        return float(calculator.compute(read_inputs(calculator, asked)).result["network_usd_per_month"])

    assert monthly("single") == pytest.approx(monthly("per-zone"), abs=0.01)


def test_right_answers_are_not_given_away_by_their_place() -> None:
    places = [
        [option.correct for option in question.options].index(True)
        for lesson in course().course.lessons
        for question in lesson.questions
        if question.kind == "choice"
    ]
    assert max(places.count(place) for place in set(places)) <= 0.45 * len(places)


@pytest.mark.parametrize("lesson_id", [lesson.id for lesson in load_course(ROOT).course.lessons])
def test_every_lesson_reads_as_plain_text(lesson_id: str) -> None:
    lesson = course().course.lesson(lesson_id)
    assert lesson is not None
    text = render_plain(course(), lesson, read_page(course(), lesson_id))
    assert text.startswith(f"# {lesson.title}\n")
    prose = [line for line in text.splitlines() if not line.startswith("    ")]
    assert not any("\u2500" <= character <= "\u257f" for line in prose for character in line)
    assert "\x1b" not in text
