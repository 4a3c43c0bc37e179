"""What a generator's preview shows: files with their colours, and what the checker says of them.

Plain functions, so that they run where it suits: in the process of `generation_process`, or in a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from eks_lab.calc.model import Value
from eks_lab.generate import registry
from eks_lab.generate.model import Bundle

if TYPE_CHECKING:
    from eks_lab.checker.model import Finding

Colours = tuple[tuple[int, int, str], ...]
"""Of one line: first character, character after the last, style made of the theme's variables."""

_LANGUAGES = {
    ".tf": "hcl",
    ".tfvars": "hcl",
    ".hcl": "hcl",
    ".yaml": "yaml",
    ".yml": "yaml",
    ".json": "json",
    ".md": "markdown",
    ".sh": "bash",
    ".toml": "toml",
    ".ini": "ini",
}
_JUDGED = (".tf", ".tfvars", ".yaml", ".yml", ".json")


@dataclass(frozen=True, slots=True)
class Preview:
    """What a generator made, ready to be drawn."""

    bundle: Bundle
    """As the generator answered it."""
    colours: tuple[tuple[Colours, ...], ...]
    """Of each line of each file."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What the checker says."""

    findings: tuple[Finding, ...]
    """Sorted by file and line; files that could not be read are among them."""
    problem: str = ""
    """Why there is no judgement; empty when there is one."""


def language_of(name: str) -> str:
    """Return the language of a file, told by its name; `text` for an unknown one.

    Args:
        name: `vpc.tf`, `terraform.tfvars.example`.
    """
    return _LANGUAGES.get(PurePosixPath(name.removesuffix(".example")).suffix.lower(), "text")


def render_preview(name: str, values: Mapping[str, Value]) -> Preview:
    """Return what a generator makes of checked choices, with the colours of every line.

    Args:
        name: of the generator.
        values: every choice, checked.

    Raises:
        InputError: the choices cannot be used together; the message begins with the name of a choice.
    """
    bundle = registry.get(name).render(values)
    return Preview(bundle, tuple(line_colours(file.text, language_of(file.name)) for file in bundle.files))


def line_colours(text: str, language: str) -> tuple[Colours, ...]:
    """Return the colours of each line of a text.

    Args:
        text: its lines end in a line feed.
        language: as `highlight_code` knows it.
    """
    # Textual is loaded here, not with the module: the process starts faster, and tests of the rest need none.
    from eks_lab.tui.widgets.highlight import highlight_code

    lines = text.split("\n")
    coloured: list[list[tuple[int, int, str]]] = [[] for _ in lines]
    content = highlight_code(text, language)
    if content.plain.rstrip("\n") != text.rstrip("\n"):
        return tuple(() for _ in lines)  # the highlighter took something for a control character
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    number = 0
    for span in sorted(content.spans, key=lambda span: span.start):
        # Of a text that begins with blanks the highlighter may give spans behind its end: they colour nothing.
        while number < len(lines) and starts[number + 1] <= span.start:
            number += 1
        here = number
        while here < len(lines) and starts[here] < span.end:
            first = max(0, span.start - starts[here])
            last = min(len(lines[here]), span.end - starts[here])
            if first < last:
                coloured[here].append((first, last, str(span.style)))
            here += 1
    return tuple(tuple(spans) for spans in coloured)


def judge(bundle: Bundle, today: date) -> Judgement:
    """Return what the checker finds in generated files.

    Args:
        bundle: what a generator made.
        today: decides which Kubernetes versions are supported.
    """
    files = {file.name: file.text for file in bundle.files if file.name.lower().endswith(_JUDGED)}
    if not files:
        return Judgement((), "The checker reads Terraform, manifests and policies; these are commands.")
    try:
        from eks_lab.checker.check import check_texts
        from eks_lab.checker.model import CheckOptions

        version = bundle.choices.get("kubernetes_version")
        report = check_texts(
            files,
            CheckOptions(
                today=today,
                kubernetes_version=str(version) if version else "",
                # One manifest of a cluster: what it names is defined elsewhere.
                whole_set=bundle.generator == registry.TERRAFORM,
            ),
        )
    except Exception as error:  # noqa: BLE001 - an edge: a defect of one rule must not take the preview away
        return Judgement((), f"The checker has a defect with these files ({type(error).__name__}).")
    return Judgement(tuple(sorted((*report.findings, *report.unreadable))))
