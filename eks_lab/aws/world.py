"""One account and its clusters on one clock."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from ipaddress import IPv4Address
from typing import Any, Protocol

from eks_lab.aws.account import Account, AccountState
from eks_lab.aws.authentication import EksTokens
from eks_lab.aws.ec2 import mended
from eks_lab.aws.ec2.cluster_path import control_plane_interfaces, reaches_address
from eks_lab.aws.eks.access import AccessPolicyAuthorizer
from eks_lab.aws.recovery import queue_control_planes
from eks_lab.clock import Clock, SimClock
from eks_lab.sim.apiserver.access import Authorizer
from eks_lab.sim.apiserver.authentication import BearerAuthenticator
from eks_lab.sim.bootstrap import CONTROL_PLANE_ADDRESSES, publish_addresses
from eks_lab.sim.cluster import Cluster, ClusterIdentity, ClusterOptions, ClusterState
from eks_lab.sim.lockstep import Lockstep
from eks_lab.sim.objects import Key
from eks_lab.sim.store import StoreEvent

BASE_CLUSTER = "lab"
"""Name of the cluster that a sandbox starts with."""
CONTROL_PLANES = "controlplanes.world"
"""Records of the account's store: what a control plane was started with."""
AGE = timedelta(minutes=10)
"""How long before the start the base world came up: its pods run and its events are old."""


class Hosting(Protocol):
    """Serves control planes to clients; without it they are reached in process only."""

    def identity(self, name: str) -> ClusterIdentity:
        """Return what proves who a cluster is; made when it is new."""
        ...

    def open(
        self,
        name: str,
        cluster: Cluster,
        bearers: Sequence[BearerAuthenticator] = (),
        authorizers: Sequence[Authorizer] = (),
    ) -> str:
        """Serve a cluster, in place of one of the same name; return its URL.

        Args:
            name: of the cluster.
            cluster: that answers from now on.
            bearers: know the tokens of `aws eks get-token`.
            authorizers: judge by access policies, beside RBAC.
        """
        ...

    def close(self, name: str) -> None:
        """Serve it no more and forget what was kept of it."""
        ...

    def certificate_authority(self, name: str) -> str:
        """Return the certificate of its authority, PEM in base64."""
        ...


@dataclass(frozen=True, slots=True)
class WorldState:
    """Everything that has to be kept."""

    account: AccountState
    clusters: Mapping[str, ClusterState] = field(default_factory=dict)


