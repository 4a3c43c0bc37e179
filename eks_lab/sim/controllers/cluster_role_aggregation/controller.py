"""Fills aggregated ClusterRoles (pkg/controller/clusterroleaggregation/clusterroleaggregation_controller.go)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, is_deleting, key_of
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.selection import matches
from eks_lab.sim.store import StoreEvent

ROLES = "clusterroles.rbac.authorization.k8s.io"
MANAGER = "clusterrole-aggregation-controller"


class ClusterRoleAggregation:
    """Keeps the rules of aggregated roles in step with those they take in."""

    name: ClassVar[str] = "clusterrole-aggregation"

    def __init__(self, api: Api) -> None:
        """Wire it up."""
        self._api = api
        self.watches: Sequence[Watch] = (Watch(ROLES, self._keys),)

    def _keys(self, event: StoreEvent) -> Iterable[Key]:
        if event.old is not None and event.type == "MODIFIED" and not _matters(event.obj, event.old):
            return ()
        return [key_of(each) for each in self._api.items(ROLES) if each.get("aggregationRule")]

    def reconcile(self, key: Key) -> Result:
        """Write the collected rules."""
        role = self._api.get(ROLES, key)
        if role is None or is_deleting(role) or not role.get("aggregationRule"):
            return DONE
        rules = aggregated(role, self._api.items(ROLES))
        if rules != (role.get("rules") or []):
            self._api.update(ROLES, {**role, "rules": rules}, manager=MANAGER)
        return DONE


def _matters(new: Obj, old: Obj) -> bool:
    return any(new.get(field) != old.get(field) for field in ("rules", "aggregationRule")) or (
        new["metadata"].get("labels") != old["metadata"].get("labels")
    )


def aggregated(role: Obj, others: Iterable[Obj]) -> list[Obj]:
    """Return the rules that an aggregation rule collects, selector by selector, roles by name."""
    rules: list[Obj] = []
    by_name = sorted(others, key=lambda each: str(each["metadata"]["name"]))
    for selector in (role.get("aggregationRule") or {}).get("clusterRoleSelectors") or ():
        for other in by_name:
            if other["metadata"]["name"] == role["metadata"]["name"]:
                continue
            if matches(selector, other["metadata"].get("labels") or {}):
                rules += [rule for rule in other.get("rules") or () if rule not in rules]
    return rules
