"""The composition root of the AWS side: one page that names every part of the account."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from eks_lab.aws import billing, ec2, eks, recovery, tagging_api
from eks_lab.aws.ec2.cloud import Ec2Cloud
from eks_lab.aws.eks.service import EksService, eks_of
from eks_lab.aws.eks_auth.service import EksAuthService
from eks_lab.aws.gateway.gateway import Gateway
from eks_lab.aws.iam.engine import Iam
from eks_lab.aws.kubernetes import Kubernetes
from eks_lab.aws.moto_loading import Moto
from eks_lab.aws.principal import Principal
from eks_lab.aws.service import Service
from eks_lab.aws.sts.service import StsService
from eks_lab.clock import Clock, SimClock
from eks_lab.ids import Ids
from eks_lab.sim.cluster import ClusterOptions, ClusterState
from eks_lab.sim.objects import Key
from eks_lab.sim.runtime import Controller, Runtime
from eks_lab.sim.store import Store, StoreEvent

ACCOUNT_ID = "123456789012"
REGION = "us-east-1"
STUDENT = "student"
"""The learner's user, whose access key the sandbox hands out; it made the base cluster."""


@dataclass(frozen=True, slots=True)
class AccountState:
    """Everything that has to be kept to go on with an account."""

    records: ClusterState
    """Of our own services; the options of the first cluster stand in it."""
    moto: bytes
    """See `Moto.dump`; empty starts with nothing in moto's services."""


class Account:
    """One simulated AWS account."""

    def __init__(
        self,
        clock: SimClock,
        options: ClusterOptions,
        kubernetes: Kubernetes,
        wall: Clock,
        kept: AccountState | None = None,
    ) -> None:
        """Wire an account; it is empty until a base world is made, unless a kept one is restored.

        Args:
            clock: simulated time, shared with the clusters.
            options: of the base cluster, kept with the account; the seed is that of ids.
            kubernetes: the control planes.
            wall: real time, for signatures that expire.
            kept: state to go on from.
        """
        self.id = ACCOUNT_ID
        self.region = REGION
        self.clock = clock
        self.wall = wall
        self.options = options
        self.seed = seed = options.seed
        self.kubernetes = kubernetes
        self.ids = Ids(seed)
        self.store = Store()
        if kept is not None:
            self.store.load(kept.records.revision, kept.records.objects)
            if kept.records.ids is None:
                self.ids = Ids(seed * 1_000_003 + kept.records.revision)
            else:
                self.ids.restore(kept.records.ids)
        self.moto = Moto(self)
        if kept is not None and kept.moto:
            self.moto.load(kept.moto)
        self.iam = Iam(self)
        self.eks = eks_of(self)
        self.services: dict[str, Service] = {
            each.name: each for each in (EksService(eks=self.eks), EksAuthService(self), StsService(self))
        }
        self.gateway = Gateway(self)
        tagging_api.extend_gateway(self)
        self.controllers: tuple[Controller, ...] = (
            *ec2.CONTROLLERS(self),
            *eks.controllers(self.eks),
            *billing.CONTROLLERS(self),
        )
        self.runtime = Runtime(clock, self.store, self.controllers)
        if kept is not None:
            recovery.settle_leftovers(self)
            self.runtime.resync()

    def call(
        self, service: str, operation: str, params: dict[str, Any], *, principal: Principal, region: str = ""
    ) -> dict[str, Any]:
        """Make a call in process: checked, decided by IAM and answered as one over HTTP.

        Args:
            service: botocore's name: `ec2`, `eks`.
            operation: `DescribeInstances`.
            params: as boto3 takes them.
            principal: who calls.
            region: empty takes the account's own.

        Returns:
            What boto3 returns, ResponseMetadata apart.

        Raises:
            AwsError: AWS refuses.
        """
        return self.gateway.call(
            service, operation, params, principal=principal, region=region or self.region
        )

    @property
    def student_key(self) -> tuple[str, str]:
        """Return access key and secret of the learner's user; empty when the learner has deleted them."""
        user = self.moto.backend("iam").users.get(STUDENT)
        for key in user.access_keys if user is not None else ():
            if key.status == "Active":
                return key.access_key_id, key.secret_access_key
        return "", ""

    def cloud_of(self, cluster: str) -> Ec2Cloud:
        """Return the cloud as the software of one cluster sees it."""
        return Ec2Cloud(self, cluster)

    def enqueue(self, controller: str, key: Key, after: timedelta = timedelta(0)) -> None:
        """Queue one key of one of the account's controllers.

        Raises:
            KeyError: there is no such controller.
        """
        self.runtime.enqueue(controller, key, after)

    def records(self) -> ClusterState:
        """Return the records of our own services, to be kept; objects are shared, so this is quick."""
        store = self.store
        objects = [(rid, obj) for rid in store.resources() for obj in store.items(rid)]
        return ClusterState(self.options, self.clock.now(), store.revision, self.ids.state(), objects)

    def state(self) -> AccountState:
        """Return everything needed to go on later."""
        return AccountState(self.records(), self.moto.dump())

    def subscribe(self, callback: Callable[[StoreEvent], None]) -> Callable[[], None]:
        """Call a function after every write to the records of our own services; return what ends it."""
        return self.store.subscribe(callback)
