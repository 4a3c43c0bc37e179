"""The audit log: one line of JSON for each answer, at the level Metadata (k8s.io/apiserver/pkg/apis/audit)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import orjson

from eks_lab.clock import Clock
from eks_lab.ids import Ids
from eks_lab.sim.apiserver.access import AccessRequest
from eks_lab.sim.apiserver.request import HttpRequest
from eks_lab.sim.objects import User, micro_timestamp

QUIET = ("/healthz", "/livez", "/readyz", "/version")
"""Paths that are not recorded, like in the usual audit policies."""


class AuditLog:
    """Writes `audit.k8s.io/v1` Events; an observer of ApiServer."""

    def __init__(self, write: Callable[[bytes], None], clock: Clock, ids: Ids) -> None:
        """Begin a log.

        Args:
            write: takes a line, its line feed included; it must be quick and must not fail.
            clock: simulated time, which the events carry.
            ids: for `auditID`; a sequence of its own, so that logging changes nothing else.
        """
        self._write = write
        self._clock = clock
        self._ids = ids
        self.written = 0
        """Events up to now."""

    def __call__(self, request: HttpRequest, user: User | None, access: AccessRequest, status: int) -> None:
        """Record an answer."""
        if request.path.startswith(QUIET):
            return
        moment = micro_timestamp(self._clock.now())
        who: dict[str, Any] = {}
        if user is not None:
            who = {"username": user.name, "groups": list(user.groups)}
            if user.uid:
                who["uid"] = user.uid
        query = request.query_string.decode("latin-1")
        event: dict[str, Any] = {
            "kind": "Event",
            "apiVersion": "audit.k8s.io/v1",
            "level": "Metadata",
            "auditID": self._ids.uid(),
            # What goes on for a while is noted when it begins.
            "stage": "ResponseStarted" if _is_long(request, access) else "ResponseComplete",
            "requestURI": f"{request.path}?{query}" if query else request.path,
            "verb": access.verb,
            "user": who,
            "sourceIPs": [_address(request)],
            "userAgent": request.headers.get("user-agent", ""),
        }
        if access.is_resource:
            reference = {
                "resource": access.resource,
                "namespace": access.namespace,
                "name": access.name,
                "apiGroup": access.group,
                "apiVersion": access.version,
                "subresource": access.subresource,
            }
            event["objectRef"] = {key: value for key, value in reference.items() if value}
        event |= {
            "responseStatus": {"metadata": {}, "code": status},
            "requestReceivedTimestamp": moment,
            "stageTimestamp": moment,
        }
        if request.decision is not None:
            is_allowed, reason = request.decision
            event["annotations"] = {
                "authorization.k8s.io/decision": "allow" if is_allowed else "forbid",
                "authorization.k8s.io/reason": reason,
            }
        self.written += 1
        self._write(orjson.dumps(event, option=orjson.OPT_APPEND_NEWLINE))


def _is_long(request: HttpRequest, access: AccessRequest) -> bool:
    if request.scope["type"] == "websocket":
        return True
    return access.verb == "watch" or (access.subresource == "log" and request.flag("follow"))


def _address(request: HttpRequest) -> str:
    client = request.scope.get("client")
    return str(client[0]) if client else "127.0.0.1"
