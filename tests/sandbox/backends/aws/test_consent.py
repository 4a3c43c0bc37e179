"""Two questions, and what leaves before, between and after them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from click.testing import CliRunner

from eks_lab.cli import sandbox as sandbox_commands
from eks_lab.cli import sandbox_steps
from eks_lab.errors import EksLabError, InputError
from eks_lab.sandbox.backends import choice, switching
from eks_lab.sandbox.backends.aws import backend as backend_module
from eks_lab.sandbox.backends.interface import Cancel, Plan, Wishes, tell_nobody
from eks_lab.sandbox.state_directory import StateDirectory
from tests.sandbox.backends.aws.own_account import ACCOUNT, PROFILE, WISHES, Learner, OwnAccount, refusing

IDENTITY = ("sts", "GetCallerIdentity")


@pytest.fixture
def chosen(learner: Learner, monkeypatch: pytest.MonkeyPatch) -> Iterator[Learner]:
    """Let the registry give out the learner's backend."""
    monkeypatch.setattr(backend_module, "make", lambda directory: learner.backend)
    monkeypatch.setattr(StateDirectory, "default", lambda: learner.directory)
    yield learner
    learner.account.forget()
    learner.down()


def bring_up(learner: Learner, ask: Callable[[Plan], str], wishes: Wishes = WISHES) -> None:
    switching.bring_up(learner.directory, "aws", wishes, tell_nobody, Cancel(), ask)


def answers(*typed: str) -> tuple[list[Plan], Callable[[Plan], str]]:
    shown: list[Plan] = []

    def ask(plan: Plan) -> str:
        shown.append(plan)
        return typed[len(shown) - 1]

    return shown, ask


def test_both_questions(chosen: Learner, account: OwnAccount) -> None:
    shown, ask = answers(PROFILE, ACCOUNT)
    bring_up(chosen, ask)
    first, second = shown
    assert dict(first.facts)["so far"] == "nothing was sent to AWS"
    assert any("sts:GetCallerIdentity" in each for each in first.creates)
    facts = dict(second.facts)
    assert facts["account"] == ACCOUNT
    assert facts["principal"] == f"arn:aws:iam::{ACCOUNT}:user/student"
    assert facts["region"] == "us-east-1"
    assert facts["altogether"].startswith("$0.1488 an hour")
    assert facts["at most"] == "$0.45 until the time limit"
    assert "Amazon EKS pricing" in facts["prices from"]
    assert "while this machine is off" in facts["honestly"]
    assert second.usd_per_hour == pytest.approx(0.1488, abs=0.001)
    assert account.asked[:2] == [IDENTITY, IDENTITY]
    assert "CreateCluster" in [each[1] for each in account.asked]
    assert choice.read(chosen.directory).backend == "aws"


def test_what_it_costs_is_what_the_calculator_says(chosen: Learner) -> None:
    """Control plane 0.10, a t3.medium 0.0416, 20 GiB gp3 at 0.08 a month, one public address 0.005."""
    plan = chosen.backend.plan(WISHES)
    assert plan.follow is not None
    assert plan.follow(PROFILE).usd_per_hour == pytest.approx(
        0.10 + 0.0416 + 20 * 0.08 / 730 + 0.005, abs=1e-4
    )


@pytest.mark.parametrize("typed", ["", "yes", "School", "schoo", ACCOUNT])
def test_the_wrong_profile_typed(chosen: Learner, account: OwnAccount, typed: str) -> None:
    _, ask = answers(typed)
    with pytest.raises(InputError, match="nothing was sent"):
        bring_up(chosen, ask)
    assert account.asked == []


@pytest.mark.parametrize(
    "typed", ["", "yes", "12345678901", "123456789013", f"{ACCOUNT}0", PROFILE, "１２３４５６７８９０１２"]
)
def test_the_wrong_account_typed(chosen: Learner, account: OwnAccount, typed: str) -> None:
    _, ask = answers(PROFILE, typed)
    with pytest.raises(InputError):
        bring_up(chosen, ask)
    assert set(account.asked) == {IDENTITY}
    assert account.left() == []
    assert not chosen.backend.status().running


