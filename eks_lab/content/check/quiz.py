"""Quizzes: one defensible answer each, explained, sourced, and not given away by form."""

from __future__ import annotations

import math

from eks_lab.content.calculated import calculated
from eks_lab.content.check.items.picked import option_problems
from eks_lab.content.findings import Finding, Problem, locate
from eks_lab.content.load import Survey, SurveyedLesson
from eks_lab.content.markup import parse_body
from eks_lab.content.model import Question
from eks_lab.errors import ContentError


def check_quizzes(survey: Survey) -> list[Finding]:
    """Return what is wrong with the quizzes of a course."""
    findings: list[Finding] = []
    for surveyed in survey.lessons:
        if surveyed.quiz is None:
            continue
        shown = f"{surveyed.lesson.folder}/quiz.yaml"
        questions = surveyed.lesson.questions
        if not 2 <= len(questions) <= 4:
            findings.append(Finding(shown, 1, "quiz-size", f"{len(questions)} questions", "Two to four."))
        for number, question in enumerate(questions):
            line = surveyed.quiz.line_of(("questions", number))
            for problem in _check_question(survey, surveyed, question, line):
                findings.append(locate(shown, problem))
    return findings


def _check_question(survey: Survey, surveyed: SurveyedLesson, question: Question, line: int) -> list[Problem]:
    problems: list[Problem] = []

    def add(rule: str, message: str, fix: str) -> None:
        problems.append(Problem(line, rule, f"{question.id}: {message}", fix))

    if not question.id.startswith(surveyed.lesson.id + "."):
        add("question-id", "the id does not start with the lesson's", f"Write {surveyed.lesson.id}.<slug>.")
    if question.source not in {source.title for source in surveyed.lesson.head.sources}:
        add(
            "question-source",
            f"source {question.source!r} is no source of the lesson",
            "Use the title of one.",
        )
    if question.rev < 1:
        add("question-rev", f"rev is {question.rev}", "Count from 1.")
    assert survey.course_file is not None
    known = {skill.id for skill in survey.course_file.skills}
    for skill in question.skills:
        if skill not in known:
            add("skill", f"unknown skill {skill!r}", "Use a tag from course.yaml.")
    texts = [question.prompt, question.explain, *(option.text for option in question.options)]
    texts += [option.explain for option in question.options]
    for text in texts:
        for problem in parse_body(text).problems:
            add("question-markup", problem.message, problem.fix)
    if question.kind == "number":
        problems += _check_number(question, line)
    else:
        problems += _check_options(question, line)
    return problems


def _check_options(question: Question, line: int) -> list[Problem]:
    problems: list[Problem] = []

    def add(rule: str, message: str, fix: str) -> None:
        problems.append(Problem(line, rule, f"{question.id}: {message}", fix))

    for rule, message, fix in option_problems(question.kind, question.options):
        add(rule, message, fix)
    if question.answer is not None or question.computed_by is not None:
        add("options-answer", "answer and computed_by are for number questions", "Remove them.")
    return problems


def _check_number(question: Question, line: int) -> list[Problem]:
    problems: list[Problem] = []

    def add(rule: str, message: str, fix: str) -> None:
        problems.append(Problem(line, rule, f"{question.id}: {message}", fix))

    if question.options:
        add("options", "a number question with options", "Remove them, or use kind: choice.")
    if question.answer is None or not math.isfinite(question.answer):
        add("answer", "no answer", "Write answer: with a number.")
        return problems
    if question.tolerance < 0:
        add("tolerance", f"tolerance is {question.tolerance}", "Zero or more.")
    if len(question.explain.strip()) < 10:
        add("explain", "the working is missing", "Write explain: with the numbers put in.")
    if question.computed_by is not None:
        computed = _compute(question)
        if isinstance(computed, str):
            add("computed-by", computed, "See eks-lab calc list and its --json.")
        elif abs(computed - question.answer) > question.tolerance:
            add(
                "computed-by",
                f"answer is {question.answer:g}, the calculator says {computed:g}",
                "One is wrong.",
            )
    return problems


def _compute(question: Question) -> float | str:
    wanted = question.computed_by
    assert wanted is not None
    try:
        value = calculated(wanted.calculator, wanted.inputs, wanted.result)
    except ContentError as error:
        return f"{error.message} {error.hint}".strip()
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{wanted.calculator} gives {value!r} as {wanted.result!r}, which is no number"
    return float(value)
