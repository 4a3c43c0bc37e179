"""Fargate profiles: how they are written down and which pods they take."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fnmatch import fnmatchcase

from eks_lab.calc.address_space import pieces, shown
from eks_lab.errors import InputError
from eks_lab.generate.terraform.statements import Statement, read_statements

FIELD = "fargate_profiles"
MOST_PROFILES = 10
"""Fargate profiles of a cluster; source: EKS service quotas."""
MOST_SELECTORS = 5
"""Selectors of a profile; source: EKS API, CreateFargateProfile."""
EXAMPLE = "reports namespaces=reports labels=compute=fargate"
_NAME = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_NAMESPACE = re.compile(r"[a-z0-9*?]([a-z0-9*?-]{0,61}[a-z0-9*?])?", re.ASCII)
_LABEL = re.compile(r"[A-Za-z0-9*?]([A-Za-z0-9_./*?-]{0,61}[A-Za-z0-9*?])?", re.ASCII)


@dataclass(frozen=True, slots=True)
class FargateProfile:
    """One profile; each namespace becomes a selector with all labels."""

    name: str
    """`reports`."""
    namespaces: tuple[str, ...]
    """`*` and `?` are wildcards."""
    labels: tuple[tuple[str, str], ...]
    """All of which a pod needs."""

    def takes_all_of(self, namespace: str) -> bool:
        """Whether every pod of a namespace runs on Fargate."""
        return not self.labels and self.may_take(namespace)

    def may_take(self, namespace: str) -> bool:
        """Whether some pod of a namespace may run on Fargate."""
        return any(fnmatchcase(namespace, pattern) for pattern in self.namespaces)


def _profile(statement: Statement) -> FargateProfile:
    statement.refuse_unknown(("namespaces", "labels"), EXAMPLE)
    if not _NAME.fullmatch(statement.name) or statement.name.startswith("eks-"):
        raise InputError(
            f"{FIELD}: {shown(statement.name)} is no name of a profile",
            hint="Up to 40 lower-case letters, digits and dashes, a letter first, not beginning with eks-.",
        )
    namespaces = tuple(dict.fromkeys(pieces(",".join(statement.values("namespaces")))))
    if not namespaces:
        raise InputError(f"{statement.place} names no namespaces", hint=f"Write {EXAMPLE}")
    if len(namespaces) > MOST_SELECTORS:
        raise InputError(
            f"{statement.place}: {len(namespaces)} namespaces are more than the {MOST_SELECTORS} selectors a"
            " profile can have",
            hint="Make a second profile, or use a wildcard.",
        )
    for namespace in namespaces:
        if not _NAMESPACE.fullmatch(namespace):
            raise InputError(
                f"{statement.place}: {shown(namespace)} is no namespace", hint=f"Write {EXAMPLE}"
            )
    labels: dict[str, str] = {}
    for text in pieces(",".join(statement.values("labels"))):
        key, equals, value = text.partition("=")
        if not equals or not _LABEL.fullmatch(key) or not _LABEL.fullmatch(value):
            raise InputError(f"{statement.place}: {shown(text)} is no label", hint=f"Write {EXAMPLE}")
        labels[key] = value
    return FargateProfile(statement.name, namespaces, tuple(labels.items()))


def read_fargate_profiles(text: str) -> tuple[FargateProfile, ...]:
    """Read Fargate profiles.

    Args:
        text: profiles between semicolons or line ends, each a name, `namespaces=a,b` and perhaps
            `labels=key=value,key=value`. Empty or `none` means none.

    Raises:
        InputError: what is wrong, with the profile and the value.
    """
    profiles = tuple(_profile(statement) for statement in read_statements(FIELD, text))
    if len(profiles) > MOST_PROFILES:
        raise InputError(
            f"{FIELD}: {len(profiles)} profiles are more than the {MOST_PROFILES} a cluster can have",
            hint="A profile holds five selectors.",
        )
    return profiles
