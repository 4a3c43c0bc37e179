"""What every calculator has in common: typed inputs and a worked answer."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

InputKind = Literal["integer", "number", "flag", "choice", "instance", "text", "date", "document"]
PlotStyle = Literal["line", "step", "bar"]
Value = int | float | bool | str | None


@dataclass(frozen=True, slots=True)
class Input:
    """One thing a calculator asks for."""

    name: str
    """snake_case; the option is `--prefix-delegation`, the JSON key `prefix_delegation`."""
    label: str
    """As a form shows it."""
    kind: InputKind
    """`instance` is an EC2 instance type of the catalogue; `date` an ISO date, where an optional input named
    `today` is filled with the present day by whoever has a clock; `document` the text of a file (manifests,
    a policy): a command line takes the file's name."""
    default: Value
    """What a fresh form holds."""
    help: str
    """One sentence, with the unit."""
    unit: str = ""
    """`MiB`, `GiB`, `USD/h`, `addresses` …; empty when it has none."""
    minimum: float | None = None
    """Smallest value, for numbers."""
    maximum: float | None = None
    """Largest value, for numbers."""
    choices: tuple[str, ...] = ()
    """For `choice`."""
    optional: bool = False
    """True when None means 'not set'."""


@dataclass(frozen=True, slots=True)
class Step:
    """One line of the working."""

    formula: str
    """In words and symbols: `ENIs × (addresses per ENI − 1) + 2`."""
    substitution: str
    """With this question's numbers: `3 × (6 − 1) + 2`."""
    value: Value
    """What it comes to."""
    unit: str
    """Of the value."""
    why: str = ""
    """One sentence: what the step is for."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A source of a formula or of a figure."""

    title: str
    """Document or program and where in it."""
    date: str
    """ISO date of the copy that was read."""
    url: str = ""
    """Public address, when there is one."""


@dataclass(frozen=True, slots=True)
class Grid:
    """A table that says more than single figures."""

    title: str
    """What it shows."""
    columns: tuple[str, ...]
    """Headings, with units."""
    rows: tuple[tuple[Value, ...], ...]
    """Each as long as the headings."""


@dataclass(frozen=True, slots=True)
class Series:
    """One line of a plot."""

    name: str
    """For the legend."""
    points: tuple[tuple[float, float], ...]
    """In the order of x."""
    style: PlotStyle = "line"
    """`step` holds a value until the next point."""


@dataclass(frozen=True, slots=True)
class Plot:
    """A picture of the answer; a text form lists its points."""

    title: str
    """What it shows."""
    x_label: str
    """With unit."""
    y_label: str
    """With unit."""
    series: tuple[Series, ...]
    """Two or three at most can be told apart."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A worked answer."""

    calculator: str
    """Name of the calculator."""
    headline: str
    """The result as one sentence of plain text."""
    inputs: dict[str, Value]
    """Every input with the value that was used."""
    result: dict[str, Any]
    """Figures by name; JSON values only."""
    steps: tuple[Step, ...]
    """The working, in order."""
    sources: tuple[Reference, ...]
    """Where formulas and figures come from."""
    warnings: tuple[str, ...] = ()
    """What the learner should know before relying on it."""
    grids: tuple[Grid, ...] = ()
    """Tables: a layout, a plan, candidates side by side."""
    plots: tuple[Plot, ...] = ()
    """Pictures, where one says more."""


@dataclass(frozen=True, slots=True)
class Calculator:
    """A named calculation with the form that asks for its inputs."""

    name: str
    """As typed: `max-pods`."""
    title: str
    """As shown."""
    summary: str
    """One sentence."""
    inputs: tuple[Input, ...]
    """In the order a form asks."""
    compute: Callable[[Mapping[str, Value]], Answer]
    """Takes checked inputs (see `eks_lab.calc.forms.read_inputs`)."""
    lesson: str = ""
    """Id of the lesson that explains it."""
    result_units: dict[str, str] = field(default_factory=dict)
    """Unit of each figure of the result."""