def test_no_answer_at_all(chosen: Learner, account: OwnAccount) -> None:
    def nobody(plan: Plan) -> str:
        raise InputError("nothing was typed, so nothing happens")

    with pytest.raises(InputError):
        bring_up(chosen, nobody)
    assert account.asked == []


def test_expired_credentials_at_the_first_call(chosen: Learner, account: OwnAccount) -> None:
    account.before = refusing("GetCallerIdentity", "ExpiredToken", status=403)
    _, ask = answers(PROFILE, ACCOUNT)
    with pytest.raises(EksLabError, match="ExpiredToken") as caught:
        bring_up(chosen, ask)
    assert "aws sso login" in caught.value.hint
    assert set(account.asked) == {IDENTITY}


def test_nothing_is_asked_without_a_session(chosen: Learner, account: OwnAccount) -> None:
    backend = chosen.backend
    backend.preflight()
    assert not backend.status().running
    assert backend.environment({}) == {}
    backend.plan(WISHES)
    chosen.down(purge=True)
    assert account.asked == []


def test_on_the_command_line(chosen: Learner, account: OwnAccount) -> None:
    """Both answers typed, then the proof of the removal."""
    words = [
        "up",
        "--backend",
        "aws",
        "--profile",
        PROFILE,
        "--region",
        "us-east-1",
        "--new",
        "mine",
        "--nodes",
        "1",
    ]
    done = CliRunner().invoke(sandbox_commands.command, words, input=f"{PROFILE}\n{ACCOUNT}\n")
    assert done.exit_code == 0, done.output
    assert "Type the profile's name to go on" in done.output
    assert "Type the account id to go on" in done.output
    assert "real money" in done.output
    found = json.loads(CliRunner().invoke(sandbox_commands.command, ["status", "--json"]).stdout)
    assert (found["backend"], found["account"], found["cluster"]) == ("aws", ACCOUNT, "mine")
    gone = CliRunner().invoke(sandbox_commands.command, ["down"])
    assert gone.exit_code == 0
    assert "Nothing of the sandbox is left. Looked at:" in gone.output
    assert account.left() == []


@pytest.mark.parametrize(
    ("profile", "yes", "asked"),
    [(PROFILE, "999999999999", [IDENTITY]), ("", ACCOUNT, []), (PROFILE, "", [IDENTITY])],
)
def test_a_wrong_yes_on_the_command_line(
    chosen: Learner, account: OwnAccount, profile: str, yes: str, asked: list[tuple[str, str]]
) -> None:
    words = ["up", "--backend", "aws", *(["--profile", profile] if profile else []), "--region", "us-east-1"]
    done = CliRunner().invoke(sandbox_commands.command, [*words, "--yes-account", yes])
    assert isinstance(done.exception, InputError)
    assert "--yes-account" in done.exception.message
    assert account.asked == asked


def test_the_yes_on_the_command_line(chosen: Learner) -> None:
    bring_up(chosen, sandbox_steps.answering(PROFILE, ACCOUNT))
    assert chosen.backend.status().running


def test_another_backend_is_not_begun_over_it(chosen: Learner, account: OwnAccount) -> None:
    """Whatever is on record may cost: nothing may cover it up."""
    account.before = refusing("CreateVpc", "UnauthorizedOperation", status=403)
    with pytest.raises(EksLabError):
        bring_up(chosen, sandbox_steps.answering(PROFILE, ACCOUNT))
    account.before = None
    with pytest.raises(InputError, match="runs already on the backend aws"):
        switching.bring_up(chosen.directory, "embedded", Wishes(), tell_nobody, Cancel(), lambda plan: "")


def test_other_wishes_wait_for_the_end_of_a_session(chosen: Learner) -> None:
    bring_up(chosen, sandbox_steps.answering(PROFILE, ACCOUNT))
    with pytest.raises(InputError, match="--new: other is asked for, but a session with mine is under way"):
        chosen.up(replace(WISHES, new="other"))


def test_terraform_is_not_offered_on_a_real_account(chosen: Learner) -> None:
    """What it makes would be on no record, and `down` would leave it: `eks-lab terraform` refuses there."""
    bring_up(chosen, sandbox_steps.answering(PROFILE, ACCOUNT))
    status = chosen.backend.status()
    assert "terraform" not in status.capabilities
    assert status.aws_url == ""
