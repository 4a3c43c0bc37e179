"""The spec of a Job, its own or inside a CronJob (pkg/apis/batch/validation ValidateJobSpec)."""

from __future__ import annotations

import re

from eks_lab.kube import names
from eks_lab.sim.objects import (
    FieldError,
    Obj,
    duplicate,
    invalid,
    not_supported,
    required,
    too_long,
    too_many,
)
from eks_lab.sim.resources.field_rules import (
    label_key_errors,
    label_problems,
    non_negative_errors,
    subdomain_problems,
)
from eks_lab.sim.resources.go_structs import go_value
from eks_lab.sim.resources.pod_spec_rules import template_errors
from eks_lab.sim.resources.pod_warnings import template_warnings

INDEXED = "Indexed"
"""The completionMode in which every pod has a number."""

_MODES = ("NonIndexed", INDEXED)
_ACTIONS = ("Count", "FailIndex", "FailJob", "Ignore")
_OPERATORS = ("In", "NotIn")
_CONDITION_STATES = ("False", "True", "Unknown")
_REPLACEMENT_POLICIES = ("Failed", "TerminatingOrFailed")
_FINISHING_POLICIES = ("OnFailure", "Never")

_MOST_PARALLEL = 100_000
_MOST_FAILED_INDEXES = 100_000
_MANY_COMPLETIONS = 100_000
_MOST_PARALLEL_OF_MANY = 10_000
_MOST_FAILED_OF_MANY = 10_000
_MOST_RULES = 20
_MOST_PATTERNS = 20
_MOST_EXIT_CODES = 255
_LONGEST_MANAGER = 63
_LONGEST_INDEXES = 64 * 1024

_PATH_FORMAT = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"
_INTEGER = re.compile(r"[+-]?\d{1,18}", re.ASCII)
_NOT_INDEXED = "requires indexed completion mode"
_DNS_LABEL_ADVICE = (
    "metadata.name: this is used in Pod names and hostnames, which can result in surprising behavior; "
    "a DNS label is recommended"
)
_TOO_MANY_TO_TRACK = (
    "In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, "
    "Kubernetes might not be able to track completedIndexes when a big number of indexes fail"
)


def words(values: tuple[str, ...]) -> str:
    """Return words as Go prints a slice of quoted strings: `["Count" "Ignore"]`."""
    quoted = [f'"{value}"' for value in values]
    return f"[{' '.join(quoted)}]"


def invalid_as_a_whole(path: str, detail: str) -> FieldError:
    """Return the error of something whose value is not shown (field.OmitValueType)."""
    return FieldError("Invalid", path, f"Invalid value: {detail}")


def is_indexed(spec: Obj) -> bool:
    """Say whether the pods of a job are numbered."""
    return spec.get("completionMode") == INDEXED


def job_spec_errors(spec: Obj, path: str) -> list[FieldError]:
    """Return the errors of a job's spec, its selector left out.

    Args:
        spec: with its defaults.
        path: of it: `spec`, `spec.jobTemplate.spec`.
    """
    errors: list[FieldError] = []
    for name in (
        "parallelism",
        "completions",
        "activeDeadlineSeconds",
        "backoffLimit",
        "ttlSecondsAfterFinished",
        "backoffLimitPerIndex",
        "maxFailedIndexes",
    ):
        errors.extend(non_negative_errors(spec.get(name), f"{path}.{name}"))
    if spec.get("maxFailedIndexes") is not None and spec.get("backoffLimitPerIndex") is None:
        errors.append(required(f"{path}.backoffLimitPerIndex", "when maxFailedIndexes is specified"))
    if spec.get("managedBy") is not None:
        errors.extend(_manager_errors(spec["managedBy"], f"{path}.managedBy"))
    errors.extend(_mode_errors(spec, path))
    if spec.get("podFailurePolicy") is not None:
        errors.extend(_failure_policy_errors(spec, f"{path}.podFailurePolicy"))
    if spec.get("successPolicy") is not None:
        errors.extend(_success_policy_errors(spec, f"{path}.successPolicy"))
    errors.extend(_replacement_errors(spec, f"{path}.podReplacementPolicy"))
    template = spec.get("template") or {}
    errors.extend(template_errors(template, f"{path}.template"))
    return errors + _restart_errors(spec, template.get("spec") or {}, f"{path}.template.spec.restartPolicy")


