"""The themes: readable, distinct, known to the settings."""

from __future__ import annotations

import itertools

import pytest
from textual.color import Color
from textual.theme import Theme

from eks_lab.learning import settings
from eks_lab.tui.inks import INKS, ink
from eks_lab.tui.themes import THEME_LABELS, THEMES


def luminance(color: Color) -> float:
    def part(value: int) -> float:
        share = value / 255
        return share / 12.92 if share <= 0.03928 else ((share + 0.055) / 1.055) ** 2.4

    return 0.2126 * part(color.r) + 0.7152 * part(color.g) + 0.0722 * part(color.b)


def contrast(first: str, second: str) -> float:
    """Return the contrast of WCAG 2, 1 to 21."""
    light, dark = sorted((luminance(Color.parse(first)), luminance(Color.parse(second))), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_text_is_readable(theme: Theme) -> None:
    needed = 7.0 if theme.name == "eks-high-contrast" else 4.5
    inks = {
        "foreground": theme.foreground,
        "primary": theme.primary,
        "secondary": theme.secondary,
        "accent": theme.accent,
        "success": theme.success,
        "warning": theme.warning,
        "error": theme.error,
        "muted": theme.variables["ink-muted"],
        "code": theme.variables["ink-code"],
    }
    for ground in (theme.background, theme.surface, theme.panel):
        assert ground is not None
        for name, color in inks.items():
            assert color is not None
            assert contrast(color, ground) >= needed, f"{theme.name}: {name} on {ground}"
    cursor = theme.variables["block-cursor-background"]
    assert contrast(theme.variables["block-cursor-foreground"], cursor) >= needed
    assert theme.foreground is not None
    assert contrast(theme.foreground, theme.variables["screen-selection-background"]) >= 4.5


def test_the_settings_know_the_same_themes() -> None:
    assert tuple(theme.name for theme in THEMES) == settings.THEMES
    assert tuple(THEME_LABELS) == settings.THEMES


def test_success_warning_and_error_of_the_colour_blind_theme_stay_apart() -> None:
    """Lightness alone tells them apart, whatever becomes of the hue."""
    theme = next(theme for theme in THEMES if theme.name == "eks-colour-blind")
    for first, second in itertools.combinations((theme.success, theme.warning, theme.error), 2):
        assert first is not None
        assert second is not None
        assert contrast(first, second) > 1.2


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_every_ink_finds_its_colour(theme: Theme) -> None:
    variables = {**theme.to_color_system().generate(), **theme.variables}
    for word, (names, _) in INKS.items():
        assert not names or ink(word, variables).color is not None, word


def test_links_and_terms_are_marked_without_colour_too() -> None:
    assert ink("link", {}).underline
    assert ink("term", {}).underline
    assert ink("heading2", {}).bold


def test_a_theme_of_somebody_else_does_no_harm() -> None:
    assert ink("muted", {"foreground-muted": "auto 60%"}).color is None
    assert ink("strong nonsense", {}).bold
