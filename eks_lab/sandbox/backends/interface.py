"""What every backend does, and the words in which it says so.

Whoever uses a backend asks for capabilities, never for a name: see `CAPABILITIES`.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar, Literal, Protocol

from eks_lab.errors import EksLabError

CAPABILITIES: dict[str, str] = {
    "cluster": "a Kubernetes cluster",
    "account": "an AWS account",
    "kubectl": "the program kubectl",
    "aws": "the program aws",
    "terraform": "the program terraform",
    "writable": "changing what is there",
    "reset": "beginning anew between labs",
    "simulated-time": "time that can be advanced",
    "snapshots": "going back to a kept state",
    "history": "knowing who changed what, and when",
    "eks-api": "the EKS API, for the cluster that runs",
    "clusters": "creating further EKS clusters",
    "node-groups": "EKS node groups whose instances become nodes",
    "vpc-cni": "pods with addresses of VPC subnets",
    "iam-decides": "IAM policies that are enforced",
    "pod-identity": "pods with AWS credentials of their own",
    "load-balancers": "ELBv2 load balancers",
    "images": "image behaviours that the course describes",
    "faults": "the prepared faults",
    "billing": "what it costs",
}
"""Capability -> what it is, to be put into a sentence."""
PROGRAMS = ("kubectl", "aws", "terraform")
"""Capabilities that the learner's machine has, not the backend."""

StepState = Literal["begun", "going", "done", "failed"]


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that `up`, `reset` or `down` does, and how far it is."""

    id: str
    """Stays the same from `begun` to `done`: `pull-node-image`."""
    title: str
    """For the learner: `Pull the node image`."""
    state: StepState
    detail: str = ""
    """A line of the program that does it, a number, or why it failed."""


Tell = Callable[[Step], None]
"""Takes what happens; may be called from the thread that called the backend only."""


def tell_nobody(step: Step) -> None:
    """Take a step and say nothing."""


@contextmanager
def step(tell: Tell, id: str, title: str) -> Iterator[Callable[[str], None]]:
    """Tell that something begins and how it ended; gives what takes a program's lines meanwhile."""
    tell(Step(id, title, "begun"))
    try:
        yield lambda line: tell(Step(id, title, "going", line))
    except EksLabError as error:
        tell(Step(id, title, "failed", error.message))
        raise
    tell(Step(id, title, "done"))


class StoppedError(EksLabError):
    """The learner ended it before it was done."""

    exit_code: ClassVar[int] = 130
    """Of a program that Ctrl-C ended (128 + SIGINT)."""


class Cancel:
    """Lets one thread end what another one does; what waits, waits on it."""

    def __init__(self) -> None:
        """Begin uncancelled."""
        self._event = threading.Event()

    @property
    def is_cancelled(self) -> bool:
        """Return whether somebody has had enough."""
        return self._event.is_set()

    def cancel(self) -> None:
        """End it at its next step."""
        self._event.set()

    def wait(self, seconds: float) -> bool:
        """Wait; return early, and True, when it is cancelled."""
        return self._event.wait(seconds)

    def check(self) -> None:
        """Go on, unless it is cancelled.

        Raises:
            StoppedError: it is.
        """
        if self._event.is_set():
            raise StoppedError(
                "stopped before it was done", hint="What was made so far goes with: eks-lab sandbox down"
            )


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that a preflight looked at."""

    name: str
    """What was looked at: `docker`, `memory`, `port 4566`."""
    status: Literal["ok", "warn", "missing"]
    """`missing` stops `up`; `warn` works, with something to know."""
    found: str
    """What is there, in a few words."""
    next_step: str = ""
    """What to do when it is not ok."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What `sandbox up` was asked for; None means not said. A backend refuses what it cannot take."""

    nodes: int | None = None
    instance: str | None = None
    """EC2 instance type of the nodes."""
    version: str | None = None
    """Kubernetes version, `1.36`."""
    seed: int | None = None
    speed: str | None = None
    """Of simulated time."""
    port: int | None = None
    """Of the Kubernetes API on loopback."""
    aws_port: int | None = None
    """Of the AWS API on loopback."""
    profile: str | None = None
    """Name of the learner's AWS profile; the only way to credentials."""
    region: str | None = None
    cluster: str | None = None
    """Name of an EKS cluster that is there already."""
    new: str | None = None
    """Name of an EKS cluster that is to be made."""
    read_only: bool | None = None
    """Look at that cluster, change nothing."""
    hours: float | None = None
    """Time limit."""
    budget_usd: float | None = None
    """Spending limit, US dollars."""

    def said(self) -> dict[str, Any]:
        """Return the wishes that were said, by name."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: value for name, value in found.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Plan:
    """What `up` would make."""

    facts: tuple[tuple[str, str], ...]
    """Name and value: account, principal, region, …"""
    creates: tuple[str, ...]
    """One line a thing."""
    usd_per_hour: float = 0.0
    consent: str = ""
    """What the learner has to type before anything happens; empty: nothing."""
    consent_is: str = ""
    """What that is, for the question: `the account id`."""
    title: str = ""
    """What the lines of `creates` are; empty: things that will be made."""
    follow: Callable[[str], Plan] | None = None
    """Takes what was typed and returns the plan that is shown next; None: `up` comes next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BackendStatus:
    """What runs and what it can do."""

    name: str
    running: bool
    capabilities: frozenset[str] = frozenset()
    """Of `CAPABILITIES`; empty when it does not run."""
    kubernetes_url: str = ""
    kubeconfig: Path | None = None
    aws_url: str = ""
    account: str = ""
    region: str = ""
    rows: tuple[tuple[str, str], ...] = ()
    """Name and value, as `sandbox status` prints them."""
    notices: tuple[str, ...] = ()
    was_started: bool = False
    """Whether this call to `up` started it."""
    since: datetime | None = None
    """When it came up, wall time."""
    spent_usd: float | None = None
    """Real money only; None: it costs nothing."""
    overdue: str = ""
    """Why it should be taken down now, as a sentence: a limit has passed."""
    document: Mapping[str, Any] = field(default_factory=dict)
    """For `--json`."""

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON values; the backend's own fields come first."""
        return {
            "running": self.running,
            **self.document,
            "backend": self.name,
            "capabilities": sorted(self.capabilities),
        }


