"""What `eks-lab sandbox` prints while a backend works, and how Ctrl-C ends it in good order."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

import click

from eks_lab.errors import InputError

if TYPE_CHECKING:
    from types import FrameType

    from eks_lab.sandbox.backends.interface import BackendStatus, Cancel, Leftovers, Plan, Step

_QUIET = frozenset({"daemon", "purge", "reset"})
"""Steps of the embedded backend: they take a moment, and what comes of them is printed anyway."""


def tell(step: Step) -> None:
    """Print a step to standard error; what a program prints meanwhile is indented."""
    if step.id in _QUIET:
        return
    if step.state == "begun":
        click.echo(f"{step.title} …", err=True)
    elif step.state == "going":
        click.echo(f"    {step.detail}", err=True)
    else:
        word = "done" if step.state == "done" else "failed"
        click.echo(f"  {word}{f': {step.detail}' if step.detail else ''}", err=True)


@contextlib.contextmanager
def interruptible() -> Iterator[Cancel]:
    """Let the first Ctrl-C end the work at its next step; a second one ends the program."""
    from eks_lab.sandbox.backends.interface import Cancel

    cancel = Cancel()
    if threading.current_thread() is not threading.main_thread():
        yield cancel
        return

    def interrupted(number: int, frame: FrameType | None) -> None:
        if cancel.is_cancelled:
            raise KeyboardInterrupt
        click.echo("Stopping … (Ctrl-C again to leave at once)", err=True)
        cancel.cancel()

    before = signal.signal(signal.SIGINT, interrupted)
    try:
        yield cancel
    finally:
        signal.signal(signal.SIGINT, before)


def ask(plan: Plan) -> str:
    """Show what is about to happen and return what the learner types.

    Raises:
        InputError: there is nobody to ask.
    """
    tell_plan(plan)
    before = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        typed: str = click.prompt(f"Type {plan.consent_is} to go on, anything else to stop", default="")
    except click.exceptions.Abort as error:
        raise InputError("nothing was typed, so nothing happens") from error
    finally:
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGINT, before)
    return typed.strip()


def answering(profile: str, account: str) -> Callable[[Plan], str]:
    """Return what answers in the place of somebody who types: the profile's name, then the account id.

    Args:
        profile: as given on this command line; a remembered one is no yes.
        account: twelve digits; a plan for another account is refused.

    Raises:
        InputError: no profile was named.
    """
    if not profile:
        raise InputError(
            "--yes-account: it is a yes to one profile, and none was named",
            hint=f"Name it: --profile NAME --yes-account {account}",
        )

    def answer(plan: Plan) -> str:
        tell_plan(plan)
        if plan.follow is not None:
            return profile
        if plan.consent != account:
            raise InputError(
                f"--yes-account: {account} is not {plan.consent_is or 'asked for'}, {plan.consent}: nothing happens"
            )
        return account

    return answer


def wants_removal() -> bool:
    """Ask whether what is overdue is to be removed now; nobody to ask means no."""
    return sys.stdin.isatty() and click.confirm("Remove everything now?", default=False)


def tell_plan(plan: Plan) -> None:
    """Print what `up` would make and what it costs."""
    width = max((len(name) for name, _ in plan.facts), default=0)
    for name, value in plan.facts:
        click.echo(f"{name:<{width}}  {value}")
    click.echo(f"{plan.title or 'This will be made'}:")
    for line in plan.creates:
        click.echo(f"  {line}")
    if plan.usd_per_hour:
        click.echo(f"It costs about ${plan.usd_per_hour:.2f} an hour of real money.")


def tell_status(status: BackendStatus) -> None:
    """Print what runs, for a backend that is not the embedded one."""
    click.echo(f"The sandbox runs{'' if status.was_started else ' already'} on the backend {status.name}.")
    for name, value in status.rows:
        click.echo(f"{name:<11} {value}")
    for notice in status.notices:
        click.echo(f"Note: {notice}", err=True)
    click.echo("")


def tell_capabilities(status: BackendStatus) -> None:
    """Print what a running backend can do and what it cannot."""
    from eks_lab.sandbox.backends.interface import CAPABILITIES

    can = [each for each in CAPABILITIES if each in status.capabilities]
    cannot = [each for each in CAPABILITIES if each not in status.capabilities]
    click.echo(f"{'can':<11} {', '.join(can)}")
    if cannot:
        click.echo(f"{'cannot':<11} {', '.join(cannot)}")


def tell_leftovers(leftovers: Leftovers) -> None:
    """Print what a purge left, and how that was found out."""
    if leftovers.is_clean:
        click.echo("Nothing of the sandbox is left. Looked at:")
    else:
        click.echo("Still there:")
        for each in leftovers.left:
            click.echo(f"  {each}")
        click.echo("Looked at:")
    for each in leftovers.looked_at:
        click.echo(f"  {each}")
    for each in leftovers.kept:
        click.echo(f"Kept: {each}")
