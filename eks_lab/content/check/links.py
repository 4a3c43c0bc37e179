"""Links inside the course lead somewhere; links outside are https."""

from __future__ import annotations

from urllib.parse import unquote

from eks_lab.content.findings import Problem
from eks_lab.content.load import Survey, SurveyedLesson
from eks_lab.content.markup import parse_body
from eks_lab.content.page import Page


def check_link(survey: Survey, surveyed: SurveyedLesson, page: Page, href: str, line: int) -> list[Problem]:
    """Return what is wrong with one link.

    Args:
        survey: the course.
        surveyed: the lesson the link stands in.
        page: its page, for links to its own headings.
        href: where the link leads.
        line: where it stands.
    """
    href = unquote(href)  # as the author wrote it; Markdown has it encoded
    scheme, _, target = href.partition(":")
    if href.startswith("#"):
        if href[1:] not in {heading.anchor for heading in page.headings}:
            return [Problem(line, "link-anchor", f"no heading {href}", _anchors(page))]
        return []
    if scheme == "https":
        return []
    if scheme == "term":
        if survey.knows_terms and target not in {term.id for _, _, term in survey.terms}:
            return [
                Problem(
                    line, "link-term", f"unknown term {target!r}", "Define it in glossary/, or link another."
                )
            ]
        return []
    if scheme == "lesson":
        lesson_id, _, anchor = target.partition("#")
        found = next((other for other in survey.lessons if other.lesson.id == lesson_id), None)
        if found is None and not survey.knows_lessons:
            return []
        if found is None:
            return [
                Problem(line, "link-lesson", f"unknown lesson {lesson_id!r}", "Write the id of a lesson.")
            ]
        if anchor:
            other = parse_body(found.text.body, found.text.body_line).page
            if anchor not in {heading.anchor for heading in other.headings}:
                return [Problem(line, "link-anchor", f"no heading #{anchor} in {lesson_id}", _anchors(other))]
        return []
    return [Problem(line, "link", f"link to {href!r}", "Write https://…, lesson:ID, term:ID or #heading.")]


def _anchors(page: Page) -> str:
    anchors = ", ".join("#" + heading.anchor for heading in page.headings)
    return f"Headings there: {anchors}." if anchors else "That page has no headings."
