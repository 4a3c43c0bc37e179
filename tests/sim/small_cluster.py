"""An Api with a handful of plain resources, and a client that talks ASGI without a socket."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import orjson

from eks_lab.clock import SimClock
from eks_lab.ids import Ids
from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.app import ApiServer
from eks_lab.sim.objects import FieldError, Obj, invalid
from eks_lab.sim.resource import Admission, Conversion, Resource, Scale, World
from eks_lab.sim.store import Store

START = datetime(2026, 1, 1, 12, tzinfo=UTC)
PATIENCE_SECONDS = 60.0
"""Wall time after which a test gives up waiting for what comes at once."""


def _grace(pod: Obj, asked: int | None) -> int:
    if not (pod.get("spec") or {}).get("nodeName"):
        return 0
    return 30 if asked is None else asked


def _deployment_default(obj: Obj, world: World) -> None:
    obj.setdefault("spec", {}).setdefault("replicas", 1)


def _deployment_errors(new: Obj, old: Obj, world: World) -> list[FieldError]:
    if new["spec"].get("selector") != old["spec"].get("selector"):
        return [invalid("spec.selector", new["spec"].get("selector"), "field is immutable")]
    return []


def _drop_status(obj: Obj, world: World) -> None:
    obj.pop("status", None)


CONFIG_MAPS = Resource("configmaps", "ConfigMap", short_names=("cm",))
NAMESPACES = Resource("namespaces", "Namespace", namespaced=False, has_status=True)
NODES = Resource("nodes", "Node", namespaced=False, has_status=True)
SERVICES = Resource("services", "Service", has_status=True)
PODS = Resource(
    "pods",
    "Pod",
    has_status=True,
    counts_generation=True,
    prepare_create=_drop_status,
    grace_seconds=_grace,
    field_labels={"spec.nodeName": lambda pod: (pod.get("spec") or {}).get("nodeName", "")},
    subresources={"binding": "Binding", "eviction": "Eviction"},
)
DEPLOYMENTS = Resource(
    "deployments",
    "Deployment",
    "apps",
    has_status=True,
    counts_generation=True,
    scale=Scale(selector=lambda obj: "app=web"),
    default=_deployment_default,
    prepare_create=_drop_status,
    validate_update=_deployment_errors,
)
BUDGETS = Resource(
    "poddisruptionbudgets", "PodDisruptionBudget", "policy", has_status=True, counts_generation=True
)
AUTOSCALERS = Resource(
    "horizontalpodautoscalers",
    "HorizontalPodAutoscaler",
    "autoscaling",
    "v2",
    has_status=True,
    other_versions={
        "v1": Conversion(
            decode=lambda obj: {**obj, "apiVersion": "autoscaling/v2"},
            encode=lambda obj: {**obj, "apiVersion": "autoscaling/v1"},
        )
    },
)
DEFINITIONS = Resource(
    "customresourcedefinitions",
    "CustomResourceDefinition",
    "apiextensions.k8s.io",
    namespaced=False,
    has_status=True,
    counts_generation=True,
)
RESOURCES = (
    CONFIG_MAPS, NAMESPACES, NODES, SERVICES, PODS, DEPLOYMENTS, BUDGETS, AUTOSCALERS, DEFINITIONS
)  # fmt: skip


def small_api(admission: Sequence[Admission] = ()) -> Api:
    """Return an Api whose namespaces are default and other."""
    api = Api(Store(), SimClock(START), Ids(7), "1.36", RESOURCES, admission)
    for name in ("default", "other"):
        api.create("namespaces", {"metadata": {"name": name}})
    return api


def config_map(name: str, **data: str) -> Obj:
    """Return a ConfigMap in the namespace default."""
    return {"metadata": {"name": name, "namespace": "default"}, "data": data}


def pod(name: str, **spec: Any) -> Obj:
    """Return a pod of one container in the namespace default."""
    containers = [{"name": "c", "image": "nginx"}]
    return {
        "metadata": {"name": name, "namespace": "default", "labels": {"app": "web"}},
        "spec": {"containers": containers, **spec},
    }


def deployment(name: str = "web", **spec: Any) -> Obj:
    """Return a Deployment in the namespace default."""
    template = {"metadata": {"labels": {"app": "web"}}, "spec": {"containers": [{"name": "c", "image": "a"}]}}
    selector = {"matchLabels": {"app": "web"}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name, "namespace": "default"},
        "spec": {"selector": selector, "template": template, **spec},
    }


@dataclass
class Answered:
    """What a request got."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body's value."""
        return orjson.loads(self.body)

    def header(self, name: str) -> str:
        """Return one header; empty when it is missing."""
        return next((value for key, value in self.headers if key == name), "")

    @property
    def warnings(self) -> list[str]:
        """Return the texts of Warning headers."""
        return [value[7:-1] for key, value in self.headers if key == "warning"]


