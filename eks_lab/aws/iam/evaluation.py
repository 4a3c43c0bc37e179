"""The decision of IAM about one request within one account.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html (2026-11-23).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from eks_lab.aws.iam.documents import Context, Document, Statement
from eks_lab.aws.principal import Principal

Kind = Literal[
    "identity-based policy",
    "resource-based policy",
    "permissions boundary",
    "session policy",
    "role trust policy",
]


@dataclass(frozen=True, slots=True)
class Policy:
    """A document with where it stands."""

    name: str
    """ARN or name."""
    kind: Kind
    document: Document
    source: str = "IAM Policy"
    """As simulations name it: `user`, `role`, `group`, `aws-managed`, `user-managed`."""


@dataclass(frozen=True, slots=True)
class Match:
    """A statement that decided."""

    policy: Policy
    statement: Statement


@dataclass(frozen=True, slots=True)
class Decision:
    """What IAM says."""

    allowed: bool
    reason: str = ""
    """`because no identity-based policy allows the s3:GetObject action`; empty when allowed."""
    explicit: bool = False
    """Whether a Deny refused it."""
    matches: tuple[Match, ...] = ()
    """Statements that allowed or refused it."""

    def __bool__(self) -> bool:
        return self.allowed


@dataclass(frozen=True, slots=True)
class Rules:
    """Everything that decides about a principal."""

    identity: Sequence[Policy] = ()
    boundary: Policy | None = None
    sessions: Sequence[Policy] = ()
    """Each narrows the session."""
    has_boundary: bool = False
    """True with a boundary that does not exist: nothing is allowed then."""


@dataclass(frozen=True, slots=True)
class Question:
    """One request."""

    principal: Principal
    action: str
    """`s3:GetObject`."""
    resource: str
    context: Context


def decide(
    question: Question,
    rules: Rules,
    resource_policy: Policy | None = None,
    *,
    resource_must_allow: bool = False,
) -> Decision:
    """Decide about a request in the principal's own account.

    Args:
        question: the request.
        rules: of the principal.
        resource_policy: of the resource, None when it has none.
        resource_must_allow: whether the resource's policy has to let the account in (KMS keys, roles).
    """
    lower = question.action.lower()
    everywhere: list[tuple[Policy, bool]] = [
        *((policy, False) for policy in rules.identity),
        *(((resource_policy, True),) if resource_policy is not None else ()),
        *(((rules.boundary, False),) if rules.boundary is not None else ()),
        *((policy, False) for policy in rules.sessions),
    ]
    for policy, is_resource in everywhere:
        for statement in policy.document.statements:
            if statement.allows or not statement.covers(lower, question.resource, question.context):
                continue
            if not is_resource or covers_principal(statement, question.principal):
                reason = f"with an explicit deny in {_article(policy.kind)} {policy.kind}"
                return Decision(False, reason, explicit=True, matches=(Match(policy, statement),))
    granted = _resource_grant(question, lower, resource_policy)
    if granted is not None and granted[1] == "direct":
        return Decision(True, matches=(granted[0],))
    if resource_must_allow and granted is None:
        own: Kind = resource_policy.kind if resource_policy is not None else "resource-based policy"
        return _refused(own, question.action)
    allowed = _allowing(rules.identity, lower, question)
    if not allowed and granted is not None and granted[1] == "principal":
        allowed = (granted[0],)
    if not allowed:
        return _refused("identity-based policy", question.action)
    if rules.has_boundary and not _allowing(
        (rules.boundary,) if rules.boundary is not None else (), lower, question
    ):
        return _refused("permissions boundary", question.action)
    for session in rules.sessions:
        if not _allowing((session,), lower, question):
            return _refused("session policy", question.action)
    return Decision(True, matches=allowed)


def _article(kind: str) -> str:
    if kind == "role trust policy":
        return "the"
    return "an" if kind[0] in "aeiou" else "a"


def _refused(kind: Kind, action: str) -> Decision:
    return Decision(False, f"because no {kind} allows the {action} action")


def _allowing(policies: Iterable[Policy], action: str, question: Question) -> tuple[Match, ...]:
    return tuple(
        Match(policy, statement)
        for policy in policies
        for statement in policy.document.statements
        if statement.allows and statement.covers(action, question.resource, question.context)
    )


def _resource_grant(
    question: Question, action: str, policy: Policy | None
) -> tuple[Match, Literal["direct", "principal", "account"]] | None:
    """Return what a resource's policy gives: to the very caller, to its role, or to the account at large."""
    best: tuple[Match, Literal["direct", "principal", "account"]] | None = None
    for statement in policy.document.statements if policy is not None else ():
        if not statement.allows or not statement.covers(action, question.resource, question.context):
            continue
        if not covers_principal(statement, question.principal):
            continue
        assert policy is not None
        match = Match(policy, statement)
        names = {name for kind, name in statement.principals or () if kind in ("AWS", "Service")}
        principal = question.principal
        if principal.kind in ("service", "root") or principal.arn in names:
            return match, "direct"
        if "*" in names or any(_is_self(name, principal) for name in names):
            best = (match, "principal")
        elif best is None:
            best = (match, "account")
    return best


def covers_principal(statement: Statement, principal: Principal) -> bool:
    """Return whether a statement of a resource's or a trust policy is about a principal.

    Args:
        statement: one without principals is about nobody.
        principal: who asks.
    """
    if statement.principals is None:
        return False
    found = any(_is_named(kind, name, principal) for kind, name in statement.principals)
    return found != statement.not_principal


def _is_named(kind: str, name: str, principal: Principal) -> bool:
    if name == "*":
        return kind == "AWS" or (kind == "Service") == (principal.kind == "service")
    if kind == "Service":
        return principal.kind == "service" and principal.name == name
    if kind != "AWS" or principal.kind == "service":
        return False
    if name in (principal.account, f"arn:aws:iam::{principal.account}:root"):
        return True
    return _is_self(name, principal) or name == principal.unique_id.partition(":")[0]


def _is_self(name: str, principal: Principal) -> bool:
    """Return whether an ARN is the principal's own, or that of the role behind a session, wherever its path."""
    if name == principal.arn:
        return True
    role = f"arn:aws:iam::{principal.account}:role/"
    return (
        principal.kind == "assumed-role"
        and name.startswith(role)
        and name.rsplit("/", 1)[-1] == principal.name
    )
