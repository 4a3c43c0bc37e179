"""A request as it came over the wire, before anybody interprets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import parse_qsl, unquote


@dataclass(frozen=True)
class HttpRequest:
    """One HTTP request."""

    method: str
    path: str
    """As sent, percent-encoded."""
    query: str = ""
    """As sent, without the question mark."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """Names in lower case; several values of one name are joined by commas."""
    body: bytes = b""

    @cached_property
    def parameters(self) -> dict[str, str]:
        """Return the decoded query; of several values the first."""
        found: dict[str, str] = {}
        for name, value in parse_qsl(self.query, keep_blank_values=True):
            found.setdefault(name, value)
        return found

    @cached_property
    def form(self) -> dict[str, str]:
        """Return the decoded form of the body, the query when there is none."""
        if not self.body:
            return self.parameters
        try:
            text = self.body.decode()
        except UnicodeDecodeError:
            return self.parameters
        return {**self.parameters, **dict(parse_qsl(text, keep_blank_values=True))}

    @property
    def host(self) -> str:
        """Return the host without its port."""
        host = self.headers.get("host", "")
        return host.rsplit(":", 1)[0] if host.rpartition(":")[2].isdigit() else host

    @property
    def plain_path(self) -> str:
        """Return the path decoded."""
        return unquote(self.path)


def from_scope(scope: Mapping[str, Any], body: bytes) -> HttpRequest:
    """Return the request of an ASGI scope.

    Args:
        scope: of type `http`.
        body: all of it.
    """
    headers: dict[str, str] = {}
    for raw_name, raw_value in scope["headers"]:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        headers[name] = f"{headers[name]},{value}" if name in headers else value
    raw = scope.get("raw_path") or scope["path"].encode()
    return HttpRequest(
        method=scope["method"],
        path=raw.split(b"?")[0].decode("latin-1") or "/",
        query=scope.get("query_string", b"").decode("latin-1"),
        headers=headers,
        body=body,
    )
