"""The rules about IAM policies; `policy` finds where they are broken."""

from __future__ import annotations

from eks_lab.checker.rule import ERROR, NOTE, WARNING, Rule

GRAMMAR = Rule(
    "iam-grammar", ERROR, "A policy that IAM refuses: an unknown element, no Effect, an action without its service.",
    "Write it as the policy grammar says.", "identity.choosing-and-debugging",
)  # fmt: skip
WILDCARD_UNDER_EQUALS = Rule(
    "iam-wildcard-under-equals", ERROR, "A * under StringEquals, which compares letter by letter: the condition never holds.",
    "Write StringLike, or the whole value.", "identity.irsa",
)  # fmt: skip
MISSING_SUB = Rule(
    "iam-irsa-missing-sub", ERROR, "An IRSA trust policy without :sub: every service account of the cluster may assume the role.",
    "Add ISSUER:sub = system:serviceaccount:NAMESPACE:NAME under StringEquals.", "identity.irsa",
)  # fmt: skip
MISSING_AUD = Rule(
    "iam-irsa-missing-aud", WARNING, "An IRSA trust policy without :aud: tokens made for somebody else are taken as well.",
    "Add ISSUER:aud = sts.amazonaws.com under StringEquals.", "identity.irsa",
)  # fmt: skip
KEY_WITH_ARN = Rule(
    "iam-irsa-key-with-arn", ERROR, "A condition key made of the provider's ARN: such a key is never in the request.",
    "Begin the key with the bare issuer, oidc.eks.REGION.amazonaws.com/id/ID.", "identity.irsa",
)  # fmt: skip
KEY_WITH_SCHEME = Rule(
    "iam-irsa-key-with-scheme", ERROR, "A condition key or provider with https:// in it: no request has such a key.",
    'Remove https://, in Terraform with replace(…, "https://", "").', "identity.irsa",
)  # fmt: skip
SUBJECT_FORM = Rule(
    "iam-irsa-subject-form", ERROR, "A :sub that is no subject of a service account.",
    "Write system:serviceaccount:NAMESPACE:NAME.", "identity.irsa",
)  # fmt: skip
WIDE_SUBJECT = Rule(
    "iam-irsa-wide-subject", WARNING, "A :sub that takes every service account of the cluster or of every namespace.",
    "Name namespace and service account.", "identity.irsa",
)  # fmt: skip
WRONG_AUDIENCE = Rule(
    "iam-irsa-audience", ERROR, "An :aud other than sts.amazonaws.com, which is what EKS puts into the token.",
    "Write sts.amazonaws.com.", "identity.irsa",
)  # fmt: skip
WRONG_ACTION = Rule(
    "iam-trust-action", ERROR, "The wrong action for a principal: a token asks for AssumeRoleWithWebIdentity, a service for AssumeRole.",
    "Write sts:AssumeRoleWithWebIdentity for Federated, sts:AssumeRole for Service and AWS.", "identity.irsa",
)  # fmt: skip
FEDERATED_PRINCIPAL = Rule(
    "iam-irsa-principal", ERROR, "A Federated principal that is no ARN of an OIDC provider.",
    "Write arn:aws:iam::ACCOUNT:oidc-provider/ISSUER.", "identity.irsa",
)  # fmt: skip
TAG_SESSION = Rule(
    "iam-pod-identity-tag-session", ERROR, "A Pod Identity trust policy without sts:TagSession: EKS cannot assume the role.",
    'Write "Action": ["sts:AssumeRole", "sts:TagSession"].', "identity.pod-identity",
)  # fmt: skip
EKS_PRINCIPAL = Rule(
    "iam-pod-identity-principal", ERROR, "A service near to Pod Identity's, but not the one that asks: pods.eks.amazonaws.com.",
    "Write pods.eks.amazonaws.com.", "identity.pod-identity",
)  # fmt: skip
POD_IDENTITY_OPEN = Rule(
    "iam-pod-identity-open", NOTE, "A Pod Identity trust policy without conditions: any association of the account may use the role.",
    "Add conditions on aws:SourceArn, or on aws:RequestTag/kubernetes-namespace and -service-account.", "identity.pod-identity",
)  # fmt: skip
STAR_ACTION = Rule(
    "iam-star-action", WARNING, "An Allow of every action, of everything or of a whole service that changes things.",
    "Name the actions that are needed.", "practices.security",
)  # fmt: skip
STAR_RESOURCE = Rule(
    "iam-star-resource", WARNING, "An Allow of actions that change things on every resource, without a condition.",
    "Name the resources, or add a condition on their tags.", "practices.security",
)  # fmt: skip
PASS_ROLE = Rule(
    "iam-pass-role-star", ERROR, "iam:PassRole on every role: whoever has it can hand an administrator's role to an instance.",
    "Name the roles, and add the condition iam:PassedToService.", "practices.security",
)  # fmt: skip
NOT_ACTION = Rule(
    "iam-allow-not-action", WARNING, "Allow with NotAction: it grants everything else, also what AWS adds tomorrow.",
    "Write Allow with Action, or Deny with NotAction.", "practices.security",
)  # fmt: skip
ANYBODY = Rule(
    "iam-anybody", WARNING, "An Allow for every principal, without a condition.",
    "Name the principal, or add a condition such as aws:PrincipalOrgID or aws:SourceArn.", "practices.security",
)  # fmt: skip
OLD_VERSION = Rule(
    "iam-old-version", WARNING, "A policy without Version 2012-10-17 that uses ${…}: there it is plain text.",
    'Write "Version": "2012-10-17".', "identity.choosing-and-debugging",
)  # fmt: skip
RULES = (
    GRAMMAR, WILDCARD_UNDER_EQUALS, MISSING_SUB, MISSING_AUD, KEY_WITH_ARN, KEY_WITH_SCHEME, SUBJECT_FORM, WIDE_SUBJECT,
    WRONG_AUDIENCE, WRONG_ACTION, FEDERATED_PRINCIPAL, TAG_SESSION, EKS_PRINCIPAL, POD_IDENTITY_OPEN, STAR_ACTION,
    STAR_RESOURCE, PASS_ROLE, NOT_ACTION, ANYBODY, OLD_VERSION,
)  # fmt: skip
