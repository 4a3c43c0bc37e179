"""Rules for free answers: points that phrases can find, and that nobody gets for copying the question."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eks_lab.content.check.items.surveyed import Report
from eks_lab.content.items import rubric
from eks_lab.content.items.model import FollowUp, Item, KeyPoint, RecallItem
from eks_lab.content.load import Survey
from eks_lab.content.template import names_in
from eks_lab.errors import ContentError

_SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_WHEN = re.compile(r"(?:(?P<which>missing|found): *(?P<id>[a-z0-9-]+)|weak|strong|always)")
GENERAL = "general"
"""Topic of an interview question that belongs to no chapter."""


def recall_problems(survey: Survey, item: Item, report: Report) -> None:
    """Report what is wrong with a question for a free answer; others have no such problems."""
    if not isinstance(item, RecallItem):
        return
    if not 2 <= len(item.points) <= 7:
        report.add("recall-size", f"{len(item.points)} key points", "Two to seven.", "points")
    if not _facts(item, report):
        return
    # What only a learner's sandbox can fill in is left standing: it is neither prompt nor answer here.
    _points(item.prompt, item.points, item.model, report, "points")
    interview = item.interview
    if interview is None:
        return
    assert survey.course_file is not None
    topics = [chapter.id for chapter in survey.course_file.chapters] + [GENERAL]
    if interview.topic not in topics:
        report.add(
            "interview-topic",
            f"unknown topic {interview.topic!r}",
            f"One of: {', '.join(topics)}.",
            "interview",
            "topic",
        )
    if not 0.5 <= interview.minutes <= 15:
        report.add(
            "interview-minutes", f"{interview.minutes:g} minutes", "Half to fifteen.", "interview", "minutes"
        )
    if len(interview.follow_ups) > 3:
        report.add(
            "interview-follow-ups",
            f"{len(interview.follow_ups)} follow-ups",
            "One to three.",
            "interview",
            "follow_ups",
        )
    for number, follow_up in enumerate(interview.follow_ups):
        _follow_up(item, follow_up, number, report)


def _follow_up(item: RecallItem, follow_up: FollowUp, number: int, report: Report) -> None:
    location = ("interview", "follow_ups", number)
    when = _WHEN.fullmatch(follow_up.when.strip())
    known = {point.id for point in item.points}
    if when is None or (when["id"] is not None and when["id"] not in known):
        report.add(
            "interview-when",
            f"when is {follow_up.when!r}",
            f"always, weak, strong, missing: ID or found: ID, with one of {', '.join(sorted(known))}.",
            *location,
        )
    _points(follow_up.prompt, follow_up.points, follow_up.model, report, *location)


def _facts(item: RecallItem, report: Report) -> bool:
    """Report names of facts that are not there."""
    known = set(item.interview.facts) if item.interview else set()
    if not known:
        return True
    try:
        texts = [item.prompt, item.model, *(point.text for point in item.points)]
        texts += [phrase for point in item.points for group in point.says for phrase in group]
        unknown = names_in(texts, "texts") - known
    except ContentError as error:
        report.add("recall-template", error.message, error.hint or "Mend the template.")
        return False
    for name in sorted(unknown):
        report.add(
            "recall-template",
            f"nothing gives {name}",
            f"Facts: {', '.join(sorted(known))}.",
            "interview",
            "facts",
        )
    return not unknown


def _points(
    prompt: str, points: Sequence[KeyPoint], model: str, report: Report, *location: str | int
) -> None:
    ids = [point.id for point in points]
    for number, point in enumerate(points):
        place = (*location, number) if location == ("points",) else location
        if not _SLUG.fullmatch(point.id) or ids.count(point.id) > 1:
            report.add(
                "point-id",
                f"the point id {point.id!r} is not usable",
                "Lower case with dashes, once.",
                *place,
            )
        if point.weight <= 0:
            report.add(
                "point-weight", f"the weight of {point.id} is {point.weight:g}", "More than 0.", *place
            )
        if not point.says or any(not group or not all(map(str.strip, group)) for group in point.says):
            report.add(
                "point-says",
                f"the point {point.id} has an empty group of phrases",
                "Write phrases that a good answer has.",
                *place,
            )
            return
    for found in rubric.find(points, prompt, prompt):
        if found.found:
            report.add(
                "point-copied",
                f"who copies the question has the point {found.point.id}: {found.where!r}",
                "Ask without its words, or demand words that the prompt does not have.",
                *location,
            )
    if "{{" in model:
        # What a strong answer is hangs on the learner's sandbox: the tests of these questions fill it in.
        return
    results = rubric.find(points, model, prompt)
    if rubric.strength(points, results) != "strong":
        missing = ", ".join(each.point.id for each in results if not each.found)
        report.add(
            "recall-model",
            f"the model answer is not strong by its own points; not found: {missing}",
            "Say it in the model answer, or add the phrases it uses.",
            *location,
        )
