"""Who may do what: people at the Kubernetes API, pods at AWS."""

from __future__ import annotations

import re
from dataclasses import dataclass

from eks_lab.calc.address_space import pieces, shown
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError
from eks_lab.generate.terraform.statements import read_statements

ACCESS = "access"
IDENTITIES = "pod_identities"
ACCESS_EXAMPLE = "admins arn=arn:aws:iam::111122223333:role/platform policy=cluster-admin"
IDENTITY_EXAMPLE = "shop/orders policy=arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"
POLICIES = {
    "cluster-admin": "AmazonEKSClusterAdminPolicy",
    "admin": "AmazonEKSAdminPolicy",
    "edit": "AmazonEKSEditPolicy",
    "view": "AmazonEKSViewPolicy",
    "admin-view": "AmazonEKSAdminViewPolicy",
}
"""Short name -> EKS access policy; source: EKS user guide, access policy permissions."""
_PRINCIPAL = re.compile(r"arn:aws[a-z-]*:iam::\d{12}:(role|user)/[\w+=,.@/-]{1,512}", re.ASCII)
_POLICY_ARN = re.compile(r"arn:aws[a-z-]*:iam::(aws|\d{12}):policy/[\w+=,.@/-]{1,512}", re.ASCII)
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_KUBERNETES = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Access:
    """An access entry with one access policy."""

    name: str
    """Key in the map of entries."""
    principal_arn: str
    """IAM role or user."""
    policy: str
    """`AmazonEKSViewPolicy`."""
    namespaces: tuple[str, ...]
    """Where it counts; none means the whole cluster."""


@dataclass(frozen=True, slots=True)
class PodIdentity:
    """A service account whose pods get a role."""

    namespace: str
    """Of the service account."""
    service_account: str
    """Its name."""
    policy_arns: tuple[str, ...]
    """Attached to the role."""

    @property
    def name(self) -> str:
        """Return the key in the map of associations."""
        return f"{self.namespace}-{self.service_account}"


def read_access(text: str) -> tuple[Access, ...]:
    """Read access entries.

    Args:
        text: entries between semicolons or line ends: a name, `arn=`, `policy=` (cluster-admin, admin,
            edit, view, admin-view) and perhaps `namespaces=a,b`.

    Raises:
        InputError: what is wrong, with the entry and the value.
    """
    found: list[Access] = []
    for statement in read_statements(ACCESS, text):
        statement.refuse_unknown(("arn", "policy", "namespaces"), ACCESS_EXAMPLE)
        if not _NAME.fullmatch(statement.name):
            raise InputError(f"{ACCESS}: {shown(statement.name)} is no name", hint=f"Write {ACCESS_EXAMPLE}")
        arn = statement.value("arn", "")
        if not _PRINCIPAL.fullmatch(arn):
            raise InputError(
                f"{statement.place}: {shown(arn)} is no ARN of an IAM role or user",
                hint=f"Write {ACCESS_EXAMPLE}",
            )
        if any(entry.principal_arn == arn for entry in found):
            raise InputError(
                f"{statement.place}: {shown(arn)} has an entry already",
                hint="EKS keeps one entry a principal.",
            )
        policy = statement.value("policy", "view").lower()
        if policy not in POLICIES:
            raise InputError(
                f"{statement.place}: {shown(policy)} is no access policy on record",
                hint=did_you_mean(policy, POLICIES) or f"Choose {', '.join(POLICIES)}.",
            )
        namespaces = tuple(pieces(",".join(statement.values("namespaces"))))
        for namespace in namespaces:
            if not _KUBERNETES.fullmatch(namespace):
                raise InputError(
                    f"{statement.place}: {shown(namespace)} is no namespace", hint=f"Write {ACCESS_EXAMPLE}"
                )
        found.append(Access(statement.name, arn, POLICIES[policy], namespaces))
    return tuple(found)


def read_pod_identities(text: str) -> tuple[PodIdentity, ...]:
    """Read Pod Identity associations.

    Args:
        text: entries between semicolons or line ends: `namespace/service-account` and `policy=` with
            the ARN of a managed policy, several between commas.

    Raises:
        InputError: what is wrong, with the entry and the value.
    """
    found = []
    for statement in read_statements(IDENTITIES, text):
        statement.refuse_unknown(("policy",), IDENTITY_EXAMPLE)
        namespace, _, account = statement.name.partition("/")
        if not _KUBERNETES.fullmatch(namespace) or not _KUBERNETES.fullmatch(account):
            raise InputError(
                f"{IDENTITIES}: {shown(statement.name)} is no namespace and service account",
                hint=f"Write {IDENTITY_EXAMPLE}",
            )
        arns = tuple(pieces(",".join(statement.values("policy"))))
        wrong = next((arn for arn in arns if not _POLICY_ARN.fullmatch(arn)), None)
        if wrong is not None or not arns:
            raise InputError(
                f"{statement.place}: {shown(wrong or '')} is no ARN of an IAM policy",
                hint=f"Write {IDENTITY_EXAMPLE}",
            )
        found.append(PodIdentity(namespace, account, arns))
    return tuple(found)
