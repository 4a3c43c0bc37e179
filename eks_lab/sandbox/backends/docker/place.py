"""Names and files of one docker sandbox: nothing that carries another name is ever touched."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from eks_lab import locations
from eks_lab.sandbox.state_directory import StateDirectory

LABEL = "dev.eks-lab.sandbox"
"""On containers that we describe ourselves; its value is the sandbox's name."""
KIND_LABEL = "io.x-k8s.kind.cluster"
"""That kind puts on its nodes; its value is the cluster's name (kind, pkg/cluster/constants)."""
COMPOSE_LABEL = "com.docker.compose.project"
"""That compose puts on everything it makes; its value is the project's name."""
LOCALSTACK_PORT = 4567
"""Of LocalStack on loopback; 4566 is our door's, so that awslocal finds EKS behind it, too."""


@dataclass(frozen=True, slots=True)
class DockerPlace:
    """Where a docker sandbox is."""

    directory: StateDirectory
    """Of the sandbox, whatever its backend."""

    @property
    def name(self) -> str:
        """Return `eks-lab-3f09c1`, of the cluster and the compose project: another home, another name."""
        digest = hashlib.sha256(str(self.directory.root).encode()).hexdigest()
        return f"eks-lab-{digest[:6]}"

    @property
    def network(self) -> str:
        """Return the network of the nodes: not kind's own, which other clusters of the learner share."""
        return f"{self.name}-nodes"

    @property
    def root(self) -> Path:
        """Return the folder of everything this backend writes."""
        return self.directory.root / "docker"

    @property
    def kubeconfig(self) -> Path:
        """Return the administrator's kubeconfig of the kind cluster."""
        return self.root / "kubeconfig"

    @property
    def kind_config(self) -> Path:
        """Return the configuration that the cluster was made of."""
        return self.root / "kind.yaml"

    @property
    def record(self) -> Path:
        """Return the file that is written when the cluster is complete; without it, it is half made."""
        return self.root / "cluster.json"

    @property
    def engine(self) -> Path:
        """Return the file that names the engine which the containers were made with."""
        return self.root / "engine"

    @property
    def gateway(self) -> StateDirectory:
        """Return the folder of our daemon: an account of its own, beside the embedded backend's."""
        return StateDirectory(self.root / "gateway")


def infra(*parts: str) -> Path:
    """Return a file that ships with the program."""
    return locations.content_root().joinpath("infra", *parts)
