"""CronJobs: schedules, time zones, the template of their jobs."""

from __future__ import annotations

import re
from datetime import datetime

from eks_lab.kube.cron import CronError, load_zone, parse_schedule
from eks_lab.sim.objects import FieldError, Obj, invalid, not_supported, required
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import (
    AGE,
    NAME,
    NONE,
    UNSET,
    age_text,
    field_of,
    selector_text,
    template_containers,
)
from eks_lab.sim.resources.field_rules import enum_errors, non_negative_errors
from eks_lab.sim.resources.job_rules import job_spec_errors, job_spec_warnings, name_warnings
from eks_lab.sim.resources.jobs import default_failure_policy
from eks_lab.sim.resources.pod_defaults import default_template

_POLICIES = ("Allow", "Forbid", "Replace")
_LONGEST_NAME = 52
"""Jobs are named after their CronJob and the minute: 11 letters of the 63 that a label may have."""

_ZONE_PART = re.compile(r"[A-Za-z.\-_0-9+]{1,14}", re.ASCII)
_ZONE_IN_SCHEDULE = re.compile(r"(?:CRON_)?TZ=([^ ]*) +(.*)", re.DOTALL)


def _default(obj: Obj, world: World) -> None:
    spec = obj.setdefault("spec", {})
    for field, value in (
        ("concurrencyPolicy", "Allow"),
        ("suspend", False),
        ("successfulJobsHistoryLimit", 3),
        ("failedJobsHistoryLimit", 1),
    ):
        # An empty text is absent too, a limit of zero is not.
        if spec.get(field) in (None, ""):
            spec[field] = value
    job = spec.setdefault("jobTemplate", {})
    job.setdefault("metadata", {})
    job_spec = job.setdefault("spec", {})
    default_template(job_spec.setdefault("template", {}))
    default_failure_policy(job_spec)
    obj.setdefault("status", {})


def _prepare_create(obj: Obj, world: World) -> None:
    obj["status"] = {}


def _schedule_problem(schedule: str) -> str:
    """Return what the parser says of a schedule, empty when it can be read.

    The parser knows a zone in front (`TZ=UTC 0 3 * * *`); that it is not allowed is another error.
    """
    zoned = _ZONE_IN_SCHEDULE.fullmatch(schedule)
    zone = zoned[1] if zoned else ""
    try:
        if zone and zone != "Local":
            load_zone(zone)
    except CronError as error:
        return f"provided bad location {zone}: {error.message}"
    try:
        parse_schedule(zoned[2].strip() if zoned else schedule)
    except CronError as error:
        return error.message
    return ""


def _schedule_errors(schedule: str, zone: str | None, old: str | None) -> list[FieldError]:
    path = "spec.schedule"
    if not schedule:
        return [required(path)]
    problem = _schedule_problem(schedule)
    errors = [invalid(path, schedule, problem)] if problem else []
    if "TZ" in schedule:
        if old is None or "TZ" not in old:
            detail = "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"
            errors.append(invalid(path, schedule, detail))
        elif zone is not None:
            detail = "cannot use both timeZone field and TZ or CRON_TZ in schedule"
            errors.append(invalid(path, schedule, detail))
    return errors


def _zone_errors(zone: str | None) -> list[FieldError]:
    path = "spec.timeZone"
    if zone is None:
        return []
    if not zone:
        return [invalid(path, zone, "timeZone must be nil or non-empty string")]
    for part in zone.split("/"):
        if part in (".", "..") or part.startswith("-") or _ZONE_PART.fullmatch(part) is None:
            return [invalid(path, zone, f"unknown time zone {zone}")]
    errors: list[FieldError] = []
    if zone.lower() == "local":
        detail = "timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones"
        errors.append(invalid(path, zone, detail))
    try:
        if zone != "Local":
            load_zone(zone)
    except CronError as error:
        errors.append(invalid(path, zone, error.message))
    return errors


def _spec_errors(spec: Obj, old: Obj | None) -> list[FieldError]:
    zone = spec.get("timeZone")
    before = None if old is None else old.get("schedule") or ""
    errors = _schedule_errors(spec.get("schedule") or "", zone, before)
    path = "spec.startingDeadlineSeconds"
    errors.extend(non_negative_errors(spec.get("startingDeadlineSeconds"), path))
    if old is None or old.get("timeZone") != zone:
        errors.extend(_zone_errors(zone))
    errors.extend(enum_errors(spec.get("concurrencyPolicy"), _POLICIES, "spec.concurrencyPolicy"))
    job, path = spec["jobTemplate"]["spec"], "spec.jobTemplate.spec"
    errors.extend(job_spec_errors(job, path))
    if job.get("selector") is not None:
        errors.append(invalid(f"{path}.selector", job["selector"], "`selector` will be auto-generated"))
    if job.get("manualSelector"):
        errors.append(not_supported(f"{path}.manualSelector", True, ("nil", "false")))
    for limit in ("successfulJobsHistoryLimit", "failedJobsHistoryLimit"):
        errors.extend(non_negative_errors(spec.get(limit), f"spec.{limit}"))
    return errors


def _validate(obj: Obj, world: World) -> list[FieldError]:
    errors = _spec_errors(obj["spec"], None)
    name = obj["metadata"].get("name", "")
    if len(name.encode()) > _LONGEST_NAME:
        errors.append(invalid("metadata.name", name, f"must be no more than {_LONGEST_NAME} characters"))
    return errors


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return _spec_errors(new["spec"], old["spec"])


def _warnings(obj: Obj, old: Obj | None, world: World) -> list[str]:
    job, path = obj["spec"]["jobTemplate"]["spec"], "spec.jobTemplate.spec"
    if old is None:
        return name_warnings(obj["metadata"]["name"]) + job_spec_warnings(job, None, path)
    if obj["spec"] == old["spec"]:
        return []
    return job_spec_warnings(job, old["spec"]["jobTemplate"]["spec"], path)


def _last_schedule(obj: Obj, now: datetime) -> str:
    last = (obj.get("status") or {}).get("lastScheduleTime")
    return age_text(last, now) if last else NONE


CRON_JOBS = Resource(
    plural="cronjobs",
    kind="CronJob",
    group="batch",
    short_names=("cj",),
    categories=("all",),
    has_status=True,
    columns=(
        NAME,
        Column("Schedule", field_of("spec", "schedule")),
        Column("Timezone", field_of("spec", "timeZone", otherwise=NONE)),
        Column("Suspend", lambda each, now: str(each["spec"].get("suspend", UNSET)), type="boolean"),
        Column(
            "Active",
            lambda each, now: len((each.get("status") or {}).get("active") or ()),
            type="integer",
        ),
        Column("Last Schedule", _last_schedule),
        AGE,
        *template_containers("spec", "jobTemplate", "spec", "template"),
        Column(
            "Selector",
            lambda each, now: selector_text(each["spec"]["jobTemplate"]["spec"].get("selector")),
            wide=True,
        ),
    ),
    default=_default,
    prepare_create=_prepare_create,
    validate=_validate,
    validate_update=_validate_update,
    warnings=_warnings,
    counts_generation=True,
)

RESOURCES = (CRON_JOBS,)
