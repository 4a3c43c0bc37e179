"""A lesson as plain text: for a screen reader, a pipe or CI. No colour, no box drawing in prose."""

from __future__ import annotations

import textwrap
from pathlib import Path
from shlex import quote

from eks_lab.content.console import failing_words
from eks_lab.content.files import is_there
from eks_lab.content.form_directive import dated, read_form_directive
from eks_lab.content.model import Lesson, LoadedCourse, Question
from eks_lab.content.page import (
    Block,
    Callout,
    Code,
    Directive,
    Heading,
    ItemList,
    Page,
    Paragraph,
    Rule,
    Spans,
    Table,
    text_of,
    walk,
)
from eks_lab.errors import EksLabError

BOX_WORDS = {
    "note": "Note",
    "tip": "Tip",
    "warning": "Warning",
    "example": "Worked example",
    "guide": "The guide says",
    "try": "Try it",
}
NEEDS_WORDS = {
    "nothing": "runs anywhere",
    "tools": "needs kubectl, aws or terraform, but no cluster",
    "sandbox": "needs a cluster; the sandbox will do",
    "aws": "needs a real AWS account",
    "internet": "needs internet access",
}
_MOST_FILES_SHOWN = 3
"""A generator that writes more files only names them."""


def render_plain(loaded: LoadedCourse, lesson: Lesson, page: Page, width: int = 80) -> str:
    """Return a lesson as text.

    Args:
        loaded: its course, for diagrams and names.
        lesson: the lesson.
        page: its page.
        width: columns for prose; code keeps its lines.
    """
    return _Writer(loaded, lesson, width).write(page)


def markdown_text(text: str, width: int = 80) -> str:
    """Return Markdown, as a question has it, as plain text.

    Args:
        text: Markdown without directives.
        width: columns for prose; code keeps its lines.
    """
    from eks_lab.content.markup import parse_body

    writer = _Blocks(width)
    return "\n\n".join(filter(None, (writer.block(block) for block in parse_body(text).page.blocks)))


class _Blocks:
    """Writes the blocks of a page; what is alive in a lesson is for `_Writer`."""

    def __init__(self, width: int) -> None:
        self.width = width

    def narrower(self, width: int) -> _Blocks:
        return _Blocks(width)

    def directive(self, block: Directive) -> str:
        return self.wrap(leads_to(block.name, block.attributes))

    def wrap(self, text: str, first: str = "", rest: str = "") -> str:
        return textwrap.fill(
            text, self.width, initial_indent=first, subsequent_indent=rest, break_long_words=False,
            break_on_hyphens=False,
        )  # fmt: skip

    def inline(self, spans: Spans) -> str:
        text = ""
        for span in spans:
            text += f"`{span.text}`" if span.code else span.text
            if span.href.startswith("https:") and span.href != span.text:
                text += f" ({span.href})"
        return text

    def block(self, block: Block) -> str:
        match block:
            case Heading():
                return "#" * block.level + " " + text_of(block.spans)
            case Paragraph():
                return "\n".join(self.wrap(line) for line in self.inline(block.spans).split("\n"))
            case ItemList():
                return self.items(block)
            case Table():
                return self.table(block)
            case Code():
                return self.code(block)
            case Callout():
                return self.callout(block)
            case Directive():
                return self.directive(block)
            case Rule():
                return ""

    def items(self, block: ItemList) -> str:
        lines = []
        for number, item in enumerate(block.items, block.start):
            mark = f"  {number}. " if block.ordered else "  * "
            narrower = self.narrower(max(20, self.width - len(mark)))
            text = "\n".join(narrower.block(part) for part in item)
            lines.append(mark + textwrap.indent(text, " " * len(mark)).lstrip())
        return "\n".join(lines)

    def table(self, block: Table) -> str:
        """Each row reads as sentences: a screen reader cannot see columns."""
        header = [self.inline(cell) for cell in block.header]
        lines = []
        for row in block.rows:
            cells = [self.inline(cell) for cell in row]
            named = [
                f"{name}: {cell}" if name else cell for name, cell in zip(header, cells, strict=False) if cell
            ]
            lines.append(self.wrap("; ".join(named) + ".", "  * ", "    "))
        return "\n".join(lines)

    def code(self, block: Code) -> str:
        title = block.attributes.get("title") or block.src or block.language
        needs = NEEDS_WORDS.get(block.attributes.get("needs", ""), "")
        extra = "; ".join(
            word
            for word in (
                needs,
                "part of a file" if "fragment" in block.attributes else "",
                failing_words(block.attributes.get("expect-error")),
                "an example: names and values are not your own" if "example" in block.attributes else "",
            )
            if word
        )
        header = f"Code, {title}" + (f" ({extra})" if extra else "") + ":"
        return self.wrap(header) + "\n" + textwrap.indent(block.text, "    ")

    def callout(self, block: Callout) -> str:
        word = BOX_WORDS[block.kind]
        if block.kind == "guide":
            word = f"The guide says, and what is true today (row {', '.join(block.attributes.get('rows', '').split())})"
        title = block.attributes.get("title", "")
        opening = f"[{word}: {title}]" if title else f"[{word}]"
        parts = [self.block(part) for part in block.blocks]
        if block.kind == "try":
            parts.append(self.how_to_run(block))
        body = "\n\n".join(filter(None, parts))
        return f"{opening}\n{body}\n[End of {BOX_WORDS[block.kind].lower() if block.kind != 'guide' else 'note'}]"

    def how_to_run(self, block: Callout) -> str:
        """Name the commands that point a shell at the sandbox; empty where it is not the sandbox that is needed."""
        consoles = [
            part for part in walk(block.blocks) if isinstance(part, Code) and part.language == "console"
        ]
        if {part.attributes.get("needs") for part in consoles} != {"sandbox"}:
            return ""
        before = self.wrap("To run them in the sandbox, type these two lines in the same shell first:")
        return f'{before}\n    eks-lab sandbox up\n    eval "$(eks-lab sandbox env)"'


