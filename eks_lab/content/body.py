"""Read the page of a lesson: its Markdown, with the files it quotes put in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from eks_lab.content.files import read_text
from eks_lab.content.findings import Problem
from eks_lab.content.lesson_file import split_lesson
from eks_lab.content.markup import Parsed, parse_body
from eks_lab.content.model import LoadedCourse
from eks_lab.content.page import Block, Callout, Code, Directive, ItemList, Page
from eks_lab.content.quote import language_of, quote_file
from eks_lab.errors import ContentError


def read_page(loaded: LoadedCourse, lesson_id: str) -> Page:
    """Return the page of a lesson.

    Args:
        loaded: the course.
        lesson_id: id of one of its lessons.

    Raises:
        ContentError: there is no such lesson, or its file cannot be used.
    """
    lesson = loaded.course.lesson(lesson_id)
    if lesson is None:
        raise ContentError(
            f"There is no lesson {lesson_id!r}.", hint="`eks-lab lesson list` shows all of them."
        )
    return read_page_file(loaded.root / lesson.folder / "lesson.md")


def read_page_file(path: Path) -> Page:
    """Return the page of a lesson file.

    Raises:
        ContentError: the file cannot be used; the message names the line.
    """
    text, problems = split_lesson(read_text(path))
    if text is None:
        raise ContentError(f"{path}:{problems[0].line}: {problems[0].message}", hint=problems[0].fix)
    parsed = quote_files(parse_body(text.body, text.body_line), path.parent)
    errors = [problem for problem in parsed.problems if problem.severity == "error"]
    if errors:
        raise ContentError(f"{path}:{errors[0].line}: {errors[0].message}", hint=errors[0].fix)
    return parsed.page


def quote_files(parsed: Parsed, folder: Path) -> Parsed:
    """Return the page with every `::file` replaced by the code it quotes.

    Args:
        parsed: the page as written.
        folder: the lesson's folder.
    """
    problems = list(parsed.problems)

    def put_in(blocks: tuple[Block, ...]) -> tuple[Block, ...]:
        return tuple(_quote(block) for block in blocks)

    def _quote(block: Block) -> Block:
        if isinstance(block, Callout):
            return replace(block, blocks=put_in(block.blocks))
        if isinstance(block, ItemList):
            return replace(block, items=tuple(put_in(item) for item in block.items))
        if not isinstance(block, Directive) or block.name != "file":
            return block
        attributes = dict(block.attributes)
        src = attributes.pop("src", "")
        part, lines = attributes.pop("part", ""), attributes.pop("lines", "")
        try:
            text = quote_file(folder, src, part=part, lines=lines)
        except ContentError as error:
            problems.append(Problem(block.line, "quote", error.message, error.hint))
            text = f"({error.message})"
        if part or lines:
            attributes.setdefault("fragment", "true")
        return Code(language_of(src), text, block.line, attributes, src)

    return Parsed(Page(put_in(parsed.page.blocks)), tuple(problems))
