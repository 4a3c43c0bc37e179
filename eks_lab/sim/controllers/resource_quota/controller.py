"""Reconciles one ResourceQuota."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import ClassVar

from eks_lab.kube.quantity import Quantity, canonical, parse_quantity
from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, key_of
from eks_lab.sim.pod_state import is_finished
from eks_lab.sim.quota import add_up, matches_scopes, usage_of
from eks_lab.sim.runtime import DONE, EVERYTHING, Result, Watch
from eks_lab.sim.store import StoreEvent

QUOTAS = "resourcequotas"
MANAGER = "kube-controller-manager"
FULL_RECOUNT = timedelta(minutes=5)


class ResourceQuotaController:
    """Counts."""

    name: ClassVar[str] = "resource-quota"

    def __init__(self, api: Api) -> None:
        """Wire it up."""
        self._api = api
        self.watches: Sequence[Watch] = (Watch(EVERYTHING, self._keys),)

    def _keys(self, event: StoreEvent) -> Iterable[Key]:
        namespace = event.obj["metadata"].get("namespace", "")
        if event.resource == QUOTAS:
            is_same = event.old is not None and event.old["spec"] == event.obj["spec"]
            return () if is_same else (key_of(event.obj),)
        if not namespace or event.resource == "events" or not self._api.store.count(QUOTAS):
            return ()
        if event.type == "MODIFIED" and event.old is not None:
            # Only what may change an amount: a pod that ends, a claim or a Service that is edited.
            is_ending = event.resource == "pods" and is_finished(event.obj) != is_finished(event.old)
            if not is_ending and event.old.get("spec") == event.obj.get("spec"):
                return ()
        return [key_of(each) for each in self._api.items(QUOTAS, namespace)]

    def reconcile(self, key: Key) -> Result:
        """Recount, and write the status."""
        quota = self._api.get(QUOTAS, key)
        if quota is None:
            return DONE
        hard = quota["spec"].get("hard") or {}
        total = add_up(
            usage_of(resource, obj)
            for resource in self._counted(hard)
            for obj in self._api.items(resource, key.namespace)
            if matches_scopes(quota, resource, obj)
        )
        old = (quota.get("status") or {}).get("used") or {}
        used = {name: _shown(total.get(name), old.get(name)) for name in hard}
        status = {"hard": hard, "used": used} if hard else {}
        if status != (quota.get("status") or {}):
            self._api.update_status(QUOTAS, {**quota, "status": status}, manager=MANAGER)
        return Result(FULL_RECOUNT)

    def _counted(self, hard: Obj) -> list[str]:
        """Return the resources whose objects the quota's names can concern."""
        found = set()
        for name in hard:
            if name.startswith("count/"):
                found.add(name.removeprefix("count/"))
            elif name in ("services", "services.nodeports", "services.loadbalancers"):
                found.add("services")
            elif (
                name == "persistentvolumeclaims"
                or name == "requests.storage"
                or "storageclass.storage.k8s.io/" in name
            ):
                found.add("persistentvolumeclaims")
            elif name in ("configmaps", "secrets", "replicationcontrollers", "resourcequotas"):
                found.add(name)
            else:
                found.add("pods")
        return sorted(found)


def _shown(amount: Quantity | None, old: str | None) -> str:
    """Return an amount as the API writes it; one that is equal to the present text keeps it."""
    amount = amount if amount is not None else Quantity(0)
    if old is not None and parse_quantity(old) == amount:
        return old
    return canonical(amount)
