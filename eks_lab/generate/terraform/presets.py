"""Sets of choices with a name."""

from __future__ import annotations

from collections.abc import Mapping

PRIVATE_ENDPOINTS = "autoscaling,ec2,ecr.api,ecr.dkr,eks,eks-auth,elasticloadbalancing,logs,sts"
"""What nodes, add-ons and controllers call; without NAT each needs an endpoint in the VPC."""

_SAFE: Mapping[str, object] = {
    "endpoint": "private",
    "caller_is_admin": False,
    "kms_key": True,
    "log_key": True,
    "log_types": "all",
    "log_retention_days": 365,
    "flow_logs": True,
    "deletion_protection": True,
    "zonal_shift": True,
    "state": "s3",
}

PRESETS: Mapping[str, Mapping[str, object]] = {
    "learning": {
        "zones": 2,
        "nat": "single",
        "endpoint": "public-private",
        "caller_is_admin": True,
        "kms_key": False,
        "log_types": "audit",
        "log_retention_days": 7,
        "deletion_protection": False,
        "zonal_shift": False,
        "node_groups": "general types=t3.large,t3a.large min=2 desired=2 max=3 disk=20 capacity=spot",
        "addons": "aws-ebs-csi-driver,metrics-server",
    },
    "production": {
        **_SAFE,
        "name": "production",
        "zones": 3,
        "nat": "per-zone",
        "node_groups": "general types=m7i.large,m6i.large,m5.large min=3 desired=3 max=9",
    },
    "private": {
        **_SAFE,
        "name": "private",
        "zones": 3,
        "nat": "none",
        "public_subnets": False,
        "interface_endpoints": PRIVATE_ENDPOINTS,
        "node_groups": "general types=m7i.large,m6i.large,m5.large min=3 desired=3 max=6",
    },
    "auto-mode": {
        **_SAFE,
        "name": "auto",
        "endpoint": "public-private",
        "zones": 3,
        "nat": "per-zone",
        "auto_mode": True,
        "node_groups": "none",
        "addons": "metrics-server",
    },
    "karpenter": {
        **_SAFE,
        "name": "karpenter",
        "endpoint": "public-private",
        "zones": 3,
        "nat": "per-zone",
        "karpenter": True,
        "node_groups": "system types=m7g.large,m6g.large min=2 desired=2 max=4 labels=karpenter.sh/controller=true",
    },
}
"""Name -> what differs from the defaults of the form."""
