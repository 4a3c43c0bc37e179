"""The choices of the Terraform generator as one typed model; the form, the command line and tests share it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal

from eks_lab.calc.address_space import SHARED_SPACE, pieces, read_network, shown
from eks_lab.calc.model import Value
from eks_lab.catalog.kubernetes_versions import KubernetesVersion, calendar
from eks_lab.catalog.log_delivery import log_delivery
from eks_lab.errors import InputError
from eks_lab.generate.terraform.addons import Addon, read_addons
from eks_lab.generate.terraform.fargate_profiles import FargateProfile, read_fargate_profiles
from eks_lab.generate.terraform.grants import Access, PodIdentity, read_access, read_pod_identities
from eks_lab.generate.terraform.node_groups import NodeGroup, read_node_groups
from eks_lab.generate.terraform.subnets import Subnets, read_subnets

Nat = Literal["per-zone", "single", "regional", "none"]
Endpoint = Literal["public-private", "private", "public"]

REFUSED_ZONE_IDS = ("use1-az3", "usw1-az2", "cac1-az3")
"""Zones whose subnets EKS takes for no cluster; source: EKS user guide, VPC and subnet requirements."""
LOG_TYPES: Mapping[str, tuple[str, ...]] = {
    "all": ("api", "audit", "authenticator", "controllerManager", "scheduler"),
    "audit": ("audit", "authenticator"),
    "none": (),
}
TEST_NETS = ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24")
"""Documentation ranges of RFC 5737: nobody sends from them."""
_NAME = re.compile(r"[a-z][a-z0-9-]{0,28}[a-z0-9]", re.ASCII)
_REGION = re.compile(r"[a-z]{2}(-[a-z]{2,12}){1,3}-\d", re.ASCII)
_ACCOUNT = re.compile(r"\d{12}", re.ASCII)
_ZONE_ID = re.compile(r"[a-z]{3,5}\d?-az\d{1,2}", re.ASCII)
_BUCKET = re.compile(r"[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", re.ASCII)
_SERVICE = re.compile(r"[a-z0-9]+([.-][a-z0-9]+)*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Choices:
    """Everything a configuration depends on."""

    name: str
    """Name of the cluster."""
    region: str
    """AWS region."""
    account_id: str
    """The only account that may be touched; empty for any."""
    version: KubernetesVersion
    """Of the control plane."""
    support: Literal["standard", "extended"]
    """What happens when standard support ends."""
    today: date
    """The day that decided about the version."""
    zones: int
    """How many Availability Zones."""
    zone_ids: tuple[str, ...]
    """Which ones; empty for the first by name."""
    subnets: Subnets
    """Every range of the VPC."""
    nat: Nat
    """How private subnets reach the internet."""
    interface_endpoints: tuple[str, ...]
    """Services with an endpoint in the VPC."""
    flow_logs: bool
    """Whether the VPC records its flows."""
    endpoint: Endpoint
    """From where the Kubernetes API can be reached."""
    public_access_cidrs: tuple[str, ...]
    """Who may reach it from the internet; empty is asked for when applying."""
    caller_is_admin: bool
    """Whoever applies gets an access entry."""
    access: tuple[Access, ...]
    """Access entries besides."""
    kms_key: bool
    """A key of one's own for the API data."""
    log_key: bool
    """A key of one's own for log groups."""
    log_types: tuple[str, ...]
    """Logs of the control plane."""
    log_retention_days: int
    """One of the settings CloudWatch knows."""
    deletion_protection: bool
    """EKS refuses to delete the cluster."""
    zonal_shift: bool
    """Traffic can be moved away from a zone."""
    tier: str
    """`standard`, or `xl` to `8xl` of provisioned control planes."""
    auto_mode: bool
    """EKS runs nodes and add-ons."""
    auto_mode_pools: tuple[str, ...]
    """Built-in node pools."""
    node_groups: tuple[NodeGroup, ...]
    """Managed node groups."""
    fargate_profiles: tuple[FargateProfile, ...]
    """Fargate profiles."""
    karpenter: bool
    """Roles, queue and rules of Karpenter."""
    addons: tuple[Addon, ...]
    """Add-ons besides the networking ones, CoreDNS and the Pod Identity agent."""
    pod_identities: tuple[PodIdentity, ...]
    """Service accounts with a role."""
    prefix_delegation: bool
    """Pods take addresses out of /28 prefixes."""
    custom_networking: bool
    """Pods live in subnets of their own."""
    state: Literal["local", "s3"]
    """Where the state is kept."""
    state_bucket: str
    """Name of the bucket; empty is given to `terraform init`."""

    @classmethod
    def of(cls, inputs: Mapping[str, Value]) -> Choices:
        """Return the model of checked inputs of the generator.

        Raises:
            InputError: a value that cannot be used, with its field and the next step.
        """
        texts = {name: value if isinstance(value, str) else "" for name, value in inputs.items()}
        flags = {name for name, value in inputs.items() if value is True}
        zones = inputs["zones"]
        count = zones if isinstance(zones, int) else 3
        day = date.fromisoformat(texts["today"]) if texts["today"] else calendar().source.as_of
        custom_networking, prefix_delegation = "custom_networking" in flags, "prefix_delegation" in flags
        retention = inputs["log_retention_days"]
        days = retention if isinstance(retention, int) else 90
        pools = texts["auto_mode_pools"]
        return cls(
            name=_matching("name", texts["name"], _NAME, "2 to 30 lower-case letters, digits and dashes."),
            region=_matching("region", texts["region"], _REGION, "Write a region such as us-east-1."),
            account_id=_matching("account_id", texts["account_id"], _ACCOUNT, "Twelve digits.", empty=True),
            version=_version(texts["kubernetes_version"], day),
            support="extended" if texts["support"] == "extended" else "standard",
            today=day,
            zones=count,
            zone_ids=_zone_ids(texts["zone_ids"], count),
            subnets=read_subnets(
                inputs,
                zones=count,
                public="public_subnets" in flags,
                control_plane="control_plane_subnets" in flags,
                custom_networking=custom_networking,
                prefix_delegation=prefix_delegation,
            ),
            nat=_nat(texts["nat"]),
            interface_endpoints=_services(texts["interface_endpoints"]),
            flow_logs="flow_logs" in flags,
            endpoint=_endpoint(texts["endpoint"]),
            public_access_cidrs=_public_cidrs(texts["public_access_cidrs"]),
            caller_is_admin="caller_is_admin" in flags,
            access=read_access(texts["access"]),
            kms_key="kms_key" in flags,
            log_key="log_key" in flags,
            log_types=LOG_TYPES[texts["log_types"]],
            log_retention_days=log_delivery().retention_setting(days) or days,
            deletion_protection="deletion_protection" in flags,
            zonal_shift="zonal_shift" in flags,
            tier=texts["tier"],
            auto_mode="auto_mode" in flags,
            auto_mode_pools=("general-purpose", "system") if pools == "both" else (pools,),
            node_groups=read_node_groups(texts["node_groups"]),
            fargate_profiles=read_fargate_profiles(texts["fargate_profiles"]),
            karpenter="karpenter" in flags,
            addons=read_addons(texts["addons"]),
            pod_identities=read_pod_identities(texts["pod_identities"]),
            prefix_delegation=prefix_delegation,
            custom_networking=custom_networking,
            state="s3" if texts["state"] == "s3" else "local",
            state_bucket=_matching(
                "state_bucket", texts["state_bucket"], _BUCKET, "The name of an S3 bucket.", empty=True
            ),
        )

    @property
    def has_nodes(self) -> bool:
        """Whether EC2 instances run pods, so that DaemonSets have somewhere to be."""
        return bool(self.node_groups) or self.auto_mode

    @property
    def is_public(self) -> bool:
        """Whether the Kubernetes API answers on the internet."""
        return self.endpoint != "private"

    @property
    def is_private(self) -> bool:
        """Whether the Kubernetes API answers inside the VPC."""
        return self.endpoint != "public"

    @property
    def needs_pod_identity_agent(self) -> bool:
        """Whether the agent is an add-on: Auto Mode has it built in, Fargate has no place for it."""
        return bool(self.node_groups) and not self.auto_mode

    @property
    def sets_max_pods(self) -> bool:
        """Whether kubelet's limit differs from what an EC2 instance gives by itself."""
        return self.prefix_delegation or self.custom_networking

    @property
    def needs_internet_gateway(self) -> bool:
        """Whether anything in the VPC talks to the internet directly."""
        return bool(self.subnets.public) or self.nat != "none"

    def max_pods(self, group: NodeGroup) -> int:
        """Return kubelet's limit on the nodes of a group."""
        return group.max_pods(
            prefix_delegation=self.prefix_delegation, custom_networking=self.custom_networking
        )


