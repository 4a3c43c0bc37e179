"""Reconciles owners that are gone or going, and dependents that may have lost theirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from eks_lab.sim.api import Api
from eks_lab.sim.events import EventRecorder
from eks_lab.sim.objects import ApiError, Key, Obj, evolve, is_deleting
from eks_lab.sim.runtime import DONE, EVERYTHING, Result, Watch
from eks_lab.sim.store import StoreEvent

FOREGROUND = "foregroundDeletion"
ORPHAN = "orphan"
MANAGER = "kube-controller-manager"


class GarbageCollector:
    """Follows owner references. Keys are uids, of owners and of dependents alike."""

    name: ClassVar[str] = "garbage-collector"

    def __init__(self, api: Api, recorder: EventRecorder | None = None) -> None:
        """Wire it up.

        Args:
            api: where everything is.
            recorder: of the component `garbage-collector-controller`; None says nothing.
        """
        self._api = api
        self._recorder = recorder
        self.watches: Sequence[Watch] = (Watch(EVERYTHING, self._keys),)

    def _keys(self, event: StoreEvent) -> Iterable[Key]:
        metadata = event.obj["metadata"]
        uid = metadata.get("uid", "")
        references = metadata.get("ownerReferences") or ()
        if event.type == "DELETED":
            # Its dependents, and owners that waited for it.
            waiting = [Key("", each["uid"]) for each in references if each.get("blockOwnerDeletion")]
            return [Key("", uid), *waiting]
        if event.type == "ADDED":
            return (Key("", uid),) if references else ()
        old = event.old["metadata"] if event.old is not None else {}
        before = old.get("ownerReferences") or ()
        if references != before and (references or before):
            # Owners that this object blocked, and perhaps does no more, are looked at again.
            return [
                Key("", uid),
                *(Key("", each["uid"]) for each in before if each.get("blockOwnerDeletion")),
            ]
        if "deletionTimestamp" in metadata and set(metadata.get("finalizers") or ()) & {FOREGROUND, ORPHAN}:
            return (Key("", uid),)
        return ()

    def reconcile(self, key: Key) -> Result:
        """Look at one uid as a dependent and as an owner."""
        uid = key.name
        place = self._api.store.find_uid(uid)
        if place is None:
            self._collect(uid)
            return DONE
        obj = self._api.get(*place)
        if obj is None:
            return DONE
        if is_deleting(obj):
            finalizers = obj["metadata"].get("finalizers") or ()
            if ORPHAN in finalizers:
                self._release(uid)
                self._api.finalize(*place, ORPHAN)
                return DONE
            if FOREGROUND in finalizers:
                self._finish_foreground(place, uid)
                return DONE
        self._judge(place, obj)
        return DONE

    def _collect(self, owner_uid: str) -> None:
        """An owner is gone: every dependent is judged."""
        for resource, key in self._api.store.owned_by(owner_uid):
            dependent = self._api.get(resource, key)
            if dependent is not None:
                self._judge((resource, key), dependent)

    def _release(self, owner_uid: str) -> None:
        for resource, key in self._api.store.owned_by(owner_uid):
            dependent = self._api.get(resource, key)
            if dependent is not None:
                self._drop_references(resource, dependent, {owner_uid})

    def _finish_foreground(self, place: tuple[str, Key], uid: str) -> None:
        blocking = False
        for resource, key in self._api.store.owned_by(uid):
            dependent = self._api.get(resource, key)
            if dependent is None:
                continue
            self._judge((resource, key), dependent)
            stays = self._api.get(resource, key)
            if stays is not None and any(
                each["uid"] == uid and each.get("blockOwnerDeletion")
                for each in stays["metadata"].get("ownerReferences") or ()
            ):
                blocking = True
        if not blocking:
            self._api.finalize(*place, FOREGROUND)

    def _judge(self, place: tuple[str, Key], obj: Obj) -> None:
        """Delete a dependent without a living owner, or take dead owners off it."""
        references = obj["metadata"].get("ownerReferences") or ()
        if not references or is_deleting(obj):
            return
        solid, dangling, waiting = self._sort(obj)
        resource, key = place
        if solid:
            if dangling or waiting:
                self._drop_references(resource, obj, {each["uid"] for each in (*dangling, *waiting)})
            return
        propagation = "Background"
        finalizers = obj["metadata"].get("finalizers") or ()
        if ORPHAN in finalizers:
            propagation = "Orphan"
        elif FOREGROUND in finalizers or (waiting and self._api.store.owned_by(obj["metadata"]["uid"])):
            propagation = "Foreground"
            if waiting and self._is_in_circle(obj):
                self._unblock(resource, obj)
        try:
            self._api.delete(resource, key, propagation=propagation, uid=obj["metadata"]["uid"])
        except ApiError as error:
            if error.code not in (404, 409):
                raise

    def _is_in_circle(self, obj: Obj) -> bool:
        """Say whether something that this object owns is itself waiting for its dependents."""
        for resource, key in self._api.store.owned_by(obj["metadata"]["uid"]):
            dependent = self._api.get(resource, key)
            if dependent is not None and _awaits_dependents(dependent):
                return True
        return False

    def _unblock(self, resource: str, obj: Obj) -> None:
        """Let the owners of an object in a circle go without it: otherwise each would wait for the other."""
        references = [
            {**each, "blockOwnerDeletion": False} if each.get("blockOwnerDeletion") else each
            for each in obj["metadata"]["ownerReferences"]
        ]
        changed = evolve(obj, ("metadata", "ownerReferences"), references)
        self._api.update(resource, changed, manager=MANAGER)

    def _sort(self, obj: Obj) -> tuple[list[Obj], list[Obj], list[Obj]]:
        """Return references to living owners, to owners that are gone, and to owners that wait for this one."""
        solid, dangling, waiting = [], [], []
        for reference in obj["metadata"]["ownerReferences"]:
            owner = self._owner(obj, reference)
            if owner is None:
                dangling.append(reference)
            elif _awaits_dependents(owner):
                waiting.append(reference)
            else:
                solid.append(reference)
        return solid, dangling, waiting

    def _owner(self, obj: Obj, reference: Obj) -> Obj | None:
        """Return the owner that a reference names; one in another namespace does not count, and an event says so."""
        place = self._api.store.find_uid(reference["uid"])
        owner = self._api.get(*place) if place else None
        if place is None or owner is None:
            return None
        if owner["metadata"]["name"] != reference["name"]:
            return None
        namespace = obj["metadata"].get("namespace", "")
        if place[1].namespace in ("", namespace):
            return owner
        if self._recorder is not None:
            named = (
                f"[{reference['apiVersion']}/{reference['kind']}, namespace: {namespace}, "
                f"name: {reference['name']}, uid: {reference['uid']}]"
            )
            text = f'ownerRef {named} does not exist in namespace "{namespace}"'
            self._recorder.warning(obj, "OwnerRefInvalidNamespace", text)
        return None

    def _drop_references(self, resource: str, obj: Obj, uids: set[str]) -> None:
        kept = [each for each in obj["metadata"]["ownerReferences"] if each["uid"] not in uids]
        changed = evolve(obj, ("metadata", "ownerReferences"), kept or None)
        self._api.update(resource, changed, manager=MANAGER)


def _awaits_dependents(obj: Obj) -> bool:
    """Say whether an object is being deleted in the foreground."""
    return is_deleting(obj) and FOREGROUND in (obj["metadata"].get("finalizers") or ())
