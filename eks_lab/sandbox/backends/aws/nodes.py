"""The nodes: one managed node group, and the launch template that gives its instances their tags.

A node group does not pass its tags on to instances and disks (EKS user guide, "Tag your resources"); its launch
template does.
"""

from __future__ import annotations

from typing import Any

from eks_lab.catalog import instance_types
from eks_lab.errors import UnavailableError
from eks_lab.sandbox.backends.aws import network, roles
from eks_lab.sandbox.backends.aws.control_plane import issues, remove_groups
from eks_lab.sandbox.backends.aws.site import CONSISTENCY_LIMIT_SECONDS, Site, as_mapping

READY_LIMIT_SECONDS = 1200.0
DISK_GIB = 20
GROUP = "workers"


class Template:
    """The launch template."""

    step = kind = "launch-template"
    title = "Make the launch template of the nodes"

    def name(self, site: Site) -> str:
        """Return its name."""
        return site.name("nodes")

    def find(self, site: Site) -> str:
        """Return its id when this session made it; empty when there is none, or somebody else's."""
        found = site.found("ec2", "DescribeLaunchTemplates", LaunchTemplateNames=[self.name(site)])
        for each in found["LaunchTemplates"] if found else ():
            if site.is_ours(as_mapping(each.get("Tags"))):
                return str(each["LaunchTemplateId"])
        return ""

    def make(self, site: Site) -> str:
        """Make it: disk and tags; image and instance type are the node group's."""
        name = self.name(site)
        kinds = ("instance", "volume", "network-interface")
        data = {
            "BlockDeviceMappings": [
                {
                    "DeviceName": "/dev/xvda",
                    "Ebs": {"VolumeSize": DISK_GIB, "VolumeType": "gp3", "DeleteOnTermination": True},
                }
            ],
            # Pods reach no node credentials through a second hop (EKS best practices, restrict IMDS).
            "MetadataOptions": {"HttpTokens": "required", "HttpPutResponseHopLimit": 1},
            "TagSpecifications": [each for kind in kinds for each in site.specification(kind, name)],
        }
        made = site.call(
            "ec2",
            "CreateLaunchTemplate",
            LaunchTemplateName=name,
            LaunchTemplateData=data,
            ClientToken=name,
            TagSpecifications=site.specification("launch-template", name),
        )
        return str(made["LaunchTemplate"]["LaunchTemplateId"])

    def settle(self, site: Site) -> None:
        """Do nothing: it is ready when it is made."""

    def remove(self, site: Site, id: str) -> None:
        """Delete it with its versions."""
        site.delete("ec2", "DeleteLaunchTemplate", LaunchTemplateId=id)


class NodeGroup:
    """The managed node group."""

    step = kind = "node-group"
    title = "Make the nodes (about three minutes)"

    def name(self, site: Site) -> str:
        """Return its name within the cluster."""
        return GROUP

    def find(self, site: Site) -> str:
        """Return its name when this session made it; empty when there is none, or somebody else's."""
        found = _described(site)
        return GROUP if found and site.is_ours(found.get("tags") or {}) else ""

    def make(self, site: Site) -> str:
        """Make it."""
        head = site.ledger.head
        architectures = instance_types.get(head.instance).architectures
        image = "AL2023_ARM_64_STANDARD" if "arm64" in architectures else "AL2023_x86_64_STANDARD"
        site.insist(
            lambda: site.call(
                "eks",
                "CreateNodegroup",
                clusterName=head.cluster,
                nodegroupName=GROUP,
                scalingConfig={"minSize": 0, "desiredSize": head.nodes, "maxSize": head.nodes + 2},
                subnets=network.subnets(site),
                instanceTypes=[head.instance],
                amiType=image,
                capacityType="ON_DEMAND",
                nodeRole=roles.arn(site, roles.NODE_ROLE),
                launchTemplate={"id": site.ledger.id_of(Template.step)},
                clientRequestToken=f"eks-lab-{head.session}-{GROUP}",
                tags=site.tags,
            ),
            {"InvalidParameterException"},
            CONSISTENCY_LIMIT_SECONDS,
            about="could not be assumed",
        )
        return GROUP

    def settle(self, site: Site) -> None:
        """Wait until its nodes have joined, and tag its Auto Scaling groups.

        Raises:
            UnavailableError: it failed, or takes too long.
        """

        def is_active() -> bool:
            found = _described(site)
            status = found["status"] if found else "gone"
            if status in ("CREATE_FAILED", "DEGRADED", "gone", "DELETING"):
                raise UnavailableError(
                    f"the node group {GROUP} is {status}: {issues(found)}",
                    hint="Remove everything: eks-lab sandbox down",
                )
            return bool(status == "ACTIVE")

        site.until(is_active, f"the node group {GROUP} to be ACTIVE", READY_LIMIT_SECONDS)
        resources = (_described(site) or {}).get("resources") or {}
        for each in resources.get("autoScalingGroups") or ():
            tags = [
                {
                    **tag,
                    "ResourceId": each["name"],
                    "ResourceType": "auto-scaling-group",
                    "PropagateAtLaunch": True,
                }
                for tag in site.listed_tags
            ]
            site.call("autoscaling", "CreateOrUpdateTags", Tags=tags)

    def remove(self, site: Site, id: str) -> None:
        """Delete it, and every other node group of the cluster, and wait until they and their instances are gone."""
        found = _described(site)
        if found is not None and site.is_ours(found.get("tags") or {}):
            remove_groups(site, site.ledger.head.cluster)


def _described(site: Site) -> dict[str, Any] | None:
    found = site.found("eks", "DescribeNodegroup", clusterName=site.ledger.head.cluster, nodegroupName=GROUP)
    return dict(found["nodegroup"]) if found else None
