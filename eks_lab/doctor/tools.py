"""The learner's tools: which are there, in which version. All are optional: the course reads without any."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from eks_lab.doctor.model import Check, Machine, Outcome

_GROUP = "Tools"


@dataclass(frozen=True, slots=True)
class Tool:
    """A command-line program the course uses."""

    name: str
    """As typed."""
    version_arguments: tuple[str, ...]
    """Make it print its version without asking a server."""
    read_version: Callable[[Outcome], str]
    """Finds the version in what it printed; empty when it is not there."""
    needed_for: str
    """What the course uses it for."""
    how_to_get: str
    """On Linux and macOS."""


def _json_version(*keys: str) -> Callable[[Outcome], str]:
    def read(outcome: Outcome) -> str:
        try:
            value = json.loads(outcome.output)
            for key in keys:
                value = value[key]
        except (ValueError, KeyError, TypeError, RecursionError):
            return ""
        return value if isinstance(value, str) else ""

    return read


def _pattern_version(pattern: str) -> Callable[[Outcome], str]:
    def read(outcome: Outcome) -> str:
        # aws 1.x on Python 2 printed its version to standard error.
        match = re.search(pattern, outcome.output) or re.search(pattern, outcome.errors)
        return match[1] if match else ""

    return read


TOOLS = (
    Tool(
        "kubectl",
        ("version", "--client", "-o", "json"),
        _json_version("clientVersion", "gitVersion"),
        "commands marked needs=tools, and every cluster",
        "`make run` installs one. macOS: brew install kubectl. Linux: kubernetes.io/docs/tasks/tools",
    ),
    Tool(
        "aws",
        ("--version",),
        _pattern_version(r"aws-cli/(\S+)"),
        "AWS commands, and kubectl's sign-in to EKS (aws eks get-token)",
        "`make run` installs one. macOS: brew install awscli. Linux: docs.aws.amazon.com/cli, Installing",
    ),
    Tool(
        "terraform",
        ("version", "-json"),
        _json_version("terraform_version"),
        "the Terraform chapter: fmt, validate, plan",
        "macOS: brew install hashicorp/tap/terraform. Linux: developer.hashicorp.com/terraform/install",
    ),
    Tool(
        "helm",
        ("version", "--short"),
        _pattern_version(r"(v?\d+\.\d+\.\d+\S*)"),
        "installing charts: Karpenter, Argo CD, the load balancer controller",
        "macOS: brew install helm. Linux: helm.sh/docs/intro/install",
    ),
    Tool(
        "kind",
        ("version",),
        _pattern_version(r"(v\d+\.\d+\.\d+\S*)"),
        "a real Kubernetes cluster on this machine, in docker",
        "macOS: brew install kind. Linux: kind.sigs.k8s.io, Quick Start",
    ),
)
_DOCKER_NEED = "kind and LocalStack"
_DOCKER_HOW = "macOS: Docker Desktop, or brew install colima docker. Linux: docs.docker.com/engine/install"


def tool_checks(machine: Machine) -> list[Check]:
    """Return which tools there are; all are asked at the same time."""
    with ThreadPoolExecutor(max_workers=len(TOOLS) + 1) as pool:
        docker = pool.submit(_check_docker, machine)
        tools = list(pool.map(lambda tool: _check_tool(machine, tool), TOOLS))
        return [*tools, docker.result()]


def _check_tool(machine: Machine, tool: Tool) -> Check:
    path = machine.find_program(tool.name)
    if path is None:
        return Check(_GROUP, tool.name, "missing", "not found", tool.needed_for, tool.how_to_get)
    outcome = machine.run([str(path), *tool.version_arguments])
    version = tool.read_version(outcome)
    if version:
        return Check(_GROUP, tool.name, "ok", f"{version} ({path})", tool.needed_for)
    return Check(
        _GROUP,
        tool.name,
        "warn",
        f"{path}, but it did not tell its version: {_reason(outcome)}",
        tool.needed_for,
        f"Try it yourself: {tool.name} {' '.join(tool.version_arguments)}",
    )


def _check_docker(machine: Machine) -> Check:
    """Look for the client, then ask the daemon, if that one is on this machine."""
    path = machine.find_program("docker")
    if path is None:
        return Check(_GROUP, "docker", "missing", "not found", _DOCKER_NEED, _DOCKER_HOW)
    program = str(path)
    outcome = machine.run([program, "--version"])
    version = _pattern_version(r"version (\d[^\s,]*)")(outcome)
    if not version:
        found = f"{path}, but it did not tell its version: {_reason(outcome)}"
        return Check(_GROUP, "docker", "warn", found, _DOCKER_NEED, "Try it yourself: docker --version")
    client = f"client {version} ({path})"
    host = machine.environment.get("DOCKER_HOST", "")
    if not host:
        context = machine.run([program, "context", "inspect", "--format", "{{.Endpoints.docker.Host}}"])
        host = context.output.strip() if context.exit_code == 0 else ""
    if host and not host.startswith(("unix://", "npipe://")):
        return Check(
            _GROUP,
            "docker",
            "warn",
            f"{client}; its daemon is at {host} and was not asked: doctor stays on this machine",
            _DOCKER_NEED,
            "Ask it yourself: docker version",
        )
    daemon = machine.run([program, "version", "--format", "{{.Server.Version}}"])
    server = daemon.output.strip()
    if daemon.exit_code == 0 and server:
        return Check(_GROUP, "docker", "ok", f"{client}, daemon {server}", _DOCKER_NEED)
    return Check(
        _GROUP,
        "docker",
        "warn",
        f"{client}, but its daemon does not answer: {_reason(daemon)}",
        _DOCKER_NEED,
        "Start it. macOS: open Docker Desktop, or colima start. Linux: sudo systemctl start docker",
    )


def _reason(outcome: Outcome) -> str:
    """Return why a command gave nothing useful, in one short line."""
    lines = [line.strip() for line in (outcome.errors or outcome.output).splitlines() if line.strip()]
    text = lines[0] if lines else f"exit code {outcome.exit_code}"
    return text if len(text) <= 120 else text[:119] + "..."
