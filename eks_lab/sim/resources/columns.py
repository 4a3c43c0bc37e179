"""Cells that many kinds share: names, ages, selectors, containers, as `kubectl get` prints them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from eks_lab.sim.objects import Obj, parse_time
from eks_lab.sim.resource import Column

UNKNOWN = "<unknown>"
NONE = "<none>"
UNSET = "<unset>"

_MINUTE = 60
_HOUR = 3600


def duration_text(seconds: float) -> str:
    """Return a duration as kubectl shortens it: `45s`, `5m30s`, `3h20m`, `2d5h`, `40d`, `2y3d`.

    The steps are those of k8s.io/apimachinery/pkg/util/duration HumanDuration.

    Args:
        seconds: how long; up to a second below zero counts as nothing.
    """
    whole = int(seconds)
    if whole < -1:
        return "<invalid>"
    if whole < 0:
        return "0s"
    if whole < 2 * _MINUTE:
        return f"{whole}s"
    minutes = whole // _MINUTE
    if minutes < 10:
        return _pair(minutes, "m", whole % _MINUTE, "s")
    if minutes < 180:
        return f"{minutes}m"
    hours = whole // _HOUR
    if hours < 8:
        return _pair(hours, "h", minutes % 60, "m")
    if hours < 48:
        return f"{hours}h"
    days = hours // 24
    if hours < 24 * 8:
        return _pair(days, "d", hours % 24, "h")
    if hours < 24 * 365 * 2:
        return f"{days}d"
    if hours < 24 * 365 * 8:
        return _pair(days // 365, "y", days % 365, "d")
    return f"{days // 365}y"


def _pair(most: int, unit: str, rest: int, smaller: str) -> str:
    return f"{most}{unit}{rest}{smaller}" if rest else f"{most}{unit}"


def age_text(moment: str | None, now: datetime) -> str:
    """Return how long ago a timestamp was, `<unknown>` when there is none.

    Args:
        moment: a `Time` or `MicroTime`.
        now: the present moment.
    """
    if not moment:
        return UNKNOWN
    return duration_text((now - parse_time(moment)).total_seconds())


def labels_text(labels: Mapping[str, str] | None) -> str:
    """Return `a=b,c=d` sorted by key, `<none>` when there are no labels."""
    if not labels:
        return NONE
    return ",".join(f"{key}={labels[key]}" for key in sorted(labels))


_OPERATORS = {"In": "in", "NotIn": "notin"}


def selector_text(selector: Obj | None) -> str:
    """Return a LabelSelector as metav1.FormatLabelSelector writes it.

    `a=b,tier in (x,y),!gone`; `<none>` when it selects everything or is missing.
    """
    if not selector:
        return NONE
    found = [(key, f"{key}={value}") for key, value in (selector.get("matchLabels") or {}).items()]
    for rule in selector.get("matchExpressions") or ():
        key, operator = rule["key"], rule["operator"]
        if operator == "Exists":
            found.append((key, key))
        elif operator == "DoesNotExist":
            found.append((key, f"!{key}"))
        else:
            values = ",".join(sorted(rule.get("values") or ()))
            found.append((key, f"{key} {_OPERATORS.get(operator, operator)} ({values})"))
    # labels.Selector keeps its requirements sorted by key; equal keys stay in the order given.
    found.sort(key=lambda each: each[0])
    return ",".join(text for _, text in found) or NONE


def name_of(obj: Obj, now: datetime) -> Any:
    """Return the name of an object."""
    return obj["metadata"]["name"]


def age_of(obj: Obj, now: datetime) -> Any:
    """Return how old an object is."""
    return age_text(obj["metadata"].get("creationTimestamp"), now)


def field_of(*path: str, otherwise: Any = "") -> Any:
    """Return a cell function that reads one field.

    Args:
        path: keys from the object down.
        otherwise: what an absent field shows.
    """

    def cell(obj: Obj, now: datetime) -> Any:
        here: Any = obj
        for step in path:
            if not isinstance(here, Mapping) or here.get(step) is None:
                return otherwise
            here = here[step]
        return here

    return cell


def container_names(containers: Iterable[Obj]) -> str:
    """Return the names of containers, comma-separated."""
    return ",".join(each["name"] for each in containers)


def container_images(containers: Iterable[Obj]) -> str:
    """Return the images of containers, comma-separated."""
    return ",".join(each.get("image", "") for each in containers)


NAME = Column(
    "Name",
    name_of,
    format="name",
    description="Name must be unique within a namespace. Is required when creating resources, although some "
    "resources may allow a client to request the generation of an appropriate name automatically.",
)
AGE = Column("Age", age_of, description="How long ago the object was created.")


def template_containers(*path: str) -> tuple[Column, Column]:
    """Return the wide columns Containers and Images of a kind with a pod template.

    Args:
        path: keys down to the pod template, `("spec", "template")` for most.
    """
    template = field_of(*path, "spec", "containers", otherwise=())
    return (
        Column("Containers", lambda obj, now: container_names(template(obj, now)), wide=True),
        Column("Images", lambda obj, now: container_images(template(obj, now)), wide=True),
    )
