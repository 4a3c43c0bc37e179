"""Skeletons for authors, previews and schemas."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import jsonschema
import pytest
import yaml

from eks_lab.content.check import check_course
from eks_lab.content.load import survey_course
from eks_lab.content.new import new_bank, new_lesson, new_quiz
from eks_lab.content.preview import find_preview, read_preview, render_preview
from eks_lab.content.schema import PACKAGED, schema_text, schemas
from eks_lab.errors import ContentError, InputError
from tests.content.course_files import QUIZ, lesson_path, replace_in, write_course

TODAY = date(2026, 11, 22)


def test_a_new_lesson_and_quiz_can_be_read(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    path = new_lesson(root, "net.prefix-lists", TODAY)
    assert path == root / "01-net" / "20-prefix-lists" / "lesson.md"
    new_quiz(root, "net.prefix-lists", Path("quiz.json"))
    survey = survey_course(root)
    assert survey.findings == []
    assert {surveyed.lesson.id for surveyed in survey.lessons} == {"net.slots", "net.prefix-lists"}


@pytest.mark.parametrize(
    ("lesson_id", "message"),
    [("Net.Slots", "no lesson id"), ("net", "no lesson id"), ("x.y", "no chapter"), ("net.slots", "exists")],
)
def test_a_lesson_that_cannot_be_made(tmp_path: Path, lesson_id: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        new_lesson(write_course(tmp_path), lesson_id, TODAY)


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    with pytest.raises(InputError, match="exists"):
        new_quiz(root, "net.slots", Path("quiz.json"))
    with pytest.raises(InputError, match="no lesson"):
        new_quiz(root, "net.none", Path("quiz.json"))
    with pytest.raises(ContentError, match="holds no"):
        new_lesson(tmp_path / "01-net", "net.x", TODAY)


def test_a_preview_shows_the_page_and_its_problems(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    replace_in(lesson_path(root), "::quiz", "::video{id=x}\n\n::quiz")
    target = find_preview(lesson_path(root).parent)
    assert target.root == root
    preview = read_preview(target)
    assert [problem.rule for problem in preview.problems] == ["directive"]
    assert "unknown directive ::video" in render_preview(target)
    assert "# Slots on a node" in render_preview(target)


def test_a_new_bank_file_only_needs_its_sources_named(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    path = new_bank(root, "net.slots", "numbers", PACKAGED / "bank.json")
    assert path == root / "01-net" / "quiz" / "numbers.yaml"
    assert {finding.rule for finding in check_course(root)} == {"question-source"}
    path.write_text(path.read_text().replace("Name of the page", "The page"))
    assert check_course(root) == []
    with pytest.raises(InputError, match="exists"):
        new_bank(root, "net.slots", "numbers", PACKAGED / "bank.json")
    with pytest.raises(InputError, match="no lesson"):
        new_bank(root, "net.none", "other", PACKAGED / "bank.json")
    with pytest.raises(InputError, match="no name of a file"):
        new_bank(root, "net.slots", "../other", PACKAGED / "bank.json")


def test_a_preview_of_broken_front_matter_still_shows_the_page(tmp_path: Path) -> None:
    root = write_course(tmp_path)
    replace_in(lesson_path(root), "minutes: 5", "minutes: soon")
    preview = read_preview(find_preview(lesson_path(root)))
    assert preview.lesson is None
    assert preview.page.headings
    assert preview.problems[
        0
    ].message == "lesson.md: minutes is 'soon': input should be a valid integer, " + (
        "unable to parse string as an integer"
    )


def test_what_cannot_be_previewed(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no lesson"):
        find_preview(tmp_path)
    (tmp_path / "lesson.md").write_text("")
    with pytest.raises(InputError, match="no course"):
        find_preview(tmp_path)


@pytest.mark.parametrize("name", ["course", "lesson", "quiz", "bank", "glossary", "diagram"])
def test_packaged_schemas_are_up_to_date(name: str) -> None:
    """Run `eks-lab author schema --write` after changing a model."""
    assert (PACKAGED / f"{name}.json").read_text(encoding="utf-8") == schema_text(name)


def test_schemas_accept_and_refuse_what_the_program_does() -> None:
    schema = schemas()["quiz"]
    jsonschema.Draft202012Validator.check_schema(schema)
    document = json.loads(json.dumps(yaml.safe_load(QUIZ)))
    jsonschema.validate(document, schema)
    document["questions"][0]["knid"] = "number"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, schema)


def test_schema_fields_carry_their_descriptions() -> None:
    assert schemas()["lesson"]["properties"]["minutes"]["description"].startswith("Reading time")
