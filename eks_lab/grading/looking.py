"""A cluster that is only looked at: what would change anything is refused before it is sent, in every client of ours.

The learner has done the lab's work on a cluster of their own; its start is not played. Checks that cannot be judged by
looking are listed as such.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from eks_lab.clock import Clock
from eks_lab.content.actions import WorldOptions
from eks_lab.errors import EksLabError
from eks_lab.grading.award import Judged
from eks_lab.grading.checks import look
from eks_lab.grading.cluster_target import ClusterTarget
from eks_lab.grading.kubernetes_client import KubernetesClient
from eks_lab.grading.lab_file import Lab
from eks_lab.grading.model import Check
from eks_lab.grading.query_kinds import kind_of, parts
from eks_lab.grading.stage import Stage
from eks_lab.grading.target import Done
from eks_lab.grading.workspace import Workspace
from eks_lab.sandbox.backends.aws.requests import is_read
from eks_lab.sandbox.backends.interface import Backend, BackendStatus

REVIEWS = re.compile(
    r"/apis/(authorization\.k8s\.io/v1/(subjectaccessreviews|selfsubjectaccessreviews|selfsubjectrulesreviews"
    r"|namespaces/[^/]+/localsubjectaccessreviews)|authentication\.k8s\.io/v1/selfsubjectreviews)"
)
"""What is asked by POST and stored nowhere (Kubernetes API reference, authorization resources)."""
KUBECTL_READS = frozenset(
    {
        "get",
        "describe",
        "logs",
        "top",
        "explain",
        "events",
        "api-resources",
        "api-versions",
        "version",
        "cluster-info",
    }
)
_AUTH_READS = frozenset({"can-i", "whoami"})
_REASONS = {
    "answer": "it asks a question, and only a lab that was started can take the answer",
    "calc": "it asks a question, and only a lab that was started can take the answer",
    "history": "it looks back, and nobody has recorded what happened on this cluster",
    "invariant": "it looks back, and nobody has recorded what happened on this cluster",
    "manifest": "it looks at files of a lab that was started",
    "terraform": "it looks at files of a lab that was started",
    "iam": "it takes iam:SimulatePrincipalPolicy, and only Describe*, List* and Get* are asked",
}


class NotLookingError(EksLabError):
    """Something was about to be sent that is no look."""

    exit_code = 2


class LookingClient(KubernetesClient):
    """Requests that change nothing; all others stay here."""

    def raw(
        self,
        method: str,
        path: str,
        document: Any = None,
        accept: str = "*/*",
        content_type: str = "application/json",
    ) -> bytes:
        """Make a request that changes nothing; see `KubernetesClient.request`.

        Raises:
            NotLookingError: it is another one; it was not sent.
        """
        require_look(method, path)
        return super().raw(method, path, document, accept, content_type)


def require_look(method: str, path: str) -> None:
    """Go on, unless a request to the Kubernetes API is more than a look.

    Args:
        method: of HTTP.
        path: with its query.

    Raises:
        NotLookingError: it may change something, run something, or open a tunnel.
    """
    bare = path.partition("?")[0].rstrip("/")
    # Upgraded GETs that do something: exec, attach, portforward, proxy (Kubernetes API reference, pods, connect verbs).
    connects = re.search(r"/(pods|services|nodes)/[^/]+/(exec|attach|portforward|proxy)(/|$)", bare)
    if method == "GET" and not connects:
        return
    if method == "POST" and REVIEWS.fullmatch(bare):
        return
    raise NotLookingError(f"{method} {path} was not sent: this cluster is only looked at")


class LookingTarget(ClusterTarget):
    """A running backend that is only looked at."""

    def __init__(self, backend: Backend, status: BackendStatus, clock: Clock) -> None:
        """Take it.

        Args:
            backend: gives the variables of a shell.
            status: of it; it names the kubeconfig.
            clock: wall time.

        Raises:
            UnavailableError: it names no cluster.
        """
        super().__init__(backend, status, clock)
        self.kubernetes = LookingClient(self.kubeconfig)

    def begin(self, world: WorldOptions, seed: int) -> None:
        """Refuse: no start is played.

        Raises:
            NotLookingError: always.
        """
        raise NotLookingError(
            "this cluster is only looked at, so no lab can be started on it",
            hint="Do the lab's work yourself, then: eks-lab lab look ID",
        )

    def advance(self, by: timedelta) -> None:
        """Refuse to wait: a look is of now.

        Raises:
            NotLookingError: always.
        """
        raise NotLookingError("a look does not wait")

    def aws(self, service: str, operation: str, params: Mapping[str, Any]) -> dict[str, Any]:
        """Ask AWS a question.

        Raises:
            NotLookingError: it is more than a question; it was not sent.
            RefusedError: AWS refuses.
        """
        if not is_read(operation):
            raise NotLookingError(
                f"{service}:{operation} was not sent: this account is only looked at, by Describe*, List* and Get*"
            )
        return super().aws(service, operation, params)

    def run_kubectl(self, arguments: Sequence[str], folder: Path, stdin: str = "") -> Done:
        """Run a kubectl that looks.

        Raises:
            NotLookingError: it would do something else; it was not run.
        """
        words = [each for each in arguments if not each.startswith("-")]
        verb = words[0] if words else ""
        is_look = verb in KUBECTL_READS or (verb == "auth" and words[1:2] and words[1] in _AUTH_READS)
        if not is_look or "dump" in words or any(each.startswith("--raw") for each in arguments):
            raise NotLookingError(
                f"kubectl {' '.join(arguments)} was not run: this cluster is only looked at"
            )
        return super().run_kubectl(arguments, folder, stdin)

    def run_aws(self, arguments: Sequence[str], folder: Path) -> Done:
        """Run an aws that asks.

        Raises:
            NotLookingError: it would do something else; it was not run.
        """
        words = [each for each in arguments if not each.startswith("-")]
        if len(words) < 2 or not re.match(r"(describe|list|get)-", words[1]) or words[1] in _HANDS_OUT:
            raise NotLookingError(f"aws {' '.join(arguments)} was not run: this account is only looked at")
        return super().run_aws(arguments, folder)


_HANDS_OUT = frozenset(
    {"get-session-token", "get-federation-token", "get-authorization-token", "get-login-password"}
)


@dataclass(frozen=True, slots=True)
class Look:
    """A lab, judged by looking."""

    judged: tuple[Judged, ...]
    not_judged: tuple[tuple[Check, str], ...]
    """Checks, and why looking is not enough for them."""

    @property
    def holds(self) -> bool:
        """Return whether all that could be judged holds, and there was something to judge."""
        return bool(self.judged) and all(each.holds for each in self.judged)


def look_at(lab: Lab, target: LookingTarget, folder: Path) -> Look:
    """Judge a lab on a cluster as it stands; nothing is set up, changed or recorded.

    Args:
        lab: with its variables filled in.
        target: that is looked at.
        folder: an empty one, in the place of the learner's files.

    Raises:
        UnavailableError: cluster or account do not answer.
    """
    stage = Stage(lab, target, Workspace(folder))
    judged: list[Judged] = []
    not_judged: list[tuple[Check, str]] = []
    for check in lab.file.checks:
        why = next(
            (_REASONS[kind] for kind in map(kind_of, (each for _, each in parts(check))) if kind in _REASONS),
            "",
        )
        if not why:
            try:
                found = look(check, stage)
            except NotLookingError as error:
                why = error.message
            else:
                judged.append(Judged(check, found.holds, found.observed))
                continue
        not_judged.append((check, why))
    return Look(tuple(judged), tuple(not_judged))
