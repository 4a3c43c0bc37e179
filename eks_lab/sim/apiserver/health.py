"""`/healthz`, `/livez`, `/readyz` and their single checks."""

from __future__ import annotations

from eks_lab.sim.apiserver.answers import Answer, not_found_page, text_answer
from eks_lab.sim.apiserver.request import HttpRequest

_CHECKS = (
    "ping",
    "log",
    "etcd",
    "poststarthook/start-apiserver-admission-initializer",
    "poststarthook/generic-apiserver-start-informers",
    "poststarthook/start-apiextensions-informers",
    "poststarthook/start-apiextensions-controllers",
    "poststarthook/crd-informer-synced",
    "poststarthook/start-system-namespaces-controller",
    "poststarthook/rbac/bootstrap-roles",
    "poststarthook/scheduling/bootstrap-system-priority-classes",
    "poststarthook/start-cluster-authentication-info-controller",
    "poststarthook/apiservice-discovery-controller",
    "autoregister-completion",
    "poststarthook/apiservice-openapiv3-controller",
)
_READY_ONLY = ("etcd-readiness", "informer-sync", "shutdown")
PATHS = ("/healthz", "/livez", "/readyz")


def health(request: HttpRequest) -> Answer:
    """Answer a health path; everything in one process is as healthy as the process."""
    parts = request.path.strip("/").split("/", 1)
    checks = [*_CHECKS]
    if parts[0] == "readyz":
        checks[3:3] = _READY_ONLY[:2]
        checks.append(_READY_ONLY[2])
    if len(parts) == 2:
        return text_answer(200, "ok") if parts[1] in checks else not_found_page()
    if "verbose" not in request.query:
        return text_answer(200, "ok")
    excluded = set(request.query.get("exclude", ()))
    lines = [f"[+]{each} excluded: ok" if each in excluded else f"[+]{each} ok" for each in checks]
    return text_answer(200, "\n".join([*lines, f"{parts[0]} check passed\n"]))
