"""What is wrong with one policy, statement by statement."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from eks_lab.calc.iam_condition import glob
from eks_lab.calc.iam_policy import Condition, Policy, Statement
from eks_lab.calc.trust_policy import ASSUME_ROLE, POD_IDENTITY_SERVICE, TAG_SESSION, WEB_IDENTITY
from eks_lab.checker.iam import rules
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import Rule

OPEN = "\x00"
"""Stands for a part of a text that is only known at apply."""
_EKS_SERVICES = (
    "eks.amazonaws.com",
    "eks-pods.amazonaws.com",
    "pod.eks.amazonaws.com",
    "pods.eks.amazonaws.com.cn",
)
_READS = (
    "get",
    "list",
    "describe",
    "batchget",
    "head",
    "lookup",
    "search",
    "query",
    "scan",
    "check",
    "select",
    "view",
    "simulate",
)
_HARMLESS = (
    "ecr:getauthorizationtoken", "sts:getcalleridentity", "sts:decodeauthorizationmessage",
    "cloudwatch:putmetricdata", "xray:puttracesegments", "xray:puttelemetryrecords", "ssm:updateinstanceinformation",
    "ssmmessages:*", "ec2messages:*", "pricing:*", "eks-auth:assumeroleforpodidentity",
)  # fmt: skip
"""Actions that know no resource, or that name only the caller's own."""
_READING_SERVICES = ("pricing", "tag", "ce", "ssmmessages", "ec2messages")

Place = Callable[[int], tuple[str, int]]
"""Statement, counted from 1 -> file and line."""


def check_policy(policy: Policy, place: Place) -> Iterator[Finding]:
    """Yield what is wrong with a policy that IAM would take.

    Args:
        policy: the document.
        place: where a statement stands.
    """
    for statement in policy.statements:
        for rule, says in _statement(statement, policy):
            file, line = place(statement.number)
            yield rule.at(file, line, f"{statement.name}: {says}".replace(OPEN, "…"))


def _statement(statement: Statement, policy: Policy) -> Iterator[tuple[Rule, str]]:
    yield from _conditions(statement, policy)
    if statement.effect != "Allow":
        return
    if statement.principals and not statement.not_principal:
        yield from _principals(statement)
    # Principal and resources together: the policy of a key, a queue, a bucket. Its * is that one thing.
    if not statement.principals:
        yield from _permissions(statement)


def _conditions(statement: Statement, policy: Policy) -> Iterator[tuple[Rule, str]]:
    for condition in statement.conditions:
        operator = condition.operator
        stars = [value for value in condition.values if _has_wildcard(value)]
        if stars and operator.family == "string" and not operator.wildcards and not operator.negated:
            says = f"{operator.name} compares {condition.key} letter by letter with {stars[0][:80]!r}"
            yield rules.WILDCARD_UNDER_EQUALS, says
        if not policy.has_variables and any("${" in value for value in condition.values):
            yield (
                rules.OLD_VERSION,
                f"version {policy.version} takes {condition.values[0][:60]!r} as plain text",
            )
        is_claim = condition.key.lower().endswith((":sub", ":aud"))
        if is_claim and condition.key.startswith("arn:"):
            yield rules.KEY_WITH_ARN, f"the key {condition.key[:90]!r} is made of an ARN"
        elif is_claim and "://" in condition.key:
            yield rules.KEY_WITH_SCHEME, f"the key {condition.key[:90]!r} holds https://"
        if condition.key.lower().endswith(":sub") and not operator.negated:
            yield from _subjects(condition)
        elif condition.key.lower().endswith(":aud") and ".eks." in condition.key.lower() + _hint(statement):
            wrong = [
                value for value in condition.values if OPEN not in value and value != "sts.amazonaws.com"
            ]
            if wrong and len(wrong) == len(condition.values) and operator.base == "StringEquals":
                yield rules.WRONG_AUDIENCE, f"{condition.key[:90]} wants {wrong[0][:60]!r}"


def _hint(statement: Statement) -> str:
    """Return the names of Federated principals, which tell whose token is meant."""
    return " ".join(name for kind, name in statement.principals if kind == "Federated").lower()


def _has_wildcard(value: str) -> bool:
    outside = value
    while (start := outside.find("${")) >= 0 and (end := outside.find("}", start)) >= 0:
        outside = outside[:start] + outside[end + 1 :]
    return "*" in outside or "?" in outside


