"""Calculators answer while somebody types: the catalogue loads and an answer comes within a frame."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from collections.abc import Callable

from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Calculator
from eks_lab.catalog import branch_enis, instance_types
from eks_lab.catalog.instance_types import DATA_FILE, Catalogue
from eks_lab.catalog.source import packaged_file

LOAD_MS = 15.0
ANSWER_MS = 20.0

_FIRST_ANSWER = """
import time
from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
calculator = registry.get({name!r})
start = time.perf_counter()
calculator.compute(read_inputs(calculator, {inputs!r}))
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


def _load() -> None:
    Catalogue(packaged_file(DATA_FILE)).get("m5.large")
    branch_enis.read_record(packaged_file(branch_enis.DATA_FILE))


def _first_answer(name: str, inputs: dict[str, object]) -> float:
    """Return the time of the first answer of a fresh process, data files read within it."""
    code = _FIRST_ANSWER.format(name=name, inputs=inputs)
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    return float(done.stdout)


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure."""
    figures = [
        ("catalogue load (ms)", milliseconds(_load, 20), LOAD_MS, f"{len(instance_types.catalogue())} types")
    ]
    for name, inputs in (
        ("max-pods", {"instance": "p5.48xlarge", "prefix_delegation": True}),
        ("node-ips", {"instance": "m5.24xlarge", "pods": 200, "prefix_delegation": True, "nodes": 500}),
    ):
        calculator = registry.get(name)

        def ask(calculator: Calculator = calculator, inputs: dict[str, object] = inputs) -> object:
            return calculator.compute(read_inputs(calculator, inputs))

        first = statistics.median(_first_answer(name, inputs) for _ in range(3))
        figures.append((f"{name}, first answer (ms)", first, ANSWER_MS, "fresh process, after import"))
        figures.append((f"{name}, next answers (ms)", milliseconds(ask, 50), ANSWER_MS, "median of 50"))
    return figures
