"""What to know before relying on a pod limit: the sentences under a max-pods answer."""

from __future__ import annotations

from eks_lab.calc import eni
from eks_lab.calc.pod_limit import PodLimit, Question, kube_reserved_memory_mib

EVICTION_HARD_MIB = 100
"""kubelet starts to evict when less memory than this is free (AL2023 nodeadm)."""
DENSE_MEMORY_PERCENT = 25
"""Reservations above this share of the memory earn a warning."""
_AUTO_MODE_REFUSES_SIZES = frozenset({"nano", "micro", "small"})


def warnings(question: Question, limit: PodLimit) -> tuple[str, ...]:
    """Return what a learner should know before relying on a pod limit.

    Args:
        question: how the node is set up.
        limit: its pod limit.
    """
    return (
        *_node_warnings(question),
        *_address_warnings(question, limit),
        *_kubelet_warnings(question, limit),
        *_density_warnings(question, limit),
    )


def _node_warnings(question: Question) -> list[str]:
    instance = question.instance
    found = []
    if any(architecture.endswith("_mac") for architecture in instance.architectures):
        found.append(f"{instance.name} is a Mac: there is no EKS node image for it.")
    if instance.family == "a1":
        found.append("AL2023 needs Graviton2 or newer and does not run on a1.")
    if instance.is_burstable:
        found.append(
            f"{instance.name} is burstable: steady load above its CPU baseline uses up credits, then it is"
            " throttled or costs extra. Many pods make steady load."
        )
    if question.is_auto_mode and (instance.vcpus < 2 or instance.size in _AUTO_MODE_REFUSES_SIZES):
        found.append(
            f"Auto Mode does not launch {instance.name}: it wants more than 1 vCPU and no nano, micro or small."
        )
    return found


def _address_warnings(question: Question, limit: PodLimit) -> list[str]:
    instance = question.instance
    found = []
    if question.prefix_delegation and limit.mode == "secondary":
        found.append(
            f"{instance.name} is not built on Nitro: the VPC CNI ignores ENABLE_PREFIX_DELEGATION there"
            " and gives secondary addresses."
        )
    if limit.mode == "prefix" and not question.ipv6:
        found.append(
            "Prefixes need free, aligned blocks of 16 addresses: they raise the density of a node and empty"
            " the subnet faster. Use new subnets or a CIDR reservation of type prefix."
        )
    if question.is_auto_mode and not question.prefix_delegation and not question.ipv6:
        found.append(
            "Auto Mode gives prefixes by itself. The documentation names the lower of 110 and the formula;"
            " read the number of a live node with: kubectl get node NAME -o"
            " jsonpath='{.status.allocatable.pods}'"
        )
    if limit.usable_enis == 0:
        found.append("No ENI is left for pods: only pods on the host network can run.")
    if question.max_eni is not None and question.max_eni > instance.default_card_enis:
        found.append(
            f"MAX_ENI {question.max_eni} changes nothing: {instance.name} has {instance.default_card_enis}"
            " ENIs for pods."
        )
    if question.security_groups:
        found += _branch_warnings(question, limit)
    return found


def _branch_warnings(question: Question, limit: PodLimit) -> list[str]:
    instance = question.instance
    found = []
    if instance.branch_enis is None:
        found.append(
            f"Branch ENIs of {instance.name} are not on record: look it up in limits.go of"
            " aws/amazon-vpc-resource-controller-k8s."
        )
    if limit.pods_without_branch_eni is not None and limit.pods_without_branch_eni < limit.max_pods:
        found.append(
            f"One ENI becomes the trunk. Of {limit.max_pods} pods at most"
            f" {limit.pods_without_branch_eni} can run without a security group of their own; more of those"
            " are placed on the node but wait for an address."
        )
    return found


def _kubelet_warnings(question: Question, limit: PodLimit) -> list[str]:
    instance = question.instance
    found = []
    if question.is_nodeadm and question.ipv6:
        found.append(
            "nodeadm counts IPv4 addresses in an IPv6 cluster too. Addresses do not limit such a node: set"
            f" maxPods yourself, up to {eni.pod_cap(instance.vcpus)}."
        )
    elif question.is_nodeadm and limit.mode == "prefix":
        recommended = min(limit.prefix_pods or 0, eni.pod_cap(instance.vcpus))
        found.append(
            f"nodeadm does not look at prefix delegation. To run {recommended} pods, set"
            " maxPodsExpression in the NodeConfig: it raises kube-reserved too. With maxPods alone nodeadm"
            f" would still reserve {kube_reserved_memory_mib(limit.nodeadm_pods)} MiB instead of"
            f" {kube_reserved_memory_mib(recommended)} MiB."
        )
    elif question.is_nodeadm and limit.max_pods != limit.nodeadm_pods:
        found.append(
            f"nodeadm does not know MAX_ENI or custom networking and would tell kubelet"
            f" {limit.nodeadm_pods}: set maxPodsExpression or maxPods {limit.max_pods} in the NodeConfig."
        )
    if question.is_nodeadm and limit.max_pods > eni.pod_cap(instance.vcpus):
        found.append(
            f"nodeadm sets no ceiling. EKS recommends {eni.pod_cap(instance.vcpus)} pods at most for"
            f" {instance.vcpus} vCPUs."
        )
    return found


def _density_warnings(question: Question, limit: PodLimit) -> list[str]:
    instance = question.instance
    found = []
    if limit.max_pods == eni.LARGE_POD_CAP:
        found.append(
            "250 is a ceiling, not a goal: Kubernetes itself is tested with 110 pods a node, and a lost node"
            " takes all its pods along."
        )
    if question.ipv6:
        found.append("In an IPv6 cluster CPU and memory limit a node, not addresses: size it by them.")
    reserved_mib = kube_reserved_memory_mib(limit.max_pods)
    left_mib = instance.memory_mib - reserved_mib - EVICTION_HARD_MIB
    percent = 100 * reserved_mib / instance.memory_mib
    if left_mib <= 0:
        found.append(
            f"The reservation for {limit.max_pods} pods ({reserved_mib} MiB) and the eviction threshold"
            f" ({EVICTION_HARD_MIB} MiB) leave nothing of {instance.memory_mib} MiB: no pod can be placed."
        )
    elif percent > DENSE_MEMORY_PERCENT:
        found.append(
            f"The reservation for {limit.max_pods} pods takes {reserved_mib} of {instance.memory_mib} MiB;"
            f" about {left_mib // limit.max_pods} MiB a pod are left. Memory runs out long before pods do."
        )
    return found
