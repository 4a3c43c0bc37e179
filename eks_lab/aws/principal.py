"""Who calls: the account itself, a user, a session of a role, or an AWS service."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Kind = Literal["root", "user", "assumed-role", "service"]


@dataclass(frozen=True, slots=True)
class Principal:
    """An identity as `sts get-caller-identity` shows it, with what decides about it."""

    kind: Kind
    account: str
    """Twelve digits."""
    arn: str
    """`arn:aws:iam::123456789012:user/student`, `arn:aws:sts::123456789012:assumed-role/node/i-0abc`."""
    unique_id: str
    """`AIDA…`; of a session `AROA…:session-name`; of the account its number."""
    name: str = ""
    """Of the user or the role, without its path; of a service its host, `eks.amazonaws.com`."""
    session: str = ""
    """Name of a role's session."""
    session_policies: tuple[str, ...] = ()
    """JSON documents that narrow a session."""
    tags: Mapping[str, str] = field(default_factory=dict)
    """`aws:PrincipalTag`: of the user or role, and of the session, which wins."""
    transitive: tuple[str, ...] = ()
    """Keys of session tags that go on into the sessions this one makes."""

    @property
    def iam_arn(self) -> str:
        """Return the ARN that policies and access entries name: a session's role, anybody else's own."""
        if self.kind == "assumed-role":
            return f"arn:aws:iam::{self.account}:role/{self.name}"
        return self.arn


def root(account: str) -> Principal:
    """Return the account itself, which may do everything."""
    return Principal("root", account, f"arn:aws:iam::{account}:root", account)


def service(account: str, host: str) -> Principal:
    """Return an AWS service acting in an account, for example `eks.amazonaws.com`."""
    return Principal("service", account, host, host, name=host)
