"""Combinations of choices that EKS, Kubernetes or reason refuse."""

from __future__ import annotations

from collections.abc import Callable

from eks_lab.catalog.control_plane_tiers import terms
from eks_lab.errors import InputError
from eks_lab.generate.terraform.choices import Choices
from eks_lab.generate.terraform.fargate_profiles import FargateProfile
from eks_lab.generate.terraform.presets import PRIVATE_ENDPOINTS

COREDNS_NAMESPACE = "kube-system"


def refuse_impossible(choices: Choices) -> None:
    """Check that the choices fit together.

    Raises:
        InputError: two do not; the message begins with the field to change and says why.
    """
    for check in _CHECKS:
        check(choices)


def _version(choices: Choices) -> None:
    version, day = choices.version, choices.today
    match version.phase(day):
        case "ended":
            raise InputError(
                f"kubernetes_version: {version.name} left extended support on"
                f" {version.end_of_extended.isoformat()}; EKS refuses to create such a cluster",
                hint="Leave kubernetes_version empty for the newest in standard support.",
            )
        case "not released":
            raise InputError(
                f"kubernetes_version: EKS offers {version.name} from {version.released.isoformat()} on",
                hint="Leave kubernetes_version empty for the newest in standard support.",
            )
        case "extended" if choices.support == "standard":
            raise InputError(
                f"kubernetes_version: standard support of {version.name} ended on"
                f" {version.end_of_standard.isoformat()}; with support=standard EKS upgrades it by itself",
                hint="Choose a newer version, or support=extended and pay six times the fee.",
            )


def _zones(choices: Choices) -> None:
    if choices.tier != "standard" and choices.version.minor < terms().oldest_minor:
        raise InputError(
            f"tier: provisioned tiers are on record from 1.{terms().oldest_minor} on, not for"
            f" {choices.version.name}",
            hint="Choose tier=standard or a newer version.",
        )


def _network(choices: Choices) -> None:
    subnets = choices.subnets
    if choices.nat in {"per-zone", "single"} and not subnets.public:
        raise InputError(
            f"nat: a zonal NAT gateway ({choices.nat}) stands in a public subnet, and public_subnets is off",
            hint="Switch public_subnets on, or choose nat=regional, which needs none, or nat=none.",
        )
    if choices.nat == "none":
        _without_nat(choices)
    if choices.endpoint == "public" and choices.nat in {"none", "regional"}:
        why = (
            "without NAT the nodes never reach it"
            if choices.nat == "none"
            else "the addresses of a regional NAT gateway change, so the nodes cannot be let in by address"
        )
        raise InputError(
            f"endpoint: with public access only, {why}", hint="Choose endpoint=public-private or private."
        )
    if choices.public_access_cidrs and not choices.is_public:
        raise InputError(
            "public_access_cidrs: endpoint is private, so nobody comes from outside",
            hint="Choose endpoint=public-private, or leave public_access_cidrs empty.",
        )
    if subnets.extra_pods and choices.custom_networking:
        raise InputError(
            "extra_pod_cidrs: an ENIConfig names one subnet a zone, so custom networking ignores further ones",
            hint="Switch custom_networking off, or give larger pod_cidrs.",
        )


def _without_nat(choices: Choices) -> None:
    missing = sorted(set(PRIVATE_ENDPOINTS.split(",")) - set(choices.interface_endpoints))
    if missing:
        raise InputError(
            f"nat: without NAT nodes and add-ons need endpoints in the VPC; missing: {', '.join(missing)}",
            hint=f"Set interface_endpoints={PRIVATE_ENDPOINTS}, or choose another nat.",
        )
    if choices.karpenter:
        raise InputError(
            "karpenter: it calls the IAM API, which has no endpoint in a VPC, and nat is none",
            hint="Choose nat=regional or per-zone, or node groups without Karpenter.",
        )


def _auto_mode(choices: Choices) -> None:
    if not choices.auto_mode:
        return
    for field, is_on, why in (
        ("karpenter", choices.karpenter, "Auto Mode runs Karpenter itself, outside the cluster"),
        (
            "prefix_delegation",
            choices.prefix_delegation,
            "the VPC CNI is part of Auto Mode's nodes, cannot be configured, and uses prefixes anyway",
        ),
        (
            "custom_networking",
            choices.custom_networking,
            "the VPC CNI is part of Auto Mode's nodes; a NodeClass names subnets for pods instead",
        ),
        (
            "extra_pod_cidrs",
            bool(choices.subnets.extra_pods),
            "the VPC CNI of Auto Mode looks for no such subnets; a NodeClass names them instead",
        ),
    ):
        if is_on:
            raise InputError(
                f"{field}: not with auto_mode: {why}", hint=f"Leave {field} out, or switch auto_mode off."
            )
    for addon in choices.addons:
        if addon.built_into_auto_mode:
            raise InputError(
                f"addons: {addon.name} is not installed with auto_mode: it is built in, and a second one would"
                " fight it",
                hint=f"Leave {addon.name} out of addons.",
            )
    if choices.node_groups:
        raise InputError(
            "node_groups: this configuration installs no VPC CNI, kube-proxy and Pod Identity agent with"
            " auto_mode, and nodes of a group would wait for them",
            hint="Set node_groups=none, or switch auto_mode off.",
        )


