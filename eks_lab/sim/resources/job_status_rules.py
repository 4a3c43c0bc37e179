"""What the status of a Job may become (pkg/apis/batch/validation ValidateJobStatusUpdate).

Most rules look only at what a write changes: a status that was wrong before, or became wrong by a change of
the spec, may still be written (pkg/registry/batch/job getStatusValidationOptions).
"""

from __future__ import annotations

from eks_lab.sim.objects import (
    FieldError,
    Obj,
    duplicate,
    invalid,
    is_condition_true,
    parse_time,
    required,
)
from eks_lab.sim.resources.field_rules import non_negative_errors
from eks_lab.sim.resources.job_rules import (
    index_interval,
    index_intervals,
    invalid_as_a_whole,
    is_indexed,
)

_CONDITIONS = "status.conditions"
_COUNTERS = ("active", "succeeded", "failed", "ready", "terminating")


class _Change:
    """The status before and after, and which parts differ."""

    def __init__(self, new: Obj, old: Obj) -> None:
        self.job, self.old_job = new, old
        self.spec: Obj = new["spec"]
        self.new: Obj = new.get("status") or {}
        self.old: Obj = old.get("status") or {}
        self.is_complete = is_condition_true(new, "Complete")
        self.is_failed = is_condition_true(new, "Failed")
        self.is_won = is_condition_true(new, "SuccessCriteriaMet")
        self.is_lost = is_condition_true(new, "FailureTarget")
        self.is_finished = self.is_complete or self.is_failed
        was_complete, was_failed = is_condition_true(old, "Complete"), is_condition_true(old, "Failed")
        self.completes = self.is_complete != was_complete
        self.fails = self.is_failed != was_failed
        self.finishes = self.is_finished != (was_complete or was_failed)

    def changes(self, *names: str) -> bool:
        """Say whether one of the fields differs."""
        return any((self.new.get(name) or None) != (self.old.get(name) or None) for name in names)

    def turns(self, condition: str) -> bool:
        """Say whether a condition becomes true or stops being true."""
        return is_condition_true(self.job, condition) != is_condition_true(self.old_job, condition)


def job_status_errors(new: Obj, old: Obj) -> list[FieldError]:
    """Return the errors of a write of a job's status.

    Args:
        new: the job with the status that is to be.
        old: the job as stored.
    """
    change = _Change(new, old)
    errors: list[FieldError] = []
    for name in _COUNTERS:
        errors.extend(non_negative_errors(change.new.get(name), f"status.{name}"))
    errors.extend(_uncounted_errors(change.new.get("uncountedTerminatedPods") or {}))
    errors.extend(_completion_errors(change))
    errors.extend(_finished_errors(change))
    errors.extend(_index_errors(change))
    errors.extend(_late_errors(change))
    return errors + _transition_errors(change)


def _uncounted_errors(pods: Obj) -> list[FieldError]:
    errors: list[FieldError] = []
    seen: set[str] = set()
    for kind in ("succeeded", "failed"):
        for number, uid in enumerate(pods.get(kind) or ()):
            path = f"status.uncountedTerminatedPods.{kind}[{number}]"
            if not uid:
                errors.append(invalid(path, uid, "must not be empty"))
            elif uid in seen:
                errors.append(duplicate(path, uid))
            seen.add(uid)
    return errors


def _completion_errors(change: _Change) -> list[FieldError]:
    errors: list[FieldError] = []
    start, end = change.new.get("startTime"), change.new.get("completionTime")
    if (change.completes or change.fails) and change.is_complete and change.is_failed:
        errors.append(invalid_as_a_whole(_CONDITIONS, "cannot set Complete=True and Failed=true conditions"))
    if (change.completes or change.turns("FailureTarget")) and change.is_complete and change.is_lost:
        errors.append(
            invalid_as_a_whole(_CONDITIONS, "cannot set Complete=True and FailureTarget=true conditions")
        )
    if change.completes or change.changes("completionTime"):
        if end and not change.is_complete:
            detail = "cannot set completionTime when there is no Complete=True condition"
            errors.append(invalid("status.completionTime", end, detail))
        if not end and change.is_complete:
            errors.append(required("status.completionTime", "completionTime is required for Complete jobs"))
    if (
        change.changes("startTime", "completionTime")
        and start
        and end
        and parse_time(end) < parse_time(start)
    ):
        errors.append(invalid("status.completionTime", end, "completionTime cannot be set before startTime"))
    if (change.fails or change.turns("FailureTarget")) and change.is_failed and not change.is_lost:
        detail = "cannot set Failed=True condition without the FailureTarget=true condition"
        errors.append(invalid_as_a_whole(_CONDITIONS, detail))
    if (change.completes or change.turns("SuccessCriteriaMet")) and change.is_complete and not change.is_won:
        detail = "cannot set Complete=True condition without the SuccessCriteriaMet=true condition"
        errors.append(invalid_as_a_whole(_CONDITIONS, detail))
    return errors


def _finished_errors(change: _Change) -> list[FieldError]:
    errors: list[FieldError] = []
    if not change.is_finished:
        return errors
    active, pods = change.new.get("active") or 0, change.new.get("uncountedTerminatedPods") or {}
    if (change.finishes or change.changes("active")) and active > 0:
        errors.append(invalid("status.active", active, "active>0 is invalid for finished job"))
    is_nothing_to_do = bool(change.spec.get("suspend")) and change.spec.get("completions") == 0
    starts = change.finishes or change.changes("startTime")
    if starts and not is_nothing_to_do and not change.new.get("startTime"):
        errors.append(required("status.startTime", "startTime is required for finished job"))
    if (change.finishes or change.changes("uncountedTerminatedPods")) and (
        pods.get("succeeded") or pods.get("failed")
    ):
        detail = "uncountedTerminatedPods needs to be empty for finished job"
        errors.append(invalid("status.uncountedTerminatedPods", pods, detail))
    return errors


