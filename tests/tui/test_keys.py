"""Which keys do what, and which may be changed."""

from __future__ import annotations

import pytest
from textual.binding import Binding

from eks_lab.errors import InputError
from eks_lab.tui.keys import RESERVED, KeyChoice, choices, conflict, rebound, shown, together
from eks_lab.tui.screens.settings import binding_groups

GROUPS = [
    ("Everywhere", [Binding("slash", "search", "Search", id="app.search"), Binding("x", "y", "No id")]),
    (
        "Reader",
        [
            Binding("n", "next", "Next", id="reader.next"),
            Binding("p", "prev", "Previous", id="reader.previous"),
        ],
    ),
    ("Course", [Binding("c", "continue", "Continue", id="home.continue")]),
    ("Dialog", [Binding("escape", "close", "Close", id="dialog.close")]),
]


def test_only_bindings_with_an_id_that_is_not_fixed_may_be_changed() -> None:
    assert [entry.id for entry in choices(GROUPS, {})] == [
        "app.search",
        "reader.next",
        "reader.previous",
        "home.continue",
    ]


def test_the_learners_keys_are_shown() -> None:
    entry = choices(GROUPS, {"reader.next": "right, m"})[1]
    assert entry == KeyChoice("reader.next", "Reader", "Next", ("right", "m"), ("n",))
    assert entry.is_changed


def test_a_key_is_changed() -> None:
    assert rebound(choices(GROUPS, {}), {"app.search": "f"}, "reader.next", "m") == {
        "app.search": "f",
        "reader.next": "m",
    }


def test_a_conflict_is_said_with_what_the_key_does() -> None:
    with pytest.raises(InputError, match="p already means “Previous”"):
        rebound(choices(GROUPS, {}), {}, "reader.next", "p")
    with pytest.raises(InputError, match="“Search”"):
        rebound(choices(GROUPS, {}), {}, "home.continue", "slash")


def test_screens_that_are_never_together_may_share_a_key() -> None:
    assert conflict(choices(GROUPS, {}), "home.continue", "n") is None
    assert not together("home", "reader")
    assert together("reader", "page")
    assert together("code", "reader")


@pytest.mark.parametrize("key", sorted(RESERVED))
def test_ways_out_cannot_be_taken(key: str) -> None:
    with pytest.raises(InputError, match="is taken"):
        rebound(choices(GROUPS, {}), {}, "reader.next", key)


def test_its_own_key_is_no_conflict() -> None:
    assert conflict(choices(GROUPS, {}), "reader.next", "n") is None


def test_keys_are_named_as_people_read_them() -> None:
    assert shown("escape", "esc") == "Esc"
    assert shown("ctrl+q", "^q") == "^q"
    assert shown("ctrl+pagedown", "x") == "^PgDn"
    assert shown("f1", "f1") == "F1"
    assert shown("question_mark", "?") == "?"


def test_keys_of_labs_exams_and_the_sandbox_can_be_changed_too() -> None:
    entries = choices(binding_groups(), {})
    assert {"lab", "sandbox", "questions", "asking", "sitting", "gen"} <= {entry.scope for entry in entries}
    assert rebound(entries, {}, "lab.hint", "f9") == {"lab.hint": "f9"}
    with pytest.raises(InputError, match="“Debrief”"):
        rebound(entries, {}, "lab.hint", "d")
    with pytest.raises(InputError, match="“Try again”"):
        rebound(entries, {}, "asking.skip", "a")


def test_every_binding_of_ours_can_be_changed_and_none_is_in_the_way_of_another() -> None:
    groups = [(title, list(bindings)) for title, bindings in binding_groups()]
    for title, bindings in groups:
        for binding in bindings:
            assert binding.id, f"{title}: {binding.action} has no id"
            assert binding.description, binding.id
            assert binding.tooltip, binding.id
    entries = choices(groups, {})
    scoped = [entry for entry in entries if entry.scope in ("app", "reader", "page", "home", "tree")]
    for entry in scoped:
        for key in entry.keys:
            other = conflict(scoped, entry.id, key)
            assert other is None, f"{key}: {entry.id} and {other and other.id}"
