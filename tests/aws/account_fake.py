"""A small account: moto, IAM, STS and the gateway, on a simulated clock and a wall clock that a test sets."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from eks_lab.aws.eks_auth.service import EksAuthService
from eks_lab.aws.gateway.gateway import Gateway
from eks_lab.aws.iam.engine import Iam
from eks_lab.aws.moto_loading import Moto
from eks_lab.aws.principal import Principal
from eks_lab.aws.service import Service
from eks_lab.aws.sts.service import StsService
from eks_lab.clock import Clock, SimClock, SystemClock
from eks_lab.ids import Ids
from eks_lab.sim.store import Store

START = datetime(2026, 11, 20, 12, tzinfo=UTC)


class Issuers:
    """Clusters as far as STS asks: the keys of their issuers."""

    def __init__(self) -> None:
        self.known: dict[str, Mapping[str, Any]] = {}

    def keys_of(self, issuer: str) -> Mapping[str, Any] | None:
        return self.known.get(issuer)


class FakeAccount:
    """What the AWS side of these tests stands on."""

    def __init__(self, wall: Clock | None = None) -> None:
        self.id = "123456789012"
        self.region = "us-east-1"
        self.seed = 7
        self.clock = SimClock(START)
        self.wall: Clock = wall or SystemClock()
        self.ids = Ids(7)
        self.store = Store()
        self.kubernetes = Issuers()
        self.moto = Moto(self)
        self.iam = Iam(self)
        self.services: dict[str, Service] = {
            each.name: each for each in (StsService(self), EksAuthService(self))
        }
        self.gateway = Gateway(self)

    def call(
        self, service: str, operation: str, params: dict[str, Any], *, principal: Principal, region: str = ""
    ) -> dict[str, Any]:
        return self.gateway.call(
            service, operation, params, principal=principal, region=region or self.region
        )
