"""Reconciles one Deployment. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.claims import claim, index_orphans, owned, owner_keys
from eks_lab.sim.controllers.deployment import conditions as progress
from eks_lab.sim.controllers.deployment import decide
from eks_lab.sim.controllers.deployment.rolling import scale_down_old
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import (
    ApiError,
    Key,
    Obj,
    annotations_of,
    condition_of,
    controller_of,
    evolve,
    is_deleting,
    key_of,
    labels_of,
    owner_reference,
)
from eks_lab.sim.pod_state import is_finished
from eks_lab.sim.pod_template import template_hash
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.selection import matches
from eks_lab.sim.store import StoreEvent

DEPLOYMENTS = "deployments.apps"
SETS = "replicasets.apps"
MANAGER = "kube-controller-manager"


class DeploymentController:
    """Rolls out templates."""

    name: ClassVar[str] = "deployment"

    def __init__(self, clock: Clock, api: Api, recorder: EventRecorder) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self._recorder = recorder
        self.watches: Sequence[Watch] = (
            Watch(DEPLOYMENTS),
            Watch(SETS, self._keys_of_set),
            Watch("pods", self._keys_of_pod),
        )
        index_orphans(api, SETS)

    def _keys_of_set(self, event: StoreEvent) -> Iterable[Key]:
        keys = owner_keys(event.obj, "Deployment")
        if event.old is not None:
            keys += owner_keys(event.old, "Deployment")
        if not keys and controller_of(event.obj) is None:
            labels = labels_of(event.obj)
            namespace = event.obj["metadata"]["namespace"]
            keys = [
                key_of(each)
                for each in self._api.items(DEPLOYMENTS, namespace)
                if matches(each["spec"].get("selector"), labels)
            ]
        return keys

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        """A Recreate rollout waits for the last old pod to go."""
        if event.type != "DELETED":
            return ()
        namespace = event.obj["metadata"]["namespace"]
        for key in owner_keys(event.obj, "ReplicaSet"):
            found = self._api.get(SETS, key)
            if found is not None:
                return [
                    each
                    for each in owner_keys(found, "Deployment")
                    if (owner := self._api.get(DEPLOYMENTS, Key(namespace, each.name))) is not None
                    and decide.is_recreate(owner)
                ]
        return ()

    # --- one reconcile -------------------------------------------------------------------------------------

    def reconcile(self, key: Key) -> Result:
        """Move the rollout one step on."""
        deployment = self._api.get(DEPLOYMENTS, key)
        if deployment is None:
            return DONE
        selector = deployment["spec"].get("selector")
        if selector == {}:
            self._recorder.warning(
                deployment,
                "SelectingAll",
                "This deployment is selecting all pods. A non-empty selector is required.",
            )
            return DONE
        sets = claim(self._api, deployment, SETS, selector, MANAGER)
        if is_deleting(deployment):
            return self._write_status(deployment, sets, progress_too=False)
        deployment = self._pause_conditions(deployment)
        if deployment["spec"].get("paused") or self._is_scaling(deployment, sets):
            return self._sync(deployment, sets)
        if decide.is_recreate(deployment):
            return self._recreate(deployment, sets)
        return self._roll(deployment, sets)

    def _pause_conditions(self, deployment: Obj) -> Obj:
        if not progress.has_deadline(deployment):
            return deployment
        current = condition_of(deployment, "Progressing")
        if current is not None and current.get("reason") == "ProgressDeadlineExceeded":
            return deployment
        is_paused = bool(deployment["spec"].get("paused"))
        was_paused = current is not None and current.get("reason") == "DeploymentPaused"
        now = self._clock.now()
        if is_paused and not was_paused:
            new = progress.condition(
                "Progressing", "Unknown", "DeploymentPaused", "Deployment is paused", now
            )
        elif not is_paused and was_paused:
            new = progress.condition(
                "Progressing", "Unknown", "DeploymentResumed", "Deployment is resumed", now
            )
        else:
            return deployment
        found = progress.set_condition((deployment.get("status") or {}).get("conditions") or (), new)
        changed = evolve(deployment, ("status", "conditions"), found)
        return self._api.update_status(DEPLOYMENTS, changed, manager=MANAGER)

    def _is_scaling(self, deployment: Obj, sets: Sequence[Obj]) -> bool:
        wanted = decide.replicas_of(deployment)
        for each in sets:
            if decide.replicas_of(each) > 0:
                text = annotations_of(each).get(decide.DESIRED, "")
                if text.isdigit() and int(text) != wanted:
                    return True
        return False

    def _sync(self, deployment: Obj, sets: Sequence[Obj]) -> Result:
        """Scale without rolling out."""
        new, old = self._new_and_old(deployment, sets, may_create=False)
        deployment = self._current(deployment)
        self._scale(deployment, new, old)
        sets = owned(self._api, deployment, SETS)
        new, old = decide.new_and_old(deployment, sets)
        if deployment["spec"].get("paused"):
            self._clean_up(deployment, old)
        return self._write_status(deployment, sets, progress_too=False)

    def _scale(self, deployment: Obj, new: Obj | None, old: Sequence[Obj]) -> None:
        active = [each for each in old if decide.replicas_of(each) > 0]
        with_new = active + ([new] if new is not None and decide.replicas_of(new) > 0 else [])
        if len(with_new) <= 1:
            only = with_new[0] if with_new else self._latest(new, old)
            if only is not None:
                self._resize(deployment, only, decide.replicas_of(deployment))
            return
        if decide.is_saturated(deployment, new):
            for each in active:
                self._resize(deployment, each, 0)
            return
        if not decide.is_recreate(deployment):
            sizes = decide.proportional_sizes(deployment, with_new)
            for each in with_new:
                self._resize(deployment, each, sizes[each["metadata"]["uid"]])

    def _latest(self, new: Obj | None, old: Sequence[Obj]) -> Obj | None:
        if new is not None:
            return new
        return max(old, key=lambda each: each["metadata"]["creationTimestamp"], default=None)

    def _roll(self, deployment: Obj, sets: Sequence[Obj]) -> Result:
        new, old = self._new_and_old(deployment, sets, may_create=True)
        deployment = self._current(deployment)
        if new is not None:
            every = [*old, new]
            wanted = self._new_size(deployment, every, new)
            if self._resize(deployment, new, wanted):
                return self._finish(deployment)
            if self._scale_down_old(deployment, every, old, new):
                return self._finish(deployment)
        return self._finish(deployment)

    def _new_size(self, deployment: Obj, every: Sequence[Obj], new: Obj) -> int:
        wanted = decide.replicas_of(deployment)
        if decide.replicas_of(new) > wanted:
            return wanted
        return decide.new_set_replicas(deployment, every, new)

    def _scale_down_old(self, deployment: Obj, every: Sequence[Obj], old: Sequence[Obj], new: Obj) -> bool:
        sizes = scale_down_old(deployment, every, old, new)
        changed = False
        for each in old:
            size = sizes.get(each["metadata"]["uid"])
            if size is not None:
                changed = self._resize(deployment, each, size) or changed
        return changed

    def _recreate(self, deployment: Obj, sets: Sequence[Obj]) -> Result:
        new, old = self._new_and_old(deployment, sets, may_create=False)
        active = [each for each in old if decide.replicas_of(each) > 0]
        scaled = False
        for each in active:
            scaled = self._resize(deployment, each, 0) or scaled
        if scaled or self._old_pods_run(old):
            return self._write_status(self._current(deployment), owned(self._api, deployment, SETS))
        new, old = self._new_and_old(self._current(deployment), sets, may_create=True)
        deployment = self._current(deployment)
        if new is not None:
            self._resize(deployment, new, decide.replicas_of(deployment))
        return self._finish(deployment)

    def _old_pods_run(self, old: Sequence[Obj]) -> bool:
        for each in old:
            for resource, key in self._api.store.owned_by(each["metadata"]["uid"]):
                pod = self._api.get(resource, key) if resource == "pods" else None
                if pod is not None and not is_finished(pod):
                    return True
        return False

    def _finish(self, deployment: Obj) -> Result:
        """Clean up when the rollout is complete, and write the status."""
        sets = owned(self._api, deployment, SETS)
        deployment = self._current(deployment)
        _, old = decide.new_and_old(deployment, sets)
        if decide.is_complete(deployment, deployment.get("status") or {}):
            self._clean_up(deployment, old)
            sets = owned(self._api, deployment, SETS)
        return self._write_status(deployment, sets)

    # --- ReplicaSets -----------------------------------------------------------------------------------------

    def _new_and_old(
        self, deployment: Obj, sets: Sequence[Obj], *, may_create: bool
    ) -> tuple[Obj | None, list[Obj]]:
        """Return the new ReplicaSet, made or renumbered where needed, and the old ones."""
        sets = [found for each in sets if (found := self._api.get(SETS, key_of(each))) is not None]
        new, old = decide.new_and_old(deployment, sets)
        highest = max((decide.revision_of(each) for each in old), default=0)
        revision = str(highest + 1)
        if new is not None:
            return self._renumber(deployment, new, revision), old
        if not may_create:
            return None, old
        return self._create(deployment, old, revision), old

    def _renumber(self, deployment: Obj, new: Obj, revision: str) -> Obj:
        wanted = decide.annotations_for_set(deployment, annotations_of(new), revision, exists=True)
        min_ready = deployment["spec"].get("minReadySeconds", 0)
        changed = new
        if wanted != annotations_of(new):
            changed = evolve(changed, ("metadata", "annotations"), wanted)
        if min_ready != new["spec"].get("minReadySeconds", 0):
            changed = evolve(changed, ("spec", "minReadySeconds"), min_ready)
        if changed is not new:
            new = self._api.update(SETS, changed, manager=MANAGER)
        self._note_revision(
            deployment, new, "FoundNewReplicaSet", f'Found new replica set "{new["metadata"]["name"]}"'
        )
        return new

    def _create(self, deployment: Obj, old: Sequence[Obj], revision: str) -> Obj | None:
        metadata, spec = deployment["metadata"], deployment["spec"]
        value = template_hash(spec["template"], (deployment.get("status") or {}).get("collisionCount"))
        template = decide.with_hash(spec["template"], value)
        made: Obj = {
            "apiVersion": "apps/v1",
            "kind": "ReplicaSet",
            "metadata": {
                "name": f"{metadata['name']}-{value}",
                "namespace": metadata["namespace"],
                "labels": template["metadata"]["labels"],
                "ownerReferences": [owner_reference(deployment)],
            },
            "spec": {
                "replicas": 0,
                "selector": decide.selector_with_hash(spec["selector"], value),
                "template": template,
            },
        }
        if spec.get("minReadySeconds"):
            made["spec"]["minReadySeconds"] = spec["minReadySeconds"]
        made["spec"]["replicas"] = decide.new_set_replicas(deployment, [*old, made], made)
        annotations = decide.annotations_for_set(deployment, {}, revision, exists=False)
        made["metadata"]["annotations"] = annotations | self._size_annotations(deployment)
        try:
            new = self._api.create(SETS, made, namespace=metadata["namespace"], manager=MANAGER)
        except ApiError as error:
            if error.reason == "AlreadyExists":
                return self._collided(deployment, made)
            self._note_failed_creation(deployment, error)
            raise
        if made["spec"]["replicas"] > 0:
            self._recorder.normal(
                deployment,
                "ScalingReplicaSet",
                f"Scaled up replica set {new['metadata']['name']} from 0 to {made['spec']['replicas']}",
            )
        self._note_revision(
            deployment, new, "NewReplicaSetCreated", f'Created new replica set "{new["metadata"]["name"]}"'
        )
        return new

    def _collided(self, deployment: Obj, made: Obj) -> Obj | None:
        """Another object has the name: count the collision, and another hash comes out next time."""
        current = self._current(deployment)
        count = (current.get("status") or {}).get("collisionCount") or 0
        self._api.update_status(
            DEPLOYMENTS, evolve(current, ("status", "collisionCount"), count + 1), manager=MANAGER
        )
        return None

    def _note_failed_creation(self, deployment: Obj, error: ApiError) -> None:
        name, now = deployment["metadata"]["name"], self._clock.now()
        message = f'Failed to create new replica set "{name}": {error.message}'
        if progress.has_deadline(deployment):
            new = progress.condition("Progressing", "False", "ReplicaSetCreateError", message, now)
            current = self._current(deployment)
            found = progress.set_condition((current.get("status") or {}).get("conditions") or (), new)
            self._api.update_status(
                DEPLOYMENTS, evolve(current, ("status", "conditions"), found), manager=MANAGER
            )
        self._recorder.warning(deployment, "ReplicaSetCreateError", message)

    def _note_revision(self, deployment: Obj, new: Obj, reason: str, message: str) -> None:
        """Copy the revision to the Deployment, and say where the new ReplicaSet came from."""
        current = self._current(deployment)
        revision = annotations_of(new).get(decide.REVISION, "")
        if revision and annotations_of(current).get(decide.REVISION) != revision:
            changed = evolve(current, ("metadata", "annotations", decide.REVISION), revision)
            current = self._api.update(DEPLOYMENTS, changed, manager=MANAGER)
        if not progress.has_deadline(current):
            return
        is_new = reason == "NewReplicaSetCreated"
        if is_new or condition_of(current, "Progressing") is None:
            new_condition = progress.condition("Progressing", "True", reason, message, self._clock.now())
            found = progress.set_condition(
                (current.get("status") or {}).get("conditions") or (), new_condition
            )
            self._api.update_status(
                DEPLOYMENTS, evolve(current, ("status", "conditions"), found), manager=MANAGER
            )

    def _size_annotations(self, deployment: Obj) -> dict[str, str]:
        wanted = decide.replicas_of(deployment)
        return {decide.DESIRED: str(wanted), decide.MOST: str(wanted + decide.max_surge(deployment))}

    def _resize(self, deployment: Obj, each: Obj, size: int) -> bool:
        """Scale a ReplicaSet and keep its size annotations; return whether its size changed."""
        each = self._api.get(SETS, key_of(each)) or each
        former = decide.replicas_of(each)
        notes = {**annotations_of(each), **self._size_annotations(deployment)}
        if former == size and notes == annotations_of(each):
            return False
        changed = evolve(evolve(each, ("spec", "replicas"), size), ("metadata", "annotations"), notes)
        self._api.update(SETS, changed, manager=MANAGER)
        if former == size:
            return False
        direction = "up" if size > former else "down"
        self._recorder.normal(
            deployment,
            "ScalingReplicaSet",
            f"Scaled {direction} replica set {each['metadata']['name']} from {former} to {size}",
        )
        return True

    def _clean_up(self, deployment: Obj, old: Sequence[Obj]) -> None:
        limit = deployment["spec"].get("revisionHistoryLimit")
        if limit is None:
            return
        idle = [each for each in old if not is_deleting(each)]
        surplus = len(idle) - limit
        for each in sorted(idle, key=decide.revision_of)[: max(surplus, 0)]:
            is_used = decide.replicas_of(each) or decide.status_number(each, "replicas")
            is_seen = decide.status_number(each, "observedGeneration") >= each["metadata"].get(
                "generation", 0
            )
            if not is_used and is_seen:
                self._api.delete(SETS, key_of(each), uid=each["metadata"]["uid"])

    # --- status --------------------------------------------------------------------------------------------

    def _current(self, deployment: Obj) -> Obj:
        return self._api.get(DEPLOYMENTS, key_of(deployment)) or deployment

    def _write_status(self, deployment: Obj, sets: Sequence[Obj], *, progress_too: bool = True) -> Result:
        deployment = self._current(deployment)
        now = self._clock.now()
        sets = owned(self._api, deployment, SETS) or sets
        new, _ = decide.new_and_old(deployment, sets)
        status = progress.status_of(
            deployment, sets, new, now, counts_terminating=self._api.version >= "1.35"
        )
        if progress_too:
            status = progress.with_progress(deployment, status, sets, new, now)
        if status != (deployment.get("status") or {}):
            self._api.update_status(DEPLOYMENTS, {**deployment, "status": status}, manager=MANAGER)
        wait = progress.until_timeout(deployment, status, now) if progress_too else None
        return Result(wait) if wait else DONE
