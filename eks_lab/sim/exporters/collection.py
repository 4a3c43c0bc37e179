"""Collects samples into families, in the order in which the families were met first."""

from __future__ import annotations

from typing import Literal

from eks_lab.kube.exposition import Family
from eks_lab.sim.objects import parse_time


class Collection:
    """Families by name."""

    def __init__(self) -> None:
        """Start empty."""
        self._families: dict[str, Family] = {}

    @property
    def families(self) -> list[Family]:
        """Return what was collected."""
        return list(self._families.values())

    def add(
        self,
        name: str,
        text: str,
        labels: dict[str, str],
        value: float | None = 1,
        kind: Literal["gauge", "counter"] = "gauge",
    ) -> None:
        """Add a sample.

        Args:
            name: of the family.
            text: its help.
            labels: of the sample.
            value: of it; None adds nothing.
            kind: of the family.
        """
        if value is None:
            return
        family = self._families.get(name)
        if family is None:
            family = self._families[name] = Family(name, text, kind)
        family.add(value, labels)

    def moment(self, name: str, text: str, labels: dict[str, str], moment: str | None) -> None:
        """Add a moment as seconds since 1970; one that is missing adds nothing."""
        self.add(name, text, labels, parse_time(moment).timestamp() if moment else None)

    def condition(self, name: str, text: str, labels: dict[str, str], status: str) -> None:
        """Add a condition: one sample each for true, false and unknown, of which one is 1."""
        for each in ("true", "false", "unknown"):
            self.add(name, text, {**labels, "status": each}, float(status.lower() == each))