def _compute(choices: Choices) -> None:
    if not choices.has_nodes and not choices.fargate_profiles:
        raise InputError(
            "node_groups: nothing runs pods: no node group, no Fargate profile, no Auto Mode",
            hint="Name a node group, for example general types=m7i.large min=3.",
        )
    if choices.karpenter and not choices.node_groups:
        raise InputError(
            "karpenter: its controller must run on something it does not manage itself, and gets its rights by"
            " Pod Identity, which does not work on Fargate",
            hint="Name a node group of two small nodes for it.",
        )
    if choices.has_nodes:
        return
    if not any(profile.takes_all_of(COREDNS_NAMESPACE) for profile in choices.fargate_profiles):
        raise InputError(
            f"fargate_profiles: without nodes CoreDNS runs on Fargate, and no profile takes {COREDNS_NAMESPACE}",
            hint=f"Add: system namespaces={COREDNS_NAMESPACE}",
        )
    for addon in choices.addons:
        if addon.needs_nodes:
            raise InputError(
                f"addons: {addon.name} needs EC2 nodes, and there is Fargate only",
                hint=f"Leave {addon.name} out, or name a node group.",
            )
    for field, is_on in (
        ("prefix_delegation", choices.prefix_delegation),
        ("custom_networking", choices.custom_networking),
    ):
        if is_on:
            raise InputError(
                f"{field}: a pod on Fargate has a network interface of its own, so there is nothing to set",
                hint=f"Switch {field} off, or name a node group.",
            )


def _taking(profiles: tuple[FargateProfile, ...], namespace: str) -> FargateProfile | None:
    return next((profile for profile in profiles if profile.takes_all_of(namespace)), None)


def _pod_identity(choices: Choices) -> None:
    wanted = [
        (f"pod_identities: {found.namespace}/{found.service_account}", found.namespace)
        for found in choices.pod_identities
    ]
    wanted += [
        (f"addons: {addon.name}", addon.namespace) for addon in choices.addons if addon.service_account
    ]
    if choices.karpenter:
        wanted.append(("karpenter: its controller", "kube-system"))
    for what, namespace in wanted:
        profile = _taking(choices.fargate_profiles, namespace)
        if profile is not None or not choices.has_nodes:
            where = (
                f"profile {profile.name} puts namespace {namespace} there" if profile else "there is no node"
            )
            raise InputError(
                f"{what} cannot use Pod Identity on Fargate, and {where}: the agent is a DaemonSet, and Fargate"
                " runs none",
                hint="Use IRSA for pods on Fargate, or let the namespace run on nodes.",
            )
    names = [found.name for found in choices.pod_identities]
    double = next((name for name in names if names.count(name) > 1), None)
    if double is not None:
        raise InputError(
            f"pod_identities: two service accounts make the same name, {double}",
            hint="Rename one: the key is namespace and service account with a dash between.",
        )


def _prefixes(choices: Choices) -> None:
    if not choices.prefix_delegation:
        return
    for group in choices.node_groups:
        for instance in group.instances:
            if not instance.supports_prefixes:
                raise InputError(
                    f"prefix_delegation: {instance.name} of group {group.name} is no Nitro type, and only those"
                    " hold prefixes on an interface",
                    hint="Choose Nitro types, for example m5.large, or switch prefix_delegation off.",
                )


def _pods_fit(choices: Choices) -> None:
    for group in choices.node_groups:
        for instance in group.instances:
            if choices.custom_networking and instance.default_card_enis < 2:
                raise InputError(
                    f"custom_networking: {instance.name} of group {group.name} has one interface, which pods do"
                    " not use under custom networking",
                    hint="Choose a type with two interfaces or more.",
                )


_CHECKS: tuple[Callable[[Choices], None], ...] = (
    _version,
    _zones,
    _network,
    _auto_mode,
    _compute,
    _pod_identity,
    _prefixes,
    _pods_fit,
)
