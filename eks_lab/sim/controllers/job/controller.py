"""Reconciles one Job. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.bursts import Bursts
from eks_lab.sim.claims import claim, index_orphans, owned, owner_keys
from eks_lab.sim.controllers.job import indexes, policies
from eks_lab.sim.controllers.job.removal import surplus_of
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import (
    ApiError,
    Key,
    Obj,
    annotations_of,
    duration,
    evolve,
    is_condition_true,
    is_deleting,
    key_of,
    parse_time,
    timestamp,
)
from eks_lab.sim.pod_state import is_active, is_finished, is_ready, phase_of
from eks_lab.sim.pod_template import pod_from_template
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

JOBS = "jobs.batch"
TRACKING = "batch.kubernetes.io/job-tracking"
FAILURE_COUNT = "batch.kubernetes.io/job-index-failure-count"
MANAGER = "kube-controller-manager"
FIRST_BACK_OFF = timedelta(seconds=10)
LONGEST_BACK_OFF = timedelta(minutes=10)
"""DefaultJobPodFailureBackOff and MaxJobPodFailureBackOff."""
OWN_MANAGER = "kubernetes.io/job-controller"
"""`spec.managedBy` of jobs that this controller looks after."""


@dataclass(slots=True)
class _Work:
    """One reconcile: the job, its pods, and the status that is being built."""

    job: Obj
    pods: list[Obj]
    succeeded: int
    failed: int
    done: set[int]
    """Indexes that succeeded."""
    lost: set[int]
    """Indexes that failed for good."""
    conditions: list[Obj]
    failure: tuple[str, str] | None = None
    """Reason and message of a job that is to fail."""
    success: tuple[str, str] | None = None
    wait: timedelta | None = None
    newly_finished: list[Obj] = field(default_factory=list)

    @property
    def active(self) -> list[Obj]:
        return [pod for pod in self.pods if is_active(pod)]

    @property
    def terminating(self) -> list[Obj]:
        return [pod for pod in self.pods if "deletionTimestamp" in pod["metadata"] and not is_finished(pod)]

    @property
    def is_indexed(self) -> bool:
        return bool(self.job["spec"].get("completionMode") == "Indexed")

    def look_again(self, after: timedelta) -> None:
        self.wait = min(self.wait, after) if self.wait else after


class JobController:
    """Runs jobs to their end."""

    name: ClassVar[str] = "job"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self.watches: Sequence[Watch] = (Watch(JOBS), Watch("pods", self._keys_of_pod))
        index_orphans(api, "pods")
        self._bursts = Bursts(clock)
        self._last_failure: dict[str, tuple[int, str]] = {}
        """Job uid -> failures in a row and when the last one ended."""

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        return owner_keys(event.obj, "Job")

    # --- one reconcile -------------------------------------------------------------------------------------

    def reconcile(self, key: Key) -> Result:
        """Count what ended, start or stop pods, and write the status."""
        job = self._api.get(JOBS, key)
        if job is None:
            self._release_orphans(key)
            self._bursts.forget(key)
            return DONE
        if job["spec"].get("managedBy") not in (None, OWN_MANAGER):
            # Kueue and its like count for themselves.
            return DONE
        pods = claim(self._api, job, "pods", job["spec"].get("selector"), MANAGER)
        if is_finished_job(job) or is_deleting(job):
            self._untrack(pods)
            return DONE
        work = self._open(job, pods)
        self._count(work)
        self._decide_end(work)
        failure: ApiError | None = None
        try:
            self._manage(work)
        except ApiError as error:
            failure = error
        self._write(work)
        self._untrack(work.newly_finished)
        if failure is not None:
            raise failure
        return Result(work.wait) if work.wait else DONE

    def _open(self, job: Obj, pods: list[Obj]) -> _Work:
        status = job.get("status") or {}
        return _Work(
            job,
            pods,
            status.get("succeeded", 0),
            status.get("failed", 0),
            indexes.read(status.get("completedIndexes", "")),
            indexes.read(status.get("failedIndexes", "")),
            list(status.get("conditions") or ()),
        )

    def _count(self, work: _Work) -> None:
        """Count pods that ended and were not counted yet: those that still carry the finalizer."""
        job, uid = work.job, work.job["metadata"]["uid"]
        for pod in work.pods:
            if TRACKING not in (pod["metadata"].get("finalizers") or ()):
                continue
            phase = phase_of(pod)
            is_gone = "deletionTimestamp" in pod["metadata"] and not pod["spec"].get("nodeName")
            if phase == "Succeeded":
                index = indexes.index_of(pod)
                is_new = not work.is_indexed or (
                    0 <= index < job["spec"]["completions"] and index not in work.done
                )
                if work.is_indexed and is_new:
                    work.done.add(index)
                work.succeeded += is_new
                self._last_failure.pop(uid, None)
            elif phase == "Failed" or is_gone:
                self._count_failure(work, pod)
            else:
                continue
            work.newly_finished.append(pod)

    def _count_failure(self, work: _Work, pod: Obj) -> None:
        action, message = (
            policies.judge_failure(work.job, pod) if phase_of(pod) == "Failed" else ("Count", "")
        )
        if action == "Ignore":
            return
        if action == "FailJob" and work.failure is None:
            work.failure = ("PodFailurePolicy", message)
        work.failed += 1
        uid = work.job["metadata"]["uid"]
        row, _ = self._last_failure.get(uid, (0, ""))
        self._last_failure[uid] = (row + 1, timestamp(_ended_at(pod) or self._clock.now()))
        limit = work.job["spec"].get("backoffLimitPerIndex")
        if work.is_indexed and limit is not None:
            count = int(annotations_of(pod).get(FAILURE_COUNT, "0"))
            if action == "FailIndex" or count >= limit:
                work.lost.add(indexes.index_of(pod))

    def _decide_end(self, work: _Work) -> None:
        spec, status = work.job["spec"], work.job.get("status") or {}
        ended = next((each for each in work.conditions if each["type"] == "FailureTarget"), None)
        if ended is not None and ended["status"] == "True":
            work.failure = (ended["reason"], ended.get("message", ""))
            return
        won = next((each for each in work.conditions if each["type"] == "SuccessCriteriaMet"), None)
        if won is not None and won["status"] == "True":
            work.success = (won["reason"], won.get("message", ""))
            return
        if work.failure is not None:
            return
        restarts = 0
        if ((spec["template"].get("spec") or {}).get("restartPolicy")) == "OnFailure":
            restarts = sum(_restarts(pod) for pod in work.active)
        limit = spec.get("backoffLimit", 6)
        if work.failed > limit or (restarts and restarts >= max(limit, 1)):
            work.failure = ("BackoffLimitExceeded", "Job has reached the specified backoff limit")
        elif self._is_overdue(work, status):
            work.failure = ("DeadlineExceeded", "Job was active longer than specified deadline")
        elif work.is_indexed and work.lost:
            most = spec.get("maxFailedIndexes")
            if most is not None and len(work.lost) > most:
                message = "Job has exceeded the specified maximal number of failed indexes"
                work.failure = ("MaxFailedIndexesExceeded", message)
            elif len(work.lost | work.done) >= spec["completions"] and not work.active:
                work.failure = ("FailedIndexes", "Job has failed indexes")
        if work.failure is None and work.is_indexed and (rule := policies.success_rule(work.job, work.done)):
            work.success = ("SuccessPolicy", rule)
        if work.failure is None and work.success is None and self._is_complete(work):
            work.success = ("CompletionsReached", "Reached expected number of succeeded pods")

    def _is_overdue(self, work: _Work, status: Obj) -> bool:
        seconds = work.job["spec"].get("activeDeadlineSeconds")
        if seconds is None or not status.get("startTime") or work.job["spec"].get("suspend"):
            return False
        left = duration(seconds) - (self._clock.now() - parse_time(status["startTime"]))
        if left > timedelta(0):
            work.look_again(left)
            return False
        return True

    def _is_complete(self, work: _Work) -> bool:
        completions = work.job["spec"].get("completions")
        if completions is None:
            return work.succeeded > 0 and not work.active and not work.terminating
        if work.is_indexed:
            return bool(len(work.done) >= completions)
        return bool(work.succeeded >= completions)

    # --- pods ----------------------------------------------------------------------------------------------

    def _manage(self, work: _Work) -> None:
        spec = work.job["spec"]
        active = work.active
        if work.failure is not None or work.success is not None:
            # What still ran when the job failed counts as failed.
            work.failed += len(active) if work.failure is not None else 0
            self._delete(work, active)
            return
        if spec.get("suspend"):
            self._delete(work, active)
            return
        parallelism = spec.get("parallelism", 1)
        wanted = self._wanted(work, parallelism)
        surplus = surplus_of(
            active, len(active) - wanted, spec.get("completions") if work.is_indexed else None
        )
        if surplus:
            self._delete(work, surplus)
            return
        occupied = len(active)
        if spec.get("podReplacementPolicy") == "Failed" or spec.get("podFailurePolicy"):
            # Only pods that have really ended are replaced.
            occupied += len(work.terminating)
        if wanted <= occupied:
            return
        key = key_of(work.job)
        missing = self._bursts.allowance(key, wanted - occupied)
        if pause := self._bursts.left(key):
            work.look_again(pause)
        if not missing:
            return
        if work.is_indexed and spec.get("backoffLimitPerIndex") is not None:
            self._create_by_index(work, missing)
            return
        left = self._back_off(work)
        if left > timedelta(0):
            work.look_again(left)
            return
        self._create(work, missing, self._free_indexes(work))

    def _create_by_index(self, work: _Work, missing: int) -> None:
        """Create pods of indexes whose own back-off is over (getPodCreationInfoForIndependentIndexes)."""
        ready, waits = [], []
        for index in islice(self._free_indexes(work), missing):
            left = self._index_back_off(work, index)
            if left > timedelta(0):
                waits.append(left)
            else:
                ready.append(index)
        if waits:
            work.look_again(min(waits))
        self._create(work, len(ready), ready)

    def _index_back_off(self, work: _Work, index: int) -> timedelta:
        failed = [pod for pod in work.pods if indexes.index_of(pod) == index and phase_of(pod) == "Failed"]
        if not failed:
            return timedelta(0)
        last = max(failed, key=lambda pod: int(annotations_of(pod).get(FAILURE_COUNT, "0")))
        count = int(annotations_of(last).get(FAILURE_COUNT, "0"))
        delay = min(FIRST_BACK_OFF * 2 ** min(count, 20), LONGEST_BACK_OFF)
        now = self._clock.now()
        left: timedelta = (_ended_at(last) or now) + delay - now
        return left

    def _wanted(self, work: _Work, parallelism: int) -> int:
        completions = work.job["spec"].get("completions")
        if completions is None:
            return len(work.active) if work.succeeded else int(parallelism)
        ended = work.succeeded
        if work.is_indexed:
            ended = sum(1 for index in work.done | work.lost if index < completions)
        left = completions - ended
        return int(max(min(left, parallelism), 0))

    def _back_off(self, work: _Work) -> timedelta:
        """Return how long to wait before the next pod after failures in a row."""
        row, moment = self._last_failure.get(work.job["metadata"]["uid"], (0, ""))
        if not row:
            return timedelta(0)
        delay = min(FIRST_BACK_OFF * 2 ** min(row - 1, 20), LONGEST_BACK_OFF)
        left: timedelta = parse_time(moment) + delay - self._clock.now()
        return left

    def _create(self, work: _Work, count: int, free_indexes: Iterable[int]) -> None:
        job, namespace = work.job, work.job["metadata"]["namespace"]
        free = iter(free_indexes)
        for _ in range(count):
            pod = pod_from_template(job["spec"]["template"], job)
            finalizers = [*(pod["metadata"].get("finalizers") or ()), TRACKING]
            pod["metadata"]["finalizers"] = finalizers
            if work.is_indexed:
                index = next(free, None)
                if index is None:
                    return
                pod = indexes.with_index(pod, job["metadata"]["name"], index)
                if job["spec"].get("backoffLimitPerIndex") is not None:
                    failures = self._failures_of(work, index)
                    pod = evolve(pod, ("metadata", "annotations", FAILURE_COUNT), str(failures))
            try:
                made = self._api.create("pods", pod, namespace=namespace, manager=MANAGER)
            except ApiError as error:
                self._recorder.warning(job, "FailedCreate", f"Error creating: {error.message}")
                raise
            work.pods.append(made)
            self._recorder.normal(job, "SuccessfulCreate", f"Created pod: {made['metadata']['name']}")

    def _failures_of(self, work: _Work, index: int) -> int:
        counts = [
            int(annotations_of(pod).get(FAILURE_COUNT, "0")) + 1
            for pod in work.pods
            if indexes.index_of(pod) == index and phase_of(pod) == "Failed"
        ]
        return max(counts, default=0)

    def _free_indexes(self, work: _Work) -> Iterator[int]:
        """Yield the indexes that may get a pod; there may be two thousand million of them."""
        if not work.is_indexed:
            return
        busy = policies.failed_indexes_of(work.active) | work.done | work.lost
        if work.job["spec"].get("podReplacementPolicy") == "Failed":
            busy |= policies.failed_indexes_of(work.terminating)
        yield from (index for index in range(work.job["spec"]["completions"]) if index not in busy)

    def _delete(self, work: _Work, pods: Sequence[Obj]) -> None:
        for pod in pods:
            self._untrack([pod])
            try:
                self._api.delete("pods", key_of(pod), uid=pod["metadata"]["uid"])
            except ApiError as error:
                if error.code != 404:
                    raise
            self._recorder.normal(work.job, "SuccessfulDelete", f"Deleted pod: {pod['metadata']['name']}")
        work.pods = owned(self._api, work.job, "pods")

    def _untrack(self, pods: Iterable[Obj]) -> None:
        for pod in pods:
            if TRACKING in (pod["metadata"].get("finalizers") or ()):
                try:
                    self._api.finalize("pods", key_of(pod), TRACKING)
                except ApiError as error:
                    if error.code != 404:
                        raise

    def _release_orphans(self, key: Key) -> None:
        """A job is gone: pods it left must not wait for it."""
        for pod in self._api.items("pods", key.namespace):
            if TRACKING in (pod["metadata"].get("finalizers") or ()) and key in owner_keys(pod, "Job"):
                self._untrack([pod])

    # --- status --------------------------------------------------------------------------------------------

    def _write(self, work: _Work) -> None:
        job = self._api.get(JOBS, key_of(work.job))
        if job is None:
            return
        now, spec = self._clock.now(), job["spec"]
        old = job.get("status") or {}
        active, terminating = work.active, work.terminating
        is_over = not active and not terminating
        status: Obj = {}
        conditions = list(work.conditions)
        if work.failure is not None:
            conditions = self._with(conditions, "FailureTarget", *work.failure)
            if is_over:
                conditions = self._with(conditions, "Failed", *work.failure)
                self._recorder.warning(job, *work.failure)
        elif work.success is not None:
            conditions = self._with(conditions, "SuccessCriteriaMet", *work.success)
            if is_over:
                conditions = self._with(conditions, "Complete", *work.success)
                status["completionTime"] = timestamp(now)
                self._recorder.normal(job, "Completed", "Job completed")
        else:
            conditions = self._suspension(job, conditions)
        is_suspended = bool(spec.get("suspend"))
        if old.get("startTime") and not is_suspended:
            status["startTime"] = old["startTime"]
        elif not is_suspended:
            status["startTime"] = timestamp(now)
        if conditions:
            status["conditions"] = conditions
        counts = {"active": len(active), "succeeded": work.succeeded, "failed": work.failed}
        status |= {name: count for name, count in counts.items() if count}
        if work.is_indexed and work.done:
            status["completedIndexes"] = indexes.written(work.done)
        if work.is_indexed and spec.get("backoffLimitPerIndex") is not None:
            status["failedIndexes"] = indexes.written(work.lost)
        status["ready"] = sum(is_ready(pod) for pod in active)
        status["terminating"] = len(terminating)
        status["uncountedTerminatedPods"] = {}
        if status != old:
            self._api.update_status(JOBS, {**job, "status": status}, manager=MANAGER)
        seconds = spec.get("activeDeadlineSeconds")
        if seconds is not None and status.get("startTime") and work.failure is None and work.success is None:
            left = duration(seconds) - (now - parse_time(status["startTime"]))
            if left > timedelta(0):
                work.look_again(left)

    def _suspension(self, job: Obj, conditions: list[Obj]) -> list[Obj]:
        present = next((each for each in conditions if each["type"] == "Suspended"), None)
        is_suspended = bool(job["spec"].get("suspend"))
        if is_suspended and (present is None or present["status"] != "True"):
            self._recorder.normal(job, "Suspended", "Job suspended")
            return self._with(conditions, "Suspended", "JobSuspended", "Job suspended")
        if not is_suspended and present is not None and present["status"] == "True":
            self._recorder.normal(job, "Resumed", "Job resumed")
            return self._with(conditions, "Suspended", "JobResumed", "Job resumed", status="False")
        return conditions

    def _with(
        self, conditions: Sequence[Obj], kind: str, reason: str, message: str, *, status: str = "True"
    ) -> list[Obj]:
        old = next((each for each in conditions if each["type"] == kind), None)
        if old is not None and old["status"] == status:
            return list(conditions)
        moment = timestamp(self._clock.now())
        new = {
            "type": kind,
            "status": status,
            "lastProbeTime": moment,
            "lastTransitionTime": moment,
            "reason": reason,
            "message": message,
        }
        return [new if each["type"] == kind else each for each in conditions] + ([] if old else [new])


def is_finished_job(job: Obj) -> bool:
    """Say whether a job has ended."""
    return is_condition_true(job, "Complete") or is_condition_true(job, "Failed")


def _ended_at(pod: Obj) -> datetime | None:
    """Return when the last container of a pod ended."""
    moments = [
        parse_time(ended["finishedAt"])
        for each in (pod.get("status") or {}).get("containerStatuses") or ()
        if (ended := (each.get("state") or {}).get("terminated")) and ended.get("finishedAt")
    ]
    return max(moments, default=None)


def _restarts(pod: Obj) -> int:
    status = pod.get("status") or {}
    statuses = [*(status.get("initContainerStatuses") or ()), *(status.get("containerStatuses") or ())]
    return sum(each.get("restartCount", 0) for each in statuses)
