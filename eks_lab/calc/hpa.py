"""What the HorizontalPodAutoscaler does: at one look, and over a load curve.

The algorithm is `eks_lab.calc.horizontal_scaling`; this is its form.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.hpa_decision import decision_answer
from eks_lab.calc.hpa_inputs import INPUTS
from eks_lab.calc.hpa_timeline import timeline_answer
from eks_lab.calc.model import Answer, Calculator, Value


def hpa(inputs: Mapping[str, Value]) -> Answer:
    """Answer a single decision, or a timeline of them.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        See `decision_answer` and `timeline_answer`; the figures differ with the question.

    Raises:
        InputError: an input cannot be used.
    """
    return decision_answer(inputs) if inputs["question"] == "decision" else timeline_answer(inputs)


CALCULATOR = Calculator(
    name="hpa",
    title="Horizontal pod autoscaling",
    summary="What the HPA decides, and how replicas follow a load curve, by the controller's own algorithm.",
    inputs=INPUTS,
    compute=hpa,
    lesson="scaling.hpa-behaviour",
    result_units={
        "peak_load_rps": "requests/s",
        "peak_replicas": "replicas",
        "peak_ready_replicas": "replicas",
        "final_replicas": "replicas",
        "worst_utilisation_percent": "%",
        "seconds_above_target": "s",
        "time_to_recover_seconds": "s",
        "requests_beyond_capacity": "requests",
        "replica_minutes": "replica-minutes",
        "scale_ups": "steps",
        "scale_downs": "steps",
        "scale_events": "steps",
        "turns": "turns",
    },
)
