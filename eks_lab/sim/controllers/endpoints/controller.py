"""Reconciles the Endpoints of one Service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import orjson

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, labels_of, timestamp
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.service_pods import address_of, is_serving, ports_for, selected_pods, services_of, target_of
from eks_lab.sim.store import StoreEvent

ENDPOINTS = "endpoints"
MANAGER = "kube-controller-manager"
MOST_ADDRESSES = 1000
TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"
OVER_CAPACITY = "endpoints.kubernetes.io/over-capacity"
MANAGED_BY = "endpoints.kubernetes.io/managed-by"
HEADLESS = "service.kubernetes.io/headless"


class EndpointsController:
    """Keeps Endpoints."""

    name: ClassVar[str] = "endpoints"

    def __init__(self, clock: Clock, api: Api) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self.watches: Sequence[Watch] = (Watch("services"), Watch("pods", self._keys_of_pod))

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        return services_of(self._api, event)

    def reconcile(self, key: Key) -> Result:
        """Write the Endpoints that the Service should have."""
        service, present = self._api.get("services", key), self._api.get(ENDPOINTS, key)
        if service is None:
            if present is not None and MANAGED_BY in labels_of(present):
                self._api.delete(ENDPOINTS, key, uid=present["metadata"]["uid"])
            return DONE
        if not service["spec"].get("selector") or service["spec"].get("type") == "ExternalName":
            return DONE
        wanted = self._wanted(service)
        if present is None:
            self._api.create(ENDPOINTS, wanted, namespace=key.namespace, manager=MANAGER)
        elif (present.get("subsets") or []) != (wanted.get("subsets") or []) or labels_of(present) != wanted[
            "metadata"
        ]["labels"]:
            metadata = {**present["metadata"], "labels": wanted["metadata"]["labels"]}
            annotations = wanted["metadata"].get("annotations")
            if annotations:
                metadata["annotations"] = {**(present["metadata"].get("annotations") or {}), **annotations}
            changed = {**present, "metadata": metadata}
            changed.pop("subsets", None)
            if wanted.get("subsets"):
                changed["subsets"] = wanted["subsets"]
            self._api.update(ENDPOINTS, changed, manager=MANAGER)
        return DONE

    def _wanted(self, service: Obj) -> Obj:
        metadata = service["metadata"]
        labels = {**labels_of(service), MANAGED_BY: "endpoint-controller"}
        if service["spec"].get("clusterIP") in ("None", ""):
            labels[HEADLESS] = ""
        pods = selected_pods(self._api, service)
        subsets = _subsets(service, pods[:MOST_ADDRESSES])
        found: Obj = {
            "apiVersion": "v1",
            "kind": "Endpoints",
            "metadata": {"name": metadata["name"], "namespace": metadata["namespace"], "labels": labels},
        }
        annotations = {}
        if pods:
            annotations[TRIGGER] = timestamp(self._clock.now())
        if len(pods) > MOST_ADDRESSES:
            annotations[OVER_CAPACITY] = "truncated"
        if annotations:
            found["metadata"]["annotations"] = annotations
        if subsets:
            found["subsets"] = subsets
        return found


def _subsets(service: Obj, pods: Sequence[Obj]) -> list[Obj]:
    """Return addresses grouped by equal ports, sorted as the API keeps them."""
    groups: dict[bytes, Obj] = {}
    for pod in pods:
        if "deletionTimestamp" in pod["metadata"] and not service["spec"].get("publishNotReadyAddresses"):
            continue
        ports = ports_for(pod, service)
        if service["spec"].get("ports") and not ports:
            continue
        shown = [{name: value for name, value in port.items() if value != ""} for port in ports]
        shown.sort(key=lambda port: (port.get("name", ""), port["port"]))
        address: Obj = {"ip": address_of(pod), "targetRef": target_of(pod)}
        if pod["spec"].get("nodeName"):
            address["nodeName"] = pod["spec"]["nodeName"]
        if pod["spec"].get("hostname") and pod["spec"].get("subdomain") == service["metadata"]["name"]:
            address["hostname"] = pod["spec"]["hostname"]
        group = groups.setdefault(orjson.dumps(shown), {"ports": shown})
        field = "addresses" if is_serving(pod, service) else "notReadyAddresses"
        group.setdefault(field, []).append(address)
    found = []
    for _, group in sorted(groups.items()):
        subset: Obj = {}
        for field in ("addresses", "notReadyAddresses"):
            if group.get(field):
                subset[field] = sorted(
                    group[field], key=lambda each: tuple(map(_number, each["ip"].split(".")))
                )
        if group["ports"]:
            subset["ports"] = group["ports"]
        found.append(subset)
    return found


def _number(part: str) -> int:
    return int(part) if part.isdigit() else 0
