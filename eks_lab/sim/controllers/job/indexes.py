"""Completion indexes: written as `0-2,5`, read, and put on pods."""

from __future__ import annotations

from collections.abc import Iterable

from eks_lab.sim.objects import Obj, annotations_of, evolve

INDEX = "batch.kubernetes.io/job-completion-index"


def written(indexes: Iterable[int]) -> str:
    """Return indexes as the status has them: `0-2,5`; runs of two are written with a comma."""
    runs: list[list[int]] = []
    for index in sorted(set(indexes)):
        if runs and runs[-1][1] == index - 1:
            runs[-1][1] = index
        else:
            runs.append([index, index])
    parts = []
    for first, last in runs:
        if first == last:
            parts.append(str(first))
        else:
            parts.append(f"{first}-{last}" if last - first > 1 else f"{first},{last}")
    return ",".join(parts)


def read(text: str) -> set[int]:
    """Return the indexes of a text like `0-2,5`."""
    found: set[int] = set()
    for part in filter(None, text.split(",")):
        first, _, last = part.partition("-")
        found.update(range(int(first), int(last or first) + 1))
    return found


def index_of(pod: Obj) -> int:
    """Return the completion index of a pod, -1 when it has none."""
    text = annotations_of(pod).get(INDEX, "")
    return int(text) if text.isdigit() else -1


def with_index(pod: Obj, job_name: str, index: int) -> Obj:
    """Return a new pod that knows its index: annotation, label, hostname, environment."""
    variable = {
        "name": "JOB_COMPLETION_INDEX",
        "valueFrom": {"fieldRef": {"fieldPath": f"metadata.labels['{INDEX}']"}},
    }
    spec = dict(pod["spec"])
    for field in ("initContainers", "containers"):
        if spec.get(field):
            spec[field] = [_with_variable(container, variable) for container in spec[field]]
    spec["hostname"] = f"{job_name}-{index}"
    pod = {**pod, "spec": spec}
    for field in ("annotations", "labels"):
        pod = evolve(pod, ("metadata", field, INDEX), str(index))
    return evolve(pod, ("metadata", "generateName"), f"{job_name}-{index}-")


def _with_variable(container: Obj, variable: Obj) -> Obj:
    present = container.get("env") or []
    if any(each["name"] == variable["name"] for each in present):
        return container
    return {**container, "env": [*present, variable]}
