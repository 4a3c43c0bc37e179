"""The machine images of nodes: EKS-optimized Amazon Linux 2023 and Bottlerocket, as EC2 and SSM know them.

Identifiers are made up, one for ever for each image; names and parameter paths are the real ones.
Source: https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id.html and
https://docs.aws.amazon.com/eks/latest/userguide/retrieve-ami-id-bottlerocket.html (2026-11-23).
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from eks_lab.sim.kubelet.nodes import PATCH_RELEASES

VERSIONS = ("1.33", "1.34", "1.35", "1.36")
"""Kubernetes versions with images."""
PATCHES = {"1.33": "1.33.11", **PATCH_RELEASES}
"""Patch release of their kubelets, as nodes show it."""
RELEASE = "20261110"
"""Day of the newest images."""
OWNER = "602401143452"
"""Amazon's account of EKS images in most regions."""
BOTTLEROCKET_OWNER = "092701018921"
BOTTLEROCKET_VERSION = "1.62.0"


@dataclass(frozen=True, slots=True)
class MachineImage:
    """One image in one region."""

    id: str
    """`ami-0…`."""
    name: str
    """`amazon-eks-node-al2023-x86_64-standard-1.36-v20261110`."""
    version: str
    """Kubernetes minor version."""
    architecture: str
    """`x86_64` or `arm64`."""
    variant: str
    """`standard`, `nvidia`, `neuron`; `bottlerocket`."""
    release_version: str
    """As node groups name it: `1.36.1-20261110`."""
    parameter: str
    """Its public SSM parameter, the part before `image_id` left out."""
    owner: str

    @property
    def ami_type(self) -> str:
        """Return the type as node groups name it: `AL2023_x86_64_STANDARD`, `BOTTLEROCKET_ARM_64`."""
        if self.variant == "bottlerocket":
            return f"BOTTLEROCKET_{'ARM_64' if self.architecture == 'arm64' else 'x86_64'}"
        architecture = "ARM_64" if self.architecture == "arm64" else "x86_64"
        return f"AL2023_{architecture}_{self.variant.upper()}"


def published() -> datetime:
    """Return the moment at which the newest images came out."""
    return datetime.strptime(RELEASE, "%Y%m%d").replace(tzinfo=UTC)


@cache
def images(region: str) -> tuple[MachineImage, ...]:
    """Return the images that nodes of a region may start from, newest Kubernetes first."""
    found = []
    for version in reversed(VERSIONS):
        for architecture, variant in (
            *(("x86_64", "standard"), ("arm64", "standard")),
            *(("x86_64", "nvidia"), ("arm64", "nvidia"), ("x86_64", "neuron")),
        ):
            found.append(_amazon_linux(region, version, architecture, variant))
        found += [_bottlerocket(region, version, architecture) for architecture in ("x86_64", "arm64")]
    return tuple(found)


def image_of_type(ami_type: str, version: str, region: str) -> MachineImage | None:
    """Return the image of a node group's AMI type and Kubernetes version; None when there is none."""
    for image in images(region):
        if image.ami_type == ami_type and image.version == version:
            return image
    return None


def image_with_id(image_id: str, region: str) -> MachineImage | None:
    """Return an image by its identifier, None when it is none of these."""
    return next((image for image in images(region) if image.id == image_id), None)


def parameters(region: str) -> dict[str, str]:
    """Return the public SSM parameters of these images: full name -> value."""
    found = {}
    for image in images(region):
        if image.variant == "bottlerocket":
            for label in ("latest", BOTTLEROCKET_VERSION):
                found[f"{image.parameter}/{label}/image_id"] = image.id
                found[f"{image.parameter}/{label}/image_version"] = BOTTLEROCKET_VERSION
            continue
        for label in ("recommended", image.name):
            place = f"{image.parameter}/{label}"
            found[f"{place}/image_id"] = image.id
            found[f"{place}/image_name"] = image.name
            found[f"{place}/release_version"] = image.release_version
            found[place] = (
                f'{{"schema_version":"2","image_id":"{image.id}","image_name":"{image.name}",'
                f'"release_version":"{image.release_version}"}}'
            )
    return found


def ec2_images(region: str) -> list[dict[str, Any]]:
    """Return these images as moto's EC2 takes them."""
    return [
        {
            "ami_id": image.id,
            "architecture": image.architecture,
            "description": _description(image),
            "hypervisor": "xen",
            "image_type": "machine",
            "name": image.name,
            "owner_id": image.owner,
            "platform": None,
            "public": True,
            "root_device_name": "/dev/xvda",
            "root_device_type": "ebs",
            "sriov": "simple",
            "state": "available",
            "tags": {},
            "virtualization_type": "hvm",
            "creation_date": f"{RELEASE[:4]}-{RELEASE[4:6]}-{RELEASE[6:]}T00:00:00.000Z",
        }
        for image in images(region)
    ]


def _description(image: MachineImage) -> str:
    if image.variant == "bottlerocket":
        return f"bottlerocket-aws-k8s-{image.version}-{image.architecture}-v{BOTTLEROCKET_VERSION}"
    kind = "" if image.variant == "standard" else f" ({image.variant})"
    return f"EKS-optimized Kubernetes node based on Amazon Linux 2023{kind}, (k8s: {PATCHES[image.version]})"


def _id(region: str, name: str) -> str:
    return f"ami-0{hashlib.sha256(f'{region}/{name}'.encode()).hexdigest()[:16]}"


def _amazon_linux(region: str, version: str, architecture: str, variant: str) -> MachineImage:
    name = f"amazon-eks-node-al2023-{architecture}-{variant}-{version}-v{RELEASE}"
    return MachineImage(
        id=_id(region, name),
        name=name,
        version=version,
        architecture=architecture,
        variant=variant,
        release_version=f"{PATCHES[version]}-{RELEASE}",
        parameter=f"/aws/service/eks/optimized-ami/{version}/amazon-linux-2023/{architecture}/{variant}",
        owner=OWNER,
    )


def _bottlerocket(region: str, version: str, architecture: str) -> MachineImage:
    digest = hashlib.sha256(f"{version}{architecture}".encode()).hexdigest()[:8]
    name = f"bottlerocket-aws-k8s-{version}-{architecture}-v{BOTTLEROCKET_VERSION}-{digest}"
    return MachineImage(
        id=_id(region, name),
        name=name,
        version=version,
        architecture=architecture,
        variant="bottlerocket",
        release_version=f"{BOTTLEROCKET_VERSION}-{digest}",
        parameter=f"/aws/service/bottlerocket/aws-k8s-{version}/{architecture}",
        owner=BOTTLEROCKET_OWNER,
    )
