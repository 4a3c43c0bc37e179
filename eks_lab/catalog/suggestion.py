"""The name a learner probably meant."""

from __future__ import annotations

from collections.abc import Iterable


def did_you_mean(word: str, names: Iterable[str]) -> str:
    """Return a hint that names up to three likely spellings.

    Args:
        word: what was typed.
        names: every accepted name.

    Returns:
        `Did you mean m5.large?`, or `Did you mean m5.large, m5a.large or m5d.large?`;
        empty when nothing is near.
    """
    # difflib costs more to import than the whole catalogue to load, and only errors need it.
    import difflib

    near = difflib.get_close_matches(word, list(names), n=3, cutoff=0.6)
    if not near:
        return ""
    if len(near) == 1:
        return f"Did you mean {near[0]}?"
    return f"Did you mean {', '.join(near[:-1])} or {near[-1]}?"
