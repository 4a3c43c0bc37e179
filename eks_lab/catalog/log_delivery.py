"""What CloudWatch Logs, kubelet and Fluent Bit do with a log line: retention, overhead, file sizes."""

from __future__ import annotations

import functools
from dataclasses import dataclass
from pathlib import Path

from eks_lab.catalog.source import Source, packaged_file, read_data_file
from eks_lab.errors import DataError

DATA_FILE = "log_delivery.json"


@dataclass(frozen=True, slots=True)
class LogDelivery:
    """Terms of the places a container's log passes."""

    source: Source
    """Where the terms come from."""
    retention_days: tuple[int, ...]
    """What a CloudWatch log group can be set to; ascending."""
    stored_bytes_per_event: int
    """CloudWatch adds so many bytes to each event that it stores."""
    compressed_percent: float
    """CloudWatch's stored size in % of what was ingested, as AWS's own calculator assumes."""
    container_log_max_mib: int
    """kubelet starts a new file at this size; `kubectl logs` shows the newest file."""
    container_log_max_files: int
    """Files that kubelet keeps for a container."""
    line_prefix_bytes: int
    """Time stamp, stream and flag that containerd writes before each line."""
    s3_object_mib: int
    """Fluent Bit uploads an object to S3 at this size …"""
    s3_upload_minutes: int
    """… or after so many minutes, whichever comes first."""

    def retention_setting(self, days: int) -> int | None:
        """Return the shortest retention of a log group that keeps events so long.

        Args:
            days: wanted, at least 1.

        Returns:
            100 days give 120; None when only "never expire" is long enough.
        """
        return next((setting for setting in self.retention_days if setting >= days), None)


def read_log_delivery(path: Path) -> LogDelivery:
    """Read a data file of log delivery terms.

    Raises:
        DataError: it cannot be read.
    """
    source, document = read_data_file(path)
    try:
        cloudwatch, kubelet, fluent_bit = document["cloudwatch"], document["kubelet"], document["fluent_bit"]
        return LogDelivery(
            source=source,
            retention_days=tuple(sorted(int(days) for days in cloudwatch["retention_days"])),
            stored_bytes_per_event=cloudwatch["stored_bytes_per_event"],
            compressed_percent=float(cloudwatch["compressed_percent"]),
            container_log_max_mib=kubelet["container_log_max_mib"],
            container_log_max_files=kubelet["container_log_max_files"],
            line_prefix_bytes=kubelet["line_prefix_bytes"],
            s3_object_mib=fluent_bit["s3_object_mib"],
            s3_upload_minutes=fluent_bit["s3_upload_minutes"],
        )
    except (KeyError, TypeError, ValueError) as error:
        raise DataError(f"{path.name}: the terms of log delivery cannot be read: {error}") from error


@functools.cache
def log_delivery() -> LogDelivery:
    """Return the terms that ship with the program, read once."""
    return read_log_delivery(packaged_file(DATA_FILE))
