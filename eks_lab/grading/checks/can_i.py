"""`can_i`: what somebody may do in the cluster."""

from __future__ import annotations

from eks_lab.content.queries import CanIQuery
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict


def look(value: CanIQuery, stage: Stage, check: str) -> Verdict:
    """Ask the API server.

    Args:
        value: who, and what.
        stage: where.
        check: not needed.
    """
    del check
    resource, _, subresource = value.resource.partition("/")
    plural, _, group = resource.partition(".")
    attributes = {
        "verb": value.verb,
        "resource": plural,
        "group": group,
        "subresource": subresource,
        "name": value.name,
        "namespace": value.namespace,
    }
    groups = list(value.groups)
    if value.user.startswith("system:serviceaccount:"):
        namespace = value.user.split(":")[2]
        groups += ["system:serviceaccounts", f"system:serviceaccounts:{namespace}"]
    review = {
        "user": value.user,
        "groups": [*groups, "system:authenticated"],
        "resourceAttributes": {name: each for name, each in attributes.items() if each},
    }
    is_allowed, reason = stage.target.kubernetes.may(review)
    word = "may" if is_allowed else "may not"
    seen = f"{value.user} {word} {value.verb} {value.resource}" + (f" ({reason})" if reason else "")
    return Verdict(is_allowed is value.allowed, seen)
