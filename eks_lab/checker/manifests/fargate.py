"""Pods that say they run on Fargate, and what Fargate does not run.

Source: EKS user guide, "Simplify compute management with AWS Fargate", considerations.
"""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.manifests.manifest import ManifestSet, PodTemplate, items, part, text
from eks_lab.checker.manifests.storage import AUTO_MODE_EBS, EBS, provisioner_of
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, Rule

UNSUPPORTED = Rule(
    "eks-fargate",
    ERROR,
    "Fargate runs no privileged or host-network pods, host ports, host paths, DaemonSets, GPUs or EBS volumes.",
    "Run it on nodes, or without that.",
    "compute.fargate",
)
RULES = (UNSUPPORTED,)

_COMPUTE = "eks.amazonaws.com/compute-type"
_PROFILE = "eks.amazonaws.com/fargate-profile"
_GPUS = ("nvidia.com/gpu", "aws.amazon.com/neuron", "amd.com/gpu")


def is_fargate(template: PodTemplate) -> bool:
    """Return whether a pod says that it runs on Fargate: by node selector, label, annotation or scheduler."""
    return (
        part(template.spec, "nodeSelector").get(_COMPUTE) == "fargate"
        or template.labels.get(_COMPUTE) == "fargate"
        or _PROFILE in template.labels
        or template.spec.get("schedulerName") == "fargate-scheduler"
        or any(
            text(one, "key") == _COMPUTE and text(one, "value") == "fargate"
            for _, one in items(template.spec, "tolerations")
        )
    )


def check(together: ManifestSet) -> Iterator[Finding]:
    """Yield findings about Fargate pods."""
    for template in together.templates:
        if is_fargate(template):
            yield from _pod(template, together)


def _pod(template: PodTemplate, together: ManifestSet) -> Iterator[Finding]:
    if template.owner.kind == "DaemonSet":
        yield template.owner.finding(
            UNSUPPORTED, ("kind",), "a DaemonSet does not run on Fargate", fix="Run it as a sidecar."
        )
    for field in ("hostNetwork", "hostPID", "hostIPC"):
        if template.spec.get(field) is True:
            yield template.finding(UNSUPPORTED, (field,), f"{field}: true does not run on Fargate")
    for path, container in template.all_containers():
        name = text(container, "name")
        if part(container, "securityContext").get("privileged") is True:
            yield template.owner.finding(
                UNSUPPORTED,
                (*path, "securityContext", "privileged"),
                f"privileged container {name} does not run on Fargate",
            )
        for position, port in items(container, "ports"):
            if port.get("hostPort"):
                yield template.owner.finding(
                    UNSUPPORTED,
                    (*path, "ports", position, "hostPort"),
                    f"hostPort {port['hostPort']} does not run on Fargate",
                )
        for resource in (*part(container, "resources", "limits"), *part(container, "resources", "requests")):
            if resource in _GPUS:
                yield template.owner.finding(UNSUPPORTED, (*path, "resources"), f"Fargate has no {resource}")
                break
    yield from _volumes(template, together)


def _volumes(template: PodTemplate, together: ManifestSet) -> Iterator[Finding]:
    for position, volume in items(template.spec, "volumes"):
        claim = text(volume, "persistentVolumeClaim", "claimName")
        found = together.named("PersistentVolumeClaim", claim, template.owner.namespace) if claim else None
        if found is not None and provisioner_of(found.spec, together) in (EBS, AUTO_MODE_EBS):
            yield template.finding(
                UNSUPPORTED,
                ("volumes", position),
                f"the claim {claim} is an EBS volume; Fargate mounts only EFS",
            )
        if "hostPath" in volume:
            yield template.finding(UNSUPPORTED, ("volumes", position), "hostPath does not exist on Fargate")
    for position, claim_template in items(template.owner.spec, "volumeClaimTemplates"):
        if provisioner_of(part(claim_template, "spec"), together) in (EBS, AUTO_MODE_EBS):
            yield template.owner.finding(
                UNSUPPORTED,
                ("spec", "volumeClaimTemplates", position),
                "EBS volumes are not mounted on Fargate",
            )
