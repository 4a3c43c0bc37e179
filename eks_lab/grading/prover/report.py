"""Proves labs and says what came of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from eks_lab.errors import EksLabError
from eks_lab.grading.lab_file import Lab, read_lab
from eks_lab.grading.prover.mutants import MOST_MUTANTS, all_mutants
from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.prover.rule import Broken, Excused, Rule
from eks_lab.grading.prover.rules import FILES, RULES, SET_UP, mutants_fail
from eks_lab.grading.stage import RunsCourse
from eks_lab.grading.target import Target

MUTANTS = mutants_fail.RULE.id
SEEDS = (7, 11, 23, 42, 101)
"""The five of a whole proof; the first is the one that learners get unless they ask for another."""


@dataclass
class LabReport:
    """What the proof of one lab has found."""

    lab: str
    """Its id, or the folder when it cannot be read."""
    seeds: tuple[int, ...]
    broken: list[Broken] = field(default_factory=list)
    excused: list[Excused] = field(default_factory=list)
    seconds: float = 0.0
    """Wall time."""

    @property
    def is_proved(self) -> bool:
        """Return whether no rule is broken."""
        return not self.broken

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {**asdict(self), "proved": self.is_proved, "seconds": round(self.seconds, 2)}


def prove(
    folder: Path,
    seeds: Sequence[int],
    target: Target,
    workspace: Path,
    *,
    course: RunsCourse | None = None,
    monotonic: Callable[[], float],
    rules: Sequence[Rule] = RULES,
    mutants: int = MOST_MUTANTS,
) -> LabReport:
    """Prove one lab.

    Args:
        folder: that holds lab.yaml.
        seeds: at least one.
        target: whose world is replaced.
        workspace: folder for the learner's files; it is emptied.
        course: runs eks-lab's own commands.
        monotonic: seconds of wall time from any origin.
        rules: those to prove.
        mutants: how many spoiled forms of each solution are tried.

    Returns:
        What was found; a lab that cannot be read or set up breaks a rule, too.
    """
    begun = monotonic()
    report = LabReport(folder.name, tuple(seeds))
    for number, seed in enumerate(seeds):
        try:
            lab, findings = read_lab(folder, seed)
        except EksLabError as error:
            report.broken.append(Broken(FILES, str(error), seed))
            break
        for finding in findings:
            report.broken.append(Broken(FILES, str(finding), seed))
        if lab is None or findings:
            break
        report.lab = lab.id
        proof = Proof(lab, target, workspace, course, mutants)
        if number == 0:
            for check in lab.file.checks:
                if check.starts_green:
                    message = f"check {check.id} holds at the start"
                    report.excused.append(Excused("start-fails", message, check.starts_green, seed))
        _apply(report, lab, proof, (each for each in rules if each.is_static and number == 0))
        played = [each for each in rules if not each.is_static]
        if not played:
            continue
        try:
            proof.set_up()
        except EksLabError as error:
            report.broken.append(Broken(SET_UP, str(error), seed))
            continue
        _apply(report, lab, proof, played)
    report.broken += _unused(report, folder, seeds, {each.id for each in rules}, mutants)
    report.seconds = monotonic() - begun
    return report


def _apply(report: LabReport, lab: Lab, proof: Proof, rules: Iterable[Rule]) -> None:
    for rule in rules:
        try:
            messages = list(rule.find(proof))
        except EksLabError as error:
            messages = [f"the rule cannot be proved: {error}"]
        for message in messages:
            for exemption in lab.file.exemptions:
                if exemption.rule == rule.id and exemption.about in message:
                    report.excused.append(Excused(rule.id, message, exemption.reason, lab.seed))
                    break
            else:
                report.broken.append(Broken(rule.id, message, lab.seed))


def _unused(
    report: LabReport, folder: Path, seeds: Sequence[int], rules: AbstractSet[str], mutants: int
) -> list[Broken]:
    """Return the exemptions that excuse nothing, in a proof that would have found it.

    Args:
        report: with what was excused.
        folder: of the lab.
        seeds: that were proved.
        rules: ids of those that were proved.
        mutants: how many of each solution were tried.
    """
    # What one seed needs no leave for, another one may.
    if len(seeds) < len(SEEDS) or any(each.rule in (FILES, SET_UP) for each in report.broken):
        return []
    lab, _ = read_lab(folder, seeds[0])
    if lab is None:
        return []
    is_whole = all(sum(1 for _ in all_mutants(each, lab)) <= mutants for each in lab.file.solutions)
    looked_for = rules if is_whole else rules - {MUTANTS}
    return [
        Broken(FILES, f"the exemption from {each.rule} {each.about!r} excuses nothing: remove it", seeds[0])
        for each in lab.file.exemptions
        if each.rule in looked_for
        and not any(each.rule == got.rule and each.about in got.message for got in report.excused)
    ]
