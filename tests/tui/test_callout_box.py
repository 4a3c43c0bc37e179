"""Boxes of a page: icon, word, and the two halves of a guide box."""

from __future__ import annotations

import pytest
from textual.app import App, ComposeResult

from eks_lab.content.page import CALLOUT_KINDS, Callout, CalloutKind, Paragraph, Span, text_of
from eks_lab.tui.widgets.callout_box import LABELS, CalloutBox, split_guide
from eks_lab.tui.widgets.page_blocks import PageContext
from eks_lab.tui.widgets.prose import Prose


def para(*texts: str) -> Paragraph:
    return Paragraph(tuple(Span(text) for text in texts), 1)


def context() -> PageContext:
    def nothing(block: object) -> Prose:
        raise AssertionError(block)

    return PageContext(nothing, nothing, lambda callout: (), lambda href: "")


def box_text(box: CalloutBox) -> list[str]:
    return ["\n".join(prose.setting(60).text.split("\n")) for prose in box.query(Prose)]


class BoxApp(App[None]):
    def __init__(self, callout: Callout) -> None:
        super().__init__()
        self.callout = callout

    def compose(self) -> ComposeResult:
        yield CalloutBox(self.callout, context())


@pytest.mark.parametrize("kind", [kind for kind in CALLOUT_KINDS if kind != "guide"])
async def test_every_kind_has_its_icon_and_its_word(kind: CalloutKind) -> None:
    app = BoxApp(Callout(kind, (para("text"),), 1, {"title": "By hand"}))
    async with app.run_test():
        assert box_text(app.query_one(CalloutBox)) == [f"{LABELS[kind]} · By hand\ntext"]
    icon, _, word = LABELS[kind].partition(" ")
    assert len(icon) == 1
    assert word


async def test_a_guide_box_has_two_halves() -> None:
    app = BoxApp(Callout("guide", (para("It said so."), para("Today: it is not so."), para("More.")), 1))
    async with app.run_test():
        box = app.query_one(CalloutBox)
        assert box_text(box) == ["❝ The guide says\nIt said so.", "✓ Today\nIt is not so.\n\nMore."]
        assert len(box.query(".callout--says")) == 1
        assert len(box.query(".callout--today")) == 1


def test_the_word_today_may_be_in_another_style() -> None:
    says, today = split_guide((para("x"), Paragraph((Span("Today:", strong=True), Span(" still right.")), 2)))
    assert len(says) == 1
    assert isinstance(today[0], Paragraph)
    assert text_of(today[0].spans) == "Still right."


def test_a_guide_box_without_today_is_one_half() -> None:
    assert split_guide((para("x"), para("y"))) == ((para("x"), para("y")), ())
