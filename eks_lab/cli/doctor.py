"""`eks-lab doctor`: what this machine has for the course."""

from __future__ import annotations

import json
from pathlib import Path

import click

from eks_lab import locations
from eks_lab.errors import UnavailableError


@click.command(name="doctor", help="Say what this machine has for the course.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def command(ctx: click.Context, as_json: bool) -> None:
    """Look at terminal, program, tools and ports; exit code 3 when something required is missing."""
    from eks_lab.doctor import report
    from eks_lab.doctor.machine import this_machine

    machine = this_machine()
    checks = report.run_checks(machine, locations.content_root(), _data_dir())
    if as_json:
        click.echo(json.dumps(report.as_json(checks, machine.system), indent=2))
    else:
        click.echo(_printable(report.as_text(checks), machine.output_encoding))
    ctx.exit(UnavailableError.exit_code if report.lacking(checks) else 0)


def _data_dir() -> Path | UnavailableError:
    """Return the learner's folder, or why there is none: the doctor is there to say so."""
    try:
        return locations.data_dir()
    except UnavailableError as error:
        return error


def _printable(text: str, encoding: str) -> str:
    """Return text that standard output can take: this command is for terminals that cannot take all."""
    try:
        text.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        plain = text.translate({ord("✓"): "+", ord("✗"): "x"})
        return plain.encode("ascii", errors="replace").decode("ascii")
    return text
