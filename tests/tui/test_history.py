"""Back and forward."""

from __future__ import annotations

from eks_lab.tui.history import LONGEST, History, Spot


def visited(*lessons: str) -> History:
    history = History()
    for lesson in lessons:
        history.visit(Spot(lesson))
    return history


def test_back_and_forward() -> None:
    history = visited("a", "b", "c")
    assert history.back() == Spot("b")
    assert history.back() == Spot("a")
    assert history.back() is None
    assert history.forward() == Spot("b")
    assert history.can_go_forward


def test_going_elsewhere_forgets_what_was_ahead() -> None:
    history = visited("a", "b", "c")
    history.back()
    history.visit(Spot("d"))
    assert not history.can_go_forward
    assert history.back() == Spot("b")


def test_coming_back_leads_to_where_the_reader_was() -> None:
    history = visited("a")
    history.moved(Spot("a", "the-formula", 0.5))
    history.visit(Spot("b"))
    assert history.back() == Spot("a", "the-formula", 0.5)


def test_moving_in_another_lesson_changes_nothing() -> None:
    history = visited("a", "b")
    history.moved(Spot("a", "x", 0.5))
    assert history.spots == [Spot("a"), Spot("b")]


def test_the_same_spot_twice_is_one_visit() -> None:
    assert len(visited("a", "a").spots) == 1


def test_it_does_not_grow_for_ever() -> None:
    history = visited(*[f"lesson-{number}" for number in range(LONGEST + 50)])
    assert len(history.spots) == LONGEST
    assert history.spots[-1] == Spot(f"lesson-{LONGEST + 49}")
    assert not history.can_go_forward
