"""AWS-managed access policies: which Kubernetes rules stand behind each ARN.

The rules are data (`access_policies.yaml`), in the form of the default roles; those of the policies Admin, Edit
and View are Kubernetes' own roles admin, edit and view, as the EKS user guide says of them.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

import yaml

from eks_lab.errors import DataError
from eks_lab.sim.apiserver.default_roles import cluster_roles, rule_of
from eks_lab.sim.objects import Obj

DATA_FILE = Path(__file__).with_name("access_policies.yaml")
PREFIX = "arn:aws:eks::aws:cluster-access-policy/"


@functools.cache
def _document() -> dict[str, Any]:
    try:
        loaded = yaml.load(DATA_FILE.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return {"policies": dict(loaded["policies"])}
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise DataError(f"{DATA_FILE.name}: the access policies cannot be read: {error}") from error


def names() -> list[str]:
    """Return the names of all policies, in order."""
    return sorted(_document()["policies"])


def arn(name: str) -> str:
    """Return the ARN of a policy: `arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy`."""
    return PREFIX + name


def name_of(policy_arn: str) -> str | None:
    """Return the name behind an ARN, or None when there is no such policy."""
    name = policy_arn.removeprefix(PREFIX)
    return name if policy_arn.startswith(PREFIX) and name in _document()["policies"] else None


@functools.cache
def rules(name: str) -> tuple[Obj, ...]:
    """Return the rules of a policy, in the form of RBAC; those of the role it equals come first."""
    policy = _document()["policies"][name]
    found: list[Obj] = []
    role = policy.get("as_role")
    if role:
        found += next(each["rules"] for each in cluster_roles() if each["metadata"]["name"] == role)
    return (*found, *(rule_of(each) for each in policy.get("rules") or ()))


def purpose(name: str) -> str:
    """Return one sentence about a policy."""
    return str(_document()["policies"][name]["purpose"])
