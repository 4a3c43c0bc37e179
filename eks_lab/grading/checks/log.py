"""`log`: what containers print."""

from __future__ import annotations

import re

from eks_lab.content.queries import LogQuery
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict


def look(value: LogQuery, stage: Stage, check: str) -> Verdict:
    """Look for a line.

    Args:
        value: of which pods, and what it has.
        stage: where.
        check: not needed.
    """
    del check
    kubernetes = stage.target.kubernetes
    if value.pod:
        pods = [value.pod]
    else:
        pods = [each["metadata"]["name"] for each in kubernetes.list("pods", value.namespace, value.selector)]
    lines = [
        line
        for pod in pods
        for line in kubernetes.log(
            pod, value.namespace, value.container, previous=value.previous
        ).splitlines()
    ]
    found = [line for line in lines if re.search(value.matches, line)]
    if found:
        seen = found[-1]
    elif not pods:
        seen = f"no pod {value.pod or value.selector}"
    else:
        seen = f"the last line is: {lines[-1]}" if lines else "nothing is printed"
    return Verdict(bool(found) is value.exists, seen)
