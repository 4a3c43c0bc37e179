"""How well key points are found: precision and recall over sample answers that people wrote.

    python -m benchmarks rubrics             the shares that are held, and every misjudged sample of the tuned part
    RUBRIC_POINTS=1 python -m benchmarks rubrics    every point's own figures as well

Two thirds of the samples are for tuning phrases and rules; the held-back third says what that is worth.
"""

from __future__ import annotations

import hashlib
import os
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import TypeAdapter

from eks_lab.content.items.model import BankFile, KeyPoint, RecallItem
from eks_lab.content.items.rubric import PointResult, find

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = ROOT / "tests" / "course" / "rubrics"
MOST_MISSED = 0.1
"""Share of expected points that may be missed, and of found points that may be wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """An answer somebody wrote, and which points it has."""

    question: str
    """Id of the question."""
    follow_up: int | None = None
    """Index of its follow-up, or null."""
    id: str
    """Unique with question and follow-up."""
    kind: Literal["strong", "weak", "wrong", "empty", "copied", "salad"]
    """What sort of answer it is."""
    text: str
    """As a learner would type it."""
    finds: list[str] = field(default_factory=list)
    """Ids of the points that a fair reader finds in it."""

    @property
    def name(self) -> str:
        """Return question, follow-up and id."""
        place = "" if self.follow_up is None else f"/{self.follow_up}"
        return f"{self.question}{place}/{self.id}"

    @property
    def is_held_back(self) -> bool:
        """Return whether it belongs to the third that nothing is tuned on."""
        return hashlib.sha256(self.name.encode()).digest()[0] % 3 == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleFile:
    """A file of samples."""

    format: Literal[1]
    """Version of this file format."""
    samples: list[Sample]
    """In any order."""


@dataclass(frozen=True, slots=True)
class Judged:
    """A sample held against the points of its question."""

    sample: Sample
    """The answer."""
    results: tuple[PointResult, ...]
    """What the rubric says."""

    @property
    def missed(self) -> list[PointResult]:
        """Return the expected points that were not found."""
        return [
            result for result in self.results if not result.found and result.point.id in self.sample.finds
        ]

    @property
    def wrong(self) -> list[PointResult]:
        """Return the points that were found and should not have been."""
        return [
            result for result in self.results if result.found and result.point.id not in self.sample.finds
        ]


@dataclass(slots=True)
class Tally:
    """Counts of found points."""

    right: int = 0
    """Expected and found."""
    missed: int = 0
    """Expected and not found."""
    wrong: int = 0
    """Found and not expected."""

    @property
    def precision(self) -> float:
        """Return the share of found points that were expected; 1 when none was found."""
        found = self.right + self.wrong
        return self.right / found if found else 1.0

    @property
    def recall(self) -> float:
        """Return the share of expected points that were found; 1 when none was expected."""
        expected = self.right + self.missed
        return self.right / expected if expected else 1.0


def questions(lessons: Path = ROOT / "lessons") -> dict[str, RecallItem]:
    """Return the free-text questions of the bank by id."""
    adapter = TypeAdapter(BankFile)
    found = {}
    for path in sorted(lessons.glob("*/quiz/*.yaml")):
        document = _loaded(path)
        recalls = [item for item in document["items"] if item.get("kind") == "recall"]
        for item in adapter.validate_python({"format": document["format"], "items": recalls}).items:
            assert isinstance(item, RecallItem)
            found[item.id] = item
    return found


def samples(folder: Path = SAMPLES) -> list[Sample]:
    """Return all samples, file by file."""
    adapter = TypeAdapter(SampleFile)
    return [
        sample
        for path in sorted(folder.glob("*.yaml"))
        for sample in adapter.validate_python(_loaded(path)).samples
    ]


def _loaded(path: Path) -> Any:
    # The C loader where there is one: these are ten thousand lines.
    return yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))


def rubric_of(sample: Sample, bank: dict[str, RecallItem]) -> tuple[Sequence[KeyPoint], str]:
    """Return key points and prompt of what a sample answers.

    Raises:
        KeyError: there is no such question.
        IndexError: it has no such follow-up.
    """
    item = bank[sample.question]
    if sample.follow_up is None:
        return item.points, item.prompt
    assert item.interview is not None
    follow_up = item.interview.follow_ups[sample.follow_up]
    return follow_up.points, follow_up.prompt


def judged(wanted: Iterable[Sample], bank: dict[str, RecallItem]) -> list[Judged]:
    """Hold samples against their questions."""
    found = []
    for sample in wanted:
        points, prompt = rubric_of(sample, bank)
        found.append(Judged(sample, find(points, sample.text, prompt)))
    return found


def tallied(results: Iterable[Judged]) -> tuple[Tally, dict[str, Tally]]:
    """Return the counts over all, and for each point (`question[/follow-up]#point`)."""
    whole = Tally()
    points: dict[str, Tally] = defaultdict(Tally)
    for each in results:
        place = each.sample.name.rpartition("/")[0]
        for result in each.results:
            expected = result.point.id in each.sample.finds
            for tally in (whole, points[f"{place}#{result.point.id}"]):
                tally.right += expected and result.found
                tally.missed += expected and not result.found
                tally.wrong += result.found and not expected
    return whole, dict(points)


def run() -> list[tuple[str, float, float, str]]:
    """Print what was misjudged of the tuned part, and return name, measured, limit and note of each figure."""
    all_judged = judged(samples(), questions())
    for each in all_judged:
        if each.sample.is_held_back:
            continue  # who saw them would tune on them
        for result in each.missed:
            print(f"  missed  {each.sample.name} [{each.sample.kind}] {result.point.id} {result.reason}")
        for result in each.wrong:
            print(f"  wrong   {each.sample.name} [{each.sample.kind}] {result.point.id}: {result.where}")
    if os.environ.get("RUBRIC_POINTS"):
        for name, tally in sorted(tallied(all_judged)[1].items()):
            print(f"  {tally.precision:5.2f} {tally.recall:5.2f}  {name}")
    figures = []
    for title, is_held_back in (("tuned", False), ("held back", True)):
        part = [each for each in all_judged if each.sample.is_held_back is is_held_back]
        tally, _ = tallied(part)
        note = f"{len(part)} answers, {tally.right + tally.missed} points to find"
        figures.append((f"found wrongly, {title} (1 - precision)", 1 - tally.precision, MOST_MISSED, note))
        figures.append((f"missed, {title} (1 - recall)", 1 - tally.recall, MOST_MISSED, note))
    return figures
