"""What a lab does at its start, and what a learner does: one module an action, listed here."""

from __future__ import annotations

import importlib
from typing import Any, Protocol

from eks_lab.content.actions import Action
from eks_lab.errors import EksLabError
from eks_lab.grading.query_kinds import ACTION_KINDS, COMMANDS, kind_of
from eks_lab.grading.stage import Stage, StepError
from eks_lab.grading.target import Done


class Module(Protocol):
    """What each module of this package offers."""

    def play(self, value: Any, stage: Stage) -> Done:
        """Do it."""
        ...

    def typed(self, value: Any) -> list[str]:
        """Return what a learner types for it, line by line; empty when nothing is typed."""
        ...


def module_of(kind: str) -> Module:
    """Return the module of an action; it is imported when it is needed.

    Args:
        kind: one of `ACTION_KINDS`.
    """
    assert kind in ACTION_KINDS
    module: Module = importlib.import_module(f"eks_lab.grading.actions.{kind}")
    return module


def lines_of(action: Action) -> list[str]:
    """Return an action as a learner types it."""
    kind = kind_of(action)
    lines = module_of(kind).typed(getattr(action, kind))
    if action.remember and lines:
        lines = [*lines[:-1], f"{action.remember}=$({lines[-1]})"]
    return lines


def play(action: Action, stage: Stage, *, is_learner: bool) -> Done:
    """Do one action.

    Args:
        action: a sound one.
        stage: where.
        is_learner: True for solutions: files come from the learner's folder.

    Returns:
        How the command ended; 0 for what is no command.

    Raises:
        StepError: it failed, or did not fail although it should; the message shows the line and its output.
    """
    kind = kind_of(action)
    lines = lines_of(action)
    for line in lines:
        stage.typed(line)
    shown = "; ".join(lines) or kind
    value = getattr(action, kind)
    if kind == "apply" and not is_learner and "\n" not in value:
        value = stage.lab.text(value)
    try:
        done = module_of(kind).play(value, stage)
    except StepError:
        raise
    except EksLabError as error:
        raise StepError(f"{shown}: {error.message}", hint=error.hint) from error
    if kind in COMMANDS:
        if (done.code != 0) is not action.fails:
            said = (done.err.strip() or done.out.strip())[-1500:]
            how = f"ended with {done.code}" if done.code else "did not fail, although `fails` says so"
            raise StepError(f"{shown}: {how}: {said}")
        if action.remember:
            stage.remembered[action.remember] = done.out.strip()
    return done
