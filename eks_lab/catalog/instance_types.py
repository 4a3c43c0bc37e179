"""EC2 instance types: the figures that decide how many pods and addresses a node has.

The data file is columnar (one array a property, one position a type), because it loads in a few
milliseconds; a type becomes an object only when somebody asks for it. `eks_lab.catalog.refresh`
writes the file from what EC2's DescribeInstanceTypes answers.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from eks_lab.catalog import branch_enis
from eks_lab.catalog.source import Source, packaged_file, read_data_file
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import DataError, InputError

Hypervisor = Literal["nitro", "xen", ""]
EbsLimit = Literal["shared", "dedicated"]

DATA_FILE = "instance_types.json"
HYPERVISORS: dict[str, Hypervisor] = {"n": "nitro", "x": "xen", "-": ""}
EBS_LIMITS: dict[str, EbsLimit | None] = {"s": "shared", "d": "dedicated", "-": None}
ARRAY_COLUMNS = (
    "vcpus",
    "memory_mib",
    "default_card_enis",
    "total_enis",
    "network_cards",
    "ipv4_per_eni",
    "ebs_attachments",
    "architectures",
)
LETTER_COLUMNS = ("hypervisor", "ebs_limit", "bare_metal", "burstable", "current_generation")


@dataclass(frozen=True, slots=True)
class InstanceType:
    """One EC2 instance type."""

    name: str
    """`m5.large`."""
    vcpus: int
    """Default vCPUs."""
    memory_mib: int
    """Nominal memory in MiB; what a node reports is some per cent less."""
    architectures: tuple[str, ...]
    """`x86_64`, `arm64`, `i386`, `x86_64_mac`, `arm64_mac`."""
    hypervisor: Hypervisor
    """`nitro`, `xen`, or empty: EC2 names none for bare metal."""
    is_bare_metal: bool
    """Whether the instance is the whole machine."""
    is_burstable: bool
    """Whether CPU above a baseline is paid with credits."""
    is_current_generation: bool
    """Whether AWS counts it as current generation."""
    default_card_enis: int
    """ENIs the default network card carries: the only ones the VPC CNI counts for max pods."""
    total_enis: int
    """ENIs of all network cards together."""
    network_cards: int
    """Number of network cards."""
    ipv4_per_eni: int
    """IPv4 addresses an ENI holds, its primary included."""
    ebs_attachments: int | None
    """EBS volumes that may be attached; None when not on record."""
    ebs_limit: EbsLimit | None
    """`shared`: ENIs and NVMe disks count against the attachments too; `dedicated`: only volumes."""
    gpus: int
    """GPUs the instance sees; 0 when EC2 lists none."""
    branch_enis: int | None
    """Branch ENIs for pods with their own security group; 0 without trunking, None when not on record."""

    @property
    def family(self) -> str:
        """Return `m5` of `m5.large`."""
        return self.name.partition(".")[0]

    @property
    def size(self) -> str:
        """Return `large` of `m5.large`."""
        return self.name.partition(".")[2]

    @property
    def supports_prefixes(self) -> bool:
        """Whether an ENI can hold /28 prefixes: Nitro and bare metal (VPC CNI >= 1.11).

        Source: aws/amazon-vpc-cni-k8s v1.23.0, pkg/awsutils, IsPrefixDelegationSupported.
        """
        return self.hypervisor == "nitro" or self.is_bare_metal

    @property
    def supports_trunking(self) -> bool | None:
        """Whether an ENI can be a trunk for branch ENIs; None when not on record."""
        return None if self.branch_enis is None else self.branch_enis > 0


class Catalogue:
    """Every instance type of one data file."""

    def __init__(self, path: Path) -> None:
        """Read a data file.

        Args:
            path: a file that `eks_lab.catalog.refresh` wrote.

        Raises:
            DataError: it cannot be read, or its columns do not fit together.
        """
        self.source: Source
        self._columns: dict[str, Any]
        self.source, self._columns = read_data_file(path)
        try:
            self.names: tuple[str, ...] = tuple(self._columns["names"])
            lengths = {len(self._columns[column]) for column in (*ARRAY_COLUMNS, *LETTER_COLUMNS)}
        except (KeyError, TypeError) as error:
            raise DataError(f"{path.name}: column {error} is missing or no list") from error
        if lengths != {len(self.names)}:
            raise DataError(
                f"{path.name}: columns of {sorted(lengths)} values for {len(self.names)} names",
                hint="Write the file again with eks_lab.catalog.refresh.",
            )
        self._rows = {name: row for row, name in enumerate(self.names)}

    def __len__(self) -> int:
        return len(self.names)

    def __contains__(self, name: object) -> bool:
        return name in self._rows

    def __iter__(self) -> Iterator[InstanceType]:
        return (self._at(row) for row in range(len(self.names)))

    def get(self, name: str) -> InstanceType:
        """Return one type.

        Args:
            name: `m5.large`; case and outer blanks do not matter.

        Raises:
            InputError: the catalogue has no such type; the hint names the nearest ones.
        """
        wanted = name.strip().lower()
        row = self._rows.get(wanted)
        if row is not None:
            return self._at(row)
        sizes = self.search(f"{wanted}.") if wanted and "." not in wanted else ()
        if sizes:
            hint = f"{wanted} is a family: choose a size, for example {', '.join(sizes[:3])}."
        else:
            hint = did_you_mean(wanted, self.names)
        raise InputError(
            f"no EC2 instance type {name!r} among the {len(self.names)} of the catalogue"
            f" ({self.source.as_of.isoformat()})",
            hint=hint or "Give family and size, for example m5.large.",
        )

    def search(self, prefix: str) -> tuple[str, ...]:
        """Return the names that begin with `prefix`, by family, then by vCPUs.

        Args:
            prefix: `m5`, `m5.`, `c7g.x`; case does not matter, empty finds all.
        """
        wanted = prefix.strip().lower()
        vcpus = self._columns["vcpus"]
        found = [name for name in self.names if name.startswith(wanted)]
        return tuple(sorted(found, key=lambda name: (name.partition(".")[0], vcpus[self._rows[name]], name)))

    def _at(self, row: int) -> InstanceType:
        columns = self._columns
        name = self.names[row]
        vcpus, total_enis = columns["vcpus"][row], columns["total_enis"][row]
        return InstanceType(
            name=name,
            vcpus=vcpus,
            memory_mib=columns["memory_mib"][row],
            architectures=tuple(columns["architecture_sets"][columns["architectures"][row]]),
            hypervisor=HYPERVISORS[columns["hypervisor"][row]],
            is_bare_metal=columns["bare_metal"][row] == "1",
            is_burstable=columns["burstable"][row] == "1",
            is_current_generation=columns["current_generation"][row] == "1",
            default_card_enis=columns["default_card_enis"][row],
            total_enis=total_enis,
            network_cards=columns["network_cards"][row],
            ipv4_per_eni=columns["ipv4_per_eni"][row],
            ebs_attachments=columns["ebs_attachments"][row],
            ebs_limit=EBS_LIMITS[columns["ebs_limit"][row]],
            gpus=columns["gpus"].get(name, 0),
            branch_enis=branch_enis.record().branch_enis(name, vcpus=vcpus, total_enis=total_enis),
        )


@functools.cache
def catalogue() -> Catalogue:
    """Return the catalogue that ships with the program, read once."""
    return Catalogue(packaged_file(DATA_FILE))


def get(name: str) -> InstanceType:
    """Return one type of the shipped catalogue; see `Catalogue.get`."""
    return catalogue().get(name)


def search(prefix: str) -> tuple[str, ...]:
    """Return names of the shipped catalogue; see `Catalogue.search`."""
    return catalogue().search(prefix)
