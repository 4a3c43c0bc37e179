"""Where authentication, authorisation, audit and special subresources come in."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from eks_lab.sim.apiserver.answers import Answer, Receive, Send, Stream
from eks_lab.sim.objects import SYSTEM, ApiError, Obj, User
from eks_lab.sim.resource import Resource

if TYPE_CHECKING:
    from eks_lab.sim.apiserver.request import HttpRequest


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What an authorizer is asked."""

    verb: str
    """`get`, `list`, `watch`, `create`, …; for paths the method in small letters."""
    path: str
    """Of the URL."""
    is_resource: bool = False
    """False for paths such as `/version`."""
    group: str = ""
    version: str = ""
    resource: str = ""
    """Plural."""
    subresource: str = ""
    namespace: str = ""
    name: str = ""


class Authenticator(Protocol):
    """Finds out who asks."""

    def authenticate(self, request: HttpRequest) -> User | None:
        """Return the user; None when credentials are wrong or missing, which is answered 401."""
        ...


class Authorizer(Protocol):
    """Decides what a user may do."""

    def authorize(self, user: User, request: AccessRequest) -> tuple[bool, str]:
        """Return the decision and, where there is one, a reason that the answer repeats."""
        ...


class EverybodyIsSystem:
    """Takes every request for the control plane's own: for tests and for use without TLS."""

    def authenticate(self, request: HttpRequest) -> User | None:
        """Return the control plane's user."""
        return SYSTEM


class AllowAll:
    """Allows everything."""

    def authorize(self, user: User, request: AccessRequest) -> tuple[bool, str]:
        """Allow."""
        return True, ""


class AnyOf:
    """Allows what one of several authorizers allows, asked in order, as a kube-apiserver's chain does."""

    def __init__(self, authorizers: Sequence[Authorizer]) -> None:
        """Wire them together.

        Args:
            authorizers: the last one gives the reason of a refusal.
        """
        self._authorizers = tuple(authorizers)

    def authorize(self, user: User, request: AccessRequest) -> tuple[bool, str]:
        """Return the first yes, or the reasons of all."""
        reasons = []
        for each in self._authorizers:
            is_allowed, reason = each.authorize(user, request)
            if is_allowed:
                return True, reason
            if reason:
                reasons.append(reason)
        return False, ", ".join(reasons)


@dataclass(slots=True)
class Call:
    """One request that was understood, authenticated and allowed."""

    request: HttpRequest
    resource: Resource
    version: str
    """API version name in the URL."""
    verb: str
    subresource: str
    namespace: str
    name: str
    user: User
    warnings: list[str]
    """Texts for Warning headers."""


Handler = Callable[[Call], Awaitable[Answer | Stream]]
"""Answers a call; raises ApiError for failures."""
SocketHandler = Callable[[Call, Receive, Send], Awaitable[None]]
"""Serves a WebSocket; it accepts or closes it."""


class Handlers:
    """Answers that do not come from the store: reviews, tokens, logs, exec, metrics."""

    def __init__(self) -> None:
        """Start empty."""
        self._http: dict[tuple[str, str, str], Handler] = {}
        self._sockets: dict[tuple[str, str], SocketHandler] = {}

    def register(self, resource: str, subresource: str, verb: str, handler: Handler) -> None:
        """Answer a verb of a resource or subresource by a function.

        Args:
            resource: `pods`, `selfsubjectaccessreviews.authorization.k8s.io`.
            subresource: `log`; empty for the resource itself.
            verb: `get`, `create`, …
            handler: called instead of the store.
        """
        self._http[(resource, subresource, verb)] = handler

    def register_socket(self, resource: str, subresource: str, handler: SocketHandler) -> None:
        """Serve WebSockets of a subresource: `pods`, `exec`."""
        self._sockets[(resource, subresource)] = handler

    def find(self, resource: str, subresource: str, verb: str) -> Handler | None:
        """Return the handler, if any."""
        return self._http.get((resource, subresource, verb))

    def find_socket(self, resource: str, subresource: str) -> SocketHandler | None:
        """Return the handler of WebSockets, if any."""
        return self._sockets.get((resource, subresource))

    def verbs(self, resource: str, subresource: str) -> list[str]:
        """Return the verbs that have handlers."""
        return sorted(verb for its, sub, verb in self._http if (its, sub) == (resource, subresource))


def unauthorized() -> ApiError:
    """Return the answer to a request without usable credentials."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def denied(user: User, request: AccessRequest, reason: str) -> ApiError:
    """Return the answer to a request that is not allowed (responsewriters/errors.go)."""
    ending = f": {reason}" if reason else ""
    if not request.is_resource:
        message = f'forbidden: User "{user.name}" cannot {request.verb} path "{request.path}"{ending}'
        return ApiError(403, "Forbidden", message, {})
    resource = f"{request.resource}/{request.subresource}" if request.subresource else request.resource
    where = f'in the namespace "{request.namespace}"' if request.namespace else "at the cluster scope"
    text = f'User "{user.name}" cannot {request.verb} resource "{resource}" in API group "{request.group}" {where}{ending}'
    qualified = f"{request.resource}.{request.group}" if request.group else request.resource
    named = f'{qualified} "{request.name}"' if request.name else qualified
    details: Obj = {"name": request.name, "group": request.group, "kind": request.resource}
    details = {key: value for key, value in details.items() if value}
    return ApiError(403, "Forbidden", f"{named} is forbidden: {text}", details)
