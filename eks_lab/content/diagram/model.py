"""What a diagram file holds: frozen dataclasses that `lessons/diagrams/<id>.yaml` is validated into.

The docstring under each field is what an author reads in the editor. Sequences are tuples, so that a
whole diagram can be the key of a cache.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from eks_lab.content.model import Source

_STRICT: dict[str, Any] = {"extra": "forbid", "use_attribute_docstrings": True}

Side = Literal["top", "right", "bottom", "left"]
RunBy = Literal["", "aws", "you", "others"]
End = Literal["arrow", "both", "line", "blocked"]
Align = Literal["", "left", "right", "top", "bottom", "fill"]

_IN_YAML = {"source": "from", "target": "to"}


def _yaml_name(field: str) -> str:
    """Return what a field is called in a file: `from` cannot be a name in Python."""
    return _IN_YAML.get(field, field)


@dataclass(frozen=True, slots=True)
class Box:
    """Something in the picture: a box, a note, a group around other boxes, or an empty place.

    With `row`, `column` or `grid` it holds other boxes: a group with a border if it has an `id` or a
    `name`, and mere arrangement without one. With none of its fields it is an empty place.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str = ""
    """Unique in the diagram; steps and arrows use it. Lower case with dashes."""
    name: str = ""
    """First line of a box, title of a group."""
    text: str = ""
    """Further lines of a box. They wrap by themselves; a line break in the text is kept."""
    note: str = ""
    """A remark beside the boxes instead of a box: text with a bar at its left."""
    row: tuple[Box, ...] = ()
    """What is inside, side by side. Groups with as many rows each line up row by row."""
    column: tuple[Box, ...] = ()
    """What is inside, one below the other."""
    grid: tuple[tuple[Box | None, ...], ...] = ()
    """What is inside, row by row, with columns that line up. `~` leaves a place empty."""
    span: int = 1
    """How many columns of the grid around it this box covers."""
    run_by: RunBy = ""
    """Who looks after what is in a group: `aws`, `you` or `others`. Shown in its border and in words."""
    joined: bool = False
    """The boxes inside share their borders, like the cells of a table. Plain boxes only."""
    equal: bool = False
    """All columns inside get the same width."""
    across: int | None = None
    """Empty characters between columns; worked out from the arrows when left out."""
    down: int | None = None
    """Empty lines between rows; worked out from the arrows when left out."""
    width: int | None = None
    """Width in characters, border included, when the one worked out does not please."""
    align: Align = ""
    """Where the box sits in a place that is larger than it: the middle, an edge, or as wide as it gets."""

    @property
    def rows(self) -> tuple[tuple[Box | None, ...], ...]:
        """What is inside, as rows of a grid, however it was written."""
        if self.grid:
            return self.grid
        if self.row:
            return (self.row,)
        return tuple((box,) for box in self.column)

    @property
    def holds_boxes(self) -> bool:
        """Whether there are boxes inside."""
        return bool(self.grid or self.row or self.column)

    @property
    def is_drawn(self) -> bool:
        """Whether there is anything to see of it, apart from what is inside."""
        return bool(self.id or self.name or self.text or self.note)


@dataclass(frozen=True, slots=True)
class Arrow:
    """A connection between two boxes. Its way around the other boxes is found by the program."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {**_STRICT, "alias_generator": _yaml_name}

    id: str
    """Unique among boxes and arrows; steps use it."""
    source: str
    """Id of the box it leaves."""
    target: str
    """Id of the box it points to."""
    label: str = ""
    """A few words beside the line."""
    end: End = "arrow"
    """`arrow` points at the target, `both` at either end, `line` at none; `blocked` does not get through."""
    dashed: bool = False
    """A broken line: a lookup or a background job rather than the traffic itself."""
    leave: Side | None = None
    """Side of the source that it leaves by; chosen by the program when left out."""
    arrive: Side | None = None
    """Side of the target that it arrives at; chosen by the program when left out."""


@dataclass(frozen=True, slots=True)
class Change:
    """New words for a box or an arrow, from this step on."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """The box or arrow."""
    name: str | None = None
    """New name of a box, title of a group, or label of an arrow."""
    text: str | None = None
    """New further lines of a box, or new text of a note."""


@dataclass(frozen=True, slots=True)
class Step:
    """One stop of the story."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    title: str
    """A few words, at most 50 characters."""
    say: str
    """The narration: one to four short sentences, plain text, at most 420 characters."""
    show: tuple[str, ...] = ()
    """What appears now and stays. A box that no step of any variant shows comes with the group around it;
    an arrow comes when it is first in focus."""
    hide: tuple[str, ...] = ()
    """What goes away now."""
    focus: tuple[str, ...] = ()
    """What the narration is about. Arrows are numbered in this order."""
    change: tuple[Change, ...] = ()
    """New words for boxes and arrows, from this step on."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One of several stories told with the same boxes."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    id: str
    """Unique in the diagram."""
    title: str
    """A few words for the switch, at most 24 characters."""
    steps: tuple[Step, ...]
    """Its steps."""


@dataclass(frozen=True, slots=True)
class Diagram:
    """All of `lessons/diagrams/<id>.yaml`."""

    __pydantic_config__: ClassVar[dict[str, Any]] = _STRICT

    format: Literal[1]
    """Version of this file format."""
    id: str
    """For ever; the name of the file without `.yaml`."""
    title: str
    """Sentence case, at most 60 characters."""
    summary: str
    """One sentence: what the picture explains."""
    sources: tuple[Source, ...]
    """Where its facts come from; at least one."""
    picture: Box
    """The boxes."""
    arrows: tuple[Arrow, ...] = ()
    """The connections."""
    steps: tuple[Step, ...] = ()
    """The story. Leave it out when there are variants."""
    variants: tuple[Variant, ...] = ()
    """Several stories, each with its own steps."""

    @property
    def stories(self) -> tuple[Variant, ...]:
        """The variants, or the one story as a variant without a name."""
        return self.variants or (Variant(id="", title="", steps=self.steps),)
