"""A HorizontalPodAutoscaler manifest as an autoscaler, with what the API server fills in and refuses.

`autoscaling/v2`, and the smaller `autoscaling/v1`. Defaults and limits: Kubernetes API reference,
HorizontalPodAutoscaler v2, and pkg/apis/autoscaling (v2/defaults.go, validation).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, TypeVar

from eks_lab.calc.horizontal_scaling.autoscaler import (
    DEFAULT_DOWN,
    DEFAULT_UP,
    DEFAULT_UTILISATION_PERCENT,
    LONGEST_PERIOD_SECONDS,
    LONGEST_WINDOW_SECONDS,
    TARGET_KINDS,
    Autoscaler,
    Behaviour,
    Metric,
    MetricKind,
    ScalingPolicy,
    ScalingRules,
    TargetKind,
)
from eks_lab.calc.horizontal_scaling.quantity import milli_units
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError

KIND = "HorizontalPodAutoscaler"
DEFAULT_METRIC = Metric("cpu", "Resource", "Utilization", DEFAULT_UTILISATION_PERCENT)
_MOST = 2**31 - 1
_TOO_LARGE = 10**30
_REMOVED = {"autoscaling/v2beta1": "1.25", "autoscaling/v2beta2": "1.26"}
_SPEC = ("scaleTargetRef", "minReplicas", "maxReplicas", "metrics", "behavior")
_SPEC_V1 = ("scaleTargetRef", "minReplicas", "maxReplicas", "targetCPUUtilizationPercentage")
_SOURCES: dict[str, tuple[MetricKind, tuple[str, ...]]] = {
    "resource": ("Resource", ("name", "target")),
    "containerResource": ("ContainerResource", ("name", "container", "target")),
    "pods": ("Pods", ("metric", "target")),
    "object": ("Object", ("describedObject", "metric", "target")),
    "external": ("External", ("metric", "target")),
}
_TARGET_FIELDS: dict[str, TargetKind] = {
    "averageUtilization": "Utilization",
    "averageValue": "AverageValue",
    "value": "Value",
}
Word = TypeVar("Word", bound=str)


def read_autoscaler(text: str, name: str = "manifest") -> Autoscaler:
    """Read the one HorizontalPodAutoscaler of a file.

    Args:
        text: YAML or JSON; other objects beside it are passed over.
        name: the input or file, for messages.

    Returns:
        The autoscaler. Its `behaviour` is None when the manifest has no `behavior`, since the controller
        then goes another way than with the defaults.

    Raises:
        InputError: the text is no YAML, holds no or several autoscalers, or a field that the API server
            would refuse; the message names the field and the value.
    """
    document = _only_autoscaler(name, text)
    version = document.get("apiVersion")
    if version in _REMOVED:
        raise InputError(
            f"{name}: apiVersion {version} was removed in Kubernetes {_REMOVED[version]}",
            hint="Write apiVersion: autoscaling/v2.",
        )
    if version not in ("autoscaling/v2", "autoscaling/v1"):
        raise InputError(
            f"{name}: apiVersion {_shown(version)} serves no {KIND}", hint="Write apiVersion: autoscaling/v2."
        )
    spec = _mapping(document.get("spec"), f"{name}: spec")
    path = f"{name}: spec"
    _known(spec, path, _SPEC if version == "autoscaling/v2" else _SPEC_V1)
    most = _integer(spec.get("maxReplicas"), f"{path}.maxReplicas", 1, _MOST)
    least = _integer(spec.get("minReplicas", 1), f"{path}.minReplicas", 0, _MOST)
    metrics, behaviour = _metrics(spec, path), _behaviour(spec.get("behavior"), f"{path}.behavior")
    if least > most:
        raise InputError(
            f"{path}.minReplicas: {least} is above maxReplicas {most}",
            hint="Give a minimum that is no larger than the maximum.",
        )
    if least == 0 and all(metric.is_per_pod for metric in metrics):
        raise InputError(
            f"{path}.minReplicas: 0 needs an Object or External metric",
            hint="Give 1 or more: with no pod left there is nothing to measure.",
        )
    return Autoscaler(least, most, metrics, behaviour)


def _only_autoscaler(name: str, text: str) -> Mapping[str, Any]:
    import yaml

    try:
        documents = list(yaml.load_all(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f" in line {mark.line + 1}" if mark is not None else ""
        raise InputError(
            f"{name}: this is no YAML{place}", hint="Give a manifest of the kind " + KIND + "."
        ) from error
    except (ValueError, RecursionError) as error:
        # A timestamp such as 2026-99-99 is a ValueError of its own; a nest of brackets ends the stack.
        raise InputError(
            f"{name}: this YAML cannot be read", hint="Check values that look like dates."
        ) from error
    objects: list[Mapping[str, Any]] = []
    for document in documents:
        items = document.get("items") if isinstance(document, dict) else None
        for entry in items if isinstance(items, list) else [document]:
            if isinstance(entry, dict) and entry.get("kind") == KIND:
                objects.append(entry)
    if len(objects) == 1:
        return objects[0]
    if objects:
        raise InputError(f"{name}: {len(objects)} objects of the kind {KIND}", hint="Give one of them.")
    raise InputError(
        f"{name}: no object of the kind {KIND}", hint="Give its manifest, with kind and apiVersion."
    )


def _metrics(spec: Mapping[str, Any], path: str) -> tuple[Metric, ...]:
    percent = spec.get("targetCPUUtilizationPercentage")
    if percent is not None:
        target = _integer(percent, f"{path}.targetCPUUtilizationPercentage", 1, _MOST)
        return (Metric("cpu", "Resource", "Utilization", target),)
    entries = spec.get("metrics")
    if entries is None or entries == []:
        return (DEFAULT_METRIC,)
    return tuple(
        _metric(entry, f"{path}.metrics[{i}]") for i, entry in enumerate(_list(entries, f"{path}.metrics"))
    )


def _metric(entry: object, path: str) -> Metric:
    fields = _mapping(entry, path)
    kinds = {kind: field for field, (kind, _) in _SOURCES.items()}
    _known(fields, path, ("type", *_SOURCES))
    field = kinds[_word(fields.get("type"), f"{path}.type", tuple(kinds))]
    for other in _SOURCES:
        if other != field and fields.get(other) is not None:
            raise InputError(
                f"{path}.{other}: does not go with type {fields['type']}", hint=f"Write {field}: instead."
            )
    kind, known = _SOURCES[field]
    source = _mapping(fields.get(field), f"{path}.{field}")
    _known(source, f"{path}.{field}", known)
    if "metric" in known:
        described = _mapping(source.get("metric"), f"{path}.{field}.metric")
        _known(described, f"{path}.{field}.metric", ("name", "selector"))
        name = _text(described.get("name"), f"{path}.{field}.metric.name")
    else:
        name = _text(source.get("name"), f"{path}.{field}.name")
    container = _text(source.get("container"), f"{path}.{field}.container") if "container" in known else ""
    target_kind, target = _target(source.get("target"), f"{path}.{field}.target", kind)
    return Metric(name, kind, target_kind, target, container)


def _target(value: object, path: str, kind: MetricKind) -> tuple[TargetKind, int]:
    fields = _mapping(value, path)
    _known(fields, path, ("type", *_TARGET_FIELDS))
    wanted = _word(fields.get("type"), f"{path}.type", TARGET_KINDS[kind])
    given = [field for field in _TARGET_FIELDS if fields.get(field) is not None]
    if [_TARGET_FIELDS[field] for field in given] != [wanted]:
        field = next(field for field, meaning in _TARGET_FIELDS.items() if meaning == wanted)
        raise InputError(
            f"{path}: type {wanted} goes with {field}, and {' and '.join(given) or 'no value'} is there",
            hint=f"Write {field}: and nothing else beside the type.",
        )
    amount = fields[given[0]]
    if wanted == "Utilization":
        return wanted, _integer(amount, f"{path}.averageUtilization", 1, _MOST)
    milli = _milli(amount)
    if not milli:
        raise InputError(
            f"{path}.{given[0]}: {_shown(amount)} is no quantity above 0", hint="Write 100, 500m or 1k."
        )
    return wanted, milli


def _behaviour(value: object, path: str) -> Behaviour | None:
    if value is None:
        return None
    fields = _mapping(value, path)
    _known(fields, path, ("scaleUp", "scaleDown"))
    return Behaviour(
        up=_rules(fields.get("scaleUp"), f"{path}.scaleUp", DEFAULT_UP),
        down=_rules(fields.get("scaleDown"), f"{path}.scaleDown", DEFAULT_DOWN),
    )


def _rules(value: object, path: str, default: ScalingRules) -> ScalingRules:
    """Return rules where each absent field has its own default."""
    if value is None:
        return default
    fields = _mapping(value, path)
    _known(fields, path, ("stabilizationWindowSeconds", "selectPolicy", "policies", "tolerance"))
    window, tolerance = fields.get("stabilizationWindowSeconds"), fields.get("tolerance")
    select, policies = fields.get("selectPolicy"), fields.get("policies")
    return ScalingRules(
        policies=default.policies if policies is None else _policies(policies, f"{path}.policies"),
        select="Max" if select is None else _word(select, f"{path}.selectPolicy", ("Max", "Min", "Disabled")),
        window_seconds=default.window_seconds
        if window is None
        else _integer(window, f"{path}.stabilizationWindowSeconds", 0, LONGEST_WINDOW_SECONDS),
        tolerance=None if tolerance is None else _share(tolerance, f"{path}.tolerance"),
    )


def _policies(value: object, path: str) -> tuple[ScalingPolicy, ...]:
    entries = _list(value, path)
    if not entries:
        raise InputError(
            f"{path}: the list is empty", hint="Give at least one policy, or leave the field out."
        )
    found = []
    for number, entry in enumerate(entries):
        at = f"{path}[{number}]"
        fields = _mapping(entry, at)
        _known(fields, at, ("type", "value", "periodSeconds"))
        found.append(
            ScalingPolicy(
                kind=_word(fields.get("type"), f"{at}.type", ("Pods", "Percent")),
                value=_integer(fields.get("value"), f"{at}.value", 1, _MOST),
                period_seconds=_integer(
                    fields.get("periodSeconds"), f"{at}.periodSeconds", 1, LONGEST_PERIOD_SECONDS
                ),
            )
        )
    return tuple(found)


def _shown(value: object) -> str:
    if value is None:
        return "nothing"
    # Aliases can make a small file a structure without end, and a long number cannot be written out.
    if isinstance(value, dict | list):
        return "a mapping" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        return "a number of more than 30 digits"
    text = repr(value)
    return text if len(text) <= 40 else f"{text[:39]}…"


def _milli(value: object) -> int | None:
    """Return a quantity of a manifest in milli-units, None when it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    if isinstance(value, int) and abs(value) >= _TOO_LARGE:
        return None
    return milli_units(str(value))


