"""Every command of the lessons that asks one of LocalStack's services, on LocalStack and on the embedded backend."""

from __future__ import annotations

import re

import pytest

from eks_lab.sandbox.state_directory import StateDirectory
from tests.localstack.lesson_blocks import Command, commands

NOTHING_THERE = re.compile(r"aws ec2 describe-(network-interfaces|instances)\b")
"""The nodes of kind are containers: LocalStack's EC2 has neither instances nor interfaces of them."""
COMMANDS = commands()


def test_there_are_such_commands() -> None:
    assert len(COMMANDS) > 20
    assert {"00-start/20-prerequisites", "03-networking/30-warm-pool"} <= {each.lesson for each in COMMANDS}


@pytest.mark.parametrize("command", COMMANDS, ids=lambda each: f"{each.lesson}: {each.line.split(' --')[0]}")
def test_it_ends_as_on_the_embedded_backend(
    command: Command, door: StateDirectory, embedded: StateDirectory
) -> None:
    there, here = command.run(embedded), command.run(door)
    assert here.returncode == there.returncode, here.stderr
    if there.returncode:
        assert _code(here.stderr) == _code(there.stderr)
        return
    is_empty = [not re.sub(r"[\s|+\-\[\]{}]|Describe\w+", "", each.stdout) for each in (there, here)]
    if is_empty == [False, True]:
        assert NOTHING_THERE.search(command.line), there.stdout


def _code(text: str) -> str:
    found = re.search(r"An error occurred \((\w+(?:\.\w+)*)\)", text)
    assert found is not None, text
    return found.group(1)
