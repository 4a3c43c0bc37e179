"""Asks questions in plain lines: on a terminal, through a pipe, for a screen reader. No colour, no box drawing.

One answer is one line, but for texts: those end with a line that holds only a dot, or with the input. `s` skips a
question and `q` ends the asking.
"""

from __future__ import annotations

import sys
import textwrap
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import assert_never

import click

from eks_lab import locations
from eks_lab.cli.typed_answers import read_answer
from eks_lab.content.items.explanation import LETTERS, Explained, explained
from eks_lab.content.items.given import Given
from eks_lab.content.items.judging import Result
from eks_lab.content.items.model import (
    ChoiceItem,
    CommandItem,
    DiagramItem,
    ManifestItem,
    MatchItem,
    MultiItem,
    NumberItem,
    OrderItem,
    RecallItem,
)
from eks_lab.content.items.variant import Variant, in_all_texts, shown_sides
from eks_lab.content.plain import markdown_text
from eks_lab.errors import InputError

SKIP, QUIT, END = "s", "q", "."
"""Lines with a meaning of their own."""


class Quit(Exception):  # noqa: N818 - no error: the learner has had enough
    """The learner ended the asking, or the input did."""


@dataclass(frozen=True, slots=True)
class Terminal:
    """Where questions are asked and answers come from."""

    read: Callable[[], str | None]
    """The next line without its end, or None when there are no more."""
    write: Callable[[str], None]
    """Shows one or several lines."""
    is_interactive: bool = False
    """Whether somebody sits there who can type again."""
    width: int = 80
    """Columns for prose."""
    root: Path | None = None
    """The lessons folder, for diagrams; the shipped one when None."""

    @property
    def lessons(self) -> Path:
        """Return the lessons folder."""
        return self.root or locations.content_root() / "lessons"


def plain_terminal(
    *, root: Path | None = None, lines: Sequence[str] | None = None, to_stderr: bool = False
) -> Terminal:
    """Return a terminal on standard input and output.

    Args:
        root: the lessons folder.
        lines: answers given beforehand, instead of standard input.
        to_stderr: show questions on standard error, because standard output is for a document.
    """

    def show(text: str) -> None:
        click.echo(text, err=to_stderr)

    if lines is not None:
        left = iter(lines)
        return Terminal(lambda: next(left, None), show, root=root)
    return Terminal(_next_line, show, is_interactive=sys.stdin.isatty(), root=root)


def _next_line() -> str | None:
    line = sys.stdin.readline()
    return line.rstrip("\r\n") if line else None


def ask(variant: Variant, terminal: Terminal) -> Given | None:
    """Ask a question and return the answer.

    Args:
        variant: the question.
        terminal: where to ask.

    Returns:
        The answer in the form of its kind, or None when it was skipped.

    Raises:
        Quit: `q` was typed, or the input ended before an answer.
        InputError: what came through a pipe is no answer; on a terminal it is asked again.
    """
    terminal.write(question_text(variant, terminal))
    while True:
        typed = _typed(variant, terminal)
        if typed is None:
            return None
        try:
            return read_answer(variant, typed)
        except InputError as error:
            if not terminal.is_interactive:
                raise InputError(f"{variant.item.id}: {error.message}", hint=error.hint) from error
            terminal.write(f"{error.message} {error.hint}".strip())


def _typed(variant: Variant, terminal: Terminal) -> str | None:
    line = terminal.read()
    if line is None or line.strip().casefold() == QUIT:
        raise Quit
    if line.strip().casefold() == SKIP or (not line.strip() and not terminal.is_interactive):
        return None
    most = variant.item.lines if isinstance(variant.item, CommandItem) else 0
    if not isinstance(variant.item, CommandItem | ManifestItem | RecallItem) or most == 1:
        return line
    lines = []
    while line is not None and line.strip() != END:
        lines.append(line)
        if len(lines) == most:
            break
        line = terminal.read()
    return "\n".join(lines)


