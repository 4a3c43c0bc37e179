"""Managed node groups: how they are written down, and what EKS gives their nodes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from eks_lab.calc.address_space import pieces, shown
from eks_lab.calc.pod_limit import Question, pod_limit
from eks_lab.catalog import instance_types
from eks_lab.catalog.instance_types import InstanceType
from eks_lab.errors import InputError
from eks_lab.generate.terraform.statements import Statement, read_statements

Capacity = Literal["ON_DEMAND", "SPOT"]
Architecture = Literal["x86_64", "arm64"]

FIELD = "node_groups"
MOST_GROUPS = 30
"""Managed node groups a cluster may have; source: EKS service quotas."""
MOST_NODES = 450
"""Nodes a managed node group may have; source: EKS service quotas."""
MOST_TYPES = 20
"""Instance types of a managed node group; source: EKS API, CreateNodegroup."""
EXAMPLE = "general types=m7i.large,m6i.large min=3 desired=3 max=9"
_KEYS = ("types", "min", "desired", "max", "disk", "capacity", "ami", "labels", "taints", "release")
_NAME = re.compile(r"[a-z][a-z0-9-]{0,29}", re.ASCII)
_LABEL = re.compile(r"([a-z0-9A-Z.-]{1,100}/)?[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?", re.ASCII)
_RELEASE = re.compile(r"1\.\d{1,3}\.\d{1,3}-\d{8}", re.ASCII)
_EFFECTS = {
    "noschedule": "NO_SCHEDULE",
    "prefernoschedule": "PREFER_NO_SCHEDULE",
    "noexecute": "NO_EXECUTE",
}
"""As Kubernetes spells an effect, in lower case -> as the EKS API spells it."""
_FAMILIES = {"al2023": "AL2023", "bottlerocket": "BOTTLEROCKET"}
_CAPACITIES: dict[str, str] = {"on-demand": "ON_DEMAND", "spot": "SPOT"}


@dataclass(frozen=True, slots=True)
class Taint:
    """A taint in the words of the EKS API."""

    key: str
    """`dedicated`."""
    value: str
    """May be empty."""
    effect: str
    """`NO_SCHEDULE`, `PREFER_NO_SCHEDULE` or `NO_EXECUTE`."""


@dataclass(frozen=True, slots=True)
class NodeGroup:
    """One managed node group."""

    name: str
    """`general`."""
    instances: tuple[InstanceType, ...]
    """Types it may launch, in the order of preference."""
    min_size: int
    """Fewest nodes."""
    desired_size: int
    """Nodes at the beginning."""
    max_size: int
    """Most nodes."""
    disk_gib: int
    """Root volume; of Bottlerocket the volume that holds images and pods."""
    capacity_type: Capacity
    """On demand or Spot."""
    family: str
    """`AL2023` or `BOTTLEROCKET`."""
    labels: tuple[tuple[str, str], ...]
    """Kubernetes labels of its nodes."""
    taints: tuple[Taint, ...]
    """Kubernetes taints of its nodes."""
    release: str
    """AMI release; empty takes the newest when the group is created."""

    @property
    def types(self) -> tuple[str, ...]:
        """Return the names of the instance types."""
        return tuple(instance.name for instance in self.instances)

    @property
    def architecture(self) -> Architecture:
        """Return what the nodes' processors are."""
        return "arm64" if "arm64" in self.instances[0].architectures else "x86_64"

    @property
    def ami_type(self) -> str:
        """Return the AMI type of the EKS API (botocore 1.44.5, AMITypes)."""
        processor = "ARM_64" if self.architecture == "arm64" else "x86_64"
        has_gpus = any(instance.gpus for instance in self.instances)
        if self.family == "BOTTLEROCKET":
            return f"BOTTLEROCKET_{processor}{'_NVIDIA' if has_gpus else ''}"
        return f"AL2023_{processor}_{'NVIDIA' if has_gpus else 'STANDARD'}"

    @property
    def device_name(self) -> str:
        """Return the volume that holds container images: Bottlerocket keeps them on a second one."""
        return "/dev/xvdb" if self.family == "BOTTLEROCKET" else "/dev/xvda"

    def max_pods(self, *, prefix_delegation: bool, custom_networking: bool) -> int:
        """Return the pod limit that holds for every type of the group: the lowest.

        Raises:
            InputError: EKS does not offer the combination on one of the types.
        """
        return min(
            pod_limit(
                Question(instance, prefix_delegation=prefix_delegation, custom_networking=custom_networking)
            ).max_pods
            for instance in self.instances
        )


