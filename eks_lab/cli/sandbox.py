"""`eks-lab sandbox`: a simulated AWS account with EKS in the background, for kubectl, aws and everything else."""

from __future__ import annotations

import json
import os
import re
import shlex
import sys
from concurrent.futures import ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from eks_lab.cli import account, faults, sandbox_steps
from eks_lab.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from eks_lab.sandbox.backends.interface import Backend, BackendStatus
    from eks_lab.sandbox.client import Client
    from eks_lab.sandbox.state_directory import StateDirectory

_DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h|d)")
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_SHOWN_HAPPENINGS = 200
CANCEL_AGAIN_SECONDS = 0.05
INTERRUPTED = 130
"""Exit code of a program that Ctrl-C ended (128 + SIGINT)."""


@click.group(name="sandbox", help="Run a simulated EKS account for kubectl and aws.")
def command() -> None:
    """Hold the commands."""


def cluster_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """Add the options that say what a new cluster is like."""
    for option in (
        click.option("--seed", type=int, help="Of names, ids and ties; the same seed, the same cluster (7)."),
        click.option("--version", metavar="MINOR", help="Kubernetes version: 1.34, 1.35 or 1.36 (1.36)."),
        click.option("--instance", metavar="TYPE", help="EC2 instance type of the nodes (m5.large)."),
        click.option("--nodes", type=int, help="Worker nodes over three zones (3)."),
    ):
        function = option(function)
    return function


@command.command("up")
@click.option(
    "--backend",
    "backend_name",
    type=click.Choice(["embedded", "docker", "aws"]),
    help="Where it runs: in our own process, on kind and LocalStack, or in your AWS account (as last time).",
)
@cluster_options
@click.option("--speed", default=None, metavar="SPEED", help="Of simulated time: 1x, 60x, max, pause (1x).")
@click.option("--port", type=click.IntRange(1, 65535), help="Of the Kubernetes API (6443, or a free one).")
@click.option("--aws-port", type=click.IntRange(1, 65535), help="Of the AWS API (4566, or a free one).")
@click.option("--profile", metavar="NAME", help="aws only: your AWS profile; nothing else is looked at.")
@click.option("--region", metavar="REGION", help="aws only: where.")
@click.option("--cluster", metavar="NAME", help="aws only: an EKS cluster that is there already.")
@click.option("--new", metavar="NAME", help="aws only: of the EKS cluster that is made (eks-lab).")
@click.option("--read-only", is_flag=True, default=None, help="aws only: look at it, change nothing.")
@click.option("--hours", type=float, help="aws only: time limit.")
@click.option("--budget-usd", type=float, metavar="USD", help="aws only: spending limit.")
@click.option(
    "--yes-account", metavar="ID", help="aws only, with --profile: your yes, where nobody can type it."
)
def up(backend_name: str | None, yes_account: str | None, **options: Any) -> None:
    """Start the sandbox, or find that it runs; what was kept is there again."""
    from eks_lab.sandbox.backends.interface import Wishes
    from eks_lab.sandbox.backends.switching import bring_up

    directory = _directory()
    wishes = Wishes(**options)
    ask = (
        sandbox_steps.ask
        if yes_account is None
        else sandbox_steps.answering(wishes.profile or "", yes_account)
    )
    with sandbox_steps.interruptible() as cancel:
        status = bring_up(directory, backend_name or "", wishes, sandbox_steps.tell, cancel, ask)
    if status.name == "embedded":
        _tell_embedded(status)
    else:
        sandbox_steps.tell_status(status)
    if cancel.is_cancelled:
        click.echo("It was up before it could be stopped. To stop it: eks-lab sandbox down", err=True)
        click.get_current_context().exit(130)
    click.echo("Next:")
    click.echo("  eks-lab sandbox shell            a shell in which kubectl and aws talk to it")
    click.echo('  eval "$(eks-lab sandbox env)"    the same for this shell')
    click.echo("  kubectl get nodes")


def _tell_embedded(status: BackendStatus) -> None:
    found = status.document
    nodes, settings = found["nodes"], found["options"]
    if not status.was_started:
        head = "The sandbox runs already"
    else:
        head = "The sandbox runs" if found["is_new"] else "The sandbox runs again, as you left it"
    click.echo(
        f"{head}: Kubernetes {settings['version']}, {nodes['ready']} of {nodes['all']} nodes ready"
        f" ({settings['instance']}), simulated time at {found['speed']}."
    )
    _note(status)
    click.echo(f"API server  {found['server']}\nkubeconfig  {found['kubeconfig']}")
    click.echo(f"AWS API     {found['aws']}, account {found['account']}\n")