def _matching(field: str, text: str, pattern: re.Pattern[str], hint: str, *, empty: bool = False) -> str:
    if not (empty and not text) and not pattern.fullmatch(text):
        raise InputError(f"{field}: {shown(text)} cannot be used", hint=hint)
    return text


def _version(text: str, day: date) -> KubernetesVersion:
    if text:
        return calendar().get(text, field="kubernetes_version")
    standard = [found for found in calendar().versions.values() if found.phase(day) == "standard"]
    if not standard:
        raise InputError(
            f"today: on {day.isoformat()} no version on record is in standard support",
            hint="Name one in kubernetes_version, or ask aws eks describe-cluster-versions.",
        )
    return standard[-1]


def _zone_ids(text: str, zones: int) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(part.lower() for part in pieces(text)))
    for zone_id in found:
        if not _ZONE_ID.fullmatch(zone_id):
            raise InputError(
                f"zone_ids: {shown(zone_id)} is no zone id",
                hint="Ids look like use1-az1; names such as us-east-1a mean another zone in each account.",
            )
        if zone_id in REFUSED_ZONE_IDS:
            raise InputError(
                f"zone_ids: EKS takes no subnet in {zone_id} for a cluster",
                hint="Choose other zones of the region.",
            )
    if found and len(found) != zones:
        raise InputError(f"zone_ids: {len(found)} ids for {zones} zones", hint="Give one id a zone.")
    return found


