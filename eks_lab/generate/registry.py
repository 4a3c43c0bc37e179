"""Every generator by name; a module is imported when its generator is asked for."""

from __future__ import annotations

import importlib

from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError
from eks_lab.generate.model import Generator

TERRAFORM = "terraform"
"""Name of the generator of a whole configuration."""

_MANIFESTS: tuple[str, ...] = (
    "nodeadm-nodeconfig",
    "vpc-cni-values",
    "eniconfig",
    "security-group-policy",
    "service-account-irsa",
    "trust-policy-irsa",
    "pod-identity-association",
    "trust-policy-pod-identity",
    "access-entry",
    "access-entries-from-aws-auth",
    "storage-class-gp3",
    "storage-class-efs",
    "statefulset",
    "volume-snapshot",
    "hpa",
    "nodepool",
    "ec2nodeclass",
    "pod-security-namespace",
    "network-policy-default-deny",
    "network-policy-allow",
    "resource-quota",
    "spread-deployment",
    "pdb",
    "alb-ingress",
    "nlb-service",
    "argocd-install",
    "argocd-application",
    "argocd-appproject",
    "argocd-applicationset",
    "kube-prometheus-stack-values",
    "service-monitor",
    "prometheus-rule",
    "fluent-bit",
    "opentelemetry-collector",
)
"""In the order of the course; each is a module of `eks_lab.generate.manifests`, with underscores."""

_MODULES = {TERRAFORM: "eks_lab.generate.terraform.generator"} | {
    name: f"eks_lab.generate.manifests.{name.replace('-', '_')}" for name in _MANIFESTS
}
"""Name -> module with a `GENERATOR` of that name."""


def names() -> tuple[str, ...]:
    """Return the names of all generators: the configuration first, the others in the order of the course."""
    return tuple(_MODULES)


def manifest_names() -> tuple[str, ...]:
    """Return the names of those that answer one small text rather than a configuration."""
    return _MANIFESTS


def get(name: str) -> Generator:
    """Return one generator.

    Args:
        name: `storage-class-gp3`; underscores and case do not matter.

    Raises:
        InputError: there is no such generator; the hint names the nearest ones.
    """
    wanted = name.strip().lower().replace("_", "-")
    module = _MODULES.get(wanted)
    if module is None:
        raise InputError(
            f"no generator named {name!r}",
            hint=did_you_mean(wanted, _MODULES) or "All of them: eks-lab generate list",
        )
    generator: Generator = importlib.import_module(module).GENERATOR
    return generator
