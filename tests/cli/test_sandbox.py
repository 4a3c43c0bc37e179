"""`eks-lab sandbox` as far as it needs no running sandbox; tests/e2e has the rest."""

from __future__ import annotations

from datetime import timedelta

import pytest
from click.testing import CliRunner

from eks_lab.cli import root, run
from eks_lab.cli.sandbox import parse_duration
from eks_lab.errors import InputError


@pytest.mark.parametrize(
    ("text", "duration"),
    [
        ("90s", timedelta(seconds=90)),
        ("15m", timedelta(minutes=15)),
        ("1h30m", timedelta(minutes=90)),
        ("2d", timedelta(days=2)),
        ("1.5h", timedelta(minutes=90)),
        (" 250ms ", timedelta(milliseconds=250)),
    ],
)
def test_durations(text: str, duration: timedelta) -> None:
    assert parse_duration(text) == duration


@pytest.mark.parametrize("text", ["", "15", "m", "15 m", "-5m", "1h and 5m", "400d", "9" * 30 + "d"])
def test_no_durations(text: str) -> None:
    with pytest.raises(InputError, match="DURATION"):
        parse_duration(text)


@pytest.mark.parametrize("command", [["env"], ["advance", "5m"], ["speed", "60x"], ["shell"]])
def test_without_a_sandbox_the_next_step_is_named(
    command: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["sandbox", *command]) == 3
    assert "eks-lab sandbox up" in capsys.readouterr().err


def test_status_without_a_sandbox() -> None:
    done = CliRunner().invoke(root, ["sandbox", "status"])
    assert done.exit_code == 3
    assert "does not run" in done.output


def test_down_without_a_sandbox_is_fine() -> None:
    done = CliRunner().invoke(root, ["sandbox", "down"])
    assert done.exit_code == 0
    assert done.output == "No sandbox runs.\n"
