"""The queue: due times, arrival order, one entry per work."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from eks_lab.sim.objects import Key
from eks_lab.sim.workqueue import Work, WorkQueue
from tests.sim.small_cluster import START


def work(name: str) -> Work:
    return Work(0, Key("default", name))


def test_nothing_comes_before_it_is_due() -> None:
    queue = WorkQueue()
    queue.add(work("a"), START + timedelta(seconds=5))
    assert queue.pop(START) is None
    assert queue.next_due() == START + timedelta(seconds=5)
    assert queue.pop(START + timedelta(seconds=5)) == work("a")
    assert queue.next_due() is None


def test_work_moves_only_to_an_earlier_time() -> None:
    queue = WorkQueue()
    queue.add(work("a"), START + timedelta(seconds=5))
    queue.add(work("a"), START + timedelta(seconds=9))
    assert queue.next_due() == START + timedelta(seconds=5)
    queue.add(work("a"), START)
    assert len(queue) == 1
    assert queue.pop(START) == work("a")
    assert queue.pop(START + timedelta(hours=1)) is None


@given(st.lists(st.tuples(st.sampled_from("abcdef"), st.integers(0, 20)), max_size=40))
def test_order_is_by_time_then_arrival(added: list[tuple[str, int]]) -> None:
    queue = WorkQueue()
    earliest: dict[str, tuple[int, int]] = {}
    for number, (name, seconds) in enumerate(added):
        queue.add(work(name), START + timedelta(seconds=seconds))
        if name not in earliest or seconds < earliest[name][0]:
            earliest[name] = (seconds, number)
    popped = []
    while (found := queue.pop(START + timedelta(minutes=1))) is not None:
        popped.append(found.key.name)
    assert popped == sorted(earliest, key=lambda name: earliest[name])