def _subjects(condition: Condition) -> Iterator[tuple[Rule, str]]:
    for value in condition.values:
        if OPEN in value and not value.startswith("system:"):
            continue
        # Subjects of other issuers (GitHub, GitLab) have other forms.
        if not (_is_cluster_key(condition.key) or value.startswith(("system:", "serviceaccount:"))):
            continue
        parts = value.split(":")
        if value == "*" or (
            parts[:2] == ["system", "serviceaccount"] and len(parts) == 3 and parts[2] == "*"
        ):
            yield rules.WIDE_SUBJECT, f"{condition.key[:90]} takes {value!r}"
        elif OPEN in value and len(parts) < 4:
            continue
        elif len(parts) != 4 or parts[:2] != ["system", "serviceaccount"] or not all(parts):
            yield rules.SUBJECT_FORM, f"{value[:90]!r} is no subject of a service account"
        elif condition.operator.wildcards and parts[2] == "*":
            yield rules.WIDE_SUBJECT, f"{value[:90]!r} takes every namespace"


def _is_cluster_key(key: str) -> bool:
    return "oidc.eks." in key.lower() or key.startswith((OPEN, "https://" + OPEN, "arn:" + OPEN))


def _principals(statement: Statement) -> Iterator[tuple[Rule, str]]:
    federated = [name for kind, name in statement.principals if kind == "Federated"]
    services = [name for kind, name in statement.principals if kind == "Service"]
    assumes = statement.covers(ASSUME_ROLE) or statement.covers(WEB_IDENTITY)
    everybody = any(name == "*" for _, name in statement.principals)
    if everybody and not statement.conditions:
        yield rules.ANYBODY, "it allows every principal, without a condition"
    for name in federated:
        yield from _federated(name, statement)
    for name in services:
        if name in _EKS_SERVICES[1:]:
            yield rules.EKS_PRINCIPAL, f"the principal is {name}, pods come as {POD_IDENTITY_SERVICE}"
    if POD_IDENTITY_SERVICE in services:
        if not statement.covers(ASSUME_ROLE):
            yield rules.WRONG_ACTION, f"{POD_IDENTITY_SERVICE} asks for {ASSUME_ROLE}, which is not allowed"
        if not statement.covers(TAG_SESSION):
            yield rules.TAG_SESSION, "pods.eks.amazonaws.com may not do sts:TagSession"
        if not statement.conditions:
            yield rules.POD_IDENTITY_OPEN, "any association of the account may use the role"
    elif services and assumes and not statement.covers(ASSUME_ROLE):
        yield rules.WRONG_ACTION, f"{services[0]} asks for {ASSUME_ROLE}, the statement allows {WEB_IDENTITY}"


def _federated(name: str, statement: Statement) -> Iterator[tuple[Rule, str]]:
    is_cluster = "oidc.eks." in name or OPEN in name
    if "://" in name and "oidc" in name:
        yield rules.KEY_WITH_SCHEME, f"the principal {name[:90]!r} holds https://"
        return
    if "oidc.eks." in name and ":oidc-provider/" not in name:
        yield rules.FEDERATED_PRINCIPAL, f"the principal {name[:90]!r} is no ARN of an OIDC provider"
        return
    if not statement.covers(WEB_IDENTITY):
        if statement.covers(ASSUME_ROLE) and is_cluster:
            yield rules.WRONG_ACTION, f"a token asks for {WEB_IDENTITY}, the statement allows {ASSUME_ROLE}"
        return
    if not is_cluster:
        return
    keys = [condition.key.lower() for condition in statement.conditions]
    if any(OPEN in key and not key.endswith((":sub", ":aud")) and not key.startswith("aws:") for key in keys):
        # A key that is put together at apply may be either of them.
        return
    if not any(key.endswith(":sub") for key in keys):
        yield rules.MISSING_SUB, "no condition on :sub, so every service account of the cluster is let in"
    if not any(key.endswith(":aud") for key in keys):
        yield rules.MISSING_AUD, "no condition on :aud"


def _permissions(statement: Statement) -> Iterator[tuple[Rule, str]]:
    on_everything = "*" in statement.resources
    if statement.not_action:
        if on_everything:
            yield rules.NOT_ACTION, f"it allows everything but {statement.actions[0]}"
        return
    stars = [action for action in statement.actions if action == "*" or _is_whole_service(action)]
    if stars:
        yield rules.STAR_ACTION, f"it allows {stars[0]}"
        return
    passes = [action for action in statement.actions if glob(action.lower(), "iam:passrole")]
    wide = [each for each in statement.resources if each == "*" or each.endswith((":role/*", ":iam::*"))]
    if passes and wide and not any(key.key.lower() == "iam:passedtoservice" for key in statement.conditions):
        yield rules.PASS_ROLE, f"{passes[0]} on {wide[0]}"
        return
    if on_everything and not statement.conditions:
        writes = [action for action in statement.actions if not _reads(action)]
        if writes:
            yield rules.STAR_RESOURCE, f"{writes[0]} on every resource"


def _is_whole_service(action: str) -> bool:
    service, _, name = action.partition(":")
    return name == "*" and service not in _READING_SERVICES


def _reads(action: str) -> bool:
    lowered = action.lower()
    if OPEN in action or any(glob(each, lowered) for each in _HARMLESS):
        return True
    return lowered.partition(":")[2].startswith(_READS)
