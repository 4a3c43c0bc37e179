"""A request as the server reads it: path, query, headers, body."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, unquote

from eks_lab.sim.apiserver.answers import Receive
from eks_lab.sim.objects import ApiError, invalid_object, not_supported, too_long

LARGEST_BODY = 3 * 1024 * 1024
"""Bytes of a request body (apiserver/pkg/server/config.go: MaxRequestBodyBytes)."""
LARGEST_STORED = 1_572_864
"""Bytes of a request that etcd takes (etcd --max-request-bytes, 1.5 MiB)."""
LARGEST_SENT = 2 * 1024 * 1024
"""Bytes of a message that the API server's etcd client sends (etcd client/v3: defaultMaxCallSendMsgSize)."""
_LONGEST_NUMBER = 18
"""Digits of a number that anybody means: more do not fit an int64."""
_NUMBER = re.compile(rf"-?[0-9]{{1,{_LONGEST_NUMBER}}}")


class HttpRequest:
    """One HTTP request."""

    __slots__ = ("_query", "body", "decision", "headers", "method", "path", "query_string", "scope")

    def __init__(self, scope: Mapping[str, Any]) -> None:
        """Read the head.

        Args:
            scope: of ASGI.
        """
        self.scope = scope
        self.method: str = scope.get("method", "GET")
        self.path: str = scope["path"]
        self.query_string: bytes = scope.get("query_string", b"")
        self.headers: dict[str, str] = {}
        for name, value in scope.get("headers", ()):
            self.headers[name.decode("latin-1").lower()] = value.decode("latin-1")
        self.body = b""
        self.decision: tuple[bool, str] | None = None
        """What authorisation said, and why; None before it was asked."""
        self._query: dict[str, list[str]] | None = None

    @property
    def query(self) -> dict[str, list[str]]:
        """Return the parameters of the URL."""
        if self._query is None:
            text = self.query_string.decode("latin-1")
            self._query = parse_qs(text, keep_blank_values=True) if text else {}
        return self._query

    def param(self, name: str) -> str:
        """Return one parameter; empty when it is missing."""
        values = self.query.get(name)
        return values[0] if values else ""

    def flag(self, name: str) -> bool:
        """Return a boolean parameter; present without a value means yes."""
        values = self.query.get(name)
        return values is not None and values[0] not in ("0", "false", "False", "FALSE", "f", "F")

    def number(self, name: str) -> int | None:
        """Return a numeric parameter; None when it is missing or no number."""
        text = self.param(name)
        return int(text) if _NUMBER.fullmatch(text) else None

    async def read_body(self, receive: Receive) -> None:
        """Read the whole body.

        Raises:
            ApiError: 413, it is too large.
        """
        length = self.headers.get("content-length", "")
        if length.isdecimal() and (len(length) > _LONGEST_NUMBER or int(length) > LARGEST_BODY):
            raise too_large()
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ApiError(400, "BadRequest", "the client went away while its request was read")
            part = message.get("body", b"")
            if part:
                size += len(part)
                if size > LARGEST_BODY:
                    raise too_large()
                parts.append(part)
            if not message.get("more_body", False):
                break
        self.body = b"".join(parts)

    def manager(self) -> str:
        """Return the field manager: the parameter, else the first word of the User-Agent.

        Raises:
            ApiError: 422, the parameter is too long or not printable.
        """
        manager = self.param("fieldManager")
        if not manager:
            agent = self.headers.get("user-agent", "").partition("/")[0]
            return "".join(letter for letter in agent if letter.isprintable())[:128] or "unknown"
        return manager


def too_large() -> ApiError:
    """Return the answer to a body over the limit."""
    return ApiError(413, "RequestEntityTooLarge", f"Request entity too large: limit is {LARGEST_BODY}")


def too_large_to_store(body: bytes) -> ApiError | None:
    """Return the answer that etcd's limits give to an object, once everything else about it is right; None within them.

    The size is that of the body; the real one is that of the stored form, which is a little smaller.
    """
    size = len(body)
    if size <= LARGEST_STORED:
        return None
    if size <= LARGEST_SENT:
        return ApiError(500, "", "etcdserver: request is too large")
    text = f"trying to send message larger than max ({size} vs. {LARGEST_SENT})"
    return ApiError(500, "", f"rpc error: code = ResourceExhausted desc = {text}")


_OPTIONS = {
    "create": "CreateOptions",
    "update": "UpdateOptions",
    "patch": "PatchOptions",
    "delete": "DeleteOptions",
}


def write_options(request: HttpRequest, verb: str) -> tuple[bool, str]:
    """Return dry-run and field validation of a write.

    Raises:
        ApiError: 422, a value nobody knows.
    """
    errors = []
    dry_run = [each for each in request.query.get("dryRun", ()) if each]
    if dry_run and any(each != "All" for each in dry_run):
        errors.append(not_supported("dryRun", dry_run, ["All"]))
    validation = request.param("fieldValidation")
    if validation not in ("", "Ignore", "Warn", "Strict"):
        errors.append(not_supported("fieldValidation", validation, ["Ignore", "Strict", "Warn"]))
    manager = request.param("fieldManager")
    if len(manager) > 128:
        errors.append(too_long("fieldManager", 128))
    if errors:
        raise invalid_object(_OPTIONS.get(verb, "CreateOptions"), "meta.k8s.io", "", errors)
    return bool(dry_run), validation or "Warn"


@dataclass(frozen=True, slots=True)
class Route:
    """What a path under `/api` or `/apis` names."""

    group: str
    version: str
    """Empty when the path stops at the group."""
    resource: str = ""
    """Plural; empty for discovery."""
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""
    """What follows a subresource: the path that `proxy` goes on to."""
    is_watch: bool = False
    """True for the old `/watch/` paths."""


def route_of(path: str) -> Route | None:
    """Return what a path names; None when it is not under `/api` or `/apis`."""
    if path.startswith("/apis/"):
        parts = path[6:].strip("/").split("/")
        group, parts = parts[0], parts[1:]
    elif path.startswith("/api/"):
        group, parts = "", path[5:].strip("/").split("/")
    else:
        return None
    if not parts:
        return Route(group, "")
    version, parts = parts[0], [unquote(each) for each in parts[1:]]
    is_watch = bool(parts) and parts[0] == "watch"
    if is_watch:
        parts = parts[1:]
    if not parts:
        return Route(group, version)
    namespace = ""
    if parts[0] == "namespaces" and len(parts) > 1:
        namespace = parts[1]
        if len(parts) > 2 and parts[2] not in ("status", "finalize"):
            parts = parts[2:]
        else:
            # The namespace itself: its name is its namespace for authorisation.
            sub = parts[2] if len(parts) > 2 else ""
            return Route(group, version, "namespaces", namespace, namespace, sub, "", is_watch)
    name = parts[1] if len(parts) > 1 else ""
    subresource = parts[2] if len(parts) > 2 else ""
    return Route(group, version, parts[0], namespace, name, subresource, "/".join(parts[3:]), is_watch)
