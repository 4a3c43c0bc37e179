"""Jobs: defaults, the generated selector, what may change, columns."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from eks_lab.kube import names
from eks_lab.sim.objects import (
    FieldError,
    Obj,
    invalid,
    is_condition_true,
    is_deleting,
    parse_time,
    required,
)
from eks_lab.sim.resource import Column, Resource, World
from eks_lab.sim.resources.columns import AGE, NAME, duration_text, selector_text, template_containers
from eks_lab.sim.resources.field_rules import (
    LARGEST_INT32,
    immutable_errors,
    selector_errors,
    value_problems,
)
from eks_lab.sim.resources.go_structs import go_value
from eks_lab.sim.resources.job_rules import is_indexed, job_spec_errors, job_spec_warnings, name_warnings
from eks_lab.sim.resources.job_status_rules import job_status_errors
from eks_lab.sim.resources.pod_defaults import default_template
from eks_lab.sim.selection import matches

CONTROLLER_UID = "batch.kubernetes.io/controller-uid"
JOB_NAME = "batch.kubernetes.io/job-name"
_OLD_CONTROLLER_UID = "controller-uid"
_OLD_JOB_NAME = "job-name"

_STATES = ("Suspended", "FailureTarget", "SuccessCriteriaMet")
_ALWAYS_MUTABLE_WHILE_SUSPENDED = ("nodeSelector", "tolerations", "schedulingGates")


def default_failure_policy(spec: Obj) -> None:
    """Fill in the states of pod conditions, in the spec of a job or of a CronJob's template."""
    for rule in (spec.get("podFailurePolicy") or {}).get("rules") or ():
        for pattern in rule.get("onPodConditions") or ():
            if not pattern.get("status"):
                pattern["status"] = "True"


def _default(job: Obj, world: World) -> None:
    spec = job.setdefault("spec", {})
    template = spec.setdefault("template", {})
    default_template(template)
    if spec.get("completions") is None and spec.get("parallelism") is None:
        spec["completions"] = 1
    has_limit_per_index = spec.get("backoffLimitPerIndex") is not None
    has_failure_policy = spec.get("podFailurePolicy") is not None
    for field, value in (
        ("parallelism", 1),
        ("backoffLimit", LARGEST_INT32 if has_limit_per_index else 6),
        ("completionMode", "NonIndexed"),
        ("suspend", False),
        ("manualSelector", False),
        ("podReplacementPolicy", "Failed" if has_failure_policy else "TerminatingOrFailed"),
    ):
        if spec.get(field) is None:
            spec[field] = value
    default_failure_policy(spec)
    labels = (template.get("metadata") or {}).get("labels")
    if labels and not job["metadata"].get("labels"):
        # One map for both, as in the real server: what is generated below then shows on the job too.
        job["metadata"]["labels"] = labels
    job.setdefault("status", {})


def _prepare_create(job: Obj, world: World) -> None:
    job["status"] = {}
    if not job["spec"].get("manualSelector"):
        _generate_selector(job)


def _generate_selector(job: Obj) -> None:
    """Label the pods with the job's name and uid, and select them (pkg/registry/batch/job generateSelector)."""
    metadata, spec = job["metadata"], job["spec"]
    template_metadata = spec["template"].setdefault("metadata", {})
    labels = template_metadata.get("labels")
    name, uid = metadata.get("name", ""), metadata.get("uid", "")
    # The real server copies them to a job without labels when it reads the stored job; a name that is no
    # label value is refused before that, and named once.
    is_shared = metadata["labels"] is labels if metadata.get("labels") else not value_problems(name)
    generated = {_OLD_JOB_NAME: name, JOB_NAME: name, _OLD_CONTROLLER_UID: uid, CONTROLLER_UID: uid}
    template_metadata["labels"] = {**generated, **(labels or {})}
    if is_shared:
        metadata["labels"] = dict(template_metadata["labels"])
    selector = dict(spec.get("selector") or {})
    selector["matchLabels"] = {CONTROLLER_UID: uid, **(selector.get("matchLabels") or {})}
    spec["selector"] = selector


def _sorted(value: Mapping[str, Any] | None) -> Any:
    """Return a map with its keys in order, as Go writes them."""
    return None if value is None else {key: value[key] for key in sorted(value)}


