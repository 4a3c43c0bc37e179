"""`schedule`: whether pods would find a node now.

The cluster's nodes and pods are read and put into an empty copy in memory; the simulator's scheduler then looks
for places there. The cluster itself sees only reads.
"""

from __future__ import annotations

from typing import Any

import yaml

from eks_lab.content.queries import ScheduleQuery
from eks_lab.errors import ContentError
from eks_lab.grading.kubernetes_client import StatusError
from eks_lab.grading.stage import Stage
from eks_lab.grading.verdict import Verdict

_READ = (
    *("nodes", "pods", "persistentvolumeclaims", "persistentvolumes", "namespaces", "services"),
    *("storageclasses.storage.k8s.io", "csinodes.storage.k8s.io", "replicasets.apps"),
)
_SEED = 7


def look(value: ScheduleQuery, stage: Stage, check: str) -> Verdict:
    """Look for places.

    Args:
        value: the pods.
        stage: where.
        check: not needed.

    Raises:
        ContentError: the manifest holds no pod.
    """
    del check
    pod = _pod(value, stage)
    placed, why = _placed(pod, value.pods, stage)
    fits = placed == value.pods
    seen = f"{placed} of {value.pods} pods would find a node" + (f": {why}" if why else "")
    return Verdict(fits is value.fits, seen)


def _pod(query: ScheduleQuery, stage: Stage) -> dict[str, Any]:
    if not query.manifest:
        container = {"name": "main", "image": "nginx", "resources": {"requests": dict(query.requests)}}
        return {"metadata": {"namespace": "default"}, "spec": {"containers": [container]}}
    text = query.manifest if "\n" in query.manifest else stage.lab.text(query.manifest)
    for document in yaml.safe_load_all(text):
        if isinstance(document, dict) and document.get("kind") == "Pod":
            return document
        spec = document.get("spec") if isinstance(document, dict) else None
        template = spec.get("template") if isinstance(spec, dict) else None
        if isinstance(template, dict):
            namespace = (document.get("metadata") or {}).get("namespace", "default")
            return {**template, "metadata": {**(template.get("metadata") or {}), "namespace": namespace}}
    raise ContentError(
        "schedule: the manifest holds no pod", hint="Use a Pod, or something with spec.template."
    )


def _placed(pod: dict[str, Any], count: int, stage: Stage) -> tuple[int, str]:
    from eks_lab.clock import SimClock
    from eks_lab.ids import Ids
    from eks_lab.sim.api import Api
    from eks_lab.sim.controllers.scheduler.controller import CYCLE, Scheduler
    from eks_lab.sim.events import EventRecorder
    from eks_lab.sim.objects import Key, condition_of, timestamp
    from eks_lab.sim.resources import builtin_resources
    from eks_lab.sim.store import Store

    version = stage.lab.file.start.world.version
    store, clock, ids = Store(), SimClock(stage.target.now()), Ids(_SEED)
    api = Api(store, clock, ids, version, builtin_resources(version))
    store.load(1, _objects(stage))
    namespace = (pod.get("metadata") or {}).get("namespace") or "default"
    keys = [Key(namespace, f"eks-lab-would-be-{number}") for number in range(count)]
    for key in keys:
        metadata = {
            **(pod.get("metadata") or {}),
            "namespace": namespace,
            "name": key.name,
            "uid": ids.uid(),
            "creationTimestamp": timestamp(clock.now()),
        }
        spec = {"schedulerName": "default-scheduler", **pod["spec"]}
        status = {"phase": "Pending"}
        store.put(
            "pods", {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": status}
        )
    scheduler = Scheduler(clock, api, EventRecorder(clock, api, ids, "default-scheduler"), ids)
    for _ in range(count):
        scheduler.reconcile(CYCLE)
    placed, why = 0, ""
    for key in keys:
        found = store.get("pods", key)
        if found is not None and found["spec"].get("nodeName"):
            placed += 1
        elif found is not None:
            why = why or str((condition_of(found, "PodScheduled") or {}).get("message", ""))
    return placed, why


def _objects(stage: Stage) -> list[tuple[str, dict[str, Any]]]:
    found: list[tuple[str, dict[str, Any]]] = []
    for resource in _READ:
        try:
            objects = stage.target.kubernetes.list(resource, "*")
        except (StatusError, ContentError):
            continue
        # Pods that wait themselves are not in anybody's way.
        found += [(resource, each) for each in objects if resource != "pods" or each["spec"].get("nodeName")]
    return found
