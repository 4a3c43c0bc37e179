"""Which backend carries which lab, and what is said when the present one does not."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from eks_lab.content.actions import Action, FaultAction, Start
from eks_lab.content.queries import HistoryQuery, Query, ResourceQuery
from eks_lab.errors import UnavailableError
from eks_lab.grading.carrying import carriers, declared, fidelity, needed, require
from eks_lab.grading.lab_file import read_lab
from eks_lab.grading.model import Check, LabFile, Solution
from eks_lab.grading.pack import pack_folders
from eks_lab.sandbox.backends.interface import PROGRAMS, BackendStatus
from eks_lab.sandbox.backends.registry import ENTRIES

POD = Query(resource=ResourceQuery(kind="Pod", name="web"))


def lab(*, start: list[Action] | None = None, check: Query = POD, **backends: str) -> LabFile:
    """Return a lab with one check."""
    checked = Check(id="one", title="One", weight=100, otherwise="no", all=[check])
    return LabFile(
        id="a-lab",
        title="A lab",
        chapter=0,
        skills=[],
        difficulty=1,
        minutes=5,
        backends=backends or {"embedded": "full", "docker": "full", "aws": "full"},
        start=Start(steps=start or []),
        steps=["Do it."],
        checks=[checked],
        solutions=[Solution(title="One", steps=[])],
    )


def status(name: str, *less: str) -> BackendStatus:
    capabilities = (ENTRIES[name].capabilities | set(PROGRAMS)) - set(less)
    return BackendStatus(name=name, running=True, capabilities=capabilities)


def test_needs_come_from_requires_steps_and_checks() -> None:
    assert needed(lab()) == {"cluster", "kubectl"}
    fault = Action(fault=FaultAction(id="x"))
    assert "faults" in needed(lab(start=[fault]))
    past = Query(history=HistoryQuery(workload="deployment/web", downtime_seconds=0))
    assert "history" in needed(lab(check=past))
    assert "history" in needed(lab(check=Query(all=[POD, past])))


def test_a_lab_says_itself_where_it_goes() -> None:
    file = lab(embedded="full", docker="none: the VPC CNI needs EC2", aws="partial: it takes longer")
    assert str(declared(file, "docker")) == "none: the VPC CNI needs EC2"
    assert str(fidelity(file, "aws")) == "partial: it takes longer"
    assert require(file, status("embedded")) == ""
    assert require(file, status("aws")) == "On aws, it takes longer."
    with pytest.raises(
        UnavailableError, match=r"a-lab does not go on the backend docker: the VPC CNI"
    ) as refused:
        require(file, status("docker"))
    assert "--backend embedded" in refused.value.hint


def test_a_backend_that_the_lab_does_not_name_was_not_tried() -> None:
    with pytest.raises(UnavailableError, match="nobody has tried it there"):
        require(lab(embedded="full"), status("docker"))


def test_what_a_lab_uses_counts_more_than_what_it_says() -> None:
    file = lab(start=[Action(fault=FaultAction(id="x"))])
    assert fidelity(file, "docker").level == "none"
    assert "the prepared faults" in fidelity(file, "docker").why
    assert carriers(file) == ["embedded"]


def test_what_holds_all_the_time_is_judged_at_the_present_where_nobody_records() -> None:
    file = lab(check=Query(invariant=POD))
    assert fidelity(file, "embedded").level == "full"
    assert fidelity(file, "docker").level == "partial"
    assert "judged when you ask" in require(file, status("docker"))


def test_the_backend_that_can_is_offered_the_whole_one_first() -> None:
    file = lab(embedded="partial: without Prometheus", docker="full", aws="none: no")
    assert carriers(file) == ["docker", "embedded"]


def test_what_the_running_backend_lacks_and_what_the_machine_lacks() -> None:
    with pytest.raises(
        UnavailableError, match="a Kubernetes cluster, which the backend aws does not have as it runs"
    ):
        require(lab(), status("aws", "cluster"))
    with pytest.raises(UnavailableError, match="requires kubectl, which is not there") as refused:
        require(lab(), status("embedded", "kubectl"))
    assert "doctor" in refused.value.hint


def test_a_lab_that_goes_nowhere_else_says_so() -> None:
    file = lab(embedded="full", docker="none: no")
    with pytest.raises(UnavailableError) as refused:
        require(replace(file, backends={"embedded": "none: no"}), status("embedded"))
    assert refused.value.hint == "No backend can carry it."


def test_every_shipped_lab_goes_on_the_embedded_backend() -> None:
    root = Path(__file__).parents[2] / "labs"
    for folder in pack_folders(root):
        found, _ = read_lab(folder)
        assert found is not None
        assert "embedded" in carriers(found.file), found.file.id
