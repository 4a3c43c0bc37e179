"""Which widget a directive becomes, and what is said where none can be shown."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from eks_lab.content.load import load_course
from eks_lab.content.page import Directive
from eks_lab.learning.progress import open_progress
from eks_lab.locations import content_root
from eks_lab.tui import directives
from eks_lab.tui.directives import DirectiveContext
from eks_lab.tui.library import Library
from eks_lab.tui.widgets.calculator_form import CalculatorForm
from eks_lab.tui.widgets.callout_box import CalloutBox
from eks_lab.tui.widgets.diagram_view import DiagramView
from tests.builders import make_app

LESSONS = content_root() / "lessons" if (content_root() / "lessons").is_dir() else content_root()


@pytest.fixture
def context(tmp_path: Path) -> Iterator[DirectiveContext]:
    with open_progress(tmp_path / "p" / "p.sqlite3", make_app(tmp_path).clock) as progress:
        yield DirectiveContext(Library(load_course(LESSONS), progress), None)


def test_a_diagram_starts_at_the_step_and_variant_of_the_page(context: DirectiveContext) -> None:
    plain = directives.build(Directive("diagram", 1, {"id": "eni-slots"}), context)
    assert isinstance(plain, DiagramView)
    variants = [variant.id for variant in plain.diagram.variants]
    directive = Directive("diagram", 1, {"id": "eni-slots", "step": "2", "variant": variants[1]})
    shown = directives.build(directive, context)
    assert isinstance(shown, DiagramView)
    assert (plain.story, plain.step) == (0, 0)
    assert (shown.story, shown.step) == (1, 1)


@pytest.mark.parametrize(
    ("name", "attributes", "said"),
    [
        ("diagram", {"id": "eni-slots", "variant": "none"}, "has no variant 'none'"),
        ("diagram", {"id": "eni-slots", "step": "0"}, "step='0'"),
        ("diagram", {"id": "none"}, "none"),
        ("calculator", {"name": "max-podz"}, "no calculator named 'max-podz'"),
        ("calculator", {"name": "max-pods", "fields": "podz"}, "max-pods has no input 'podz'"),
    ],
)
def test_what_cannot_be_shown_says_why(
    context: DirectiveContext, name: str, attributes: dict[str, str], said: str
) -> None:
    box = directives.build(Directive(name, 7, attributes), context)
    assert isinstance(box, CalloutBox)
    assert said in repr(box._callout.blocks)


def test_a_calculator_shows_the_fields_of_the_page(context: DirectiveContext) -> None:
    directive = Directive("calculator", 1, {"name": "max-pods", "instance": "t3.small", "fields": "instance"})
    form = directives.build(directive, context)
    assert isinstance(form, CalculatorForm)
    assert form._fields.hidden == len(form.calculator.inputs) - 1
