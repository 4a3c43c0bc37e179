"""The two questions before anything happens. Nothing is sent before the first is answered, one call before the second."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from eks_lab.errors import InputError
from eks_lab.sandbox.backends.aws import limits
from eks_lab.sandbox.backends.aws.network import SUBNET_CIDRS, VPC_CIDR
from eks_lab.sandbox.backends.aws.nodes import DISK_GIB, GROUP
from eks_lab.sandbox.backends.aws.price import PRICE_REGION
from eks_lab.sandbox.backends.aws.site import EXPIRES_TAG, OWNER_TAG, SESSION_TAG
from eks_lab.sandbox.backends.aws.wanted import Wanted
from eks_lab.sandbox.backends.interface import Plan


@dataclass(frozen=True, slots=True)
class Identity:
    """Who the profile stands for, as STS says."""

    account: str
    """Twelve digits."""
    arn: str


def first(wanted: Wanted, ask: Callable[[], Identity]) -> Plan:
    """Return the question that allows one call.

    Args:
        wanted: what is wished for.
        ask: makes the call; used only when the name was typed.
    """
    profile = wanted.profile
    asked = [
        "sts:GetCallerIdentity: whose account is this? It costs nothing and changes nothing.",
        *profile.also_asks,
    ]

    def follow(typed: str) -> Plan:
        if typed != profile.name:
            raise InputError(
                f"{typed!r} is not {profile.name!r}: nothing was sent",
                hint="Type the profile's name as it stands there to go on.",
            )
        return second(wanted, ask())

    return Plan(
        facts=(
            ("profile", profile.name),
            ("credentials", profile.way),
            ("region", wanted.region),
            ("so far", "nothing was sent to AWS"),
        ),
        creates=tuple(asked),
        title="These questions would be asked of AWS",
        consent=profile.name,
        consent_is="the profile's name",
        follow=follow,
    )


def second(wanted: Wanted, identity: Identity) -> Plan:
    """Return the question that allows everything it shows.

    Args:
        wanted: what is wished for.
        identity: what the first call said.
    """
    facts = [
        ("account", identity.account),
        ("principal", identity.arn),
        ("region", wanted.region),
        ("cluster", f"{wanted.cluster} ({_MODES[wanted.mode]})"),
    ]
    cost = wanted.price
    if cost is not None:
        facts += [(what, f"${usd:.4f} an hour") for what, usd in cost.rows]
        facts += [
            (
                "altogether",
                f"${cost.usd_per_hour:.4f} an hour, list prices of {PRICE_REGION} without taxes; others differ",
            ),
            ("time limit", f"{wanted.hours:g} h"),
            ("at most", f"${wanted.most_usd:.2f} until the time limit"),
            ("spending limit", f"${wanted.budget_usd:.2f}"),
            ("prices from", "; ".join(cost.sources)),
            *(("note", each) for each in cost.warnings),
            ("honestly", limits.HONESTLY),
        ]
    return Plan(
        facts=tuple(facts),
        creates=_creates(wanted),
        title="This will happen in this account",
        usd_per_hour=cost.usd_per_hour if cost else 0.0,
        consent=identity.account,
        consent_is="the account id",
    )


_MODES = {"new": "new", "existing": "there already", "read-only": "there already, only looked at"}


def _creates(wanted: Wanted) -> tuple[str, ...]:
    if wanted.mode == "read-only":
        return (
            (
                "nothing is made and nothing is changed: Describe*, List* and Get* on AWS; get, list and watch, and"
                " questions about one's own rights, on Kubernetes"
            ),
        )
    if wanted.mode == "existing":
        return (
            "nothing is made on AWS",
            f"labs change Kubernetes objects in the cluster {wanted.cluster}: take one that nobody depends on",
        )
    return (
        f"an EKS cluster {wanted.cluster}, Kubernetes {wanted.version}",
        (
            f"a node group {GROUP}: {wanted.nodes} × {wanted.instance}, {DISK_GIB} GiB gp3 each, public IPv4, no way in"
            " from outside; with its launch template"
        ),
        (
            f"a VPC {VPC_CIDR} with {len(SUBNET_CIDRS)} public subnets, an internet gateway and a route table (no NAT"
            " gateway: it would cost more than a fifth on top)"
        ),
        "two IAM roles (control plane, nodes) with AWS's managed policies for EKS",
        "a budget in AWS Budgets, where that is permitted",
        f"on all of it the tags {OWNER_TAG}, {SESSION_TAG}, {EXPIRES_TAG}",
        "`eks-lab sandbox down` deletes all of it, and everything that labs make in the VPC or on the cluster's volumes",
    )
