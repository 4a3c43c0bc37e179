"""What is noted about every request to a cluster's API server: audit log and counters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eks_lab.ids import Ids
from eks_lab.sandbox.audit_file import AuditFile
from eks_lab.sim.apiserver.access import AccessRequest, Handlers
from eks_lab.sim.apiserver.app import ApiServer
from eks_lab.sim.apiserver.audit import AuditLog
from eks_lab.sim.apiserver.proxy import Proxies
from eks_lab.sim.apiserver.request import HttpRequest
from eks_lab.sim.apiserver.request_metrics import STARTED_KEY, RequestMetrics
from eks_lab.sim.cluster import Cluster
from eks_lab.sim.container_access import ContainerAccess
from eks_lab.sim.objects import User

AUDIT_SEED = 1_000_033
"""Sets the sequence of audit ids apart from the cluster's own."""


class Observation:
    """Looks on while one cluster is served; an observer of ApiServer."""

    def __init__(self, cluster: Cluster, audit: AuditFile, monotonic: Callable[[], float]) -> None:
        """Wire it up.

        Args:
            cluster: that is served.
            audit: where the audit log goes.
            monotonic: seconds of wall time from any origin.
        """
        self._cluster = cluster
        self._monotonic = monotonic
        self.listener: Callable[[User | None, AccessRequest, int, bool], None] | None = None
        """Told of every answer, besides the audit log."""
        seed = cluster.options.seed * AUDIT_SEED + cluster.store.revision
        self._audit = AuditLog(audit.write, cluster.clock, Ids(seed))
        self._requests = RequestMetrics(cluster.api, monotonic, cluster.clock.now())

    def __call__(self, request: HttpRequest, user: User | None, access: AccessRequest, status: int) -> None:
        """Note an answer."""
        self._audit(request, user, access, status)
        self._requests.audited = self._audit.written
        self._requests(request, user, access, status)
        if self.listener is not None:
            self.listener(user, access, status, bool(request.query.get("dryRun")))

    def handlers(self, access: ContainerAccess) -> Handlers:
        """Return the answers that measurements give.

        Args:
            access: measures containers and nodes.
        """
        handlers = Handlers()
        Proxies(self._cluster.api, access, access).register(handlers)
        return handlers

    def attach(self, server: ApiServer) -> None:
        """Add the pages of measurements to a server."""
        self._requests.watching = lambda: server.watches.counts
        server.pages["/metrics"] = self._requests.answer

    async def serve(self, server: ApiServer, scope: Mapping[str, Any], receive: Any, send: Any) -> None:
        """Let the server answer a request, and measure it."""
        requests = self._requests
        requests.in_flight += 1
        try:
            await server({**scope, STARTED_KEY: self._monotonic()}, receive, send)
        finally:
            requests.in_flight -= 1
