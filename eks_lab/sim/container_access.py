"""Joins the API server's streams to the simulated kubelets: what each asks, and what the other answers."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus

from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.container_runtime import Executed, LogLine
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.metrics import Metrics
from eks_lab.sim.kubelet.runtime import ContainerRuntime
from eks_lab.sim.objects import Key, Obj

SHELLS = ("sh", "bash", "ash", "dash")


class ContainerAccess:
    """Logs, commands, files, ports and measurements of the containers of one cluster."""

    def __init__(
        self, api: Api, kubelet: KubeletController, wake: Callable[[Key], None] = lambda key: None
    ) -> None:
        """Join them.

        Args:
            api: where pods are.
            kubelet: runs them.
            wake: enqueues a pod with the kubelet after a command inside of it.
        """
        self._api = api
        self._kubelet = kubelet
        self._runtime = ContainerRuntime(kubelet, wake)
        self._metrics = Metrics(kubelet)

    def log(self, pod: Key, container: str, *, previous: bool) -> Iterable[LogLine]:
        """Return what a run has logged up to now."""
        record = self._kubelet.record_of(self._api.read("pods", pod))
        found = record.find(container) if record is not None else None
        if found is None:
            return []
        process = found.previous if previous else found.process
        if process is None:
            return []
        return [LogLine(each.moment, each.text) for each in self._runtime.lines_of(process, None, None)]

    def execute(self, pod: Key, container: str, command: Sequence[str], stdin: bytes) -> Executed:
        """Answer a command; of stdin only `cat` and a shell that reads its script from it make use.

        Raises:
            ApiError: 500, the container does not run.
        """
        words = list(command)
        if stdin and words == ["cat"]:
            return Executed(stdin)
        if stdin and words[0].rpartition("/")[2] in SHELLS and len(words) == 1:
            words = [words[0], "-c", stdin.decode("utf-8", "replace")]
        out, error, code = self._runtime.exec(self._api.read("pods", pod), container, words)
        return Executed(out.encode(), error.encode(), code)

    def read(self, pod: Key, container: str, path: str) -> bytes | None:
        """Return a file's content; None when there is none."""
        done = self.execute(pod, container, ["cat", path], b"")
        return done.stdout if done.code == 0 else None

    def write(self, pod: Key, container: str, path: str, content: bytes) -> None:
        """Put a text file into a container; bytes that are no UTF-8 are replaced."""
        text = shlex.quote(content.decode("utf-8", "replace"))
        self.execute(pod, container, ["sh", "-c", f"printf '%s' {text} > {shlex.quote(path)}"], b"")

    def serve(self, pod: Key, port: int, request: bytes) -> bytes | None:
        """Answer an HTTP request to a port of a pod; None when nothing listens."""
        stored = self._api.get("pods", pod)
        words = request.split(b"\r\n", 1)[0].decode("latin-1").split(" ")
        if stored is None:
            return None
        reply = self._kubelet.answer(stored, port, words[1] if len(words) > 1 else "/")
        if not reply.status:
            return None
        try:
            phrase = HTTPStatus(reply.status).phrase
        except ValueError:
            phrase = "Unknown"
        body = reply.body.encode()
        head = f"HTTP/1.1 {reply.status} {phrase}\r\nContent-Length: {len(body)}\r\nContent-Type: text/html\r\n\r\n"
        return head.encode() + (b"" if words[0] == "HEAD" else body)

    def node_metrics(self, name: str) -> Obj | None:
        """Return the NodeMetrics of a node."""
        return self._metrics.node(name)

    def pod_metrics(self, key: Key) -> Obj | None:
        """Return the PodMetrics of a pod."""
        return self._metrics.pod(key)
