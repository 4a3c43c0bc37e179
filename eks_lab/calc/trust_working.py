"""The working of the calculator trust: each statement condition by condition, and the sentence on top."""

from __future__ import annotations

from eks_lab.calc.model import Grid, Step
from eks_lab.calc.trust_mistake import Mistake, abbreviated
from eks_lab.calc.trust_policy import (
    AUDIENCES,
    ConditionResult,
    Decision,
    Pod,
    StatementResult,
)

_LONGEST = 160
_WAYS = {
    "irsa": "through IRSA",
    "pod-identity": "through Pod Identity",
    "pod-identity-target": "as target role of Pod Identity",
}


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}…"


def _listed(values: tuple[str, ...], pod: Pod) -> str:
    return _cut(" or ".join(abbreviated(value, pod) for value in values))


def steps(pod: Pod, decision: Decision) -> tuple[Step, ...]:
    """Return the working: the request, each statement, the decision."""
    found = [*_request_steps(pod, decision)]
    for result in decision.statements:
        found += _statement_steps(result, decision, pod)
    found.append(_decision_step(pod, decision))
    return tuple(found)


def _request_steps(pod: Pod, decision: Decision) -> list[Step]:
    if pod.way == "irsa":
        return [
            Step(
                formula="ISSUER = issuer of the token without https://",
                substitution=pod.issuer,
                value=pod.issuer,
                unit="",
                why="Condition keys are ISSUER:sub and ISSUER:aud; the provider's ARN ends with it.",
            ),
            Step(
                formula="sub = system:serviceaccount:NAMESPACE:NAME",
                substitution=pod.subject,
                value=pod.subject,
                unit="",
                why=f"The token also says aud = {pod.audience}.",
            ),
        ]
    principal = decision.request.principals[0]
    return [
        Step(
            formula="principal of the request",
            substitution=principal,
            value=principal,
            unit="",
            why="EKS Auth checks the token, finds the association and asks STS."
            if pod.way == "pod-identity"
            else "The session of the first role asks for the second.",
        ),
        Step(
            formula="token is for EKS Auth = audience is pods.eks.amazonaws.com",
            substitution=f"{pod.audience} = {AUDIENCES[pod.way]}",
            value=pod.audience == AUDIENCES[pod.way],
            unit="",
            why="Checked before any trust policy is looked at.",
        ),
    ]


def _statement_steps(result: StatementResult, decision: Decision, pod: Pod) -> list[Step]:
    statement = result.statement
    name = statement.name
    wanted = "NotAction" if statement.not_action else "Action"
    principal = "NotPrincipal" if statement.not_principal else "Principal"
    names = tuple(f"{kind} {value}" for kind, value in statement.principals)
    found = [
        Step(
            formula=f"{name}, {wanted}: about {' or '.join(decision.request.actions)}",
            substitution=_cut(", ".join(statement.actions)),
            value=bool(result.actions),
            unit="",
            why=_actions_why(result, decision),
        ),
        Step(
            formula=f"{name}, {principal}: about {_cut(abbreviated(decision.request.principals[0], pod))}",
            substitution=_listed(names, pod),
            value=result.principal,
            unit="",
            why="Compared letter by letter; a principal has no wildcards but the whole *.",
        ),
    ]
    for condition in result.conditions:
        found.append(
            Step(
                formula=f"{name}, {condition.condition.operator.name} {abbreviated(condition.condition.key, pod)}",
                substitution=f"policy {_listed(condition.condition.values, pod)}; request"
                f" {_given(condition, pod)}",
                value=condition.holds,
                unit="",
                why=_condition_why(condition),
            )
        )
    words = " and ".join(
        "yes" if one else "no"
        for one in (bool(result.actions), result.principal, *(each.holds for each in result.conditions))
    )
    found.append(
        Step(
            formula=f"{name} applies = action and principal and every condition",
            substitution=_cut(words),
            value=result.applies,
            unit="",
            why=f"Its effect is {statement.effect}.",
        )
    )
    return found


def _actions_why(result: StatementResult, decision: Decision) -> str:
    if not result.actions or len(decision.request.actions) == 1:
        return "Wildcards count, case does not."
    return f"It covers {' and '.join(result.actions)}; both actions have to be allowed."


def _given(result: ConditionResult, pod: Pod) -> str:
    return _cut(", ".join(abbreviated(value, pod) for value in result.given)) if result.given else "has none"


