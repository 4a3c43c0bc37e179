"""The network as a pod sees it: cluster DNS, Services, other pods."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence

from eks_lab.sim.behaviours.world import NO_CREDENTIALS, Reply
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.service_pods import address_of, is_serving, selected_pods, target_port

DOMAIN = "svc.cluster.local"

Answering = Callable[[Obj, int, str], Reply]
"""Pod, port and path -> what the pod answers."""


class PodNetwork:
    """DNS names and addresses from inside one namespace; only what runs in the cluster answers."""

    def __init__(self, around: Surroundings, namespace: str, own: Key | None = None) -> None:
        """Look out from a namespace.

        Args:
            around: the cluster.
            namespace: whose Services have short names.
            own: the pod that looks, for `localhost`.
        """
        self._own = own
        self._around = around
        self._namespace = namespace

    def resolve(self, name: str) -> tuple[str, tuple[str, ...]]:
        """Return full name and addresses; no name either when no server answers."""
        if name in ("localhost", "127.0.0.1"):
            return name, ("127.0.0.1",)
        if _is_address(name):
            return name, (name,)
        if not self._has_dns():
            return "", ()
        service = self.service(name)
        if service is None:
            if "." in name.rstrip(".") and not name.rstrip(".").endswith((".local", ".invalid")):
                labels = name.rstrip(".").split(".")
                if len(labels[-1]) > 1 and labels[-1] not in ("svc", "cluster", "pod"):
                    digest = hashlib.sha256(name.encode()).digest()
                    return name, (f"203.0.113.{digest[0]}",)
            return f"{name}.{self._namespace}.{DOMAIN}" if "." not in name else name, ()
        metadata = service["metadata"]
        full = f"{metadata['name']}.{metadata['namespace']}.{DOMAIN}"
        address = service["spec"].get("clusterIP") or ""
        if address and address != "None":
            return full, (address,)
        pods = selected_pods(self._around.api, service)
        return full, tuple(address_of(pod) for pod in pods if is_serving(pod, service))

    def service(self, name: str) -> Obj | None:
        """Return the Service that a DNS name, or a cluster IP, belongs to; None when there is none."""
        api = self._around.api
        if _is_address(name):
            return next(
                (each for each in api.items("services") if each["spec"].get("clusterIP") == name), None
            )
        labels = name.rstrip(".").removesuffix(f".{DOMAIN}").removesuffix(".svc").split(".")
        if len(labels) > 2:
            return None
        return api.get("services", Key(labels[1] if len(labels) == 2 else self._namespace, labels[0]))

    def targets(self, host: str, port: int) -> tuple[list[tuple[Obj, int]], str]:
        """Return the pods and ports a connection may reach, and why there are none."""
        if host in ("localhost", "127.0.0.1"):
            pod = self._around.api.get("pods", self._own) if self._own is not None else None
            return ([(pod, port)], "") if pod is not None else ([], "refused")
        if not _is_address(host) and not self._has_dns():
            return [], "unresolved"
        service = self.service(host)
        if service is not None:
            wanted = next((each for each in service["spec"].get("ports") or () if each["port"] == port), None)
            if wanted is None:
                return [], "timeout"
            found = [
                (pod, number)
                for pod in selected_pods(self._around.api, service)
                if is_serving(pod, service) and (number := target_port(pod, wanted)) is not None
            ]
            return found, "" if found else "refused"
        if _is_address(host):
            for pod in self._around.pods_with_address(host):
                return [(pod, port)], ""
            return [], "timeout"
        _full, addresses = self.resolve(host)
        return [], "timeout" if addresses else "unresolved"

    def fetch(self, host: str, port: int, path: str) -> Reply:
        """Send a GET request to one of the pods behind a name."""
        targets, error = self.targets(host, port)
        if not targets:
            return Reply(error=error)
        turn = int(self._around.now().timestamp() * 1000) % len(targets)
        pod, number = targets[turn]
        reply = self._around.answering(pod, number, path)
        # What speaks no HTTP keeps the connection open and says nothing.
        return reply if reply.status or reply.error else Reply(error="timeout")

    def aws(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        read: Callable[[str], str | None],
    ) -> tuple[int, str, str]:
        """Run an `aws …` command line as this pod; without an account nothing gives credentials."""
        pod = self._around.api.get("pods", self._own) if self._own is not None else None
        if self._around.aws is None or pod is None:
            return NO_CREDENTIALS
        return self._around.aws(pod, arguments, environment, read)

    def _has_dns(self) -> bool:
        asked = self._around.has_dns
        return asked is None or asked()

    def connects(self, host: str, port: int) -> bool:
        """Say whether something listens."""
        targets, _error = self.targets(host, port)
        return any(self._around.answering(pod, number, "/").error == "" for pod, number in targets)


def _is_address(text: str) -> bool:
    parts = text.split(".")
    return len(parts) == 4 and all(part.isdecimal() for part in parts)
