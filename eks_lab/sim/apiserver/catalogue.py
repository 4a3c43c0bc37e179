"""Which resources are served under which group and version; looked up on every request."""

from __future__ import annotations

from typing import NamedTuple

from eks_lab.sim.api import Api
from eks_lab.sim.resource import Resource


class Served(NamedTuple):
    """A resource in one of its versions."""

    resource: Resource
    version: str


SUBRESOURCE_VERBS: dict[str, tuple[str, ...]] = {
    "approval": ("get", "patch", "update"),
    "attach": ("create", "get"),
    "binding": ("create",),
    "ephemeralcontainers": ("get", "patch", "update"),
    "eviction": ("create",),
    "exec": ("create", "get"),
    "finalize": ("update",),
    "log": ("get",),
    "portforward": ("create", "get"),
    "proxy": ("create", "delete", "get", "patch", "update"),
    "resize": ("get", "patch", "update"),
    "scale": ("get", "patch", "update"),
    "status": ("get", "patch", "update"),
    "token": ("create",),
}
"""Verbs that discovery lists for a subresource."""

_FOREIGN_KINDS = {
    "Scale": ("autoscaling", "v1"),
    "Eviction": ("policy", "v1"),
    "TokenRequest": ("authentication.k8s.io", "v1"),
}
"""Kinds of subresource bodies that live in another group."""


def foreign_group(kind: str) -> tuple[str, str]:
    """Return group and version of a subresource's kind; empty for the resource's own."""
    return _FOREIGN_KINDS.get(kind, ("", ""))


def subresources_of(resource: Resource) -> dict[str, str]:
    """Return the subresources of a resource -> kind of their body, sorted."""
    found = dict(resource.subresources)
    if resource.has_status:
        found["status"] = resource.kind
    if resource.scale is not None:
        found["scale"] = "Scale"
    return dict(sorted(found.items()))


class Catalogue:
    """The lookup, made anew whenever a resource comes or goes."""

    def __init__(self, api: Api) -> None:
        """Watch an Api.

        Args:
            api: whose resources are served.
        """
        self._api = api
        self._made_for = -1
        self._served: dict[tuple[str, str], dict[str, Served]] = {}
        self._groups: dict[str, list[str]] = {}

    @property
    def generation(self) -> int:
        """Return a number that changes whenever the catalogue does."""
        return self._api.catalogue_generation

    def find(self, group: str, version: str, plural: str) -> Served | None:
        """Return a resource, or None."""
        self._refresh()
        return self._served.get((group, version), {}).get(plural)

    def served(self, group: str, version: str) -> list[Served]:
        """Return the resources of a group-version, by plural."""
        self._refresh()
        return [
            self._served[(group, version)][name] for name in sorted(self._served.get((group, version), {}))
        ]

    def groups(self) -> dict[str, list[str]]:
        """Return the groups with their versions, preferred ones first; the core group is the empty one."""
        self._refresh()
        return self._groups

    def _refresh(self) -> None:
        if self._made_for == self._api.catalogue_generation:
            return
        self._served = {}
        self._groups = {}
        resources = self._api.resources()
        for resource in resources:
            for version in (resource.version, *resource.other_versions):
                self._served.setdefault(resource.group_version(version), {})[resource.plural] = Served(
                    resource, version
                )
        # Versions in which a resource is stored are preferred to those it is only served in.
        for resource in resources:
            versions = self._groups.setdefault(resource.group, [])
            if resource.version not in versions:
                versions.append(resource.version)
        for resource in resources:
            for version in resource.other_versions:
                group, name = resource.group_version(version)
                versions = self._groups.setdefault(group, [])
                if name not in versions:
                    versions.append(name)
        for versions in self._groups.values():
            versions.sort(key=version_priority)
        self._made_for = self._api.catalogue_generation


def version_priority(version: str) -> tuple[int, int, int, str]:
    """Return a sort key that puts GA before beta before alpha, newer before older (version.CompareKubeAwareVersionStrings)."""
    stage, rest = 0, version.removeprefix("v")
    for number, word in ((1, "beta"), (2, "alpha")):
        if word in rest:
            major, _, minor = rest.partition(word)
            if major.isdecimal() and (minor.isdecimal() or not minor):
                return (number, -int(major), -int(minor or 0), "")
    if version.startswith("v") and rest.isdecimal():
        return (stage, -int(rest), 0, "")
    return (3, 0, 0, version)
