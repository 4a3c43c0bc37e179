"""The form of the Terraform generator repaints within a frame: every preset is rendered whole."""

from __future__ import annotations

from benchmarks.calc import milliseconds
from eks_lab.generate.choices import read_choices
from eks_lab.generate.terraform.generator import GENERATOR

RENDER_MS = 50.0


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure."""
    figures = []
    for preset in GENERATOR.presets:

        def render(preset: str = preset) -> object:
            return GENERATOR.render(read_choices(GENERATOR, preset, {"today": "2026-11-22"}))

        figures.append((f"terraform {preset} (ms)", milliseconds(render, 30), RENDER_MS, "median of 30"))
    return figures
