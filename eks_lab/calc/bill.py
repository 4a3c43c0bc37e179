"""A bill: priced items, their sum, and what dominates it.

A month is 730 hours and a year twelve of them, as AWS's own estimates reckon.
"""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.calc.model import Grid, Step

HOURS_PER_MONTH = 730
MONTHS_PER_YEAR = 12
BYTES_PER_GB = 1024**3
"""AWS bills a GB as 2^30 bytes."""


@dataclass(frozen=True, slots=True)
class BillItem:
    """One line of a bill."""

    group: str
    """What it belongs to: `nodes`, `network` …"""
    what: str
    """`NAT gateways`."""
    quantity: float
    """How many, in `unit`."""
    unit: str
    """`gateways`, `GB` …"""
    usd_per_unit: float
    """Price of one, an hour or a month."""
    hourly: bool
    """Whether the price is for an hour; else it is for a month, or for a thing that is used up."""
    why: str
    """One sentence: what it is for, or how the quantity comes about."""
    price_keys: tuple[str, ...] = ()
    """Keys of the service prices in `usd_per_unit`; empty when only an instance type is paid."""

    @property
    def usd_per_month(self) -> float:
        """Return what it costs in a month."""
        return self.quantity * self.usd_per_unit * (HOURS_PER_MONTH if self.hourly else 1)

    @property
    def quantity_text(self) -> str:
        """Return `3 nodes`, `1 node`."""
        one = self.quantity == 1 and self.unit.endswith("s") and not self.unit.isupper()
        return f"{count_text(self.quantity)} {self.unit[:-1] if one else self.unit}"

    def step(self) -> Step:
        """Return its line of the working."""
        hours = f" × {HOURS_PER_MONTH}" if self.hourly else ""
        return Step(
            formula=f"{self.what} = {self.unit}{' × hours' if hours else ''} × price",
            substitution=f"{count_text(self.quantity)}{hours} × {price_text(self.usd_per_unit)}",
            value=round(self.usd_per_month, 2),
            unit="USD/month",
            why=self.why,
        )


@dataclass(frozen=True, slots=True)
class Bill:
    """Items and their sums."""

    items: tuple[BillItem, ...]
    """In the order of the question; each with a quantity above 0."""

    @property
    def usd_per_month(self) -> float:
        """Return the sum for a month of 730 hours."""
        return sum((item.usd_per_month for item in self.items), 0.0)

    @property
    def usd_per_hour(self) -> float:
        """Return a month's sum spread over its hours."""
        return self.usd_per_month / HOURS_PER_MONTH

    @property
    def usd_per_year(self) -> float:
        """Return twelve months."""
        return self.usd_per_month * MONTHS_PER_YEAR

    @property
    def price_keys(self) -> tuple[str, ...]:
        """Return the keys of all prices that count, each once."""
        return tuple(dict.fromkeys(key for item in self.items for key in item.price_keys))

    def by_group(self) -> dict[str, float]:
        """Return group -> USD a month, in the order of the items."""
        groups: dict[str, float] = {}
        for item in self.items:
            groups[item.group] = groups.get(item.group, 0.0) + item.usd_per_month
        return groups

    def dominant(self) -> tuple[str, float] | None:
        """Return the dearest group and its share in %; None for a bill of nothing."""
        groups = self.by_group()
        total = self.usd_per_month
        if total <= 0:
            return None
        name = max(groups, key=lambda group: groups[group])
        return name, 100 * groups[name] / total

    def grid(self, title: str) -> Grid:
        """Return the items as a table.

        Args:
            title: what the table shows.
        """
        total = self.usd_per_month
        rows = [
            (
                item.what,
                item.quantity_text,
                price_text(item.usd_per_unit),
                round(item.usd_per_month / HOURS_PER_MONTH, 4),
                round(item.usd_per_month, 2),
                round(item.usd_per_month * MONTHS_PER_YEAR, 2),
                round(100 * item.usd_per_month / total, 1) if total > 0 else 0.0,
            )
            for item in self.items
        ]
        rows.append(
            (
                "Together",
                "",
                "",
                round(self.usd_per_hour, 4),
                round(total, 2),
                round(self.usd_per_year, 2),
                100.0 if total > 0 else 0.0,
            )
        )
        return Grid(
            title=title,
            columns=("Item", "Quantity", "Price (USD)", "USD/h", "USD/month", "USD/year", "%"),
            rows=tuple(rows),
        )


def bill_of(*items: BillItem | None) -> Bill:
    """Return a bill of the items that there is something of."""
    return Bill(items=tuple(item for item in items if item is not None and item.quantity > 0))


def usd_text(amount: float) -> str:
    """Return an amount for a sentence: `1,234.50`, `0.0123`, `12`."""
    if amount and abs(amount) < 0.1:
        return f"{amount:.3g}" if abs(amount) >= 0.0001 else f"{amount:.1e}"
    return f"{amount:,.2f}"


def price_text(amount: float) -> str:
    """Return a price as it is written in a price list: `0.045`, `0.004445`."""
    return f"{amount:.10f}".rstrip("0").rstrip(".")


def count_text(amount: float) -> str:
    """Return a quantity: whole numbers with separators, others with up to four digits after the point."""
    if amount == int(amount):
        return f"{int(amount):,}"
    return f"{amount:,.4f}".rstrip("0").rstrip(".")
