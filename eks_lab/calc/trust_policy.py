"""Does a role's trust policy let a pod in? The request that EKS or the SDK sends, judged as STS does.

Calculator, IAM simulator and STS of the sandbox share it. A pod comes in one of three ways: with its own
token (IRSA), through EKS Pod Identity, or as the second role of a Pod Identity association.
Sources: `SOURCES` below.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from eks_lab.calc.iam_condition import MULTIVALUED, OPERATORS, holds
from eks_lab.calc.iam_policy import GRAMMAR, Condition, Policy, Statement
from eks_lab.calc.model import Reference
from eks_lab.errors import InputError

Way = Literal["irsa", "pod-identity", "pod-identity-target"]
WAYS: tuple[Way, ...] = get_args(Way)

WEB_IDENTITY = "sts:AssumeRoleWithWebIdentity"
ASSUME_ROLE = "sts:AssumeRole"
TAG_SESSION = "sts:TagSession"
POD_IDENTITY_SERVICE = "pods.eks.amazonaws.com"
AUDIENCES: dict[Way, str] = {
    "irsa": "sts.amazonaws.com",
    "pod-identity": POD_IDENTITY_SERVICE,
    "pod-identity-target": POD_IDENTITY_SERVICE,
}
"""Audience of the token that a pod gets."""
UNKNOWN_POD = "a-pod"
UNKNOWN_UID = "00000000-0000-0000-0000-000000000000"

IRSA = Reference(
    title="EKS user guide: Assign IAM roles to Kubernetes service accounts",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/eks/latest/userguide/associate-service-account-role.html",
)
POD_IDENTITY = Reference(
    title="EKS user guide: Create IAM role with trust policy required by EKS Pod Identity",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/eks/latest/userguide/pod-id-role.html",
)
SESSION_TAGS = Reference(
    title="EKS user guide: Grant Pods access based on tags (session tags of Pod Identity)",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/eks/latest/userguide/pod-id-abac.html",
)
TARGET_ROLE = Reference(
    title="EKS user guide: EKS Pod Identity target IAM roles",
    date="2026-11-22",
    url="https://docs.aws.amazon.com/eks/latest/userguide/pod-id-assign-target-role.html",
)
SOURCES: dict[Way, tuple[Reference, ...]] = {
    "irsa": (IRSA, OPERATORS, MULTIVALUED, GRAMMAR),
    "pod-identity": (POD_IDENTITY, SESSION_TAGS, OPERATORS, MULTIVALUED, GRAMMAR),
    "pod-identity-target": (TARGET_ROLE, SESSION_TAGS, OPERATORS, MULTIVALUED, GRAMMAR),
}


@dataclass(frozen=True, slots=True)
class Pod:
    """Who asks, and from which cluster."""

    way: Way
    """How it comes to the role."""
    issuer: str
    """OIDC issuer of the cluster, without `https://`."""
    namespace: str
    """Of the service account."""
    service_account: str
    """Its name."""
    audience: str
    """Of the token."""
    account: str
    """Twelve digits: of the cluster, and of the IAM provider."""
    region: str
    """Of the cluster."""
    cluster: str
    """Name of the cluster."""
    session_tags: bool = True
    """Whether the association passes its six tags."""
    pod_identity_role: str = ""
    """For a target role: name of the first role of the association."""
    context: Mapping[str, str] = field(default_factory=dict)
    """Further keys of the request, or other values for known ones."""

    @property
    def subject(self) -> str:
        """Return the `sub` of its token."""
        return f"system:serviceaccount:{self.namespace}:{self.service_account}"

    @property
    def partition(self) -> str:
        """Return the partition of its Region: `aws`, `aws-cn` or `aws-us-gov`."""
        if self.region.startswith("cn-"):
            return "aws-cn"
        return "aws-us-gov" if self.region.startswith("us-gov-") else "aws"

    @property
    def provider_arn(self) -> str:
        """Return the ARN of the IAM provider of its cluster."""
        return f"arn:{self.partition}:iam::{self.account}:oidc-provider/{self.issuer}"

    @property
    def cluster_arn(self) -> str:
        """Return the ARN of its cluster."""
        return f"arn:{self.partition}:eks:{self.region}:{self.account}:cluster/{self.cluster}"

    @property
    def role_arn(self) -> str:
        """Return the ARN of the first role, which asks for the target role."""
        return f"arn:{self.partition}:iam::{self.account}:role/{self.pod_identity_role}"

    @property
    def external_id(self) -> str:
        """Return what EKS passes to a target role as `sts:ExternalId` when session tags are off."""
        return f"{self.region}/{self.account}/{self.cluster}/{self.namespace}/{self.service_account}"

    @property
    def tags(self) -> dict[str, str]:
        """Return the session tags that EKS adds."""
        return {
            "eks-cluster-arn": self.cluster_arn,
            "eks-cluster-name": self.cluster,
            "kubernetes-namespace": self.namespace,
            "kubernetes-service-account": self.service_account,
            "kubernetes-pod-name": UNKNOWN_POD,
            "kubernetes-pod-uid": UNKNOWN_UID,
        }


@dataclass(frozen=True, slots=True)
class Request:
    """What STS sees."""

    actions: tuple[str, ...]
    """All of them have to be allowed."""
    kind: Literal["Federated", "Service", "AWS"]
    """Kind of the principal."""
    principals: tuple[str, ...]
    """Names under which the principal may stand in a policy."""
    context: dict[str, tuple[str, ...]]
    """Condition key in lower case -> values."""


def _irsa_context(pod: Pod) -> dict[str, tuple[str, ...]]:
    return {f"{pod.issuer}:aud": (pod.audience,), f"{pod.issuer}:sub": (pod.subject,)}


def _tag_context(pod: Pod) -> dict[str, tuple[str, ...]]:
    if not pod.session_tags:
        return {}
    found: dict[str, tuple[str, ...]] = {f"aws:RequestTag/{key}": (value,) for key, value in pod.tags.items()}
    # The tags are transitive: they go along to a role assumed from this session.
    return {**found, "aws:TagKeys": tuple(pod.tags), "sts:TransitiveTagKeys": tuple(pod.tags)}


def _service_context(pod: Pod) -> dict[str, tuple[str, ...]]:
    return {
        "aws:SourceAccount": (pod.account,),
        "aws:SourceArn": (pod.cluster_arn,),
        "aws:PrincipalServiceName": (POD_IDENTITY_SERVICE,),
        "aws:PrincipalIsAWSService": ("true",),
        **_tag_context(pod),
    }


def _target_context(pod: Pod) -> dict[str, tuple[str, ...]]:
    found: dict[str, tuple[str, ...]] = {
        "aws:PrincipalArn": (pod.role_arn,),
        "aws:PrincipalAccount": (pod.account,),
        "aws:PrincipalType": ("AssumedRole",),
        "aws:PrincipalIsAWSService": ("false",),
        **_tag_context(pod),
    }
    if pod.session_tags:
        return found | {f"aws:PrincipalTag/{key}": (value,) for key, value in pod.tags.items()}
    return {**found, "sts:ExternalId": (pod.external_id,)}


def request_of(pod: Pod) -> Request:
    """Return the request that reaches STS for a pod."""
    if pod.way == "irsa":
        context = _irsa_context(pod)
        actions: tuple[str, ...] = (WEB_IDENTITY,)
        kind: Literal["Federated", "Service", "AWS"] = "Federated"
        principals: tuple[str, ...] = (pod.provider_arn,)
    elif pod.way == "pod-identity":
        context, actions, kind = _service_context(pod), (ASSUME_ROLE, TAG_SESSION), "Service"
        principals = (POD_IDENTITY_SERVICE,)
    else:
        context, actions, kind = _target_context(pod), (ASSUME_ROLE, TAG_SESSION), "AWS"
        root = f"arn:{pod.partition}:iam::{pod.account}:root"
        principals = (pod.role_arn, root, pod.account)
    if not pod.session_tags and pod.way != "irsa":
        # A request without tags asks for no permission to tag.
        actions = (ASSUME_ROLE,)
    lowered = {key.lower(): values for key, values in context.items()}
    own = {key.lower(): (value,) for key, value in pod.context.items()}
    return Request(actions=actions, kind=kind, principals=principals, context=lowered | own)


@dataclass(frozen=True, slots=True)
class ConditionResult:
    """One condition, judged."""

    condition: Condition
    """As written."""
    given: tuple[str, ...] | None
    """Values of the request; None when the key is not in it."""
    holds: bool
    """Whether it lets the statement apply."""


@dataclass(frozen=True, slots=True)
class StatementResult:
    """One statement, judged."""

    statement: Statement
    """As written."""
    actions: tuple[str, ...]
    """Actions of the request that it covers."""
    principal: bool
    """Whether it is about this principal."""
    conditions: tuple[ConditionResult, ...]
    """In their order."""

    @property
    def applies(self) -> bool:
        """Whether it applies to the actions it covers."""
        return bool(self.actions) and self.principal and all(result.holds for result in self.conditions)


@dataclass(frozen=True, slots=True)
class Decision:
    """What STS decides, and why."""

    request: Request
    """What was asked."""
    statements: tuple[StatementResult, ...]
    """All, in their order."""

    @property
    def denied_by(self) -> StatementResult | None:
        """Return the first Deny that applies; it beats every Allow."""
        return next((one for one in self.statements if one.statement.effect == "Deny" and one.applies), None)

    @property
    def missing_actions(self) -> tuple[str, ...]:
        """Return the actions that no Allow statement grants."""
        granted = {
            action
            for one in self.statements
            if one.statement.effect == "Allow" and one.applies
            for action in one.actions
        }
        return tuple(action for action in self.request.actions if action not in granted)

    @property
    def allowed(self) -> bool:
        """Whether the role may be assumed."""
        return self.denied_by is None and not self.missing_actions


def _principal_matches(statement: Statement, request: Request) -> bool:
    def names(kind: str, name: str) -> bool:
        if kind == "AWS" and name == "*":
            return True
        return kind == request.kind and name in request.principals

    found = any(names(kind, name) for kind, name in statement.principals)
    return found != statement.not_principal


def check_trust_policy(policy: Policy, *, field: str = "policy") -> None:
    """Check what IAM asks of a trust policy beyond any policy.

    Args:
        policy: a policy document.
        field: the input it was typed into, for messages.

    Raises:
        InputError: a statement has no principal, or a resource.
    """
    for statement in policy.statements:
        if statement.resources:
            raise InputError(
                f"{field}: {statement.name} has a Resource; a trust policy has none, the role is the resource",
                hint="Remove Resource.",
            )
        if not statement.principals:
            raise InputError(
                f"{field}: {statement.name} has no Principal; a trust policy says who may assume the role",
                hint="This may be a permission policy. Give the role's trust policy.",
            )


def decide(policy: Policy, request: Request) -> Decision:
    """Return what STS decides.

    Args:
        policy: the trust policy of a role.
        request: what is asked.
    """
    results = []
    for statement in policy.statements:
        conditions = []
        for condition in statement.conditions:
            given = request.context.get(condition.key.lower())
            conditions.append(
                ConditionResult(
                    condition=condition,
                    given=given,
                    holds=holds(
                        condition.operator,
                        condition.values,
                        given,
                        request.context,
                        variables=policy.has_variables,
                    ),
                )
            )
        results.append(
            StatementResult(
                statement=statement,
                actions=tuple(action for action in request.actions if statement.covers(action)),
                principal=_principal_matches(statement, request),
                conditions=tuple(conditions),
            )
        )
    return Decision(request=request, statements=tuple(results))


def least_policy(pod: Pod) -> dict[str, Any]:
    """Return a trust policy that lets in this service account and nobody else, as JSON values."""
    if pod.way == "irsa":
        conditions = {
            f"{pod.issuer}:aud": AUDIENCES["irsa"],
            f"{pod.issuer}:sub": pod.subject,
        }
        return _document({"Federated": pod.provider_arn}, WEB_IDENTITY, conditions)
    pinned = {
        f"aws:RequestTag/{key}": pod.tags[key]
        for key in ("eks-cluster-arn", "kubernetes-namespace", "kubernetes-service-account")
    }
    actions = [ASSUME_ROLE, TAG_SESSION]
    if pod.way == "pod-identity":
        source = {"aws:SourceAccount": pod.account, "aws:SourceArn": pod.cluster_arn}
        return _document(
            {"Service": POD_IDENTITY_SERVICE}, actions, source | pinned if pod.session_tags else source
        )
    external = {"sts:ExternalId": pod.external_id}
    return _document({"AWS": pod.role_arn}, actions, pinned if pod.session_tags else external)


def _document(principal: dict[str, str], action: object, conditions: dict[str, str]) -> dict[str, Any]:
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": principal,
                "Action": action,
                "Condition": {"StringEquals": conditions},
            }
        ],
    }