def _manager_errors(manager: str, path: str) -> list[FieldError]:
    """Return the errors of `example.com/controller` (IsDomainPrefixedPath)."""
    errors: list[FieldError] = []
    host, _, rest = manager.partition("/")
    if not manager:
        errors.append(required(path))
    elif not host or not rest:
        errors.append(invalid(path, manager, 'must be a domain-prefixed path (such as "acme.io/foo")'))
    else:
        errors.extend(invalid(path, host, said) for said in subdomain_problems(host))
        if re.fullmatch(_PATH_FORMAT, rest) is None:
            errors.append(invalid(path, rest, names.regex_message("Invalid path", _PATH_FORMAT)))
    if len(manager.encode()) > _LONGEST_MANAGER:
        errors.append(too_long(path, _LONGEST_MANAGER))
    return errors


def _mode_errors(spec: Obj, path: str) -> list[FieldError]:
    mode = spec.get("completionMode")
    errors: list[FieldError] = []
    if mode is not None and mode not in _MODES:
        errors.append(not_supported(f"{path}.completionMode", mode, _MODES))
    elif mode == INDEXED:
        errors.extend(_indexed_errors(spec, path))
    else:
        errors.extend(
            invalid(f"{path}.{name}", spec[name], _NOT_INDEXED)
            for name in ("backoffLimitPerIndex", "maxFailedIndexes")
            if spec.get(name) is not None
        )
    return errors


