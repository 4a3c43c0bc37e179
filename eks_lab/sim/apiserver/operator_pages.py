"""Pages for the operators of an API server, which this one does not have: each says so."""

from __future__ import annotations

from collections.abc import Callable

from eks_lab.sim.apiserver.answers import Answer
from eks_lab.sim.apiserver.request import HttpRequest
from eks_lab.sim.objects import not_simulated

PAGES = {
    "/logs": (
        "the log files of the control plane",
        "`eks-lab sandbox logs`",
        "control plane logs are in CloudWatch.",
    ),
    "/debug/pprof": ("profiling of the API server", "/metrics", "the endpoint is there for administrators."),
    "/debug/api_priority_and_fairness": (
        "priority and fairness of requests",
        "/metrics",
        "the page shows the queues of requests.",
    ),
    "/statusz": (
        "the page about the state of the API server",
        "/livez?verbose",
        "it is there since 1.32, when enabled.",
    ),
    "/flagz": (
        "the page about the flags of the API server",
        "/version",
        "it is there since 1.32, when enabled.",
    ),
}
"""Path -> what it is, what comes nearest, what real EKS does."""


def operator_pages() -> dict[str, Callable[[HttpRequest], Answer]]:
    """Return the pages, to be added to `ApiServer.pages`; each raises ApiError 501."""

    def page(words: tuple[str, str, str]) -> Callable[[HttpRequest], Answer]:
        def answer(request: HttpRequest) -> Answer:
            raise not_simulated(*words)

        return answer

    return {path: page(words) for path, words in PAGES.items()}
