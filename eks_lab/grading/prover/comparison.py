"""Plays a lab on two backends and lists where its checks say different things.

The in-process world is the reference: a lab is proved there by all rules. On another backend it is only looked at what a
learner would see: the checks at the start, after each solution, and after each wrong fix.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eks_lab.errors import EksLabError
from eks_lab.grading.award import Judged
from eks_lab.grading.carrying import fidelity, needed
from eks_lab.grading.lab_file import Lab, load_lab
from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.session import bring_about
from eks_lab.grading.stage import RunsCourse, StepError
from eks_lab.grading.target import Target
from eks_lab.sandbox.backends.interface import CAPABILITIES, BackendStatus

START = "at the start"
HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class Difference:
    """One check that two backends see differently."""

    run: str
    """`at the start`, `after solution 'Scale it'`, `after wrong fix '…'`."""
    check: str
    """Its id; empty when a step failed before any check was looked at."""
    embedded: str
    """What it says in process: `holds`, or what was seen."""
    other: str
    """What it says on the other backend."""


@dataclass
class Comparison:
    """What came of one lab on one backend."""

    lab: str
    backend: str
    seed: int
    skipped: str = ""
    """Why it was not played there; empty when it was."""
    differs_by: str = ""
    """What the lab's own file says is different there."""
    checks: int = 0
    """How often a check was looked at."""
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_alike(self) -> bool:
        """Return whether nothing is different."""
        return not self.differences

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {**asdict(self), "alike": self.is_alike}


class Replayed(Proof):
    """A lab whose start is played again each time, for targets that keep no states."""

    def back(self) -> None:
        """Begin anew and play the steps of the start.

        Raises:
            EksLabError: the backend cannot go back, or a step fails.
        """
        self.workspace.clear()
        self.stage = self._new_stage()
        bring_about(self.lab, self.target, self.stage)
        self.stage = self._new_stage()

    def set_up(self) -> None:
        """Bring the start about once, to see that it can be.

        Raises:
            EksLabError: it cannot.
        """
        self.back()
        self.began = self.target.now()


Seen = dict[tuple[str, str], str]
"""Run and check id -> `holds`, or what was seen instead; the id is empty for a step that failed."""


def observe(proof: Proof) -> Seen:
    """Play the start, every solution and every wrong fix of a lab, and return what its checks say.

    Args:
        proof: not set up yet.

    Raises:
        EksLabError: the start does not come about.
    """
    proof.set_up()
    file = proof.lab.file
    found = {(START, each.check.id): _said(each) for each in proof.judge()}
    runs = [(f"after solution {each.title!r}", each.steps, "solved") for each in file.solutions]
    runs += [(f"after wrong fix {each.title!r}", each.steps, "end") for each in file.wrong]
    for run, steps, waits_for in runs:
        proof.back()
        try:
            judged = proof.run(steps, waits_for=waits_for).judged
        except StepError as error:
            found[run, ""] = error.message
            continue
        found |= {(run, each.check.id): _said(each) for each in judged}
    return found


def _said(judged: Judged) -> str:
    return HOLDS if judged.holds else judged.observed


def differences(
    embedded: Mapping[tuple[str, str], str], other: Mapping[tuple[str, str], str]
) -> list[Difference]:
    """Return where two observations disagree whether a check holds; different words for the same are no difference.

    Args:
        embedded: the reference.
        other: of another backend.
    """
    found = []
    for run, check in dict.fromkeys([*embedded, *other]):
        here, there = embedded.get((run, check)), other.get((run, check))
        if (here == HOLDS) != (there == HOLDS) or (here is None) != (there is None):
            found.append(Difference(run, check, here or "was not looked at", there or "was not looked at"))
    return found


def reason_against(lab: Lab, status: BackendStatus) -> str:
    """Return why a lab cannot be played on a running backend; empty when it can."""
    said = fidelity(lab.file, status.name)
    if said.level == "none":
        return said.why
    missing = (needed(lab.file) | {"reset", "writable"}) - status.capabilities
    return f"it needs {', '.join(CAPABILITIES[each] for each in sorted(missing))}" if missing else ""


def compare(
    folder: Path,
    seed: int,
    status: BackendStatus,
    reference: Callable[[Lab], Proof],
    other: Callable[[Lab], Proof],
) -> Comparison:
    """Play one lab on both.

    Args:
        folder: of the lab.
        seed: of its variables.
        status: of the other backend.
        reference: makes a proof in process.
        other: makes a proof on the other backend.

    Raises:
        ContentError: the lab cannot be read.
    """
    lab = load_lab(folder, seed)
    found = Comparison(
        lab.id, status.name, seed, reason_against(lab, status), fidelity(lab.file, status.name).why
    )
    if found.skipped:
        return found
    seen: list[Seen] = []
    for make in (reference, other):
        try:
            seen.append(observe(make(lab)))
        except EksLabError as error:
            seen.append({(START, ""): error.message})
    found.checks = sum(1 for _, check in seen[1] if check)
    found.differences = differences(*seen)
    return found


def proof_on(
    target: Target, folder: Path, course: RunsCourse | None, *, keeps_states: bool
) -> Callable[[Lab], Proof]:
    """Return what makes a proof of a lab on a target.

    Args:
        target: whose world is replaced.
        folder: for the learner's files; it is emptied.
        course: runs eks-lab's own commands.
        keeps_states: whether the target can go back to a kept state.
    """
    kind = Proof if keeps_states else Replayed
    return lambda lab: kind(lab, target, folder, course)
