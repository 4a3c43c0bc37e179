"""Reconciles the EndpointSlices of one Service."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

import orjson

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, labels_of, owner_reference, timestamp
from eks_lab.sim.pod_state import is_ready
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.service_pods import address_of, is_serving, ports_for, selected_pods, services_of, target_of
from eks_lab.sim.store import StoreEvent

SLICES = "endpointslices.discovery.k8s.io"
MANAGER = "kube-controller-manager"
MOST_ENDPOINTS = 100
SERVICE_NAME = "kubernetes.io/service-name"
MANAGED_BY = "endpointslice.kubernetes.io/managed-by"
OURS = "endpointslice-controller.k8s.io"
MIRRORED = "endpointslicemirroring-controller.k8s.io"
TRIGGER = "endpoints.kubernetes.io/last-change-trigger-time"
HEADLESS = "service.kubernetes.io/headless"
BY_SERVICE = "service"
"""Index: namespace/service -> slices."""


class EndpointSliceController:
    """Keeps EndpointSlices."""

    name: ClassVar[str] = "endpointslice"

    def __init__(self, clock: Clock, api: Api) -> None:
        """Wire it up."""
        self._clock = clock
        self._api = api
        self.watches: Sequence[Watch] = (
            Watch("services"),
            Watch("pods", self._keys_of_pod),
            Watch("endpoints"),
            Watch(SLICES, self._keys_of_slice),
        )
        api.store.add_index(SLICES, BY_SERVICE, _service_of)

    def _keys_of_pod(self, event: StoreEvent) -> Iterable[Key]:
        return services_of(self._api, event)

    def _keys_of_slice(self, event: StoreEvent) -> Iterable[Key]:
        """A slice that somebody else changed or deleted is put right."""
        if event.type == "ADDED":
            return ()
        name = labels_of(event.obj).get(SERVICE_NAME)
        return (Key(event.obj["metadata"]["namespace"], name),) if name else ()

    def reconcile(self, key: Key) -> Result:
        """Write the slices that the Service should have."""
        service = self._api.get("services", key)
        present = self._api.store.indexed(SLICES, BY_SERVICE, f"{key.namespace}/{key.name}")
        wanted: list[Obj] = []
        if service is not None and service["spec"].get("type") != "ExternalName":
            if service["spec"].get("selector"):
                wanted = self._from_pods(service)
                self._write(service, present, wanted, OURS)
            else:
                self._write(service, present, [], OURS)
            self._write(service, present, self._mirrored(service, key), MIRRORED)
            return DONE
        for each in present:
            if labels_of(each).get(MANAGED_BY) in (OURS, MIRRORED):
                self._delete(each)
        return DONE

    def _from_pods(self, service: Obj) -> list[Obj]:
        """Return endpoints grouped by equal ports; an empty list of pods still makes one empty slice."""
        groups: dict[bytes, tuple[list[Obj], list[Obj]]] = {}
        for pod in selected_pods(self._api, service):
            # A pod without the port that the Service names is an endpoint all the same, without ports.
            ports = ports_for(pod, service)
            groups.setdefault(orjson.dumps(ports), (ports, []))[1].append(self._endpoint(pod, service))
        if not groups:
            return [{"ports": None, "endpoints": None}]
        found = []
        for _, (ports, endpoints) in sorted(groups.items()):
            for first in range(0, len(endpoints), MOST_ENDPOINTS):
                found.append({"ports": ports, "endpoints": endpoints[first : first + MOST_ENDPOINTS]})
        return found

    def _endpoint(self, pod: Obj, service: Obj) -> Obj:
        is_terminating = "deletionTimestamp" in pod["metadata"]
        serving = is_ready(pod)
        ready = service["spec"].get("publishNotReadyAddresses") or (
            is_serving(pod, service) and not is_terminating
        )
        endpoint: Obj = {
            "addresses": [address_of(pod)],
            "conditions": {"ready": bool(ready), "serving": serving, "terminating": is_terminating},
        }
        if pod["spec"].get("hostname") and pod["spec"].get("subdomain") == service["metadata"]["name"]:
            endpoint["hostname"] = pod["spec"]["hostname"]
        endpoint["targetRef"] = target_of(pod)
        name = pod["spec"].get("nodeName")
        if name:
            endpoint["nodeName"] = name
            node = self._api.get("nodes", Key("", name))
            zone = labels_of(node).get("topology.kubernetes.io/zone") if node is not None else None
            if zone:
                endpoint["zone"] = zone
        return endpoint

    def _mirrored(self, service: Obj, key: Key) -> list[Obj]:
        """Return slices for Endpoints that somebody wrote by hand."""
        endpoints = self._api.get("endpoints", key)
        if service["spec"].get("selector") or endpoints is None:
            return []
        if labels_of(endpoints).get("endpointslice.kubernetes.io/skip-mirror") == "true":
            return []
        found = []
        for subset in endpoints.get("subsets") or ():
            entries = []
            for field, ready in (("addresses", True), ("notReadyAddresses", False)):
                for address in subset.get(field) or ():
                    entry: Obj = {"addresses": [address["ip"]], "conditions": {"ready": ready}}
                    for name in ("hostname", "nodeName", "targetRef"):
                        if address.get(name):
                            entry[name] = address[name]
                    entries.append(entry)
            ports = [
                {"name": port.get("name", ""), "port": port["port"], "protocol": port.get("protocol", "TCP")}
                for port in subset.get("ports") or ()
            ]
            found.append({"ports": ports, "endpoints": entries})
        return found

    # --- writing -------------------------------------------------------------------------------------------

    def _write(self, service: Obj, present: Sequence[Obj], wanted: Sequence[Obj], manager: str) -> None:
        ours = [each for each in present if labels_of(each).get(MANAGED_BY) == manager]
        labels = self._labels(service, manager)
        left = list(wanted)
        spare = []
        for each in ours:
            match = next((one for one in left if _same(each, one)), None)
            if match is not None and labels_of(each) == labels:
                left.remove(match)
            else:
                spare.append(each)
        for each in left:
            if spare:
                self._replace(spare.pop(0), each, labels)
            else:
                self._create(service, each, labels)
        for each in spare:
            self._delete(each)

    def _labels(self, service: Obj, manager: str) -> dict[str, str]:
        labels = {**labels_of(service), SERVICE_NAME: service["metadata"]["name"], MANAGED_BY: manager}
        if service["spec"].get("clusterIP") in ("None", ""):
            labels[HEADLESS] = ""
        return labels

    def _create(self, service: Obj, wanted: Obj, labels: dict[str, str]) -> None:
        metadata = service["metadata"]
        made: Obj = {
            "apiVersion": "discovery.k8s.io/v1",
            "kind": "EndpointSlice",
            "metadata": {
                "generateName": f"{metadata['name']}-",
                "namespace": metadata["namespace"],
                "labels": labels,
                "ownerReferences": [owner_reference(service)],
            },
            "addressType": "IPv4",
            "endpoints": wanted["endpoints"],
            "ports": wanted["ports"],
        }
        if wanted["endpoints"]:
            made["metadata"]["annotations"] = {TRIGGER: timestamp(self._clock.now())}
        self._api.create(SLICES, made, namespace=metadata["namespace"], manager=MANAGER)

    def _replace(self, present: Obj, wanted: Obj, labels: dict[str, str]) -> None:
        annotations = {
            **(present["metadata"].get("annotations") or {}),
            TRIGGER: timestamp(self._clock.now()),
        }
        metadata = {**present["metadata"], "labels": labels, "annotations": annotations}
        changed = {
            **present,
            "metadata": metadata,
            "endpoints": wanted["endpoints"],
            "ports": wanted["ports"],
        }
        self._api.update(SLICES, changed, manager=MANAGER)

    def _delete(self, present: Obj) -> None:
        metadata = present["metadata"]
        self._api.delete(SLICES, Key(metadata["namespace"], metadata["name"]), uid=metadata["uid"])


def _service_of(each: Obj) -> Iterable[str]:
    name = labels_of(each).get(SERVICE_NAME)
    return (f"{each['metadata']['namespace']}/{name}",) if name else ()


def _same(present: Obj, wanted: Obj) -> bool:
    return (present.get("endpoints") or []) == (wanted["endpoints"] or []) and (
        present.get("ports") or []
    ) == (wanted["ports"] or [])
