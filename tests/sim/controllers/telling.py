"""Scenarios as data: a file says what is done, another what came of it.

An input has `about`, `nodes` (a number, or keywords of `node` for each), `steps`, and what `Cluster` takes (`seed`,
`fates`, `ready_after`, …). A step is one of: `create` (an object, or several), `deployment`/`replicaset`/`set`/`daemons`/`job`/`pod` (keywords
of the builders), `owned` (kind, name and the owners it is `by`), `own` (resource: name, `by` an owner), `patch` and `image` (resource: name, and `with` or `to`), `delete`, `load` (app: millicores), `evict` (a pod), `advance`. `show` names further
fields of resources; `hide` names reasons of events that do not matter.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from eks_lab.sim.objects import ApiError, Obj
from tests.sim.controllers.scenario import Cluster, deployment, job, node, pod, workload

SHOWN: dict[str, tuple[str, ...]] = {
    "deployments.apps": ("spec.replicas", "status"),
    "replicasets.apps": ("spec.replicas", "status.readyReplicas", "metadata.annotations"),
    "statefulsets.apps": ("spec.replicas", "status"),
    "jobs.batch": ("status",),
    "pods": ("spec.nodeName", "status.phase", "metadata.labels.controller-revision-hash"),
    "persistentvolumeclaims": ("metadata.ownerReferences",),
    "horizontalpodautoscalers.autoscaling": ("status",),
    "configmaps": ("metadata.ownerReferences", "metadata.finalizers"),
}
_NOT_HERE = object()


def play(path: Path) -> Obj:
    """Play an input file and return what its output file should hold."""
    told: Obj = yaml.safe_load(path.read_text(encoding="utf-8"))
    settings = {
        key: told[key]
        for key in ("seed", "version", "fates", "ready_after", "gone_after", "volumes")
        if key in told
    }
    cluster = Cluster(**settings)
    nodes = told.get("nodes", 0)
    for number, more in enumerate([{}] * nodes if isinstance(nodes, int) else nodes):
        cluster.given(node(number, **more))
    for step in told["steps"]:
        _take(cluster, step)
    hidden = told.get("hide", ["Scheduled"])
    trace = [line for line in cluster.trace if not any(f" {reason}: " in line for reason in hidden)]
    shown = {**SHOWN, **told.get("show", {})}
    objects = {}
    for resource in sorted(set(shown) & set(cluster.store.resources())):
        found = {
            cluster.show(each["metadata"]["name"]): cluster.shown(_fields(each, shown[resource]))
            for each in cluster.api.items(resource)
        }
        if found:
            objects[resource] = found
    return {"trace": trace, "objects": objects}


def _take(cluster: Cluster, step: Obj) -> None:
    refused = step.pop("refused", None)
    ((word, value),) = [(key, each) for key, each in step.items() if key not in ("with", "to", "type")]
    if refused is None:
        _WORDS[word](cluster, value, step)
        return
    with pytest.raises(ApiError) as caught:
        _WORDS[word](cluster, value, step)
    assert cluster.show(caught.value.message) == refused


def _create(cluster: Cluster, value: Any, step: Obj) -> None:
    cluster.given(*(value if isinstance(value, list) else [value]))


def _patch(cluster: Cluster, value: Obj, step: Obj) -> None:
    ((resource, name),) = value.items()
    cluster.patch(resource, name, step["with"], type=step.get("type", "merge"))


def _reference(cluster: Cluster, name: str, kind: str, *, blocks: bool) -> Obj:
    """Return an owner reference; one to `gone` leads nowhere."""
    resource = cluster.resource_of(kind)
    uid = "99999999-9999-4999-8999-999999999999"
    if name != "gone":
        uid = cluster.read(resource, name)["metadata"]["uid"]
    reference: Obj = {"apiVersion": "v1", "kind": kind, "name": name, "uid": uid}
    return {**reference, "blockOwnerDeletion": True} if blocks else reference


def _owned(cluster: Cluster, value: Obj, step: Obj) -> None:
    owners = [
        _reference(cluster, each, value.get("owner", "ConfigMap"), blocks=bool(value.get("block")))
        for each in value["by"]
    ]
    metadata = {"name": value["name"], "ownerReferences": owners}
    metadata |= {key: value[key] for key in ("namespace", "finalizers") if key in value}
    cluster.given({"apiVersion": "v1", "kind": value["kind"], "metadata": metadata})


def _own(cluster: Cluster, value: Obj, step: Obj) -> None:
    ((resource, name),) = [(key, each) for key, each in value.items() if key not in ("by", "block")]
    owner = _reference(cluster, value["by"], "ConfigMap", blocks=bool(value.get("block")))
    cluster.patch(resource, name, {"metadata": {"ownerReferences": [owner]}})


def _image(cluster: Cluster, value: Obj, step: Obj) -> None:
    ((resource, name),) = value.items()
    found = cluster.read(resource, name)["spec"]["template"]["spec"]["containers"][0]["name"]
    containers = [{"name": found, "image": step["to"]}]
    cluster.patch(
        resource, name, {"spec": {"template": {"spec": {"containers": containers}}}}, type="strategic"
    )


def _delete(cluster: Cluster, value: Obj, step: Obj) -> None:
    ((resource, name),) = [
        (key, each) for key, each in value.items() if "_" not in key and key != "propagation"
    ]
    more = {key: each for key, each in value.items() if key != resource}
    cluster.delete(resource, name, **more)


_WORDS: dict[str, Callable[[Cluster, Any, Obj], None]] = {
    "create": _create,
    "deployment": lambda cluster, value, step: cluster.given(deployment(**value)),
    "set": lambda cluster, value, step: cluster.given(workload("StatefulSet", **value)),
    "replicaset": lambda cluster, value, step: cluster.given(workload("ReplicaSet", **value)),
    "job": lambda cluster, value, step: cluster.given(job(**value)),
    "daemons": lambda cluster, value, step: cluster.given(workload("DaemonSet", **value)),
    "pod": lambda cluster, value, step: cluster.given(pod(**value)),
    "owned": _owned,
    "own": _own,
    "patch": _patch,
    "image": _image,
    "delete": _delete,
    "load": lambda cluster, value, step: cluster.usage.load.update(value),
    "evict": lambda cluster, value, step: cluster.api.evict(cluster.key("pods", value)),
    "advance": lambda cluster, value, step: cluster.advance(value),
}


def _fields(obj: Obj, paths: tuple[str, ...]) -> Obj:
    found = {}
    for path in paths:
        here: Any = obj
        for key in path.split("."):
            here = here.get(key, _NOT_HERE) if isinstance(here, dict) else _NOT_HERE
        if here is not _NOT_HERE:
            found[path] = here
    return found


def written(output: Obj) -> str:
    """Return an output as its file has it."""
    return yaml.safe_dump(output, sort_keys=False, allow_unicode=True, width=110)