class World:
    """The account, its control planes, and the clock they share. Implements `Kubernetes` for the account."""

    def __init__(
        self,
        options: ClusterOptions,
        start: datetime,
        hosting: Hosting,
        wall: Clock,
        kept: WorldState | None = None,
    ) -> None:
        """Wire a world; it is empty until `bootstrap` ran, unless a kept one is restored.

        Args:
            options: of the base cluster; the seed is the world's.
            start: simulated moment at which clients first see it.
            hosting: serves its clusters.
            wall: real time, for signatures that expire.
            kept: state to go on from.
        """
        self.options = options
        self.clock = SimClock(_latest(kept) if kept else start - AGE)
        self.runtime = Lockstep(self.clock)
        self._start = start
        self._hosting = hosting
        self._clusters: dict[str, Cluster] = {}
        self._endpoints: dict[str, str] = {}
        self._listeners: list[Callable[[StoreEvent], None]] = []
        self.account = Account(self.clock, options, self, wall, kept.account if kept else None)
        self.account.subscribe(self._tell)
        self.runtime.add("account", self.account.runtime)
        for name, state in (kept.clusters if kept else {}).items():
            self._add(name, state.options, state)
        queue_control_planes(self.account, self.cluster_names)

    def bootstrap(self) -> None:
        """Make the base world: a VPC, roles, a user, the cluster `lab` with its nodes and add-ons."""
        from eks_lab.aws.base import make_base_world

        make_base_world(self.account, BASE_CLUSTER, self.options)
        self.runtime.run_until(self._start)

    @property
    def cluster_names(self) -> list[str]:
        """Return the names of the control planes that run, the base cluster's first."""
        return sorted(self._clusters, key=lambda name: (name != BASE_CLUSTER, name))

    def subscribe(self, callback: Callable[[StoreEvent], None]) -> Callable[[], None]:
        """Call a function after every write to any store, those of later clusters included."""
        self._listeners.append(callback)
        return lambda: self._listeners.remove(callback)

    def advance(self, by: timedelta) -> None:
        """Play simulated time."""
        self.runtime.advance(by)

    def state(self) -> WorldState:
        """Return everything needed to go on later."""
        return WorldState(self.account.state(), {name: each.state() for name, each in self._clusters.items()})

    def _tell(self, event: StoreEvent) -> None:
        for callback in tuple(self._listeners):
            callback(event)

    # --- Kubernetes ------------------------------------------------------------------------------------------

    def create(self, name: str, version: str, *, service_cidr: str, creator: str) -> None:
        """Start an empty control plane; one of the name that runs already stays."""
        if name in self._clusters:
            return
        account = self.account
        if account.store.get(CONTROL_PLANES, Key("", name)) is None:
            record = {
                "metadata": {"namespace": "", "name": name, "uid": account.ids.uid()},
                "spec": {
                    "serviceCidr": service_cidr,
                    "creator": creator,
                    "issuerId": account.ids.hex(32).upper(),
                },
            }
            account.store.put(CONTROL_PLANES, record)
        if name == BASE_CLUSTER:
            options = replace(self.options, version=version)
        else:
            digest = hashlib.sha256(f"{self.options.seed}/{name}".encode()).digest()
            options = ClusterOptions(nodes=0, version=version, seed=int.from_bytes(digest[:4], "big"))
        self._add(name, options, None).bootstrap(self._addresses(name) or CONTROL_PLANE_ADDRESSES)

    def _add(self, name: str, options: ClusterOptions, kept: ClusterState | None) -> Cluster:
        identity = replace(self._hosting.identity(name), issuer=self.issuer(name))
        cluster = Cluster(
            options,
            self._start,
            kept,
            identity,
            clock=self.clock,
            cloud=self.account.cloud_of(name),
        )
        cluster.webhooks.reaches = lambda address, port: self._reaches(name, address, port)
        self._clusters[name] = cluster
        cluster.subscribe(self._tell)
        self.runtime.add(f"cluster/{name}", cluster.runtime)
        self._endpoints[name] = self._hosting.open(
            name,
            cluster,
            (EksTokens(self.account, name),),
            (AccessPolicyAuthorizer(self.account.eks, name),),
        )
        return cluster

    def _reaches(self, name: str, address: str, port: int) -> bool:
        """Say whether a control plane's packets get to an address: security groups and network ACLs decide."""
        ec2 = mended.region(self.account.id, self.account.region)
        return reaches_address(ec2, name, address, port)

    def cluster(self, name: str) -> Cluster | None:
        """Return a control plane, or None."""
        return self._clusters.get(name)

    def names(self) -> Sequence[str]:
        """Return the names of all control planes, in order."""
        return sorted(self._clusters)

    def move(self, name: str) -> None:
        """Let the service `kubernetes` lead to the interfaces that a control plane has now."""
        cluster, addresses = self._clusters.get(name), self._addresses(name)
        if cluster is not None and addresses:
            publish_addresses(cluster.api, addresses)

    def _addresses(self, name: str) -> list[str]:
        """Return the addresses of a control plane's interfaces, the first zone's first."""
        ec2 = mended.region(self.account.id, self.account.region)
        found = control_plane_interfaces(ec2, name)
        return sorted((each.private_ip_address or "" for each in found), key=IPv4Address)

    def upgrade(self, name: str, version: str) -> None:
        """Go on with another Kubernetes version; objects stay, watches begin anew."""
        state = self._clusters[name].state()
        options = replace(state.options, version=version)
        self.runtime.remove(f"cluster/{name}")
        self._add(name, options, replace(state, options=options))

    def delete(self, name: str) -> None:
        """End a control plane; one that is not there is fine."""
        if self._clusters.pop(name, None) is None:
            return
        self.runtime.remove(f"cluster/{name}")
        self._endpoints.pop(name, None)
        self._hosting.close(name)
        if self.account.store.get(CONTROL_PLANES, Key("", name)) is not None:
            self.account.store.remove(CONTROL_PLANES, Key("", name))

    def endpoint(self, name: str) -> str:
        """Return `https://127.0.0.1:PORT`."""
        return self._endpoints[name]

    def certificate_authority(self, name: str) -> str:
        """Return the certificate of the authority, PEM in base64."""
        return self._hosting.certificate_authority(name)

    def issuer(self, name: str) -> str:
        """Return `https://oidc.eks.us-east-1.amazonaws.com/id/…`; empty when there is no such control plane."""
        record = self.account.store.get(CONTROL_PLANES, Key("", name))
        if record is None:
            return ""
        return f"https://oidc.eks.{self.account.region}.amazonaws.com/id/{record['spec']['issuerId']}"

    def keys_of(self, issuer: str) -> Mapping[str, Any] | None:
        """Return the public keys (JWKS) of the cluster with an issuer; None when there is none."""
        for name, cluster in self._clusters.items():
            if self.issuer(name) == issuer.rstrip("/"):
                return cluster.tokens.keys()
        return None


def _latest(kept: WorldState) -> datetime:
    return max((kept.account.records.now, *(each.now for each in kept.clusters.values())))