@command.command("down")
@click.option(
    "--purge", is_flag=True, help="Remove all of it, too: state, files, containers, what was made on AWS."
)
@click.pass_context
def down(ctx: click.Context, purge: bool) -> None:
    """Stop the sandbox and keep its state; with --purge remove it and look whether anything is left."""
    from eks_lab.sandbox.backends.switching import take_down

    leftovers = take_down(_directory(), purge=purge, tell=sandbox_steps.tell)
    if purge:
        sandbox_steps.tell_leftovers(leftovers)
        ctx.exit(0 if leftovers.is_clean else 1)
    # What costs real money is gone, not stopped: then the proof is printed as well.
    if not leftovers.is_clean or (leftovers.looked_at and leftovers.was_running):
        sandbox_steps.tell_leftovers(leftovers)
        ctx.exit(0 if leftovers.is_clean else 1)
    click.echo(
        "The sandbox is stopped; `eks-lab sandbox up` goes on with it."
        if leftovers.was_running
        else "No sandbox runs."
    )


@command.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Say what runs, on which backend, and what it can do; exit code 3 when nothing does."""
    from eks_lab.sandbox.backends import registry

    found = registry.present(_directory()).status()
    if as_json:
        click.echo(json.dumps(found.as_json(), indent=2))
    elif found.running:
        for name, value in (("backend", f"{found.name}: {registry.ENTRIES[found.name].title}"), *found.rows):
            click.echo(f"{name:<11} {value}")
        sandbox_steps.tell_capabilities(found)
        _note(found)
        if found.overdue and sandbox_steps.wants_removal():
            ctx.invoke(down)
    else:
        click.echo("The sandbox does not run. Start it with: eks-lab sandbox up")
    if not found.running:
        ctx.exit(UnavailableError.exit_code)


@command.command("reset")
@cluster_options
def reset(**options: Any) -> None:
    """Throw the cluster away and begin anew, with the same options unless you name others."""
    from eks_lab.sandbox.backends import registry
    from eks_lab.sandbox.backends.interface import Wishes
    from eks_lab.sandbox.backends.switching import refuse_untaken

    backend = registry.present(_directory())
    asked = Wishes(**options)
    refuse_untaken(asked, backend)
    with sandbox_steps.interruptible() as cancel:
        found = backend.reset(asked, sandbox_steps.tell, cancel)
    if not found.running:
        said = " ".join(f"--{name} {value}" for name, value in asked.said().items())
        click.echo(f"The kept cluster is gone. Begin anew with: eks-lab sandbox up {said}".rstrip())
        return
    if found.name != "embedded":
        click.echo("The sandbox is as it was just after `up`.")
        return
    settings, nodes = found.document["options"], found.document["nodes"]
    click.echo(
        f"A new cluster runs: Kubernetes {settings['version']}, {nodes['ready']} of {nodes['all']} nodes ready"
        f" ({settings['instance']})."
    )


@command.command("env")
def env() -> None:
    """Print lines that point this shell's kubectl and aws at the sandbox: eval "$(eks-lab sandbox env)"."""
    for name, value in _environment(_running()).items():
        click.echo(f"export {name}={shlex.quote(value)}" if value else f"unset {name}")


@command.command("shell")
@click.pass_context
def shell(ctx: click.Context) -> None:
    """Open a shell in which kubectl and aws talk to the sandbox; leave it with exit."""
    import subprocess

    from eks_lab.sandbox import subshell

    own = _environment(_running())
    program = os.environ.get("SHELL") or "/bin/sh"
    with subshell.prepared(program, _with(os.environ, own)) as (arguments, environment):
        try:
            done = subprocess.run(arguments, env=environment, check=False)
        except OSError as error:
            raise UnavailableError(
                f"SHELL: {program} cannot be started: {error.strerror or error}",
                hint="Set SHELL to a shell of this machine, for example /bin/sh.",
            ) from error
    ctx.exit(done.returncode)


@command.command("logs")
@click.option("-n", "--lines", default=50, show_default=True, type=click.IntRange(0), help="Last lines only.")
@click.option("--audit", is_flag=True, help="The API server's audit log: an Event of audit.k8s.io/v1 a line.")
def logs(lines: int, audit: bool) -> None:
    """Print the log of the sandbox process, or the audit log of its API server."""
    from eks_lab.sandbox.audit_file import last_lines

    directory = _directory()
    path = directory.audit if audit else directory.log
    try:
        if not path.exists():
            raise UnavailableError(f"{path}: there is no log yet", hint="Start with: eks-lab sandbox up")
        content = last_lines(path, lines)
    except OSError as error:
        raise UnavailableError(f"{path}: {error.strerror or error}") from error
    for line in content:
        click.echo(line)