def _nat(text: str) -> Nat:
    match text:
        case "single" | "regional" | "none":
            return text
    return "per-zone"


def _endpoint(text: str) -> Endpoint:
    match text:
        case "private" | "public":
            return text
    return "public-private"


def _services(text: str) -> tuple[str, ...]:
    found = tuple(sorted({part.lower() for part in pieces(text)} - {"none"}))
    for service in found:
        if not _SERVICE.fullmatch(service) or service.startswith("com.amazonaws"):
            raise InputError(
                f"interface_endpoints: {shown(service)} is no service",
                hint="Write the part behind the region: ecr.api, eks-auth, sts.",
            )
        if service in {"s3", "dynamodb"}:
            raise InputError(
                f"interface_endpoints: {service} has a gateway endpoint, which is free",
                hint="Leave it out: the one for S3 is always made.",
            )
    return found


def _public_cidrs(text: str) -> tuple[str, ...]:
    found = tuple(dict.fromkeys(read_network("public_access_cidrs", part) for part in pieces(text)))
    for network in found:
        if network.prefixlen == 0:
            raise InputError(
                "public_access_cidrs: 0.0.0.0/0 opens the endpoint to everybody",
                hint="Name the networks that need it: curl https://checkip.amazonaws.com shows yours.",
            )
        if any(network.overlaps(read_network("public_access_cidrs", net)) for net in TEST_NETS):
            raise InputError(
                f"public_access_cidrs: {network} is a documentation range (RFC 5737): nobody sends from it, and"
                " you would lock yourself out",
                hint="Put your own public address there: curl https://checkip.amazonaws.com",
            )
        if network.is_private or network.overlaps(SHARED_SPACE):
            raise InputError(
                f"public_access_cidrs: {network} is private, and the public endpoint sees public addresses only",
                hint="Put the public address of your network there, or choose endpoint=private.",
            )
    return tuple(map(str, found))
