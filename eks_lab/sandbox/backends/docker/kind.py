"""The cluster: kind's command line, with a configuration, a kubeconfig and a network of our own.

kind is asked to write nowhere but into our folder, and its network is not the one that the learner's other kind
clusters share.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from eks_lab.errors import ContentError, InputError, UnavailableError
from eks_lab.sandbox.backends.commands import CommandTimeoutError, Outcome, Runner, TakeLine
from eks_lab.sandbox.backends.docker import kind_reset
from eks_lab.sandbox.backends.docker.engine import Engine
from eks_lab.sandbox.backends.docker.explanation import explained
from eks_lab.sandbox.backends.docker.place import KIND_LABEL, DockerPlace, infra
from eks_lab.sandbox.backends.interface import Cancel, Wishes
from eks_lab.sandbox.state_directory import write_private

CREATE_SECONDS = 600.0
READY_SECONDS = 180
MOST_NODES = 9
"""More containers than this help nobody on one machine."""
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Images:
    """Node images, as `infra/kind/images.yaml` has them."""

    default: str
    """Kubernetes version."""
    by_version: Mapping[str, str]
    """`1.36` -> image with tag and digest."""
    oldest_kind: tuple[int, ...]

    def of(self, version: str | None) -> str:
        """Return the image of a Kubernetes version; None takes the default.

        Raises:
            InputError: there is none.
        """
        wanted = version or self.default
        if wanted not in self.by_version:
            raise InputError(
                f"--version: there is no node image of Kubernetes {wanted} here",
                hint=f"Choose one of {', '.join(self.by_version)}.",
            )
        return self.by_version[wanted]


def images() -> Images:
    """Return the node images that ship with the program.

    Raises:
        ContentError: the file cannot be used.
    """
    path = infra("kind", "images.yaml")
    try:
        document = yaml.safe_load(path.read_text())
        return Images(
            document["default"], dict(document["images"]), version_of(document["oldest_kind"]) or (0,)
        )
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        raise ContentError(f"{path}: cannot be used: {error}") from error


def version_of(text: str) -> tuple[int, ...] | None:
    """Return the first version in a text: (0, 33, 0) of `kind v0.33.0 go1.26`; None when there is none."""
    found = _VERSION.search(text)
    return tuple(int(part) for part in found.groups()) if found else None


def configuration(wishes: Wishes) -> dict[str, Any]:
    """Return the configuration of a cluster as it is wished for.

    Args:
        wishes: `version`, `nodes`, `port`.

    Raises:
        InputError: it cannot be had.
        ContentError: `infra/kind/cluster.yaml` cannot be used.
    """
    path = infra("kind", "cluster.yaml")
    try:
        document: dict[str, Any] = yaml.safe_load(path.read_text())
        control_plane, *workers = document["nodes"]
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise ContentError(f"{path}: cannot be used: {error}") from error
    count = len(workers) if wishes.nodes is None else wishes.nodes
    if not 1 <= count <= MOST_NODES:
        raise InputError(f"--nodes: {count} is not between 1 and {MOST_NODES} on the backend docker")
    image = images().of(wishes.version)
    if wishes.port is not None:
        document["networking"]["apiServerPort"] = wishes.port
    # Further nodes go round the zones.
    document["nodes"] = [
        {**each, "image": image}
        for each in (control_plane, *(workers[n % len(workers)] for n in range(count)))
    ]
    return document


class Kind:
    """One kind cluster."""

    def __init__(self, runner: Runner, engine: Engine, place: DockerPlace) -> None:
        """Name it; nothing is made.

        Args:
            runner: runs the command lines of kind and kubectl.
            engine: that its nodes run on.
            place: its name and files.
        """
        self._runner = runner
        self._engine = engine
        self._place = place

    def _environment(self) -> dict[str, str]:
        variables = {
            **os.environ,
            "KIND_EXPERIMENTAL_DOCKER_NETWORK": self._place.network,
            "KIND_EXPERIMENTAL_PODMAN_NETWORK": self._place.network,
            "KUBECONFIG": str(self._place.kubeconfig),
        }
        if self._engine.program == "podman":
            variables["KIND_EXPERIMENTAL_PROVIDER"] = "podman"
        return variables

    def _kind(
        self,
        *arguments: str,
        seconds: float = 60.0,
        cancel: Cancel | None = None,
        line: TakeLine | None = None,
    ) -> Outcome:
        return self._runner.run(
            ("kind", *arguments),
            timeout_seconds=seconds,
            cancel=cancel,
            line=line,
            environment=self._environment(),
        )

    def kubectl(
        self, *arguments: str, seconds: float = 30.0, stdin: str = "", cancel: Cancel | None = None
    ) -> Outcome:
        """Run kubectl on the cluster, as its administrator."""
        return self._runner.run(
            ("kubectl", "--kubeconfig", str(self._place.kubeconfig), *arguments),
            timeout_seconds=seconds,
            cancel=cancel,
            stdin=stdin,
        )

    def node_states(self) -> dict[str, str]:
        """Return container -> state of every node that is there."""
        found = self._engine.containers(KIND_LABEL, self._place.name)
        return {each.name: each.state for each in found}

    def is_complete(self) -> bool:
        """Say whether the cluster was made to the end, and all its nodes are there."""
        record = self.record()
        return bool(record) and len(self.node_states()) == record.get("containers")

    def record(self) -> dict[str, Any]:
        """Return what the cluster was made of; empty when it was not made to the end."""
        try:
            found: dict[str, Any] = json.loads(self._place.record.read_bytes())
        except (OSError, ValueError):
            return {}
        return found

    def create(self, wishes: Wishes, cancel: Cancel, line: TakeLine) -> None:
        """Make the cluster; one of the name that is half made has been deleted before.

        Raises:
            StoppedError: it was cancelled.
            EksLabError: it cannot be made.
        """
        document = configuration(wishes)
        write_private(self._place.kind_config, yaml.safe_dump(document, sort_keys=False).encode())
        outcome = self._kind(
            "create", "cluster", "--name", self._place.name, "--config", str(self._place.kind_config),
            "--kubeconfig", str(self._place.kubeconfig), "--wait", "0s",
            seconds=CREATE_SECONDS, cancel=cancel, line=line,
        )  # fmt: skip
        if outcome.code != 0:
            raise explained("create the cluster", outcome)

    def complete(self, wishes: Wishes) -> None:
        """Write down that the cluster is made to the end, of what, and what it has by itself.

        Raises:
            EksLabError: the cluster does not answer, or the file cannot be written.
        """
        document = configuration(wishes)
        record = {
            "containers": len(document["nodes"]),
            "image": document["nodes"][0]["image"],
            "version": wishes.version or images().default,
            "baseline": kind_reset.observe(self.kubectl).as_json(),
        }
        write_private(self._place.record, json.dumps(record).encode())

    def note(self, **what: str) -> None:
        """Write something more into the record of the cluster.

        Raises:
            DataError: it cannot be written.
        """
        write_private(self._place.record, json.dumps({**self.record(), **what}).encode())

    def await_ready(self, cancel: Cancel) -> None:
        """Wait until every node is Ready.

        Raises:
            StoppedError: it was cancelled.
            UnavailableError: one does not get ready; the message names it and says why.
        """
        try:
            outcome = self.kubectl(
                "wait", "--for=condition=Ready", "nodes", "--all", f"--timeout={READY_SECONDS}s",
                seconds=READY_SECONDS + 30.0, cancel=cancel,
            )  # fmt: skip
        except CommandTimeoutError as error:
            raise UnavailableError(
                f"the API server of the cluster does not answer: {error.message}",
                hint="Begin anew: eks-lab sandbox down --purge, then up.",
            ) from error
        if outcome.code == 0:
            return
        raise UnavailableError(
            f"not all nodes are ready after {READY_SECONDS} s: {self._why_not_ready() or outcome.last_error}",
            hint="Often it is memory or disk: give the engine more, or ask for fewer --nodes; then run it again.",
        )

    def _why_not_ready(self) -> str:
        said = []
        for node in self._nodes():
            ready = next(
                (each for each in node["status"].get("conditions", ()) if each["type"] == "Ready"), None
            )
            if ready is None or ready["status"] != "True":
                why = ready.get("message", "") if ready else "it has not joined"
                said.append(f"{node['metadata']['name']}: {why}")
        return "; ".join(said)

    def _nodes(self) -> list[dict[str, Any]]:
        outcome = self.kubectl("get", "nodes", "--output", "json")
        if outcome.code != 0:
            return []
        try:
            found: list[dict[str, Any]] = json.loads(outcome.out)["items"]
        except (ValueError, KeyError):
            return []
        return found

    def endpoint(self) -> tuple[str, str]:
        """Return the URL of the API server and its authority, PEM in base64.

        Raises:
            UnavailableError: the kubeconfig cannot be read.
        """
        try:
            document = yaml.safe_load(self._place.kubeconfig.read_text())
            cluster = document["clusters"][0]["cluster"]
            return str(cluster["server"]), str(cluster["certificate-authority-data"])
        except (OSError, yaml.YAMLError, KeyError, IndexError, TypeError) as error:
            raise UnavailableError(
                f"{self._place.kubeconfig}: names no cluster", hint="Begin anew: eks-lab sandbox down --purge"
            ) from error

    def export_kubeconfig(self) -> None:
        """Write the kubeconfig again: after a restart the port may be another one.

        Raises:
            EksLabError: kind refuses.
        """
        outcome = self._kind(
            "export", "kubeconfig", "--name", self._place.name, "--kubeconfig", str(self._place.kubeconfig)
        )
        if outcome.code != 0:
            raise explained("write the kubeconfig", outcome)

    def delete(self) -> None:
        """Delete the cluster; one that is not there is fine.

        Raises:
            EksLabError: kind refuses.
        """
        outcome = self._kind(
            "delete", "cluster", "--name", self._place.name, "--kubeconfig", str(self._place.kubeconfig),
            seconds=120.0,
        )  # fmt: skip
        if outcome.code != 0:
            raise explained("delete the cluster", outcome)
        self._place.record.unlink(missing_ok=True)

    def reset(self) -> bool:
        """Bring the cluster back to what it was when it was made.

        Returns:
            False when only a new one will do.

        Raises:
            EksLabError: the cluster does not answer, or something cannot be taken back.
        """
        before = kind_reset.baseline_of(self.record().get("baseline", {}))
        now = kind_reset.observe(self.kubectl)
        if kind_reset.is_beyond_reset(before, now):
            return False
        kind_reset.reset(self.kubectl, before, now)
        return True

    def ready_count(self) -> tuple[int, int]:
        """Return how many nodes are Ready, and how many there are; the control plane's does not count."""
        nodes = [
            each
            for each in self._nodes()
            if "node-role.kubernetes.io/control-plane" not in each["metadata"].get("labels", {})
        ]
        ready = sum(
            any(
                each["type"] == "Ready" and each["status"] == "True"
                for each in node["status"].get("conditions", ())
            )
            for node in nodes
        )
        return ready, len(nodes)
