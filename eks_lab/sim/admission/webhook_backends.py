"""Who answers admission webhooks: callables of this process, found through the webhook's Service.

A kube-apiserver resolves the Service to one of its ready endpoints and posts an AdmissionReview to it
(apiserver/pkg/util/webhook/client.go, apiserver/pkg/util/proxy/proxy.go: ResolveEndpoint). Programs of learners do
not run here: an endpoint answers when something in this process was registered for its Service, and else fails in
the words of a server that cannot reach it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal
from urllib.parse import urlsplit

from eks_lab.errors import EksLabError
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.resource import World

Backend = Callable[[str, Obj], Obj]
"""Path and `request` of an AdmissionReview -> its `response`: allowed, status, patch (a list of JSON patch
operations instead of their base64), warnings."""

Door = Literal["refused", "silent", "plain", "admits"]
"""What a connection to an address and a port meets: nothing listens; something does and never answers; a server
that speaks HTTP without TLS; a webhook's server that allows everything."""


class UnreachableError(EksLabError):
    """A webhook's server does not answer; the message is what kube-apiserver says after the URL."""


def _silent(address: str, port: int) -> Door:
    return "silent"


def _open(address: str, port: int) -> bool:
    return True


class Backends:
    """Service -> what answers its webhooks."""

    def __init__(self) -> None:
        """Begin with none."""
        self._found: dict[Key, Backend] = {}
        self.knock: Callable[[str, int], Door] = _silent
        """Address and port -> what is there; the kubelet knows."""
        self.reaches: Callable[[str, int], bool] = _open
        """Address and port -> whether packets of the control plane get there; the account knows."""

    def register(self, namespace: str, service: str, backend: Backend) -> None:
        """Answer the webhooks of a Service as long as it has a ready endpoint.

        Args:
            namespace: of the Service.
            service: its name.
            backend: answers.
        """
        self._found[Key(namespace, service)] = backend

    def withdraw(self, namespace: str, service: str) -> None:
        """Stop answering; a Service that was not registered stays so."""
        self._found.pop(Key(namespace, service), None)

    def ask(self, config: Obj, request: Obj, world: World) -> Obj:
        """Return the `response` of a webhook's server.

        Args:
            config: `clientConfig` of the webhook.
            request: of the AdmissionReview.
            world: where Services and Endpoints are.

        Raises:
            UnreachableError: nobody answers.
        """
        service = config.get("service")
        if service is None:
            host = urlsplit(config.get("url") or "").hostname or ""
            raise UnreachableError(
                f"dial tcp: lookup {host} on 10.0.0.2:53: no such host (eks-lab simulates no servers outside the cluster)"
            )
        key = Key(service["namespace"], service["name"])
        address, port = _endpoint(key, service.get("port", 443), world)
        if not self.reaches(address, port):
            raise UnreachableError("context deadline exceeded")
        backend = self._found.get(key)
        if backend is not None:
            return backend(service.get("path") or "/", request)
        match self.knock(address, port):
            case "refused":
                raise UnreachableError(f"dial tcp {address}:{port}: connect: connection refused")
            case "admits":
                return {"allowed": True}
            case "plain":
                raise UnreachableError("http: server gave HTTP response to HTTPS client")
            case _:
                raise UnreachableError(
                    "context deadline exceeded (eks-lab does not simulate the program behind this Service, so it "
                    "never answers)"
                )


def url_of(webhook: Obj) -> str:
    """Return the URL that kube-apiserver posts to, its timeout included.

    Args:
        webhook: of a configuration, defaulted.
    """
    config = webhook.get("clientConfig") or {}
    service = config.get("service")
    url = config.get("url") or ""
    if service is not None:
        path = "/" + (service.get("path") or "").lstrip("/")
        url = f"https://{service['name']}.{service['namespace']}.svc:{service.get('port', 443)}{path}"
    return f"{url}?timeout={webhook.get('timeoutSeconds', 10)}s"


def _endpoint(key: Key, port: int, world: World) -> tuple[str, int]:
    """Return address and port of a ready endpoint (ResolveEndpoint; the first one instead of any).

    Raises:
        UnreachableError: no such Service or port, or nothing ready behind it.
    """
    service = world.get("services", key)
    if service is None:
        raise UnreachableError(f'service "{key.name}" not found')
    ports = (service.get("spec") or {}).get("ports") or ()
    name = next((each.get("name") or "" for each in ports if each["port"] == port), None)
    if name is None:
        raise UnreachableError(f'no service port {port} found for service "{key.name}"')
    kind = service["spec"].get("type") or "ClusterIP"
    if kind not in ("ClusterIP", "LoadBalancer", "NodePort"):
        raise UnreachableError(f'unsupported service type "{kind}"')
    endpoints = world.get("endpoints", key) or {}
    for subset in endpoints.get("subsets") or ():
        for each in subset.get("ports") or ():
            if (each.get("name") or "") == name and subset.get("addresses"):
                return subset["addresses"][0]["ip"], each["port"]
    raise UnreachableError(f'no endpoints available for service "{key.name}"')
