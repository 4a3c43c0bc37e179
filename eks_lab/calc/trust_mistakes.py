"""The usual mistakes in trust policies, named: what is wrong in which statement, and what to write instead.

Each has a name of its own, so that a quiz or a lab can ask for it. Those about principals are in
`trust_principals`, those about conditions in `trust_conditions`; here are the rest and the order.
"""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.calc.iam_condition import glob
from eks_lab.calc.iam_policy import Condition, Policy, Statement
from eks_lab.calc.trust_conditions import condition_mistakes
from eks_lab.calc.trust_mistake import Effect, Mistake
from eks_lab.calc.trust_policy import (
    ASSUME_ROLE,
    AUDIENCES,
    TAG_SESSION,
    WEB_IDENTITY,
    Decision,
    Pod,
    StatementResult,
)
from eks_lab.calc.trust_principals import action_mistakes, principal_mistakes

TRUST_POLICY_CHARACTERS = 2048
"""Default quota of a role's trust policy, without white space."""


def mistakes(policy: Policy, pod: Pod, decision: Decision) -> tuple[Mistake, ...]:
    """Return the mistakes of a trust policy for a pod, those that keep it out first.

    Args:
        policy: the trust policy.
        pod: who asks.
        decision: what STS decides.
    """
    found = [*_document_mistakes(policy), *_deny_mistakes(decision)]
    for result in decision.statements:
        found += _statement_mistakes(result, pod, decision)
    found += [*_tag_session_mistakes(pod, decision), *_audience_mistakes(pod)]
    if not decision.allowed and not any(mistake.effect == "refuses" for mistake in found):
        missing = " and ".join(decision.missing_actions)
        what = f"no Allow statement grants {missing} to {decision.request.principals[0]}."
        found.append(Mistake("no-allow", "refuses", "the policy", what, "Add one."))
    order: dict[Effect, int] = {"refuses": 0, "opens": 1, "note": 2}
    return tuple(sorted(dict.fromkeys(found), key=lambda mistake: order[mistake.effect]))


def _document_mistakes(policy: Policy) -> Iterator[Mistake]:
    if policy.characters > TRUST_POLICY_CHARACTERS:
        yield Mistake(
            "too-long",
            "note",
            "the policy",
            f"it has {policy.characters:,} characters without white space; the quota is"
            f" {TRUST_POLICY_CHARACTERS:,} unless it was raised.",
            "Use fewer statements, or Pod Identity, whose trust names no issuer.",
        )
    values = [value for one in policy.statements for each in one.conditions for value in each.values]
    if not policy.has_variables and any("${" in value for value in values):
        yield Mistake(
            "old-version",
            "note",
            "the policy",
            f"in version {policy.version} ${{…}} is plain text.",
            'Write "Version": "2012-10-17".',
        )


def _deny_mistakes(decision: Decision) -> Iterator[Mistake]:
    if decision.denied_by is not None:
        name = decision.denied_by.statement.name
        what = "this Deny applies to the pod, and a Deny beats every Allow."
        yield Mistake("explicit-deny", "refuses", name, what, "Narrow its conditions.")


def _audience_mistakes(pod: Pod) -> Iterator[Mistake]:
    wanted = AUDIENCES[pod.way]
    if pod.audience == wanted:
        return
    if pod.way == "irsa":
        yield Mistake(
            "audience-not-registered",
            "note",
            "the token",
            f"its audience is {pod.audience}; STS takes it only if the IAM provider lists it, else it answers"
            " Incorrect token audience.",
            f"Add it to the provider's client IDs, or ask for a token for {wanted}.",
        )
    else:
        yield Mistake(
            "wrong-audience",
            "refuses",
            "the token",
            f"EKS Auth takes only the audience {wanted}, this one is for {pod.audience}.",
            "Let the webhook mount the token: recreate the pod after the association.",
        )


def _tag_session_mistakes(pod: Pod, decision: Decision) -> Iterator[Mistake]:
    if pod.way == "irsa":
        return
    able = [
        result for result in decision.statements if result.statement.effect == "Allow" and result.principal
    ]
    if not able or any(result.statement.covers(TAG_SESSION) for result in able):
        return
    yield Mistake(
        "missing-tag-session",
        "refuses" if pod.session_tags else "note",
        able[0].statement.name,
        "sts:TagSession is missing: EKS passes session tags, and STS refuses the call without it."
        if pod.session_tags
        else "sts:TagSession is missing. AWS asks for it in every Pod Identity role; whether STS needs it when"
        " the association passes no tags is not documented.",
        f'Write "Action": ["{ASSUME_ROLE}", "{TAG_SESSION}"].',
    )


