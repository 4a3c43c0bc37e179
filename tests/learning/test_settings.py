"""Settings: what each may be, from typed text, from the program and from the disk."""

from __future__ import annotations

import json
from dataclasses import fields

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eks_lab.errors import InputError
from eks_lab.learning.settings import (
    THEMES,
    Settings,
    check_setting,
    format_setting,
    parse_setting,
    read_settings,
    setting_fields,
)


def test_every_field_is_described_and_its_default_is_allowed() -> None:
    assert [field.name for field in setting_fields()] == [field.name for field in fields(Settings)]
    for field in setting_fields():
        assert field.description.endswith(".")
        assert field.allowed
        assert check_setting(field.name, field.default) == field.default
        assert parse_setting(field.name, format_setting(field.default)) == field.default


@pytest.mark.parametrize(
    ("name", "typed", "value"),
    [
        ("theme", "eks-colour-blind", "eks-colour-blind"),
        ("save_folder", "~/eks", "~/eks"),
        ("save_folder", "", ""),
        ("reading_width", "60", 60),
        ("reading_width", "120", 120),
        ("confirm_quit", "yes", True),
        ("new_cards_per_day", "0", 0),
        ("new_cards_per_day", "500", 500),
        ("retention_percent", "97", 97),
        ("confirm_quit", "OFF", False),
        ("keys", "next_lesson=n,right quit=ctrl+q", {"next_lesson": "n,right", "quit": "ctrl+q"}),
        ("keys", '{"next_lesson": "n, right"}', {"next_lesson": "n, right"}),
        ("keys", "", {}),
        ("keys", "{}", {}),
    ],
)
def test_typed_text_becomes_a_value(name: str, typed: str, value: object) -> None:
    assert parse_setting(name, typed) == value


@pytest.mark.parametrize(
    ("name", "typed"),
    [
        ("theme", "solarized"),
        ("theme", ""),
        ("save_folder", "a\0b"),
        ("reading_width", "59"),
        ("reading_width", "121"),
        ("reading_width", "wide"),
        ("reading_width", "80.5"),
        ("confirm_quit", "maybe"),
        ("new_cards_per_day", "-1"),
        ("new_cards_per_day", "many"),
        ("retention_percent", "0.9"),
        ("retention_percent", "100"),
        ("keys", "next_lesson"),
        ("keys", "next_lesson="),
        ("keys", "next_lesson=a,,b"),
        ("keys", "=n"),
        ("keys", '{"next_lesson": 1}'),
        ("keys", '{"next_lesson": '),
        ("keys", "[]"),
    ],
)
def test_a_refusal_names_the_setting_the_value_and_what_is_allowed(name: str, typed: str) -> None:
    with pytest.raises(InputError) as caught:
        parse_setting(name, typed)
    described = next(field for field in setting_fields() if field.name == name)
    assert caught.value.message.startswith(f"setting {name}: {typed!r} is not allowed")
    assert caught.value.hint == f"Allowed: {described.allowed}."


def test_a_near_miss_is_named() -> None:
    with pytest.raises(InputError, match="did you mean 'eks-light'"):
        parse_setting("theme", "eks-lihgt")
    with pytest.raises(InputError, match="there is no setting 'readingwidth'; did you mean 'reading_width'"):
        parse_setting("readingwidth", "80")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("reading_width", True),
        ("reading_width", "88"),
        ("reading_width", 88.0),
        ("confirm_quit", 1),
        ("theme", None),
        ("keys", [("quit", "q")]),
        ("keys", {1: "q"}),
        ("save_folder", 3),
    ],
)
def test_the_program_cannot_store_a_value_of_another_type(name: str, value: object) -> None:
    with pytest.raises(InputError, match=f"setting {name}: "):
        check_setting(name, value)


def test_nothing_stored_gives_the_defaults() -> None:
    assert read_settings({}) == (Settings(), ())


def test_good_values_are_used_beside_bad_ones() -> None:
    settings, notices = read_settings(
        {"theme": '"eks-light"', "reading_width": '"88"', "confirm_quit": "tru", "later": "1"}
    )
    assert settings == Settings(theme="eks-light")
    assert [notice.split(" is not usable")[0] for notice in notices] == [
        "The stored setting reading_width",
        "The stored setting confirm_quit",
    ]
    assert "a whole number from 60 to 120" in notices[0]


@given(
    st.dictionaries(
        st.sampled_from([field.name for field in fields(Settings)]),
        st.one_of(
            st.text(max_size=30),
            st.recursive(
                st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
                lambda inner: (
                    st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
                ),
                max_leaves=5,
            ).map(json.dumps),
        ),
    )
)
def test_whatever_is_stored_the_settings_are_usable(stored: dict[str, str]) -> None:
    settings, notices = read_settings(stored)
    assert settings.theme in THEMES
    assert 60 <= settings.reading_width <= 120
    assert type(settings.reading_width) is int
    assert type(settings.confirm_quit) is bool
    assert all(isinstance(key, str) and isinstance(keys, str) for key, keys in settings.keys.items())
    assert len(notices) <= len(stored)


@given(st.sampled_from([field.name for field in fields(Settings)]), st.text(max_size=40))
def test_typed_text_is_refused_or_survives_being_shown_and_typed_again(name: str, typed: str) -> None:
    try:
        value = parse_setting(name, typed)
    except InputError:
        return
    assert parse_setting(name, format_setting(value)) == value
    assert read_settings({name: json.dumps(value)}) == (Settings(**{name: value}), ())  # type: ignore[arg-type]
