"""`eks-lab settings`: show and change how the program behaves."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import click

from eks_lab.cli.progress import opened_progress, require_remembered

if TYPE_CHECKING:
    from eks_lab.learning.progress import Progress
    from eks_lab.learning.settings import SettingField


@click.group(name="settings", help="Show or change settings.")
def command() -> None:
    """Hold the commands."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def list_settings(as_json: bool) -> None:
    """List every setting with its value, what it is for and what it may be."""
    from eks_lab.learning.settings import format_setting, setting_fields

    with _opened() as progress:
        values = progress.settings()
        described = [_as_json(field, getattr(values, field.name)) for field in setting_fields()]
    if as_json:
        click.echo(json.dumps({"settings": described}, indent=2, ensure_ascii=False))
        return
    for entry in described:
        shown = format_setting(entry["value"]) or "(empty)"
        default = (
            "" if entry["is_default"] else f"   (default: {format_setting(entry['default']) or 'empty'})"
        )
        click.echo(f"{entry['name']} = {shown}{default}")
        click.echo(f"    {entry['description']}\n    May be: {entry['allowed']}.")


@command.command("get")
@click.argument("name", metavar="NAME")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def get_setting(name: str, as_json: bool) -> None:
    """Print one setting."""
    from eks_lab.learning.settings import format_setting, setting_field

    field = setting_field(name)
    with _opened() as progress:
        value = progress.setting(name)
    if as_json:
        click.echo(json.dumps(_as_json(field, value), indent=2, ensure_ascii=False))
    else:
        click.echo(format_setting(value))


@command.command("set")
@click.argument("name", metavar="NAME")
@click.argument("value", metavar="VALUE")
def set_setting(name: str, value: str) -> None:
    """Store one setting; it holds from the next start."""
    from eks_lab.learning.settings import format_setting, parse_setting

    parsed = parse_setting(name, value)
    with opened_progress() as progress:
        require_remembered(progress)
        progress.set_setting(name, parsed)
    click.echo(f"{name} = {format_setting(parsed) or '(empty)'}")


@command.command("reset")
@click.argument("name", metavar="NAME")
def reset_setting(name: str) -> None:
    """Go back to the default of one setting."""
    from eks_lab.learning.settings import format_setting, setting_field

    default = setting_field(name).default
    with opened_progress() as progress:
        require_remembered(progress)
        progress.reset_setting(name)
    click.echo(f"{name} = {format_setting(default) or '(empty)'}")


@contextlib.contextmanager
def _opened() -> Iterator[Progress]:
    """Open progress for reading settings, and tell of stored values that cannot be used."""
    with opened_progress() as progress:
        for notice in progress.setting_notices():
            click.echo(f"Note: {notice}", err=True)
        yield progress


def _as_json(field: SettingField, value: object) -> dict[str, Any]:
    return {
        "name": field.name,
        "value": value,
        "default": field.default,
        "is_default": value == field.default,
        "description": field.description,
        "allowed": field.allowed,
    }
