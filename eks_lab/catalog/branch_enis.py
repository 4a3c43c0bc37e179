"""Branch ENIs: how many pods of a node can have a security group of their own.

EC2's public API does not tell. The limits that AWS publishes with the VPC resource controller and
with Karpenter follow a rule, which the data file holds with its exceptions: an instance type has a
budget of interfaces that grows with its vCPUs, and what its own ENIs leave of the budget may be
branches. A 2-vCPU m5.large has a budget of 12 and 3 ENIs: 9 branches.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from eks_lab.catalog.source import Source, packaged_file, read_data_file
from eks_lab.errors import DataError

DATA_FILE = "branch_enis.json"


@dataclass(frozen=True, slots=True)
class BranchEnis:
    """The rule, the families it is known to hold for, and the exceptions."""

    source: Source
    """Where rule and exceptions were checked against."""
    budgets: dict[str, tuple[tuple[int | None, int], ...]]
    """Curve name -> (up to so many vCPUs, interfaces in all); None means any number."""
    curve_of: dict[str, str]
    """Family -> curve name."""
    without_trunk: frozenset[str]
    """Families none of whose types can trunk."""
    exceptions: dict[str, int]
    """Type -> branch ENIs, where the rule does not hold."""

    def branch_enis(self, name: str, *, vcpus: int, total_enis: int) -> int | None:
        """Return the branch ENIs of a type.

        Args:
            name: `m5.large`.
            vcpus: its vCPUs.
            total_enis: its ENIs, all network cards together.

        Returns:
            0 for a family without trunking, None for a family that is not on record.
        """
        if name in self.exceptions:
            return self.exceptions[name]
        family = name.partition(".")[0]
        if family in self.without_trunk:
            return 0
        curve = self.curve_of.get(family)
        if curve is None:
            return None
        budget = next(limit for up_to, limit in self.budgets[curve] if up_to is None or vcpus <= up_to)
        return max(0, budget - total_enis)


def read_record(path: Path) -> BranchEnis:
    """Read a data file of branch ENIs.

    Raises:
        DataError: it cannot be read, or a curve has no end.
    """
    source, document = read_data_file(path)
    try:
        budgets = {
            curve: tuple((up_to, limit) for up_to, limit in points)
            for curve, points in document["budgets"].items()
        }
        curve_of = {
            family: curve for curve, families in document["families"].items() for family in families.split()
        }
        record = BranchEnis(
            source=source,
            budgets=budgets,
            curve_of=curve_of,
            without_trunk=frozenset(document["without_trunk"].split()),
            exceptions=document["exceptions"],
        )
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise DataError(f"{path.name}: the record of branch ENIs cannot be read: {error}") from error
    if set(curve_of.values()) - set(budgets) or any(points[-1][0] is not None for points in budgets.values()):
        raise DataError(f"{path.name}: every curve needs budgets, and a last budget without an upper bound")
    return record


@functools.cache
def record() -> BranchEnis:
    """Return the record that ships with the program, read once."""
    return read_record(packaged_file(DATA_FILE))
