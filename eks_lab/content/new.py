"""Skeletons of lessons and quizzes that an author fills in."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

from eks_lab.content.files import read_text
from eks_lab.content.load import Survey, survey_course
from eks_lab.errors import ContentError, InputError

LESSON = """\
---
id: {id}
title: {title}
minutes: 6
order: {order}
summary: One sentence for the tree and for search results.
objectives:
  - Explain …
  - Choose …
skills: [{skill}]
terms: []
sources:
  - title: Name of the page
    url: https://docs.aws.amazon.com/eks/latest/userguide/
    checked: {today}
---
Open with the question an engineer has.

## The idea

Text, with [links to terms](term:…) and [lessons](lesson:…).

:::example{{title="By hand"}}
Numbers or a situation, worked through to the end.
:::

:::try{{needs=sandbox}}
Say what to look for.

```console {{needs=sandbox}}
$ kubectl get nodes
```
:::

::quiz
"""

QUIZ = """\
# yaml-language-server: $schema={schema}
format: 1
questions:
  - id: {id}.first
    kind: choice
    prompt: A situation, and what to do in it?
    options:
      - text: The right answer
        correct: true
        explain: Why it is right.
      - text: A mistake people make
        explain: What is wrong with it.
      - text: Another mistake
        explain: What is wrong with it.
    source: Name of the page
    difficulty: 1
  - id: {id}.second
    kind: number
    prompt: A question with a number for an answer?
    answer: 17
    unit: pods
    explain: 3 × (6 − 1) + 2 = 17.
    source: Name of the page
    difficulty: 2
"""

BANK = """\
# yaml-language-server: $schema={schema}
format: 1
items:
  - id: {id}.a-situation
    kind: choice
    prompt: A situation, and what to do in it?
    options:
      - text: A mistake people make
        explain: What is wrong with it.
      - text: The right answer
        correct: true
        explain: Why it is right.
      - text: Another mistake
        explain: What is wrong with it.
    source: Name of the page
    difficulty: 1

  - id: {id}.a-number
    kind: number
    prompt: How many pods may a {{{{ type }}}} run in secondary-IP mode?
    vars:
      type: {{choose: [t3.small, t3.medium, m5.large, m5.xlarge, m5.4xlarge]}}
    computed_by: {{calculator: max-pods, inputs: {{instance: "{{{{ type }}}}"}}, result: max_pods}}
    unit: pods
    explain: The working is the calculator's; say here what it does not.
    source: Name of the page
    difficulty: 2

  - id: {id}.in-your-words
    kind: recall
    prompt: Why does a node run out of addresses before it runs out of memory?
    points:
      - id: limit
        text: The instance type limits interfaces and addresses on each.
        says: [[limit, limits, only so many, at most], [interface, interfaces, eni, enis, address, addresses]]
        essential: true
      - id: pods-take-addresses
        text: Every pod takes an address of the VPC.
        says: [[pod, pods], [takes, take, needs, need, gets, get], [vpc, subnet]]
    model: >-
      Each pod takes an address from the VPC. The instance type limits how many interfaces there are and how many
      addresses each holds, whatever memory is left.
    source: Name of the page
    difficulty: 2
"""


def new_lesson(root: Path, lesson_id: str, today: date) -> Path:
    """Write the skeleton of a lesson and return its path.

    Args:
        root: the folder that holds `course.yaml`.
        lesson_id: `<chapter>.<slug>`.
        today: for the date of the source.

    Raises:
        InputError: the id is no id, its chapter is unknown, or the lesson exists.
        ContentError: the folder holds no course.
    """
    survey = _survey(root)
    assert survey.course_file is not None
    if not re.fullmatch(r"[a-z0-9-]+\.[a-z0-9-]+", lesson_id):
        raise InputError(
            f"{lesson_id!r} is no lesson id.", hint="Write <chapter>.<slug>, lower case with dashes."
        )
    chapter_id, slug = lesson_id.split(".")
    chapter = next((chapter for chapter in survey.course_file.chapters if chapter.id == chapter_id), None)
    if chapter is None:
        known = ", ".join(chapter.id for chapter in survey.course_file.chapters)
        raise InputError(f"There is no chapter {chapter_id!r}.", hint=f"Chapters in course.yaml: {known}.")
    if any(surveyed.lesson.id == lesson_id for surveyed in survey.lessons):
        raise InputError(f"The lesson {lesson_id} exists.", hint="Ids are for ever; take another.")
    orders = [
        surveyed.lesson.head.order for surveyed in survey.lessons if surveyed.lesson.chapter == chapter_id
    ]
    order = (max(orders, default=0) // 10 + 1) * 10
    skill = survey.course_file.skills[0].id if survey.course_file.skills else "…"
    title = slug.replace("-", " ").capitalize()
    path = root / chapter.folder / f"{order}-{slug}" / "lesson.md"
    _write(path, LESSON.format(id=lesson_id, title=title, order=order, skill=skill, today=today.isoformat()))
    return path


def new_quiz(root: Path, lesson_id: str, schema: Path) -> Path:
    """Write the skeleton of a lesson's quiz and return its path.

    Args:
        root: the folder that holds `course.yaml`.
        lesson_id: an existing lesson.
        schema: JSON Schema for editors.

    Raises:
        InputError: there is no such lesson, or it has a quiz.
        ContentError: the folder holds no course.
    """
    survey = _survey(root)
    found = next((surveyed.lesson for surveyed in survey.lessons if surveyed.lesson.id == lesson_id), None)
    if found is None:
        raise InputError(
            f"There is no lesson {lesson_id!r}.", hint=f"First: eks-lab author new lesson {lesson_id}"
        )
    path = root / found.folder / "quiz.yaml"
    _write(path, QUIZ.format(id=lesson_id, schema=schema))
    return path


def new_bank(root: Path, lesson_id: str, name: str, schema: Path) -> Path:
    """Write the skeleton of a file of the question bank and return its path.

    Args:
        root: the folder that holds `course.yaml`.
        lesson_id: an existing lesson, for the ids; the file goes into the quiz folder of its chapter.
        name: of the file, without `.yaml`.
        schema: JSON Schema for editors.

    Raises:
        InputError: there is no such lesson, the name is no name, or the file exists.
        ContentError: the folder holds no course.
    """
    survey = _survey(root)
    assert survey.course_file is not None
    found = next((surveyed.lesson for surveyed in survey.lessons if surveyed.lesson.id == lesson_id), None)
    if found is None:
        raise InputError(
            f"There is no lesson {lesson_id!r}.", hint=f"First: eks-lab author new lesson {lesson_id}"
        )
    if not re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", name):
        raise InputError(f"{name!r} is no name of a file.", hint="Lower case, digits and dashes, no ending.")
    folder = next(chapter.folder for chapter in survey.course_file.chapters if chapter.id == found.chapter)
    path = root / folder / "quiz" / f"{name}.yaml"
    _write(path, BANK.format(id=lesson_id, schema=schema))
    return path


def _survey(root: Path) -> Survey:
    if not (root / "course.yaml").is_file():
        raise ContentError(
            f"{root} holds no course.yaml.", hint="Name the folder of a course with --content DIR."
        )
    read_text(root / "course.yaml")
    survey = survey_course(root)
    if survey.course_file is None:
        first = survey.findings[0]
        raise ContentError(f"{root / first.path}:{first.line}: {first.message}", hint=first.fix)
    return survey


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"{path} exists.", hint="Nothing was changed.") from None
    except OSError as error:
        raise ContentError(
            f"{path} cannot be written: {error.strerror}.", hint="Check its permissions."
        ) from error