def _condition_why(result: ConditionResult) -> str:
    operator = result.condition.operator
    if operator.family == "null":
        return "Null asks whether the key is missing."
    if not result.given:
        if operator.if_exists:
            return "The key is missing, and IfExists lets that pass."
        if operator.qualifier == "ForAllValues":
            return "The key is missing, and ForAllValues holds for no values at all."
        if operator.qualifier == "ForAnyValue":
            return "The key is missing, so no value of it can match."
        if operator.negated:
            return "The key is missing, and a negated operator holds then."
        return "The key is missing, so nothing matches."
    if operator.qualifier == "ForAllValues":
        return "Every value of the request has to match one of the policy."
    if operator.qualifier == "ForAnyValue":
        return "One value of the request has to match one of the policy."
    if operator.negated:
        return "No value of the policy may match."
    if operator.wildcards:
        return "* and ? stand for other letters; one value has to match."
    return "One value has to be the same, letter by letter." if operator.family == "string" else ""


def _decision_step(pod: Pod, decision: Decision) -> Step:
    missing = ", ".join(decision.missing_actions) or "nothing"
    denied = decision.denied_by
    return Step(
        formula="allowed = nothing is left without an Allow, and no Deny applies",
        substitution=f"left: {missing}; Deny: {denied.statement.name if denied else 'none'}",
        value=is_allowed(pod, decision),
        unit="",
        why="Without an Allow the answer is no; a Deny beats every Allow.",
    )


def is_allowed(pod: Pod, decision: Decision) -> bool:
    """Whether the pod gets the role: STS says so, and EKS Auth takes the token before that."""
    return decision.allowed and (pod.way == "irsa" or pod.audience == AUDIENCES[pod.way])


def conditions_grid(pod: Pod, decision: Decision) -> Grid:
    """Return every condition of every statement in a table."""
    return Grid(
        title="Conditions",
        columns=("Statement", "Operator", "Key", "Policy", "Request", "Holds"),
        rows=tuple(
            (
                result.statement.number,
                each.condition.operator.name,
                abbreviated(each.condition.key, pod),
                _listed(each.condition.values, pod),
                _given(each, pod),
                "yes" if each.holds else "no",
            )
            for result in decision.statements
            for each in result.conditions
        ),
    )


def mistakes_grid(found: tuple[Mistake, ...]) -> Grid:
    """Return the mistakes in a table."""
    words = {"refuses": "keeps it out", "opens": "lets others in", "note": "worth knowing"}
    return Grid(
        title="Mistakes",
        columns=("Where", "Mistake", "Effect"),
        rows=tuple((mistake.where, mistake.name, words[mistake.effect]) for mistake in found),
    )


def headline(pod: Pod, decision: Decision, found: tuple[Mistake, ...]) -> str:
    """Return the answer in one sentence."""
    who = f"{pod.namespace}/{pod.service_account}"
    way = _WAYS[pod.way]
    if is_allowed(pod, decision):
        opens = sum(mistake.effect == "opens" for mistake in found)
        return f"Allowed: {who} gets the role {way}{_too_open(opens)}."
    return f"Refused: {who} does not get the role {way}: {_reason(pod, decision)}."


def _too_open(opens: int) -> str:
    if not opens:
        return ""
    return ", but one thing lets others in" if opens == 1 else f", but {opens} things let others in"


def _reason(pod: Pod, decision: Decision) -> str:
    if pod.way != "irsa" and pod.audience != AUDIENCES[pod.way]:
        return f"EKS Auth refuses a token for {pod.audience}"
    if decision.denied_by is not None:
        return f"{decision.denied_by.statement.name} denies it"
    allows = [result for result in decision.statements if result.statement.effect == "Allow"]
    if not allows:
        return "no statement allows anything"
    about = [result for result in allows if result.principal]
    if not about:
        return "no Allow statement is about its principal"
    missing = decision.missing_actions
    near = [result for result in about if set(result.actions) & set(missing)]
    if not near:
        return f"no statement about its principal grants {' and '.join(missing)}"
    best = min(near, key=lambda result: sum(not each.holds for each in result.conditions))
    failed = [each for each in best.conditions if not each.holds]
    first = failed[0]
    more = f" and {len(failed) - 1} more" if len(failed) > 1 else ""
    key = abbreviated(first.condition.key, pod)
    return f"{best.statement.name} fails on {_cut(key)}{more}"
