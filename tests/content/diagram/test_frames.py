"""What each step shows, in which state and which words."""

from __future__ import annotations

from typing import Any

from eks_lab.content.diagram.frames import frames
from eks_lab.content.diagram.model import Diagram
from eks_lab.content.diagram.outline import outline
from tests.content.diagram.builders import STEP, diagram

PICTURE = {
    "row": [
        {"id": "g", "name": "G", "row": [{"id": "a", "name": "A"}, {"id": "b", "name": "B"}]},
        {"id": "c", "name": "C", "text": "old"},
    ]
}
ARROWS = [{"id": "ab", "from": "a", "to": "b"}, {"id": "bc", "from": "b", "to": "c", "label": "one"}]


def states(drawn: Diagram, story: int = 0) -> list[dict[str, str]]:
    """Return the state of everything with an id, step by step."""
    ids = [each.box.id for each in outline(drawn).elements]
    found = []
    for picture in frames(drawn, story):
        state: dict[str, str] = {
            name: look.state for name, look in zip(ids, picture.boxes, strict=True) if name
        }
        state |= {arrow.id: look.state for arrow, look in zip(drawn.arrows, picture.arrows, strict=True)}
        found.append(state)
    return found


def sample(*steps: dict[str, Any]) -> Diagram:
    return diagram(PICTURE, ARROWS, steps)


def test_without_focus_everything_is_plain() -> None:
    assert set(states(sample({}))[0].values()) == {"plain"}


def test_what_is_shown_later_is_hidden_before_and_stays() -> None:
    seen = [each["c"] for each in states(sample({}, {"show": ["c"]}, {}))]
    assert seen == ["hidden", "plain", "plain"]


def test_a_group_takes_what_is_inside_with_it() -> None:
    first, second = states(sample({}, {"show": ["g"]}))
    assert (first["g"], first["a"], first["ab"]) == ("hidden", "hidden", "hidden")
    assert (second["g"], second["a"], second["ab"]) == ("plain", "plain", "plain")


def test_an_arrow_comes_when_it_is_first_in_focus_and_stays() -> None:
    assert [each["bc"] for each in states(sample({}, {"focus": ["bc"]}, {"focus": ["a"]}))] == [
        "hidden",
        "focus",
        "dim",
    ]


def test_an_arrow_goes_with_the_box_at_its_end() -> None:
    assert [each["bc"] for each in states(sample({}, {"hide": ["c"]}))] == ["plain", "hidden"]


def test_hidden_things_can_come_back() -> None:
    assert [each["c"] for each in states(sample({"hide": ["c"]}, {"show": ["c"]}))] == ["hidden", "plain"]


def test_focus_dims_the_rest_but_not_what_belongs_to_it() -> None:
    on_group = states(sample({"focus": ["g"]}))[0]
    assert on_group == {"g": "focus", "a": "plain", "b": "plain", "c": "dim", "ab": "dim", "bc": "dim"}
    on_arrow = states(sample({"focus": ["bc"]}))[0]
    assert on_arrow == {"g": "plain", "a": "dim", "b": "plain", "c": "plain", "ab": "dim", "bc": "focus"}


def test_arrows_in_focus_are_numbered_in_the_authors_order() -> None:
    picture = frames(sample({"focus": ["bc", "c", "ab"]}), 0)[0]
    assert [look.marker for look in picture.arrows] == [2, 1]
    assert [look.marker for look in frames(sample({}), 0)[0].arrows] == [0, 0]


def test_words_change_from_a_step_on() -> None:
    drawn = sample(
        {},
        {"change": [{"id": "c", "text": "new"}, {"id": "bc", "name": "two"}]},
        {"change": [{"id": "c", "name": "D"}]},
    )
    pictures = frames(drawn, 0)
    key = next(each.key for each in outline(drawn).elements if each.box.id == "c")
    assert [(each.boxes[key].name, each.boxes[key].text) for each in pictures] == [
        ("C", "old"),
        ("C", "new"),
        ("D", "new"),
    ]
    assert [each.arrows[1].label for each in pictures] == ["one", "two", "two"]


def test_a_note_changes_what_it_says() -> None:
    drawn = diagram({"row": [{"id": "n", "note": "one"}]}, steps=[{"change": [{"id": "n", "text": "two"}]}])
    assert frames(drawn, 0)[0].boxes[1].text == "two"


def test_what_one_variant_brings_in_is_absent_from_the_others() -> None:
    variants = [
        {"id": "one", "title": "One", "steps": [{**STEP, "focus": ["bc"]}, {**STEP, "show": ["c"]}]},
        {"id": "two", "title": "Two", "steps": [{**STEP}]},
    ]
    drawn = diagram(PICTURE, ARROWS, [], variants=variants)
    assert (states(drawn, 1)[0]["c"], states(drawn, 1)[0]["bc"]) == ("hidden", "hidden")
    assert states(drawn, 1)[0]["ab"] == "plain"
