"""`eks-lab sandbox fault`: break the simulated account on purpose, the way it breaks in practice."""

from __future__ import annotations

import json
import textwrap
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from eks_lab.sandbox.client import Client

WIDTH = 100


@click.group(name="fault", help="Break the sandbox on purpose, and take that back.")
def command() -> None:
    """Hold the commands."""


@command.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON document, causes and remedies included.")
def list_faults(as_json: bool) -> None:
    """List the faults: what can be armed, and what is."""
    found = _client().faults()
    if as_json:
        click.echo(json.dumps({"faults": found}, indent=2))
        return
    width = max(len(each["id"]) for each in found)
    for each in found:
        click.echo(f"{each['number']:>3}  {each['id']:<{width}}  {_state(each):<8}  {each['title']}")


@command.command("arm")
@click.argument("id", metavar="FAULT")
@click.option("--seed", type=int, help="Of its details; the same seed, the same fault (the sandbox's).")
@click.option("--solution", is_flag=True, help="Print cause and remedy, too.")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def arm(id: str, seed: int | None, solution: bool, as_json: bool) -> None:
    """Bring a fault about; simulated time moves on until it can be seen."""
    found = _client().arm_fault(id, seed)
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    click.echo(f"Armed: {found['title']} ({found['id']}). Look for:\n")
    for text in found["says"]:
        _paragraph(text)
    if solution:
        click.echo("\nCause")
        _paragraph(found["cause"])
        click.echo("Remedy")
        _paragraph(found["remedy"])
        for line in found["commands"]:
            click.echo(f"  {line}" if line.startswith("(") else f"  $ {line}")
    click.echo(f"\nTake it back with: eks-lab sandbox fault clear {found['id']}")


@command.command("clear")
@click.argument("id", metavar="FAULT", required=False)
@click.option("--all", "everything", is_flag=True, help="Everything that is armed.")
def clear(id: str | None, everything: bool) -> None:
    """Take a fault back, whether it has been mended or not."""
    from eks_lab.errors import InputError

    if (id is None) is not everything:
        raise InputError("FAULT: name one, or --all, not both", hint="eks-lab sandbox fault clear locked-out")
    client = _client()
    ids = [each["id"] for each in client.faults() if each["armed"]] if id is None else [id]
    for each in ids:
        left = client.clear_fault(each)["left"]
        click.echo(f"Taken back: {each}.")
        for text in left:
            click.echo(f"Not taken back: {text}", err=True)
    if not ids:
        click.echo("Nothing is armed.")


def _state(found: dict[str, Any]) -> str:
    return ("visible" if found["visible"] else "armed") if found["armed"] else ""


def _paragraph(text: str) -> None:
    click.echo(
        textwrap.fill(text, WIDTH, initial_indent="  ", subsequent_indent="  ", break_long_words=False)
    )


def _client() -> Client:
    from eks_lab.sandbox.backends.switching import simulated
    from eks_lab.sandbox.state_directory import StateDirectory

    return simulated(StateDirectory.default(), "faults")
