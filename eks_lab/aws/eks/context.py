"""What every part of EKS works with: the account's records, its clock, and the rest of AWS."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from eks_lab.aws.eks.fleet import Fleet
from eks_lab.aws.eks.records import CLUSTERS
from eks_lab.aws.eks.refusals import no_cluster
from eks_lab.aws.eks.surroundings import Surroundings
from eks_lab.aws.kubernetes import Kubernetes
from eks_lab.clock import SimClock
from eks_lab.ids import Ids
from eks_lab.sim.cluster import Cluster
from eks_lab.sim.objects import Key, Obj
from eks_lab.sim.store import Store


class EksAccount(Protocol):
    """What EKS takes from the account it lives in."""

    @property
    def id(self) -> str:
        """Return twelve digits."""
        ...

    @property
    def region(self) -> str:
        """Return `us-east-1`."""
        ...

    @property
    def clock(self) -> SimClock:
        """Return simulated time."""
        ...

    @property
    def ids(self) -> Ids:
        """Return where identifiers come from."""
        ...

    @property
    def store(self) -> Store:
        """Return the records of the account's own services."""
        ...

    @property
    def kubernetes(self) -> Kubernetes:
        """Return the control planes."""
        ...

    def enqueue(self, controller: str, key: Key, after: timedelta = timedelta(0)) -> None:
        """Queue one key of one controller."""
        ...


@dataclass(frozen=True, slots=True)
class Eks:
    """EKS of one account in one region. It keeps nothing itself: everything is in the account's store."""

    account: EksAccount
    surroundings: Surroundings
    fleet: Fleet

    # --- time and names -----------------------------------------------------------------------------------

    def now(self) -> datetime:
        """Return the simulated moment."""
        return self.account.clock.now()

    def arn(self, path: str) -> str:
        """Return the ARN of something of EKS.

        Args:
            path: `cluster/lab`, `addon/lab/vpc-cni/<uid>`.
        """
        return f"arn:aws:eks:{self.account.region}:{self.account.id}:{path}"

    # --- records ------------------------------------------------------------------------------------------

    def find(self, resource: str, namespace: str, name: str) -> Obj | None:
        """Return a record, or None."""
        return self.account.store.get(resource, Key(namespace, name))

    def list(self, resource: str, namespace: str = "") -> list[Obj]:
        """Return the records of a resource by name; those of one cluster when it is named."""
        return self.account.store.items(resource, namespace)

    def add(self, resource: str, namespace: str, name: str, **parts: Any) -> Obj:
        """Write a new record.

        Args:
            resource: `clusters.eks`.
            namespace: name of the cluster it belongs to; empty for a cluster.
            name: of the record.
            parts: `spec` (what EKS describes) and what else is kept.
        """
        metadata = {"namespace": namespace, "name": name, "uid": self.account.ids.uid()}
        return self.account.store.put(resource, {"metadata": metadata, **parts})

    def put(self, resource: str, record: Obj) -> Obj:
        """Write a record unless it says what is stored already."""
        metadata = record["metadata"]
        stored = self.find(resource, metadata.get("namespace", ""), metadata["name"])
        if stored is not None and {**stored, "metadata": {}} == {**record, "metadata": {}}:
            return stored
        return self.account.store.put(resource, record)

    def change(self, resource: str, record: Obj, **spec: Any) -> Obj:
        """Write a record with other members of its description; None removes one."""
        merged = {**record["spec"], **spec}
        kept = {name: value for name, value in merged.items() if value is not None}
        return self.put(resource, {**record, "spec": kept})

    def remove(self, resource: str, record: Obj) -> None:
        """Take a record away."""
        metadata = record["metadata"]
        key = Key(metadata.get("namespace", ""), metadata["name"])
        if self.account.store.get(resource, key) is not None:
            self.account.store.remove(resource, key)

    def remove_all(self, resources: Iterable[str], cluster: str) -> None:
        """Take away what belongs to a cluster."""
        for resource in resources:
            for record in self.list(resource, cluster):
                self.remove(resource, record)

    # --- clusters -----------------------------------------------------------------------------------------

    def cluster(self, name: str) -> Obj:
        """Return the record of a cluster.

        Raises:
            AwsError: ResourceNotFoundException.
        """
        record = self.find(CLUSTERS, "", name)
        if record is None:
            raise no_cluster(name)
        return record

    def control_plane(self, name: str) -> Cluster | None:
        """Return the Kubernetes control plane of a cluster; None until it is ACTIVE."""
        return self.account.kubernetes.cluster(name)
