"""A machine with docker, kind, kubectl and compose that exist in these lines only: they answer as the real ones do.

Answers were taken from the real programs (docker 28.2 on this course's build machines: `info`, `compose`, a daemon that
is down) or from their public issue threads (kind, 2026-11). State is kept, so that what a backend leaves can be counted.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import yaml

from eks_lab.sandbox.backends.commands import CommandMissingError, CommandTimeoutError, Outcome, TakeLine
from eks_lab.sandbox.backends.docker.place import COMPOSE_LABEL, KIND_LABEL
from eks_lab.sandbox.backends.interface import Cancel, StoppedError

DOWN = "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n"
NO_COMPOSE = "docker: unknown command: docker compose\n\nRun 'docker --help' for more information\n"
AUTHORITY = "Q0E="
ALL_PROGRAMS = ("docker", "kind", "kubectl")


class FakeLocalStack:
    """Answers health on loopback, and remembers what else it was asked; `answers` may give more."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, dict[str, str], bytes]] = []
        self.answers: Callable[[str, str, Mapping[str, str], bytes], tuple[int, str, bytes] | None] = (
            lambda *_: None
        )
        fake = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def _answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                status, kind, content = fake._answer(self.command, self.path, headers, body)
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(content)

            do_GET = do_POST = do_PUT = do_HEAD = _answer  # noqa: N815

            def log_message(self, format: str, *args: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.port: int = self._server.server_address[1]
        self.is_up = True
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def _answer(self, method: str, path: str, headers: dict[str, str], body: bytes) -> tuple[int, str, bytes]:
        if path == "/_localstack/health":
            if not self.is_up:
                return 503, "text/plain", b""
            document = {"services": {"ec2": "available"}, "edition": "community", "version": "4.12.0"}
            return 200, "application/json", json.dumps(document).encode()
        self.asked.append((method, path, headers, body))
        return self.answers(method, path, headers, body) or (404, "text/plain", b"nothing here")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


@dataclass
class FakeMachine:
    """Runs command lines on a machine that is only described. Implements `Runner`."""

    programs: tuple[str, ...] = ALL_PROGRAMS
    is_engine_up: bool = True
    kind_version: str = "kind v0.33.0 go1.26.2 linux/amd64\n"
    memory: int = 8 * 1024**3
    localstack: FakeLocalStack | None = None
    images: set[str] = field(default_factory=set)
    containers: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    """Name -> label, its value, state."""
    networks: set[str] = field(default_factory=set)
    volumes: set[str] = field(default_factory=set)
    failures: dict[str, Outcome] = field(default_factory=dict)
    """Beginning of a command line -> how it fails."""
    hangs: set[str] = field(default_factory=set)
    """Beginning of a command line that does not end in time."""
    interrupt_at: int | None = None
    """Number of the command during which the learner presses Ctrl-C; its work is half done by then."""
    on_interrupt: Callable[[], None] = lambda: None
    asked: list[str] = field(default_factory=list)
    environments: list[Mapping[str, str] | None] = field(default_factory=list)
    objects: dict[str, Any] = field(default_factory=dict)
    """What kubectl finds: see `_kubectl`."""

    def find(self, program: str) -> str:
        return f"/usr/bin/{program}" if program in self.programs else ""

    def run(
        self,
        arguments: Sequence[str],
        *,
        timeout_seconds: float = 30.0,
        cancel: Cancel | None = None,
        line: TakeLine | None = None,
        stdin: str = "",
        environment: Mapping[str, str] | None = None,
    ) -> Outcome:
        if cancel is not None:
            cancel.check()
        if arguments[0] not in self.programs:
            raise CommandMissingError(arguments[0])
        self.asked.append(" ".join(arguments))
        self.environments.append(environment)
        text = self.asked[-1]
        is_interrupted = self.interrupt_at == len(self.asked) - 1
        if is_interrupted:
            self.on_interrupt()
        if any(text.startswith(each) for each in self.hangs):
            raise CommandTimeoutError(text, timeout_seconds)
        failure = next((each for start, each in self.failures.items() if text.startswith(start)), None)
        if failure is not None:
            outcome = failure
        elif arguments[0] in ("docker", "podman"):
            outcome = self._docker(tuple(arguments[1:]))
        elif arguments[0] == "kind":
            outcome = self._kind(tuple(arguments[1:]), is_half=is_interrupted)
        else:
            outcome = self._kubectl(tuple(arguments[3:]))
        if is_interrupted and cancel is not None:
            raise StoppedError("stopped before it was done")
        if line is not None:
            for each in (outcome.out + outcome.err).splitlines():
                line(each)
        return outcome

    # --- docker -----------------------------------------------------------------------------------------------

    def _docker(self, words: tuple[str, ...]) -> Outcome:
        match words:
            case ("compose", "version", *_):
                return Outcome(0, "Docker Compose version v2.40.3\n")
            case ("compose", "--project-name", name, "--file", file, *rest):
                assert Path(file).is_file()
                return self._compose(name, tuple(rest)) if self.is_engine_up else Outcome(1, "", DOWN)
        if not self.is_engine_up:
            return Outcome(1, "Client:\n Version: 28.2.2\n\nServer:\n", DOWN)
        match words:
            case ("info", *_):
                return Outcome(0, json.dumps({"ServerVersion": "28.2.2", "MemTotal": self.memory, "NCPU": 4}))
            case ("image", "inspect", "--format", "{{.Id}}", image):
                return Outcome(0, "sha256:1\n") if image in self.images else Outcome(1, "", "No such image")
            case ("pull", image):
                self.images.add(image)
                return Outcome(0, f"Pulling from library\nDigest: sha256:1\n{image}\n")
            case ("ps", "--all", "--filter", wanted, *_):
                label, _, value = wanted.removeprefix("label=").partition("=")
                rows = [
                    f"{name}\t{state}"
                    for name, (has, its, state) in self.containers.items()
                    if (has, its) == (label, value)
                ]
                return Outcome(0, "".join(f"{row}\n" for row in rows))
            case ("start" | "stop", *names):
                for name in names:
                    label, value, _ = self.containers[name]
                    self.containers[name] = (label, value, "running" if words[0] == "start" else "exited")
                return Outcome(0, "\n".join(names))
            case ("rm", "--force", "--volumes", *names):
                for name in names:
                    del self.containers[name]
                return Outcome(0)
            case ("network" | "volume", "ls", "--filter", wanted, *_):
                part = wanted.removeprefix("name=")
                there = self.networks if words[0] == "network" else self.volumes
                return Outcome(0, "".join(f"{each}\n" for each in sorted(there) if part in each))
            case ("network" | "volume", "rm", *names):
                there = self.networks if words[0] == "network" else self.volumes
                there -= set(names)
                return Outcome(0)
        raise AssertionError(f"docker {' '.join(words)}: not described")

    def _compose(self, name: str, words: tuple[str, ...]) -> Outcome:
        container = f"{name}-localstack-1"
        if words[:1] == ("up",):
            self.networks.add(f"{name}_default")
            self.containers[container] = (COMPOSE_LABEL, name, "running")
            if self.localstack is not None:
                self.localstack.is_up = True
            return Outcome(0, "", f" Container {container}  Started\n")
        if words[:1] == ("stop",):
            self.containers[container] = (COMPOSE_LABEL, name, "exited")
            if self.localstack is not None:
                self.localstack.is_up = False
            return Outcome(0)
        if words[:1] == ("down",):
            self.containers.pop(container, None)
            self.networks.discard(f"{name}_default")
            return Outcome(0)
        if words[:1] == ("logs",):
            return Outcome(0, "LocalStack version: 4.12.0\n")
        raise AssertionError(f"docker compose {' '.join(words)}: not described")

    # --- kind -------------------------------------------------------------------------------------------------

    def _kind(self, words: tuple[str, ...], *, is_half: bool) -> Outcome:
        environment = self.environments[-1]
        match words:
            case ("version",):
                return Outcome(0, self.kind_version)
            case ("create", "cluster", "--name", name, "--config", config, "--kubeconfig", path, *_):
                assert environment is not None
                if not self.is_engine_up:
                    return Outcome(1, "", f"ERROR: failed to create cluster: {DOWN}")
                if any(about[:2] == (KIND_LABEL, name) for about in self.containers.values()):
                    text = f'ERROR: failed to create cluster: node(s) already exist for a cluster with the name "{name}"\n'
                    return Outcome(1, "", text)
                nodes = yaml.safe_load(Path(config).read_text())["nodes"]
                self.networks.add(environment["KIND_EXPERIMENTAL_DOCKER_NETWORK"])
                for number, node in enumerate(nodes[: 2 if is_half else None]):
                    suffix = node["role"] + (str(number) if number > 1 else "")
                    self.containers[f"{name}-{suffix}"] = (KIND_LABEL, name, "running")
                if not is_half:
                    self._write(Path(path), name)
                return Outcome(0, "", f'Creating cluster "{name}" ...\n ✓ Preparing nodes\n')
            case ("export", "kubeconfig", "--name", name, "--kubeconfig", path):
                self._write(Path(path), name)
                return Outcome(0)
            case ("delete", "cluster", "--name", name, "--kubeconfig", _):
                self.containers = {
                    each: about for each, about in self.containers.items() if about[:2] != (KIND_LABEL, name)
                }
                return Outcome(0, "", f'Deleting cluster "{name}" ...\n')
        raise AssertionError(f"kind {' '.join(words)}: not described")

    def _write(self, path: Path, name: str) -> None:
        cluster = {"server": "https://127.0.0.1:40123", "certificate-authority-data": AUTHORITY}
        document = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": f"kind-{name}",
            "clusters": [{"name": f"kind-{name}", "cluster": cluster}],
            "contexts": [{"name": f"kind-{name}", "context": {"cluster": f"kind-{name}", "user": "u"}}],
            "users": [{"name": "u", "user": {}}],
        }
        path.write_text(yaml.safe_dump(document))

    # --- kubectl ----------------------------------------------------------------------------------------------

    def _kubectl(self, words: tuple[str, ...]) -> Outcome:
        match words:
            case ("wait", *_):
                return Outcome(0, "node/x condition met\n")
            case ("get", "nodes", *_):
                return Outcome(0, json.dumps({"items": self.objects.get("nodes", self._nodes())}))
            case ("get", "deployments,daemonsets", *_):
                return Outcome(0, json.dumps({"items": self.objects.get("system", [])}))
            case ("get", "namespaces", *_):
                names = self.objects.get("namespaces", ["default", "kube-system"])
                return Outcome(0, json.dumps({"items": [{"metadata": {"name": each}} for each in names]}))
            case ("get", _, "--output", "name"):
                return Outcome(0, "\n".join(self.objects.get("cluster_scoped", [])))
            case ("api-resources", *_):
                return Outcome(0, "pods\nservices\ndeployments.apps\nevents\n")
            case ("delete" | "patch", *_):
                return Outcome(0)
        raise AssertionError(f"kubectl {' '.join(words)}: not described")

    def _nodes(self) -> list[dict[str, Any]]:
        ready = [{"type": "Ready", "status": "True"}]
        return [
            {
                "metadata": {
                    "name": name,
                    "labels": {"node-role.kubernetes.io/control-plane": ""}
                    if name.endswith("control-plane")
                    else {"topology.kubernetes.io/zone": "us-east-1a"},
                },
                "spec": {},
                "status": {"conditions": ready},
            }
            for name, (label, _, _) in self.containers.items()
            if label == KIND_LABEL
        ]

    @property
    def things(self) -> list[str]:
        """Return everything that is there but images."""
        return sorted([*self.containers, *self.networks, *self.volumes])
