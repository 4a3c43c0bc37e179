"""Usage of pods for tests of the HPA: a load is shared by the ready pods of each app."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eks_lab.clock import Clock
from eks_lab.sim.api import Api
from eks_lab.sim.controllers.horizontal_pod_autoscaler.measure import PodUsage
from eks_lab.sim.objects import key_of, labels_of
from eks_lab.sim.pod_state import is_ready
from eks_lab.sim.selection import matches


class FakeUsage:
    """What metrics.k8s.io would say."""

    def __init__(self, clock: Clock, api: Api) -> None:
        """Begin without load: nothing is served then."""
        self._clock = clock
        self._api = api
        self.load: dict[str, int] = {}
        """App label -> millicores that all its pods use together."""
        self.memory_mib = 64
        """Of every pod."""

    def pod_usage(self, namespace: str, selector: Mapping[str, object]) -> Sequence[PodUsage]:
        """Return a sample of each ready pod of an app with a load."""
        found = []
        for pod in self._api.items("pods", namespace):
            app = labels_of(pod).get("app", "")
            if app not in self.load or not is_ready(pod) or not matches(dict(selector), labels_of(pod)):
                continue
            ready = [
                each
                for each in self._api.items("pods", namespace)
                if labels_of(each).get("app") == app and is_ready(each)
            ]
            amounts = {"cpu": self.load[app] // len(ready), "memory": self.memory_mib * 1024**2}
            name = pod["spec"]["containers"][0]["name"]
            found.append(PodUsage(key_of(pod), self._clock.now(), 15.0, {name: amounts}))
        return found
