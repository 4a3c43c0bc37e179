"""Mistakes in who a trust policy lets in, and for which action."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.calc.iam_policy import Statement
from eks_lab.calc.trust_mistake import Mistake, abbreviated
from eks_lab.calc.trust_policy import (
    ASSUME_ROLE,
    POD_IDENTITY_SERVICE,
    WEB_IDENTITY,
    Pod,
    StatementResult,
)

_OIDC_MARK = ":oidc-provider/"


def principal_mistakes(statement: Statement, pod: Pod) -> Iterator[Mistake]:
    """Yield why an Allow statement is not about a pod.

    Args:
        statement: whose principals do not match.
        pod: who asks.
    """
    ways = {"irsa": "IRSA", "pod-identity": "Pod Identity", "pod-identity-target": "a target role"}
    for kind, name in statement.principals:
        where = statement.name
        if kind == "Service" and name == "ec2.amazonaws.com":
            yield Mistake(
                "ec2-principal",
                "refuses",
                where,
                "the principal is ec2.amazonaws.com: that is the trust of a node role, no pod comes as EC2.",
                _right_principal(pod),
            )
        elif kind == "Federated":
            if pod.way == "irsa":
                yield _provider_mistake(where, name, pod)
            else:
                yield _wrong_way(where, "IRSA", ways[pod.way], pod)
        elif kind == "Service" and name == POD_IDENTITY_SERVICE:
            yield _wrong_way(where, "Pod Identity", ways[pod.way], pod)
        elif kind == "Service":
            yield Mistake(
                "wrong-service",
                "refuses",
                where,
                f"the principal is the service {name}, which sends no request for a pod.",
                _right_principal(pod),
            )
        elif pod.way == "pod-identity-target" and kind == "AWS":
            yield _role_mistake(where, name, pod)
        else:
            yield Mistake(
                "wrong-principal",
                "refuses",
                where,
                f"the principal is {kind} {name[:80]}, a pod does not come as that.",
                _right_principal(pod),
            )


def _right_principal(pod: Pod) -> str:
    if pod.way == "irsa":
        return f'Write "Federated": "{pod.provider_arn}".'
    if pod.way == "pod-identity":
        return f'Write "Service": "{POD_IDENTITY_SERVICE}".'
    return f'Write "AWS": "{pod.role_arn}".'


def _wrong_way(where: str, meant: str, used: str, pod: Pod) -> Mistake:
    return Mistake(
        "wrong-way",
        "refuses",
        where,
        f"this is the trust of {meant}; the pod comes through {used}.",
        _right_principal(pod),
    )


def _provider_mistake(where: str, name: str, pod: Pod) -> Mistake:
    if "*" in name or "?" in name:
        return Mistake(
            "wildcard-principal",
            "refuses",
            where,
            "a wildcard in the Federated principal is no wildcard, IAM takes none there.",
            _right_principal(pod),
        )
    if _OIDC_MARK not in name:
        return Mistake(
            "issuer-as-principal" if "/id/" in name else "wrong-provider",
            "refuses",
            where,
            f"the Federated principal {abbreviated(name, pod)[:80]} is not the ARN of an OIDC provider.",
            _right_principal(pod),
        )
    head, _, issuer = name.partition(_OIDC_MARK)
    if issuer.startswith(("https://", "http://")):
        return Mistake(
            "provider-with-scheme",
            "refuses",
            where,
            "the ARN of the provider holds https://, which no provider's ARN does.",
            _right_principal(pod),
        )
    if issuer != pod.issuer:
        return Mistake(
            "wrong-provider",
            "refuses",
            where,
            f"the provider is that of issuer {issuer[:90]}, the token's is {pod.issuer}. A cluster that was"
            " built again has a new one.",
            "Create the IAM provider for the token's issuer and name it here.",
        )
    return Mistake(
        "wrong-account",
        "refuses",
        where,
        f"the provider is {head[:40]}…, the role's account is {pod.account} in partition {pod.partition}.",
        "The IAM provider has to be in the account of the role: create it there.",
    )


def _role_mistake(where: str, name: str, pod: Pod) -> Mistake:
    if "*" in name:
        what = "a wildcard in a principal ARN is refused by IAM."
        return Mistake("wildcard-principal", "refuses", where, what, _right_principal(pod))
    if ":assumed-role/" in name:
        what = "the principal is one session of a role; the next pod has another."
        return Mistake("session-principal", "refuses", where, what, _right_principal(pod))
    account = name if name.isdigit() else name.split(":")[4] if name.count(":") >= 5 else ""
    if account and account != pod.account:
        what = f"the principal is of account {account[:20]}, the first role of {pod.account}."
        return Mistake("wrong-account", "refuses", where, what, _right_principal(pod))
    what = f"the principal is {name[:90]}, not the first role of the association."
    return Mistake("wrong-role", "refuses", where, what, _right_principal(pod))


def action_mistakes(result: StatementResult, pod: Pod) -> Iterator[Mistake]:
    """Yield why an Allow statement does not grant what a pod asks for.

    Args:
        result: the statement, judged.
        pod: who asks.
    """
    statement = result.statement
    needed = WEB_IDENTITY if pod.way == "irsa" else ASSUME_ROLE
    other = ASSUME_ROLE if pod.way == "irsa" else WEB_IDENTITY
    if not statement.covers(needed) and statement.covers(other):
        yield Mistake(
            "wrong-action",
            "refuses",
            statement.name,
            f"it grants {other}; "
            + ("a token asks for" if pod.way == "irsa" else "EKS asks for")
            + f" {needed}.",
            f"Write {needed}.",
        )
