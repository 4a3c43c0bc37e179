"""What the account asks of the cluster side: control planes that start, move on and end."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from eks_lab.sim.cluster import Cluster


class Kubernetes(Protocol):
    """The control planes of an account."""

    def create(self, name: str, version: str, *, service_cidr: str, creator: str) -> None:
        """Start an empty control plane with its own endpoint.

        Args:
            name: of the EKS cluster.
            version: Kubernetes minor version.
            service_cidr: where cluster IPs come from.
            creator: ARN of who asked for it.
        """
        ...

    def cluster(self, name: str) -> Cluster | None:
        """Return a control plane, or None."""
        ...

    def names(self) -> Sequence[str]:
        """Return the names of all control planes, in order."""
        ...

    def move(self, name: str) -> None:
        """Let the service `kubernetes` lead to the interfaces that a control plane has now."""
        ...

    def upgrade(self, name: str, version: str) -> None:
        """Go on with another Kubernetes version; objects stay."""
        ...

    def delete(self, name: str) -> None:
        """End a control plane; everything in it is gone."""
        ...

    def endpoint(self, name: str) -> str:
        """Return `https://127.0.0.1:PORT`."""
        ...

    def certificate_authority(self, name: str) -> str:
        """Return the certificate of the authority, PEM in base64."""
        ...

    def issuer(self, name: str) -> str:
        """Return `https://oidc.eks.REGION.amazonaws.com/id/…`."""
        ...

    def keys_of(self, issuer: str) -> Mapping[str, Any] | None:
        """Return the public keys (JWKS) of the cluster with an issuer; None when there is none."""
        ...
