"""metrics.k8s.io: what `kubectl top` and the HPA read, measured when it is asked for."""

from __future__ import annotations

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver import tables
from eks_lab.sim.apiserver.access import Call, Handlers
from eks_lab.sim.apiserver.answers import Answer
from eks_lab.sim.apiserver.container_runtime import MetricsSource
from eks_lab.sim.apiserver.negotiation import form_of
from eks_lab.sim.apiserver.selectors import predicate_of
from eks_lab.sim.apiserver.showing import ONE, encoded
from eks_lab.sim.objects import Key, Obj, key_of, not_found

GROUP = "metrics.k8s.io"
"""Of the API that metrics-server adds."""
MANY = frozenset({"Table", "PartialObjectMetadataList"})
"""Forms of a list besides the list itself."""


class ResourceMetrics:
    """Answers nodes and pods of metrics.k8s.io."""

    def __init__(self, api: Api, source: MetricsSource) -> None:
        """Wire it up.

        Args:
            api: where nodes and pods are.
            source: measures them.
        """
        self._api = api
        self._source = source

    def register(self, handlers: Handlers) -> None:
        """Answer get and list of both."""
        for plural in ("nodes", "pods"):
            handlers.register(f"{plural}.{GROUP}", "", "get", self.get)
            handlers.register(f"{plural}.{GROUP}", "", "list", self.collect)

    async def get(self, call: Call) -> Answer:
        """Answer with the measurement of one node or pod.

        Raises:
            ApiError: 404, there is none.
        """
        plural = call.resource.plural
        stored = self._api.get(plural, Key(call.namespace if call.resource.namespaced else "", call.name))
        measured = self._measured(plural, stored) if stored is not None else None
        if measured is None:
            raise not_found(plural, GROUP, call.name)
        form = form_of(call.request.headers.get("accept", ""), ONE)
        if form.kind == "Table":
            return encoded(200, self._table(call, [measured], form.version), form, call.warnings)
        return encoded(200, measured, form, call.warnings)

    async def collect(self, call: Call) -> Answer:
        """Answer with the measurements of all nodes or of the pods of a namespace; what is new has none yet.

        Raises:
            ApiError: 400, a selector cannot be read.
        """
        plural, request = call.resource.plural, call.request
        selects = predicate_of(
            self._api.resource(plural), request.param("labelSelector"), request.param("fieldSelector")
        )
        items = [
            measured
            for stored in self._api.items(plural, call.namespace)
            if (selects is None or selects(stored))
            and (measured := self._measured(plural, stored)) is not None
        ]
        form = form_of(request.headers.get("accept", ""), MANY)
        if form.kind == "Table":
            return encoded(200, self._table(call, items, form.version), form, call.warnings)
        resource = call.resource
        listed = {
            "kind": f"{resource.kind}List",
            "apiVersion": resource.api_version,
            "metadata": {},
            "items": items,
        }
        return encoded(200, listed, form, call.warnings)

    def _measured(self, plural: str, stored: Obj) -> Obj | None:
        if plural == "nodes":
            return self._source.node_metrics(stored["metadata"]["name"])
        return self._source.pod_metrics(key_of(stored))

    def _table(self, call: Call, items: list[Obj], version: str) -> Obj:
        columns = tables.columns_of(call.resource)
        include = call.request.param("includeObject") or "Metadata"
        return tables.table(
            columns, tables.rows(columns, items, self._api.now(), include, version), {}, version
        )
