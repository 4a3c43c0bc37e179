"""One lesson: front matter, boxes, fences, directives, links, files."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from eks_lab import locations
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.content.body import quote_files
from eks_lab.content.check.fences import check_code
from eks_lab.content.check.links import check_link
from eks_lab.content.files import followed
from eks_lab.content.findings import Finding, Problem, locate
from eks_lab.content.form_directive import check_shown, dated, read_form_directive
from eks_lab.content.load import Survey, SurveyedLesson
from eks_lab.content.markup import Parsed, parse_body
from eks_lab.content.model import Source
from eks_lab.content.page import (
    Block,
    Callout,
    Code,
    Directive,
    Heading,
    Page,
    Paragraph,
    Spans,
    Table,
    text_of,
    walk,
)

WORDS_PER_MINUTE = 180
"""Reading speed for technical prose; the sources on reading speed agree on 150 to 250."""
_ATTRIBUTES = {"diagram": ("id",), "lab": ("id",), "quiz": ()}
"""Of the directives that are not forms; `::file` hands its own on to the code it becomes."""
ID = re.compile(r"[a-z0-9-]+\.[a-z0-9-]+$")


def check_lesson(
    survey: Survey, surveyed: SurveyedLesson, diagram_ids: set[str]
) -> tuple[Parsed, list[Finding]]:
    """Return the parsed page of a lesson and everything wrong with the lesson by itself.

    Args:
        survey: the course around it, for links and tags.
        surveyed: the lesson.
        diagram_ids: ids of the course's diagrams.
    """
    folder = survey.root / surveyed.lesson.folder
    shown = f"{surveyed.lesson.folder}/lesson.md"
    written = parse_body(surveyed.text.body, surveyed.text.body_line)
    parsed = quote_files(written, folder)
    problems = [
        *parsed.problems,
        *_check_head(survey, surveyed, parsed.page),
        *_check_boxes(survey, parsed.page),
        *_check_directives(survey, surveyed, written.page, diagram_ids),
    ]
    for block in walk(parsed.page.blocks):
        if isinstance(block, Code):
            problems += check_code(block)
        for spans, line in spans_of(block):
            for span in spans:
                if span.href:
                    problems += check_link(survey, surveyed, parsed.page, span.href, line)
                elif "](" in span.text and not span.code:
                    fix = "Write https://…, lesson:ID, term:ID or #heading; code stands in backticks."
                    problems.append(Problem(line, "link", f"no link was made of {_around(span.text)!r}", fix))
    findings = [locate(shown, problem) for problem in problems]
    findings += _check_orphans(survey, folder, written.page)
    return parsed, findings


def spans_of(block: Block) -> Iterator[tuple[Spans, int]]:
    """Yield the styled text of one block with its line."""
    if isinstance(block, Paragraph | Heading):
        yield block.spans, block.line
    elif isinstance(block, Table):
        for row in (block.header, *block.rows):
            for cell in row:
                yield cell, block.line


def _around(text: str) -> str:
    """Return the words at the first `](` of a text."""
    at = text.index("](")
    return text[max(0, at - 30) : at + 40]


def count_words(page: Page) -> int:
    """Return the words of prose and tables; code is not read at reading speed."""
    return sum(len(text_of(spans).split()) for block in walk(page.blocks) for spans, _ in spans_of(block))


def _check_head(survey: Survey, surveyed: SurveyedLesson, page: Page) -> list[Problem]:
    head, document = surveyed.lesson.head, surveyed.head
    assert survey.course_file is not None
    skills = {skill.id for skill in survey.course_file.skills}
    terms = {term.id for _, _, term in survey.terms}
    problems: list[Problem] = []

    def add(field: str | tuple[str | int, ...], rule: str, message: str, fix: str) -> None:
        location = (field,) if isinstance(field, str) else field
        problems.append(Problem(document.line_of(location), rule, message, fix))

    if not ID.match(head.id) or not head.id.startswith(surveyed.lesson.chapter + "."):
        add(
            "id",
            "lesson-id",
            f"id {head.id!r}",
            f"Write {surveyed.lesson.chapter}.<slug>, lower case with dashes.",
        )
    if not 5 <= head.minutes <= 12:
        add(
            "minutes",
            "minutes",
            f"minutes is {head.minutes}",
            "A lesson takes 5 to 12 minutes: split or join.",
        )
    words = count_words(page)
    if 5 <= head.minutes <= 12 and not 0.4 <= words / WORDS_PER_MINUTE / head.minutes <= 1.25:
        honest = max(5, min(12, round(words / WORDS_PER_MINUTE) + 1))
        fewest = round(0.4 * WORDS_PER_MINUTE * 5)
        if words < fewest:
            advice = f"Write more: a lesson has at least {fewest} words."
        elif words > 1.25 * WORDS_PER_MINUTE * 12:
            advice = "Split the lesson."
        else:
            advice = f"Write minutes: {honest}."
        add("minutes", "minutes", f"{words} words in {head.minutes} minutes", advice)
    if head.order < 1:
        add("order", "order", f"order is {head.order}", "Count in tens, from 10.")
    if len(head.title) > 60:
        add("title", "title", f"the title has {len(head.title)} characters", "At most 60.")
    if not 20 <= len(head.summary) <= 140:
        add(
            "summary",
            "summary",
            f"the summary has {len(head.summary)} characters",
            "One sentence of 20 to 140.",
        )
    if not 2 <= len(head.objectives) <= 5:
        add("objectives", "objectives", f"{len(head.objectives)} objectives", "Two to five.")
    if not 2 <= len(head.terms) <= 8:
        add("terms", "terms", f"{len(head.terms)} key terms", "Two to eight.")
    for number, skill in enumerate(head.skills):
        if skill not in skills:
            add(("skills", number), "skill", f"unknown skill {skill!r}", "Use a tag from course.yaml.")
    if not head.skills:
        add("skills", "skill", "no skill", "Name at least one tag from course.yaml.")
    for number, term in enumerate(head.terms):
        if term not in terms and survey.knows_terms:
            add(
                ("terms", number), "term", f"unknown term {term!r}", "Define it in glossary/, or use another."
            )
    if not head.sources:
        add("sources", "source", "no source", "Name at least one page, with url and the day you checked it.")
    for number, source in enumerate(head.sources):
        if not source.url.startswith("https://"):
            add(("sources", number, "url"), "source", f"url {source.url!r}", "Write an https address.")
    if head.eks_version != "any" and not re.fullmatch(r"1\.\d\d\+", head.eks_version):
        add("eks_version", "eks-version", f"eks_version {head.eks_version!r}", "Write any, or 1.34+.")
    return problems


def _check_boxes(survey: Survey, page: Page) -> list[Problem]:
    assert survey.course_file is not None
    rows = {row.id for row in survey.course_file.guide_rows}
    problems: list[Problem] = []
    first = page.blocks[0] if page.blocks else None
    if first is None or isinstance(first, Heading):
        line = first.line if first else 1
        problems.append(
            Problem(line, "opening", "the page starts without a paragraph", "Open with the question.")
        )
    boxes = [block for block in walk(page.blocks) if isinstance(block, Callout)]
    if not any(box.kind == "example" for box in boxes):
        problems.append(
            Problem(1, "example", "no worked example", "Add a :::example box with numbers worked out.")
        )
    for box in boxes:
        if box.kind == "guide":
            named = box.attributes.get("rows", "").split()
            if not named:
                problems.append(
                    Problem(box.line, "guide-rows", "a guide box without rows", 'Write {rows="3.3 3.4"}.')
                )
            for row in named:
                if row not in rows:
                    problems.append(
                        Problem(box.line, "guide-rows", f"unknown row {row!r}", "Use a row from course.yaml.")
                    )
            starts = [text_of(part.spans) for part in box.blocks if isinstance(part, Paragraph)]
            if (
                not starts
                or starts[0].startswith("Today:")
                or not any(t.startswith("Today:") for t in starts)
            ):
                problems.append(
                    Problem(
                        box.line,
                        "guide-today",
                        "a guide box needs both halves",
                        "What it says, then Today: …",
                    )
                )
        if box.kind == "try" and not any(isinstance(part, Code) for part in walk(box.blocks)):
            problems.append(
                Problem(box.line, "try", "a try box without commands", "Add one ```console block.")
            )
    in_boxes = {id(part) for box in boxes if box.kind == "try" for part in walk(box.blocks)}
    for code in walk(page.blocks):
        if isinstance(code, Code) and code.language == "console":
            problems += _check_place(survey, code, is_try=id(code) in in_boxes)
    return problems


def _check_place(survey: Survey, code: Code, *, is_try: bool) -> list[Problem]:
    """Judge what a console block says about being run, by where it stands."""
    problems: list[Problem] = []
    if is_try and "example" in code.attributes:
        message = "an example in a try box, which readers run as it is"
        problems.append(Problem(code.line, "try", message, "Write what a new sandbox can run."))
    after = code.attributes.get("after")
    if after is not None and not is_try:
        problems.append(
            Problem(code.line, "try", "after outside of a try box", "Blocks run from top to bottom.")
        )
    elif (
        after is not None
        and survey.knows_lessons
        and after not in {each.lesson.id for each in survey.lessons}
    ):
        message = f"after the unknown lesson {after!r}"
        problems.append(Problem(code.line, "try", message, "Write the id of a lesson."))
    return problems


def _check_directives(
    survey: Survey, surveyed: SurveyedLesson, page: Page, diagrams: set[str]
) -> list[Problem]:
    problems: list[Problem] = []
    directives = [block for block in walk(page.blocks) if isinstance(block, Directive)]
    for directive in directives:
        for key in directive.attributes:
            if directive.name in _ATTRIBUTES and key not in _ATTRIBUTES[directive.name]:
                message = f"::{directive.name} has no attribute {key!r}"
                problems.append(Problem(directive.line, "attributes", message, "Remove it."))
        if directive.name == "diagram" and directive.attributes.get("id", "") not in diagrams:
            name = directive.attributes.get("id", "")
            known = ", ".join(sorted(diagrams))
            problems.append(
                Problem(directive.line, "diagram-id", f"unknown diagram {name!r}", f"Known: {known}.")
            )
        if directive.name == "lab":
            problems += _check_lab(directive, survey.root)
        if directive.name == "calculator":
            problems += _check_calculator(directive, surveyed.lesson.head.sources)
        if directive.name == "generate":
            problems += _check_generator(directive, surveyed.lesson.head.sources)
    quizzes = [directive for directive in directives if directive.name == "quiz"]
    if surveyed.lesson.questions and (len(quizzes) != 1 or page.blocks[-1] is not quizzes[0]):
        line = quizzes[0].line if quizzes else surveyed.text.body_line
        problems.append(
            Problem(line, "quiz-place", "the quiz does not close the page", "End the page with ::quiz.")
        )
    if not surveyed.lesson.questions and f"{surveyed.lesson.folder}/quiz.yaml" not in survey.unread:
        problems.append(Problem(1, "quiz-missing", "no quiz", "Write quiz.yaml with two to four questions."))
    return problems


def _check_lab(directive: Directive, root: Path) -> list[Problem]:
    name = directive.attributes.get("id", "")
    # A course of one's own may bring labs in a folder beside it; those of the program are always there.
    homes = (locations.content_root() / "labs", root.parent / "labs")
    known = sorted({found.parent.name for home in homes for found in home.glob("*/lab.yaml")})
    if name in known:
        return []
    hint = did_you_mean(name, tuple(known)) or "See eks-lab lab list."
    return [Problem(directive.line, "lab-id", f"unknown lab {name!r}", hint)]


def _check_calculator(directive: Directive, sources: Sequence[Source]) -> list[Problem]:
    from eks_lab.calc import forms, registry
    from eks_lab.errors import InputError

    asked = read_form_directive(directive.attributes)
    try:
        calculator = registry.get(asked.name)
        check_shown(calculator, asked.shown)
        calculator.compute(forms.read_inputs(calculator, dated(calculator, asked.given, sources)))
    except InputError as error:
        return [Problem(directive.line, "calculator", error.message, error.hint or "See eks-lab calc list.")]
    return []


def _check_generator(directive: Directive, sources: Sequence[Source]) -> list[Problem]:
    from eks_lab.errors import InputError
    from eks_lab.generate import registry
    from eks_lab.generate.choices import read_choices

    asked = read_form_directive(directive.attributes, has_presets=True)
    try:
        generator = registry.get(asked.name)
        check_shown(generator, asked.shown)
        generator.render(read_choices(generator, asked.preset, dated(generator, asked.given, sources)))
    except InputError as error:
        return [
            Problem(directive.line, "generate", error.message, error.hint or "See eks-lab generate list.")
        ]
    return []


def _check_orphans(survey: Survey, folder: Path, page: Page) -> list[Finding]:
    quoted = {
        followed(folder / block.attributes.get("src", ""))
        for block in walk(page.blocks)
        if isinstance(block, Directive) and block.name == "file"
    }
    findings = []
    for path in sorted(folder.rglob("*")):
        if os.path.islink(path) and os.path.isdir(path):  # these two take a closed folder for an answer
            shown = path.relative_to(survey.root).as_posix()
            fix = "Put the files themselves into the folder, or remove it."
            findings.append(Finding(shown, 1, "orphan", "a link to a folder", fix))
            continue
        if os.path.isdir(path) or path.name in {"lesson.md", "quiz.yaml"}:
            continue
        if any(part.startswith(".") for part in path.relative_to(folder).parts):
            continue  # what editors and file managers leave behind
        if followed(path) not in quoted:
            shown = path.relative_to(survey.root).as_posix()
            findings.append(
                Finding(
                    shown,
                    1,
                    "orphan",
                    "no page quotes this file",
                    "Quote it with ::file{src=…}, or remove it.",
                )
            )
    return findings
