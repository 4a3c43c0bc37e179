"""What the logs of a cluster cost in CloudWatch and in S3, and how far back one can read.

The bills come from `eks_lab.calc.log_bill`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eks_lab.calc.bill import BYTES_PER_GB, Bill, count_text, usd_text
from eks_lab.calc.log_bill import (
    INFREQUENT_ACCESS,
    INTERFACE_ENDPOINT,
    NAT,
    NO_CHARGE,
    STANDARD,
    Logging,
    cloudwatch_bill,
    s3_bill,
)
from eks_lab.calc.log_tables import choices, choices_grid, first_year, plot
from eks_lab.calc.log_volume import SECONDS_PER_MONTH, log_volume, node_log_seconds
from eks_lab.calc.model import Answer, Calculator, Input, Reference, Step, Value
from eks_lab.calc.price_overrides import PRICES, TODAY, PriceBook
from eks_lab.catalog.log_delivery import log_delivery

SHORT_LOG_HOURS = 1
LARGEST_EVENT = 1_048_576
"""Bytes; CloudWatch takes no larger event."""


def _amount(inputs: Mapping[str, Value], name: str) -> float:
    value = inputs[name]
    return float(value) if isinstance(value, int | float) else 0.0


def _logging(inputs: Mapping[str, Value]) -> Logging:
    retention = inputs["retention_days"]
    return Logging(
        volume=log_volume(
            int(_amount(inputs, "pods")),
            _amount(inputs, "events_per_second"),
            _amount(inputs, "bytes_per_event"),
            _amount(inputs, "added_bytes"),
        ),
        shippers=int(_amount(inputs, "nodes")),
        control_plane_gb=_amount(inputs, "control_plane_gb"),
        retention_days=retention if isinstance(retention, int) else None,
        query_gb=_amount(inputs, "query_gb"),
        path=str(inputs["path"]),
        zones=int(_amount(inputs, "zones")),
        s3_compressed_percent=_amount(inputs, "s3_percent"),
    )


def _node_hours(inputs: Mapping[str, Value]) -> float | None:
    terms = log_delivery()
    seconds = node_log_seconds(
        terms.container_log_max_mib,
        _amount(inputs, "events_per_second"),
        _amount(inputs, "bytes_per_event") + terms.line_prefix_bytes,
    )
    return None if seconds is None else seconds / 3600


def _steps(
    inputs: Mapping[str, Value], logging: Logging, cloudwatch: Bill, s3: Bill, node_hours: float | None
) -> list[Step]:
    volume, terms = logging.volume, log_delivery()
    rate = f"{_amount(inputs, 'events_per_second'):g}"
    size = f"({_amount(inputs, 'bytes_per_event'):g} + {_amount(inputs, 'added_bytes'):g})"
    steps = [
        Step(
            formula="events = pods × events a second × seconds of a month",
            substitution=f"{int(_amount(inputs, 'pods'))} × {rate} × {SECONDS_PER_MONTH}",
            value=round(volume.events),
            unit="events/month",
            why="On average over the whole month; a month has 730 hours.",
        ),
        Step(
            formula="volume = events × (line + what the shipper adds) ÷ 2^30",
            substitution=f"{round(volume.events)} × {size} ÷ {BYTES_PER_GB}",
            value=round(volume.gb, 3),
            unit="GB/month",
            why="Fluent Bit wraps each line in JSON with pod, labels, image and hashes: often more than the line.",
        ),
    ]
    for name, bill in (("CloudWatch", cloudwatch), ("S3", s3)):
        steps += [item.step() for item in bill.items]
        steps.append(
            Step(
                formula=f"{name} = sum",
                substitution=" + ".join(f"{item.usd_per_month:.2f}" for item in bill.items) or "0",
                value=round(bill.usd_per_month, 2),
                unit="USD/month",
                why="Once the retention has passed, so that as much is deleted as comes in."
                if logging.retention_days is not None
                else "After a year; without retention it grows every month.",
            )
        )
    if node_hours is not None:
        line = f"{_amount(inputs, 'bytes_per_event'):g} + {terms.line_prefix_bytes}"
        steps.append(
            Step(
                formula="kubectl logs reaches back = file ÷ (events a second × (line + prefix))",
                substitution=f"{terms.container_log_max_mib} × 1048576 ÷ ({rate} × ({line})) ÷ 3600",
                value=round(node_hours, 2),
                unit="h",
                why=f"kubelet starts a new file at {terms.container_log_max_mib} MiB, keeps"
                f" {terms.container_log_max_files} of a container, and shows the newest.",
            )
        )
    return steps


def _warnings(logging: Logging, log_class: str, s3: Bill, node_hours: float | None) -> list[str]:
    found = []
    terms = log_delivery()
    if logging.retention_days is None:
        found.append(
            "A log group keeps everything for ever unless told otherwise: the storage reckoned here is that after"
            " 12 months, and it goes on growing."
        )
    elif logging.cloudwatch_days != logging.retention_days:
        found.append(
            f"CloudWatch cannot keep logs for {logging.retention_days} days; the next setting is"
            f" {logging.cloudwatch_days:g}."
        )
    if log_class == INFREQUENT_ACCESS:
        found.append(
            "The Infrequent Access class lacks metric filters, subscriptions and live tail, and a log group"
            " cannot change its class."
        )
    if any(item.what == "S3 uploads" and 2 * item.usd_per_month > s3.usd_per_month for item in s3.items):
        found.append(
            f"Uploads are most of the S3 bill: each node writes an object every {terms.s3_upload_minutes} minutes,"
            " however little there is. Longer intervals make fewer, larger objects."
        )
    if logging.volume.gb > 0:
        found.append(
            f"In S3 an event can be read after up to {terms.s3_upload_minutes} minutes and searched once a table"
            " describes the objects; CloudWatch shows it within seconds."
        )
    if node_hours is not None and node_hours < SHORT_LOG_HOURS:
        found.append(
            f"`kubectl logs` reaches back {node_hours * 60:.0f} minutes only: a busy container's file is full"
            " before anybody looks."
        )
    return found


def _headline(logging: Logging, cloudwatch: Bill, s3: Bill) -> str:
    kept = "for ever" if logging.retention_days is None else f"{logging.retention_days} days"
    volume = f"{count_text(round(logging.volume.gb, 1))} GB a month, kept {kept}"
    text = f"{volume}: {usd_text(cloudwatch.usd_per_month)} USD a month in CloudWatch"
    return f"{text}, {usd_text(s3.usd_per_month)} in S3."


def _stored(bill: Bill, what: str) -> float:
    return round(sum(item.quantity for item in bill.items if item.what == what), 3)


def logs(inputs: Mapping[str, Value]) -> Answer:
    """Answer what logs cost in CloudWatch and in S3.

    Args:
        inputs: checked inputs of `CALCULATOR`.

    Returns:
        Monthly figures hold once the retention has passed, or after a year when nothing expires.
        `…_first_year_usd` sums the first twelve months of a new cluster. `dominant` is the largest
        item of CloudWatch's bill, None when it costs nothing; `kubectl_logs_hours` is None when
        nothing is logged.

    Raises:
        InputError: an own price is unusable.
    """
    book = PriceBook.of(inputs)
    logging, log_class = _logging(inputs), str(inputs["log_class"])
    cloudwatch, s3 = cloudwatch_bill(logging, log_class, book), s3_bill(logging, book)
    node_hours = _node_hours(inputs)
    year = first_year(logging, log_class, book)
    dearest = max(cloudwatch.items, key=lambda item: item.usd_per_month, default=None)
    source = log_delivery().source
    places = choices(logging, book)
    keys = [key for bill in places.values() for key in bill.price_keys]
    result: dict[str, Any] = {
        "events_per_month": round(logging.volume.events),
        "gb_per_month": round(logging.volume.gb, 3),
        "cloudwatch_usd_per_month": round(cloudwatch.usd_per_month, 2),
        "s3_usd_per_month": round(s3.usd_per_month, 2),
        "difference_usd_per_month": round(s3.usd_per_month - cloudwatch.usd_per_month, 2),
        "dominant": dearest.what if dearest and dearest.usd_per_month > 0 else None,
        "cloudwatch_first_year_usd": round(year[0], 2),
        "s3_first_year_usd": round(year[1], 2),
        "cloudwatch_stored_gb": _stored(cloudwatch, "CloudWatch storage"),
        "s3_stored_gb": _stored(s3, "S3 storage"),
        "cloudwatch_retention_days": None if logging.retention_days is None else int(logging.cloudwatch_days),
        "kubectl_logs_hours": None if node_hours is None else round(node_hours, 2),
    }
    return Answer(
        calculator="logs",
        headline=_headline(logging, cloudwatch, s3),
        inputs=dict(inputs),
        result=result,
        steps=tuple(_steps(inputs, logging, cloudwatch, s3, node_hours)),
        sources=(
            Reference(title=source.title, date=source.as_of.isoformat(), url=source.url),
            *book.references(keys),
        ),
        warnings=(
            *_warnings(logging, log_class, s3, node_hours),
            (
                f"Retention settings, the {log_delivery().stored_bytes_per_event} bytes an event, the compression and"
                f" the defaults of kubelet and Fluent Bit are widely known, not read again ({source.as_of.isoformat()})."
                " Measure your own with the metric IncomingBytes."
            ),
            *book.warnings(keys),
            *book.limit_warnings(source),
        ),
        grids=(choices_grid(places),),
        plots=(plot(logging, log_class, book),),
    )


def _number(
    name: str, label: str, default: float, unit: str, help_text: str, maximum: float = 1_000_000_000
) -> Input:
    return Input(name, label, "number", default, help_text, unit=unit, minimum=0, maximum=maximum)


def _count(name: str, label: str, default: int, unit: str, help_text: str, least: int, most: int) -> Input:
    return Input(name, label, "integer", default, help_text, unit=unit, minimum=least, maximum=most)


CALCULATOR = Calculator(
    name="logs",
    title="Cost of logs",
    summary="What container and control-plane logs cost in CloudWatch and in S3, and how far back one can read.",
    inputs=(
        _count("pods", "Pods", 50, "pods", "Pods that log.", 0, 1_000_000),
        _number(
            "events_per_second",
            "Events a second",
            1.0,
            "events/s",
            "Lines that one pod writes, on average over the month.",
            1_000_000,
        ),
        _number(
            "bytes_per_event", "Size of a line", 200.0, "bytes", "As the container writes it.", LARGEST_EVENT
        ),
        _number(
            "added_bytes",
            "Added by the shipper",
            500.0,
            "bytes",
            "What Fluent Bit puts around a line (pod, labels, image): about 500; 0 when it adds nothing.",
            LARGEST_EVENT,
        ),
        _count("nodes", "Nodes", 3, "nodes", "Nodes that ship logs.", 1, 100_000),
        _number("control_plane_gb", "Control-plane logs", 0.0, "GB", "In a month, audit above all."),
        Input(
            "retention_days",
            "Retention",
            "integer",
            30,
            "How long logs are kept; empty is for ever, as in a new log group.",
            unit="days",
            minimum=1,
            maximum=3653,
            optional=True,
        ),
        Input(
            "log_class",
            "Class of the log group",
            "choice",
            STANDARD,
            "Standard, or Infrequent Access for logs that are rarely read.",
            choices=(STANDARD, INFREQUENT_ACCESS),
        ),
        _number("query_gb", "Queries", 0.0, "GB", "What queries look at in a month, as logged."),
        Input(
            "path",
            "Way to CloudWatch",
            "choice",
            NAT,
            "How nodes reach CloudWatch; S3 is reached through its free gateway endpoint.",
            choices=(NAT, INTERFACE_ENDPOINT, NO_CHARGE),
        ),
        _count("zones", "Zones", 3, "zones", "Zones of an interface endpoint.", 1, 6),
        _number(
            "s3_percent",
            "Size in S3",
            15.0,
            "%",
            "Size of the objects in % of the logs: 100 as they are, about 15 with gzip.",
            100,
        ),
        PRICES,
        TODAY,
    ),
    compute=logs,
    lesson="observability.logs",
    result_units={
        "events_per_month": "events",
        "gb_per_month": "GB",
        "cloudwatch_usd_per_month": "USD/month",
        "s3_usd_per_month": "USD/month",
        "difference_usd_per_month": "USD/month",
        "cloudwatch_first_year_usd": "USD",
        "s3_first_year_usd": "USD",
        "cloudwatch_stored_gb": "GB",
        "s3_stored_gb": "GB",
        "cloudwatch_retention_days": "days",
        "kubectl_logs_hours": "h",
    },
)
