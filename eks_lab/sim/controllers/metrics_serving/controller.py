"""Serves metrics.k8s.io as the aggregator does: through the Service metrics-server. See the README beside this file."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.objects import Key, Obj, timestamp
from eks_lab.sim.resources import metrics
from eks_lab.sim.resources.api_services import initial_services, passed_checks
from eks_lab.sim.runtime import DONE, Result, Watch
from eks_lab.sim.service_pods import is_serving, selected_pods
from eks_lab.sim.store import StoreEvent

API_SERVICES = "apiservices.apiregistration.k8s.io"
API_SERVICE = Key("", "v1beta1.metrics.k8s.io")
SERVICE = Key("kube-system", "metrics-server")
MANAGER = "kube-aggregator"


class MetricsServing:
    """Serves or withdraws the resource metrics API; its one key is the Service."""

    name: ClassVar[str] = "metrics-serving"

    def __init__(self, clock: Clock, api: Api) -> None:
        """Wire it up; without metrics-server nothing is served from the start."""
        self._clock = clock
        self._api = api
        self.watches: Sequence[Watch] = (
            Watch("services", _keys_of_service),
            Watch("endpoints", _keys_of_service),
        )
        if not self._is_ready(api.get("services", SERVICE)):
            self._withdraw()

    def reconcile(self, key: Key) -> Result:
        """Follow the Service and its pods."""
        service = self._api.get("services", SERVICE)
        if service is None:
            self._withdraw()
            if self._api.get(API_SERVICES, API_SERVICE) is not None:
                self._api.delete(API_SERVICES, API_SERVICE)
            return DONE
        if self._api.get(API_SERVICES, API_SERVICE) is None:
            (wanted,) = initial_services(metrics.RESOURCES)
            self._api.create(API_SERVICES, wanted, manager=MANAGER)
        if self._is_ready(service):
            served = {each.id for each in self._api.resources()}
            for resource in metrics.RESOURCES:
                if resource.id not in served:
                    self._api.serve(resource)
            self._say(passed_checks(self._clock.now()))
        else:
            self._withdraw()
            text = 'endpoints for service/metrics-server in "kube-system" have no addresses with port name "https"'
            self._say(
                {
                    **passed_checks(self._clock.now()),
                    "status": "False",
                    "reason": "MissingEndpoints",
                    "message": text,
                }
            )
        return DONE

    def _is_ready(self, service: Obj | None) -> bool:
        return service is not None and any(
            is_serving(pod, service) for pod in selected_pods(self._api, service)
        )

    def _withdraw(self) -> None:
        for resource in metrics.RESOURCES:
            self._api.withdraw(resource.id)

    def _say(self, condition: Obj) -> None:
        stored = self._api.read(API_SERVICES, API_SERVICE)
        known = (stored.get("status") or {}).get("conditions") or ()
        if any(
            each["status"] == condition["status"] and each["reason"] == condition["reason"] for each in known
        ):
            return
        condition["lastTransitionTime"] = timestamp(self._clock.now())
        status = {"conditions": [condition]}
        self._api.update_status(API_SERVICES, {**stored, "status": status}, manager=MANAGER)


def _keys_of_service(event: StoreEvent) -> Iterable[Key]:
    metadata = event.obj["metadata"]
    is_ours = metadata["name"] == SERVICE.name and metadata.get("namespace") == SERVICE.namespace
    return (SERVICE,) if is_ours else ()
