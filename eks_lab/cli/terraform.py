"""`eks-lab terraform`: the learner's terraform on the sandbox."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

import click

from eks_lab import locations
from eks_lab.errors import InputError, UnavailableError

if TYPE_CHECKING:
    from eks_lab.sandbox.client import Client
    from eks_lab.sandbox.terraform.configuration import Configuration
    from eks_lab.sandbox.terraform.program import Command
    from eks_lab.sandbox.terraform.working_copy import WorkingCopy

_TICK_SECONDS = 0.25
"""Wall time between two looks at what the account is busy with."""


@click.command(
    name="terraform",
    context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False},
)
@click.option(
    "--plugin-dir",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    metavar="DIR",
    help="For init: take providers from this folder (a filesystem mirror) and download none.",
)
@click.option(
    "--no-advance", is_flag=True, help="Let simulated time pass at its own speed while terraform waits."
)
@click.argument("words", nargs=-1, type=click.UNPROCESSED, metavar="-- COMMAND…")
@click.pass_context
def command(ctx: click.Context, words: tuple[str, ...], plugin_dir: Path | None, no_advance: bool) -> None:
    """Run terraform (or tofu) in this folder against the sandbox: eks-lab terraform -- plan.

    The account is the sandbox's, and so is the state: neither this folder nor a real account is touched.
    """
    from eks_lab.sandbox.terraform import program
    from eks_lab.sandbox.terraform.pace import keep_pace

    if not words:
        raise InputError(
            "name what terraform should do",
            hint="First: eks-lab terraform -- init. Then: plan, apply, destroy.",
        )
    path = program.program()
    asked = program.command(words, Path.cwd())
    if not asked.needs_account:
        ctx.exit(_run([path, *words], Path.cwd(), os.environ, lambda: None))
    if plugin_dir is not None and not asked.prepares:
        raise InputError("--plugin-dir goes with init", hint="eks-lab terraform --plugin-dir DIR -- init")
    folder, environment, sandbox = _prepared(asked)
    arguments = list(asked.arguments)
    if plugin_dir is not None:
        arguments.append(f"-plugin-dir={plugin_dir.resolve()}")
    code = _run(
        [path, *arguments],
        folder,
        environment,
        (lambda: keep_pace(sandbox)) if sandbox is not None and not no_advance else (lambda: None),
    )
    if code and asked.prepares and plugin_dir is None:
        click.echo(
            "If a provider could not be fetched, name a folder that has it:"
            " eks-lab terraform --plugin-dir DIR -- init",
            err=True,
        )
    ctx.exit(code)


def _prepared(asked: Command) -> tuple[Path, dict[str, str], Client | None]:
    """Return where and with what terraform runs, and the sandbox whose time can pass; None where it passes by itself.

    Raises:
        UnavailableError: no sandbox with an account runs, or the folder was not initialised for it.
        InputError: the configuration leads to a real account.
    """
    from eks_lab.sandbox import client
    from eks_lab.sandbox.backends import registry
    from eks_lab.sandbox.state_directory import StateDirectory
    from eks_lab.sandbox.terraform import configuration
    from eks_lab.sandbox.terraform.surroundings import surroundings
    from eks_lab.sandbox.terraform.working_copy import WorkingCopy

    found = configuration.read(asked.folder)
    directory = StateDirectory.default()
    backend = registry.present(directory)
    status = backend.status()
    if not status.running or "account" not in status.capabilities:
        raise UnavailableError(
            "no sandbox with an AWS account runs", hint="Start one with: eks-lab sandbox up"
        )
    copy = WorkingCopy.of(directory, backend.name, asked.folder)
    cache = locations.cache_dir() / "terraform-providers"
    environment = surroundings(
        os.environ,
        backend.environment(os.environ),
        folder=copy.folder,
        plugin_cache=cache,
        may_fetch=asked.may_fetch,
    )
    copy.bring_up_to_date(found.levels_above)
    if not copy.is_initialised and not asked.may_fetch:
        raise UnavailableError(
            f"{asked.folder}: terraform init has not been run for the sandbox",
            hint="Do that first: eks-lab terraform -- init",
        )
    cache.mkdir(parents=True, exist_ok=True)
    if asked.prepares:
        _tell_state(copy, found, asked)
    return (
        copy.folder,
        environment,
        client.required(directory) if "simulated-time" in status.capabilities else None,
    )


def _tell_state(copy: WorkingCopy, found: Configuration, asked: Command) -> None:
    click.echo(f"On the sandbox the state is {copy.state}.", err=True)
    if found.state not in ("", "local"):
        click.echo(f'The backend "{found.state}" of this configuration is not asked.', err=True)
    if asked.dropped:
        click.echo(f"Not passed on, for the same reason: {' '.join(asked.dropped)}", err=True)


def _run(
    words: Sequence[str], folder: Path, environment: Mapping[str, str], meanwhile: Callable[[], object]
) -> int:
    """Run a program on this terminal and return its exit code.

    Raises:
        UnavailableError: it cannot be started.
    """
    with _passing_on() as pass_on_to:
        try:
            process = subprocess.Popen(words, cwd=folder, env=dict(environment))
        except OSError as error:
            raise UnavailableError(f"{words[0]}: cannot be started: {error.strerror or error}") from error
        pass_on_to(process)
        while True:
            try:
                code = process.wait(_TICK_SECONDS)
            except subprocess.TimeoutExpired:
                meanwhile()
            else:
                return 128 - code if code < 0 else code


@contextmanager
def _passing_on() -> Iterator[Callable[[subprocess.Popen[bytes]], None]]:
    """Leave Ctrl-C to the program, which gets it from the terminal, and pass on what only reaches us.

    Yields:
        A function that names the program; what came before there was one is passed on then.
    """
    child: list[subprocess.Popen[bytes]] = []
    early: list[int] = []

    def leave(number: int, frame: FrameType | None) -> None:
        del number, frame

    def pass_on(number: int, frame: FrameType | None) -> None:
        del frame
        if not child:
            early.append(number)
        for each in child:
            each.send_signal(number)

    def pass_on_to(process: subprocess.Popen[bytes]) -> None:
        child.append(process)
        for number in early:
            process.send_signal(number)

    handlers = {signal.SIGINT: leave, signal.SIGTERM: pass_on}
    # Under nohup nobody is to hear that the terminal went away, terraform no more than we.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        handlers[signal.SIGHUP] = pass_on
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    try:
        yield pass_on_to
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
