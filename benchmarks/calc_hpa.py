"""The HPA answers while somebody types, timelines of an hour and of a day included."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from eks_lab import locations
from eks_lab.calc.forms import read_inputs
from eks_lab.calc.hpa import CALCULATOR

ANSWER_MS = 20.0
MANIFEST = locations.content_root() / "lessons/07-scaling/20-hpa-behaviour/manifests/hpa.yaml"

_FIRST_ANSWER = """
import time
import yaml
from eks_lab.calc.forms import read_inputs
from eks_lab.calc.hpa import CALCULATOR
start = time.perf_counter()
CALCULATOR.compute(read_inputs(CALCULATOR, {inputs!r}))
print((time.perf_counter() - start) * 1000)
"""


def milliseconds(action: Callable[[], object], times: int) -> float:
    """Return the median time of an action."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append((time.perf_counter() - start) * 1000)
    return statistics.median(taken)


def _first_answer(inputs: dict[str, object]) -> float:
    """Return the time of the first answer of a fresh process, after its imports."""
    code = _FIRST_ANSWER.format(inputs=inputs)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure."""
    hour: dict[str, object] = {"duration_minutes": 60, "load_shape": "sine"}
    day: dict[str, object] = {"duration_minutes": 1440}
    figures = []
    questions: list[tuple[str, dict[str, object], str]] = [
        ("decision", {"question": "decision", "current_replicas": 10, "missing_pods": 2}, "one metric"),
        ("hour", hour, "241 looks"),
        (
            "hour, own behaviour",
            {**hour, "manifest": MANIFEST.read_text()},
            "241 looks, and 241 without behaviour beside them",
        ),
        ("day", day, "5,761 looks, one step of the load"),
        (
            "day, a curve",
            {**day, "load_points": "0:200, 360m:300, 540m:1800, 780m:2100, 1080m:1500, 1320m:400"},
            "5,761 looks, the load moves all the time",
        ),
    ]
    for what, inputs, note in questions:

        def ask(inputs: dict[str, object] = inputs) -> object:
            return CALCULATOR.compute(read_inputs(CALCULATOR, inputs))

        first = statistics.median(_first_answer(inputs) for _ in range(3))
        figures.append((f"hpa, {what}, first (ms)", first, ANSWER_MS, "fresh process, after import"))
        figures.append((f"hpa, {what} (ms)", milliseconds(ask, 30), ANSWER_MS, note))
    return figures
