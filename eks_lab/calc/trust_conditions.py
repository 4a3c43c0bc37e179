"""Mistakes in the conditions of a trust policy: keys that are never there, values that never match."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.calc.iam_condition import glob
from eks_lab.calc.iam_policy import Condition
from eks_lab.calc.trust_mistake import Effect, Mistake, abbreviated
from eks_lab.calc.trust_policy import UNKNOWN_POD, UNKNOWN_UID, ConditionResult, Pod, StatementResult

_CLAIMS = (":sub", ":aud", ":amr", ":azp")
_MULTIVALUED = ("aws:tagkeys", "sts:transitivetagkeys")


def condition_mistakes(
    result: ConditionResult, statement: StatementResult, pod: Pod, *, is_judged: bool
) -> Iterator[Mistake]:
    """Yield what is wrong with one condition.

    Args:
        result: the condition, judged.
        statement: its statement.
        pod: who asks.
        is_judged: whether the pod is refused and the statement was meant for it.
    """
    condition, operator = result.condition, result.condition.operator
    where = statement.statement.name
    allows = statement.statement.effect == "Allow"
    shown = abbreviated(condition.key, pod)
    effect: Effect = "refuses" if allows and is_judged and not result.holds else "note"
    malformed = _key_mistake(condition, where, effect, pod, is_own=statement.principal or is_judged)
    if malformed is not None:
        yield malformed
        return
    stars = [value for value in condition.values if _has_wildcard(value)]
    if stars and operator.family == "string" and not operator.wildcards:
        like = operator.base.replace("Equals", "Like").replace("IgnoreCase", "")
        yield Mistake(
            "wildcard-under-equals",
            effect,
            where,
            f"{operator.name} compares letter by letter, so in {shown} {stars[0][:80]!r} the * or ? is just"
            " that.",
            f"Write {like}.",
        )
    elif result.given in ((UNKNOWN_POD,), (UNKNOWN_UID,)):
        what = f"{shown} is another for every pod; the calculator does not know it."
        yield Mistake("pod-name-condition", effect, where, what, f"Give it with context: {shown}=value.")
    elif effect == "refuses":
        yield from _value_mistakes(result, where, pod)
    if condition.key.lower() in _MULTIVALUED and not operator.qualifier and operator.family != "null":
        yield Mistake(
            "missing-set-operator",
            "note",
            where,
            f"{shown} has several values; without a set operator one match is enough, as reckoned here.",
            "Write ForAllValues: or ForAnyValue: before the operator.",
        )
    if allows and operator.qualifier == "ForAllValues":
        yield Mistake(
            "for-all-values",
            "opens",
            where,
            f"{operator.name} holds also when {shown} is not in the request at all.",
            "For a key with one value leave ForAllValues out.",
        )


def _has_wildcard(value: str) -> bool:
    outside = value
    while (start := outside.find("${")) >= 0 and (end := outside.find("}", start)) >= 0:
        outside = outside[:start] + outside[end + 1 :]
    return "*" in outside or "?" in outside


def _key_mistake(
    condition: Condition, where: str, effect: Effect, pod: Pod, *, is_own: bool
) -> Mistake | None:
    """Return what is wrong with a key that can never be in the request.

    Args:
        condition: with the key.
        where: name of its statement.
        effect: what it leads to.
        pod: who asks.
        is_own: whether the statement is meant for this pod's cluster.
    """
    key, shown = condition.key.lower(), abbreviated(condition.key, pod)
    claim = next((claim for claim in _CLAIMS if key.endswith(claim)), "")
    right = f'Write "{pod.issuer}{claim or ":sub"}".'
    if "://" in key:
        what = f"the key {shown[:100]} holds https://, so it is never in the request."
        return Mistake("key-with-scheme", effect, where, what, right)
    if key.startswith("arn:"):
        what = f"the key {shown[:100]} is made of the provider's ARN; keys begin with the bare issuer."
        return Mistake("key-with-arn", effect, where, what, right)
    if pod.way == "irsa":
        if key in ("sub", "aud"):
            what = f"the key {shown} lacks the issuer before it."
            instead = f'Write "{pod.issuer}:{key}".'
            return Mistake("key-without-issuer", effect, where, what, instead)
        if is_own and claim and "." in key and not key.startswith(f"{pod.issuer.lower()}:"):
            what = f"the key {shown[:110]} is that of another issuer, the token's is {pod.issuer}."
            return Mistake("key-of-other-issuer", effect, where, what, right)
        of_association = key.startswith(("aws:requesttag/kubernetes-", "aws:requesttag/eks-"))
        if is_own and (of_association or key == "aws:sourcearn"):
            what = f"the key {shown} belongs to Pod Identity; a token's request has none."
            return Mistake("pod-identity-key", effect, where, what, right)
        return None
    if is_own and claim and "/id/" in key:
        what = f"the key {shown[:100]} belongs to IRSA; a request of Pod Identity has none."
        instead = "Use aws:RequestTag/kubernetes-namespace and aws:RequestTag/kubernetes-service-account."
        return Mistake("irsa-key", effect, where, what, instead)
    return None


def _value_mistakes(result: ConditionResult, where: str, pod: Pod) -> Iterator[Mistake]:
    condition = result.condition
    key, shown = condition.key.lower(), abbreviated(condition.key, pod)
    wanted = " or ".join(abbreviated(value, pod)[:100] for value in condition.values[:3])
    if not result.given:
        if key.startswith("aws:requesttag/") and pod.way != "irsa" and not pod.session_tags:
            what = f"{shown} is never there: the association passes no session tags."
            yield Mistake("tags-disabled", "refuses", where, what, "Pin aws:SourceArn, or pass the tags.")
        else:
            what = f"{shown} is not in the request, as far as this calculator knows."
            yield Mistake(
                "missing-key", "refuses", where, what, f"If it is, give it with context: {shown}=value."
            )
        return
    if key == f"{pod.issuer}:sub".lower():
        yield from _subject_mistakes(condition, where, pod)
        return
    names = {
        f"{pod.issuer}:aud".lower(): "wrong-audience",
        "aws:requesttag/kubernetes-namespace": "wrong-namespace",
        "aws:requesttag/kubernetes-service-account": "wrong-service-account",
        "aws:requesttag/eks-cluster-name": "wrong-cluster",
        "aws:requesttag/eks-cluster-arn": "wrong-cluster",
        "aws:sourcearn": "wrong-cluster",
        "aws:sourceaccount": "wrong-account",
        "aws:principalarn": "wrong-role",
        "aws:principalaccount": "wrong-account",
        "sts:externalid": "wrong-external-id",
    }
    given = " and ".join(abbreviated(value, pod) for value in result.given[:3])
    what = f"{condition.operator.name} {shown} wants {wanted}, the request has {given}."
    yield Mistake(names.get(key, "wrong-value"), "refuses", where, what, "")


def _subject_mistakes(condition: Condition, where: str, pod: Pod) -> Iterator[Mistake]:
    if condition.operator.negated:
        what = f"{condition.operator.name} shuts {pod.subject} out."
        yield Mistake("wrong-subject", "refuses", where, what, "")
        return
    right = f'Write "{pod.subject}".'
    for value in condition.values[:3]:
        parts = value.split(":")
        if len(parts) != 4 or parts[:2] != ["system", "serviceaccount"]:
            what = f"{value[:90]!r} has not the form of a subject, system:serviceaccount:NAMESPACE:NAME."
            yield Mistake("subject-form", "refuses", where, what, right)
        elif not glob(parts[2], pod.namespace):
            what = f"the policy wants namespace {parts[2][:63]}, the token is of {pod.namespace}."
            yield Mistake("wrong-namespace", "refuses", where, what, right)
        else:
            what = f"the policy wants service account {parts[3][:90]}, the token is of {pod.service_account}."
            yield Mistake("wrong-service-account", "refuses", where, what, right)