def _statement_mistakes(result: StatementResult, pod: Pod, decision: Decision) -> Iterator[Mistake]:
    statement = result.statement
    allows = statement.effect == "Allow"
    # One statement for each cluster or way is usual: those meant for others are no mistakes.
    is_meant = result.principal or not any(
        one.principal and one.statement.effect == "Allow" for one in decision.statements
    )
    if allows and statement.not_principal:
        yield Mistake(
            "not-principal",
            "opens",
            statement.name,
            "an Allow with NotPrincipal lets in everyone who is not named.",
            "Name who may come in with Principal.",
        )
    elif allows and not result.principal and is_meant:
        yield from principal_mistakes(statement, pod)
    elif allows and ("AWS", "*") in statement.principals:
        yield Mistake(
            "anyone",
            "opens",
            statement.name,
            "the Principal * is anyone in any account; only the conditions keep them out.",
            "Name the principal.",
        )
    if allows and is_meant and not decision.allowed:
        yield from action_mistakes(result, pod)
    for condition in result.conditions:
        yield from condition_mistakes(condition, result, pod, is_judged=is_meant and not decision.allowed)
    if allows and result.principal and result.actions:
        yield from _open_mistakes(result, pod)


def _pins(condition: Condition, key: str) -> bool:
    """Whether a condition narrows a key: it has to be there and to match."""
    operator = condition.operator
    return (
        condition.key.lower() == key.lower()
        and not operator.negated
        and not operator.if_exists
        and operator.family in ("string", "arn")
        and operator.qualifier != "ForAllValues"
    )


def _open_mistakes(result: StatementResult, pod: Pod) -> Iterator[Mistake]:
    statement = result.statement
    if pod.way == "irsa":
        yield from _open_token_mistakes(statement, pod)
        return
    pinned = {condition.key.lower() for condition in statement.conditions if _pins(condition, condition.key)}
    marks = ("aws:requesttag/", "aws:principaltag/", "aws:source", "sts:externalid")
    if pod.way == "pod-identity" and not any(key.startswith(marks) for key in pinned):
        yield Mistake(
            "any-association",
            "opens",
            statement.name,
            "without conditions any association of the account may use the role, if its author may pass it.",
            "Pin aws:SourceArn and the tags kubernetes-namespace and kubernetes-service-account.",
        )
    if pod.way == "pod-identity-target" and not any(key.startswith(marks) for key in pinned):
        yield Mistake(
            "any-session",
            "opens",
            statement.name,
            "without conditions every pod that has the first role gets this one too.",
            "Pin the request tags, or sts:ExternalId when tags are off.",
        )


def _open_token_mistakes(statement: Statement, pod: Pod) -> Iterator[Mistake]:
    if not statement.covers(WEB_IDENTITY):
        return
    subjects = [each for each in statement.conditions if _pins(each, f"{pod.issuer}:sub")]
    if not subjects and not _is_misspelt(statement, pod, "sub"):
        yield Mistake(
            "missing-sub",
            "opens",
            statement.name,
            "no condition pins :sub, so every service account of the cluster may assume the role.",
            f'Add "{pod.issuer}:sub": "{pod.subject}" under StringEquals.',
        )
    likes = [value for condition in subjects if condition.operator.wildcards for value in condition.values]
    if any(glob(value, "system:serviceaccount:\0:\0") for value in likes):
        what = "the pattern for :sub fits every service account of the cluster."
        instead = f'Write "{pod.subject}", or one namespace.'
        yield Mistake("subject-pattern-open", "opens", statement.name, what, instead)
    elif any(glob(value, f"system:serviceaccount:{pod.namespace}:\0") for value in likes):
        what = f"the pattern for :sub fits every service account of the namespace {pod.namespace}."
        yield Mistake("subject-pattern-namespace", "note", statement.name, what, "Meant so? Else name it.")
    pins_audience = any(_pins(each, f"{pod.issuer}:aud") for each in statement.conditions)
    if not pins_audience and not _is_misspelt(statement, pod, "aud"):
        yield Mistake(
            "missing-aud",
            "opens",
            statement.name,
            "no condition pins :aud, so a token that was made for another audience would do, if the provider"
            " lists it.",
            f'Add "{pod.issuer}:aud": "{AUDIENCES["irsa"]}" under StringEquals.',
        )


def _is_misspelt(statement: Statement, pod: Pod, claim: str) -> bool:
    """Whether a condition means a claim of the token but names a key that is never there."""
    own = f"{pod.issuer}:{claim}".lower()
    keys = [condition.key.lower() for condition in statement.conditions]
    return any(key != own and (key == claim or key.endswith(f":{claim}")) for key in keys)
