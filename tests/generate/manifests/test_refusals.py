"""Choices that would not work or would hurt: refused with the reason, or said in a note."""

from __future__ import annotations

import pytest

from eks_lab.errors import InputError
from eks_lab.generate import registry
from eks_lab.generate.choices import read_choices
from eks_lab.generate.model import Bundle


def made(name: str, choices: dict[str, object]) -> Bundle:
    """Return what a generator makes."""
    generator = registry.get(name)
    return generator.render(read_choices(generator, "", choices))


@pytest.mark.parametrize(
    ("name", "choices", "reason"),
    [
        ("pod-identity-association", {"compute": "fargate"}, "does not work on Fargate"),
        ("pod-identity-association", {"compute": "windows"}, "does not work on Windows"),
        ("nodeadm-nodeconfig", {"instance": "m4.large", "prefix_delegation": True}, "not a Nitro type"),
        ("nodeadm-nodeconfig", {"instance": "t3.medium", "max_pods": 110}, "more addresses than t3.medium"),
        ("nodeadm-nodeconfig", {"labels": "kubernetes.io/role=x"}, "kubelet may not set"),
        ("vpc-cni-values", {"instance": "m4.large", "addresses": "prefixes"}, "not a Nitro type"),
        (
            "vpc-cni-values",
            {"instance": "t3.medium", "security_groups_for_pods": True},
            "no branch interfaces",
        ),
        ("security-group-policy", {"instance": "t3.medium"}, "no branch interfaces"),
        ("eniconfig", {"zones": "us-east-1a"}, "3 subnets for 1 zones"),
        ("statefulset", {"compute": "fargate"}, "Fargate cannot mount EBS"),
        ("storage-class-efs", {"compute": "fargate"}, "on Fargate the driver cannot"),
        ("storage-class-gp3", {"throughput_mibps": 2000}, "need at least 8000 IOPS"),
        ("storage-class-gp3", {"iops": 80000, "claim": True}, "at most 10,000 IOPS"),
        ("hpa", {"min_replicas": 5, "max_replicas": 3}, "below min-replicas"),
        ("hpa", {"cpu_percent": None}, "nothing to scale by"),
        ("pdb", {"rule": "min-available", "amount": "3"}, "never lets one go"),
        ("pdb", {"rule": "min-available", "amount": "99%"}, "never lets one go"),
        ("pdb", {"amount": "0"}, "never lets one go"),
        ("network-policy-default-deny", {"namespace": "kube-system"}, "cuts CoreDNS"),
        ("alb-ingress", {"ssl_redirect": True}, "without a certificate"),
        ("pod-security-namespace", {"enforce": "baseline", "warn": "privileged"}, "weaker"),
        ("resource-quota", {"memory_limit_gib": 1}, "less than requests"),
        ("fluent-bit", {"retention_days": 31}, "does not take 31"),
        ("service-monitor", {"interval_seconds": 5}, "longer than the interval"),
        ("access-entry", {"groups": "system:masters"}, "refuses groups that start with system:"),
        ("access-entry", {"policy": "none"}, "gives nothing"),
        ("nodepool", {"labels": "karpenter.sh/x=y"}, "belongs to Kubernetes or Karpenter"),
        ("ec2nodeclass", {"tags": "Name=x"}, "sets Name itself"),
    ],
)
def test_refused(name: str, choices: dict[str, object], reason: str) -> None:
    with pytest.raises(InputError) as refused:
        made(name, choices)
    assert reason in refused.value.message
    assert refused.value.hint


@pytest.mark.parametrize(
    ("name", "choices", "note"),
    [
        ("nodepool", {"capacity": "spot"}, "Spot alone"),
        ("ec2nodeclass", {"hop_limit": 2}, "every pod can become the node"),
        ("ec2nodeclass", {}, "Fix the image"),
        ("storage-class-gp3", {"encrypted": False}, "cannot be encrypted later"),
        ("storage-class-gp3", {"wait_for_pod": False}, "volume node affinity conflict"),
        ("alb-ingress", {"scheme": "internet-facing"}, "Plain HTTP"),
        ("access-entry", {"policy": "cluster-admin"}, "read every Secret"),
        ("hpa", {}, "metrics-server"),
        ("statefulset", {"keep_claims": False}, "Scaling down deletes data"),
        ("trust-policy-pod-identity", {"scope": "any"}, "any pod of any cluster"),
    ],
)
def test_warned(name: str, choices: dict[str, object], note: str) -> None:
    assert any(note in said for said in made(name, choices).notes)


@pytest.mark.parametrize("text", ["a\nb: c", "a: b", "{{ x }}", 'a"b', "A", "-a", "a" * 64, "a #b", "ä"])
def test_names_that_would_break_the_file(text: str) -> None:
    for name in ("pod-security-namespace", "statefulset", "service-account-irsa"):
        with pytest.raises(InputError):
            made(name, {"name": text})


def test_max_pods_follow_the_calculator() -> None:
    from eks_lab.calc.forms import read_inputs
    from eks_lab.calc.max_pods import CALCULATOR

    given = {"instance": "t3.medium", "prefix_delegation": True}
    wanted = CALCULATOR.compute(read_inputs(CALCULATOR, given)).result["max_pods"]
    assert f"maxPods: {wanted}\n" in made("nodeadm-nodeconfig", dict(given)).files[0].text
    assert "maxPods" not in made("nodeadm-nodeconfig", {}).files[0].text


def test_a_pool_brings_its_class() -> None:
    bundle = made("nodepool", {"name": "batch", "cluster": "shop"})
    assert [file.name for file in bundle.files] == ["nodepool.yaml", "ec2nodeclass.yaml"]
    assert "karpenter.sh/discovery: shop" in bundle.files[1].text
    assert len(made("nodepool", {"with_class": False}).files) == 1


def test_removed_apis_never_appear() -> None:
    for name in registry.manifest_names():
        text = "".join(file.text for file in made(name, {}).files)
        for gone in (
            "v1beta1\nkind: NodePool",
            "Provisioner",
            "autoscaling/v2beta",
            "policy/v1beta1",
            "bootstrap.sh",
        ):
            assert gone not in text