def _index_errors(change: _Change) -> list[FieldError]:
    errors: list[FieldError] = []
    completions = change.spec.get("completions")
    completed, failed = change.new.get("completedIndexes") or "", change.new.get("failedIndexes")
    completed_path, failed_path = "status.completedIndexes", "status.failedIndexes"
    completed_changes, failed_changes = change.changes("completedIndexes"), change.changes("failedIndexes")
    limit = change.spec.get("backoffLimitPerIndex")
    if completed_changes and completions is not None:
        errors.extend(_format_errors(completed, completions, completed_path))
    if failed_changes and completions is not None and limit is not None and failed is not None:
        errors.extend(_format_errors(failed, completions, failed_path))
    if completed_changes and completed and not is_indexed(change.spec):
        detail = "cannot set non-empty completedIndexes when non-indexed completion mode"
        errors.append(invalid(completed_path, completed, detail))
    if failed_changes and limit is None and failed is not None:
        detail = "cannot set non-null failedIndexes when backoffLimitPerIndex is null"
        errors.append(invalid(failed_path, failed, detail))
    if (completed_changes or failed_changes) and completions is not None and failed:
        both = _first_in_both(completed, failed, completions)
        if both is not None:
            detail = f"failedIndexes and completedIndexes overlap at index: {both}"
            errors.append(invalid(failed_path, failed, detail))
    return errors


def _format_errors(text: str, completions: int, path: str) -> list[FieldError]:
    try:
        index_intervals(text, completions)
    except ValueError as problem:
        return [invalid(path, text, f"error parsing {path.removeprefix('status.')}: {problem}")]
    return []


def _readable(text: str, completions: int) -> list[tuple[int, int]]:
    """Return the intervals that can be read; the others have their own error."""
    found = []
    for interval in text.split(",") if text else ():
        try:
            found.append(index_interval(interval, completions))
        except ValueError:
            continue
    return found


def _first_in_both(completed: str, failed: str, completions: int) -> int | None:
    ours, theirs = _readable(completed, completions), _readable(failed, completions)
    while ours and theirs:
        (first, last), (other_first, other_last) = ours[0], theirs[0]
        if first <= other_last and other_first <= last:
            return max(first, other_first)
        if first <= other_first:
            del ours[0]
        else:
            del theirs[0]
    return None


def _late_errors(change: _Change) -> list[FieldError]:
    errors: list[FieldError] = []
    terminating, ready = change.new.get("terminating") or 0, change.new.get("ready")
    if (change.finishes or change.changes("terminating")) and terminating > 0 and change.is_finished:
        errors.append(invalid("status.terminating", terminating, "terminating>0 is invalid for finished job"))
    active = change.new.get("active") or 0
    if ready is not None and ready > active and change.changes("ready", "active"):
        errors.append(invalid("status.ready", ready, "cannot set more ready pods than active"))
    if change.is_won and change.is_failed:
        detail = "cannot set SuccessCriteriaMet=True and Failed=true conditions"
        errors.append(invalid_as_a_whole(_CONDITIONS, detail))
    if change.is_won and change.is_lost:
        detail = "cannot set SuccessCriteriaMet=True and FailureTarget=true conditions"
        errors.append(invalid_as_a_whole(_CONDITIONS, detail))
    if change.spec.get("successPolicy") is not None and not change.is_won and change.is_complete:
        detail = "cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True"
        errors.append(invalid_as_a_whole(_CONDITIONS, detail))
    return errors


def _transition_errors(change: _Change) -> list[FieldError]:
    errors: list[FieldError] = []
    for kind in ("Failed", "Complete", "FailureTarget"):
        if is_condition_true(change.old_job, kind) and not is_condition_true(change.job, kind):
            detail = f"cannot disable the terminal {kind}=True condition"
            errors.append(invalid_as_a_whole(_CONDITIONS, detail))
    # Jobs with as many completions as pods at once may be scaled down, and forget what succeeded.
    is_elastic = is_indexed(change.spec) and change.spec.get("completions") == change.spec.get("parallelism")
    for name in ("failed", "succeeded"):
        count = change.new.get(name) or 0
        if count < (change.old.get(name) or 0) and not (name == "succeeded" and is_elastic):
            errors.append(invalid(f"status.{name}", count, f"cannot decrease the {name} counter"))
    end, old_end = change.new.get("completionTime"), change.old.get("completionTime")
    if end and old_end and end != old_end:
        errors.append(invalid("status.completionTime", end, "completionTime cannot be mutated"))
    if change.old.get("startTime") and change.changes("startTime") and not change.spec.get("suspend"):
        errors.append(required("status.startTime", "startTime cannot be removed for unsuspended job"))
    was_won = is_condition_true(change.old_job, "SuccessCriteriaMet")
    if was_won and not change.is_won:
        detail = "cannot disable the SuccessCriteriaMet=True condition"
        errors.append(invalid_as_a_whole(_CONDITIONS, detail))
    if is_condition_true(change.old_job, "Complete") and not was_won and change.is_won:
        detail = "cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions"
        errors.append(invalid_as_a_whole(_CONDITIONS, detail))
    return errors
