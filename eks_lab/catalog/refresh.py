"""Write the catalogue's data file anew from what EC2 says about its instance types.

For maintainers, in a checkout, with AWS credentials for the first line only::

    $ aws ec2 describe-instance-types --region us-east-1 --output json > types.json
    $ python -m eks_lab.catalog.refresh types.json --date 2026-11-22

`FILE` may be repeated (other Regions, pages fetched one by one; a later file wins), may end in
`.gz`, and `-`, or no file at all, means standard input. Two shapes are read: the answer of
DescribeInstanceTypes, `{"InstanceTypes": [{"InstanceType": "m5.large", …}, …]}`, and the map that
the package moto carries, `{"m5.large": {…}, …}`. The same input always gives the same bytes, so
the diff of the data file shows what AWS changed.

Branch ENIs (`branch_enis.json`) and prices (`prices.json`) are no part of DescribeInstanceTypes:
they are edited by hand, with their source and date.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

from eks_lab.catalog.instance_types import (
    ARRAY_COLUMNS,
    DATA_FILE,
    EBS_LIMITS,
    HYPERVISORS,
    LETTER_COLUMNS,
)
from eks_lab.catalog.source import FORMAT, packaged_file
from eks_lab.clock import Clock, SystemClock
from eks_lab.errors import EksLabError, InputError

STANDARD_INPUT = "-"


def read_descriptions(text: str | bytes, origin: str) -> dict[str, Mapping[str, Any]]:
    """Read one document of instance-type descriptions.

    Args:
        text: JSON in either accepted shape.
        origin: name of the file, for messages.

    Returns:
        Instance type -> its description as EC2 words it.

    Raises:
        InputError: no JSON, or none of the two shapes.
    """
    try:
        document = json.loads(text)
    except ValueError as error:
        raise InputError(
            f"{origin}: no JSON: {error}",
            hint="Write it with: aws ec2 describe-instance-types --output json",
        ) from error
    if isinstance(document, dict):
        listed = document.get("InstanceTypes")
        if isinstance(listed, list):
            document = {entry.get("InstanceType", ""): entry for entry in listed if isinstance(entry, dict)}
        if document and all(name and isinstance(entry, dict) for name, entry in document.items()):
            return document
    raise InputError(
        f"{origin}: holds no instance types",
        hint='Expected {"InstanceTypes": [...]} or {"m5.large": {...}, ...}.',
    )


def columns(descriptions: Mapping[str, Mapping[str, Any]]) -> dict[str, Any]:
    """Return the columns of the data file.

    Args:
        descriptions: instance type -> its description as EC2 words it.

    Returns:
        `names` sorted, one array or string a property in the same order, the table
        `architecture_sets` and the map `gpus`.

    Raises:
        InputError: a description lacks a property; the message names type and property.
    """
    names = sorted(descriptions)
    rows = [_row(name, descriptions[name]) for name in names]
    sets = sorted({row["architectures"] for row in rows})
    table: dict[str, Any] = {"names": names}
    for column in ARRAY_COLUMNS:
        table[column] = [row[column] for row in rows]
    table["architectures"] = [sets.index(row["architectures"]) for row in rows]
    table["architecture_sets"] = [list(members) for members in sets]
    for column in LETTER_COLUMNS:
        table[column] = "".join(row[column] for row in rows)
    table["gpus"] = {name: row["gpus"] for name, row in zip(names, rows, strict=True) if row["gpus"]}
    return table


def _row(name: str, description: Mapping[str, Any]) -> dict[str, Any]:
    try:
        network = description["NetworkInfo"]
        default_card = network["DefaultNetworkCardIndex"]
        card = next(card for card in network["NetworkCards"] if card["NetworkCardIndex"] == default_card)
        ebs = description.get("EbsInfo", {})
        return {
            "vcpus": int(description["VCpuInfo"]["DefaultVCpus"]),
            "memory_mib": int(description["MemoryInfo"]["SizeInMiB"]),
            "default_card_enis": int(card["MaximumNetworkInterfaces"]),
            "total_enis": int(network["MaximumNetworkInterfaces"]),
            "network_cards": int(network["MaximumNetworkCards"]),
            "ipv4_per_eni": int(network["Ipv4AddressesPerInterface"]),
            "ebs_attachments": ebs.get("MaximumEbsAttachments"),
            "architectures": tuple(sorted(description["ProcessorInfo"]["SupportedArchitectures"])),
            "hypervisor": _letter(HYPERVISORS, description.get("Hypervisor", "")),
            "ebs_limit": _letter(EBS_LIMITS, ebs.get("AttachmentLimitType")),
            "bare_metal": "1" if description["BareMetal"] else "0",
            "burstable": "1" if description["BurstablePerformanceSupported"] else "0",
            "current_generation": "1" if description["CurrentGeneration"] else "0",
            "gpus": sum(
                int(gpu.get("LogicalGpuCount", gpu["Count"]))
                for gpu in description.get("GpuInfo", {}).get("Gpus", [])
            ),
        }
    except StopIteration:
        raise InputError(f"{name}: its default network card is not among its NetworkCards") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise InputError(
            f"{name}: property missing or of another kind: {error}",
            hint="The file is no complete answer of DescribeInstanceTypes; fetch it without --query.",
        ) from error


def _letter(letters: Mapping[str, str | None], value: str | None) -> str:
    for letter, meaning in letters.items():
        if meaning == value:
            return letter
    raise ValueError(f"unknown value {value!r}")


def render(
    descriptions: Mapping[str, Mapping[str, Any]], *, title: str, as_of: date, url: str, licence: str
) -> str:
    """Return the text of the data file, one line a column.

    Args:
        descriptions: instance type -> its description as EC2 words it.
        title: where they come from.
        as_of: the day they were true.
        url: public address of the origin, or nothing.
        licence: SPDX identifier of the origin, or nothing.

    Raises:
        InputError: a description lacks a property.
    """
    source = {"title": title, "date": as_of.isoformat(), "url": url, "licence": licence}
    document: dict[str, Any] = {"format": FORMAT, "source": source, **columns(descriptions)}
    lines = (
        f"{json.dumps(key)}: {json.dumps(value, separators=(',', ':'), ensure_ascii=False)}"
        for key, value in document.items()
    )
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _read(origin: str) -> bytes:
    if origin == STANDARD_INPUT:
        return sys.stdin.buffer.read()
    try:
        content = Path(origin).read_bytes()
        return gzip.decompress(content) if origin.endswith(".gz") else content
    except OSError as error:
        raise InputError(f"{origin}: cannot be read: {error.strerror or error}") from error


def refresh(
    origins: Iterable[str], target: Path, *, title: str, as_of: date, url: str = "", licence: str = ""
) -> int:
    """Write the data file from documents; an unusable document leaves it as it was.

    Args:
        origins: files, or `-` for standard input.
        target: the data file.
        title: where the descriptions come from.
        as_of: the day they were true.
        url: public address of the origin, or nothing.
        licence: SPDX identifier of the origin, or nothing.

    Returns:
        The number of instance types.

    Raises:
        InputError: a document cannot be read or used.
    """
    descriptions: dict[str, Mapping[str, Any]] = {}
    for origin in origins:
        descriptions.update(read_descriptions(_read(origin), origin))
    text = render(descriptions, title=title, as_of=as_of, url=url, licence=licence)
    unfinished = target.with_name(f"{target.name}.new")
    unfinished.write_text(text, encoding="utf-8")
    os.replace(unfinished, target)
    return len(descriptions)


def main(argv: Sequence[str] | None = None, clock: Clock | None = None) -> int:
    """Run the command.

    Args:
        argv: arguments after the program name; those of the process by default.
        clock: tells the day that is recorded when `--date` is not given.

    Returns:
        The exit code: 0, or that of the error.
    """
    parser = argparse.ArgumentParser(
        prog="python -m eks_lab.catalog.refresh",
        description="Write the catalogue of instance types from what DescribeInstanceTypes answers.",
    )
    parser.add_argument(
        "files",
        nargs="*",
        metavar="FILE",
        help="JSON of `aws ec2 describe-instance-types --output json`; - or nothing: standard input",
    )
    parser.add_argument("--date", type=date.fromisoformat, help="day of the figures (default: today)")
    parser.add_argument("--source", default="EC2 DescribeInstanceTypes", help="where they come from")
    parser.add_argument("--url", default="", help="public address of the origin")
    parser.add_argument("--licence", default="", help="SPDX identifier of the origin")
    parser.add_argument(
        "--output", type=Path, default=packaged_file(DATA_FILE), help="file to write (default: the catalogue)"
    )
    options = parser.parse_args(argv)
    as_of = options.date or (clock or SystemClock()).now().date()
    try:
        count = refresh(
            options.files or [STANDARD_INPUT],
            options.output,
            title=options.source,
            as_of=as_of,
            url=options.url,
            licence=options.licence,
        )
    except EksLabError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print(f"{options.output.name}: {count} instance types, {as_of.isoformat()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
