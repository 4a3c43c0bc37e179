"""Values that EKS takes from a fixed list."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, Rule
from eks_lab.checker.terraform.constant import OPEN
from eks_lab.checker.terraform.view import View

INVALID = Rule(
    "eks-invalid-value",
    ERROR,
    "A value that is not among those EKS takes.",
    "Write one of the list.",
    "terraform.cluster",
)
RULES = (INVALID,)
# botocore 1.44.5, service models of EKS and EC2 (2026-11-17).
_AMI_TYPES = (
    "AL2_x86_64", "AL2_x86_64_GPU", "AL2_ARM_64", "CUSTOM",
    "BOTTLEROCKET_ARM_64", "BOTTLEROCKET_x86_64", "BOTTLEROCKET_ARM_64_FIPS", "BOTTLEROCKET_x86_64_FIPS",
    "BOTTLEROCKET_ARM_64_NVIDIA", "BOTTLEROCKET_x86_64_NVIDIA", "BOTTLEROCKET_ARM_64_NVIDIA_FIPS",
    "BOTTLEROCKET_x86_64_NVIDIA_FIPS", "WINDOWS_CORE_2019_x86_64", "WINDOWS_FULL_2019_x86_64",
    "WINDOWS_CORE_2022_x86_64", "WINDOWS_FULL_2022_x86_64", "WINDOWS_CORE_2025_x86_64", "WINDOWS_FULL_2025_x86_64",
    "AL2023_x86_64_STANDARD", "AL2023_ARM_64_STANDARD", "AL2023_x86_64_NEURON", "AL2023_x86_64_NVIDIA",
    "AL2023_ARM_64_NVIDIA",
)  # fmt: skip
_LISTS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("aws_eks_cluster", ("access_config", "authentication_mode"), ("API", "API_AND_CONFIG_MAP", "CONFIG_MAP")),
    ("aws_eks_cluster", ("enabled_cluster_log_types",), ("api", "audit", "authenticator", "controllerManager", "scheduler")),
    ("aws_eks_cluster", ("upgrade_policy", "support_type"), ("STANDARD", "EXTENDED")),
    ("aws_eks_cluster", ("kubernetes_network_config", "ip_family"), ("ipv4", "ipv6")),
    ("aws_eks_cluster", ("vpc_config", "control_plane_egress_mode"), ("AWS_MANAGED", "CUSTOMER_ROUTED", "CUSTOMER_ISOLATED")),
    ("aws_eks_cluster", ("compute_config", "node_pools"), ("general-purpose", "system")),
    ("aws_eks_node_group", ("ami_type",), _AMI_TYPES),
    ("aws_eks_node_group", ("capacity_type",), ("ON_DEMAND", "SPOT", "CAPACITY_BLOCK")),
    ("aws_eks_node_group", ("taint", "effect"), ("NO_SCHEDULE", "NO_EXECUTE", "PREFER_NO_SCHEDULE")),
    ("aws_eks_node_group", ("update_config", "update_strategy"), ("DEFAULT", "MINIMAL")),
    ("aws_eks_access_entry", ("type",),
     ("STANDARD", "EC2_LINUX", "EC2_WINDOWS", "FARGATE_LINUX", "EC2", "HYBRID_LINUX", "HYPERPOD_LINUX")),
    ("aws_eks_access_policy_association", ("access_scope", "type"), ("cluster", "namespace")),
    ("aws_eks_addon", ("resolve_conflicts_on_create",), ("NONE", "OVERWRITE")),
    ("aws_eks_addon", ("resolve_conflicts_on_update",), ("NONE", "OVERWRITE", "PRESERVE")),
    ("aws_eks_capability", ("type",), ("ACK", "KRO", "ARGOCD")),
    ("aws_launch_template", ("metadata_options", "http_tokens"), ("required", "optional")),
    ("aws_launch_template", ("metadata_options", "http_endpoint"), ("enabled", "disabled")),
    ("aws_nat_gateway", ("availability_mode",), ("zonal", "regional")),
    ("aws_nat_gateway", ("connectivity_type",), ("public", "private")),
)  # fmt: skip


def check(view: View) -> Iterator[Finding]:
    """Yield values that are not among those EKS takes."""
    for type_, place, known in _LISTS:
        for entity in view.configuration.of_type(type_):
            found = view.value(entity, *place)
            for value in found if isinstance(found, list) else [found]:
                if isinstance(value, str) and value and value not in known and OPEN not in value:
                    says = f"{place[-1]} of {entity.address} is {value[:60]!r}"
                    fix = did_you_mean(value, known) or f"Known: {', '.join(known)}."
                    yield view.finding(INVALID, entity, *place, says=says, fix=fix)
