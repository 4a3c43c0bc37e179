"""Whether everything a diagram names exists: ids of boxes and arrows, and where each may be used."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from eks_lab.content.diagram.model import Box, Diagram
from eks_lab.content.diagram.outline import outline
from eks_lab.content.diagram.source import Lines, Trouble
from eks_lab.content.yaml_text import Location

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")


def reference_troubles(diagram: Diagram, lines: Lines, file_id: str) -> list[Trouble]:
    """Return what is wrong with the ids of a diagram.

    Args:
        diagram: a diagram of the right shape.
        lines: the lines of its file.
        file_id: name of the file without `.yaml`.
    """
    return [
        *_ids(diagram, lines, file_id),
        *_boxes(diagram.picture, ("picture",), lines),
        *_arrows(diagram, lines),
        *_steps(diagram, lines),
    ]


def _ids(diagram: Diagram, lines: Lines, file_id: str) -> Iterator[Trouble]:
    if diagram.id != file_id:
        yield Trouble(
            lines.at(("id",)),
            f"the id is `{diagram.id}` in a file called `{file_id}.yaml`",
            "Make them the same.",
        )
    boxes = [each.box.id for each in outline(diagram).elements if each.box.id]
    counts = Counter([*boxes, *(arrow.id for arrow in diagram.arrows)])
    for name, count in counts.items():
        if count > 1:
            yield Trouble(lines.of_id(name), f"the id `{name}` is used {count} times", "Give each its own.")
        if not _ID.fullmatch(name):
            yield Trouble(
                lines.of_id(name), f"`{name}` is no usable id", "Use lower case, digits and dashes."
            )
    for name, count in Counter(variant.id for variant in diagram.variants).items():
        if count > 1 or not _ID.fullmatch(name):
            yield Trouble(
                lines.at(("variants",)), f"the variant id `{name}` is not usable", "Use each id once, as a-b."
            )
    if bool(diagram.steps) == bool(diagram.variants):
        yield Trouble(
            lines.at(("steps",)), "a diagram has either `steps` or `variants`", "Keep one of the two."
        )
    for at, variant in enumerate(diagram.variants):
        if not variant.steps:
            yield Trouble(
                lines.at(("variants", at)), f"variant `{variant.id}` has no steps", "Write at least one."
            )


def _boxes(box: Box, path: Location, lines: Lines) -> Iterator[Trouble]:
    """Look for boxes that say two things at once."""
    line = lines.at(path)
    if sum(map(bool, (box.row, box.column, box.grid))) > 1:
        yield Trouble(line, "a box has more than one of `row`, `column` and `grid`", "Nest one in the other.")
    if box.note and (box.holds_boxes or box.name or box.text):
        yield Trouble(line, "a note has no `name`, `text` or boxes inside", "Put all of it into `note`.")
    if box.holds_boxes and box.text:
        yield Trouble(
            line, "a group has no `text`, only a `name` in its border", "Put the text into a note inside."
        )
    if not box.is_drawn and box.run_by:
        yield Trouble(line, "`run_by` belongs to a group with a border", "Give the group a `name`.")
    inside = [cell for cells in box.rows for cell in cells if cell is not None]
    if box.joined and any(cell.holds_boxes or cell.note for cell in inside):
        yield Trouble(
            line, "only plain boxes can be joined", "Take notes and groups out, or leave `joined` out."
        )
    for key, least in (("span", 1), ("across", 0), ("down", 0), ("width", 5)):
        value = getattr(box, key)
        if value is not None and value < least:
            yield Trouble(lines.at((*path, key)), f"`{key}` is {value}", f"Use {least} or more.")
    for name in ("row", "column"):
        for at, inner in enumerate(getattr(box, name)):
            yield from _boxes(inner, (*path, name, at), lines)
    for row, cells in enumerate(box.grid):
        for column, cell in enumerate(cells):
            if cell is not None:
                yield from _boxes(cell, (*path, "grid", row, column), lines)
    if box.grid and not any(cell is not None for cells in box.grid for cell in cells):
        yield Trouble(line, "the grid is empty", "Put a box into it.")


def _arrows(diagram: Diagram, lines: Lines) -> Iterator[Trouble]:
    plan = outline(diagram)
    known = [each.box.id for each in plan.elements if each.box.id]
    for at, arrow in enumerate(diagram.arrows):
        for key, name in (("from", arrow.source), ("to", arrow.target)):
            found = plan.find(name)
            if found is None:
                yield _unknown(name, known, lines.at(("arrows", at, key)), f"arrow `{arrow.id}`, `{key}`")
            elif found.is_note:
                yield Trouble(
                    lines.at(("arrows", at, key)), f"`{name}` is a note", "Connect boxes or groups."
                )
        ends = plan.ends(arrow)
        if ends is None:
            continue
        first, second = ends
        around = {each.key for end in ends for each in plan.ancestors(end.key)}
        if first.key == second.key or first.key in around or second.key in around:
            yield Trouble(
                lines.at(("arrows", at)),
                f"arrow `{arrow.id}` connects `{arrow.source}` with itself or with something inside it",
                "Connect two separate boxes.",
            )


def _steps(diagram: Diagram, lines: Lines) -> Iterator[Trouble]:
    arrows = {arrow.id for arrow in diagram.arrows}
    boxes = {each.box.id: each.is_note for each in outline(diagram).elements if each.box.id}
    known = [*boxes, *arrows]
    for index, variant in enumerate(diagram.stories):
        start: Location = ("variants", index, "steps") if diagram.variants else ("steps",)
        for at, step in enumerate(variant.steps):
            where = f"step {at + 1}"
            for key in ("show", "hide", "focus"):
                for item, name in enumerate(getattr(step, key)):
                    if name not in known:
                        yield _unknown(name, known, lines.at((*start, at, key, item)), f"{where}, `{key}`")
            for item, change in enumerate(step.change):
                line = lines.at((*start, at, "change", item))
                if change.id not in known:
                    yield _unknown(change.id, known, line, f"{where}, `change`")
                elif change.id in arrows and change.text is not None:
                    yield Trouble(
                        line, f"{where}: arrow `{change.id}` has no text", "Change its `name`, the label."
                    )
                elif boxes.get(change.id) and change.name is not None:
                    yield Trouble(line, f"{where}: note `{change.id}` has no name", "Change its `text`.")


def _unknown(name: str, known: list[str], line: int, where: str) -> Trouble:
    close = get_close_matches(name, known, 1)
    fix = f"Did you mean `{close[0]}`?" if close else f"Use one of: {', '.join(sorted(known))}."
    return Trouble(line, f"{where}: there is no box or arrow `{name}`", fix)