def _instances(statement: Statement) -> tuple[InstanceType, ...]:
    names = pieces(statement.value("types", ""))
    if not names:
        raise InputError(f"{statement.place} names no instance types", hint=f"Write {EXAMPLE}")
    if len(names) > MOST_TYPES:
        raise InputError(
            f"{statement.place}: {len(names)} types are more than the {MOST_TYPES} a group can have",
            hint="Make a second group.",
        )
    found: dict[str, InstanceType] = {}
    for name in names:
        try:
            instance = instance_types.get(name)
        except InputError as error:
            raise InputError(f"{statement.place}: {error.message}", hint=error.hint) from None
        if not {"x86_64", "arm64"} & set(instance.architectures):
            raise InputError(
                f"{statement.place}: {instance.name} runs {' and '.join(instance.architectures)} only, and EKS"
                " has no image for it",
                hint="Choose a type for x86_64 or arm64, for example m7i.large.",
            )
        found[instance.name] = instance
    arms = {name for name, instance in found.items() if "arm64" in instance.architectures}
    if arms and len(arms) < len(found):
        other = next(name for name in found if name not in arms)
        raise InputError(
            f"{statement.place}: {min(arms)} is arm64 and {other} is x86_64, and a group has one image",
            hint="Make a group for each architecture.",
        )
    return tuple(found.values())


def _labels(statement: Statement) -> tuple[tuple[str, str], ...]:
    found: dict[str, str] = {}
    for text in pieces(",".join(statement.values("labels"))):
        key, equals, value = text.partition("=")
        key, value = (key, value) if equals else (text.partition(":")[0], text.partition(":")[2])
        if not _LABEL.fullmatch(key) or (value and ("/" in value or not _LABEL.fullmatch(value))):
            raise InputError(
                f"{statement.place}: {shown(text)} is no label",
                hint="Write labels=workload=general,team=shop",
            )
        found[key] = value
    return tuple(found.items())


def _taints(statement: Statement) -> tuple[Taint, ...]:
    found = []
    for text in pieces(",".join(statement.values("taints"))):
        pair, _, effect = text.rpartition(":")
        key, _, value = pair.partition("=")
        known = _EFFECTS.get(effect.lower().replace("_", ""))
        is_value = not value or ("/" not in value and _LABEL.fullmatch(value))
        if known is None or not _LABEL.fullmatch(key) or not is_value:
            raise InputError(
                f"{statement.place}: {shown(text)} is no taint",
                hint="Write taints=dedicated=gpu:NoSchedule; effects are NoSchedule, PreferNoSchedule and NoExecute.",
            )
        found.append(Taint(key, value, known))
    return tuple(found)


def _group(statement: Statement) -> NodeGroup:
    statement.refuse_unknown(_KEYS, EXAMPLE)
    if not _NAME.fullmatch(statement.name):
        raise InputError(
            f"{FIELD}: {shown(statement.name)} is no name of a group",
            hint="Up to 30 lower-case letters, digits and dashes, a letter first.",
        )
    least = statement.whole_number("min", 1, 0, MOST_NODES)
    desired = statement.whole_number("desired", max(least, 1), 0, MOST_NODES)
    most = statement.whole_number("max", max(desired, 1), 1, MOST_NODES)
    if not least <= desired <= most:
        raise InputError(
            f"{statement.place}: min={least} desired={desired} max={most} are not in order",
            hint="min ≤ desired ≤ max.",
        )
    release = statement.value("release", "")
    if release and not _RELEASE.fullmatch(release):
        raise InputError(
            f"{statement.place}: {shown(release)} is no AMI release", hint="Write release=1.36.0-20261101."
        )
    spot: Capacity = (
        "SPOT" if statement.one_of("capacity", "on-demand", _CAPACITIES) == "SPOT" else "ON_DEMAND"
    )
    return NodeGroup(
        name=statement.name,
        instances=_instances(statement),
        min_size=least,
        desired_size=desired,
        max_size=most,
        disk_gib=statement.whole_number("disk", 50, 20, 16_384),
        capacity_type=spot,
        family=statement.one_of("ami", "al2023", _FAMILIES),
        labels=_labels(statement),
        taints=_taints(statement),
        release=release,
    )


def read_node_groups(text: str) -> tuple[NodeGroup, ...]:
    """Read node groups.

    Args:
        text: groups between semicolons or line ends, each a name and `key=value` words: `types` (names
            between commas), `min`, `desired`, `max` (nodes), `disk` (GiB), `capacity` (on-demand or spot),
            `ami` (al2023 or bottlerocket), `labels` (`a=b,c=d`), `taints` (`key=value:NoSchedule`) and
            `release` (AMI release). `none` means none.

    Returns:
        The groups in the order given.

    Raises:
        InputError: what is wrong, with the group and the value.
    """
    groups = tuple(_group(statement) for statement in read_statements(FIELD, text))
    if len(groups) > MOST_GROUPS:
        raise InputError(
            f"{FIELD}: {len(groups)} groups are more than the {MOST_GROUPS} a cluster can have",
            hint="Karpenter needs no group for each kind of node.",
        )
    return groups
