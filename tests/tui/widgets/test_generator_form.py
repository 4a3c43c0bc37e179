"""A generator in a page: fields, files, and the way to its own screen."""

from __future__ import annotations

from typing import Any

import pytest
from textual.app import App, ComposeResult
from textual.message import Message
from textual.widgets import Input

from eks_lab.content.page import Directive
from eks_lab.generate.model import Generator
from eks_lab.tui import directives
from eks_lab.tui.widgets.calculator_field import CalculatorField
from eks_lab.tui.widgets.callout_box import CalloutBox
from eks_lab.tui.widgets.file_preview import FilePreview
from eks_lab.tui.widgets.generator_form import GeneratorForm
from tests.builders import press, settle
from tests.fake_generators import MANY, ONE, InProcess, use_fake_generators


@pytest.fixture(autouse=True)
def fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    use_fake_generators(monkeypatch)


class Host(App[None]):
    """Holds one form."""

    def __init__(self, generator: Generator, given: dict[str, str], **options: Any) -> None:
        super().__init__()
        self.form = GeneratorForm(generator, given, generation=InProcess(), **options)

    def compose(self) -> ComposeResult:
        yield self.form


def text_of(form: GeneratorForm) -> str:
    file = form.pane.file
    assert file is not None
    return file.text


async def test_the_page_says_what_it_starts_with_and_the_files_follow() -> None:
    app = Host(ONE, {"name": "shop"}, preset="large", shown=("replicas",))
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        assert "name: shop\nspec:\n  replicas: 20\n" in text_of(app.form)
        assert [field.question.name for field in app.query(CalculatorField)] == ["replicas"]
        app.query_one(Input).focus()
        await press(pilot, "ctrl+u", "end", "ctrl+u", "5")
        assert "replicas: 5" in text_of(app.form)
        await press(pilot, "escape")
        assert isinstance(app.focused, FilePreview)
        await press(pilot, "w")
        assert app.form.pane.preview.line == 4
        await press(pilot, "r")
        assert "replicas: 20" in text_of(app.form)


async def test_it_opens_on_its_own_screen_with_all_that_differs_from_the_defaults() -> None:
    seen: list[Message] = []
    app = Host(ONE, {"name": "shop"}, preset="large", shown=("replicas",))
    async with app.run_test(size=(100, 40), message_hook=seen.append) as pilot:
        await settle(pilot)
        await pilot.click("#open")
        await settle(pilot)
        messages = [each for each in seen if isinstance(each, GeneratorForm.Opened)]
        assert messages[-1].name == "one"
        assert messages[-1].typed == {"name": "shop", "replicas": "20"}


async def test_copying_saving_and_stepping_through_files() -> None:
    seen: list[Message] = []
    app = Host(MANY, {"zone": "b"})
    async with app.run_test(size=(100, 40), message_hook=seen.append) as pilot:
        await settle(pilot)
        app.form.pane.preview.focus()
        await press(pilot, "right_square_bracket", "c", "s")
        assert app.clipboard == 'locals {\n  zone = "b"\n}\n'
        assert app.form.pane.file is not None
        assert app.form.pane.file.name == "part-2.tf"
        saved = [each for each in seen if isinstance(each, GeneratorForm.SaveRequested)]
        assert len(saved[0].bundle.files) == 5


async def test_a_wrong_choice_of_the_page_is_told_in_place() -> None:
    app = Host(ONE, {"replicas": "many"})
    async with app.run_test(size=(100, 40)) as pilot:
        await settle(pilot)
        warning = str(app.query(".fields--preset").first().render())
        assert "From the page: replicas: 'many' is not a whole number" in warning
        assert "replicas: 3" in text_of(app.form)


@pytest.mark.parametrize("width", [38, 60, 100])
async def test_nothing_sticks_out(width: int) -> None:
    app = Host(ONE, {})
    async with app.run_test(size=(width, 40)) as pilot:
        await settle(pilot)
        for widget in app.query("*"):
            assert widget.region.right <= width, widget


@pytest.mark.parametrize(
    ("attributes", "said"),
    [
        ({"name": "none"}, "no generator named 'none'"),
        ({"name": "one", "preset": "huge"}, "one has no preset 'huge'"),
        ({"name": "one", "fields": "replicas,size"}, "one has no input 'size'"),
    ],
)
def test_a_directive_that_cannot_be_shown_says_why(attributes: dict[str, str], said: str) -> None:
    context = directives.DirectiveContext(None, None)  # type: ignore[arg-type]
    box = directives.build(Directive("generate", 3, attributes), context)
    assert isinstance(box, CalloutBox)
    assert said in repr(box._callout.blocks)


def test_a_directive_becomes_a_form() -> None:
    context = directives.DirectiveContext(None, None)  # type: ignore[arg-type]
    form = directives.build(Directive("generate", 3, {"name": "one", "set-name": "web"}), context)
    assert isinstance(form, GeneratorForm)
    assert form.generator is ONE
