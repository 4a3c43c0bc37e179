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

from eks_lab.cli import account, faults
from eks_lab.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

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
@cluster_options
@click.option("--speed", default=None, metavar="SPEED", help="Of simulated time: 1x, 60x, max, pause (1x).")
@click.option("--port", type=click.IntRange(1, 65535), help="Of the Kubernetes API (6443, or a free one).")
@click.option("--aws-port", type=click.IntRange(1, 65535), help="Of the AWS API (4566, or a free one).")
def up(speed: str | None, port: int | None, aws_port: int | None, **options: Any) -> None:
    """Start the sandbox, or find that it runs; what was kept is there again."""
    from eks_lab.sandbox import client, launch

    directory = _directory()
    wishes = {
        **options,
        "port": port,
        "aws_port": aws_port,
        **({"speed": speed} if speed is not None else {}),
    }
    status, is_started = launch.start(
        directory, {name: value for name, value in wishes.items() if value is not None}
    )
    if not is_started and speed is not None:
        status = client.required(directory).set_speed(speed)
    nodes, settings = status["nodes"], status["options"]
    if not is_started:
        head = "The sandbox runs already"
    else:
        head = "The sandbox runs" if status["is_new"] else "The sandbox runs again, as you left it"
    click.echo(
        f"{head}: Kubernetes {settings['version']}, {nodes['ready']} of {nodes['all']} nodes ready"
        f" ({settings['instance']}), simulated time at {status['speed']}."
    )
    _note(status)
    click.echo(f"API server  {status['server']}\nkubeconfig  {status['kubeconfig']}")
    click.echo(f"AWS API     {status['aws']}, account {status['account']}\n")
    click.echo("Next:")
    click.echo("  eks-lab sandbox shell            a shell in which kubectl and aws talk to it")
    click.echo('  eval "$(eks-lab sandbox env)"    the same for this shell')
    click.echo("  kubectl get nodes")


@command.command("down")
def down() -> None:
    """Stop the sandbox and keep its state."""
    from eks_lab.sandbox import launch

    was_running = launch.stop(_directory())
    click.echo(
        "The sandbox is stopped; `eks-lab sandbox up` goes on with it." if was_running else "No sandbox runs."
    )


@command.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON document.")
@click.pass_context
def status(ctx: click.Context, as_json: bool) -> None:
    """Say what runs; exit code 3 when nothing does."""
    from eks_lab.sandbox import client

    directory = _directory()
    process = client.running(directory)
    if process is None:
        if as_json:
            click.echo(json.dumps({"running": False, "directory": str(directory.root)}, indent=2))
        else:
            click.echo("The sandbox does not run. Start it with: eks-lab sandbox up")
        ctx.exit(UnavailableError.exit_code)
    found = client.Client(directory, process).status()
    if as_json:
        click.echo(json.dumps(found, indent=2))
        return
    settings, pods = found["options"], found["pods"]
    phases = ", ".join(f"{count} {phase}" for phase, count in pods["phases"].items())
    rows = (
        ("process", str(found["pid"])),
        ("API server", found["server"]),
        ("kubeconfig", found["kubeconfig"]),
        ("AWS API", f"{found['aws']}, account {found['account']}"),
        ("clusters", ", ".join(found["clusters"])),
        ("Kubernetes", settings["version"]),
        ("nodes", f"{found['nodes']['ready']} of {found['nodes']['all']} ready, {settings['instance']}"),
        ("pods", f"{pods['all']}{f' ({phases})' if phases else ''}"),
        ("time", f"{found['now'][:19].replace('T', ' ')} UTC, at {found['speed']}"),
        ("seed", str(settings["seed"])),
    )
    for name, value in rows:
        click.echo(f"{name:<11} {value}")
    _note(found)


@command.command("reset")
@cluster_options
def reset(**options: Any) -> None:
    """Throw the cluster away and begin anew, with the same options unless you name others."""
    from eks_lab.sandbox import client, launch

    directory = _directory()
    process = client.running(directory)
    if process is None:
        launch.forget(directory)
        wishes = " ".join(f"--{name} {value}" for name, value in options.items() if value is not None)
        click.echo(f"The kept cluster is gone. Begin anew with: eks-lab sandbox up {wishes}".rstrip())
        return
    found = client.Client(directory, process).reset(**options)
    settings, nodes = found["options"], found["nodes"]
    click.echo(
        f"A new cluster runs: Kubernetes {settings['version']}, {nodes['ready']} of {nodes['all']} nodes ready"
        f" ({settings['instance']})."
    )


@command.command("env")
def env() -> None:
    """Print lines that point this shell's kubectl and aws at the sandbox: eval "$(eks-lab sandbox env)"."""
    from eks_lab.sandbox import client

    directory = _directory()
    client.required(directory)
    for name, value in _environment(directory).items():
        click.echo(f"export {name}={shlex.quote(value)}" if value else f"unset {name}")


@command.command("shell")
@click.pass_context
def shell(ctx: click.Context) -> None:
    """Open a shell in which kubectl and aws talk to the sandbox; leave it with exit."""
    import subprocess

    from eks_lab.sandbox import client, subshell

    directory = _directory()
    client.required(directory)
    program = os.environ.get("SHELL") or "/bin/sh"
    with subshell.prepared(program, _with(os.environ, _environment(directory))) as (arguments, environment):
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
    from eks_lab.sandbox import client

    if (duration is None) is not cancel:
        raise InputError(
            "DURATION: name how far to play, or --cancel, not both", hint="eks-lab sandbox advance 15m"
        )
    sandbox = client.required(_directory())
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
    from eks_lab.sandbox import client

    found = client.required(_directory()).set_speed(speed)
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


def _environment(directory: StateDirectory) -> dict[str, str]:
    """Return what a shell needs; programs that came with eks-lab are found, too."""
    from eks_lab.sandbox.environment import environment as variables

    environment = variables(directory, os.environ)
    programs = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", os.defpath)
    if programs not in path.split(os.pathsep):
        environment["PATH"] = f"{programs}{os.pathsep}{path}"
    return environment


def _with(inherited: Mapping[str, str], own: Mapping[str, str]) -> dict[str, str]:
    """Return an environment with variables put in, and those with an empty value taken out."""
    merged = {**inherited, **own}
    return {name: value for name, value in merged.items() if value or name not in own}


def _note(found: dict[str, Any]) -> None:
    for notice in found["notices"]:
        click.echo(f"Note: {notice}", err=True)
