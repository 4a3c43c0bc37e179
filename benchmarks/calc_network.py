"""The calculators of addresses and nodes answer within a frame, the hardest questions among them."""

from __future__ import annotations

from benchmarks.calc import ANSWER_MS, _first_answer, milliseconds
from eks_lab.calc import registry
from eks_lab.calc.forms import read_inputs
from eks_lab.calc.model import Calculator

_SCATTERED = " ".join(f"10.0.{row}.{address}" for row in range(16) for address in range(7, 250, 2))
"""Every other address of a /20, as a describe of its interfaces would list them."""
QUESTIONS: tuple[tuple[str, str, dict[str, object]], ...] = (
    ("vpc-plan", "6 zones, added ranges", {"zones": 6, "growth_percent": 30, "horizon_months": 60}),
    (
        "prefix-fit",
        f"{len(_SCATTERED.split())} addresses of a /20",
        {"subnet": "10.0.0.0/20", "in_use": "", "in_use_file": _SCATTERED},
    ),
    ("allocatable", "12,000 pods", {"instance": "m5.24xlarge", "max_pods": 12_000}),
    (
        "density",
        "every type, volumes",
        {"pods": 5000, "volumes": 1, "burstable": True, "free_addresses": 10**6},
    ),
)


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure."""
    figures = []
    for name, note, inputs in QUESTIONS:
        calculator = registry.get(name)

        def ask(calculator: Calculator = calculator, inputs: dict[str, object] = inputs) -> object:
            return calculator.compute(read_inputs(calculator, inputs))

        first = sorted(_first_answer(name, inputs) for _ in range(3))[1]
        figures.append((f"{name}, first answer (ms)", first, ANSWER_MS, f"fresh process; {note}"))
        figures.append((f"{name}, next answers (ms)", milliseconds(ask, 50), ANSWER_MS, "median of 50"))
    return figures
