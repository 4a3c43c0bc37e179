"""Reconciles one CronJob. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.errors import EksLabError
from eks_lab.kube.cron import Schedule, parse_schedule
from eks_lab.sim.api import Api
from eks_lab.sim.claims import owned, owner_keys
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import (
    ApiError,
    Key,
    Obj,
    duration,
    is_condition_true,
    is_deleting,
    key_of,
    owner_reference,
    parse_time,
    timestamp,
)
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

CRON_JOBS = "cronjobs.batch"
JOBS = "jobs.batch"
MANAGER = "kube-controller-manager"
MOST_MISSED = 100
SCHEDULED_AT = "batch.kubernetes.io/cronjob-scheduled-timestamp"


class CronJobController:
    """Starts jobs on time."""

    name: ClassVar[str] = "cronjob"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self.watches: Sequence[Watch] = (Watch(CRON_JOBS), Watch(JOBS, self._keys_of_job))

    def _keys_of_job(self, event: StoreEvent) -> Iterable[Key]:
        return owner_keys(event.obj, "CronJob")

    def reconcile(self, key: Key) -> Result:
        """Follow the running jobs, tidy up the finished ones, and start what is due."""
        owner = self._api.get(CRON_JOBS, key)
        if owner is None:
            return DONE
        jobs = owned(self._api, owner, JOBS)
        owner = self._follow(owner, jobs)
        self._tidy(owner, jobs)
        if is_deleting(owner) or owner["spec"].get("suspend"):
            return DONE
        try:
            schedule = parse_schedule(owner["spec"]["schedule"], owner["spec"].get("timeZone") or "UTC")
        except EksLabError as error:
            message = f"unparseable schedule: {owner['spec']['schedule']} : {error.message}"
            self._recorder.warning(owner, "UnparseableSchedule", message)
            return DONE
        return self._start_due(owner, schedule)

    # --- running and finished jobs -------------------------------------------------------------------------

    def _follow(self, owner: Obj, jobs: Sequence[Obj]) -> Obj:
        """Bring `status.active` and `lastSuccessfulTime` up to date."""
        status = owner.get("status") or {}
        active = list(status.get("active") or ())
        last_success = status.get("lastSuccessfulTime")
        by_uid = {job["metadata"]["uid"]: job for job in jobs}
        listed = {each.get("uid") for each in active}
        for job in jobs:
            uid, name = job["metadata"]["uid"], job["metadata"]["name"]
            ending = _ending(job)
            if uid not in listed and not ending:
                message = f"Saw a job that the controller did not create or forgot: {name}"
                self._recorder.warning(owner, "UnexpectedJob", message)
            elif uid in listed and ending:
                active = [each for each in active if each.get("uid") != uid]
                message = f"Saw completed job: {name}, condition: {ending}"
                self._recorder.normal(owner, "SawCompletedJob", message)
            if ending == "Complete":
                moment = (job.get("status") or {}).get("completionTime")
                if moment and (last_success is None or moment > last_success):
                    last_success = moment
        for each in list(active):
            if each.get("uid") not in by_uid:
                active.remove(each)
                message = f"Active job went missing: {each.get('name', '')}"
                self._recorder.normal(owner, "MissingJob", message)
        return self._write(owner, active, status.get("lastScheduleTime"), last_success)

    def _write(self, owner: Obj, active: Sequence[Obj], scheduled: str | None, success: str | None) -> Obj:
        status: Obj = {}
        if active:
            status["active"] = list(active)
        if scheduled:
            status["lastScheduleTime"] = scheduled
        if success:
            status["lastSuccessfulTime"] = success
        if status == (owner.get("status") or {}):
            return owner
        return self._api.update_status(CRON_JOBS, {**owner, "status": status}, manager=MANAGER)

    def _tidy(self, owner: Obj, jobs: Sequence[Obj]) -> None:
        for ending, field in (
            ("Complete", "successfulJobsHistoryLimit"),
            ("Failed", "failedJobsHistoryLimit"),
        ):
            limit = owner["spec"].get(field)
            if limit is None:
                continue
            ended = [job for job in jobs if _ending(job) == ending and not is_deleting(job)]
            ended.sort(key=lambda job: ((job.get("status") or {}).get("startTime") or "", key_of(job)))
            for job in ended[: max(len(ended) - limit, 0)]:
                self._delete(owner, job)

    def _delete(self, owner: Obj, job: Obj) -> None:
        name = job["metadata"]["name"]
        try:
            self._api.delete(JOBS, key_of(job), propagation="Background", uid=job["metadata"]["uid"])
        except ApiError as error:
            self._recorder.warning(owner, "FailedDelete", f"Deleted job: {error.message}")
            raise
        self._recorder.normal(owner, "SuccessfulDelete", f"Deleted job {name}")

    # --- starting ------------------------------------------------------------------------------------------

    def _start_due(self, owner: Obj, schedule: Schedule) -> Result:
        now = self._clock.now()
        due = self._due(owner, schedule, now)
        later = schedule.next(now)
        wait = Result(later - now) if later is not None else DONE
        if due is None:
            return wait
        deadline = owner["spec"].get("startingDeadlineSeconds")
        if deadline is not None and due + duration(deadline) < now:
            moment = due.strftime("%a, %d %b %Y %H:%M:%S +0000")
            self._recorder.warning(owner, "MissSchedule", f"Missed scheduled time to start a job: {moment}")
            return wait
        name = f"{owner['metadata']['name']}-{int(due.timestamp()) // 60}"
        active = list((owner.get("status") or {}).get("active") or ())
        if any(each["name"] == name for each in active) or (owner.get("status") or {}).get(
            "lastScheduleTime"
        ) == timestamp(due):
            return wait
        policy = owner["spec"].get("concurrencyPolicy", "Allow")
        if policy == "Forbid" and active:
            message = "Not starting job because prior execution is running and concurrency policy is Forbid"
            self._recorder.normal(owner, "JobAlreadyActive", message)
            return wait
        if policy == "Replace":
            for each in active:
                job = self._api.get(JOBS, Key(owner["metadata"]["namespace"], each["name"]))
                if job is not None:
                    self._delete(owner, job)
            active = []
        self._start(owner, due, name, active)
        return wait

    def _start(self, owner: Obj, due: datetime, name: str, active: list[Obj]) -> None:
        job = self._job(owner, due, name)
        try:
            made = self._api.create(JOBS, job, namespace=owner["metadata"]["namespace"], manager=MANAGER)
        except ApiError as error:
            if error.reason == "AlreadyExists":
                return
            self._recorder.warning(owner, "FailedCreate", f"Error creating job: {error.message}")
            raise
        self._recorder.normal(owner, "SuccessfulCreate", f"Created job {name}")
        reference = {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "name": name,
            "namespace": made["metadata"]["namespace"],
            "resourceVersion": made["metadata"]["resourceVersion"],
            "uid": made["metadata"]["uid"],
        }
        current = self._api.get(CRON_JOBS, key_of(owner)) or owner
        success = (current.get("status") or {}).get("lastSuccessfulTime")
        self._write(current, [*active, reference], timestamp(due), success)

    def _job(self, owner: Obj, due: datetime, name: str) -> Obj:
        template = owner["spec"]["jobTemplate"]
        given = template.get("metadata") or {}
        zone = owner["spec"].get("timeZone")
        local = due.astimezone(parse_schedule("@daily", zone).zone) if zone else due
        moment = local.isoformat(timespec="seconds") if zone else timestamp(due)
        annotations = {**(given.get("annotations") or {}), SCHEDULED_AT: moment}
        metadata: Obj = {
            "name": name,
            "namespace": owner["metadata"]["namespace"],
            "annotations": annotations,
            "ownerReferences": [owner_reference(owner)],
        }
        if given.get("labels"):
            metadata["labels"] = given["labels"]
        return {
            "apiVersion": "batch/v1",
            "kind": "Job",
            "metadata": metadata,
            "spec": template.get("spec") or {},
        }

    def _due(self, owner: Obj, schedule: Schedule, now: datetime) -> datetime | None:
        """Return the latest scheduled time that has come since the last run, or None."""
        status = owner.get("status") or {}
        since = parse_time(status.get("lastScheduleTime") or owner["metadata"]["creationTimestamp"])
        deadline = owner["spec"].get("startingDeadlineSeconds")
        if deadline is not None:
            since = max(since, now - duration(deadline))
        latest, missed = None, 0
        moment = schedule.next(since)
        while moment is not None and moment <= now:
            latest, missed = moment, missed + 1
            if missed > MOST_MISSED:
                return self._after_many_missed(owner, schedule, now, latest)
            moment = schedule.next(moment)
        return latest

    def _after_many_missed(self, owner: Obj, schedule: Schedule, now: datetime, latest: datetime) -> datetime:
        message = (
            "too many missed start times. Set or decrease .spec.startingDeadlineSeconds or check clock skew"
        )
        self._recorder.warning(owner, "TooManyMissedTimes", message)
        step = timedelta(minutes=1)
        back = now - step
        # From behind: the last run lies within twice the longest gap seen by stepping back ever further.
        while (moment := schedule.next(back)) is None or moment > now:
            step *= 2
            back = now - step
            if back <= latest:
                return latest
        while (later := schedule.next(moment)) is not None and later <= now:
            moment = later
        return moment


def _ending(job: Obj) -> str:
    """Return Complete or Failed for a job that has ended."""
    for kind in ("Complete", "Failed"):
        if is_condition_true(job, kind):
            return kind
    return ""
