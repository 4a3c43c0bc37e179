"""How often a process that holds a world looks for garbage."""

from __future__ import annotations

import gc

COLLECT_AFTER = (20_000, 50, 100)
"""Objects of a cluster are plain trees that nobody has to search for cycles; by default a fifth of the time went there."""


def collect_rarely() -> None:
    """Let what is there now stay for good, and look at what comes less often."""
    gc.freeze()
    gc.set_threshold(*COLLECT_AFTER)
    gc.enable()