def _shown_selector(selector: Obj) -> Obj:
    return {**selector, **{k: _sorted(selector[k]) for k in ("matchLabels",) if selector.get(k)}}


def _generated_errors(job: Obj) -> list[FieldError]:
    """Return where generated labels and selector are not what they must be (validateGeneratedSelector)."""
    metadata, spec = job["metadata"], job["spec"]
    if spec.get("manualSelector") or spec.get("selector") is None:
        return []
    name, uid = metadata.get("name", ""), metadata.get("uid", "")
    expected = {_OLD_CONTROLLER_UID: uid, _OLD_JOB_NAME: name, CONTROLLER_UID: uid, JOB_NAME: name}
    labels = (spec["template"].get("metadata") or {}).get("labels") or {}
    errors: list[FieldError] = []
    for key, value in expected.items():
        path = f"spec.template.metadata.labels[{key}]"
        if key not in labels:
            errors.append(required(path, f"must be '{value}'"))
        elif labels[key] != value:
            errors.append(invalid(path, _sorted(labels), f"must be '{value}'"))
    if not selector_errors(spec["selector"], "") and not matches(spec["selector"], expected):
        shown = _shown_selector(spec["selector"])
        errors.append(invalid("spec.selector", shown, "`selector` not auto-generated"))
    return errors


def _spec_errors(spec: Obj) -> list[FieldError]:
    errors = job_spec_errors(spec, "spec")
    selector = spec.get("selector")
    found: list[FieldError] = []
    if selector is None:
        errors.append(required("spec.selector"))
    else:
        found = selector_errors(selector, "spec.selector")
        errors.extend(found)
    labels = (spec["template"].get("metadata") or {}).get("labels")
    if not found and not matches(selector, labels or {}):
        detail = "`selector` does not match template `labels`"
        errors.append(invalid("spec.template.metadata.labels", _sorted(labels), detail))
    return errors


def _validate(job: Obj, world: World) -> list[FieldError]:
    spec = job["spec"]
    errors = _generated_errors(job) + _spec_errors(spec)
    completions = spec.get("completions") or 0
    if is_indexed(spec) and completions > 0:
        # The last pod gets this hostname.
        name = job["metadata"].get("name", "")
        hostname = f"{name}-{completions - 1}"
        if names.dns1123_label(hostname):
            detail = f"will not able to create pod with invalid DNS label: {hostname}"
            errors.append(invalid("metadata.name", name, detail))
    return errors


def _completions_errors(new: Obj, old: Obj) -> list[FieldError]:
    path, wished = "spec.completions", new.get("completions")
    if not is_indexed(new):
        return immutable_errors(wished, old.get("completions"), path)
    if wished == old.get("completions") or wished is None or wished == new.get("parallelism"):
        return []
    return [invalid(path, wished, "can only be modified in tandem with spec.parallelism")]


def _may_be_rearranged(job: Obj, world: World) -> bool:
    """Say whether a suspended job has no pods, so that its template may still change in part."""
    status = job.get("status") or {}
    if not job["spec"].get("suspend"):
        return False
    if not status.get("startTime"):
        return True
    # From 1.36 on also after it ran before (KEP-5440 and the relaxed rule for scheduling directives).
    return _is_at_least(world, 36) and is_condition_true(job, "Suspended") and not (status.get("active") or 0)


def _is_at_least(world: World, minor: int) -> bool:
    return int(world.version.split(".")[1]) >= minor


def _go_template(template: Obj) -> Obj:
    """Return a pod template as the server's own struct would marshal; absent and empty are the same in it."""
    metadata = {key: value for key, value in (template.get("metadata") or {}).items() if value}
    for key in ("labels", "annotations"):
        if key in metadata:
            metadata[key] = _sorted(metadata[key])
    return {**metadata, "Spec": go_value("PodSpec", template.get("spec") or {})}


