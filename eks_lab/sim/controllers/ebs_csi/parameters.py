"""What a StorageClass asks of a volume (kubernetes-sigs/aws-ebs-csi-driver, docs/parameters.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

GIB = 1024**3
TYPES = ("gp2", "gp3", "io1", "io2", "st1", "sc1", "standard")
DEFAULT_TYPE = "gp3"
FS_TYPES = ("csi.storage.k8s.io/fstype", "fsType", "fstype")
_KNOWN = frozenset(
    {
        *FS_TYPES, "type", "iops", "iopspergb", "throughput", "encrypted", "kmskeyid", "allowautoiopspergbincrease",
        "allowautoiopsincreaseonmodify", "blockexpress", "blocksize", "inodesize", "bytesperinode", "numberofinodes",
        "ext4bigalloc", "ext4clustersize", "zone", "zones",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class VolumeWish:
    """A volume as EC2 is asked for it."""

    size_gib: int
    type: str = DEFAULT_TYPE
    iops: int = 0
    throughput: int = 0
    is_encrypted: bool = False
    kms_key_id: str = ""
    file_system: str = "ext4"
    tags: Mapping[str, str] = field(default_factory=dict)


def wish_of(parameters: Mapping[str, str], size_bytes: int) -> VolumeWish:
    """Return the volume that parameters ask for.

    Args:
        parameters: of the StorageClass; names are read whatever their case, as the driver does.
        size_bytes: of the claim; EC2 counts whole GiB.

    Raises:
        ValueError: the message is the driver's.
    """
    size = max(1, -(-size_bytes // GIB))
    found = {name.lower(): value for name, value in parameters.items()}
    tags = {}
    for name, value in parameters.items():
        if name.lower().startswith("tagspecification_"):
            key, sign, text = value.partition("=")
            if not sign:
                raise ValueError(
                    f'Error interpolating tag specification: invalid tag specification "{value}"'
                )
            tags[key] = text
        elif name.lower() not in _KNOWN and not name.startswith("csi.storage.k8s.io/"):
            raise ValueError(f"Invalid parameter key {name} for CreateVolume")
    type = found.get("type") or DEFAULT_TYPE
    if type not in TYPES:
        raise ValueError(f'invalid AWS VolumeType "{type}"')
    per_gib = _number(found, "iopspergb")
    iops = _number(found, "iops") or per_gib * size
    if type == "io1" and not iops:
        iops = 100
    system = next((parameters[name] for name in FS_TYPES if parameters.get(name)), "ext4")
    return VolumeWish(
        size,
        type,
        iops,
        _number(found, "throughput"),
        found.get("encrypted", "").lower() == "true",
        found.get("kmskeyid", ""),
        system,
        tags,
    )


def _number(parameters: Mapping[str, str], name: str) -> int:
    text = parameters.get(name) or "0"
    if not text.isdecimal():
        raise ValueError(
            f'Could not parse invalid {name}: strconv.ParseInt: parsing "{text}": invalid syntax'
        )
    return int(text)
