"""Joins the API server's streams to the simulated kubelets: what each asks, and what the other answers."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Sequence
from http import HTTPStatus

from eks_lab.kube.exposition import CONTENT_TYPE
from eks_lab.sim.api import Api
from eks_lab.sim.apiserver.answers import TEXT
from eks_lab.sim.apiserver.container_runtime import Executed, LogLine
from eks_lab.sim.exporters.kubelet_pages import NOT_SIMULATED, KubeletPages
from eks_lab.sim.exporters.processor_time import ProcessorTime
from eks_lab.sim.kubelet.controller import KubeletController
from eks_lab.sim.kubelet.metrics import Metrics
from eks_lab.sim.kubelet.records import Step
from eks_lab.sim.kubelet.runtime import ContainerRuntime
from eks_lab.sim.objects import ApiError, Key, Obj, condition_of, not_simulated

SHELLS = ("sh", "bash", "ash", "dash")


class ContainerAccess:
    """Logs, commands, files, ports and measurements of the containers of one cluster."""

    def __init__(
        self,
        api: Api,
        kubelet: KubeletController,
        wake: Callable[[Key], None] = lambda key: None,
        catch_up: Callable[[], object] = lambda: None,
    ) -> None:
        """Join them.

        Args:
            api: where pods are.
            kubelet: runs them.
            wake: enqueues a pod with the kubelet after a command inside of it.
            catch_up: brings simulated time up to date: whoever follows a log sees lines as they come.
        """
        self._api = api
        self._catch_up = catch_up
        self._kubelet = kubelet
        self._runtime = ContainerRuntime(kubelet, wake)
        self._metrics = Metrics(kubelet)
        self._pages = KubeletPages(kubelet, ProcessorTime(self._metrics.usage, kubelet.around.clock))

    def log(self, pod: Key, container: str, *, previous: bool) -> Iterable[LogLine]:
        """Return what a run has logged up to now; `previous` means the one of `lastState`."""
        self._catch_up()
        record = self._kubelet.record_of(self._api.read("pods", pod))
        found = record.find(container) if record is not None else None
        if found is None:
            return []
        # While a container waits for its next run, the one that ended last is still the record's present one.
        is_present = found.is_up or found.step is Step.ENDED
        process = found.previous if previous and is_present else found.process
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

    def waits_for_input(self, pod: Key, container: str) -> bool:
        """Say whether a container's program is a shell that sits at its prompt."""
        stored = self._api.get("pods", pod)
        return stored is not None and self._runtime.waits_for_input(stored, container)

    def end_input(self, pod: Key, container: str, code: int) -> None:
        """Close the stdin of such a shell: it ends with the code of its last command."""
        stored = self._api.get("pods", pod)
        if stored is not None:
            self._runtime.end_input(stored, container, code)

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
        head = f"HTTP/1.1 {reply.status} {phrase}\r\nContent-Length: {len(body)}\r\nContent-Type: {reply.content_type}\r\n\r\n"
        return head.encode() + (b"" if words[0] == "HEAD" else body)

    def node_page(self, node: Obj, path: str) -> tuple[int, str, bytes]:
        """Return status, content type and body of a path of a node's kubelet.

        Args:
            node: whose kubelet is asked.
            path: from the root.

        Raises:
            ApiError: 503 the kubelet does not answer; 501 the path is not simulated.
        """
        if path.startswith(NOT_SIMULATED):
            raise not_simulated(
                f"{path} of a kubelet",
                "/metrics/cadvisor, /metrics/resource or /stats/summary",
                "it answers.",
            )
        ready = condition_of(node, "Ready")
        if ready is None or ready["status"] != "True":
            host = f"{self._kubelet.around.host_address(node)}:10250"
            text = f"error trying to reach service: dial tcp {host}: connect: connection refused"
            raise ApiError(503, "ServiceUnavailable", text)
        found = self._pages.page(node, path)
        if found is None:
            return 404, TEXT, b"404 page not found\n"
        text, is_json = found
        kind = "application/json" if is_json else TEXT if text == "ok" else CONTENT_TYPE
        return 200, kind, text.encode()

    def node_metrics(self, name: str) -> Obj | None:
        """Return the NodeMetrics of a node."""
        return self._metrics.node(name)

    def pod_metrics(self, key: Key) -> Obj | None:
        """Return the PodMetrics of a pod."""
        return self._metrics.pod(key)
