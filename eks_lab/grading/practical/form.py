"""What has to be right in a practical question that its schema cannot say."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from eks_lab.content.actions import Action
from eks_lab.content.duration import parse_duration
from eks_lab.content.items.model import CommandItem, ManifestAnswer, Printed, WrongCommand
from eks_lab.content.queries import Query
from eks_lab.errors import EksLabError, InputError
from eks_lab.grading.pack import safe_name
from eks_lab.grading.practical.situation import PracticalItem
from eks_lab.grading.query_kinds import COMMANDS, given_kinds, parts

FEWEST_ANSWERS = 2


def broken_form(item: PracticalItem) -> Iterator[str]:
    """Yield a sentence for everything that is wrong with a question's text.

    Args:
        item: with its variables put in.
    """
    if len(item.answers) < FEWEST_ANSWERS:
        yield f"{len(item.answers)} sample answers: write at least {FEWEST_ANSWERS}"
    if not item.wrong:
        yield "no wrong answer: write at least one that looks right"
    wrong: list[WrongCommand | ManifestAnswer] = [*item.wrong]
    for number, each in enumerate(wrong, 1):
        if not each.why.strip():
            yield f"wrong {number} does not say why"
    yield from _tried("after", lambda: parse_duration(item.after))
    for number, effect in enumerate(item.checks, 1):
        yield from _query(f"check {number}", effect)
        if not effect.otherwise.strip():
            yield f"check {number}: otherwise is empty"
    for number, action in enumerate(item.setup, 1):
        yield from _action(f"setup {number}", action)
    if isinstance(item, CommandItem):
        if item.prints is None and not item.checks:
            yield "neither checks nor prints: nothing is judged"
        if item.prints is not None:
            yield from _printed(item.prints)
        if item.lines < 1:
            yield f"lines is {item.lines}: write 1 or more"
        return
    if not item.checks and not item.rules:
        yield "neither checks nor rules: nothing is judged"
    yield from _tried("file", lambda: safe_name(item.file))
    yield from _rules(item.rules)
    for what, answers in (("answer", item.answers), ("wrong", item.wrong)):
        for number, answer in enumerate(answers, 1):
            yield from _edits(f"{what} {number}", item.given, answer)


def text_of(given: str, answer: ManifestAnswer) -> str:
    """Return the whole file of an answer.

    Args:
        given: what stands in the file at first.
        answer: a whole text, or edits.

    Raises:
        InputError: a text to replace does not stand there exactly once.
    """
    if answer.text:
        return answer.text
    text = given
    for edit in answer.edits:
        count = text.count(edit.replace)
        if count != 1 or not edit.replace:
            raise InputError(f"{edit.replace!r} stands in the file {count} times, not once")
        text = text.replace(edit.replace, edit.to)
    return text


def _edits(place: str, given: str, answer: ManifestAnswer) -> Iterator[str]:
    if bool(answer.edits) is bool(answer.text):
        yield f"{place}: give either edits or text"
        return
    yield from _tried(place, lambda: text_of(given, answer))


def _printed(prints: Printed) -> Iterator[str]:
    if not (prints.contains or prints.matches):
        yield "prints: contains and matches are empty, so that no output would do as well"
    for pattern in prints.matches:
        yield from _pattern("prints", pattern)


def _rules(rules: list[str]) -> Iterator[str]:
    from eks_lab.checker.manifests import RULES
    from eks_lab.grading.checks.manifest import SEVERITIES

    known = {each.id for each in RULES} | SEVERITIES
    for rule in rules:
        if rule not in known:
            yield f"rules: the checker has no rule {rule!r}"


def _query(place: str, query: Query) -> Iterator[str]:
    for _, part in parts(query):
        kinds = given_kinds(part)
        if len(kinds) != 1:
            yield f"{place}: give exactly one kind of query, not {' and '.join(kinds) or 'none'}"
            continue
        value = getattr(part, kinds[0])
        if kinds[0] in ("answer", "calc"):
            yield f"{place}: {kinds[0]} asks the learner, who has answered already"
        if kinds[0] == "schedule" and value.manifest and "\n" not in value.manifest:
            yield f"{place}: a question has no files: write the manifest itself"
        for name in ("matches", "message", "regex"):
            if isinstance(pattern := getattr(value, name, None), str):
                yield from _pattern(place, pattern)


def _action(place: str, action: Action) -> Iterator[str]:
    kinds = given_kinds(action)
    if len(kinds) != 1:
        yield f"{place}: give exactly one action, not {' and '.join(kinds) or 'none'}"
        return
    kind = kinds[0]
    if kind == "answer":
        yield f"{place}: only a learner can answer"
    if (action.fails or action.remember) and kind not in COMMANDS:
        yield f"{place}: fails and remember are for commands"
    if action.apply is not None and "\n" not in action.apply:
        yield f"{place}: a question has no files: write the manifest itself, over several lines"
    if action.file is not None and action.file.text is None:
        yield f"{place}: a question has no files: give the text"
    if action.wait is not None:
        yield from _query(place, action.wait.until)
        most = action.wait.most
        yield from _tried(place, lambda: parse_duration(most))


def _pattern(place: str, pattern: str) -> Iterator[str]:
    try:
        re.compile(pattern)
    except (re.error, ValueError, OverflowError, RecursionError) as error:
        yield f"{place}: {pattern!r} is no regular expression: {error}"


def _tried(place: str, attempt: Callable[[], object]) -> Iterator[str]:
    try:
        attempt()
    except EksLabError as error:
        yield f"{place}: {error.message}"
