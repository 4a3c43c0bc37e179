"""The same lab on two backends: what is alike, what differs, and what cannot be carried."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from eks_lab.grading.in_process import InProcess
from eks_lab.grading.lab_file import Lab
from eks_lab.grading.prover.comparison import (
    HOLDS,
    START,
    Difference,
    Replayed,
    compare,
    differences,
    observe,
    reason_against,
)
from eks_lab.grading.prover.proof import Proof
from eks_lab.grading.target import Done
from eks_lab.sandbox.backends.interface import BackendStatus
from tests.grading.bench import loaded, written

ALL = frozenset({"cluster", "account", "kubectl", "aws", "writable", "reset"})


def status(name: str = "docker", capabilities: frozenset[str] = ALL) -> BackendStatus:
    return BackendStatus(name=name, running=True, capabilities=capabilities)


def test_only_whether_a_check_holds_counts() -> None:
    embedded = {(START, "one"): "0 pods", (START, "two"): HOLDS, ("after", "one"): HOLDS}
    other = {(START, "one"): "no pods", (START, "two"): "gone", ("after", ""): "kubectl: refused"}
    assert differences(embedded, other) == [
        Difference(START, "two", HOLDS, "gone"),
        Difference("after", "one", HOLDS, "was not looked at"),
        Difference("after", "", "was not looked at", "kubectl: refused"),
    ]
    assert differences(embedded, embedded) == []


def test_a_start_that_is_played_again_is_the_one_that_was_kept(tmp_path: Path, target: InProcess) -> None:
    lab = loaded(tmp_path)
    kept = observe(Proof(lab, target, tmp_path / "kept"))
    again = observe(Replayed(lab, target, tmp_path / "again"))
    assert {run for run, _ in kept} == {run for run, _ in again}
    assert len({run for run, _ in kept}) == 1 + len(lab.file.solutions) + len(lab.file.wrong)
    assert differences(kept, again) == []
    assert kept[START, "pods-run"] != HOLDS
    assert HOLDS in {says for (run, _), says in kept.items() if run.startswith("after solution")}


def test_a_backend_that_disagrees_is_told_by_run_and_check(
    tmp_path: Path, target: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = written(tmp_path / "labs")

    def reference(lab: Lab) -> Proof:
        return Proof(lab, target, tmp_path / "here")

    def other(lab: Lab) -> Proof:
        # The same world with another kubectl: two worlds cannot be open in one process.
        run = target.run_kubectl

        def scales_nothing(arguments: Sequence[str], folder: Path, stdin: str = "") -> Done:
            return Done(0, "scaled", "") if arguments[0] == "scale" else run(arguments, folder, stdin)

        monkeypatch.setattr(target, "run_kubectl", scales_nothing)
        return Replayed(lab, target, tmp_path / "there")

    found = compare(folder, 7, status(), reference, other)
    assert found.skipped == ""
    assert not found.is_alike
    assert {(each.run.split(" '")[0], each.check) for each in found.differences} == {
        ("after solution", "pods-run")
    }
    assert found.differences[0].embedded == HOLDS
    document = found.as_json()
    assert (document["lab"], document["backend"], document["alike"]) == ("sample", "docker", False)


def test_what_a_backend_cannot_carry_is_not_played(tmp_path: Path) -> None:
    def spoil(document: dict[str, object]) -> None:
        document["backends"] = {"embedded": "full", "docker": "none: zones belong to AWS"}

    def nobody(lab: Lab) -> Proof:
        raise AssertionError(lab.id)

    found = compare(written(tmp_path, spoil), 7, status(), nobody, nobody)
    assert found.skipped == "zones belong to AWS"
    assert found.is_alike


def test_a_backend_that_cannot_begin_anew_proves_nothing(tmp_path: Path) -> None:
    lab = loaded(tmp_path)
    assert reason_against(lab, status()) == ""
    assert "changing what is there" in reason_against(lab, status(capabilities=ALL - {"writable"}))
    assert reason_against(lab, status(capabilities=ALL - {"reset"})) != ""
