"""Lines meet with the right junctions, in box-drawing characters and in ASCII."""

from __future__ import annotations

import unicodedata
from itertools import product

import pytest

from eks_lab.content.diagram.canvas import (
    HEAVY,
    LIGHT,
    MARKERS,
    Canvas,
    Run,
    has_plain_form,
    plain_text,
    terminal_is_ascii,
)

UP, RIGHT, DOWN, LEFT = range(4)
WEIGHTS = {0: "", LIGHT: "LIGHT", HEAVY: "HEAVY"}


def cell(*arms: tuple[int, int], ascii_only: bool = False, **more: bool) -> str:
    """Return the character where some half lines meet."""
    canvas = Canvas(1, 1)
    for direction, weight in arms:
        canvas.arm(0, 0, direction, weight, "box", **more)
    return canvas.rows(ascii_only=ascii_only)[0][0].text


def arms_of(character: str) -> dict[int, str]:
    """Return direction and weight of each arm of a box-drawing character, read from its Unicode name."""
    words = unicodedata.name(character).removeprefix("BOX DRAWINGS ").split()
    directions = {"UP": [UP], "RIGHT": [RIGHT], "DOWN": [DOWN], "LEFT": [LEFT]}
    directions |= {"VERTICAL": [UP, DOWN], "HORIZONTAL": [LEFT, RIGHT]}
    found: dict[int, str] = {}
    weights = [word for word in words if word in ("LIGHT", "HEAVY")]
    if len(weights) == 1 and words[0] == weights[0]:
        return {arm: weights[0] for word in words if word in directions for arm in directions[word]}
    for part in " ".join(words).split(" AND "):
        weight = next(word for word in part.split() if word in ("LIGHT", "HEAVY"))
        found |= {arm: weight for word in part.split() if word in directions for arm in directions[word]}
    return found


def test_every_junction_is_the_character_unicode_names() -> None:
    for weights in product((0, LIGHT, HEAVY), repeat=4):
        if any(weights):
            arms = [(direction, weight) for direction, weight in enumerate(weights) if weight]
            assert arms_of(cell(*arms)) == {direction: WEIGHTS[weight] for direction, weight in arms}


def test_the_heavier_of_two_lines_stays() -> None:
    assert cell((UP, HEAVY), (DOWN, HEAVY), (UP, LIGHT), (DOWN, LIGHT)) == "┃"


def test_broken_lines_and_round_corners() -> None:
    assert cell((LEFT, LIGHT), (RIGHT, LIGHT), broken=True) == "╌"
    canvas = Canvas(3, 2)
    canvas.border(0, 0, 3, 2, LIGHT, "group", rounded=True)
    assert ["".join(run.text for run in row) for row in canvas.rows()] == ["╭─╮", "╰─╯"]


def test_ascii_tells_heavy_from_light() -> None:
    light, heavy = Canvas(4, 3), Canvas(4, 3)
    light.border(0, 0, 4, 3, LIGHT, "box", rounded=True)
    heavy.border(0, 0, 4, 3, HEAVY, "focus", rounded=False)
    assert ["".join(run.text for run in row) for row in light.rows(ascii_only=True)] == [
        "+--+",
        "|  |",
        "+--+",
    ]
    assert ["".join(run.text for run in row) for row in heavy.rows(ascii_only=True)] == [
        "#==#",
        "#  #",
        "#==#",
    ]


@pytest.mark.parametrize(("head", "plain"), [("n", "^"), ("e", ">"), ("s", "v"), ("w", "<"), ("stop", "x")])
def test_heads_have_a_plain_form(head: str, plain: str) -> None:
    canvas = Canvas(1, 1)
    canvas.head(0, 0, head, "arrow")  # type: ignore[arg-type]
    assert canvas.rows(ascii_only=True)[0][0].text == plain
    assert not canvas.rows()[0][0].text.isascii()


def test_text_in_ascii_keeps_its_length() -> None:
    assert plain_text("3 × 5 – “a”…") == '3 x 5 - "a"~'
    assert plain_text(MARKERS) == "123456789"
    assert plain_text("é") == "?"


def test_which_characters_may_be_drawn() -> None:
    assert all(has_plain_form(letter) for letter in "aZ0 ~×–·")
    assert not any(has_plain_form(letter) for letter in "é漢\t≥①")


def test_neighbours_of_one_look_become_one_run() -> None:
    canvas = Canvas(4, 1)
    canvas.paint(0, 0, 3, 1, "focus")
    canvas.write(0, 0, "ab", "name")
    assert canvas.rows() == ((Run("ab", "name", "focus"), Run(" ", "space", "focus"), Run(" ", "space", "")),)


@pytest.mark.parametrize(
    ("environment", "ascii_only"),
    [
        ({}, False),
        ({"LANG": "C.UTF-8"}, False),
        ({"LANG": "de_DE.utf8@euro"}, False),
        ({"LANG": "en_US"}, False),
        ({"LC_ALL": "C"}, True),
        ({"LANG": "en_US.ISO-8859-1"}, True),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "C"}, False),
        ({"LC_CTYPE": "POSIX", "LANG": "en_US.UTF-8"}, True),
        ({"TERM": "linux", "LANG": "en_US.UTF-8"}, True),
    ],
)
def test_which_terminals_get_ascii(environment: dict[str, str], ascii_only: bool) -> None:
    assert terminal_is_ascii(environment) is ascii_only
