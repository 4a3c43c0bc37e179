"""The form of `cluster-cost`: every part of a cluster that appears on a bill."""

from __future__ import annotations

from eks_lab.calc.inputs import INSTANCE
from eks_lab.calc.model import Input
from eks_lab.calc.price_overrides import PRICES, TODAY

MOST_NODES = 100_000
MOST_GB = 1_000_000_000.0


def _count(name: str, label: str, default: int, unit: str, help_text: str, most: int = 100_000) -> Input:
    return Input(name, label, "integer", default, help_text, unit=unit, minimum=0, maximum=most)


def _amount(name: str, label: str, default: float, unit: str, help_text: str, most: float = MOST_GB) -> Input:
    return Input(name, label, "number", default, help_text, unit=unit, minimum=0, maximum=most)


def _choice(name: str, label: str, choices: tuple[str, ...], help_text: str) -> Input:
    return Input(name, label, "choice", choices[0], help_text, choices=choices)


def _percent(name: str, label: str, help_text: str) -> Input:
    return Input(name, label, "number", None, help_text, unit="%", minimum=0, maximum=100, optional=True)


COMPARE = Input(
    name="compare",
    label="Compare with",
    kind="text",
    default=None,
    help="A second scenario: inputs that differ, for example nodes=5,nat=single.",
    optional=True,
)

PLAN_INPUTS = (
    _choice("support", "Support", ("standard", "extended"), "Support phase of the Kubernetes version."),
    _choice(
        "tier",
        "Control plane",
        ("standard", "xl", "2xl", "4xl", "8xl"),
        "Standard, or a provisioned tier of the control plane.",
    ),
    INSTANCE,
    _count("nodes", "Nodes", 3, "nodes", "All nodes of that type, however they are paid.", MOST_NODES),
    _count("spot_nodes", "Nodes on Spot", 0, "nodes", "How many of the nodes run on Spot.", MOST_NODES),
    _count(
        "savings_plan_nodes",
        "Nodes in a Savings Plan",
        0,
        "nodes",
        "How many of the nodes a Savings Plan covers.",
        MOST_NODES,
    ),
    _percent(
        "spot_discount_percent", "Spot discount", "Off the on-demand price; empty takes a planning value."
    ),
    _percent(
        "savings_plan_discount_percent",
        "Savings Plan discount",
        "Off the on-demand price; empty takes a planning value.",
    ),
    Input("auto_mode", "Auto Mode", "flag", False, "EKS Auto Mode runs the nodes, for a fee on each."),
    _amount("root_gib", "Disk of a node", 20.0, "GiB", "gp3 disk of each node.", 65_536),
    _count("fargate_pods", "Pods on Fargate", 0, "pods", "Pods on Fargate all month."),
    _amount("fargate_cpu", "CPU of a Fargate pod", 0.25, "vCPU", "CPU request of each.", 16),
    _amount("fargate_memory", "Memory of a Fargate pod", 0.5, "GiB", "Memory request of each.", 119.75),
    _count("hybrid_vcpus", "Hybrid Nodes", 0, "vCPUs", "vCPUs of Hybrid Nodes outside AWS.", 10_000_000),
    Input("zones", "Zones", "integer", 3, "Availability Zones in use.", unit="zones", minimum=1, maximum=6),
    _choice(
        "nat",
        "NAT",
        ("per-zone", "single", "regional", "none"),
        "NAT gateways: one in each zone, one for all, a regional one, or none.",
    ),
    _amount("nat_gb", "NAT traffic", 100.0, "GB", "Through NAT in a month, both directions."),
    _amount("cross_zone_gb", "Across zones", 100.0, "GB", "Between pods of different zones in a month."),
    _amount("internet_gb", "To the Internet", 0.0, "GB", "Out to the Internet in a month."),
    _choice(
        "load_balancer",
        "Kind of load balancer",
        ("application", "network"),
        "Application (ALB) or Network (NLB).",
    ),
    _count("load_balancers", "Load balancers", 1, "balancers", "How many.", 10_000),
    _amount(
        "load_balancer_units", "Capacity units", 1.0, "units", "Capacity units of each, on average.", 100_000
    ),
    Input(
        "internet_facing",
        "Internet-facing",
        "flag",
        True,
        "Whether load balancers hold a public address in each zone.",
    ),
    _count(
        "public_ipv4", "Other public addresses", 0, "addresses", "Public IPv4 addresses of nodes and others."
    ),
    _count(
        "interface_endpoints",
        "Interface endpoints",
        0,
        "endpoints",
        "VPC interface endpoints; each is paid in each zone.",
        1000,
    ),
    _amount("endpoint_gb", "Endpoint traffic", 0.0, "GB", "Through interface endpoints in a month."),
    _amount("ebs_gib", "EBS volumes", 100.0, "GiB", "gp3 volumes of pods, together."),
    _amount("efs_gib", "EFS", 0.0, "GB", "On EFS Standard."),
    _amount("efs_read_gb", "EFS reads", 0.0, "GB", "Read from EFS in a month."),
    _amount("efs_write_gb", "EFS writes", 0.0, "GB", "Written to EFS in a month."),
    _count("kms_keys", "KMS keys", 0, "keys", "Customer managed keys."),
    _count("kms_requests", "KMS requests", 0, "requests", "Requests to them in a month.", 10**12),
    _amount("log_gb", "Logs", 10.0, "GB", "To CloudWatch Logs in a month, control plane and containers."),
    Input(
        "log_retention_days",
        "Log retention",
        "integer",
        30,
        "How long CloudWatch keeps logs.",
        unit="days",
        minimum=1,
        maximum=3653,
    ),
)
"""What describes a scenario; `compare` may change each."""

INPUTS = (*PLAN_INPUTS, COMPARE, PRICES, TODAY)
