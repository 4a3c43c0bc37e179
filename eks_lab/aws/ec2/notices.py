"""Who is told when something that costs money comes, goes or changes in EC2."""

from __future__ import annotations

from collections.abc import Callable

listeners: dict[str, Callable[[], None]] = {}
"""Account id -> called after the change. Here and not on the backend, whose own state is kept and restored."""


def touched(account_id: str) -> None:
    """Tell an account that what it pays for may have changed."""
    listener = listeners.get(account_id)
    if listener is not None:
        listener()
