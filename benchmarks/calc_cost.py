"""The calculators that reckon with prices answer within a frame, the whole catalogue compared or not."""

from __future__ import annotations

from benchmarks.calc import ANSWER_MS, _first_answer, milliseconds
from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Calculator
from eks_lab.catalog import service_prices
from eks_lab.catalog.service_prices import DATA_FILE, read_service_prices
from eks_lab.catalog.source import packaged_file

PRICES_MS = 5.0
QUESTIONS: tuple[tuple[str, dict[str, object]], ...] = (
    (
        "cluster-cost",
        {"nodes": 500, "auto_mode": True, "fargate_pods": 10, "compare": "nodes=300,nat=regional"},
    ),
    ("fargate", {"pods": 100_000, "arm": True, "burstable": True, "today": "2026-11-22"}),
    ("storage", {"gib": 1000, "iops": 50_000, "mib_per_s": 1500, "instance": "m5.24xlarge"}),
    ("logs", {"pods": 10_000, "control_plane_gb": 500, "retention_days": None}),
)


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure."""
    count = len(service_prices.service_prices().prices)
    load = milliseconds(lambda: read_service_prices(packaged_file(DATA_FILE)), 20)
    figures = [("service prices load (ms)", load, PRICES_MS, f"{count} prices")]
    for name, inputs in QUESTIONS:
        calculator = registry.get(name)

        def ask(calculator: Calculator = calculator, inputs: dict[str, object] = inputs) -> object:
            return calculator.compute(read_inputs(calculator, inputs))

        first = sorted(_first_answer(name, inputs) for _ in range(3))[1]
        figures.append((f"{name}, first answer (ms)", first, ANSWER_MS, "fresh process, after import"))
        figures.append((f"{name}, next answers (ms)", milliseconds(ask, 50), ANSWER_MS, "median of 50"))
    return figures
