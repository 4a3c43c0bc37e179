"""podFailurePolicy and successPolicy: which rule holds, and what it says."""

from __future__ import annotations

from collections.abc import Collection
from typing import Literal

from eks_lab.sim.controllers.job.indexes import index_of, read
from eks_lab.sim.objects import Obj, condition_of

Action = Literal["Count", "Ignore", "FailJob", "FailIndex"]


def judge_failure(job: Obj, pod: Obj) -> tuple[Action, str]:
    """Return what a failed pod means, and the message of a job that fails by a rule.

    Args:
        job: with or without a podFailurePolicy.
        pod: in phase Failed.
    """
    rules = (job["spec"].get("podFailurePolicy") or {}).get("rules") or ()
    for number, rule in enumerate(rules):
        text = ""
        if rule.get("onExitCodes"):
            text = _exit_code(pod, rule["onExitCodes"])
        elif rule.get("onPodConditions"):
            text = _pod_condition(pod, rule["onPodConditions"])
        if text:
            action: Action = rule["action"]
            return action, f"{text} matching {action} rule at index {number}"
    return "Count", ""


def _exit_code(pod: Obj, wanted: Obj) -> str:
    status = pod.get("status") or {}
    statuses = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    for each in statuses:
        if wanted.get("containerName") and wanted["containerName"] != each["name"]:
            continue
        ended = (each.get("state") or {}).get("terminated")
        if not ended or not ended.get("exitCode"):
            continue
        code = ended["exitCode"]
        if (code in wanted["values"]) == (wanted["operator"] == "In"):
            place = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
            return f"Container {each['name']} for pod {place} failed with exit code {code}"
    return ""


def _pod_condition(pod: Obj, patterns: Collection[Obj]) -> str:
    for pattern in patterns:
        found = condition_of(pod, pattern["type"])
        if found is not None and found["status"] == pattern.get("status", "True"):
            place = f"{pod['metadata']['namespace']}/{pod['metadata']['name']}"
            return f"Pod {place} has condition {pattern['type']}"
    return ""


def success_rule(job: Obj, succeeded: Collection[int]) -> str:
    """Return the message of the first rule of successPolicy that holds, or nothing."""
    for number, rule in enumerate((job["spec"].get("successPolicy") or {}).get("rules") or ()):
        wanted = read(rule["succeededIndexes"]) if rule.get("succeededIndexes") else None
        present = set(succeeded) & wanted if wanted is not None else set(succeeded)
        count = rule.get("succeededCount")
        if (count is not None and len(present) >= count) or (
            count is None and wanted is not None and present == wanted
        ):
            return f"Matched rules at index {number}"
    return ""


def failed_indexes_of(pods: Collection[Obj]) -> set[int]:
    """Return the indexes of pods."""
    return {index for pod in pods if (index := index_of(pod)) >= 0}
