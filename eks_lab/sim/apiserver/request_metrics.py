"""`/metrics` of the API server: what it was asked, how long it took, what it holds (apiserver/pkg/endpoints/metrics)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime

from eks_lab.kube.exposition import CONTENT_TYPE, Family, Histogram, page
from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.access import AccessRequest
from eks_lab.sim.apiserver.answers import Answer, method_not_allowed
from eks_lab.sim.apiserver.request import HttpRequest
from eks_lab.sim.objects import User

STARTED_KEY = "eks_lab.started"
"""Key of the ASGI scope under which the moment stands at which a request came, in seconds."""
BOUNDS = (
    0.005, 0.025, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0, 1.25, 1.5, 2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 45, 60
)  # fmt: skip
"""Seconds: the buckets of apiserver_request_duration_seconds."""
_VERBS = {"create": "POST", "update": "PUT"}
_MUTATING = frozenset({"POST", "PUT", "PATCH", "APPLY", "DELETE", "DELETECOLLECTION"})

_Series = tuple[str, str, str, str, str, str, str]
"""Verb, group, version, resource, subresource, scope, dry-run."""


class RequestMetrics:
    """Counts answers; an observer of ApiServer."""

    def __init__(self, api: Api, monotonic: Callable[[], float], started: datetime) -> None:
        """Start at zero.

        Args:
            api: whose objects are counted when somebody looks.
            monotonic: seconds of wall time, from the origin of the moments under STARTED_KEY.
            started: simulated moment at which the server began to serve.
        """
        self._api = api
        self._monotonic = monotonic
        self._started = started
        self._totals: Counter[tuple[_Series, int]] = Counter()
        self._seconds: dict[_Series, Histogram] = {}
        self.in_flight = 0
        """Requests that are being answered, long-running ones included."""
        self.watching: Callable[[], Mapping[str, int]] = dict
        """Returns resource -> how many watch it now."""
        self.audited = 0
        """Entries of the audit log."""

    def __call__(self, request: HttpRequest, user: User | None, access: AccessRequest, status: int) -> None:
        """Count an answer."""
        series = _series(request, access)
        self._totals[(series, status)] += 1
        if series[0] in ("WATCH", "CONNECT"):
            return
        began = request.scope.get(STARTED_KEY)
        if began is not None:
            histogram = self._seconds.get(series)
            if histogram is None:
                histogram = self._seconds[series] = Histogram(BOUNDS)
            histogram.observe(self._monotonic() - began)

    def answer(self, request: HttpRequest) -> Answer:
        """Answer `/metrics`."""
        if request.method not in ("GET", "HEAD"):
            return method_not_allowed()
        return Answer(200, page(self.families()).encode(), CONTENT_TYPE)

    def families(self) -> list[Family]:
        """Return everything that is measured."""
        totals = Family(
            "apiserver_request_total",
            "Counter of apiserver requests broken out for each verb, dry run value, group, version, resource, "
            "scope, component, and HTTP response code.",
            "counter",
        )
        for (series, status), count in sorted(self._totals.items()):
            totals.add(count, {"code": str(status), **_labels(series)})
        seconds = Family(
            "apiserver_request_duration_seconds",
            "Response latency distribution in seconds for each verb, dry run value, group, version, resource, "
            "subresource, scope and component.",
            "histogram",
        )
        for series, histogram in sorted(self._seconds.items()):
            histogram.add_to(seconds, _labels(series))
        return [
            Family(
                "apiserver_audit_event_total",
                "Counter of audit events generated and sent to the audit backend.",
                "counter",
                [("", {}, self.audited)],
            ),
            totals,
            seconds,
            self._in_flight(),
            self._long_running(),
            self._objects(),
            _build_info(self._api.version),
            Family(
                "process_start_time_seconds",
                "Start time of the process since unix epoch in seconds.",
                samples=[("", {}, self._started.timestamp())],
            ),
        ]

    def _in_flight(self) -> Family:
        family = Family(
            "apiserver_current_inflight_requests",
            "Maximal number of currently used inflight request limit of this apiserver per request kind in last second.",
        )
        # Everything runs in one loop: while this is answered, only streams and bodies under way wait beside it.
        family.add(0, {"request_kind": "mutating"})
        family.add(self.in_flight, {"request_kind": "readOnly"})
        return family

    def _long_running(self) -> Family:
        family = Family(
            "apiserver_longrunning_requests",
            "Gauge of all active long-running apiserver requests broken out by verb, group, version, resource, scope "
            "and component. Not all requests are tracked this way.",
        )
        for rid, count in self.watching().items():
            resource, _, group = rid.partition(".")
            family.add(
                count, {"component": "apiserver", "group": group, "resource": resource, "verb": "WATCH"}
            )
        return family

    def _objects(self) -> Family:
        family = Family(
            "apiserver_storage_objects", "Number of stored objects at the time of last check split by kind."
        )
        store = self._api.store
        for rid in sorted(store.resources()):
            family.add(store.count(rid), {"resource": rid})
        return family


def _series(request: HttpRequest, access: AccessRequest) -> _Series:
    if not access.is_resource:
        known = access.path.split("/", 2)[1] if access.path != "/" else ""
        return request.method, "", "", "", f"/{known}", "", ""
    verb = access.verb
    if request.scope["type"] == "websocket" or access.subresource in (
        "exec",
        "attach",
        "portforward",
        "proxy",
    ):
        word = "CONNECT"
    elif verb == "patch" and request.headers.get("content-type", "").startswith("application/apply-patch"):
        word = "APPLY"
    else:
        word = _VERBS.get(verb, verb.upper())
    scope = "resource" if access.name or word == "POST" else "namespace" if access.namespace else "cluster"
    dry_run = "All" if word in _MUTATING and "dryRun" in request.query else ""
    return word, access.group, access.version, access.resource, access.subresource, scope, dry_run


def _labels(series: _Series) -> dict[str, str]:
    verb, group, version, resource, subresource, scope, dry_run = series
    return {
        "component": "apiserver",
        "dry_run": dry_run,
        "group": group,
        "resource": resource,
        "scope": scope,
        "subresource": subresource,
        "verb": verb,
        "version": version,
    }


def _build_info(version: str) -> Family:
    family = Family(
        "kubernetes_build_info",
        "A metric with a constant '1' value labeled by major, minor, git version, git commit, git tree state, "
        "build date, Go version, and compiler from which Kubernetes was built, and platform on which it is running.",
    )
    major, _, minor = version.partition(".")
    family.add(1, {"git_version": f"v{version}.0-eks-lab", "major": major, "minor": minor})
    return family
