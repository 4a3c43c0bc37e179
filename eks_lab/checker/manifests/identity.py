"""AWS identity of pods: the IRSA annotation."""

from __future__ import annotations

import re
from collections.abc import Iterator

from eks_lab.checker.manifests.manifest import ManifestSet, part
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, WARNING, Rule

ARN = Rule(
    "eks-irsa-arn",
    ERROR,
    "The annotation must be the whole ARN of a role; anything else makes every AWS call of the pod fail.",
    "Write arn:aws:iam::ACCOUNT:role/NAME.",
    "identity.irsa",
)
PLACE = Rule(
    "eks-irsa-place",
    WARNING,
    "eks.amazonaws.com/role-arn is read on ServiceAccounts only; on a pod or workload it does nothing, silently.",
    "Put it on the ServiceAccount and name that in spec.serviceAccountName.",
    "identity.irsa",
)
KEY = Rule(
    "eks-irsa-key",
    WARNING,
    "An annotation that looks like eks.amazonaws.com/role-arn and is not: it does nothing, silently.",
    "Write eks.amazonaws.com/role-arn.",
    "identity.irsa",
)
SECURITY_GROUPS = Rule(
    "eks-security-group-policy",
    ERROR,
    "A SecurityGroupPolicy needs a podSelector or a serviceAccountSelector, and one to five security groups.",
    "Select pods by label and name the groups.",
    "advanced.security-groups-for-pods",
)
RULES = (ARN, PLACE, KEY, SECURITY_GROUPS)

ROLE_ARN = "eks.amazonaws.com/role-arn"
_ARN = re.compile(r"arn:aws(?:-cn|-us-gov|-iso|-iso-b|-iso-e|-iso-f|-eusc)?:iam::\d{12}:role/[\w+=,.@/-]+")
_LOOKALIKE = re.compile(
    r"(?i)^(?:eks\.amazonaws\.com/(?:role[_-]?arn|iam-role(?:-arn)?|rolearn)|eks\.aws\.com/role-arn|iam\.amazonaws\.com/role)$"
)


def check(together: ManifestSet) -> Iterator[Finding]:
    """Yield findings about identity."""
    for manifest in together.manifests:
        for key, value in manifest.annotations.items():
            path = ("metadata", "annotations", key)
            if key == ROLE_ARN:
                if manifest.kind != "ServiceAccount":
                    yield manifest.finding(PLACE, path, f"{key} on a {manifest.kind}")
                elif not _ARN.fullmatch(value):
                    yield manifest.finding(ARN, path, f"{key}: {value} is no role's ARN")
            elif _LOOKALIKE.match(key):
                yield manifest.finding(KEY, path, f"{key} is not {ROLE_ARN}")
    for template in together.templates:
        if template.path and ROLE_ARN in part(template.value, "metadata", "annotations"):
            yield template.owner.finding(
                PLACE,
                (*template.path, "metadata", "annotations", ROLE_ARN),
                f"{ROLE_ARN} on the pod template",
            )
    for policy in together.of_kind("SecurityGroupPolicy"):
        if (
            policy.spec
            and not policy.spec.get("podSelector")
            and not policy.spec.get("serviceAccountSelector")
        ):
            yield policy.finding(SECURITY_GROUPS, ("spec",), "neither podSelector nor serviceAccountSelector")
        groups = part(policy.spec, "securityGroups").get("groupIds")
        if isinstance(groups, list) and not 1 <= len(groups) <= 5:
            yield policy.finding(
                SECURITY_GROUPS, ("spec", "securityGroups", "groupIds"), f"{len(groups)} security groups"
            )
