"""Judges the time since a lab began from what was recorded: what held all the time, who was down, what was touched."""

from __future__ import annotations

import fnmatch
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from eks_lab.content.queries import AbsentQuery, Query, ResourceQuery
from eks_lab.grading.checks import absent as absent_check
from eks_lab.grading.checks import resource as resource_check
from eks_lab.grading.checks.combined import combined
from eks_lab.grading.query_kinds import kind_of
from eks_lab.grading.recording import Record, Write
from eks_lab.grading.verdict import Verdict
from eks_lab.kube import labels

Place = tuple[str, str, str]
"""Resource, namespace, name."""
Objects = dict[Place, dict[str, Any]]
ResourceOf = Callable[[str], str]
"""`Deployment` -> `deployments.apps`."""
_AVAILABLE = ("availableReplicas", "numberAvailable")


def held_always(query: Query, record: Record, resource_of: ResourceOf) -> Verdict:
    """Return whether a query has held at every moment since the start, and when it first did not.

    Args:
        query: `resource`, `absent`, or `all`, `any`, `none` of them.
        record: what happened.
        resource_of: names the resource of a kind.
    """
    if record.dropped:
        return Verdict(False, "too much has happened to be sure; reset the lab")
    wanted = set(_resources(query, resource_of))
    verdict = Verdict(True, "")
    for at, objects, written in _moments(record):
        if written is not None and written.resource not in wanted:
            continue
        verdict = _judged(query, objects, resource_of)
        if not verdict.holds:
            return Verdict(False, f"at {at:%H:%M:%S}: {verdict.observed}")
    return Verdict(True, f"always: {verdict.observed}" if verdict.observed else "always")


def downtime(workload: str, record: Record, now: datetime, resource_of: ResourceOf) -> timedelta:
    """Return for how long a workload had no available replica, or was not there.

    Args:
        workload: `deployment/web`, `shop/deployment/web`.
        record: what happened.
        now: the simulated moment at which it ends.
        resource_of: names the resource of a kind.
    """
    namespace, kind, name = place_of(workload)
    place = (resource_of(kind), namespace, name)
    down = timedelta(0)
    since: datetime | None = None
    for at, objects, written in _moments(record):
        if written is not None and written.resource != place[0]:
            continue
        status = (objects.get(place) or {}).get("status") or {}
        is_up = any(status.get(each) for each in _AVAILABLE)
        if is_up and since is not None:
            down, since = down + (at - since), None
        elif not is_up and since is None:
            since = at
    return down + (now - since) if since is not None else down


def touched(record: Record, may_change: list[str], resource_of: ResourceOf) -> list[str]:
    """Return the objects that the learner changed or deleted, `namespace/resource/name`, sorted.

    Args:
        record: what happened.
        may_change: patterns of what does not count.
        resource_of: names the resource of a kind.
    """
    patterns = []
    for text in may_change:
        namespace, kind, name = place_of(text)
        patterns.append(f"{namespace}/{resource_of(kind) if kind != '*' else '*'}/{name}")
    found = {
        f"{each.namespace}/{each.resource}/{each.name or '*'}"
        for each in record.changes
        if each.verb != "create"
    }
    return sorted(
        each for each in found if not any(fnmatch.fnmatchcase(each, pattern) for pattern in patterns)
    )


def place_of(text: str) -> tuple[str, str, str]:
    """Return namespace, kind and name of `deployment/web` or `shop/deployment/web`."""
    parts = text.split("/")
    if len(parts) == 2:
        return "default", parts[0], parts[1]
    return parts[0], parts[1], "/".join(parts[2:])


def _moments(record: Record) -> Iterator[tuple[datetime, Objects, Write | None]]:
    """Yield the start and then every write, each with the objects as they are after it."""
    if record.began is None:
        return
    objects: Objects = {}
    for each in record.start:
        objects[_place(each)] = each.obj
    yield record.began, objects, None
    for write in record.writes:
        if write.is_gone:
            objects.pop(_place(write), None)
        else:
            objects[_place(write)] = write.obj
        yield write.at, objects, write


def _place(write: Write) -> Place:
    metadata = write.obj["metadata"]
    return write.resource, metadata.get("namespace") or "", metadata["name"]


def _resources(query: Query, resource_of: ResourceOf) -> Iterator[str]:
    for each in (query.resource, query.absent):
        if each is not None:
            yield resource_of(each.kind)
    for group in (query.all, query.any, query.none):
        for part in group or ():
            yield from _resources(part, resource_of)


def _judged(query: Query, objects: Objects, resource_of: ResourceOf) -> Verdict:
    if query.resource is not None:
        return resource_check.judged(query.resource, _chosen(query.resource, objects, resource_of))
    if query.absent is not None:
        return absent_check.judged(query.absent, _chosen(query.absent, objects, resource_of))
    how = kind_of(query)
    return combined(how, [_judged(each, objects, resource_of) for each in getattr(query, how)])


def _chosen(
    query: ResourceQuery | AbsentQuery, objects: Objects, resource_of: ResourceOf
) -> list[dict[str, Any]]:
    resource = resource_of(query.kind)
    selector = labels.parse_selector(query.selector) if query.selector else None
    found = []
    for (each, namespace, name), obj in sorted(objects.items(), key=lambda pair: pair[0]):
        if each != resource or (query.name and name != query.name):
            continue
        if namespace and query.namespace not in ("*", namespace):
            continue
        has: Mapping[str, str] = obj["metadata"].get("labels") or {}
        if selector is not None and not selector.matches(has):
            continue
        if resource_check.fits(obj, query.where):
            found.append(obj)
    return found