class _Writer(_Blocks):
    def __init__(self, loaded: LoadedCourse, lesson: Lesson, width: int) -> None:
        super().__init__(width)
        self.loaded = loaded
        self.lesson = lesson

    def write(self, page: Page) -> str:
        head = self.lesson.head
        chapter = next(c for c in self.loaded.course.file.chapters if c.id == self.lesson.chapter)
        parts = [
            f"# {head.title}",
            self.wrap(
                f"Chapter {chapter.number}, {chapter.title}. {head.minutes} minutes. Lesson {head.id}."
            ),
            "After this lesson you can:\n" + "\n".join(self.wrap(o, "  * ", "    ") for o in head.objectives),
            *(self.block(block) for block in page.blocks),
            self.terms(),
            "Sources:\n"
            + "\n".join(
                self.wrap(f"{source.title}, checked {source.checked}: {source.url}", "  * ", "    ")
                for source in head.sources
            ),
        ]
        return "\n\n".join(part for part in parts if part) + "\n"

    def narrower(self, width: int) -> _Blocks:
        return _Writer(self.loaded, self.lesson, width)

    def how_to_run(self, block: Callout) -> str:
        said = super().how_to_run(block)
        folder = self.loaded.root / self.lesson.folder
        typed = " ".join(part.text for part in walk(block.blocks) if isinstance(part, Code)).split()
        # Words with a folder in them only: `get` or `-A` could be the name of a file, too.
        if said and any("/" in word and is_there(folder / word) for word in typed):
            said += f"\n{self.wrap('The files are below this folder, where the commands are to be typed:')}\n    {folder}"
        return said

    def directive(self, block: Directive) -> str:
        match block.name:
            case "diagram":
                return self.diagram(block.attributes.get("id", ""))
            case "calculator":
                return self.calculator(dict(block.attributes))
            case "generate":
                return self.generator(dict(block.attributes))
            case "quiz":
                return self.quiz()
            case name:
                return self.wrap(leads_to(name, block.attributes))

    def diagram(self, diagram_id: str) -> str:
        from eks_lab.content.diagram.describe import describe
        from eks_lab.content.diagram.load import load_diagram

        try:
            return describe(load_diagram(self.loaded.root, diagram_id))
        except EksLabError as error:
            return f"(diagram {diagram_id}: {error.message})"

    def calculator(self, attributes: dict[str, str]) -> str:
        from eks_lab.calc import forms, registry

        asked = read_form_directive(attributes)
        name, given = asked.name, asked.given
        try:
            calculator = registry.get(name)
            answer = calculator.compute(
                forms.read_inputs(calculator, dated(calculator, given, self.lesson.head.sources))
            )
        except EksLabError as error:
            return f"(calculator {name}: {error.message})"
        options = " ".join(
            f"--{key.replace('_', '-')}" + ("" if value in ("true", "") else f" {quote(value)}")
            for key, value in given.items()
        )
        lines = [self.wrap(f"Calculator, {calculator.title}: {answer.headline}")]
        lines += [
            self.wrap(
                f"{step.formula} = {step.substitution} = {step.value} {step.unit}".rstrip(), "  * ", "    "
            )
            for step in answer.steps
        ]
        lines.append(f"  Change the numbers: eks-lab calc {name} {options}".rstrip())
        return "\n".join(lines)

    def generator(self, attributes: dict[str, str]) -> str:
        from eks_lab.generate import registry
        from eks_lab.generate.choices import read_choices

        asked = read_form_directive(attributes, has_presets=True)
        try:
            generator = registry.get(asked.name)
            given = dated(generator, asked.given, self.lesson.head.sources)
            bundle = generator.render(read_choices(generator, asked.preset, given))
        except EksLabError as error:
            return f"(generator {asked.name}: {error.message})"
        lines = [self.wrap(f"Generator, {generator.title}: {generator.summary}")]
        if len(bundle.files) > _MOST_FILES_SHOWN:
            names = ", ".join(file.name for file in bundle.files)
            lines.append(self.wrap(f"It writes {len(bundle.files)} files: {names}.", "  ", "  "))
        else:
            for file in bundle.files:
                lines += [f"  {file.name}:", textwrap.indent(file.text.rstrip("\n"), "    ")]
        is_folder = generator.name == registry.TERRAFORM
        command = "terraform --out DIR" if is_folder else f"manifest {generator.name}"
        options = f" --preset {asked.preset}" if asked.preset else ""
        for choice, value in asked.given.items():
            options += " --set " + quote(f"{choice.replace('_', '-')}={value}")
        lines.append(f"  Make your own: eks-lab generate {command}{options}")
        return "\n".join(lines)

    def quiz(self) -> str:
        parts = ["## Check yourself"]
        for number, question in enumerate(self.lesson.questions, 1):
            parts.append(self.question(number, question))
        return "\n\n".join(parts)

    def question(self, number: int, question: Question) -> str:
        lines = [self.wrap(f"Question {number}. {_flat(question.prompt)}")]
        letters = "abcdefgh"
        for letter, option in zip(letters, question.options, strict=False):
            lines.append(self.wrap(_flat(option.text), f"  {letter}) ", "     "))
        lines.append("  Answer:")
        if question.kind == "number":
            unit = f" {question.unit}" if question.unit else ""
            lines.append(self.wrap(f"{question.answer:g}{unit}. {_flat(question.explain)}", "  ", "  "))
        for letter, option in zip(letters, question.options, strict=False):
            verdict = "right" if option.correct else "wrong"
            lines.append(self.wrap(f"{letter} is {verdict}: {_flat(option.explain)}", "  ", "  "))
        return "\n".join(lines)

    def terms(self) -> str:
        lines = []
        for term_id in self.lesson.head.terms:
            term = self.loaded.course.term(term_id)
            if term is not None:
                lines.append(self.wrap(f"{term.name}: {term.definition}", "  * ", "    "))
        return "Key terms:\n" + "\n".join(lines) if lines else ""


def _flat(markdown: str) -> str:
    from eks_lab.content.markup import parse_inline

    return text_of(parse_inline(markdown)).replace("\n", " ")


def leads_to(name: str, attributes: dict[str, str]) -> str:
    """Return what plain text says where a page has something to work with: the command that leads to it.

    Args:
        name: the directive.
        attributes: its attributes, for the name of the lab or generator.
    """
    what = attributes.get("id") or attributes.get("name") or ""
    named = f" {what!r}" if what else ""
    if name == "lab":
        return f"Lab{named}: begin it with `eks-lab lab start {what}`."
    return f"{name}{named}: shown in the app only."


def lesson_text(root: Path, lesson_id: str, cache: Path, width: int = 80) -> str:
    """Return a lesson of the course in a folder as text.

    Raises:
        ContentError: the course or the lesson cannot be used.
    """
    from eks_lab.content.body import read_page
    from eks_lab.content.index import open_course

    loaded = open_course(root, cache)
    page = read_page(loaded, lesson_id)
    lesson = loaded.course.lesson(lesson_id)
    assert lesson is not None
    return render_plain(loaded, lesson, page, width)
