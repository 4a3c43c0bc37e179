"""Every fault that comes with the program: it can be armed, be seen, be ended, and be taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from eks_lab.aws.faults.engine import Faults, play
from eks_lab.aws.faults.fault_file import packaged
from eks_lab.aws.faults.model import Fault, Variable
from eks_lab.aws.invariants import violations
from tests.aws.faults.worlds import shape, world

WATCHED = timedelta(minutes=3)
"""For so long nothing of the symptom may be seen after the fix."""
NUMBERS = {*range(1, 6), *range(7, 14), 15, *range(17, 22), 23}
"""The break-fix scenarios that can be armed."""


def test_every_scenario_has_a_fault() -> None:
    assert {each.number for each in packaged()} == NUMBERS


def variants() -> list[tuple[Fault, str, int]]:
    """Return fault, variable and number of each value that a seed may choose."""
    return [
        (fault, name, number)
        for fault in packaged()
        for name, wish in fault.vars.items()
        for number in range(len(wish.choose))
    ]


@pytest.mark.parametrize(
    ("fault", "name", "number"), variants(), ids=lambda each: getattr(each, "id", str(each))
)
def test_every_variant_can_be_seen_and_ended(fault: Fault, name: str, number: int) -> None:
    chosen = Variable(choose=[fault.vars[name].choose[number]])
    whole = world()
    faults = Faults(whole, "lab", [replace(fault, vars={**fault.vars, name: chosen})])
    play(faults.arm(fault.id), whole.advance)
    assert all(faults.seen(fault.id))
    play(faults.fix(fault.id), whole.advance)
    fixed = whole.clock.now()
    whole.advance(WATCHED)
    assert not any(faults.seen(fault.id, fixed))
    assert all(faults.recovered(fault.id, fixed))


@pytest.mark.parametrize("id", [each.id for each in packaged()])
def test_a_fault_from_the_beginning_to_the_end(id: str) -> None:
    """Not before, there when armed, gone when fixed; and taken back, by another process, all is as it was."""
    whole = world()
    before, faults = shape(whole), Faults(whole, "lab")
    assert not any(faults.seen(id)), "seen before it is armed"

    play(faults.arm(id), whole.advance)
    assert all(faults.seen(id)), f"armed, but not seen: {faults.seen(id)}"
    assert violations(whole.account) == []
    armed = whole.state()

    student, _ = whole.account.student_key
    play(faults.fix(id, whole.account.iam.principal_of(student)), whole.advance)
    fixed = whole.clock.now()
    whole.advance(WATCHED)
    assert not any(faults.seen(id, fixed)), f"fixed, but still seen: {faults.seen(id, fixed)}"
    assert all(faults.recovered(id, fixed)), f"fixed, but not well: {faults.recovered(id, fixed)}"
    assert violations(whole.account) == []
    play(faults.clear(id), whole.advance)
    whole.advance(WATCHED)
    assert shape(whole) == before

    other = world(armed)
    again = Faults(other, "lab")
    assert [each.fault.id for each in again.listed() if each.armed_at] == [id]
    play(again.clear(id), other.advance)
    other.advance(WATCHED)
    assert shape(other) == before
    assert violations(other.account) == []