def _indexed_errors(spec: Obj, path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    completions, failed = spec.get("completions"), spec.get("maxFailedIndexes")
    parallelism = spec.get("parallelism") or 0
    parallel_path, failed_path = f"{path}.parallelism", f"{path}.maxFailedIndexes"
    if completions is None:
        errors.append(required(f"{path}.completions", "when completion mode is Indexed"))
    if parallelism > _MOST_PARALLEL:
        detail = f"must be less than or equal to {_MOST_PARALLEL} when completion mode is Indexed"
        errors.append(invalid(parallel_path, parallelism, detail))
    if completions is not None and failed is not None and failed > completions:
        errors.append(invalid(failed_path, failed, "must be less than or equal to completions"))
    if failed is not None and failed > _MOST_FAILED_INDEXES:
        errors.append(invalid(failed_path, failed, f"must be less than or equal to {_MOST_FAILED_INDEXES}"))
    if (completions or 0) > _MANY_COMPLETIONS and spec.get("backoffLimitPerIndex") is not None:
        above = f"when completions are above {_MANY_COMPLETIONS} and used with backoff limit per index"
        if failed is None:
            detail = f"must be specified when completions is above {_MANY_COMPLETIONS}"
            errors.append(required(failed_path, detail))
        if parallelism > _MOST_PARALLEL_OF_MANY:
            detail = f"must be less than or equal to {_MOST_PARALLEL_OF_MANY} {above}"
            errors.append(invalid(parallel_path, parallelism, detail))
        if failed is not None and failed > _MOST_FAILED_OF_MANY:
            detail = f"must be less than or equal to {_MOST_FAILED_OF_MANY} {above}"
            errors.append(invalid(failed_path, failed, detail))
    return errors


def _restart_errors(spec: Obj, pod: Obj, path: str) -> list[FieldError]:
    policy = pod.get("restartPolicy") or ""
    if policy in ("", "Always"):
        # Always is what an absent policy was filled in with, so both count as absent.
        return [required(path, 'valid values: "OnFailure", "Never"')]
    if policy not in _FINISHING_POLICIES:
        return [not_supported(path, policy, _FINISHING_POLICIES)]
    if spec.get("podFailurePolicy") is not None and policy != "Never":
        return [invalid(path, policy, 'only "Never" is supported when podFailurePolicy is specified')]
    return []


def _replacement_errors(spec: Obj, path: str) -> list[FieldError]:
    policy = spec.get("podReplacementPolicy")
    if policy is None:
        return []
    possible = ("Failed",) if spec.get("podFailurePolicy") is not None else _REPLACEMENT_POLICIES
    return [] if policy in possible else [not_supported(path, policy, possible)]


def _failure_policy_errors(spec: Obj, path: str) -> list[FieldError]:
    rules = spec["podFailurePolicy"].get("rules") or ()
    pod = (spec.get("template") or {}).get("spec") or {}
    containers = {
        each.get("name") for field in ("containers", "initContainers") for each in pod.get(field) or ()
    }
    errors: list[FieldError] = []
    if len(rules) > _MOST_RULES:
        errors.append(too_many(f"{path}.rules", len(rules), _MOST_RULES))
    for number, rule in enumerate(rules):
        errors.extend(_failure_rule_errors(spec, rule, f"{path}.rules[{number}]", containers))
    return errors


def _failure_rule_errors(spec: Obj, rule: Obj, path: str, containers: set[str]) -> list[FieldError]:
    errors: list[FieldError] = []
    action, codes = rule.get("action") or "", rule.get("onExitCodes")
    conditions = rule.get("onPodConditions") or ()
    if not action:
        errors.append(required(f"{path}.action", f"valid values: {words(_ACTIONS)}"))
    elif action == "FailIndex":
        if spec.get("backoffLimitPerIndex") is None:
            errors.append(invalid(f"{path}.action", action, "requires the backoffLimitPerIndex to be set"))
    elif action not in _ACTIONS:
        errors.append(not_supported(f"{path}.action", action, _ACTIONS))
    if codes is not None:
        errors.extend(_exit_code_errors(codes, f"{path}.onExitCodes", containers))
    if conditions:
        errors.extend(_condition_errors(conditions, f"{path}.onPodConditions"))
    if codes is not None and conditions:
        detail = "specifying both OnExitCodes and OnPodConditions is not supported"
        errors.append(invalid_as_a_whole(path, detail))
    if codes is None and not conditions:
        detail = "specifying one of OnExitCodes and OnPodConditions is required"
        errors.append(invalid_as_a_whole(path, detail))
    return errors


def _condition_errors(patterns: list[Obj], path: str) -> list[FieldError]:
    errors: list[FieldError] = []
    if len(patterns) > _MOST_PATTERNS:
        errors.append(too_many(path, len(patterns), _MOST_PATTERNS))
    for number, pattern in enumerate(patterns):
        here, state = f"{path}[{number}]", pattern.get("status") or ""
        errors.extend(label_key_errors(pattern.get("type") or "", f"{here}.type"))
        if not state:
            errors.append(required(f"{here}.status", f"valid values: {words(_CONDITION_STATES)}"))
        elif state not in _CONDITION_STATES:
            errors.append(not_supported(f"{here}.status", state, _CONDITION_STATES))
    return errors


def _exit_code_errors(codes: Obj, path: str, containers: set[str]) -> list[FieldError]:
    errors: list[FieldError] = []
    operator, container = codes.get("operator") or "", codes.get("containerName")
    values: list[int] = codes.get("values") or []
    if not operator:
        errors.append(required(f"{path}.operator", f"valid values: {words(_OPERATORS)}"))
    elif operator not in _OPERATORS:
        errors.append(not_supported(f"{path}.operator", operator, _OPERATORS))
    if container is not None and container not in containers:
        detail = "must be one of the container or initContainer names in the pod template"
        errors.append(invalid(f"{path}.containerName", container, detail))
    if not values:
        errors.append(invalid(f"{path}.values", codes.get("values"), "at least one value is required"))
    elif len(values) > _MOST_EXIT_CODES:
        errors.append(too_many(f"{path}.values", len(values), _MOST_EXIT_CODES))
    seen: set[int] = set()
    for number, value in enumerate(values):
        here = f"{path}.values[{number}]"
        if operator == "In" and value == 0:
            errors.append(invalid(here, value, "must not be 0 for the In operator"))
        if value in seen:
            errors.append(duplicate(here, value))
        seen.add(value)
    if values != sorted(values):
        errors.append(invalid(f"{path}.values", values, "must be ordered"))
    return errors


def _success_policy_errors(spec: Obj, path: str) -> list[FieldError]:
    policy = spec["successPolicy"]
    if not is_indexed(spec):
        return [invalid(path, go_value("SuccessPolicy", policy), _NOT_INDEXED)]
    rules = policy.get("rules") or ()
    errors: list[FieldError] = []
    if not rules:
        detail = "at least one rules must be specified when the successPolicy is specified"
        errors.append(required(f"{path}.rules", detail))
    if len(rules) > _MOST_RULES:
        errors.append(too_many(f"{path}.rules", len(rules), _MOST_RULES))
    for number, rule in enumerate(rules):
        errors.extend(_success_rule_errors(spec, rule, f"{path}.rules[{number}]"))
    return errors


def _success_rule_errors(spec: Obj, rule: Obj, path: str) -> list[FieldError]:
    count, indexes = rule.get("succeededCount"), rule.get("succeededIndexes")
    completions = spec.get("completions") or 0
    errors: list[FieldError] = []
    if count is None and indexes is None:
        detail = "at least one of succeededCount or succeededIndexes must be specified"
        errors.append(required(path, detail))
    total = 0
    if indexes is not None:
        here = f"{path}.succeededIndexes"
        if len(indexes.encode()) > _LONGEST_INDEXES:
            errors.append(too_long(here, _LONGEST_INDEXES))
        try:
            total = sum(last - first + 1 for first, last in index_intervals(indexes, completions))
        except ValueError as problem:
            errors.append(invalid(here, indexes, f"error parsing succeededIndexes: {problem}"))
    if count is not None:
        here = f"{path}.succeededCount"
        errors.extend(non_negative_errors(count, here))
        if count > completions:
            detail = f"must be less than or equal to {completions} (the number of specified completions)"
            errors.append(invalid(here, count, detail))
        if indexes is not None and count > total:
            detail = f"must be less than or equal to {total} (the number of indexes in the specified succeededIndexes field)"
            errors.append(invalid(here, count, detail))
    return errors


def index_intervals(text: str, completions: int) -> list[tuple[int, int]]:
    """Read completion indexes.

    Args:
        text: `0-2,5`; empty for none.
        completions: indexes end below it.

    Returns:
        First and last index of each interval.

    Raises:
        ValueError: with what is wrong, in the API server's words.
    """
    found: list[tuple[int, int]] = []
    for interval in text.split(",") if text else ():
        first, last = index_interval(interval, completions)
        if found and found[-1][1] >= first:
            raise ValueError(f"non-increasing order, previous: {found[-1][1]}, current: {first}")
        found.append((first, last))
    return found


def index_interval(text: str, completions: int) -> tuple[int, int]:
    """Read one interval of completion indexes, `3` or `3-5`.

    Raises:
        ValueError: with what is wrong, in the API server's words.
    """
    limits = text.split("-")
    if len(limits) > 2:
        raise ValueError(
            f'the fragment "{text}" violates the requirement that an index interval can have at most two parts '
            "separated by '-'"
        )
    numbers = []
    for limit in limits:
        if _INTEGER.fullmatch(limit) is None:
            raise ValueError(f'cannot convert string to integer for index: "{limit}"')
        if int(limit) >= completions:
            raise ValueError(f'too large index: "{limit}"')
        numbers.append(int(limit))
    if len(numbers) == 2 and numbers[0] >= numbers[1]:
        raise ValueError(f"non-increasing order, previous: {numbers[0]}, current: {numbers[1]}")
    return numbers[0], numbers[-1]


def name_warnings(name: str) -> list[str]:
    """Return the warning of a name that pods cannot bear as their hostname."""
    problems = label_problems(name)
    return [f"{_DNS_LABEL_ADVICE}: [{' '.join(problems)}]"] if problems else []


def job_spec_warnings(spec: Obj, old: Obj | None, path: str) -> list[str]:
    """Return the warnings of a job's spec (pkg/api/job WarningsForJobSpec).

    Args:
        spec: with its defaults.
        old: before the change; None at creation.
        path: of the spec.
    """
    found: list[str] = []
    completions, parallelism = spec.get("completions") or 0, spec.get("parallelism") or 0
    if is_indexed(spec) and completions > _MANY_COMPLETIONS and parallelism > _MOST_PARALLEL_OF_MANY:
        found.append(f"{path}: {_TOO_MANY_TO_TRACK}")
    before = None if old is None else old.get("template")
    return found + template_warnings(spec.get("template") or {}, before, f"{path}.template")
