"""Turns what docker, podman, kind, compose and LocalStack say when they fail into one sentence and a next step."""

from __future__ import annotations

import re
from dataclasses import dataclass

from eks_lab.errors import EksLabError, UnavailableError
from eks_lab.sandbox.backends.commands import Outcome

DOWN = "eks-lab sandbox down --purge"


@dataclass(frozen=True, slots=True)
class _Cause:
    pattern: re.Pattern[str]
    says: str
    next_step: str


def _cause(pattern: str, says: str, next_step: str) -> _Cause:
    return _Cause(re.compile(pattern, re.IGNORECASE), says, next_step)


# In this order: the first that matches is the nearest to the cause. The words are those of docker 28, podman 5,
# kind 0.3x and LocalStack 4.12; they were compared with public issue threads, 2026-11.
_CAUSES = (
    _cause(
        r"permission denied.*(docker\.sock|podman\.sock|docker API)|dial unix .*: permission denied",
        "the user may not talk to the container engine",
        "Add yourself to the group docker (and log in again), or use rootless podman.",
    ),
    _cause(
        r"cannot connect to the docker daemon|error during connect|is the docker daemon running|"
        r"cannot connect to podman|unable to connect to podman",
        "the container engine does not run",
        "Start it: Docker Desktop, `sudo systemctl start docker`, or `podman machine start`.",
    ),
    _cause(
        r"no space left on device|disk quota exceeded",
        "the disk is full",
        "Free some space (docker system df shows what takes it), then run it again.",
    ),
    _cause(
        r"port is already allocated|address already in use|ports are not available",
        "a port is taken by another program",
        "Choose others with --port and --aws-port, or stop that program.",
    ),
    _cause(
        r"license activation failed|exit(ed)? (with )?code 55|LocalStack requires an account",
        "LocalStack refuses its licence token",
        "Set LOCALSTACK_AUTH_TOKEN to a valid token, or unset it: the pinned image runs without one.",
    ),
    _cause(
        r"toomanyrequests|rate limit",
        "the registry refuses further pulls for now",
        "Wait, or `docker login`, then run it again: what is pulled already stays.",
    ),
    _cause(
        r"manifest unknown|manifest for .* not found|pull access denied|repository does not exist",
        "the registry has no such image for this machine",
        "Check the machine's architecture and any registry mirror in the engine's settings.",
    ),
    _cause(
        r"no such host|i/o timeout|TLS handshake timeout|connection refused|network is unreachable|"
        r"context deadline exceeded|proxyconnect|x509:|Temporary failure in name resolution",
        "the image registry cannot be reached",
        "Check the network and its proxy, then run it again: what is pulled already stays.",
    ),
    _cause(
        r"too many open files|inotify",
        "the machine allows too few open files or inotify watches",
        "Raise fs.inotify.max_user_watches to 524288 and fs.inotify.max_user_instances to 512 (kind, known issues).",
    ),
    _cause(
        r"running kind with rootless provider requires|cgroup|could not find a log line that matches",
        "the nodes cannot start under this engine",
        "See kind's page on rootless engines and cgroup v2: https://kind.sigs.k8s.io/docs/user/rootless/",
    ),
    _cause(
        r"cannot allocate memory|out of memory|OOMKilled",
        "there is too little memory",
        "Give the engine at least 4 GiB (Docker Desktop: Settings, Resources), or ask for fewer --nodes.",
    ),
)


def explained(what: str, outcome: Outcome, *, hint: str = "") -> EksLabError:
    """Return the error for a command that failed.

    Args:
        what: was tried: `pull the node image`.
        outcome: of the command.
        hint: when the cause is not known.
    """
    said = f"{outcome.err}\n{outcome.out}"
    for cause in _CAUSES:
        if cause.pattern.search(said):
            return UnavailableError(
                f"cannot {what}: {cause.says} ({_shortened(_line_of(cause, said))})", hint=cause.next_step
            )
    return UnavailableError(
        f"cannot {what}: {_shortened(outcome.last_error)}",
        hint=hint or f"Run it again; if that does not help, begin anew: {DOWN}",
    )


def _line_of(cause: _Cause, said: str) -> str:
    return next((line.strip() for line in said.splitlines() if cause.pattern.search(line)), said.strip())


def _shortened(line: str, most: int = 200) -> str:
    return line if len(line) <= most else f"{line[: most - 1]}…"
