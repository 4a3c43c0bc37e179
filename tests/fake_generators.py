"""Generators that exist only here: one of a file, one of several, with reasons, presets and refusals on demand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest

from eks_lab.calc.model import Input, Value
from eks_lab.checker.model import CheckOptions, Finding, Report, Severity
from eks_lab.errors import InputError
from eks_lab.generate import registry
from eks_lab.generate.model import Bundle, GeneratedFile, Generator, Original
from eks_lab.tui.generation import Judgement, Preview, render_preview


def one(choices: Mapping[str, Value]) -> Bundle:
    """A manifest with two reasons; refuses 13 replicas beside the name lab, breaks at 66."""
    if choices["replicas"] == 13 and choices["name"] == "lab":
        raise InputError("replicas: 13 and lab bring bad luck together", hint="Take another number.")
    if choices["replicas"] == 66:
        raise ZeroDivisionError("a defect")
    text = (
        "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n"
        f"  name: {choices['name']}\nspec:\n  replicas: {choices['replicas']}\n"
        f"  # {'long ' * 30}\n"
    )
    reasons = {4: "The name is what others find it by.", 6: f"{choices['replicas']} survive a lost zone."}
    return Bundle("one", dict(choices), (GeneratedFile("one.yaml", text, reasons),), ("Mind the quota.",))


def many(choices: Mapping[str, Value]) -> Bundle:
    """Five files, the second with a finding."""
    files = tuple(
        GeneratedFile(
            f"part-{number}.tf", f'locals {{\n  zone = "{choices["zone"]}"\n}}\n', {2: f"Part {number}."}
        )
        for number in range(1, 6)
    )
    return Bundle("many", dict(choices), files)


_LABEL = Input("name", "Name", "text", "lab", "What it is called.")
ONE = Generator(
    name="one",
    title="One manifest",
    summary="Writes one manifest.",
    produces="manifest",
    inputs=(
        _LABEL,
        Input("replicas", "Replicas", "integer", 3, "How many pods.", unit="pods", minimum=1, maximum=99),
    ),
    render=one,
    lesson="basics.nodes",
    original=Original("Chapter 4", ("Two replicas are three now.",)),
    presets={"large": {"replicas": 20}},
)
MANY = Generator(
    name="many",
    title="Many files",
    summary="Writes five files.",
    produces="terraform",
    inputs=(Input("zone", "Zone", "choice", "a", "Which zone.", choices=("a", "b")),),
    render=many,
)
FAKES = {generator.name: generator for generator in (ONE, MANY)}


def use_fake_generators(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry know the fakes and nothing else."""

    def get(name: str) -> Generator:
        if name not in FAKES:
            raise InputError(f"no generator named {name!r}", hint="See the list.")
        return FAKES[name]

    monkeypatch.setattr(registry, "names", lambda: tuple(FAKES))
    monkeypatch.setattr(registry, "get", get)


class InProcess:
    """Makes previews at once, and finds what the test says."""

    def __init__(self, *findings: Finding, problem: str = "") -> None:
        """Find these in whatever is made."""
        self.findings = findings
        self.problem = problem
        self.checked: list[tuple[Path, ...]] = []
        self.report: Report | Exception = Report((), ())

    async def render(self, name: str, values: Mapping[str, Value]) -> Preview:
        return render_preview(name, values)

    async def judge(self, bundle: Bundle, today: date) -> Judgement:
        names = {file.name for file in bundle.files}
        return Judgement(tuple(each for each in self.findings if each.file in names), self.problem)

    async def check(self, paths: Sequence[Path], today: date) -> Report:
        self.checked.append(tuple(paths))
        assert CheckOptions(today=today)
        if isinstance(self.report, Exception):
            raise self.report
        return self.report

    def start(self) -> None:
        """Be ready."""

    def close(self) -> None:
        """Hold nothing."""


def finding(
    file: str = "one.yaml", line: int = 6, severity: Severity = Severity.WARNING, lesson: str = "basics.pods"
) -> Finding:
    """Return a finding."""
    return Finding(
        file, line, "few-replicas", severity, f"line {line} has few replicas", "Write 3 or more.", lesson
    )