def _rearranged(old: Obj, new: Obj, *, with_resources: bool) -> Obj:
    """Return the stored template with what a suspended job may change taken from the new one."""
    spec, wished = dict(old.get("spec") or {}), new.get("spec") or {}
    for field in _ALWAYS_MUTABLE_WHILE_SUSPENDED:
        spec[field] = wished.get(field)
    affinity = {k: v for k, v in (spec.get("affinity") or {}).items() if k != "nodeAffinity" and v}
    node_affinity = (wished.get("affinity") or {}).get("nodeAffinity")
    if node_affinity is not None:
        affinity["nodeAffinity"] = node_affinity
    spec["affinity"] = affinity or ({} if wished.get("affinity") is not None else None)
    if with_resources:
        for field in ("containers", "initContainers"):
            spec[field] = [
                {**each, "resources": other.get("resources") or {}}
                for each, other in zip(spec.get(field) or (), wished.get(field) or (), strict=False)
            ] + (spec.get(field) or [])[len(wished.get(field) or ()) :]
    metadata = {**(old.get("metadata") or {})}
    for field in ("labels", "annotations"):
        metadata[field] = (new.get("metadata") or {}).get(field)
    return {**old, "metadata": metadata, "spec": spec}


def _template_errors(new: Obj, old: Obj, world: World) -> list[FieldError]:
    template, before = new["spec"]["template"], old["spec"]["template"]
    if template == before:
        return []
    if _may_be_rearranged(old, world):
        before = _rearranged(before, template, with_resources=_is_at_least(world, 36))
    return immutable_errors(_go_template(template), _go_template(before), "spec.template")


def _go_policy(struct: str, policy: Obj | None) -> Obj | None:
    return None if policy is None else go_value(struct, policy)


def _validate_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    spec, before = new["spec"], old["spec"]
    errors = _spec_errors(spec) + _completions_errors(spec, before)
    errors.extend(immutable_errors(spec.get("selector"), before.get("selector"), "spec.selector"))
    errors.extend(_template_errors(new, old, world))
    for field, struct in (
        ("completionMode", ""),
        ("podFailurePolicy", "JobFailurePolicy"),
        ("backoffLimitPerIndex", ""),
        ("managedBy", ""),
        ("successPolicy", "SuccessPolicy"),
    ):
        wished, stored = spec.get(field), before.get(field)
        if struct:
            wished, stored = _go_policy(struct, wished), _go_policy(struct, stored)
        errors.extend(immutable_errors(wished, stored, f"spec.{field}"))
    return errors


def _validate_status_update(new: Obj, old: Obj, world: World) -> list[FieldError]:
    return job_status_errors(new, old)


def _warnings(job: Obj, old: Obj | None, world: World) -> list[str]:
    if old is None:
        return name_warnings(job["metadata"]["name"]) + job_spec_warnings(job["spec"], None, "spec")
    return [] if job["spec"] == old["spec"] else job_spec_warnings(job["spec"], old["spec"], "spec")


def _state(job: Obj, now: datetime) -> str:
    for condition in ("Complete", "Failed"):
        if is_condition_true(job, condition):
            return condition
    if is_deleting(job):
        return "Terminating"
    for condition in _STATES:
        if is_condition_true(job, condition):
            return condition
    return "Running"


def _completions(job: Obj, now: datetime) -> str:
    spec, done = job["spec"], (job.get("status") or {}).get("succeeded") or 0
    if spec.get("completions") is not None:
        return f"{done}/{spec['completions']}"
    parallelism = spec.get("parallelism") or 0
    return f"{done}/1 of {parallelism}" if parallelism > 1 else f"{done}/1"


def _duration(job: Obj, now: datetime) -> str:
    status = job.get("status") or {}
    start, end = status.get("startTime"), status.get("completionTime")
    if not start:
        return ""
    return duration_text(((parse_time(end) if end else now) - parse_time(start)).total_seconds())


JOBS = Resource(
    plural="jobs",
    kind="Job",
    group="batch",
    categories=("all",),
    has_status=True,
    columns=(
        NAME,
        Column("Status", _state),
        Column("Completions", _completions),
        Column("Duration", _duration),
        AGE,
        *template_containers("spec", "template"),
        Column("Selector", lambda each, now: selector_text(each["spec"].get("selector")), wide=True),
    ),
    field_labels={"status.successful": lambda each: str((each.get("status") or {}).get("succeeded", 0))},
    default=_default,
    prepare_create=_prepare_create,
    validate=_validate,
    validate_update=_validate_update,
    validate_status_update=_validate_status_update,
    warnings=_warnings,
    counts_generation=True,
)

RESOURCES = (JOBS,)
