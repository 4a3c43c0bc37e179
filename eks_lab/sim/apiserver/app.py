"""The ASGI application: from a request to the one who answers it."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver import health
from eks_lab.sim.apiserver.access import (
    AccessRequest,
    AllowAll,
    Authenticator,
    Authorizer,
    Call,
    EverybodyIsSystem,
    Handlers,
    denied,
    unauthorized,
)
from eks_lab.sim.apiserver.answers import (
    Answer,
    Receive,
    Send,
    Stream,
    error_answer,
    json_answer,
    method_not_allowed,
    not_found_page,
    send_answer,
)
from eks_lab.sim.apiserver.catalogue import SUBRESOURCE_VERBS, Catalogue, Served, subresources_of
from eks_lab.sim.apiserver.discovery import Discovery, version_document
from eks_lab.sim.apiserver.openapi import OpenApi
from eks_lab.sim.apiserver.request import HttpRequest, Route, route_of
from eks_lab.sim.apiserver.verbs import Verbs
from eks_lab.sim.apiserver.watch import WatchHub
from eks_lab.sim.objects import ApiError, User, bad_request

logger = logging.getLogger(__name__)

Observer = Callable[[HttpRequest, User | None, AccessRequest, int], None]
"""Called after each answer with the status: the audit log."""

_WRITES = {"POST": "create", "PUT": "update", "PATCH": "patch"}


class ApiServer:
    """Serves one cluster's API; an ASGI application."""

    def __init__(
        self,
        api: Api,
        *,
        authenticator: Authenticator | None = None,
        authorizer: Authorizer | None = None,
        handlers: Handlers | None = None,
        observer: Observer | None = None,
    ) -> None:
        """Serve an Api.

        Args:
            api: the cluster.
            authenticator: finds out who asks; everybody is the control plane when it is missing.
            authorizer: decides what they may do; everything when it is missing.
            handlers: answer what is not in the store: logs, exec, reviews, tokens.
            observer: told of every answer.
        """
        self.api = api
        self.handlers = handlers or Handlers()
        self.catalogue = Catalogue(api)
        self.watches = WatchHub(api)
        self.pages: dict[str, Callable[[HttpRequest], Answer]] = {}
        """Further paths outside the API: `/openid/v1/jwks`, `/metrics`."""
        self._authenticator: Authenticator = authenticator or EverybodyIsSystem()
        self._authorizer: Authorizer = authorizer or AllowAll()
        self._observer = observer
        self._discovery = Discovery(self.catalogue)
        self._openapi = OpenApi(api, self.catalogue)
        self._verbs = Verbs(api, self.watches)

    async def __call__(self, scope: Mapping[str, Any], receive: Receive, send: Send) -> None:
        """Answer one ASGI scope."""
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
        elif scope["type"] == "websocket":
            await self._socket(HttpRequest(scope), receive, send)
        else:
            await self._http(HttpRequest(scope), receive, send)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        while True:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                self.watches.close()
            await send({"type": f"{message['type']}.complete"})
            if message["type"] == "lifespan.shutdown":
                return

    async def _http(self, request: HttpRequest, receive: Receive, send: Send) -> None:
        user: User | None = None
        access = AccessRequest(request.method.lower(), request.path)
        warnings: list[str] = []
        answer: Answer | Stream
        try:
            user = self._authenticator.authenticate(request)
            if user is None:
                raise unauthorized()
            route = route_of(request.path)
            if route is None or not route.resource:
                self._check(request, user, access)
                answer = self._page(request)
            else:
                access, served = self._resolve(request, route)
                self._check(request, user, access)
                answer = await self._resource(request, receive, route, access, served, user, warnings)
        except ApiError as error:
            answer = error_answer(error)
            answer.warnings = warnings
        except RecursionError:
            answer = error_answer(bad_request("json: exceeded max depth"))
        except Exception:
            logger.exception("%s %s failed", request.method, request.path)
            answer = error_answer(
                ApiError(500, "InternalError", "Internal error occurred: see the log of the sandbox")
            )
        status = answer.status if isinstance(answer, Answer) else 200
        if self._observer is not None:
            self._observer(request, user, access, status)
        if isinstance(answer, Answer):
            accepts_gzip = "gzip" in request.headers.get("accept-encoding", "")
            await send_answer(answer, send, accepts_gzip, request.method == "HEAD")
            return
        try:
            await answer(receive, send)
        except ApiError as error:
            # A stream says what is wrong with it before it sends its head.
            await send_answer(error_answer(error), send, False)

    def _check(self, request: HttpRequest, user: User, access: AccessRequest) -> None:
        request.decision = allowed, reason = self._authorizer.authorize(user, access)
        if not allowed:
            raise denied(user, access, reason)

    def _page(self, request: HttpRequest) -> Answer:
        """Answer what is no resource."""
        path = request.path.rstrip("/") or "/"
        page = self.pages.get(path)
        if page is not None:
            return page(request)
        is_read = request.method in ("GET", "HEAD")
        if path in ("/api", "/apis") or path.startswith(("/api/", "/apis/")):
            return self._discovery.answer(request) if is_read else method_not_allowed()
        if path == "/openapi/v2" or path.startswith("/openapi/v3"):
            return self._openapi.answer(request) if is_read else method_not_allowed()
        if path == "/version":
            return Answer(200, version_document(self.api.version)) if is_read else method_not_allowed()
        if path.startswith(health.PATHS) and path.split("/")[1] in ("healthz", "livez", "readyz"):
            return health.health(request) if is_read else method_not_allowed()
        if path == "/":
            return json_answer(200, {"paths": self._paths()})
        return not_found_page()

    def _paths(self) -> list[str]:
        paths = {"/api", "/apis", "/version", "/openapi/v2", "/openapi/v3", *health.PATHS, *self.pages}
        for group, versions in self.catalogue.groups().items():
            base = f"/apis/{group}" if group else "/api"
            paths |= {base, *(f"{base}/{version}" for version in versions)}
        return sorted(paths)

    def _resolve(self, request: HttpRequest, route: Route) -> tuple[AccessRequest, Served | None]:
        """Return what the request means to authorisation, and the resource when it is served."""
        served = self.catalogue.find(route.group, route.version, route.resource)
        method = request.method
        if method in ("GET", "HEAD"):
            if route.is_watch or (not route.subresource and request.flag("watch")):
                verb = "watch"
            else:
                verb = "get" if route.name else "list"
        elif method == "DELETE":
            verb = "delete" if route.name else "deletecollection"
        else:
            verb = _WRITES.get(method, method.lower())
        access = AccessRequest(
            verb,
            request.path,
            True,
            route.group,
            route.version,
            route.resource,
            route.subresource,
            route.namespace,
            route.name or _watched_name(request, verb),
        )
        return access, served

    async def _resource(
        self,
        request: HttpRequest,
        receive: Receive,
        route: Route,
        access: AccessRequest,
        served: Served | None,
        user: User,
        warnings: list[str],
    ) -> Answer | Stream:
        if served is None or not _is_well_placed(served, route):
            return not_found_page()
        resource = served.resource
        call = Call(
            request,
            resource,
            served.version,
            access.verb,
            route.subresource,
            route.namespace,
            route.name,
            user,
            warnings,
        )
        deprecation = self.api.deprecations.get((resource.id, served.version))
        if deprecation:
            warnings.append(deprecation)
        handler = self.handlers.find(resource.id, route.subresource, access.verb)
        if request.method not in ("GET", "HEAD"):
            await request.read_body(receive)
        if handler is not None:
            return await handler(call)
        if route.subresource:
            known = subresources_of(resource)
            if route.subresource not in known:
                raise ApiError(404, "NotFound", "the server could not find the requested resource")
            if access.verb not in SUBRESOURCE_VERBS.get(route.subresource, ("get",)):
                return method_not_allowed()
            if route.subresource not in _STORED_SUBRESOURCES:
                raise ApiError(
                    501,
                    "NotImplemented",
                    f"{resource.plural}/{route.subresource} is not simulated by this server. Nearest: the "
                    "object itself. Real EKS: the kube-apiserver passes it on to the kubelet or to the service.",
                )
        elif (
            access.verb not in resource.verbs
            or (access.verb == "create" and route.name)
            or (access.verb in ("update", "patch") and not route.name)
        ):
            return method_not_allowed()
        return self._verbs.answer(call)

    async def _socket(self, request: HttpRequest, receive: Receive, send: Send) -> None:
        """Serve a WebSocket by its handler; anything else is closed with the HTTP answer it deserves."""
        user: User | None = None
        access = AccessRequest("get", request.path)
        try:
            user = self._authenticator.authenticate(request)
            if user is None:
                raise unauthorized()
            route = route_of(request.path)
            served = self.catalogue.find(route.group, route.version, route.resource) if route else None
            if route is None or served is None:
                raise ApiError(404, "NotFound", "the server could not find the requested resource")
            # Since 1.35 a stream over WebSocket needs `create` beside the `get` of its method; clients without
            # `get` fall back to SPDY, which needs `create` only. SPDY is not served here, so that is what counts.
            access = AccessRequest(
                "create",
                request.path,
                True,
                route.group,
                route.version,
                route.resource,
                route.subresource,
                route.namespace,
                route.name,
            )
            self._check(request, user, access)
            handler = self.handlers.find_socket(served.resource.id, route.subresource)
            if handler is None:
                raise ApiError(404, "NotFound", "the server could not find the requested resource")
            call = Call(
                request,
                served.resource,
                served.version,
                "get",
                route.subresource,
                route.namespace,
                route.name,
                user,
                [],
            )
            # The audit log names the method that the client used.
            access = replace(access, verb="get")
            await handler(call, receive, self._observed(request, user, access, send))
        except ApiError as error:
            if self._observer is not None:
                self._observer(request, user, access, error.code)
            await _refuse_socket(error, receive, send)

    def _observed(self, request: HttpRequest, user: User, access: AccessRequest, send: Send) -> Send:
        """Return a `send` that tells the observer when a WebSocket is accepted."""

        async def sending(message: Mapping[str, Any]) -> None:
            if message["type"] == "websocket.accept" and self._observer is not None:
                self._observer(request, user, access, 101)
            await send(message)

        return sending


_STORED_SUBRESOURCES = frozenset(
    {"status", "scale", "eviction", "binding", "ephemeralcontainers", "resize", "finalize", "approval"}
)


def _is_well_placed(served: Served, route: Route) -> bool:
    """Say whether the path names a namespace exactly where the resource wants one."""
    if served.resource.namespaced:
        return bool(route.namespace) or not route.name
    return not route.namespace or served.resource.id == "namespaces"


def _watched_name(request: HttpRequest, verb: str) -> str:
    """Return the one name that a list or watch is for (`fieldSelector=metadata.name=x`)."""
    if verb not in ("list", "watch"):
        return ""
    for term in request.param("fieldSelector").split(","):
        label, separator, value = term.partition("=")
        if separator and label == "metadata.name":
            return value.lstrip("=")
    return ""


async def _refuse_socket(error: ApiError, receive: Receive, send: Send) -> None:
    await receive()
    answer = error_answer(error)
    await send(
        {
            "type": "websocket.http.response.start",
            "status": answer.status,
            "headers": [(b"content-type", answer.content_type.encode())],
        }
    )
    await send({"type": "websocket.http.response.body", "body": answer.body})
