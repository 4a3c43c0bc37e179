"""`proxy` of nodes, pods and services: HTTP requests that the API server passes on (pkg/registry/core/*/rest)."""

from __future__ import annotations

from typing import Protocol

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.access import Call, Handlers
from eks_lab.sim.apiserver.answers import TEXT, Answer
from eks_lab.sim.apiserver.container_runtime import ContainerRuntime
from eks_lab.sim.apiserver.request import route_of
from eks_lab.sim.objects import ApiError, Key, Obj, bad_request, key_of, not_simulated
from eks_lab.sim.service_pods import address_of, is_serving, selected_pods, target_port

VERBS = ("get", "create", "update", "patch", "delete")
KUBELET_PORT = 10250


class NodePages(Protocol):
    """The kubelets' own HTTP servers."""

    def node_page(self, node: Obj, path: str) -> tuple[int, str, bytes]:
        """Return status, content type and body of a path of a node's kubelet.

        Raises:
            ApiError: 503 the kubelet does not answer; 501 the path is not simulated.
        """
        ...


class Proxies:
    """Passes requests on."""

    def __init__(self, api: Api, containers: ContainerRuntime, nodes: NodePages) -> None:
        """Wire it up.

        Args:
            api: where nodes, pods and services are.
            containers: answers for pods.
            nodes: answers for kubelets.
        """
        self._api = api
        self._containers = containers
        self._nodes = nodes

    def register(self, handlers: Handlers) -> None:
        """Serve all three, whatever the method."""
        for verb in VERBS:
            handlers.register("nodes", "proxy", verb, self.node)
            handlers.register("pods", "proxy", verb, self.pod)
            handlers.register("services", "proxy", verb, self.service)

    async def node(self, call: Call) -> Answer:
        """Ask a node's kubelet.

        Raises:
            ApiError: 404 no such node; what `node_page` says.
        """
        name, port = _name_and_port(call)
        node = self._api.read("nodes", Key("", name))
        if port not in ("", str(KUBELET_PORT)):
            raise not_simulated(
                f"port {port} of a node", f"the kubelet's, {KUBELET_PORT}", "it dials the port."
            )
        status, kind, body = self._nodes.node_page(node, _path(call).partition("?")[0])
        return Answer(status, body, kind)

    async def pod(self, call: Call) -> Answer:
        """Ask a port of a pod; without one the first that a container names, or 80.

        Raises:
            ApiError: 404 no such pod; 400 it has no address; 503 nothing answers.
        """
        name, port = _name_and_port(call)
        pod = self._api.read("pods", Key(call.namespace, name))
        if not address_of(pod):
            raise bad_request("address not allowed")
        return self._ask(call, pod, _pod_port(pod, port))

    async def service(self, call: Call) -> Answer:
        """Ask one of the pods behind a service.

        Raises:
            ApiError: 404 no such service; 503 no such port, no pod behind it, or nothing answers.
        """
        name, wanted = _name_and_port(call)
        service = self._api.read("services", Key(call.namespace, name))
        ports = service["spec"].get("ports") or []
        found = next(
            (each for each in ports if wanted in (each.get("name", ""), str(each["port"]))),
            ports[0] if not wanted and len(ports) == 1 else None,
        )
        if found is None:
            raise _unavailable(f'no service port "{wanted}" found for service "{name}"')
        targets = [
            (pod, number)
            for pod in selected_pods(self._api, service)
            if is_serving(pod, service) and (number := target_port(pod, found)) is not None
        ]
        if not targets:
            raise _unavailable(f'no endpoints available for service "{call.name}"')
        # The real one takes any at random; in turn by revision is as even and can be repeated.
        pod, number = targets[self._api.store.revision % len(targets)]
        return self._ask(call, pod, number)

    def _ask(self, call: Call, pod: Obj, port: int) -> Answer:
        host = f"{address_of(pod)}:{port}"
        head = f"{call.request.method} {_path(call)} HTTP/1.1\r\nHost: {host}\r\n"
        length = f"Content-Length: {len(call.request.body)}\r\n" if call.request.body else ""
        request = f"{head}{length}\r\n".encode("utf-8", "surrogateescape") + call.request.body
        found = self._containers.serve(key_of(pod), port, request)
        if found is None:
            raise _unavailable(f"error trying to reach service: dial tcp {host}: connect: connection refused")
        return _answer(found)


def _name_and_port(call: Call) -> tuple[str, str]:
    """Return name and port of `name`, `name:port`, `scheme:name:port`."""
    parts = call.name.split(":")
    if len(parts) == 1:
        return parts[0], ""
    if len(parts) == 2:
        return parts[0], parts[1]
    if len(parts) == 3 and parts[0] in ("http", "https"):
        return parts[1], parts[2]
    raise bad_request(f"invalid {call.resource.singular or call.resource.kind.lower()} request {call.name!r}")


def _path(call: Call) -> str:
    """Return what follows `proxy` in the URL, its parameters included."""
    route = route_of(call.request.path)
    path = f"/{route.rest if route else ''}"
    if call.request.path.endswith("/") and not path.endswith("/"):
        path += "/"
    query = call.request.query_string.decode("latin-1")
    return f"{path}?{query}" if query else path


def _pod_port(pod: Obj, wanted: str) -> int:
    if wanted.isdecimal() and len(wanted) <= 5:
        return int(wanted)
    for container in pod["spec"].get("containers") or ():
        for port in container.get("ports") or ():
            if not wanted or port.get("name") == wanted:
                number: int = port["containerPort"]
                return number
    if wanted:
        raise _unavailable(f'no port "{wanted}" found for pod "{pod["metadata"]["name"]}"')
    return 80


def _answer(raw: bytes) -> Answer:
    """Return the answer that HTTP bytes hold."""
    head, _, body = raw.partition(b"\r\n\r\n")
    lines = head.decode("latin-1").split("\r\n")
    headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines[1:])}
    return Answer(int(lines[0].split(" ")[1]), body, headers.get("content-type", TEXT))


def _unavailable(message: str) -> ApiError:
    return ApiError(503, "ServiceUnavailable", message)
