"""A control plane with a fake kubelet, and a small language to tell what happens in it.

    cluster = Cluster()
    cluster.nodes(3)
    cluster.given(deployment("web", replicas=3))
    cluster.advance("60s")
    assert cluster.read("deployments.apps", "web")["status"]["readyReplicas"] == 3

Names that chance made are shown as `<1>`, `<2>`, … in the order they appeared, so that traces stay readable.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from eks_lab.clock import SimClock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.controllers.cronjob.controller import CronJobController
from eks_lab.sim.controllers.daemonset.controller import DaemonSetController
from eks_lab.sim.controllers.deployment.controller import DeploymentController
from eks_lab.sim.controllers.disruption.controller import DisruptionController
from eks_lab.sim.controllers.endpoints.controller import EndpointsController
from eks_lab.sim.controllers.endpointslice.controller import EndpointSliceController
from eks_lab.sim.controllers.garbage_collector.controller import GarbageCollector
from eks_lab.sim.controllers.horizontal_pod_autoscaler.controller import (
    HorizontalPodAutoscalerController,
)
from eks_lab.sim.controllers.job.controller import JobController
from eks_lab.sim.controllers.namespace.controller import NamespaceController
from eks_lab.sim.controllers.node_lifecycle.controller import NodeLifecycleController
from eks_lab.sim.controllers.replicaset.controller import ReplicaSetController
from eks_lab.sim.controllers.scheduler.controller import Scheduler
from eks_lab.sim.controllers.statefulset.controller import StatefulSetController
from eks_lab.sim.controllers.taint_eviction.controller import TaintEvictionController
from eks_lab.sim.controllers.ttl.controller import EventTtlController, JobTtlController
from eks_lab.sim.controllers.volume_binding.controller import ClaimController, VolumeController
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import Key, Obj, labels_of, timestamp
from eks_lab.sim.resources import builtin_resources
from eks_lab.sim.runtime import Controller, Runtime
from eks_lab.sim.store import Store, StoreEvent
from tests.sim.controllers.fake_kubelet import FakeKubelet, seconds
from tests.sim.controllers.fake_usage import FakeUsage

START = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
ZONES = "abc"
ALLOCATABLE = {"cpu": "1930m", "memory": "7518Mi", "pods": "29", "ephemeral-storage": "18242267924"}
_HASH_LABELS = ("pod-template-hash", "controller-revision-hash", "controller.kubernetes.io/hash")
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)")
_UID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}")


class Cluster:
    """Everything that runs, and what was seen of it."""

    def __init__(
        self,
        seed: int = 7,
        *,
        version: str = "1.36",
        fates: Mapping[str, str] | None = None,
        ready_after: str = "2s",
        gone_after: str = "1s",
        kubelet: bool = True,
        volumes: bool = False,
    ) -> None:
        """Start an empty cluster.

        Args:
            seed: of everything that chance decides.
            version: Kubernetes minor version.
            fates: pattern of a pod's name -> what becomes of it, see `FakeKubelet`.
            ready_after: from binding to readiness.
            gone_after: from deletion to the end.
            kubelet: False leaves pods alone after they are bound.
            volumes: True binds claims and provisions their volumes.
        """
        self.clock = SimClock(START)
        self.store = Store()
        self.ids = Ids(seed)
        self.api = Api(self.store, self.clock, self.ids, version, builtin_resources(version))
        self.names: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._hashes = 0
        self.trace: list[str] = []
        self.store.subscribe(self._see)
        self.kubelet = FakeKubelet(
            self.clock, self.api, fates or {}, seconds(ready_after), seconds(gone_after)
        )
        self.usage = FakeUsage(self.clock, self.api)
        self.controllers = [*self._controllers(), *([self.kubelet] if kubelet else [])]
        if volumes:
            recorder = self.recorder("persistentvolume-controller")
            self.controllers += [
                ClaimController(self.clock, self.api, recorder),
                VolumeController(self.clock, self.api, recorder),
            ]
        self.runtime = Runtime(self.clock, self.store, self.controllers)
        self.api.create("namespaces", {"metadata": {"name": "default"}})

    def recorder(self, component: str) -> EventRecorder:
        """Return a recorder of its own ids."""
        return EventRecorder(self.clock, self.api, Ids(len(component)), component)

    def _controllers(self) -> list[Controller]:
        clock, api, recorder = self.clock, self.api, self.recorder
        return [
            DeploymentController(clock, api, recorder("deployment-controller")),
            ReplicaSetController(clock, api, recorder("replicaset-controller")),
            ReplicaSetController(clock, api, recorder("replication-controller"), "ReplicationController"),
            StatefulSetController(clock, api, recorder("statefulset-controller")),
            DaemonSetController(clock, api, recorder("daemonset-controller")),
            JobController(clock, api, recorder("job-controller")),
            CronJobController(clock, api, recorder("cronjob-controller")),
            JobTtlController(clock, api),
            EventTtlController(clock, api),
            DisruptionController(clock, api, recorder("controllermanager")),
            HorizontalPodAutoscalerController(clock, api, recorder("horizontal-pod-autoscaler"), self.usage),
            EndpointsController(clock, api),
            EndpointSliceController(clock, api),
            NodeLifecycleController(clock, api, recorder("node-controller")),
            TaintEvictionController(clock, api, recorder("taint-eviction-controller")),
            NamespaceController(clock, api),
            GarbageCollector(api, recorder("garbage-collector-controller")),
            Scheduler(clock, api, recorder("default-scheduler"), Ids(3)),
        ]

    # --- telling ---------------------------------------------------------------------------------------------

    def nodes(self, count: int, **more: Any) -> None:
        """Add nodes, one zone after the other; `more` as in `node`."""
        present = self.store.count("nodes")
        for number in range(present, present + count):
            self.given(node(number, **more))

    def given(self, *objects: Obj) -> None:
        """Create objects; the namespace is default unless they name one."""
        for obj in objects:
            resource = self.resource_of(obj["kind"])
            created = self.api.create(
                resource,
                obj,
                namespace=(obj["metadata"].get("namespace") or "default")
                if self.api.resource(resource).namespaced
                else "",
            )
            if obj.get("status") and self.api.resource(resource).has_status:
                self.api.update_status(resource, {**created, "status": obj["status"]})

    def patch(self, resource: str, name: str, change: Any, *, type: str = "merge", **more: Any) -> Obj:
        """Change an object by a patch."""
        return self.api.patch(resource, self.key(resource, name), change, type=type, **more)  # type: ignore[arg-type]

    def delete(self, resource: str, name: str, **more: Any) -> None:
        """Delete an object."""
        self.api.delete(resource, self.key(resource, name), **more)

    def advance(self, by: str) -> None:
        """Let time go by: `60s`, `5m`."""
        self.runtime.advance(seconds(by))

    def settle(self) -> None:
        """Do everything that is due now."""
        self.runtime.settle()

    # --- looking ---------------------------------------------------------------------------------------------

    def key(self, resource: str, name: str) -> Key:
        """Return the key of a name as it is shown: real, or with `<1>` in it."""
        real = next((each for each, shown in self.names.items() if shown == name), name)
        space, _, rest = real.rpartition("/")
        return Key(space or "default", rest) if self.api.resource(resource).namespaced else Key("", real)

    def read(self, resource: str, name: str) -> Obj:
        """Return an object.

        Raises:
            ApiError: there is none.
        """
        return self.api.read(resource, self.key(resource, name))

    def items(self, resource: str, **labels: str) -> list[Obj]:
        """Return objects with these labels; `_` in a key stands for `-`."""
        wanted = {key.replace("_", "-"): value for key, value in labels.items()}
        return [each for each in self.api.items(resource) if wanted.items() <= labels_of(each).items()]

    def shown_names(self, resource: str) -> list[str]:
        """Return the names of objects, with the endings of chance replaced."""
        return [self.show(each["metadata"]["name"]) for each in self.api.items(resource)]

    def resource_of(self, kind: str) -> str:
        """Return the resource of a kind."""
        return next(each.id for each in self.api.resources() if each.kind == kind and not each.dynamic)

    def events(self, reason: str = "") -> list[str]:
        """Return the messages of events in the order they came, of one reason if it is named."""
        found = [each for each in self.trace if not reason or f" {reason}: " in each]
        return [each.partition(": ")[2] for each in found]

    def show(self, text: str) -> str:
        """Return a text without names, uids and times that chance or the clock made."""
        if self.names:
            pattern = "|".join(map(re.escape, sorted(self.names, key=len, reverse=True)))
            text = re.sub(pattern, lambda found: self.names[found.group()], text)
        return _TIME.sub("<Now>", _UID.sub("<uid>", text))

    def shown(self, value: Any) -> Any:
        """Return a value with all its texts shown; keys as well."""
        if isinstance(value, dict):
            return {
                self.show(key): "<n>" if key == "resourceVersion" else self.shown(each)
                for key, each in value.items()
            }
        if isinstance(value, list):
            return [self.shown(each) for each in value]
        return self.show(value) if isinstance(value, str) else value

    def _see(self, event: StoreEvent) -> None:
        obj = event.obj
        if event.resource == "events":
            if event.type != "DELETED":
                self._see_event(obj, event.old)
            return
        if event.type != "ADDED":
            return
        metadata = obj["metadata"]
        for label in _HASH_LABELS:
            value = labels_of(obj).get(label)
            if value and value not in self.names and not value.startswith(tuple(self.names)):
                owner, _, ending = value.rpartition("-")
                known = self.names.get(ending)
                if known is None:
                    self._hashes += 1
                    self.names[ending] = known = f"<h{self._hashes}>"
                if owner:
                    self.names[value] = f"{owner}-{known}"
        prefix = metadata.get("generateName")
        if prefix and metadata["name"].startswith(prefix) and event.resource != "events":
            if labels_of(obj).get("statefulset.kubernetes.io/pod-name"):
                return
            shown = self.show(prefix)
            self._counts[shown] = self._counts.get(shown, 0) + 1
            self.names[metadata["name"]] = f"{shown}<{self._counts[shown]}>"

    def _see_event(self, event: Obj, old: Obj | None) -> None:
        about = event["involvedObject"]
        times = event.get("count") or (event.get("series") or {}).get("count") or 1
        again = f" (x{times})" if old is not None else ""
        moment = int((self.clock.now() - START).total_seconds())
        line = (
            f"{moment}s {about['kind']}/{about['name']} {event['type']} {event['reason']}: {event['message']}"
        )
        self.trace.append(self.show(line) + again)


# --- objects ---------------------------------------------------------------------------------------------------


def node(number: int = 0, *, name: str = "", labels: Mapping[str, str] | None = None, **more: Any) -> Obj:
    """Return a Ready m5.large in one of three zones; `taints`, `unschedulable` and amounts as keywords."""
    zone = number % len(ZONES)
    name = name or f"ip-10-0-{64 * zone + 1}-{10 + number // len(ZONES)}.ec2.internal"
    given: Obj = {key: str(more[key]) for key in ("cpu", "memory", "pods") if key in more}
    amounts: Obj = {**ALLOCATABLE, **given}
    spec = {key: more[key] for key in ("taints", "unschedulable") if key in more}
    return {
        "apiVersion": "v1",
        "kind": "Node",
        "metadata": {
            "name": name,
            "labels": {
                "kubernetes.io/hostname": name,
                "kubernetes.io/os": "linux",
                "kubernetes.io/arch": "amd64",
                "topology.kubernetes.io/region": "us-east-1",
                "topology.kubernetes.io/zone": f"us-east-1{ZONES[zone]}",
                "node.kubernetes.io/instance-type": "m5.large",
                **(labels or {}),
            },
        },
        "spec": spec,
        "status": {
            "allocatable": amounts,
            "capacity": {**amounts, "cpu": "2", "memory": "8Gi"},
            "conditions": [
                {
                    "type": "Ready",
                    "status": "True",
                    "reason": "KubeletReady",
                    "message": "kubelet is posting ready status",
                    "lastHeartbeatTime": timestamp(START),
                    "lastTransitionTime": timestamp(START),
                }
            ],
        },
    }


def pod(
    name: str, *, image: str = "ok:1", cpu: str = "", memory: str = "", labels: Any = None, **spec: Any
) -> Obj:
    """Return a pod of one container."""
    requests = {key: value for key, value in (("cpu", cpu), ("memory", memory)) if value}
    container: Obj = {"name": "main", "image": image}
    if requests:
        container["resources"] = {"requests": requests}
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": labels or {"app": name}},
        "spec": {"containers": [container], **spec},
    }


def template(app: str, *, image: str = "ok:1", cpu: str = "", **spec: Any) -> Obj:
    """Return a pod template of one container."""
    made = pod(app, image=image, cpu=cpu, **spec)
    return {"metadata": {"labels": {"app": app}}, "spec": made["spec"]}


def workload(kind: str, name: str, *, image: str = "ok:1", cpu: str = "", **spec: Any) -> Obj:
    """Return a Deployment, ReplicaSet, StatefulSet or DaemonSet."""
    made: Obj = {"selector": {"matchLabels": {"app": name}}, "template": template(name, image=image, cpu=cpu)}
    if kind == "StatefulSet":
        made["serviceName"] = name
    return {"apiVersion": "apps/v1", "kind": kind, "metadata": {"name": name}, "spec": {**made, **spec}}


def deployment(name: str = "web", **more: Any) -> Obj:
    """Return a Deployment; `image` and `cpu` go to its container, everything else to its spec."""
    return workload("Deployment", name, **more)


def job(name: str = "job", *, image: str = "done-5s:1", **spec: Any) -> Obj:
    """Return a Job."""
    body = {"containers": [{"name": "main", "image": image}], "restartPolicy": "Never"}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name},
        "spec": {"template": {"spec": body}, **spec},
    }


def elapsed(cluster: Cluster) -> timedelta:
    """Return how long the scenario has been going on."""
    return cluster.clock.now() - START


def without(obj: Obj, fields: Iterable[str]) -> Obj:
    """Return an object without some of its fields."""
    gone = frozenset(fields)
    return {key: value for key, value in obj.items() if key not in gone}
