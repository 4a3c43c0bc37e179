"""Diagrams for tests, written the way an author writes them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import yaml
from hypothesis import strategies as st

from eks_lab.content.diagram.canvas import Row
from eks_lab.content.diagram.model import Diagram
from eks_lab.content.validate import adapter

LESSONS = Path(__file__).resolve().parents[3] / "lessons"
SOURCE = {"title": "A page", "url": "https://docs.example.com/page", "checked": "2026-11-22"}
STEP = {"title": "A step", "say": "What there is to understand."}


def fields(
    picture: dict[str, Any],
    arrows: Sequence[dict[str, Any]] = (),
    steps: Sequence[dict[str, Any]] = (STEP,),
    **more: Any,
) -> dict[str, Any]:
    """Return what a diagram's file would hold."""
    return {
        "format": 1,
        "id": "sample",
        "title": "A sample",
        "summary": "What it explains.",
        "sources": [SOURCE],
        "picture": picture,
        "arrows": list(arrows),
        "steps": [{**STEP, **step} for step in steps],
        **more,
    }


def diagram(*args: Any, **more: Any) -> Diagram:
    """Return a diagram; takes what `fields` takes."""
    return adapter(Diagram).validate_python(fields(*args, **more))


def write(folder: Path, content: dict[str, Any] | str) -> Path:
    """Write a diagram's file and return its path."""
    path = folder / "sample.yaml"
    path.write_text(
        content if isinstance(content, str) else yaml.safe_dump(content, sort_keys=False), "utf-8"
    )
    return path


def text(rows: Sequence[Row]) -> list[str]:
    """Return the characters of a drawing, line by line."""
    return ["".join(run.text for run in row) for row in rows]


# Any valid picture ----------------------------------------------------------------------------------

_NAMES = st.text(alphabet="abcdefg xyz", min_size=1, max_size=12).filter(lambda name: bool(name.strip()))


@st.composite
def _boxes(draw: st.DrawFn, depth: int) -> dict[str, Any]:
    kind = draw(st.sampled_from(["box", "box", "note", "space", "group", "plain"] if depth else ["box"]))
    if kind == "space":
        return {}
    if kind == "note":
        return {"note": draw(_NAMES)}
    if kind == "box":
        return {"name": draw(_NAMES), "text": draw(st.one_of(st.just(""), _NAMES))}
    joined = draw(st.booleans())
    inner = st.lists(_boxes(0) if joined else _boxes(depth - 1), min_size=1, max_size=3)
    how = draw(st.sampled_from(["row", "column", "grid"]))
    content: Any = draw(inner)
    if how == "grid":
        content = [content, *draw(st.lists(inner, max_size=1))]
    group: dict[str, Any] = {how: content}
    if kind == "group":
        group |= {"name": draw(_NAMES), "run_by": draw(st.sampled_from(["", "aws", "you"]))}
    group |= {"joined": True} if joined else {}
    group |= draw(st.sampled_from([{}, {"equal": True}, {"across": 3}, {"down": 2}]))
    return group


def _number(box: Any, ids: list[str]) -> None:
    """Give an id to everything that can have one."""
    if isinstance(box, list):
        for inner in box:
            _number(inner, ids)
    elif isinstance(box, dict) and box:
        if "name" in box:
            box["id"] = f"box-{len(ids)}"
            ids.append(box["id"])
        for key in ("row", "column", "grid"):
            _number(box.get(key, []), ids)


def _inside(box: Any) -> set[str]:
    """Return the ids inside a box, its own included."""
    if isinstance(box, list):
        return {name for inner in box for name in _inside(inner)}
    if not isinstance(box, dict):
        return set()
    own = {box["id"]} if "id" in box else set()
    return own.union(*(_inside(box.get(key, [])) for key in ("row", "column", "grid")))


def _related(box: Any) -> set[tuple[str, str]]:
    """Return the pairs of a box and something inside it."""
    if isinstance(box, list):
        return {pair for inner in box for pair in _related(inner)}
    if not isinstance(box, dict):
        return set()
    pairs = {(box["id"], name) for name in _inside(box)} if "id" in box else set()
    return pairs.union(*(_related(box.get(key, [])) for key in ("row", "column", "grid")))


@st.composite
def diagrams(draw: st.DrawFn) -> Diagram:
    """Any valid diagram: nested boxes, arrows between them, steps that show, focus, hide and rename."""
    picture = {"column": draw(st.lists(_boxes(2), min_size=1, max_size=3))}
    ids: list[str] = []
    _number(picture, ids)
    related = _related(picture)
    pairs = [(a, b) for a in ids for b in ids if a != b and (a, b) not in related and (b, a) not in related]
    chosen = draw(st.lists(st.sampled_from(pairs), max_size=5, unique=True)) if pairs else []
    arrows = [
        {
            "id": f"arrow-{at}",
            "from": source,
            "to": target,
            "label": draw(st.one_of(st.just(""), _NAMES)),
            "end": draw(st.sampled_from(["arrow", "arrow", "both", "line", "blocked"])),
            "dashed": draw(st.booleans()),
        }
        for at, (source, target) in enumerate(chosen)
    ]
    names = [*ids, *(arrow["id"] for arrow in arrows)]
    some = st.lists(st.sampled_from(names), max_size=4, unique=True) if names else st.just([])
    steps = [
        {
            "show": draw(some),
            "hide": draw(some),
            "focus": draw(some),
            "change": [{"id": name, "name": draw(_NAMES)} for name in draw(some)],
        }
        for _ in range(draw(st.integers(1, 3)))
    ]
    return diagram(picture, arrows, steps)