def question_text(variant: Variant, terminal: Terminal) -> str:
    """Return a question as it is shown, with how to answer it.

    Args:
        variant: the question.
        terminal: for the width and for diagrams.
    """
    item = variant.item
    parts = [markdown_text(variant.prompt, terminal.width)]
    shown = shown_sides(item, variant.seed)
    match item:
        case ChoiceItem() | MultiItem():
            parts.append(_lettered([item.options[index].text for index in shown], terminal))
        case OrderItem():
            parts.append(_lettered([item.steps[index].text for index in shown], terminal))
        case MatchItem():
            parts.append(
                "\n".join(
                    _item(f"{number}.", pair.left, terminal) for number, pair in enumerate(item.pairs, 1)
                )
            )
            sides = [pair.right for pair in item.pairs] + [option.text for option in item.extra]
            parts.append(_lettered([sides[index] for index in shown], terminal))
        case DiagramItem():
            picture, names = diagram_words(terminal.lessons, item)
            parts += [picture, _lettered([names[item.points[index].part] for index in shown], terminal)]
        case ManifestItem():
            given = in_all_texts(item.given, variant.values, item.id)
            parts.append(f"{item.file}:\n{textwrap.indent(given.rstrip(), '    ')}")
        case NumberItem() | RecallItem() | CommandItem():
            pass
        case _:
            assert_never(item)
    return "\n\n".join([*parts, how_to_answer(variant)])


def how_to_answer(variant: Variant) -> str:
    """Return how to type an answer to a question, in one sentence."""
    item = variant.item
    ends = "s skips, q ends."
    match item:
        case ChoiceItem() | DiagramItem():
            return f"One letter; {ends}"
        case MultiItem():
            return f"All letters that apply, as `a c`; {ends}"
        case OrderItem():
            return f"All letters in the right order, as `b a c`; {ends}"
        case MatchItem():
            return f"A letter for each number in turn, - for none, as `c a -`; {ends}"
        case NumberItem():
            return f"A number{f' of {variant.unit}' if variant.unit else ''}; {ends}"
        case RecallItem():
            return f"Your answer in words; a line with only a dot ends it; {ends}"
        case CommandItem():
            if item.lines == 1:
                return f"One command; {ends}"
            return f"Up to {item.lines} commands, one a line; a line with only a dot ends them; {ends}"
        case ManifestItem():
            return f"The whole file, or @ and the name of one; a line with only a dot ends it; {ends}"
        case _:
            assert_never(item)


def tell(variant: Variant, given: Given, result: Result, terminal: Terminal) -> None:
    """Show the verdict on an answer, and the explanation of everything the question had.

    Args:
        variant: the question.
        given: the answer.
        result: its judgement.
        terminal: where to show it.
    """
    lines = [" ".join(filter(None, [result.headline + ".", result.detail.replace("\n", " ")]))]
    if not result.correct and result.score:
        lines[0] += f" Score {result.score:.0%}."
    terminal.write(_wrapped(lines[0], terminal))
    for number, point in enumerate(result.points, 1):
        mark = "found" if point.found else "not found"
        where = f" In your words: {point.where!r}." if point.where else ""
        terminal.write(_item(f"{number}.", f"{mark}: {point.point.text}{where}", terminal))
    tell_solution(variant, terminal, given, is_judged=bool(result.points))


def overrule(variant: Variant, result: Result, terminal: Terminal) -> Result:
    """Let a learner say which key points the answer had after all.

    Asked only of somebody who sits there, and only when a point was not found: a script has nothing to object.

    Args:
        variant: a recall question.
        result: what the phrases found.
        terminal: where to ask.

    Returns:
        The result with the learner's word, or the same one.
    """
    missing = {str(number) for number, each in enumerate(result.points, 1) if not each.found}
    if not terminal.is_interactive or not missing:
        return result
    terminal.write("Did you say one of them in other words? Its number, several with spaces, or just Enter.")
    typed = (terminal.read() or "").replace(",", " ").split()
    said = {result.points[int(number) - 1].point.id: True for number in typed if number in missing}
    if not said:
        return result
    from eks_lab.content.items.recall import points_of, recall_result

    changed = recall_result(points_of(variant), result.points, said)
    terminal.write(f"{changed.headline}, by your own judgement. {changed.detail}")
    return changed


