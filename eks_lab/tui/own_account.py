"""The app's way to the learner's own AWS account: calls that wait, for worker threads only."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from eks_lab.tui.screens.aws_consent import Question

if TYPE_CHECKING:
    from eks_lab.sandbox.state_directory import StateDirectory

Tell = Callable[[str, float], None]
Ask = Callable[[Question], str]
"""Shows a question and returns what was typed; from any thread."""
WATCH_SECONDS = 0.1
_ROUGHLY_STEPS = 11


def bring_up(
    directory: StateDirectory,
    values: Mapping[str, str],
    tell: Tell,
    ask: Ask,
    is_over: Callable[[], bool],
) -> str:
    """Make a cluster in the learner's account, after both questions; return what to say.

    Args:
        directory: of the sandbox.
        values: what was typed, by the name of the wish.
        tell: hears of the steps.
        ask: asks the two questions.
        is_over: asked all the while; what was made stays on record.

    Raises:
        EksLabError: it cannot be had, or was not wanted.
    """
    from eks_lab.errors import InputError
    from eks_lab.sandbox.backends import switching
    from eks_lab.sandbox.backends.aws.profile import read
    from eks_lab.sandbox.backends.interface import Cancel, Plan, Step, Wishes

    cancel, ended = Cancel(), threading.Event()
    asked = done = 0

    def shown(plan: Plan) -> str:
        nonlocal asked
        asked += 1
        question = Question(asked, plan.facts, plan.title, plan.creates, plan.usd_per_hour, plan.consent_is)
        return ask(question)

    def told(step: Step) -> None:
        nonlocal done
        done += step.state == "done"
        tell(step.title, min(done / _ROUGHLY_STEPS, 1.0))

    def watch() -> None:
        while not ended.wait(WATCH_SECONDS):
            if is_over():
                cancel.cancel()

    wishes = Wishes(
        profile=values.get("profile"),
        region=values.get("region"),
        new=values.get("new"),
        nodes=int(values["nodes"]) if "nodes" in values else None,
        instance=values.get("instance"),
        hours=float(values["hours"]) if "hours" in values else None,
        budget_usd=float(values["budget_usd"]) if "budget_usd" in values else None,
    )
    if read(values["profile"]).needs_code:
        raise InputError(
            f"the profile {values['profile']} wants a code of your MFA device, which the app cannot ask for",
            hint=f"Type: eks-lab sandbox up --backend aws --profile {values['profile']}",
        )
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        found = switching.bring_up(directory, "aws", wishes, told, cancel, shown)
    finally:
        ended.set()
        watcher.join()
    return f"EKS runs in account {found.account}, {found.region}. It costs until: eks-lab sandbox down"


def overdue(directory: StateDirectory) -> str:
    """Return why what was made in the learner's account should be removed now; empty when there is no reason.

    Args:
        directory: of the sandbox; only its files are looked at.

    Raises:
        DataError: the record is damaged.
    """
    # botocore is not imported for the many who never had a cluster there.
    if not (directory.root / "own-account" / "ledger.json").exists():
        return ""
    from eks_lab.clock import SystemClock
    from eks_lab.sandbox.backends.aws.backend import overdue as found

    return found(directory, SystemClock().now())


def remove(directory: StateDirectory, tell: Tell) -> tuple[str, ...]:
    """Remove everything that was made, and return what is left.

    Args:
        directory: of the sandbox.
        tell: hears of the steps.

    Raises:
        EksLabError: AWS cannot be asked.
    """
    from eks_lab.sandbox.backends import switching

    done = 0

    def told(step: object) -> None:
        nonlocal done
        done += getattr(step, "state", "") == "done"
        tell(str(getattr(step, "title", "")), min(done / (_ROUGHLY_STEPS + 1), 1.0))

    return switching.take_down(directory, purge=False, tell=told).left
