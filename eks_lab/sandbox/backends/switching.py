"""Brings the chosen backend up and takes it down, so that the command line and the app do the same."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from eks_lab.errors import DataError, InputError, UnavailableError
from eks_lab.sandbox import client
from eks_lab.sandbox.backends import choice, registry
from eks_lab.sandbox.backends.choice import Choice
from eks_lab.sandbox.backends.interface import (
    CAPABILITIES,
    Backend,
    BackendStatus,
    Cancel,
    Finding,
    Leftovers,
    Plan,
    Tell,
    Wishes,
)
from eks_lab.sandbox.client import Client
from eks_lab.sandbox.state_directory import StateDirectory

Ask = Callable[[Plan], str]
"""Shows a plan and returns what the learner typed; called only when something has to be typed."""


def bring_up(
    directory: StateDirectory, name: str, wishes: Wishes, tell: Tell, cancel: Cancel, ask: Ask
) -> BackendStatus:
    """Start a backend, or find that it runs.

    Args:
        directory: of the sandbox.
        name: of the backend; empty takes the one chosen last, at first the embedded one.
        wishes: of the learner; for the backend chosen last, what it remembers need not be said again.
        tell: takes each step.
        cancel: ends it early.
        ask: see `Ask`.

    Raises:
        InputError: the backend cannot take a wish, or another one runs.
        UnavailableError: the preflight found something missing.
        StoppedError: it was cancelled.
        EksLabError: it cannot be had.
    """
    kept = _kept(directory, name)
    wanted = registry.backend(name or kept.backend, directory)
    refuse_untaken(wishes, wanted)
    if wanted.name != kept.backend:
        _refuse_second(directory, kept.backend, wanted.name)
        kept = Choice(wanted.name)
    remembered = {name: value for name, value in kept.wishes.items() if name in wanted.remembers}
    wishes = Wishes(**{**remembered, **wishes.said()})
    require(wanted.preflight(), wanted.name)
    cancel.check()
    plan = wanted.plan(wishes)
    consent = ask(plan) if plan.consent else ""
    while plan.follow is not None:
        plan = plan.follow(consent)
        consent = ask(plan) if plan.consent else ""
    # Before anything is made: after Ctrl-C or a crash, `down` has to know where to look.
    said = {name: value for name, value in wishes.said().items() if name in wanted.remembers}
    choice.write(directory, Choice(wanted.name, said))
    return wanted.up(wishes, tell, cancel, consent)


def take_down(directory: StateDirectory, *, purge: bool, tell: Tell) -> Leftovers:
    """Stop the present backend; with `purge` remove everything of it, too.

    Raises:
        EksLabError: it cannot be stopped.
    """
    backend = registry.present(directory)
    leftovers = backend.down(purge=purge, tell=tell)
    if purge and leftovers.is_clean:
        leftovers = _without_states(leftovers, directory.root / "terraform" / backend.name)
        choice.forget(directory)
    return leftovers


def _without_states(leftovers: Leftovers, folder: Path) -> Leftovers:
    """Remove what terraform keeps of a backend, too: it describes what is gone."""
    if not folder.exists():
        return leftovers
    shutil.rmtree(folder, ignore_errors=True)
    left = (f"folder {folder}",) if folder.exists() else ()
    return replace(leftovers, left=left, looked_at=(*leftovers.looked_at, f"folder {folder}"))


def refuse_untaken(wishes: Wishes, backend: Backend) -> None:
    """Go on, unless something is wished for that a backend cannot take.

    Raises:
        InputError: with the options it takes.
    """
    untaken = sorted(set(wishes.said()) - backend.takes)
    if untaken:
        raise InputError(
            f"{_option(untaken[0])}: the backend {backend.name} has no such option",
            hint=f"It takes: {', '.join(map(_option, sorted(backend.takes)))}",
        )


def _option(name: str) -> str:
    return f"--{name.replace('_', '-')}"


def require(findings: tuple[Finding, ...], name: str) -> None:
    """Go on, unless a preflight found something missing.

    Raises:
        UnavailableError: with everything that is missing, so that one trip to the shop is enough.
    """
    missing = [each for each in findings if each.status == "missing"]
    if not missing:
        return
    steps = dict.fromkeys(each.next_step for each in missing if each.next_step)
    raise UnavailableError(
        f"the backend {name} cannot start: " + "; ".join(f"{each.name}: {each.found}" for each in missing),
        hint="\n".join(steps),
    )


def simulated(directory: StateDirectory, capability: str) -> Client:
    """Return the simulator that the sandbox runs on.

    Args:
        directory: of the sandbox.
        capability: that is asked for, for the message: `simulated-time`.

    Raises:
        UnavailableError: nothing runs, or the backend that runs has nothing to do with it.
    """
    present = choice.read(directory).backend
    if present != choice.DEFAULT and registry.backend(present, directory).status().running:
        raise UnavailableError(
            f"the sandbox runs on the backend {present}, and this asks the simulator for {CAPABILITIES[capability]}",
            hint="The embedded one does: eks-lab sandbox down, then eks-lab sandbox up --backend embedded",
        )
    return client.required(directory)


def require_embedded(directory: StateDirectory, what: str) -> None:
    """Go on, unless the sandbox runs on another backend than the embedded one.

    Args:
        directory: of the sandbox.
        what: is going to be done, for the message: `the app`.

    Raises:
        InputError: it does.
    """
    present = choice.read(directory).backend
    if present != choice.DEFAULT and registry.backend(present, directory).status().running:
        raise InputError(
            f"{what} works with the embedded backend, and the sandbox runs on {present}",
            hint="Use the commands: eks-lab sandbox, eks-lab lab. Or stop it: eks-lab sandbox down",
        )


def _kept(directory: StateDirectory, name: str) -> Choice:
    try:
        return choice.read(directory)
    except DataError:
        if not name:
            raise
        # A damaged choice is mended by making it again.
        return Choice(name)


def _refuse_second(directory: StateDirectory, present: str, wanted: str) -> None:
    if registry.backend(present, directory).status().running:
        raise InputError(
            f"--backend {wanted}: the sandbox runs already on the backend {present}",
            hint="Stop that one first: eks-lab sandbox down",
        )
