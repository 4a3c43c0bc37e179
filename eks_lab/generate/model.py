"""What every generator has in common: typed choices, files, and the reason for a line."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from eks_lab.calc.model import Input, Value

Produces = Literal["terraform", "manifest", "values", "commands", "policy"]


@dataclass(frozen=True, slots=True)
class GeneratedFile:
    """One file of a result."""

    name: str
    """Relative, with forward slashes: `vpc.tf`, `manifests/nodepool.yaml`."""
    text: str
    """Ends with a newline."""
    reasons: Mapping[int, str] = field(default_factory=dict)
    """Line, counted from 1 -> why it is there, in a sentence or two."""


@dataclass(frozen=True, slots=True)
class Bundle:
    """What a generator answers."""

    generator: str
    """Its name."""
    choices: Mapping[str, Value]
    """Every choice with the value that was used."""
    files: tuple[GeneratedFile, ...]
    """In the order a reader should meet them."""
    notes: tuple[str, ...] = ()
    """What to know before applying it."""


@dataclass(frozen=True, slots=True)
class Original:
    """What the guide shows in the same place, described so that a difference can be shown."""

    place: str
    """Chapter and what it is."""
    changes: tuple[str, ...]
    """What is different today and why, one sentence each."""


@dataclass(frozen=True, slots=True)
class Generator:
    """A named generator with the form that asks for its choices."""

    name: str
    """As typed: `storage-class-gp3`."""
    title: str
    """As shown."""
    summary: str
    """One sentence."""
    produces: Produces
    """What kind of text comes out."""
    inputs: tuple[Input, ...]
    """In the order a form asks; values are read by `eks_lab.calc.forms.read_inputs`."""
    render: Callable[[Mapping[str, Value]], Bundle]
    """Takes checked choices; raises InputError with the reason for an impossible combination."""
    lesson: str = ""
    """Id of the lesson that explains it."""
    original: Original | None = None
    """The guide's own version, where it has one."""
    presets: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    """Named sets of choices: `production`."""
