"""Sessions of roles: who may start one, how long it lasts, what it carries."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from eks_lab.aws.errors import AwsError
from eks_lab.aws.iam.credentials import Credentials
from eks_lab.aws.iam.documents import read
from eks_lab.aws.iam.engine import Iam
from eks_lab.aws.iam.evaluation import Decision, Policy, Question, Rules, decide
from eks_lab.aws.principal import Principal

SHORTEST = 900
LONGEST_CHAINED = 3600
"""Seconds; a session that another session starts lasts an hour at most."""
LONGEST_POLICY = 2048
MOST_TAGS = 50
_ROLE_ARN = re.compile(r"arn:[\w-]+:iam::\d{12}:role/[\w+=,.@/-]+", re.ASCII)
_SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a session shall carry."""

    role_arn: str
    session: str
    seconds: int | None = None
    policies: tuple[str, ...] = ()
    """JSON documents that narrow it together."""
    tags: Mapping[str, str] = field(default_factory=dict)
    transitive: tuple[str, ...] = ()


def wish_of(iam: Iam, params: Mapping[str, Any], *, default_session: str = "") -> Wish:
    """Return what the parameters of an AssumeRole… call ask for.

    Args:
        iam: of the account, for managed session policies.
        params: of the call.
        default_session: name when the call may leave it out.

    Raises:
        AwsError: ValidationError or MalformedPolicyDocument.
    """
    if not _ROLE_ARN.fullmatch(str(params["RoleArn"])):
        raise AwsError("ValidationError", f"{params['RoleArn']} is invalid")
    session = str(params.get("RoleSessionName") or default_session)
    if not _SESSION_NAME.fullmatch(session):
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value '{session}' at 'roleSessionName' failed to satisfy constraint: "
            r"Member must satisfy regular expression pattern: [\w+=,.@-]*",
        )
    texts = [str(params["Policy"])] if params.get("Policy") else []
    for text in texts:
        check_policy(text)
    # Inline and managed session policies together are one limit: what any of them allows.
    texts += [_managed(iam, str(each.get("arn", ""))) for each in params.get("PolicyArns") or ()]
    tags = {str(each["Key"]): str(each["Value"]) for each in params.get("Tags") or ()}
    if len(tags) > MOST_TAGS:
        raise AwsError("PackedPolicyTooLarge", f"More than {MOST_TAGS} session tags were passed.")
    return Wish(
        role_arn=str(params["RoleArn"]),
        session=session,
        seconds=params.get("DurationSeconds"),
        policies=(_joined(texts),) if texts else (),
        tags=tags,
        transitive=tuple(str(key) for key in params.get("TransitiveTagKeys") or ()),
    )


def check_policy(text: str) -> None:
    """Refuse a session policy that cannot be one.

    Raises:
        AwsError: MalformedPolicyDocument or PackedPolicyTooLarge.
    """
    if len(text) > LONGEST_POLICY:
        raise AwsError(
            "ValidationError",
            f"1 validation error detected: Value at 'policy' failed to satisfy constraint: "
            f"Member must have length less than or equal to {LONGEST_POLICY}",
        )
    if not read(text).statements:
        raise AwsError("MalformedPolicyDocument", "Syntax errors in policy.")


def _managed(iam: Iam, arn: str) -> str:
    found = iam.identities.backend.managed_policies.get(arn)
    if found is None:
        raise AwsError("ValidationError", f"Session policy {arn} does not exist or is not attachable.")
    for version in found.versions:
        if version.version_id == found.default_version_id:
            return str(version.document)
    return "{}"


def _joined(texts: Sequence[str]) -> str:
    if len(texts) == 1:
        return texts[0]
    statements: list[Any] = []
    for text in texts:
        found = json.loads(text).get("Statement", [])
        statements += found if isinstance(found, list) else [found]
    return json.dumps({"Version": "2012-10-17", "Statement": statements})


def trust_decision(
    iam: Iam, role: Any, caller: Principal, action: str, context: Mapping[str, str | list[str]]
) -> Decision:
    """Decide whether a role's trust policy, and the caller's own policies, let a caller start a session.

    Args:
        iam: of the account.
        role: moto's.
        caller: who asks: a user, a session, a service.
        action: `sts:AssumeRole`, `sts:TagSession`.
        context: `sts:ExternalId` and the like.
    """
    trust = Policy(str(role.arn), "role trust policy", read(str(role.assume_role_policy_document)))
    given = [(key, (value,) if isinstance(value, str) else tuple(value)) for key, value in context.items()]
    question = Question(caller, action, str(role.arn), iam.context(caller, given))
    rules = iam.identities.rules(caller) if caller.kind in ("user", "assumed-role") else Rules()
    return decide(question, rules, trust, resource_must_allow=True)


def lifetime_of(role: Any, seconds: int | None, *, is_chained: bool) -> timedelta:
    """Return how long a session lasts.

    Args:
        role: moto's.
        seconds: asked for; an hour when None.
        is_chained: whether a session asks.

    Raises:
        AwsError: ValidationError: it is longer than the role or role chaining allows.
    """
    wanted = 3600 if seconds is None else int(seconds)
    if is_chained and wanted > LONGEST_CHAINED:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        )
    if wanted > int(role.max_session_duration or 3600):
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    return timedelta(seconds=wanted)


def session_principal(iam: Iam, account: str, role: Any, wish: Wish, caller: Principal | None) -> Principal:
    """Return the principal of a session.

    Args:
        iam: of the account.
        account: twelve digits.
        role: moto's.
        wish: what the session carries.
        caller: who starts it; its transitive tags go on.
    """
    inherited = {key: caller.tags[key] for key in caller.transitive if key in caller.tags} if caller else {}
    return Principal(
        "assumed-role",
        account,
        f"arn:aws:sts::{account}:assumed-role/{role.name}/{wish.session}",
        f"{role.id}:{wish.session}",
        name=str(role.name),
        session=wish.session,
        session_policies=wish.policies,
        tags={**iam.identities.tags(role), **wish.tags, **inherited},
        transitive=tuple(dict.fromkeys((*wish.transitive, *inherited))),
    )


def described(found: Credentials) -> dict[str, Any]:
    """Return credentials as STS answers them."""
    return {
        "AccessKeyId": found.access_key,
        "SecretAccessKey": found.secret,
        "SessionToken": found.token,
        "Expiration": found.expiration,
    }


def packed_size(wish: Wish) -> int:
    """Return how much of the room for policies and tags a session takes, in per cent, roughly as STS says."""
    characters = sum(len(text) for text in wish.policies)
    characters += sum(len(key) + len(value) for key, value in wish.tags.items())
    return max(1, min(100, round(100 * characters / (2 * LONGEST_POLICY)))) if characters else 0
