"""Reconciles one namespace."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.objects import ApiError, Key, Obj, is_deleting, key_of, timestamp
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.store import StoreEvent

NAMESPACES = "namespaces"
FINALIZER = "kubernetes"
MANAGER = "kube-controller-manager"
LOOK_AGAIN = timedelta(seconds=1)

_GOOD = {
    "NamespaceDeletionDiscoveryFailure": ("ResourcesDiscovered", "All resources successfully discovered"),
    "NamespaceDeletionGroupVersionParsingFailure": (
        "ParsedGroupVersions",
        "All legacy kube types successfully parsed",
    ),
    "NamespaceDeletionContentFailure": (
        "ContentDeleted",
        "All content successfully deleted, may be waiting on finalization",
    ),
    "NamespaceContentRemaining": ("ContentRemoved", "All content successfully removed"),
    "NamespaceFinalizersRemaining": ("ContentHasNoFinalizers", "All content-preserving finalizers finished"),
}


class NamespaceController:
    """Deletes content."""

    name: ClassVar[str] = "namespace"

    def __init__(self, clock: Clock, api: Api) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self.watches: Sequence[Watch] = (Watch(NAMESPACES, self._keys),)

    def _keys(self, event: StoreEvent) -> Iterable[Key]:
        return (key_of(event.obj),) if is_deleting(event.obj) and event.type != "DELETED" else ()

    def reconcile(self, key: Key) -> Result:
        """Delete what is left, report it, and let go when there is nothing."""
        namespace = self._api.get(NAMESPACES, key)
        if namespace is None or not is_deleting(namespace):
            return DONE
        left: dict[str, int] = {}
        finalizers: dict[str, int] = {}
        for resource in self._contents(key.name):
            for obj in self._api.items(resource, key.name):
                self._delete(resource, obj)
            for obj in self._api.items(resource, key.name):
                name = resource if "." in resource else f"{resource}."
                left[name] = left.get(name, 0) + 1
                for finalizer in obj["metadata"].get("finalizers") or ():
                    finalizers[finalizer] = finalizers.get(finalizer, 0) + 1
        namespace = self._api.get(NAMESPACES, key)
        if namespace is None:
            return DONE
        if left:
            self._report(namespace, left, finalizers)
            return Result(LOOK_AGAIN)
        self._let_go(namespace)
        return DONE

    def _contents(self, namespace: str) -> list[str]:
        """Return the resources with objects in a namespace; pods last but for events, so that nothing makes more."""
        found = [
            each for each in self._api.store.resources() if next(self._api.store.keys(each, namespace), None)
        ]
        return sorted(found, key=lambda each: (each == "events", each == "pods", each))

    def _delete(self, resource: str, obj: Obj) -> None:
        if is_deleting(obj):
            return
        try:
            self._api.delete(resource, key_of(obj), propagation="Background", uid=obj["metadata"]["uid"])
        except ApiError as error:
            if error.code != 404:
                raise

    def _report(self, namespace: Obj, left: dict[str, int], finalizers: dict[str, int]) -> None:
        bad: dict[str, tuple[str, str]] = {}
        parts = ", ".join(f"{name} has {count} resource instances" for name, count in sorted(left.items()))
        bad["NamespaceContentRemaining"] = ("SomeResourcesRemain", f"Some resources are remaining: {parts}")
        if finalizers:
            held = ", ".join(
                f"{name} in {count} resource instances" for name, count in sorted(finalizers.items())
            )
            message = f"Some content in the namespace has finalizers remaining: {held}"
            bad["NamespaceFinalizersRemaining"] = ("SomeFinalizersRemain", message)
        old = {each["type"]: each for each in (namespace.get("status") or {}).get("conditions") or ()}
        conditions = []
        for kind, (good_reason, good_message) in _GOOD.items():
            reason, message = bad.get(kind, (good_reason, good_message))
            status = "True" if kind in bad else "False"
            before = old.get(kind)
            is_same = before is not None and before["status"] == status
            moment = (
                before["lastTransitionTime"]
                if before is not None and is_same and before.get("lastTransitionTime")
                else timestamp(self._clock.now())
            )
            conditions.append(
                {
                    "lastTransitionTime": moment,
                    "message": message,
                    "reason": reason,
                    "status": status,
                    "type": kind,
                }
            )
        wanted = {**(namespace.get("status") or {}), "phase": "Terminating", "conditions": conditions}
        if wanted != namespace.get("status"):
            self._api.update_status(NAMESPACES, {**namespace, "status": wanted}, manager=MANAGER)

    def _let_go(self, namespace: Obj) -> None:
        spec = namespace.get("spec") or {}
        kept = [each for each in spec.get("finalizers") or () if each != FINALIZER]
        changed = {**namespace, "spec": {**spec, "finalizers": kept}}
        self._api.update(NAMESPACES, changed, subresource="finalize", manager=MANAGER)
