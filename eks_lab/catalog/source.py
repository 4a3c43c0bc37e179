"""Where a data file comes from, and the reading of the packaged JSON files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from eks_lab.errors import DataError

FORMAT = 1


@dataclass(frozen=True, slots=True)
class Source:
    """Origin of a data file."""

    title: str
    """Document or program the figures were read from."""
    as_of: date
    """Day the figures were true at their origin."""
    url: str
    """Public address, empty when there is none."""
    licence: str
    """SPDX identifier of the origin, empty for plain facts."""


def packaged_file(name: str) -> Path:
    """Return the path of a data file that ships with the catalogue."""
    return Path(__file__).with_name(name)


def read_data_file(path: Path) -> tuple[Source, dict[str, Any]]:
    """Read one data file of the catalogue.

    Args:
        path: a JSON file with the keys `format` and `source`.

    Returns:
        Its source and the whole document.

    Raises:
        DataError: the file is missing, is no JSON, or has another format.
    """
    try:
        document: dict[str, Any] = json.loads(path.read_bytes())
        if document["format"] != FORMAT:
            raise DataError(
                f"{path.name}: format {document['format']!r}, this program reads {FORMAT}",
                hint="Install the program again, or write the file with eks_lab.catalog.refresh.",
            )
        origin = document["source"]
        source = Source(
            title=origin["title"],
            as_of=date.fromisoformat(origin["date"]),
            url=origin.get("url", ""),
            licence=origin.get("licence", ""),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{path.name}: the catalogue's data file cannot be read: {error}",
            hint="Install the program again, or write the file with eks_lab.catalog.refresh.",
        ) from error
    return source, document
