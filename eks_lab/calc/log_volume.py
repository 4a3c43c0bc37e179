"""How many bytes containers log, and what is stored of them after a while. Shared by two calculators."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.calc.bill import BYTES_PER_GB, HOURS_PER_MONTH

SECONDS_PER_MONTH = HOURS_PER_MONTH * 3600
DAYS_PER_MONTH = HOURS_PER_MONTH / 24
MIB = 1024**2


@dataclass(frozen=True, slots=True)
class LogVolume:
    """What leaves the nodes in a month."""

    events: float
    """Log events."""
    gb: float
    """Their bytes with what the shipper adds, in GB of 2^30 bytes."""


def log_volume(
    pods: int, events_per_second: float, bytes_per_event: float, added_bytes_per_event: float = 0.0
) -> LogVolume:
    """Return what pods log in a month of 730 hours.

    Args:
        pods: how many log.
        events_per_second: of one pod, on average over the month.
        bytes_per_event: of the line a container writes.
        added_bytes_per_event: what the shipper puts around it, such as pod name and labels.

    Returns:
        One pod with 1 event a second of 408.6 bytes logs 2,628,000 events and 1 GB.
    """
    events = pods * events_per_second * SECONDS_PER_MONTH
    return LogVolume(events=events, gb=events * (bytes_per_event + added_bytes_per_event) / BYTES_PER_GB)


def stored_gb(gb_per_month: float, days: float, compressed_percent: float) -> float:
    """Return what is stored when `days` of logs are kept.

    Args:
        gb_per_month: what comes in.
        days: how long events are kept; or how long logging has gone on, when that is shorter.
        compressed_percent: stored size in % of what came in.

    Returns:
        GB on average, once so many days have passed: 100 GB a month, 30.4 days and 15 % give 15 GB.
    """
    return gb_per_month * days / DAYS_PER_MONTH * compressed_percent / 100


def node_log_seconds(file_mib: float, events_per_second: float, bytes_per_line: float) -> float | None:
    """Return how far back a container's log file on the node reaches.

    Args:
        file_mib: size at which kubelet starts a new file.
        events_per_second: of one container.
        bytes_per_line: of a line in the file, prefix and line end included.

    Returns:
        Seconds; None when nothing is logged.
    """
    per_second = events_per_second * bytes_per_line
    return file_mib * MIB / per_second if per_second > 0 else None


def s3_puts(gb_per_month: float, shippers: int, object_mib: float, upload_minutes: float) -> float:
    """Return the objects that shippers upload in a month.

    Args:
        gb_per_month: uploaded by all together.
        shippers: Fluent Bit pods, one a node.
        object_mib: size at which an object is uploaded.
        upload_minutes: time after which it is uploaded whatever its size.

    Returns:
        The larger of what the size and what the time demands; 0 when nothing is logged.
    """
    if gb_per_month <= 0:
        return 0.0
    by_size = gb_per_month * 1024 / object_mib
    by_time = shippers * HOURS_PER_MONTH * 60 / upload_minutes
    return max(by_size, by_time)
