"""How long a learner waits for the judgement of a command: from Enter to the verdict, in a child process."""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from pathlib import Path

from eks_lab.content.actions import Action
from eks_lab.content.items.model import CommandItem, Effect
from eks_lab.content.queries import ResourceQuery
from eks_lab.grading.practical.remote import RemoteBench

TIMES = 15
LIMIT_MS = 300.0
FIRST_LIMIT_SECONDS = 3.0


def run() -> list[tuple[str, float, float, str]]:
    """Return what was measured, what is promised, and how."""
    beside = Path(sys.executable).parent / "kubectl"
    kubectl = str(beside) if beside.exists() else shutil.which("kubectl")
    if kubectl is None:
        return [("judgement of a kubectl line, p50 ms", float("inf"), LIMIT_MS, "needs kubectl")]
    started = time.perf_counter()
    with RemoteBench(kubectl) as bench:
        bench.judge(_QUESTION, 7, _LINE)
        first = time.perf_counter() - started
        each = [_seconds(bench) * 1000 for _ in range(TIMES)]
    return [
        (
            "judgement of a kubectl line, p50 ms",
            statistics.median(each),
            LIMIT_MS,
            f"of {TIMES}, effects read",
        ),
        ("the first one, with process and world, s", first, FIRST_LIMIT_SECONDS, "while the learner reads"),
    ]


def _seconds(bench: RemoteBench) -> float:
    started = time.perf_counter()
    assert bench.judge(_QUESTION, 7, _LINE).result.correct
    return time.perf_counter() - started


_LINE = "kubectl scale deployment web --replicas=3"
_QUESTION = CommandItem(
    id="benchmark.practical.scale",
    kind="command",
    prompt="Let web run with three replicas.",
    source="",
    setup=[Action(kubectl="create deployment web --image=nginx"), Action(advance="20s")],
    checks=[
        Effect(
            resource=ResourceQuery(kind="Deployment", name="web", path=".status.readyReplicas", equals=3),
            otherwise="Ready: {observed}.",
        )
    ],
    answers=[_LINE],
    wrong=[],
)
