"""The add-ons that EKS offers: their versions, what they install and how they are configured (data: addon_catalogue.yaml)."""

from __future__ import annotations

import functools
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from eks_lab.aws.eks.versions import minor
from eks_lab.errors import DataError

DATA_FILE = Path(__file__).with_name("addon_catalogue.yaml")
EMPTY_SCHEMA = {"$schema": "https://json-schema.org/draft/2019-09/schema", "type": "object"}


@dataclass(frozen=True, slots=True)
class AddonVersion:
    """One version of an add-on."""

    version: str
    """`v1.21.1-eksbuild.1`."""
    first: str
    """Oldest Kubernetes version it works with."""
    last: str
    """Newest one."""
    release: str = ""
    """Tag of its image where it is another."""

    def fits(self, kubernetes: str) -> bool:
        """Say whether it works with a Kubernetes version."""
        return minor(self.first) <= minor(kubernetes) <= minor(self.last)


@dataclass(frozen=True, slots=True)
class Addon:
    """One add-on."""

    name: str
    type: str
    """`networking`, `storage`, `observability`, `security`."""
    versions: tuple[AddonVersion, ...]
    """Newest first."""
    defaults: dict[str, str]
    """Kubernetes version -> default; `*` for all others."""
    publisher: str = "eks"
    owner: str = "aws"
    namespace: str = "kube-system"
    can_install: bool = False
    """Whether the simulator puts its objects into a cluster."""
    needs_iam: bool = False
    service_account: str = ""
    """That takes a role."""
    policies: tuple[str, ...] = ()
    """Recommended for that role."""
    schema: dict[str, Any] = field(default_factory=lambda: dict(EMPTY_SCHEMA))

    def fitting(self, kubernetes: str) -> list[AddonVersion]:
        """Return the versions for a Kubernetes version, newest first."""
        return [each for each in self.versions if each.fits(kubernetes)]

    def default(self, kubernetes: str) -> str:
        """Return the version that CreateAddon takes when none is named; empty when none fits."""
        wanted = self.defaults.get(kubernetes, self.defaults.get("*", ""))
        fitting = [each.version for each in self.fitting(kubernetes)]
        return wanted if wanted in fitting else next(iter(fitting), "")

    def release_of(self, version: str) -> str:
        """Return the tag of the main image of a version: `v1.53.0`."""
        found = next((each for each in self.versions if each.version == version), None)
        return found.release if found is not None and found.release else version.partition("-")[0]


@functools.cache
def addons() -> dict[str, Addon]:
    """Return every add-on by name.

    Raises:
        DataError: the packaged file cannot be read.
    """
    try:
        loaded = yaml.load(DATA_FILE.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        return {name: _addon(name, entry) for name, entry in sorted(loaded["addons"].items())}
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{DATA_FILE.name}: the add-ons cannot be read: {error}") from error


def _addon(name: str, entry: dict[str, Any]) -> Addon:
    return Addon(
        name=name,
        type=entry["type"],
        versions=tuple(
            AddonVersion(row["version"], row["from"], row["to"], row.get("release", ""))
            for row in entry["versions"]
        ),
        defaults=dict(entry["default"]),
        publisher=entry.get("publisher", "eks"),
        owner=entry.get("owner", "aws"),
        namespace=entry.get("namespace", "kube-system"),
        can_install=entry.get("installs", False),
        needs_iam=entry.get("iam", False),
        service_account=entry.get("service_account", ""),
        policies=tuple(entry.get("policies") or ()),
        schema=entry.get("schema") or dict(EMPTY_SCHEMA),
    )


def get(name: str) -> Addon | None:
    """Return an add-on, or None."""
    return addons().get(name)


def versions(name: str, kubernetes: str) -> list[str]:
    """Return the versions of an add-on for a Kubernetes version; empty when there is no such add-on."""
    found = get(name)
    return [each.version for each in found.fitting(kubernetes)] if found is not None else []
