"""`eks-lab sandbox cost` and `eks-lab sandbox journal`: the money and the machines of the simulated account."""

from __future__ import annotations

import json
from typing import Any

import click

HOUR = "$/hour"


@click.command("cost")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
def cost(as_json: bool) -> None:
    """Say what this account would have cost so far, and what it goes on costing."""
    from eks_lab.sandbox.backends.switching import simulated
    from eks_lab.sandbox.state_directory import StateDirectory

    found = simulated(StateDirectory.default(), "billing").costs()
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    click.echo(
        f"Since {_moment(found['since'])}: ${found['so_far_usd']:,.4f}. Now ${found['usd_per_hour']:,.4f} an hour,"
        f" ${found['usd_per_month']:,.2f} a month of 730 hours.\n"
    )
    rows = [("", "what", "running", "so far $", HOUR, "$/month")]
    group = ""
    for line in found["lines"]:
        rows.append(
            (
                line["group"] if line["group"] != group else "",
                line["what"],
                str(line["running"]),
                f"{line['so_far_usd']:,.4f}",
                f"{line['usd_per_hour']:,.4f}",
                f"{line['usd_per_month']:,.2f}",
            )
        )
        group = line["group"]
    _table(rows)
    idle = [each for each in found["left_running"] if each["idle"]]
    if idle:
        click.echo("\nLeft running, and used by nothing:")
        for each in idle:
            click.echo(
                f"  {each['id']}  {each['what']}: {each['idle']} (${each['usd_per_hour']:,.4f} an hour)"
            )
    if found["unknown"]:
        click.echo(f"\nWithout a price on record, and counted nowhere: {', '.join(found['unknown'])}.")
    click.echo(f"\nNot metered: {', '.join(found['not_metered'])}. Nothing of this is ever billed.")


@click.command("journal")
@click.argument("instance", metavar="INSTANCE")
def journal(instance: str) -> None:
    """Print what an instance's kubelet said: why a node joined, or did not."""
    from eks_lab.sandbox.backends.switching import simulated
    from eks_lab.sandbox.state_directory import StateDirectory

    lines = simulated(StateDirectory.default(), "node-groups").journal(instance)
    for line in lines or ["The instance has not started yet."]:
        click.echo(line)


def _moment(text: str) -> str:
    return text[:16].replace("T", " ") + " UTC"


def _table(rows: list[tuple[Any, ...]]) -> None:
    """Print rows in columns; the first two are text, the others numbers."""
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [
            cell.ljust(width) if column < 2 else cell.rjust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        click.echo("  ".join(cells).rstrip())
