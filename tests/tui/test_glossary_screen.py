"""The glossary."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.widgets import Input, OptionList

from eks_lab.content.model import Term
from eks_lab.tui.app import EksLabApp
from eks_lab.tui.screens.glossary import GlossaryScreen, matching
from eks_lab.tui.screens.home import HomeScreen
from eks_lab.tui.screens.reader import ReaderScreen
from tests.builders import USUAL, WIDE, drawn, make_app, press, settle

TERMS = [
    Term("access-entry", "Access entry", "Links a principal to permissions."),
    Term("eni", "ENI", "A network card.", ["elastic network interface"]),
    Term("endpoint", "Cluster endpoint", "The address of the API."),
    Term("env", "Envelope encryption", "A key that encrypts keys."),
]


def names(query: str, here: tuple[str, ...] = ()) -> list[str]:
    return [term.name for term in matching(TERMS, query, here)]


def test_terms_of_the_page_come_first_while_nothing_is_typed() -> None:
    assert names("", ("env",)) == ["Envelope encryption", "Access entry", "ENI", "Cluster endpoint"]


def test_names_come_before_other_names_and_those_before_definitions() -> None:
    assert names("en") == ["ENI", "Envelope encryption", "Access entry", "Cluster endpoint"]
    assert names("elastic network interface") == ["ENI"]
    assert names("key") == ["Envelope encryption"]


def test_every_word_must_begin_a_word() -> None:
    assert names("net card") == ["ENI"]
    assert names("etwork") == []
    assert names("a(") == []


def glossary(app: EksLabApp) -> GlossaryScreen:
    assert isinstance(app.screen, GlossaryScreen)
    return app.screen


@pytest.mark.parametrize("size", [USUAL, WIDE])
async def test_filter_read_and_go_to_the_lesson(tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=size) as pilot:
        await settle(pilot)
        await press(pilot, "g", *"eni")
        assert glossary(app).query_one("#glossary-list", OptionList).option_count == 1
        assert "with one primary and several" in drawn(app)
        await press(pilot, "enter")
        assert isinstance(app.screen, ReaderScreen)
        assert app.screen.lesson is not None
        assert app.screen.lesson.id == "network.addresses"


async def test_terms_of_the_page_are_marked(tmp_path: Path) -> None:
    app = make_app(tmp_path, lesson="network.addresses")
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "g")
        assert "ENI · on this page" in drawn(app)
        assert "Prefix · on this page" in drawn(app)
        assert "Node · on this page" not in drawn(app)


async def test_arrow_keys_choose_and_a_term_without_a_lesson_leads_nowhere(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "g", "down", "down")
        assert "Sixteen addresses in a row" in drawn(app)
        await press(pilot, "enter")
        glossary(app)


async def test_nothing_fits(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=USUAL) as pilot:
        await settle(pilot)
        await press(pilot, "g", *"zzz")
        assert "Nothing fits" in drawn(app)
        await press(pilot, "enter", "escape")
        assert glossary(app).query_one("#glossary-filter", Input).value == ""
        await press(pilot, "escape")
        assert isinstance(app.screen, HomeScreen)
