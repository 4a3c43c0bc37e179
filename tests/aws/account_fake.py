"""A small account: moto, IAM, STS and the gateway, on a simulated clock and a wall clock that a test sets."""

from __future__ import annotations

import json
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


def policy(*statements: dict[str, Any]) -> str:
    """Return a policy document."""
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def allow(action: str | list[str], resource: str | list[str] = "*", **rest: Any) -> dict[str, Any]:
    """Return a statement that allows."""
    return {"Effect": "Allow", "Action": action, "Resource": resource, **rest}


def deny(action: str | list[str], resource: str | list[str] = "*", **rest: Any) -> dict[str, Any]:
    """Return a statement that denies."""
    return {**allow(action, resource, **rest), "Effect": "Deny"}


def trust(principal: Any, action: str | list[str] = "sts:AssumeRole", **rest: Any) -> str:
    """Return a trust policy of one statement."""
    return policy({"Effect": "Allow", "Principal": principal, "Action": action, **rest})


def add_user(account: FakeAccount, name: str, *statements: dict[str, Any]) -> Principal:
    """Make a user with an inline policy and an access key; return it."""
    iam = account.moto.backend("iam")
    user = iam.create_user(account.region, name)
    if statements:
        iam.put_user_policy(name, "inline", policy(*statements))
    iam.create_access_key(name)
    return account.iam.identities.user_principal(user)


def key_of(account: FakeAccount, name: str) -> tuple[str, str]:
    """Return access key and secret of a user."""
    key = account.iam.identities.user(name).access_keys[0]  # type: ignore[union-attr]
    return key.access_key_id, key.secret_access_key


def add_role(account: FakeAccount, name: str, trusts: str, *statements: dict[str, Any], **rest: Any) -> str:
    """Make a role with an inline policy; return its ARN."""
    iam = account.moto.backend("iam")
    role = iam.create_role(
        name,
        trusts,
        rest.get("path", "/"),
        rest.get("boundary"),
        "",
        rest.get("tags", []),
        rest.get("longest", "3600"),
    )
    if statements:
        iam.put_role_policy(name, "inline", policy(*statements))
    return str(role.arn)


def session_of(account: FakeAccount, role: str, session: str = "work", **rest: Any) -> Principal:
    """Return a session of a role, as if somebody had assumed it."""
    found = account.iam.identities.role(role)
    return Principal(
        "assumed-role",
        account.id,
        f"arn:aws:sts::{account.id}:assumed-role/{role}/{session}",
        f"{found.id}:{session}",  # type: ignore[union-attr]
        name=role,
        session=session,
        **rest,
    )
