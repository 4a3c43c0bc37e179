"""Which files an answer can be saved as. No Textual here."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass

from eks_lab.calc.export import answer_json, figures_csv, grid_csv, plot_csv
from eks_lab.calc.model import Answer, Calculator
from eks_lab.tui.widgets.answer_text import answer_text

_LONGEST_NAME = 40


@dataclass(frozen=True, slots=True)
class AnswerFile:
    """One way to save an answer."""

    name: str
    """Suggested file name."""
    label: str
    """What is in it."""
    text: Callable[[], str]
    """Returns the content."""


def answer_files(calculator: Calculator, answer: Answer) -> list[AnswerFile]:
    """Return every file an answer can be saved as, with names that differ.

    Args:
        calculator: which gave the answer.
        answer: the answer.
    """
    stem = calculator.name
    files = [
        AnswerFile(f"{stem}.txt", "Text: inputs, working, sources", lambda: answer_text(calculator, answer)),
        AnswerFile(
            f"{stem}.json",
            f"JSON: all of it, as eks-lab calc {stem} --json",
            lambda: json.dumps(answer_json(answer), indent=2, ensure_ascii=False) + "\n",
        ),
        AnswerFile(f"{stem}.csv", "CSV: inputs, figures and steps", lambda: figures_csv(calculator, answer)),
    ]
    names = {file.name for file in files}
    tables = [
        *((grid.title, "table", lambda grid=grid: grid_csv(grid)) for grid in answer.grids),
        *((plot.title, "plot", lambda plot=plot: plot_csv(plot)) for plot in answer.plots),
    ]
    for number, (title, kind, text) in enumerate(tables, 1):
        name = f"{stem}-{_slug(title) or number}.csv"
        if name in names:
            name = f"{stem}-{number}.csv"
        names.add(name)
        files.append(AnswerFile(name, f"CSV: {kind} “{title}”", text))
    return files


def _slug(title: str) -> str:
    words = re.findall(r"[a-z0-9]+", title.lower())
    slug = "-".join(words)
    return slug if len(slug) <= _LONGEST_NAME else slug[:_LONGEST_NAME].rpartition("-")[0]