def tell_solution(
    variant: Variant, terminal: Terminal, given: Given | None = None, *, is_judged: bool = False
) -> None:
    """Show the answer to a question and why each part is right or wrong.

    Args:
        variant: the question.
        terminal: where to show it.
        given: the learner's answer, to mark it.
        is_judged: the key points were shown already, with what was found.
    """
    item = variant.item
    names: dict[str, str] = {}
    if isinstance(item, DiagramItem):
        names = diagram_words(terminal.lessons, item)[1]
    if isinstance(item, NumberItem):
        from eks_lab.content.questions import number_text

        assert variant.answer is not None
        terminal.write(f"The answer is {number_text(variant.answer, variant.unit)}.")
    if isinstance(item, RecallItem):
        from eks_lab.content.items.rubric import NOTICE

        terminal.write(_wrapped(NOTICE, terminal))
    for each in () if is_judged else explained(variant, given):
        terminal.write(
            _explanation(each, names, terminal, is_choice=not isinstance(item, OrderItem | MatchItem))
        )
    if isinstance(item, RecallItem):
        model = in_all_texts(item.model, variant.values, item.id)
        terminal.write(f"A strong answer:\n{textwrap.indent(markdown_text(model, terminal.width - 2), '  ')}")
    if variant.explain:
        terminal.write(markdown_text(variant.explain, terminal.width))
    terminal.write(_wrapped(f"Source: {item.source}", terminal))


def diagram_words(lessons: Path, item: DiagramItem) -> tuple[str, dict[str, str]]:
    """Return a diagram in words, and what its parts are called.

    Args:
        lessons: the lessons folder.
        item: the question about it.

    Raises:
        ContentError: the diagram cannot be used.
    """
    from eks_lab.content.diagram.describe import part_names
    from eks_lab.content.diagram.load import load_diagram

    diagram = load_diagram(lessons, item.diagram)
    names = part_names(diagram)
    lines = [f"Diagram: {diagram.title}", *(f"  * {names[arrow.id]}" for arrow in diagram.arrows)]
    return "\n".join(lines), names


def _explanation(each: Explained, names: dict[str, str], terminal: Terminal, *, is_choice: bool) -> str:
    text = names.get(each.text, each.text)
    if each.is_code:
        word = "Right" if each.is_right else "Wrong"
        body = textwrap.indent(text, "    ")
        why = f"\n{_item('   ', each.why, terminal)}" if each.why else ""
        return f"{word}:\n{body}{why}"
    words = ""
    if each.is_right is not None and is_choice and each.label:
        words = ("right" if each.is_right else "wrong") + (", your answer" if each.is_given else "")
    elif each.is_right is not None and each.label:
        words = "yours was right" if each.is_right else "yours was another"
    label = f"{each.label})" if each.label else "*"
    said = f"{text}{f' [{words}]' if words else ''}"
    return "\n".join([_item(label, said, terminal), *([_item("  ", each.why, terminal)] if each.why else [])])


def _lettered(texts: Sequence[str], terminal: Terminal) -> str:
    return "\n".join(
        _item(f"{letter})", text, terminal) for letter, text in zip(LETTERS, texts, strict=False)
    )


def _item(label: str, text: str, terminal: Terminal) -> str:
    first = f"  {label} "
    body = markdown_text(text, max(20, terminal.width - len(first))) or text
    return first + textwrap.indent(body, " " * len(first)).lstrip()


def _wrapped(text: str, terminal: Terminal) -> str:
    return textwrap.fill(text, terminal.width, break_long_words=False, break_on_hyphens=False)
