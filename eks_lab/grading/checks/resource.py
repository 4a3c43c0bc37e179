"""`resource`: Kubernetes objects and what stands in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eks_lab.content.queries import AbsentQuery, ResourceQuery
from eks_lab.grading.checks.expectation import compared, same
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict
from eks_lab.kube.jsonpath import find


def look(value: ResourceQuery, stage: Stage, check: str) -> Verdict:
    """Look at objects.

    Args:
        value: which, and what is expected of them.
        stage: where.
        check: not needed.
    """
    del check
    return judged(value, objects_of(value, stage))


def objects_of(query: ResourceQuery | AbsentQuery, stage: Stage) -> list[dict[str, Any]]:
    """Return the objects that a query is about.

    Args:
        query: kind, name or selector, namespace, where.
        stage: where.

    Raises:
        ContentError: the cluster has no such kind.
    """
    kubernetes = stage.target.kubernetes
    if query.name and query.namespace != "*":
        found = kubernetes.get(query.kind, query.name, query.namespace)
        objects = [found] if found is not None else []
    else:
        objects = kubernetes.list(query.kind, query.namespace, query.selector)
        if query.name:
            objects = [each for each in objects if each["metadata"]["name"] == query.name]
    return [each for each in objects if fits(each, query.where)]


def fits(obj: Mapping[str, Any], where: Mapping[str, Any]) -> bool:
    """Return whether each path of an object has its value.

    Args:
        obj: the object.
        where: JSONPath -> value; null means that nothing may be there.
    """
    for path, wanted in where.items():
        values = find(path, obj)
        if wanted is None:
            if values:
                return False
        elif not any(same(each, wanted) for each in values):
            return False
    return True


def judged(query: ResourceQuery, objects: list[dict[str, Any]]) -> Verdict:
    """Return whether objects are as expected.

    Args:
        query: what is expected.
        objects: those it is about.
    """
    if not query.path:
        return compared(objects, query, f"no {described(query)}")
    values = [value for each in objects for value in find(query.path, each) if value is not None]
    nothing = f"{query.path} is not set" if objects else f"no {described(query)}"
    return compared(values, query, nothing)


def described(query: ResourceQuery | AbsentQuery) -> str:
    """Return `Deployment web in namespace shop`."""
    parts = [query.kind, query.name, f"with {query.selector}" if query.selector else ""]
    if query.where:
        parts.append("with " + ", ".join(f"{path}={each}" for path, each in query.where.items()))
    if query.namespace not in ("default", "*", ""):
        parts.append(f"in namespace {query.namespace}")
    return " ".join(part for part in parts if part)
