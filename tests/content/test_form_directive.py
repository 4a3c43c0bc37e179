"""Forms in a page: what they start with, which fields they show, and which day they speak of."""

from __future__ import annotations

from datetime import date

import pytest

from eks_lab.calc import registry
from eks_lab.content.form_directive import FormDirective, check_shown, dated, read_form_directive
from eks_lab.content.model import Source
from eks_lab.errors import InputError


def test_a_calculator_takes_every_attribute_but_two_as_an_input() -> None:
    asked = read_form_directive(
        {
            "name": "max-pods",
            "instance": "m5.large",
            "prefix-delegation": "true",
            "fields": "instance, max-eni",
        }
    )
    assert asked == FormDirective(
        "max-pods", {"instance": "m5.large", "prefix_delegation": "true"}, ("instance", "max_eni"), ""
    )


def test_a_generator_has_presets_and_its_own_name() -> None:
    attributes = {"name": "terraform", "preset": "production", "set-name": "shop", "zones": "3"}
    asked = read_form_directive(attributes, has_presets=True)
    assert asked == FormDirective("terraform", {"zones": "3", "name": "shop"}, (), "production")
    assert read_form_directive({"name": "a", "preset": "b"}).given == {"preset": "b"}


@pytest.mark.parametrize(
    ("shown", "said"),
    [
        (("instanze",), "fields: max-pods has no input 'instanze'"),
        (("instance", "max_eni", "instance"), "fields: instance stands twice"),
    ],
)
def test_fields_that_are_unknown_or_twice_are_refused(shown: tuple[str, ...], said: str) -> None:
    with pytest.raises(InputError) as caught:
        check_shown(registry.get("max-pods"), shown)
    assert caught.value.message == said
    assert caught.value.hint


def test_fields_of_the_form_are_accepted() -> None:
    check_shown(registry.get("max-pods"), ("instance",))


def test_a_page_without_a_clock_speaks_of_the_day_its_sources_were_read() -> None:
    sources = [
        Source(title="A", url="https://example.com", checked=date(2026, 3, 1)),
        Source(title="B", url="https://example.com", checked=date(2026, 4, 1)),
    ]
    plan = registry.get("upgrade-plan")
    assert dated(plan, {"nodes": "3"}, sources) == {"nodes": "3", "today": "2026-04-01"}
    assert dated(plan, {"today": "2026-05-05"}, sources) == {"today": "2026-05-05"}
    assert dated(plan, {}, []) == {}
    assert dated(registry.get("max-pods"), {}, sources) == {}