class Client:
    """Talks to an ASGI application."""

    def __init__(self, app: ApiServer) -> None:
        """Talk to it."""
        self.app = app

    async def ask(
        self, method: str, path: str, body: Any = None, headers: Mapping[str, str] | None = None
    ) -> Answered:
        """Send one request and return the whole answer; a value that is no bytes is sent as JSON."""
        content = body if isinstance(body, bytes) else b"" if body is None else orjson.dumps(body)
        sent: list[Mapping[str, Any]] = []

        read = False

        async def receive() -> Mapping[str, Any]:
            nonlocal read
            if read:
                await asyncio.Event().wait()
            read = True
            return {"type": "http.request", "body": content, "more_body": False}

        async def send(message: Mapping[str, Any]) -> None:
            sent.append(message)

        await self.app(scope_of(method, path, headers), receive, send)
        head = sent[0]
        found = [(name.decode(), value.decode()) for name, value in head["headers"]]
        return Answered(head["status"], found, b"".join(each.get("body", b"") for each in sent[1:]))

    async def watch(self, path: str, headers: Mapping[str, str] | None = None) -> Watching:
        """Open a watch; close it when done."""
        watching = Watching()
        scope = scope_of("GET", path, headers)
        watching.task = asyncio.create_task(self.app(scope, watching.receive, watching.send))
        await asyncio.wait_for(watching.began.wait(), PATIENCE_SECONDS)
        return watching


def scope_of(method: str, path: str, headers: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return an ASGI scope."""
    path, _, query = path.partition("?")
    given = {"user-agent": "tester/1.0", **(headers or {})}
    return {
        "type": "http",
        "method": method,
        "path": path,
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in given.items()],
    }


class Watching:
    """A watch that goes on."""

    def __init__(self) -> None:
        """Begin without events."""
        self.began = asyncio.Event()
        self.ended = asyncio.Event()
        self.status = 0
        self.task: asyncio.Task[None] | None = None
        self._gone = asyncio.Event()
        self._buffer = b""
        self._came = asyncio.Event()

    async def receive(self) -> Mapping[str, Any]:
        """Wait until the client goes."""
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def send(self, message: Mapping[str, Any]) -> None:
        """Take what the server sends."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            return
        self._buffer += message["body"]
        self.began.set()
        self._came.set()
        if not message.get("more_body"):
            self.ended.set()

    async def events(self, count: int) -> list[Any]:
        """Return the next events; fails when they do not come."""
        while self._buffer.count(b"\n") < count:
            self._came.clear()
            await asyncio.wait_for(self._came.wait(), PATIENCE_SECONDS)
        *lines, rest = self._buffer.split(b"\n", count)
        self._buffer = rest
        return [orjson.loads(line) for line in lines]

    @property
    def rest(self) -> bytes:
        """Return what came and was not asked for."""
        return self._buffer

    async def close(self) -> None:
        """Go, as a client that vanishes."""
        self._gone.set()
        if self.task is not None:
            await asyncio.wait_for(self.task, PATIENCE_SECONDS)
