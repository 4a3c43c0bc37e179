"""What EKS, Kubernetes or reason refuse is refused here, with the field and the reason."""

from __future__ import annotations

import pytest

from eks_lab.errors import InputError
from eks_lab.generate.terraform.generator import GENERATOR
from eks_lab.generate.terraform.presets import PRIVATE_ENDPOINTS
from tests.generate.terraform.bundles import ARN, POLICY, bundle, text_of

_FARGATE_ONLY: dict[str, object] = {
    "node_groups": "none",
    "addons": "none",
    "fargate_profiles": "system namespaces=kube-system",
}
_AUTO: dict[str, object] = {"auto_mode": True, "node_groups": "none", "addons": "none"}


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"kubernetes_version": "1.29"}, ["kubernetes_version: 1.29", "2026-03-23"]),
        (
            {"kubernetes_version": "1.33"},
            ["kubernetes_version: standard support of 1.33", "support=standard"],
        ),
        ({"kubernetes_version": "1.37"}, ["kubernetes_version: whether EKS offers 1.37"]),
        ({"kubernetes_version": "1.36", "today": "2026-05-01"}, ["1.36", "2026-06-02"]),
        ({"today": "2031-01-01"}, ["today:", "no version"]),
        ({"zone_ids": "use1-az1,use1-az2,use1-az3"}, ["zone_ids:", "use1-az3"]),
        ({"zone_ids": "usw1-az2,usw1-az1,usw1-az3"}, ["usw1-az2"]),
        ({"zone_ids": "use1-az1"}, ["zone_ids: 1 ids for 3 zones"]),
        ({"zone_ids": "us-east-1a,us-east-1b,us-east-1c"}, ["is no zone id"]),
        (
            {"node_cidrs": "10.0.0.0/28,10.0.0.16/28,10.0.0.32/28"},
            ["node_cidrs: 10.0.0.0/28", "11 addresses"],
        ),
        ({"node_cidrs": "10.0.0.0/24,10.0.1.0/24"}, ["node_cidrs: 2 subnets for 3 zones"]),
        ({"node_cidrs": "10.0.0.0/24,10.0.0.128/25,10.0.2.0/24"}, ["overlap"]),
        ({"node_cidrs": "10.1.0.0/24,10.1.1.0/24,10.1.2.0/24"}, ["outside the ranges of the VPC"]),
        (
            {"node_cidrs": "10.0.0.0/27,10.0.0.32/27,10.0.0.64/27", "prefix_delegation": True},
            ["node_cidrs: 10.0.0.0/27", "reserved addresses"],
        ),
        (
            {
                "node_cidrs": "10.0.0.0/24,10.0.1.0/24,10.0.2.0/24",
                "public_cidrs": "10.0.0.0/27,10.0.8.0/27,10.0.9.0/27",
            },
            ["overlaps"],
        ),
        ({"public_cidrs": "10.0.0.0/28,10.0.0.16/28,10.0.0.32/28"}, ["public_cidrs", "Load Balancer"]),
        ({"vpc_cidr": "10.0.0.0/26"}, ["vpc_cidr: 10.0.0.0/26 has no room"]),
        ({"vpc_cidr": "10.0.0.0/8"}, ["vpc_cidr", "too large"]),
        ({"secondary_ranges": "10.0.0.0/17"}, ["secondary_ranges", "overlap"]),
        ({"secondary_ranges": "100.64.0.0/10"}, ["too large"]),
        ({"pod_cidrs": "100.64.0.0/18"}, ["pod_cidrs: custom_networking is off"]),
        (
            {
                "custom_networking": True,
                "secondary_ranges": "100.64.0.0/16",
                "extra_pod_cidrs": "100.64.0.0/20,100.64.16.0/20,100.64.32.0/20",
                "pod_cidrs": "100.64.64.0/20,100.64.80.0/20,100.64.96.0/20",
            },
            ["extra_pod_cidrs", "ENIConfig"],
        ),
        ({"nat": "per-zone", "public_subnets": False}, ["nat:", "public subnet"]),
        ({"nat": "none"}, ["nat:", "ecr.api", "sts"]),
        (
            {"nat": "none", "interface_endpoints": PRIVATE_ENDPOINTS, "karpenter": True},
            ["karpenter:", "IAM API"],
        ),
        ({"endpoint": "public", "nat": "regional"}, ["endpoint:", "regional NAT"]),
        (
            {"endpoint": "public", "nat": "none", "interface_endpoints": PRIVATE_ENDPOINTS},
            ["endpoint:", "without NAT"],
        ),
        ({"interface_endpoints": "s3"}, ["gateway endpoint"]),
        ({"interface_endpoints": "com.amazonaws.us-east-1.sts"}, ["is no service"]),
        ({"endpoint": "private", "public_access_cidrs": "8.8.8.8/32"}, ["public_access_cidrs", "private"]),
        ({"public_access_cidrs": "203.0.113.0/24"}, ["public_access_cidrs", "documentation range"]),
        ({"public_access_cidrs": "0.0.0.0/0"}, ["everybody"]),
        ({"public_access_cidrs": "10.0.0.0/8"}, ["is private"]),
        ({"auto_mode": True}, ["auto_mode"]),
        ({**_AUTO, "prefix_delegation": True}, ["prefix_delegation: not with auto_mode"]),
        ({**_AUTO, "custom_networking": True}, ["custom_networking: not with auto_mode"]),
        ({**_AUTO, "karpenter": True}, ["karpenter: not with auto_mode"]),
        ({**_AUTO, "addons": "vpc-cni"}, ["addons: vpc-cni", "Auto Mode"]),
        ({**_AUTO, "addons": "aws-ebs-csi-driver"}, ["addons: aws-ebs-csi-driver", "built in"]),
        ({**_AUTO, "node_groups": "general types=m7i.large"}, ["node_groups:", "auto_mode"]),
        ({"node_groups": "none", "addons": "none"}, ["node_groups: nothing runs pods"]),
        ({**_FARGATE_ONLY, "fargate_profiles": "batch namespaces=batch"}, ["CoreDNS"]),
        ({**_FARGATE_ONLY, "addons": "aws-ebs-csi-driver"}, ["aws-ebs-csi-driver needs EC2 nodes"]),
        ({**_FARGATE_ONLY, "prefix_delegation": True}, ["prefix_delegation:", "Fargate"]),
        ({**_FARGATE_ONLY, "karpenter": True}, ["karpenter:", "Fargate"]),
        (
            {**_FARGATE_ONLY, "pod_identities": f"shop/orders policy={POLICY}"},
            ["shop/orders cannot use Pod Identity on Fargate"],
        ),
        (
            {"fargate_profiles": "shop namespaces=sh*", "pod_identities": f"shop/orders policy={POLICY}"},
            ["shop/orders cannot use Pod Identity on Fargate", "profile shop"],
        ),
        (
            {"fargate_profiles": "system namespaces=kube-system"},
            ["addons: aws-ebs-csi-driver cannot use Pod Identity on Fargate"],
        ),
        (
            {"prefix_delegation": True, "node_groups": "old types=m4.large"},
            ["prefix_delegation: m4.large of group old is no Nitro type"],
        ),
        ({"node_groups": "a types=m7i.large,m7g.large"}, ["arm64", "x86_64"]),
        ({"node_groups": "a types=m7i.lrge"}, ["node_groups: a", "no EC2 instance type"]),
        ({"node_groups": "a types=mac2.metal"}, ["mac2.metal", "no image"]),
        ({"node_groups": "a min=3"}, ["names no instance types"]),
        ({"node_groups": "a types=m7i.large min=3 desired=2 max=9"}, ["are not in order"]),
        ({"node_groups": "a types=m7i.large max=99999"}, ["max='99999'", "450"]),
        ({"node_groups": "a types=m7i.large disk=big"}, ["disk='big'"]),
        ({"node_groups": "a types=m7i.large capcity=spot"}, ["has no 'capcity'"]),
        ({"node_groups": "a types=m7i.large capacity=cheap"}, ["capacity='cheap'"]),
        ({"node_groups": "a types=m7i.large taints=x"}, ["is no taint"]),
        ({"node_groups": "a types=m7i.large labels=-"}, ["is no label"]),
        ({"node_groups": "a types=m7i.large release=newest"}, ["is no AMI release"]),
        ({"node_groups": "a types=m7i.large; a types=m6i.large"}, ["is there twice"]),
        ({"node_groups": "types=m7i.large"}, ["begins without a name"]),
        ({"node_groups": "a types=m7i.large min="}, ["min has no value"]),
        ({"node_groups": "a m7i.large"}, ["no key in front of it"]),
        ({"node_groups": "Ünicode types=m7i.large"}, ["is no name of a group"]),
        ({"node_groups": ";".join(f"g{n} types=m7i.large" for n in range(31))}, ["31 groups"]),
        ({"fargate_profiles": "eks-x namespaces=a"}, ["is no name of a profile"]),
        ({"fargate_profiles": "x"}, ["names no namespaces"]),
        ({"fargate_profiles": "x namespaces=a,b,c,d,e,f"}, ["6 namespaces"]),
        ({"fargate_profiles": "x namespaces=A_B"}, ["is no namespace"]),
        ({"fargate_profiles": "x namespaces=a labels=b"}, ["is no label"]),
        ({"access": "me arn=me policy=view"}, ["access: me", "is no ARN"]),
        ({"access": f"a arn={ARN} policy=root"}, ["is no access policy"]),
        ({"access": f"a arn={ARN}; b arn={ARN}"}, ["has an entry already"]),
        ({"access": f"a arn={ARN} namespaces=A"}, ["is no namespace"]),
        ({"pod_identities": "orders policy=x"}, ["no namespace and service account"]),
        ({"pod_identities": "shop/orders policy=AmazonS3ReadOnlyAccess"}, ["is no ARN of an IAM policy"]),
        ({"pod_identities": "shop/orders"}, ["is no ARN of an IAM policy"]),
        (
            {"pod_identities": f"a-b/c policy={POLICY}; a/b-c policy={POLICY}"},
            ["two service accounts make the same name"],
        ),
        ({"addons": "aws-ebs-csi"}, ["addons: 'aws-ebs-csi' is no add-on"]),
        ({"tier": "xl", "kubernetes_version": "1.28", "today": "2024-06-01"}, ["tier:"]),
        ({"name": "Prod"}, ["name: 'Prod'"]),
        ({"name": "a${b}"}, ["name:"]),
        ({"region": "moon"}, ["region: 'moon'"]),
        ({"account_id": "12"}, ["account_id: '12'"]),
        ({"state_bucket": "No Bucket"}, ["state_bucket:"]),
        ({"zones": 1}, ["zones"]),
        ({"nat": "two"}, ["nat"]),
    ],
)
def test_refused(settings: dict[str, object], words: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        bundle(**settings)
    for word in words:
        assert word in caught.value.message
    assert caught.value.hint


def test_what_is_refused_for_one_reason_is_taken_without_it() -> None:
    """The refusals above hang on the thing they name, not on something beside it."""
    assert "1.33" in text_of(bundle(kubernetes_version="1.33", support="extended"), "variables.tf")
    assert "use1-az4" in text_of(bundle(zone_ids="use1-az1,use1-az2,use1-az4"), "variables.tf")
    assert "/27" in text_of(bundle(node_cidrs="10.0.0.0/27,10.0.0.32/27,10.0.0.64/27"), "variables.tf")
    assert bundle(node_groups="old types=m4.large")
    labelled = "shop namespaces=shop labels=compute=fargate"
    found = bundle(fargate_profiles=labelled, pod_identities=f"shop/orders policy={POLICY}")
    assert any("Fargate, where Pod Identity does not work" in note for note in found.notes)
    assert bundle(**_FARGATE_ONLY)
    assert bundle(**_AUTO)


@pytest.mark.parametrize("name", [field.name for field in GENERATOR.inputs if field.kind == "text"])
@pytest.mark.parametrize("value", ['"', "${x}", "a\nb\x00c", "%{ if }", "=;=;=", "../..", "ä" * 500])
def test_no_text_of_a_choice_gets_into_the_files_unchecked(name: str, value: str) -> None:
    try:
        files = bundle(**{name: value}).files
    except InputError:
        return
    assert all(value not in file.text for file in files)
