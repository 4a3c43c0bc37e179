"""`event`: Kubernetes events."""

from __future__ import annotations

import fnmatch
import re
from typing import Any

from eks_lab.content.queries import EventQuery
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict


def look(value: EventQuery, stage: Stage, check: str) -> Verdict:
    """Look for events.

    Args:
        value: which.
        stage: where.
        check: not needed.
    """
    del check
    found = [each for each in stage.target.kubernetes.list("events", value.namespace) if _fits(each, value)]
    if found:
        last = found[-1]
        seen = f"{last.get('reason', '')}: {last.get('message', '')}"
    else:
        seen = f"no event {value.reason}".rstrip() + (f" about {value.about}" if value.about else "")
    return Verdict(bool(found) is value.exists, seen)


def _fits(event: dict[str, Any], query: EventQuery) -> bool:
    if query.reason and event.get("reason") != query.reason:
        return False
    if query.type and event.get("type") != query.type:
        return False
    if query.message and not re.search(query.message, str(event.get("message", ""))):
        return False
    about = event.get("involvedObject") or {}
    name = f"{str(about.get('kind', '')).lower()}/{about.get('name', '')}"
    return not query.about or fnmatch.fnmatchcase(name, query.about)
