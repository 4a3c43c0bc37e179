"""Rules for commands and manifests, as far as a file shows them; what they do is proved in a sandbox."""

from __future__ import annotations

import re
from collections.abc import Sequence

from eks_lab.content.check.items.surveyed import Report
from eks_lab.content.duration import parse_duration
from eks_lab.content.items.model import CommandItem, Item, ManifestAnswer, ManifestItem
from eks_lab.content.items.variant import Variant, in_all_texts, make_variant
from eks_lab.content.load import Survey
from eks_lab.errors import EksLabError, InputError

SEEDS = 5
"""Draws that the texts are filled with."""


def practical_problems(survey: Survey, item: Item, report: Report) -> None:
    """Report what is wrong with a command or manifest question; others have no such problems."""
    if not isinstance(item, CommandItem | ManifestItem):
        return
    if len(item.answers) < 2:
        report.add(
            "answers", f"{len(item.answers)} sample answers", "At least two different ways.", "answers"
        )
    if not item.wrong:
        report.add(
            "wrong", "no wrong answer", "Write what people mistake it for, and why it is wrong.", "wrong"
        )
    for number, why in enumerate(wrong.why for wrong in item.wrong):
        report.explained(why, f"wrong answer {number + 1}", "wrong", number)
    try:
        parse_duration(item.after)
    except InputError as error:
        report.add("after", error.message, error.hint, "after")
    if isinstance(item, CommandItem):
        _command(item, report)
    elif not (item.checks or item.rules):
        report.add("checks", "nothing is checked", "Write checks, or rules of the checker.")
    for seed in range(SEEDS if item.vars else 1):
        try:
            variant = make_variant(item, seed)
            if _texts(item, variant, report):
                return
        except EksLabError as error:
            report.add("template", f"with seed {seed}: {error.message}", error.hint or "Mend the template.")
            return


def _command(item: CommandItem, report: Report) -> None:
    if not item.checks and item.prints is None:
        report.add(
            "checks", "nothing is checked", "Write checks for what it does, or prints for what it shows."
        )
    if item.lines < 1:
        report.add("lines", f"lines is {item.lines}", "Count from 1.", "lines")
    for pattern in item.prints.matches if item.prints else ():
        try:
            re.compile(pattern)
        except (re.error, ValueError, OverflowError, RecursionError) as error:
            report.add("prints", f"{pattern!r} is no regular expression: {error}", "Mend it.", "prints")


def _texts(item: CommandItem | ManifestItem, variant: Variant, report: Report) -> bool:
    """Report sample answers that cannot be given, with the variables of one draw; return whether there is one."""
    before = len(report.findings)
    if isinstance(item, CommandItem):
        filled = in_all_texts(item, variant.values, item.id)
        answers = ["\n".join(_lines(answer)) for answer in filled.answers]
        for number, answer in enumerate(filled.answers):
            if not 1 <= len(_lines(answer)) <= item.lines:
                report.add(
                    "lines",
                    f"answer {number + 1} has {len(_lines(answer))} commands, {item.lines} may be typed",
                    "Raise lines, or shorten the answer.",
                    "answers",
                    number,
                )
        wrong = ["\n".join(_lines(each.lines)) for each in filled.wrong]
    else:
        given = in_all_texts(item.given, variant.values, item.id)
        in_all_texts(item.checks, variant.values, item.id)
        in_all_texts(item.setup, variant.values, item.id)
        answers = [
            _edited(item, each, given, variant, "answers", at, report) for at, each in enumerate(item.answers)
        ]
        wrong = [
            _edited(item, each, given, variant, "wrong", at, report) for at, each in enumerate(item.wrong)
        ]
        if given in answers:
            report.add("answers", "an answer changes nothing", "What is given must not be right.", "answers")
    if len({" ".join(answer.split()) for answer in answers}) < len(answers):
        report.add("answers", "two sample answers are the same", "Show two different ways.", "answers")
    if set(answers) & set(wrong):
        report.add("wrong", "an answer is both right and wrong", "Change one.", "wrong")
    return len(report.findings) > before


def _edited(
    item: ManifestItem,
    answer: ManifestAnswer,
    given: str,
    variant: Variant,
    field: str,
    number: int,
    report: Report,
) -> str:
    """Return the whole file that an answer stands for."""
    filled = in_all_texts(answer, variant.values, item.id)
    if bool(filled.edits) == bool(filled.text):
        report.add(
            "answers",
            f"{field} {number + 1} has no single form",
            "Give edits, or the whole text.",
            field,
            number,
        )
        return filled.text
    text = filled.text or given
    for edit in filled.edits:
        if text.count(edit.replace) != 1:
            report.add(
                "edit",
                f"{edit.replace!r} stands in the file {text.count(edit.replace)} times",
                "Quote text that stands there exactly once.",
                field,
                number,
            )
            return text
        text = text.replace(edit.replace, edit.to)
    return text


def _lines(text: str) -> Sequence[str]:
    """Return the commands of a text; one that ends in a backslash goes on in the next line."""
    lines = text.replace("\\\n", " ").splitlines()
    return [line for line in (each.strip() for each in lines) if line and not line.startswith("#")]
