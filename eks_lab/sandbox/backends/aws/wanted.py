"""What a learner wishes for in their own account, checked before anything is asked."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from eks_lab.catalog import instance_types
from eks_lab.catalog.kubernetes_versions import calendar
from eks_lab.errors import InputError
from eks_lab.sandbox.backends.aws import limits, price, profile
from eks_lab.sandbox.backends.aws.ledger import Mode
from eks_lab.sandbox.backends.aws.nodes import DISK_GIB
from eks_lab.sandbox.backends.aws.price import Price
from eks_lab.sandbox.backends.aws.profile import Profile
from eks_lab.sandbox.backends.interface import Wishes

DEFAULT_CLUSTER = "eks-lab"
DEFAULT_INSTANCE = "t3.medium"
"""The cheapest x86 type on which the course's labs have room: 17 pods, 4 GiB."""
DEFAULT_NODES = 2
MOST_NODES = 10
_CLUSTER_NAME = re.compile(r"[0-9A-Za-z][A-Za-z0-9_-]{0,99}", re.ASCII)
"""EKS API reference, CreateCluster, `name`."""
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-\d", re.ASCII)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Wishes, complete and checked."""

    mode: Mode
    profile: Profile
    region: str
    cluster: str
    version: str = ""
    instance: str = ""
    nodes: int = 0
    hours: float = 0.0
    budget_usd: float = 0.0
    price: Price | None = None

    @property
    def most_usd(self) -> float:
        """Return the most that it can cost under the time limit, US dollars."""
        return price.most_usd(self.price.usd_per_hour, self.hours) if self.price else 0.0


def of(wishes: Wishes, today: date) -> Wanted:
    """Return complete wishes; `~/.aws` is read, nothing is asked.

    Args:
        wishes: of the learner.
        today: for support phase and age of the prices.

    Raises:
        InputError: something is missing, or cannot be had.
    """
    if not wishes.profile:
        raise InputError(
            "--backend aws: name the AWS profile to use; no other credentials are looked at",
            hint="eks-lab sandbox up --backend aws --profile NAME. Profiles there are: aws configure list-profiles",
        )
    found = profile.read(wishes.profile)
    region = wishes.region or found.region
    if not _REGION.fullmatch(region):
        raise InputError(
            f"--region: {region!r} is no region"
            if region
            else f"--region: the profile {found.name} names none",
            hint="Say where: --region us-east-1",
        )
    if wishes.cluster and wishes.new:
        raise InputError("--cluster and --new: name a cluster that is there, or a new one, not both")
    name = wishes.cluster or wishes.new or DEFAULT_CLUSTER
    if not _CLUSTER_NAME.fullmatch(name):
        raise InputError(
            f"--{'cluster' if wishes.cluster else 'new'}: {name!r} is no name of a cluster",
            hint="Letters, digits, - and _, up to 100; the first is a letter or a digit.",
        )
    if wishes.read_only and not wishes.cluster:
        raise InputError("--read-only: say which cluster to look at", hint="--cluster NAME --read-only")
    if wishes.cluster:
        _refuse_for_existing(wishes)
        return Wanted("read-only" if wishes.read_only else "existing", found, region, name)
    return _new(wishes, found, region, name, today)


def _refuse_for_existing(wishes: Wishes) -> None:
    for option in ("nodes", "instance", "version", "hours", "budget_usd"):
        if getattr(wishes, option) is not None:
            raise InputError(
                f"--{option.replace('_', '-')}: nothing is made for a cluster that is there already",
                hint="Leave it out, or take --new NAME instead of --cluster.",
            )


def _new(wishes: Wishes, found: Profile, region: str, name: str, today: date) -> Wanted:
    nodes = DEFAULT_NODES if wishes.nodes is None else wishes.nodes
    if not 1 <= nodes <= MOST_NODES:
        raise InputError(
            f"--nodes: {nodes} is not between 1 and {MOST_NODES}", hint="Two are enough for every lab."
        )
    instance = wishes.instance or DEFAULT_INSTANCE
    instance_types.get(instance)
    version = wishes.version or calendar().newest.name
    hours = limits.DEFAULT_HOURS if wishes.hours is None else wishes.hours
    cost = price.hourly(nodes, instance, DISK_GIB, version, today)
    if calendar().get(version).phase(today) != "standard":
        raise InputError(
            f"--version: {version} is not in standard support, which costs six times as much or cannot be had",
            hint=f"Take {calendar().newest.name}.",
        )
    most = price.most_usd(cost.usd_per_hour, hours)
    budget = most if wishes.budget_usd is None else wishes.budget_usd
    limits.check_wished(hours, budget, most)
    return Wanted("new", found, region, name, version, instance, nodes, hours, budget, cost)
