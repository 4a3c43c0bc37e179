"""What keeps a diagram from being read: everything `author check` says about one file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eks_lab.content.diagram.canvas import MARKERS, has_plain_form
from eks_lab.content.diagram.draw import FULL_WIDTH, MAX_HEIGHT, plan
from eks_lab.content.diagram.frames import frames
from eks_lab.content.diagram.load import ReadDiagram, read_diagram
from eks_lab.content.diagram.model import Diagram, Step
from eks_lab.content.diagram.outline import outline
from eks_lab.content.diagram.source import Lines, Trouble
from eks_lab.content.diagram.words import all_labels, all_words
from eks_lab.content.yaml_text import Location

MAX_TITLE = 60
MAX_STEP_TITLE = 50
MAX_VARIANT_TITLE = 24
MAX_NARRATION = 420
STEPS = range(1, 13)
"""How many steps a story may have."""


def check_diagram(path: Path) -> list[tuple[int, str, str]]:
    """Return everything that is wrong with a diagram file.

    Args:
        path: the YAML file; its name without `.yaml` is the id.

    Returns:
        For each finding the line, what is wrong, and what to do. With broken form or references only
        those are reported: the picture cannot be judged without them.
    """
    read = read_diagram(path)
    if isinstance(read, ReadDiagram):
        diagram, lines = read.diagram, read.lines
        troubles = [
            *_head(diagram, lines),
            *_words(diagram, lines),
            *_stories(diagram, lines),
            *_unseen(diagram, lines),
            *_picture(diagram, lines),
        ]
    else:
        troubles = read
    return sorted({(each.line, each.message, each.fix) for each in troubles})


def _head(diagram: Diagram, lines: Lines) -> Iterator[Trouble]:
    if not diagram.title.strip() or len(diagram.title) > MAX_TITLE:
        yield Trouble(
            lines.at(("title",)),
            f"the title has {len(diagram.title)} characters",
            f"Write one of at most {MAX_TITLE}.",
        )
    if not diagram.summary.strip():
        yield Trouble(
            lines.at(("summary",)), "the summary is empty", "Say in a sentence what the picture explains."
        )
    if not diagram.sources:
        yield Trouble(
            lines.at(("sources",)),
            "there is no source",
            "Name the pages the facts come from: title, url, checked.",
        )
    for at, source in enumerate(diagram.sources):
        if not source.url.startswith("https://"):
            yield Trouble(
                lines.at(("sources", at, "url")), f"the source is at {source.url!r}", "Use an https address."
            )
        if not source.title.strip():
            yield Trouble(lines.at(("sources", at)), "a source has no title", "Write the name of the page.")


def _words(diagram: Diagram, lines: Lines) -> Iterator[Trouble]:
    """Look for characters that cannot be drawn on every terminal."""
    drawn = [
        (each.box.id, words)
        for each, words in zip(outline(diagram).elements, all_words(diagram), strict=True)
    ]
    drawn += [
        (arrow.id, tuple((label, "") for label in labels))
        for arrow, labels in zip(diagram.arrows, all_labels(diagram), strict=True)
    ]
    for name, words in drawn:
        bad = {letter for pair in words for text in pair for letter in text if not _is_drawable(letter)}
        for letter in sorted(bad):
            yield Trouble(
                lines.of_id(name),
                f"`{name or 'a box without id'}` has the character {letter!r}, which not every terminal can show",
                "Use plain letters and signs; narration may use any.",
            )


def _is_drawable(letter: str) -> bool:
    return letter == "\n" or has_plain_form(letter)


def _stories(diagram: Diagram, lines: Lines) -> Iterator[Trouble]:
    for index, variant in enumerate(diagram.stories):
        start: Location = ("variants", index) if diagram.variants else ()
        if diagram.variants and not 0 < len(variant.title) <= MAX_VARIANT_TITLE:
            yield Trouble(
                lines.at((*start, "title")),
                f"variant `{variant.id}` has a title of {len(variant.title)} characters",
                f"Write one of at most {MAX_VARIANT_TITLE}.",
            )
        if len(variant.steps) not in STEPS:
            yield Trouble(
                lines.at((*start, "steps")),
                f"a story has {len(variant.steps)} steps",
                f"Tell it in at most {STEPS.stop - 1}.",
            )
        for at, step in enumerate(variant.steps):
            yield from _step(diagram, index, at, step, (*start, "steps", at), lines)


def _step(
    diagram: Diagram, story: int, at: int, step: Step, path: Location, lines: Lines
) -> Iterator[Trouble]:
    line, where = lines.at(path), f"step {at + 1}"
    if not 0 < len(step.title.strip()) <= MAX_STEP_TITLE:
        yield Trouble(
            line,
            f"{where} has a title of {len(step.title)} characters",
            f"Write one of at most {MAX_STEP_TITLE}.",
        )
    if not step.say.strip():
        yield Trouble(line, f"{where} has no narration", "Write in `say` what there is to understand.")
    elif len(step.say) > MAX_NARRATION:
        yield Trouble(
            lines.at((*path, "say")),
            f"the narration of {where} has {len(step.say)} characters",
            f"Shorten it to {MAX_NARRATION}, or make two steps of it.",
        )
    picture = frames(diagram, story)[at]
    states = {
        each.box.id: look.state for each, look in zip(outline(diagram).elements, picture.boxes, strict=True)
    }
    states.update({arrow.id: look.state for arrow, look in zip(diagram.arrows, picture.arrows, strict=True)})
    for item, name in enumerate(step.focus):
        if states[name] == "hidden":
            yield Trouble(
                lines.at((*path, "focus", item)),
                f"{where} puts `{name}` in focus, which is not there",
                "Show it, and the boxes at its ends, in this step or before.",
            )
    if sum(look.marker > 0 for look in picture.arrows) > len(MARKERS):
        yield Trouble(
            lines.at((*path, "focus")),
            f"{where} has more than {len(MARKERS)} arrows in focus",
            "Make two steps of it.",
        )


def _unseen(diagram: Diagram, lines: Lines) -> Iterator[Trouble]:
    """Look for boxes and arrows that no step shows."""
    pictures = [picture for story in range(len(diagram.stories)) for picture in frames(diagram, story)]
    for each in outline(diagram).elements:
        if each.box.id and all(picture.boxes[each.key].state == "hidden" for picture in pictures):
            yield Trouble(
                lines.of_id(each.box.id), f"`{each.box.id}` is never to be seen", "Show it, or delete it."
            )
    for at, arrow in enumerate(diagram.arrows):
        if all(picture.arrows[at].state == "hidden" for picture in pictures):
            yield Trouble(
                lines.of_id(arrow.id), f"arrow `{arrow.id}` is never to be seen", "Show it, or delete it."
            )


def _picture(diagram: Diagram, lines: Lines) -> Iterator[Trouble]:
    """Look for what does not fit: boxes, ways of arrows, labels."""
    for story in range(len(diagram.stories)):
        drawn = plan(diagram, story, FULL_WIDTH)
        for problem in drawn.problems:
            yield Trouble(lines.of_id(problem.subject), problem.message, problem.fix)
        if drawn.layout.height > MAX_HEIGHT:
            yield Trouble(
                lines.at(("picture",)),
                f"the picture has {drawn.layout.height} lines",
                f"Arrange it in at most {MAX_HEIGHT}: boxes side by side, a smaller `down`.",
            )
