"""Tables and plots of the `logs` calculator: the places side by side, and a new cluster's months."""

from __future__ import annotations

import math
from collections.abc import Mapping

from eks_lab.calc.bill import MONTHS_PER_YEAR, Bill
from eks_lab.calc.log_bill import (
    INFREQUENT_ACCESS,
    STANDARD,
    Logging,
    cloudwatch_bill,
    days_in_month,
    s3_bill,
)
from eks_lab.calc.log_volume import DAYS_PER_MONTH
from eks_lab.calc.model import Grid, Plot, Series
from eks_lab.calc.price_overrides import PriceBook

LONGEST_PLOTTED_MONTHS = 36


def choices(logging: Logging, book: PriceBook) -> dict[str, Bill]:
    """Return the bill of each place the logs can go, whichever was asked about."""
    return {
        "CloudWatch, Standard": cloudwatch_bill(logging, STANDARD, book),
        "CloudWatch, Infrequent Access": cloudwatch_bill(logging, INFREQUENT_ACCESS, book),
        "S3 Standard": s3_bill(logging, book),
    }


def choices_grid(choices: Mapping[str, Bill]) -> Grid:
    """Return the places side by side."""
    return Grid(
        title="Places for the logs, USD a month",
        columns=("Place", "Ingestion, uploads", "Storage", "Queries", "Way, control plane", "Together"),
        rows=tuple(
            (
                name,
                _sum(bill, "CloudWatch ingestion", "S3 uploads"),
                _sum(bill, "CloudWatch storage", "S3 storage"),
                _sum(bill, "Logs Insights queries", "Athena queries"),
                _rest(bill),
                round(bill.usd_per_month, 2),
            )
            for name, bill in choices.items()
        ),
    )


_NAMED = (
    "CloudWatch ingestion",
    "S3 uploads",
    "CloudWatch storage",
    "S3 storage",
    "Logs Insights queries",
    "Athena queries",
)


def _sum(bill: Bill, *names: str) -> float:
    return round(sum(item.usd_per_month for item in bill.items if item.what in names), 2)


def _rest(bill: Bill) -> float:
    return round(sum(item.usd_per_month for item in bill.items if item.what not in _NAMED), 2)


def plot(logging: Logging, log_class: str, book: PriceBook) -> Plot:
    """Return a new cluster's months in CloudWatch and in S3."""
    longest = LONGEST_PLOTTED_MONTHS
    if logging.retention_days is not None:
        longest = min(longest, math.ceil(logging.cloudwatch_days / DAYS_PER_MONTH) + 2)
    months = range(1, max(MONTHS_PER_YEAR, longest) + 1)
    kept = [(month, days_in_month(month)) for month in months]
    return Plot(
        title="A new cluster, month by month",
        x_label="month",
        y_label="USD in the month",
        series=(
            Series(
                name="CloudWatch",
                points=tuple(
                    (float(month), _month(cloudwatch_bill(logging, log_class, book, days_kept=days)))
                    for month, days in kept
                ),
            ),
            Series(
                name="S3",
                points=tuple(
                    (float(month), _month(s3_bill(logging, book, days_kept=days))) for month, days in kept
                ),
            ),
        ),
    )


def _month(bill: Bill) -> float:
    return round(bill.usd_per_month, 2)


def first_year(logging: Logging, log_class: str, book: PriceBook) -> tuple[float, float]:
    """Return the first twelve months of a new cluster in CloudWatch and in S3, in USD."""
    months = range(1, MONTHS_PER_YEAR + 1)
    cloudwatch = sum(
        cloudwatch_bill(logging, log_class, book, days_kept=days_in_month(month)).usd_per_month
        for month in months
    )
    return cloudwatch, sum(
        s3_bill(logging, book, days_kept=days_in_month(month)).usd_per_month for month in months
    )
