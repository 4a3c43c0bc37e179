"""What the tests of the Terraform generator build: bundles from a preset and settings, and random choices."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from eks_lab.generate.choices import read_choices
from eks_lab.generate.model import Bundle
from eks_lab.generate.terraform.generator import GENERATOR, render
from eks_lab.generate.terraform.presets import PRIVATE_ENDPOINTS

TODAY = "2026-11-22"
ARN = "arn:aws:iam::111122223333:role/platform"
POLICY = "arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"


def bundle(preset: str = "", /, **settings: object) -> Bundle:
    """Return what the generator makes of a preset and settings on a fixed day."""
    return render(read_choices(GENERATOR, preset, {"today": TODAY, **settings}))


def text_of(found: Bundle, name: str) -> str:
    """Return the text of one file."""
    return next(file.text for file in found.files if file.name == name)


def whole(found: Bundle) -> str:
    """Return all of the Terraform as one text."""
    return "\n".join(file.text for file in found.files if file.name.endswith(".tf"))


@st.composite
def settings(draw: st.DrawFn) -> dict[str, Any]:
    """Draw choices that fit together."""
    flag = st.booleans()
    kind = draw(st.sampled_from(["groups", "groups", "karpenter", "auto-mode", "fargate", "mixed"]))
    zones = draw(st.integers(2, 6))
    has_groups = kind in {"groups", "karpenter", "mixed"}
    nat = draw(st.sampled_from(["per-zone", "single", "regional", "none"]))
    if kind == "karpenter" and nat == "none":
        nat = "regional"
    endpoints = ["public-private", "private"] + (["public"] if nat in {"per-zone", "single"} else [])
    endpoint = draw(st.sampled_from(endpoints))
    given: dict[str, Any] = {
        "name": draw(st.from_regex(r"[a-z][a-z0-9-]{0,20}[a-z0-9]", fullmatch=True)),
        "region": draw(st.sampled_from(["us-east-1", "eu-west-1", "us-gov-west-1", "ap-southeast-2"])),
        "account_id": draw(st.sampled_from([None, "111122223333"])),
        "kubernetes_version": draw(st.sampled_from([None, "1.35", "1.36"])),
        "support": draw(st.sampled_from(["standard", "extended"])),
        "zones": zones,
        "zone_ids": draw(
            st.sampled_from([None, ",".join(f"euw1-az{number + 1}" for number in range(zones))])
        ),
        "nat": nat,
        "public_subnets": nat in {"per-zone", "single"} or draw(flag),
        "control_plane_subnets": draw(flag),
        "interface_endpoints": PRIVATE_ENDPOINTS
        if nat == "none"
        else draw(st.sampled_from([None, "sts,ecr.api"])),
        "flow_logs": draw(flag),
        "endpoint": endpoint,
        "public_access_cidrs": draw(st.sampled_from([None, "8.8.8.8/32,1.1.1.0/24"]))
        if endpoint != "private"
        else None,
        "caller_is_admin": draw(flag),
        "access": draw(
            st.sampled_from(
                [
                    None,
                    f"admins arn={ARN} policy=cluster-admin; devs arn={ARN}-2 policy=edit namespaces=shop,pay",
                ]
            )
        ),
        "kms_key": draw(flag),
        "log_key": draw(flag),
        "log_types": draw(st.sampled_from(["all", "audit", "none"])),
        "log_retention_days": draw(st.integers(1, 3653)),
        "deletion_protection": draw(flag),
        "zonal_shift": draw(flag),
        "tier": draw(st.sampled_from(["standard", "xl", "8xl"])),
        "state": draw(st.sampled_from(["local", "s3"])),
        "state_bucket": draw(st.sampled_from([None, "states-of-terraform"])),
        "node_groups": "none",
        "addons": "none",
    }
    if has_groups:
        groups = [
            "general types=m7i.large,m6i.large min=1 desired=2 max=5 labels=workload=general,team=shop",
            "arm types=m7g.large ami=bottlerocket capacity=spot taints=dedicated=arm:NoSchedule,old:NoExecute",
            "gpu types=g5.xlarge disk=200 min=0 desired=0 max=2 release=1.36.0-20261101",
        ]
        given["node_groups"] = ";".join(draw(st.lists(st.sampled_from(groups), min_size=1, unique=True)))
        given["addons"] = draw(
            st.sampled_from(["none", "metrics-server", "aws-ebs-csi-driver,eks-node-monitoring-agent"])
        )
        given["prefix_delegation"] = draw(flag)
        given["custom_networking"] = draw(flag)
        given["pod_identities"] = draw(
            st.sampled_from([None, f"shop/orders policy={POLICY}; pay/cards policy={POLICY},{POLICY}2"])
        )
        if not given["custom_networking"] and draw(flag):
            given["secondary_ranges"] = "100.64.0.0/16"
            given["extra_pod_cidrs"] = ",".join(f"100.64.{32 * number}.0/19" for number in range(zones))
    given["karpenter"] = kind == "karpenter"
    given["auto_mode"] = kind == "auto-mode"
    if kind == "auto-mode":
        given["addons"] = draw(st.sampled_from(["none", "metrics-server"]))
        given["auto_mode_pools"] = draw(st.sampled_from(["both", "system"]))
    if kind in {"fargate", "mixed"}:
        profiles = ["batch-jobs namespaces=batch,ci-* labels=compute=fargate"]
        if kind == "fargate":
            profiles.append("system namespaces=kube-system")
            given["addons"] = draw(st.sampled_from(["none", "metrics-server"]))
        given["fargate_profiles"] = ";".join(profiles)
    return given
