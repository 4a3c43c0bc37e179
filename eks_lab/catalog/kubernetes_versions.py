"""The Kubernetes versions that EKS offers: first day, ends of support, and the rules of an upgrade.

A version that is not on record has no dates, and a version nobody could confirm says so.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal

from eks_lab.catalog.prices import STALE_AFTER_DAYS
from eks_lab.catalog.source import Source, packaged_file, read_data_file
from eks_lab.errors import DataError, InputError

Phase = Literal["not released", "standard", "extended", "ended"]

DATA_FILE = "kubernetes_versions.json"
_LONGEST_SHOWN = 40
_VERSION = re.compile(r"v?(\d{1,3})\.(\d{1,3})(\.\d{1,3})?", re.ASCII)
_CERTAINTIES = frozenset({"verified", "third-party", "widely-known", "inferred"})


@dataclass(frozen=True, slots=True)
class KubernetesVersion:
    """One minor version on EKS, with its calendar."""

    minor: int
    """36 for 1.36."""
    released: date
    """First day on EKS."""
    end_of_standard: date
    """Standard support ends, and the extended price begins, at the beginning of this day (UTC)."""
    end_of_extended: date
    """Extended support ends at the beginning of this day; after it EKS upgrades the control plane."""
    certainty: str
    """Of the dates: `verified`, `third-party`, `widely-known` or `inferred`."""
    doubt: str = ""
    """What the sources disagree about; mostly empty."""
    note: str = ""
    """What to check before entering this version; empty when nothing is on record."""
    karpenter_from: str = ""
    """Oldest Karpenter minor that works with it, `1.13`; empty when not on record."""

    @property
    def name(self) -> str:
        """Return `1.36`."""
        return f"1.{self.minor}"

    def phase(self, day: date) -> Phase:
        """Return the support phase on a day.

        Args:
            day: in UTC. The last day of a phase is the one before the date of its end.
        """
        if day < self.released:
            return "not released"
        if day < self.end_of_standard:
            return "standard"
        return "extended" if day < self.end_of_extended else "ended"

    def phase_end(self, day: date) -> date | None:
        """Return the day on which the phase of a day is over; None when support has ended."""
        ends: dict[Phase, date] = {
            "not released": self.released,
            "standard": self.end_of_standard,
            "extended": self.end_of_extended,
        }
        return ends.get(self.phase(day))

    def extended_days(self, start: date, end: date) -> int:
        """Return the days of extended support from one day (included) to another (not included)."""
        first, last = max(start, self.end_of_standard), min(end, self.end_of_extended)
        return max(0, (last - first).days)


@dataclass(frozen=True, slots=True)
class UpgradeRules:
    """Limits that EKS and Kubernetes set for an upgrade."""

    kubelet_minors_behind: int
    """So many minors kubelet may be older than the API server; it may never be newer."""
    rollback_days: int
    """Days after an upgrade in which the control plane can go back one minor."""
    control_plane_addresses: int
    """Free addresses of the cluster subnets that an upgrade may need."""
    surge_nodes_per_zone: int
    """Nodes a zone that a managed node group adds during an update, unless maxUnavailable is more."""
    max_unavailable_nodes: int
    """Largest maxUnavailable of a managed node group."""
    drain_limit_minutes: int
    """Draining one node may take so long, then the update fails with PodEvictionFailure."""
    wait_after_drain_minutes: int
    """Pause between drain and termination."""
    add_ons: tuple[str, ...]
    """In the order in which they are moved."""


@dataclass(frozen=True, slots=True)
class Calendar:
    """Every version on record, and what is known to be unknown."""

    source: Source
    """Where the dates were read."""
    versions: dict[int, KubernetesVersion]
    """Minor -> version, oldest first, without a gap."""
    first_minor: int
    """Oldest minor EKS ever offered, older than the calendar."""
    unconfirmed: dict[int, tuple[date, str]]
    """Minor that may or may not be offered -> day of the check, and why nobody knows."""
    rules: UpgradeRules
    """Limits of an upgrade."""
    rule_sources: dict[str, Source]
    """`lifecycle`, `rollback`, `nodes`, `skew` -> where they were read."""

    @property
    def newest(self) -> KubernetesVersion:
        """Return the newest version on record."""
        return self.versions[max(self.versions)]

    def get(self, text: str, *, field: str = "version") -> KubernetesVersion:
        """Return one version.

        Args:
            text: `1.36`; `v1.36` does too.
            field: the input it was typed into, for messages.

        Raises:
            InputError: it is no minor version, never existed on EKS, is older than the calendar, or
                nobody could confirm it; the message says which.
        """
        shown = repr(text[: 2 * _LONGEST_SHOWN])
        if len(shown) > _LONGEST_SHOWN:
            shown = f"{shown[: _LONGEST_SHOWN - 1]}…"
        match = _VERSION.fullmatch(text.strip().lower())
        offered = f"On record: 1.{min(self.versions)} to {self.newest.name}."
        if match is None:
            raise InputError(f"{field}: {shown} is no Kubernetes version", hint=f"Write 1.36. {offered}")
        major, minor = int(match.group(1)), int(match.group(2))
        name = f"{major}.{minor}"
        if match.group(3):
            raise InputError(
                f"{field}: {shown} names a patch; EKS takes a minor version and picks the patch",
                hint=f"Write {name}.",
            )
        if major != 1 or minor < self.first_minor:
            raise InputError(f"{field}: EKS never offered Kubernetes {name}", hint=offered)
        if minor in self.unconfirmed:
            checked, why = self.unconfirmed[minor]
            raise InputError(
                f"{field}: whether EKS offers {name} was unknown on {checked.isoformat()}: {why}",
                hint="Ask the service: aws eks describe-cluster-versions.",
            )
        if minor > self.newest.minor:
            raise InputError(
                f"{field}: Kubernetes {name} did not exist when the calendar was written"
                f" ({self.source.as_of.isoformat()})",
                hint=f"{offered} Ask the service: aws eks describe-cluster-versions.",
            )
        found = self.versions.get(minor)
        if found is None:
            raise InputError(
                f"{field}: {name} left EKS before the calendar on record begins",
                hint=f"{offered} No cluster can run it any more.",
            )
        return found

    def staleness_warning(self, today: date) -> str:
        """Return a sentence when the calendar is older than 180 days, else nothing.

        Args:
            today: the present day, from a Clock.
        """
        age_days = (today - self.source.as_of).days
        if age_days <= STALE_AFTER_DAYS:
            return ""
        return (
            f"The version calendar on record is of {self.source.as_of.isoformat()}, {age_days} days ago: newer"
            " versions may exist, ask aws eks describe-cluster-versions."
        )


def _minor(text: str) -> int:
    match = _VERSION.fullmatch(text)
    if match is None or match.group(1) != "1" or match.group(3):
        raise ValueError(f"{text!r} is no minor version")
    return int(match.group(2))


def _version(entry: Mapping[str, Any]) -> KubernetesVersion:
    found = KubernetesVersion(
        minor=_minor(entry["version"]),
        released=date.fromisoformat(entry["released"]),
        end_of_standard=date.fromisoformat(entry["end_of_standard"]),
        end_of_extended=date.fromisoformat(entry["end_of_extended"]),
        certainty=entry["certainty"],
        doubt=entry.get("doubt", ""),
        note=entry.get("note", ""),
        karpenter_from=entry.get("karpenter_from", ""),
    )
    if not found.released < found.end_of_standard < found.end_of_extended:
        raise ValueError(f"{found.name}: the dates are not in order")
    if found.certainty not in _CERTAINTIES:
        raise ValueError(f"{found.name}: certainty {found.certainty!r}")
    return found


def _source(entry: Mapping[str, str]) -> Source:
    return Source(title=entry["title"], as_of=date.fromisoformat(entry["date"]), url=entry["url"], licence="")


def _rules(entry: Mapping[str, Any]) -> UpgradeRules:
    numbers = {name: entry[name] for name in UpgradeRules.__dataclass_fields__ if name != "add_ons"}
    for name, number in numbers.items():
        if not isinstance(number, int) or number < 1:
            raise ValueError(f"{name} {number!r}")
    return UpgradeRules(**numbers, add_ons=tuple(entry["add_ons"]))


def read_calendar(path: Path) -> Calendar:
    """Read a data file of versions.

    Raises:
        DataError: it cannot be read, a version has impossible dates, or a minor is missing between
            two others.
    """
    source, document = read_data_file(path)
    try:
        versions = {found.minor: found for found in map(_version, document["versions"])}
        if list(versions) != list(range(min(versions), max(versions) + 1)):
            raise ValueError(f"the minors {list(versions)} have a gap")
        before = document["before_the_calendar"]
        if _minor(before["last"]) + 1 != min(versions):
            raise ValueError(f"before_the_calendar ends with {before['last']}")
        return Calendar(
            source=source,
            versions=versions,
            first_minor=_minor(before["first"]),
            unconfirmed={
                _minor(entry["version"]): (date.fromisoformat(entry["checked"]), entry["why"])
                for entry in document["unconfirmed"]
            },
            rules=_rules(document["rules"]),
            rule_sources={name: _source(entry) for name, entry in document["rule_sources"].items()},
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path.name}: the version calendar cannot be read: {error}") from error


@functools.cache
def calendar() -> Calendar:
    """Return the calendar that ships with the program, read once."""
    return read_calendar(packaged_file(DATA_FILE))


def get(text: str, *, field: str = "version") -> KubernetesVersion:
    """Return one version that ships with the program; see `Calendar.get`."""
    return calendar().get(text, field=field)


def rollback_deadline(upgraded: date) -> date:
    """Return the last day on which a control plane can go back after an upgrade on a day."""
    return upgraded + timedelta(days=calendar().rules.rollback_days)
