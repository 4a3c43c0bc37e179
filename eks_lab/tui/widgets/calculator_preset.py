"""What a form starts with: the values of a page's directive, checked; and what it can ask the catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eks_lab.calc import forms
from eks_lab.calc.model import Value
from eks_lab.errors import InputError
from eks_lab.tui.widgets.answer_text import spoken, value_text


@dataclass(frozen=True, slots=True)
class Preset:
    """The values a form starts with."""

    values: dict[str, Value]
    """Every input of the form."""
    problems: tuple[str, ...]
    """What could not be used, as sentences for the page."""


def read_preset(
    form: forms.Form, preset: Mapping[str, str], start: Mapping[str, object] | None = None
) -> Preset:
    """Return the values a form starts with; what a page asks for wrongly falls back to the default.

    Args:
        form: whose inputs they are.
        preset: attributes of the directive; names with dashes or underscores.
        start: values in place of defaults, of a named preset.
    """
    questions = {question.name: question for question in form.inputs}
    values = {name: question.default for name, question in questions.items()}
    for name, value in (start or {}).items():
        values[name] = forms.read_value(questions[name], value)
    problems = []
    for key, text in preset.items():
        name = key.strip().lower().replace("-", "_")
        try:
            if name not in questions:
                # The one place that knows the words for it, and the nearest name.
                forms.read_inputs(form, {key: text})
            else:
                values[name] = forms.read_value(questions[name], text)
        except InputError as error:
            instead = f" The form starts with {value_text(values[name])}." if name in values else ""
            problems.append(f"From the page: {spoken(error)}{instead}")
    return Preset(values, tuple(problems))


def catalogue_search(prefix: str) -> Sequence[str]:
    """Return the instance types of the catalogue that begin with `prefix`; loaded when first asked."""
    from eks_lab.catalog import instance_types

    return instance_types.search(prefix)


def catalogue_description(name: str) -> str:
    """Return what an instance type of the catalogue has, in a few words; empty for an unknown one."""
    from eks_lab.catalog import instance_types

    try:
        instance = instance_types.get(name)
    except InputError:
        return ""
    memory = value_text(instance.memory_mib / 1024, "GiB")
    vcpus = "1 vCPU" if instance.vcpus == 1 else f"{instance.vcpus} vCPUs"
    return f"{vcpus} · {memory} · {instance.default_card_enis} ENIs × {instance.ipv4_per_eni} addresses"
