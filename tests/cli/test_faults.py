"""`eks-lab sandbox fault`: what is asked of the sandbox, and what is said."""

from __future__ import annotations

import json
from typing import Any

import pytest
from click.testing import CliRunner

from eks_lab.cli import root
from eks_lab.sandbox import client

FAULT = {
    "id": "locked-out",
    "title": "Locked out of the cluster",
    "number": 12,
    "mark": "R",
    "says": ["error: You must be logged in to the server (Unauthorized)"],
    "cause": "The access entry is gone.",
    "remedy": "Create it again.",
    "sources": ["user guide"],
    "armed": "",
    "visible": False,
    "commands": ["aws eks create-access-entry --cluster-name lab", "(wait at most 5m)"],
}


class FakeClient:
    """Arms and clears one fault."""

    def __init__(self) -> None:
        self.armed = ""
        self.asked: list[object] = []

    def faults(self) -> list[dict[str, Any]]:
        other = {**FAULT, "id": "other", "number": 1, "title": "Another"}
        return [other, {**FAULT, "armed": self.armed, "visible": bool(self.armed)}]

    def arm_fault(self, id: str, seed: int | None = None) -> dict[str, Any]:
        self.asked.append((id, seed))
        self.armed = "2026-11-23T03:00:00+00:00"
        return {**FAULT, "armed": self.armed, "visible": True}

    def clear_fault(self, id: str) -> dict[str, Any]:
        self.asked.append(id)
        self.armed = ""
        return {**FAULT, "left": ["aws iam delete-role --role-name r: DeleteConflict"]}


@pytest.fixture
def sandbox(monkeypatch: pytest.MonkeyPatch) -> FakeClient:
    made = FakeClient()
    monkeypatch.setattr(client, "required", lambda directory: made)
    return made


def run(*words: str) -> Any:
    return CliRunner().invoke(root, ["sandbox", "fault", *words])


def test_the_list_says_what_is_armed(sandbox: FakeClient) -> None:
    lines = run("list").output.splitlines()
    assert [line.split() for line in lines] == [
        ["1", "other", "Another"],
        ["12", "locked-out", "Locked", "out", "of", "the", "cluster"],
    ]
    sandbox.armed = "now"
    assert "locked-out  visible   Locked out" in run("list").output
    assert json.loads(run("list", "--json").output)["faults"][1]["cause"] == "The access entry is gone."


def test_arming_tells_the_symptom_and_keeps_the_cause_to_itself(sandbox: FakeClient) -> None:
    done = run("arm", "locked-out")
    assert done.exit_code == 0
    assert "You must be logged in to the server" in done.output
    assert "access entry" not in done.output
    assert done.output.endswith("Take it back with: eks-lab sandbox fault clear locked-out\n")
    assert sandbox.asked == [("locked-out", None)]


def test_the_solution_is_told_when_asked_for(sandbox: FakeClient) -> None:
    done = run("arm", "locked-out", "--seed", "4", "--solution")
    assert "The access entry is gone." in done.output
    assert "  $ aws eks create-access-entry --cluster-name lab\n  (wait at most 5m)\n" in done.output
    assert sandbox.asked == [("locked-out", 4)]


def test_clearing_names_what_stays(sandbox: FakeClient) -> None:
    done = run("clear", "locked-out")
    assert "Taken back: locked-out.\n" in done.output
    assert "Not taken back: aws iam delete-role" in done.output


def test_clearing_everything(sandbox: FakeClient) -> None:
    assert run("clear", "--all").output == "Nothing is armed.\n"
    run("arm", "locked-out")
    run("clear", "--all")
    assert sandbox.asked == [("locked-out", None), "locked-out"]


@pytest.mark.parametrize("words", [[], ["locked-out", "--all"]])
def test_clear_wants_a_name_or_all(sandbox: FakeClient, words: list[str]) -> None:
    done = run("clear", *words)
    assert "name one, or --all" in str(done.exception or done.output)
    assert sandbox.asked == []
