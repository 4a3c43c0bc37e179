"""What logs cost in CloudWatch and in S3, month by month. The form is in `eks_lab.calc.logs`."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.calc.bill import BYTES_PER_GB, MONTHS_PER_YEAR, Bill, BillItem, bill_of
from eks_lab.calc.log_volume import DAYS_PER_MONTH, LogVolume, s3_puts, stored_gb
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.catalog.log_delivery import log_delivery

STANDARD = "standard"
INFREQUENT_ACCESS = "infrequent-access"
NAT = "nat"
INTERFACE_ENDPOINT = "interface-endpoint"
NO_CHARGE = "free"
CLASS_PRICES = {
    STANDARD: ("cloudwatch_ingest_gb", "cloudwatch_stored_gb_month"),
    INFREQUENT_ACCESS: ("cloudwatch_ia_ingest_gb", "cloudwatch_ia_stored_gb_month"),
}
FOREVER_DAYS = DAYS_PER_MONTH * MONTHS_PER_YEAR
"""Logs that never expire are reckoned as they stand after a year."""


@dataclass(frozen=True, slots=True)
class Logging:
    """What is logged and where it goes."""

    volume: LogVolume
    """Of all pods in a month."""
    shippers: int
    """Nodes, each with a Fluent Bit pod."""
    control_plane_gb: float
    """Control-plane logs in a month; EKS delivers them to CloudWatch."""
    retention_days: int | None
    """How long logs are kept; None is for ever."""
    query_gb: float
    """Scanned by queries in a month, in bytes as they were logged."""
    path: str
    """How nodes reach CloudWatch: `nat`, `interface-endpoint` or `free`."""
    zones: int
    """Zones of an interface endpoint."""
    s3_compressed_percent: float
    """Size of the objects in % of what was logged."""

    @property
    def cloudwatch_days(self) -> float:
        """Return how long CloudWatch keeps logs: the next setting it has; a year for "never expire"."""
        if self.retention_days is None:
            return FOREVER_DAYS
        return float(log_delivery().retention_setting(self.retention_days) or self.retention_days)

    @property
    def s3_days(self) -> float:
        """Return how long S3 keeps logs: a lifecycle rule takes any number of days."""
        return FOREVER_DAYS if self.retention_days is None else float(self.retention_days)

    def kept(self, days: float | None, most: float) -> float:
        """Return the days of logs that are there.

        Args:
            days: how long logging has gone on; None for long enough.
            most: `cloudwatch_days` or `s3_days`.
        """
        if days is None:
            return most
        return days if self.retention_days is None else min(days, most)


def cloudwatch_bill(
    logging: Logging, log_class: str, book: PriceBook, *, days_kept: float | None = None
) -> Bill:
    """Return a month in CloudWatch Logs.

    Args:
        logging: what is logged.
        log_class: `standard` or `infrequent-access`; control-plane logs are always reckoned as standard.
        book: the prices.
        days_kept: days of logs that are there; None once the retention has passed.
    """
    terms = log_delivery()
    ingest_key, stored_key = CLASS_PRICES[log_class]
    days = logging.kept(days_kept, logging.cloudwatch_days)
    overhead_gb = logging.volume.events * terms.stored_bytes_per_event / BYTES_PER_GB
    stored = stored_gb(logging.volume.gb + overhead_gb, days, terms.compressed_percent)
    return bill_of(
        _item(
            book,
            "CloudWatch ingestion",
            logging.volume.gb,
            "GB",
            ingest_key,
            "Paid as it comes in, before compression.",
        ),
        _item(
            book,
            "CloudWatch storage",
            stored,
            "GB",
            stored_key,
            f"{days:.4g} days at {terms.compressed_percent:g} % of their size, with"
            f" {terms.stored_bytes_per_event} bytes for each event.",
        ),
        _item(
            book,
            "Logs Insights queries",
            logging.query_gb,
            "GB",
            "cloudwatch_query_gb",
            "Every GB a query looks at, found or not.",
        ),
        *_path_items(logging, book),
        *_control_plane_items(logging, book, days),
    )


def _path_items(logging: Logging, book: PriceBook) -> list[BillItem]:
    if logging.path == NAT:
        return [
            _item(
                book,
                "Way through NAT",
                logging.volume.gb,
                "GB",
                "nat_gateway_gb",
                "The logs leave through the NAT gateway, whose hours are paid anyway.",
            )
        ]
    if logging.path == INTERFACE_ENDPOINT:
        return [
            BillItem(
                group="way",
                what="Interface endpoint",
                quantity=logging.zones,
                unit="zones",
                usd_per_unit=book.value("interface_endpoint_hour"),
                hourly=True,
                why="The endpoint of CloudWatch Logs, paid in each zone.",
                price_keys=("interface_endpoint_hour",),
            ),
            _item(
                book,
                "Way through the endpoint",
                logging.volume.gb,
                "GB",
                "interface_endpoint_gb",
                "Every GB through it.",
            ),
        ]
    return []


def _control_plane_items(logging: Logging, book: PriceBook, days: float) -> list[BillItem]:
    stored = stored_gb(logging.control_plane_gb, days, log_delivery().compressed_percent)
    why = "EKS delivers control-plane logs to CloudWatch, wherever the others go."
    ingest_key, stored_key = CLASS_PRICES[STANDARD]
    return [
        _item(book, "Control-plane ingestion", logging.control_plane_gb, "GB", ingest_key, why),
        _item(book, "Control-plane storage", stored, "GB", stored_key, why),
    ]


def s3_bill(logging: Logging, book: PriceBook, *, days_kept: float | None = None) -> Bill:
    """Return a month with container logs in S3 Standard, through the free gateway endpoint.

    Args:
        logging: what is logged.
        book: the prices.
        days_kept: days of logs that are there; None once the retention has passed.
    """
    terms = log_delivery()
    days = logging.kept(days_kept, logging.s3_days)
    stored = stored_gb(logging.volume.gb, days, logging.s3_compressed_percent)
    puts = s3_puts(logging.volume.gb, logging.shippers, terms.s3_object_mib, terms.s3_upload_minutes)
    scanned_tb = logging.query_gb * logging.s3_compressed_percent / 100 / 1024
    return bill_of(
        _item(
            book,
            "S3 storage",
            stored,
            "GB",
            "s3_gb_month",
            f"{days:.4g} days at {logging.s3_compressed_percent:g} % of their size.",
        ),
        BillItem(
            group="S3",
            what="S3 uploads",
            quantity=round(puts),
            unit="PUTs",
            usd_per_unit=book.value("s3_1k_puts") / 1000,
            hourly=False,
            why=f"Each of {logging.shippers} nodes uploads at {terms.s3_object_mib} MiB or after"
            f" {terms.s3_upload_minutes} minutes.",
            price_keys=("s3_1k_puts",),
        ),
        _item(
            book,
            "Athena queries",
            scanned_tb,
            "TB",
            "athena_query_tb",
            "Queries scan the compressed objects.",
        ),
        *_control_plane_items(logging, book, logging.kept(days_kept, logging.cloudwatch_days)),
    )


def _item(book: PriceBook, what: str, quantity: float, unit: str, key: str, why: str) -> BillItem:
    return BillItem(
        group=what.partition(" ")[0],
        what=what,
        quantity=quantity,
        unit=unit,
        usd_per_unit=book.value(key),
        hourly=False,
        why=why,
        price_keys=(key,),
    )


def days_in_month(month: int) -> float:
    """Return the days of logs that are there on average in a month of a new cluster.

    Args:
        month: 1 is the first.

    Returns:
        Half a month in the first, one and a half in the second.
    """
    return (month - 0.5) * DAYS_PER_MONTH
