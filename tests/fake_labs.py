"""Labs without a sandbox: one that runs, and every call remembered."""

from __future__ import annotations

from dataclasses import replace

from eks_lab.errors import EksLabError, InputError
from eks_lab.tui.lab_view import CheckRow, HintRow, LabRow, LabState
from eks_lab.tui.sandbox_access import Tell

ROWS = (
    LabRow("first", "The first lab", 0, 5, 1, points=95, is_done=True),
    LabRow("second", "The second lab", 3, 20, 2),
    LabRow("broken", "broken", 99, 0, 0, problem="lab.yaml:3: title: there is none"),
)
STATE = LabState(
    id="second",
    title="The second lab",
    minutes=20,
    difficulty=2,
    story="Three pods want to *run*.\n\n```\nkubectl get pods\n```\n",
    steps=("Look at the pods.", "Let them run."),
    checks=(
        CheckRow("pods", "All pods run", 60, False, "Only 1 of 3 pods runs."),
        CheckRow("why", "You know why", 20, False, question="Which one?", options=("this", "that")),
        CheckRow(
            "order", "You know the order", 20, False, question="In order?", options=("a", "b"), is_order=True
        ),
    ),
    points=0,
    elapsed_seconds=130,
    next_hint=10,
    folder="/labs/second",
    clock="2026-11-22 12:00:00 UTC, at 1x",
)
SOLVED = replace(
    STATE,
    checks=tuple(replace(check, holds=True, says="") for check in STATE.checks),
    points=90,
    hints=(HintRow("Look at the events.", 10),),
    next_hint=None,
    is_solved=True,
    debrief="## What it was about\n\nA pod needs room.\n",
    did=("kubectl get pods",),
    cost="About $0.35 an hour (calculator).",
    next_id="first",
    next_title="The first lab",
)


class FakeLabs:
    """Does at once what it is asked, or fails as told."""

    def __init__(self, state: LabState | None = None) -> None:
        """Be in a state.

        Args:
            state: the lab that runs; none when left out.
        """
        self.state = state
        self.list: tuple[LabRow, ...] = ROWS
        self.calls: list[str] = []
        self.failure: EksLabError | None = None
        self.blindness: EksLabError | None = None

    def rows(self) -> tuple[LabRow, ...]:
        """Return the labs."""
        if self.blindness is not None:
            raise self.blindness
        return self.list

    def about(self, lab_id: str) -> LabRow:
        """Return one of them."""
        for row in self.list:
            if row.id == lab_id:
                return row
        raise InputError(f"there is no lab {lab_id!r}")

    def running(self) -> str:
        """Return the lab that runs."""
        return self.state.id if self.state is not None else ""

    def start(self, lab_id: str, tell: Tell) -> None:
        """Run a lab."""
        tell("the situation comes about", 0.5)
        self._called(f"start {lab_id}")
        self.state = replace(STATE, id=lab_id)

    def look(self) -> LabState | None:
        """Return the lab that runs."""
        if self.blindness is not None:
            raise self.blindness
        return self.state

    def hint(self) -> str:
        """Give the only hint."""
        self._called("hint")
        assert self.state is not None
        self.state = replace(self.state, hints=(HintRow("Look at the events.", 10),), next_hint=None)
        return "Look at the events. (−10 points, 0 left)"

    def answer(self, check_id: str, text: str) -> None:
        """Take every answer."""
        self._called(f"answer {check_id} {text}")

    def solve(self, tell: Tell) -> str:
        """Type the solution."""
        self._called("solve")
        return "$ kubectl scale deployment web --replicas=3"

    def reset(self, tell: Tell) -> None:
        """Begin anew."""
        self._called("reset")

    def stop(self) -> None:
        """Run no lab any more."""
        self._called("stop")
        self.state = None

    def close(self) -> None:
        """Hang up on nobody."""

    def shell(self) -> list[str]:
        """Return a command that does nothing."""
        return ["true"]

    def _called(self, name: str) -> None:
        self.calls.append(name)
        if self.failure is not None:
            raise self.failure