def _mapping(value: object, path: str) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise InputError(f"{path}: {_shown(value)} is no mapping", hint="Give the fields below it.")
    return value


def _list(value: object, path: str) -> list[object]:
    if not isinstance(value, list):
        raise InputError(f"{path}: {_shown(value)} is no list", hint="Begin each entry with a dash.")
    return value


def _known(fields: Mapping[str, Any], path: str, names: Iterable[str]) -> None:
    allowed = tuple(names)
    for field in fields:
        if field not in allowed:
            raise InputError(
                f"{path}: unknown field {_shown(field)}",
                hint=did_you_mean(str(field), allowed) or f"Fields: {', '.join(allowed)}.",
            )


def _text(value: object, path: str) -> str:
    if not isinstance(value, str) or not value:
        raise InputError(f"{path}: {_shown(value)} is no name", hint="Give a name.")
    return value


def _word(value: object, path: str, words: tuple[Word, ...]) -> Word:
    for word in words:
        if value == word:
            return word
    raise InputError(
        f"{path}: {_shown(value)} is none of {', '.join(words)}", hint=f"Choose {' or '.join(words)}."
    )


def _integer(value: object, path: str, least: int, most: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise InputError(
            f"{path}: {_shown(value)} is no whole number", hint=f"Give a number from {least} up."
        )
    if value < least:
        raise InputError(f"{path}: {_shown(value)} is below {least}", hint=f"Give {least} or more.")
    if value > most:
        raise InputError(f"{path}: {_shown(value)} is above {most}", hint=f"Give {most} or less.")
    return value


def _share(value: object, path: str) -> float:
    milli = _milli(value)
    if milli is None:
        raise InputError(f"{path}: {_shown(value)} is no share from 0 up", hint="Write 0.05 for 5 %.")
    return milli / 1000
