"""The form of the Terraform generator."""

from __future__ import annotations

from eks_lab.calc.model import Input, Value


def _text(name: str, label: str, default: str, help_text: str) -> Input:
    return Input(name, label, "text", default, help_text)


def _optional(name: str, label: str, help_text: str) -> Input:
    return Input(name, label, "text", None, help_text, optional=True)


def _flag(name: str, label: str, default: bool, help_text: str) -> Input:
    return Input(name, label, "flag", default, help_text)


def _choice(name: str, label: str, choices: tuple[str, ...], help_text: str) -> Input:
    return Input(name, label, "choice", choices[0], help_text, choices=choices)


def _count(name: str, label: str, default: Value, help_text: str, unit: str, least: int, most: int) -> Input:
    return Input(name, label, "integer", default, help_text, unit=unit, minimum=least, maximum=most)


INPUTS = (
    _text("name", "Name", "lab", "Name of the cluster, and first part of the names around it."),
    _text("region", "Region", "us-east-1", "AWS region."),
    _optional("account_id", "Account", "The only AWS account that may be touched; empty: any."),
    _optional("kubernetes_version", "Kubernetes", "Minor version; empty: newest in standard support."),
    _choice(
        "support",
        "Support",
        ("standard", "extended"),
        "At the end of standard support: be upgraded, or pay six times the fee.",
    ),
    Input(
        "today",
        "Today",
        "date",
        None,
        "The present day: decides which versions EKS offers.",
        optional=True,
    ),
    _count("zones", "Zones", 3, "Availability zones; EKS wants two at least.", "zones", 2, 6),
    _optional("zone_ids", "Zone ids", "use1-az1,use1-az2,use1-az4; empty: the first ones by name."),
    _text("vpc_cidr", "Range of the VPC", "10.0.0.0/16", "/16 to /25."),
    _optional(
        "secondary_ranges", "Further ranges", "Ranges the VPC gets besides, for example 100.64.0.0/16."
    ),
    _optional("node_cidrs", "Node subnets", "One a zone; empty: cut from the VPC."),
    _flag(
        "public_subnets", "Public subnets", True, "For NAT gateways and load balancers facing the internet."
    ),
    _optional("public_cidrs", "Public subnets are", "One a zone; empty: cut from the VPC."),
    _flag(
        "control_plane_subnets",
        "Control-plane subnets",
        True,
        "A /28 a zone for the interfaces of the control plane.",
    ),
    _optional("control_plane_cidrs", "Control-plane subnets are", "One a zone; empty: cut from the VPC."),
    _choice(
        "nat",
        "NAT",
        ("per-zone", "single", "regional", "none"),
        "NAT gateways: one in each zone, one for all, a regional one, or none.",
    ),
    _optional(
        "interface_endpoints", "Interface endpoints", "Services reached without NAT: ecr.api,ecr.dkr,sts …"
    ),
    _flag("flow_logs", "Flow logs", False, "Record who talks to whom in the VPC."),
    _choice(
        "endpoint",
        "API endpoint",
        ("public-private", "private", "public"),
        "From where the Kubernetes API can be reached.",
    ),
    _optional(
        "public_access_cidrs",
        "Networks at the endpoint",
        "Who may reach the public endpoint; empty: asked for when applying.",
    ),
    _flag("caller_is_admin", "You are administrator", True, "Whoever applies gets an access entry."),
    _optional(
        "access",
        "Access entries",
        "name arn=… policy=cluster-admin|admin|edit|view namespaces=a,b; name …",
    ),
    _flag("kms_key", "Own key for API data", True, "A KMS key of yours instead of one that AWS owns."),
    _flag("log_key", "Own key for logs", False, "A KMS key of yours for the log groups."),
    _choice(
        "log_types",
        "Control-plane logs",
        ("all", "audit", "none"),
        "All five kinds, audit and authenticator, or none.",
    ),
    _count("log_retention_days", "Keep logs", 90, "How long CloudWatch keeps them.", "days", 1, 3653),
    _flag("deletion_protection", "Deletion protection", True, "EKS refuses to delete the cluster."),
    _flag("zonal_shift", "Zonal shift", True, "Traffic can be moved away from a zone in trouble."),
    _choice(
        "tier",
        "Control-plane tier",
        ("standard", "xl", "2xl", "4xl", "8xl"),
        "Standard, or provisioned capacity at a price.",
    ),
    _flag("auto_mode", "Auto Mode", False, "EKS runs the nodes and their add-ons, for a fee on each."),
    _choice(
        "auto_mode_pools",
        "Pools of Auto Mode",
        ("both", "general-purpose", "system"),
        "Node pools that are built in.",
    ),
    _text(
        "node_groups",
        "Node groups",
        "general types=m7i.large,m6i.large,m5.large min=3 desired=3 max=9",
        "name types=a,b min= desired= max= disk= capacity= ami= labels= taints= release=; name …; or none.",
    ),
    _optional("fargate_profiles", "Fargate profiles", "name namespaces=a,b labels=key=value; name …"),
    _flag("karpenter", "Karpenter", False, "Roles, queue and rules for Karpenter."),
    _text(
        "addons",
        "Add-ons",
        "aws-ebs-csi-driver,metrics-server,eks-node-monitoring-agent",
        "Besides vpc-cni, kube-proxy, coredns and the Pod Identity agent; or none.",
    ),
    _optional("pod_identities", "Pod Identity", "namespace/service-account policy=ARN; namespace/…"),
    _flag("prefix_delegation", "Prefix delegation", False, "/28 prefixes for pods: more pods on a node."),
    _flag(
        "custom_networking",
        "Custom networking",
        False,
        "Pods live in subnets of their own, in a further range.",
    ),
    _optional(
        "pod_cidrs", "Pod subnets", "One a zone, for custom networking; empty: cut from the further range."
    ),
    _optional("extra_pod_cidrs", "Extra pod subnets", "Found by the VPC CNI through a tag; one a zone."),
    _choice("state", "State", ("local", "s3"), "Where Terraform keeps its state."),
    _optional("state_bucket", "State bucket", "Name of the S3 bucket; empty: given to terraform init."),
)
"""In the order a form asks."""
