"""Quizzes: one defensible answer each, explained, sourced, and not given away by form."""

from __future__ import annotations

import math

from eks_lab.content.findings import Finding, Problem, locate
from eks_lab.content.load import Survey, SurveyedLesson
from eks_lab.content.markup import parse_body
from eks_lab.content.model import Question
from eks_lab.errors import InputError


def check_quizzes(survey: Survey) -> list[Finding]:
    """Return what is wrong with the quizzes of a course."""
    findings: list[Finding] = []
    seen: dict[str, str] = {}
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
            if question.id in seen:
                message = f"the id {question.id!r} is also used in {seen[question.id]}"
                findings.append(Finding(shown, line, "question-id", message, "Ids are unique in the course."))
            seen[question.id] = shown
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

    right = sum(option.correct for option in question.options)
    if not 3 <= len(question.options) <= 6:
        add("options", f"{len(question.options)} options", "Three to six.")
    if question.kind == "choice" and right != 1:
        add("options-right", f"{right} right answers", "Exactly one; for several use kind: multi.")
    if question.kind == "multi" and not 1 <= right < len(question.options):
        add(
            "options-right",
            f"{right} of {len(question.options)} options are right",
            "At least one, and not all.",
        )
    if len({option.text.strip().lower() for option in question.options}) != len(question.options):
        add("options-same", "two options say the same", "Change one.")
    if question.answer is not None or question.computed_by is not None:
        add("options-answer", "answer and computed_by are for number questions", "Remove them.")
    for option in question.options:
        if len(option.explain.strip()) < 10:
            add("explain", f"the option {option.text!r} is not explained", "Say why it is right or wrong.")
    lengths = sorted(len(option.text) for option in question.options)
    longest_right = any(option.correct and len(option.text) == lengths[-1] for option in question.options)
    if question.kind == "choice" and len(lengths) > 1 and longest_right and lengths[-1] > 1.8 * lengths[-2]:
        add("options-length", "the right answer is by far the longest", "Make the wrong ones as exact.")
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
    from eks_lab.calc import forms, registry

    wanted = question.computed_by
    assert wanted is not None
    try:
        calculator = registry.get(wanted.calculator)
        answer = calculator.compute(forms.read_inputs(calculator, wanted.inputs))
    except InputError as error:
        return error.message
    value = answer.result.get(wanted.result)
    if isinstance(value, bool) or not isinstance(value, int | float):
        return f"{wanted.calculator} has no number {wanted.result!r}; it has {', '.join(answer.result)}"
    return float(value)