@dataclass(frozen=True, slots=True)
class Leftovers:
    """What is still there after `down`; `purge` promises that nothing is."""

    was_running: bool
    left: tuple[str, ...] = ()
    """One line a thing of ours that is still there: `container eks-lab-control-plane`."""
    kept: tuple[str, ...] = ()
    """What stays on purpose, so that `up` can go on with it."""
    looked_at: tuple[str, ...] = ()
    """How it was proved: the questions that were asked."""

    @property
    def is_clean(self) -> bool:
        """Return whether nothing is left that should not be."""
        return not self.left


class Backend(Protocol):
    """A place for a sandbox. Made by `registry.backend`; holds nothing open between calls."""

    @property
    def name(self) -> str:
        """Return `embedded`, `docker` or `aws`."""
        ...

    @property
    def takes(self) -> frozenset[str]:
        """Return the names of the wishes that it can take."""
        ...

    @property
    def remembers(self) -> frozenset[str]:
        """Return the wishes that the next `up` repeats unless others are said; they are kept in `choice.Choice`."""
        ...

    def preflight(self) -> tuple[Finding, ...]:
        """Return what is missing and what to do; changes nothing."""
        ...

    def plan(self, wishes: Wishes) -> Plan:
        """Return what `up` would make, what it costs and what has to be typed.

        Raises:
            EksLabError: the wishes cannot be had.
        """
        ...

    def up(self, wishes: Wishes, tell: Tell, cancel: Cancel, consent: str = "") -> BackendStatus:
        """Start it, or find that it runs.

        Args:
            wishes: of the learner.
            tell: takes each step.
            cancel: ends it between two steps and in every wait.
            consent: what the learner typed, see `Plan.consent`.

        Raises:
            StoppedError: it was cancelled; `down` removes what was made.
            EksLabError: it cannot be had; the message says what to do.
        """
        ...

    def status(self) -> BackendStatus:
        """Return what runs."""
        ...

    def environment(self, inherited: Mapping[str, str]) -> dict[str, str]:
        """Return the variables of a learner's shell; an empty value means: to be unset.

        Args:
            inherited: variables of the learner's shell.
        """
        ...

    def reset(self, wishes: Wishes, tell: Tell, cancel: Cancel) -> BackendStatus:
        """Bring back the state just after `up`.

        Raises:
            EksLabError: it cannot be had.
        """
        ...

    def down(self, *, purge: bool, tell: Tell) -> Leftovers:
        """Stop it; with `purge` remove everything, too, and look whether anything is left.

        Raises:
            EksLabError: it cannot be stopped.
        """
        ...


def lacking(needed: frozenset[str], status: BackendStatus) -> tuple[str, ...]:
    """Return the capabilities that a running backend does not have, in the order of `CAPABILITIES`."""
    return tuple(each for each in CAPABILITIES if each in needed and each not in status.capabilities)
