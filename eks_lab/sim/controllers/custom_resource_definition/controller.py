"""Reconciles one CustomResourceDefinition."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.objects import ApiError, Key, Obj, is_deleting, key_of, timestamp
from eks_lab.sim.resources.custom import custom_resource, deprecations_of, is_served, schemas_of
from eks_lab.sim.runtime import DONE, Result, Watch

DEFINITIONS = "customresourcedefinitions.apiextensions.k8s.io"
FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
MANAGER = "kube-apiserver"
LOOK_AGAIN = timedelta(seconds=1)


class CustomResourceDefinitionController:
    """Serves what definitions define."""

    name: ClassVar[str] = "custom-resource-definition"

    def __init__(self, clock: Clock, api: Api) -> None:
        """Wire it up.

        Args:
            clock: for the times of conditions.
            api: what definitions are added to.
        """
        self._clock = clock
        self._api = api
        self._served: dict[str, Obj] = {}
        """Definition's name -> the spec that is served."""
        self.watches: Sequence[Watch] = (Watch(DEFINITIONS),)

    def restore(self) -> None:
        """Serve every established definition, as after a restart, before anybody asks."""
        for crd in self._api.items(DEFINITIONS):
            if is_served(crd):
                self._serve(crd)

    def reconcile(self, key: Key) -> Result:
        """Accept names, establish and serve; or clean up."""
        crd = self._api.get(DEFINITIONS, key)
        if crd is None:
            self._withdraw(key.name)
            return DONE
        if is_deleting(crd):
            return self._clean_up(crd)
        if FINALIZER not in (crd["metadata"].get("finalizers") or ()):
            finalizers = [*(crd["metadata"].get("finalizers") or ()), FINALIZER]
            crd = self._api.update(
                DEFINITIONS,
                {**crd, "metadata": {**crd["metadata"], "finalizers": finalizers}},
                manager=MANAGER,
            )
        status = self._status(crd)
        if status != crd.get("status"):
            crd = self._api.update_status(DEFINITIONS, {**crd, "status": status}, manager=MANAGER)
        if is_served(crd):
            self._serve(crd)
        return DONE

    def _serve(self, crd: Obj) -> None:
        name = crd["metadata"]["name"]
        if self._served.get(name) == crd["spec"]:
            return
        self._served[name] = crd["spec"]
        self._forget_warnings(name)
        for version, text in deprecations_of(crd).items():
            self._api.deprecations[(name, version)] = text
        self._api.serve(custom_resource(crd), schemas_of(crd))

    def _withdraw(self, name: str) -> None:
        if self._served.pop(name, None) is not None:
            self._forget_warnings(name)
            self._api.withdraw(name)

    def _forget_warnings(self, name: str) -> None:
        for slot in [slot for slot in self._api.deprecations if slot[0] == name]:
            del self._api.deprecations[slot]

    def _clean_up(self, crd: Obj) -> Result:
        """Delete the objects first, then let the definition go."""
        name = crd["metadata"]["name"]
        if FINALIZER not in (crd["metadata"].get("finalizers") or ()):
            return DONE
        terminating = self._condition(
            crd, "Terminating", True, "InstanceDeletionInProgress", "CustomResource deletion is in progress"
        )
        crd = self._write_condition(crd, terminating)
        if name in self._served:
            for obj in self._api.items(name):
                if not is_deleting(obj):
                    try:
                        self._api.delete(name, key_of(obj))
                    except ApiError as error:
                        if error.code != 404:
                            raise
            if self._api.store.count(name):
                return Result(LOOK_AGAIN)
        done = self._condition(
            crd, "Terminating", False, "InstanceDeletionCompleted", "removed all instances"
        )
        crd = self._write_condition(crd, done)
        self._api.finalize(DEFINITIONS, key_of(crd), FINALIZER)
        self._withdraw(name)
        return DONE

    def _write_condition(self, crd: Obj, condition: Obj) -> Obj:
        status = crd.get("status") or {}
        conditions = _with_condition(status.get("conditions") or [], condition)
        if conditions == status.get("conditions"):
            return crd
        return self._api.update_status(
            DEFINITIONS, {**crd, "status": {**status, "conditions": conditions}}, manager=MANAGER
        )

    def _status(self, crd: Obj) -> Obj:
        """Return the status that the definition deserves."""
        spec, status = crd["spec"], crd.get("status") or {}
        wanted = spec["names"]
        names = {
            **wanted,
            "singular": wanted.get("singular") or wanted["kind"].lower(),
            "listKind": wanted.get("listKind") or f"{wanted['kind']}List",
        }
        reason, message = self._conflict(crd, names)
        accepted = names if not reason else status.get("acceptedNames") or {"plural": "", "kind": ""}
        stored = list(status.get("storedVersions") or ())
        storage = next((each["name"] for each in spec["versions"] if each.get("storage")), "")
        if storage and storage not in stored:
            stored.append(storage)
        conditions = list(status.get("conditions") or ())
        if reason:
            conditions = _with_condition(
                conditions, self._condition(crd, "NamesAccepted", False, reason, message)
            )
            if not is_served(crd):
                refused = self._condition(
                    crd, "Established", False, "NotAccepted", "not all names are accepted"
                )
                conditions = _with_condition(conditions, refused)
        else:
            good = self._condition(crd, "NamesAccepted", True, "NoConflicts", "no conflicts found")
            established = self._condition(
                crd, "Established", True, "InitialNamesAccepted", "the initial names have been accepted"
            )
            conditions = _with_condition(_with_condition(conditions, good), established)
        return {**status, "conditions": conditions, "acceptedNames": accepted, "storedVersions": stored}

    def _conflict(self, crd: Obj, names: Obj) -> tuple[str, str]:
        """Return why the names cannot be accepted: a reason and a message, both empty when they can."""
        others = [
            other
            for other in self._api.items(DEFINITIONS)
            if other["metadata"]["name"] != crd["metadata"]["name"]
            and other["spec"]["group"] == crd["spec"]["group"]
        ]
        taken: set[str] = set()
        kinds: set[str] = set()
        for other in others:
            accepted = (other.get("status") or {}).get("acceptedNames") or {}
            taken |= {
                accepted.get("plural", ""),
                accepted.get("singular", ""),
                *(accepted.get("shortNames") or ()),
            }
            kinds |= {accepted.get("kind", ""), accepted.get("listKind", "")}
        checks = [
            ("PluralConflict", names["plural"], taken),
            ("SingularConflict", names["singular"], taken),
            *(("ShortNamesConflict", each, taken) for each in names.get("shortNames") or ()),
            ("KindConflict", names["kind"], kinds),
            ("ListKindConflict", names["listKind"], kinds),
        ]
        # The real controller looks at every name and reports the last one that is taken.
        found = ("", "")
        for reason, name, used in checks:
            if name in used:
                found = (reason, f'"{name}" is already in use')
        return found

    def _condition(self, crd: Obj, kind: str, is_true: bool, reason: str, message: str) -> Obj:
        value = "True" if is_true else "False"
        for known in (crd.get("status") or {}).get("conditions") or ():
            if known["type"] == kind and known["status"] == value:
                return {**known, "reason": reason, "message": message}
        return {
            "type": kind,
            "status": value,
            "lastTransitionTime": timestamp(self._clock.now()),
            "reason": reason,
            "message": message,
        }


def _with_condition(conditions: list[Obj], condition: Obj) -> list[Obj]:
    if any(each["type"] == condition["type"] for each in conditions):
        return [condition if each["type"] == condition["type"] else each for each in conditions]
    return [*conditions, condition]
