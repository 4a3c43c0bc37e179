"""Does this pod pass this trust policy? Condition by condition, for IRSA and Pod Identity.

The rules are in `eks_lab.calc.trust_policy`, the mistakes in `eks_lab.calc.trust_mistakes`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping

from eks_lab.calc import trust_working as working
from eks_lab.calc.iam_policy import read_policy
from eks_lab.calc.model import Answer, Calculator, Input, Value
from eks_lab.calc.price_overrides import read_pairs
from eks_lab.calc.trust_mistakes import mistakes
from eks_lab.calc.trust_policy import (
    AUDIENCES,
    SOURCES,
    WAYS,
    Pod,
    check_trust_policy,
    decide,
    least_policy,
    request_of,
)
from eks_lab.errors import InputError

_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", re.ASCII)
_SUBDOMAIN = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*", re.ASCII
)
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_CLUSTER = re.compile(r"[0-9A-Za-z][0-9A-Za-z_-]{0,99}", re.ASCII)
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d", re.ASCII)
_ROLE = re.compile(r"[\w+=,.@/-]{1,200}", re.ASCII)
_ISSUER = re.compile(r"[A-Za-z0-9.-]+(:\d+)?(/[^\s?#]*)?", re.ASCII)
_EKS_ISSUER = re.compile(r"oidc\.eks\.([a-z0-9-]+)\.amazonaws\.com", re.ASCII)
_LONGEST_SHOWN = 60
_ERRORS = {
    "irsa": "AccessDenied: Not authorized to perform sts:AssumeRoleWithWebIdentity",
    "pod-identity": "Unauthorized Exception! EKS does not have permissions to assume the associated role.",
}


def _checked(inputs: Mapping[str, Value], name: str, form: re.Pattern[str], what: str, example: str) -> str:
    text = str(inputs[name])
    if not form.fullmatch(text):
        shown = repr(text[: 2 * _LONGEST_SHOWN])
        shown = shown if len(shown) <= _LONGEST_SHOWN else f"{shown[: _LONGEST_SHOWN - 1]}…"
        raise InputError(f"{name}: {shown} is no {what}", hint=f"Write it as {example}.")
    return text


def _issuer(inputs: Mapping[str, Value]) -> str:
    text = str(inputs["issuer"])
    if text.startswith("http://"):
        raise InputError(
            f"issuer: {text[:_LONGEST_SHOWN]!r} is not https",
            hint="IAM takes only issuers that begin with https://.",
        )
    bare = {"issuer": text.removeprefix("https://")}
    return _checked(
        bare, "issuer", _ISSUER, "issuer", "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLE0123456789"
    )


def _region(inputs: Mapping[str, Value], issuer: str) -> str:
    if inputs["region"] is not None:
        return _checked(inputs, "region", _REGION, "Region", "us-east-1")
    match = _EKS_ISSUER.match(issuer)
    return match.group(1) if match else "us-east-1"


def _pod(inputs: Mapping[str, Value]) -> Pod:
    way = next(one for one in WAYS if one == inputs["identity"])
    issuer = _issuer(inputs)
    audience, context = inputs["audience"], inputs["context"]
    return Pod(
        way=way,
        issuer=issuer,
        namespace=_checked(inputs, "namespace", _LABEL, "name of a namespace", "reports"),
        service_account=_checked(
            inputs, "service_account", _SUBDOMAIN, "name of a service account", "reader"
        ),
        audience=AUDIENCES[way] if audience is None else str(audience),
        account=_checked(inputs, "account", _ACCOUNT, "account id of 12 digits", "111122223333"),
        region=_region(inputs, issuer),
        cluster=_checked(inputs, "cluster", _CLUSTER, "name of a cluster", "lab"),
        session_tags=inputs["session_tags"] is True,
        pod_identity_role=_checked(
            inputs, "pod_identity_role", _ROLE, "name of a role", "lab-reports-reader"
        ),
        context=read_pairs("context", context) if isinstance(context, str) else {},
    )


def trust(inputs: Mapping[str, Value]) -> Answer:
    """Answer whether a pod passes a trust policy.

    Args:
        inputs: checked inputs of `CALCULATOR`; without `policy` the least policy that lets the pod in
            is judged.

    Returns:
        `allowed`, `mistakes` (their names, those that keep the pod out first), `failed_conditions` of
        statements that are about the pod, `error` as the pod sees it (None when allowed or not on
        record) and `suggested_policy`, which lets in this service account and nobody else.

    Raises:
        InputError: a policy that is no JSON or that IAM refuses, or a name that no such thing can have.
    """
    pod = _pod(inputs)
    suggested = least_policy(pod)
    given = inputs["policy"]
    text = given if isinstance(given, str) else json.dumps(suggested)
    policy = read_policy(text)
    check_trust_policy(policy)
    decision = decide(policy, request_of(pod))
    allowed = working.is_allowed(pod, decision)
    found = mistakes(policy, pod, decision)
    conditions = [each for result in decision.statements for each in result.conditions]
    warnings = [mistake.sentence for mistake in found]
    if given is None:
        warnings.insert(0, "No policy was given: judged is the least one that lets this pod in.")
    if not allowed and pod.way in _ERRORS:
        warnings.append(f"The pod sees: {_ERRORS[pod.way]}")
    if pod.way == "irsa":
        warnings.append(
            f"Besides, the IAM provider has to exist in account {pod.account}, and pods made before the"
            " annotation have no token: restart them."
        )
    grids = [working.conditions_grid(pod, decision)] if conditions else []
    if found:
        grids.append(working.mistakes_grid(found))
    denied = decision.denied_by
    return Answer(
        calculator="trust",
        headline=working.headline(pod, decision, found),
        inputs=dict(inputs),
        result={
            "allowed": allowed,
            "denied_by": denied.statement.name if denied else None,
            "missing_actions": list(decision.missing_actions),
            "mistakes": [mistake.name for mistake in found],
            "statements": len(policy.statements),
            "conditions": len(conditions),
            "failed_conditions": sum(
                not each.holds
                for result in decision.statements
                if result.principal
                for each in result.conditions
            ),
            "policy_characters": policy.characters,
            "principal": decision.request.principals[0],
            "subject": pod.subject,
            "audience": pod.audience,
            "error": None if allowed else _ERRORS.get(pod.way),
            "suggested_policy": suggested,
        },
        steps=working.steps(pod, decision),
        sources=SOURCES[pod.way],
        warnings=tuple(warnings),
        grids=tuple(grids),
    )


def _text(name: str, label: str, default: str | None, about: str) -> Input:
    return Input(name=name, label=label, kind="text", default=default, help=about, optional=default is None)


CALCULATOR = Calculator(
    name="trust",
    title="Trust policy of a pod's role",
    summary="Whether a pod passes a role's trust policy, condition by condition, and the mistake when it does not.",
    inputs=(
        Input(
            name="policy",
            label="Trust policy",
            kind="document",
            default=None,
            help="The role's trust policy as JSON; not set: the least one that lets this pod in.",
            optional=True,
        ),
        Input(
            name="identity",
            label="Way",
            kind="choice",
            default="irsa",
            help="How the pod comes to the role; the target role is the second one of an association.",
            choices=WAYS,
        ),
        _text("namespace", "Namespace", "reports", "Namespace of the service account."),
        _text("service_account", "Service account", "reader", "Name of the pod's service account."),
        _text(
            "issuer",
            "Issuer",
            "https://oidc.eks.us-east-1.amazonaws.com/id/EXAMPLED539D4633E53DE1B71EXAMPLE",
            "OIDC issuer of the cluster: iss of the token.",
        ),
        _text(
            "audience",
            "Audience",
            None,
            "aud of the token; not set: sts.amazonaws.com for IRSA, pods.eks.amazonaws.com else.",
        ),
        _text("account", "Account", "111122223333", "Account of the cluster, and for IRSA of the role."),
        _text("cluster", "Cluster", "lab", "Name of the cluster, for Pod Identity."),
        _text("region", "Region", None, "Region of the cluster; not set: that of the issuer."),
        Input(
            name="session_tags",
            label="Session tags",
            kind="flag",
            default=True,
            help="Whether the association passes its six tags (disableSessionTags is off).",
        ),
        _text(
            "pod_identity_role",
            "First role",
            "lab-reports-reader",
            "For a target role: name of the association's role, which assumes it.",
        ),
        _text(
            "context",
            "Other keys",
            None,
            "Further condition keys of the request: aws:SourceIp=10.0.0.1,sts:RoleSessionName=x.",
        ),
    ),
    compute=trust,
    lesson="identity.irsa",
    result_units={
        "statements": "statements",
        "conditions": "conditions",
        "failed_conditions": "conditions",
        "policy_characters": "characters",
    },
)