@command.command("advance")
@click.argument("duration", metavar="DURATION", required=False)
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.option("--cancel", is_flag=True, help="End the advance that another terminal waits for.")
@click.pass_context
def advance(ctx: click.Context, duration: str | None, as_json: bool, cancel: bool) -> None:
    """Play simulated time at once (15m, 90s, 1h30m) and print what happened; Ctrl-C ends it early."""
    from eks_lab.sandbox.backends.switching import simulated

    if (duration is None) is not cancel:
        raise InputError(
            "DURATION: name how far to play, or --cancel, not both", hint="eks-lab sandbox advance 15m"
        )
    sandbox = simulated(_directory(), "simulated-time")
    if duration is None:
        was_playing = sandbox.cancel_advance()
        click.echo("The advance is cancelled." if was_playing else "Nothing is being advanced.")
        return
    found = _played(sandbox, parse_duration(duration))
    _tell(found, as_json)
    if found["cancelled"]:
        ctx.exit(INTERRUPTED)


def _played(sandbox: Client, by: timedelta) -> dict[str, Any]:
    """Return what an advance brought; Ctrl-C ends it at the moment it has reached."""
    with ThreadPoolExecutor(1) as thread:
        playing = thread.submit(sandbox.advance, by)
        while True:
            try:
                return playing.result()
            except KeyboardInterrupt:
                # The request itself may not have arrived yet.
                while not sandbox.cancel_advance():
                    if wait([playing], CANCEL_AGAIN_SECONDS).done:
                        break


def _tell(found: dict[str, Any], as_json: bool) -> None:
    """Print what an advance brought."""
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    happenings = found["happenings"]
    for each in happenings[-_SHOWN_HAPPENINGS:]:
        mark = {"Warning": "!", "Change": "*"}.get(each["kind"], " ")
        click.echo(f"{each['at'][11:19]} {mark} {each['about']}: {each['reason']}: {each['message']}")
    left_out = max(len(happenings) - _SHOWN_HAPPENINGS, 0) + found["dropped"]
    if left_out:
        click.echo(f"(and {left_out} more before; --json prints up to {len(happenings)})")
    if not happenings:
        click.echo("Nothing happened.")
    if found["cancelled"]:
        played = datetime.fromisoformat(found["end"]) - datetime.fromisoformat(found["start"])
        click.echo(f"Cancelled after {str(played).partition('.')[0]} of simulated time.")
    click.echo(f"It is {found['end'][:19].replace('T', ' ')} UTC in the sandbox.")


@command.command("speed")
@click.argument("speed", metavar="SPEED")
def set_speed(speed: str) -> None:
    """Let simulated time run at 1x, 10x, 60x, max (as fast as possible), or pause it."""
    from eks_lab.sandbox.backends.switching import simulated

    found = simulated(_directory(), "simulated-time").set_speed(speed)
    is_paused = found["speed"] == "pause"
    click.echo("Simulated time stands still." if is_paused else f"Simulated time runs at {found['speed']}.")


command.add_command(account.cost)
command.add_command(account.journal)
command.add_command(faults.command)


def parse_duration(text: str) -> timedelta:
    """Return a duration.

    Args:
        text: as Go writes it, days included: `90s`, `15m`, `1h30m`, `2d`.

    Raises:
        InputError: it is none.
    """
    word = text.strip().lower()
    parts = list(_DURATION.finditer(word))
    if not parts or "".join(part.group(0) for part in parts) != word:
        raise InputError(f"DURATION: {text!r} is no duration", hint="Write 90s, 15m, 1h30m or 2d.")
    seconds = sum(float(part.group(1)) * _UNITS[part.group(2)] for part in parts)
    if seconds > 366 * 86400:
        raise InputError(f"DURATION: {text!r} is longer than a year", hint="Advance in shorter steps.")
    return timedelta(seconds=seconds)


def _directory() -> StateDirectory:
    from eks_lab.sandbox.state_directory import StateDirectory

    return StateDirectory.default()


def _running() -> Backend:
    """Return the present backend.

    Raises:
        UnavailableError: nothing runs on it.
    """
    from eks_lab.sandbox.backends import registry

    backend = registry.present(_directory())
    if not backend.status().running:
        raise UnavailableError("the sandbox does not run", hint="Start it with: eks-lab sandbox up")
    return backend


def _environment(backend: Backend) -> dict[str, str]:
    """Return what a shell needs; programs that came with eks-lab are found, too."""
    environment = backend.environment(os.environ)
    programs = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath)
    if programs not in path.split(os.pathsep):
        environment["PATH"] = f"{programs}{os.pathsep}{path}"
    return environment


def _with(inherited: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with variables put in, and those with an empty value taken out."""
    merged = {**inherited, **own}
    return {name: value for name, value in merged.items() if value or name not in own}


def _note(found: BackendStatus) -> None:
    for notice in found.notices:
        click.echo(f"Note: {notice}", err=True)
