"""The limits of a session: time and money. They hold by the clock and the price list, whatever AWS has billed so far.

Nothing of ours runs while the machine is off: a limit that passes then is noticed at the next command. That is said
wherever a limit is shown.
"""

from __future__ import annotations

from datetime import datetime

from eks_lab.errors import InputError
from eks_lab.sandbox.backends.aws.ledger import Head, Ledger

DEFAULT_HOURS = 3.0
MOST_HOURS = 72.0
HONESTLY = (
    "Nothing of eks-lab runs while this machine is off or asleep: the limits are looked at whenever you type an"
    " eks-lab sandbox command or open the app, and only `eks-lab sandbox down` ends the cost."
)


def spent_usd(head: Head, now: datetime) -> float:
    """Return what a session has cost at most until now, US dollars: the price an hour since its start."""
    hours = max(0.0, (now - head.started).total_seconds() / 3600)
    return hours * head.usd_per_hour


def passed(ledger: Ledger, now: datetime) -> str:
    """Return which limit has passed, as a sentence; empty while none has.

    Args:
        ledger: of the session.
        now: wall time.
    """
    head = ledger.head
    if head.mode != "new" or not ledger.open:
        return ""
    if now >= head.expires:
        late = (now - head.expires).total_seconds() / 3600
        return (
            f"The time limit of {head.hours:g} h passed at {head.expires:%Y-%m-%d %H:%M} UTC, {late:.1f} h ago; about"
            f" ${spent_usd(head, now):.2f} are spent, and every further hour costs ${head.usd_per_hour:.2f}."
        )
    spent = spent_usd(head, now)
    if spent >= head.budget_usd:
        return (
            f"The spending limit of ${head.budget_usd:.2f} is reached: about ${spent:.2f} are spent, and every further"
            f" hour costs ${head.usd_per_hour:.2f}."
        )
    return ""


def require_within(ledger: Ledger, now: datetime) -> None:
    """Go on, unless a limit has passed.

    Raises:
        InputError: one has; nothing further is made.
    """
    why = passed(ledger, now)
    if why:
        raise InputError(f"{why} Nothing further is made.", hint="Remove everything: eks-lab sandbox down")


def check_wished(hours: float, budget_usd: float, most_usd: float) -> None:
    """Refuse limits that cannot be kept.

    Args:
        hours: time limit.
        budget_usd: spending limit.
        most_usd: what it costs when the time limit is used up.

    Raises:
        InputError: one is out of range, or they contradict each other.
    """
    if not 0 < hours <= MOST_HOURS:
        raise InputError(
            f"--hours: {hours:g} is not between 0 and {MOST_HOURS:g}", hint="Three are plenty for a lab."
        )
    if budget_usd <= 0:
        raise InputError(f"--budget-usd: {budget_usd:g} is not above 0", hint="Name a limit in US dollars.")
    if most_usd > budget_usd + 0.005:
        raise InputError(
            f"--budget-usd: {hours:g} h cost up to ${most_usd:.2f}, more than the limit of ${budget_usd:.2f}",
            hint="Take fewer --hours, fewer --nodes, a smaller --instance, or a higher limit.",
        )
