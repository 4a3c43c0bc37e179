"""What Karpenter's instances are made of: image, disk, subnets, groups, role.

Source: aws/karpenter-provider-aws, pkg/apis/crds and NodeClasses page (2026-08-21).
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import CLUSTER, choice, flag, integer, name_of, text
from eks_lab.generate.model import Bundle, Generator, Original

_VERSIONS = {"al2023": re.compile(r"v20\d{6}"), "bottlerocket": re.compile(r"v?\d+\.\d+\.\d+")}
_EXAMPLES = {"al2023": "v20260720", "bottlerocket": "v1.50.0"}
_TEMPLATE = """
apiVersion: karpenter.k8s.aws/v1
kind: EC2NodeClass
metadata:
  name: {{ name|q }}
spec:
  role: {{ role|q }}
  #? Karpenter makes the instance profile from it. The role needs an access entry of type EC2_LINUX.
  amiSelectorTerms:
    - alias: {{ (image_family ~ "@" ~ image_version)|q }}
{% if image_version == "latest" %}
      #? Always the newest image: nodes drift and are replaced whenever AWS releases one, tested by you or not.
{% else %}
      #? This image and no other: a new release arrives when you change the line.
{% endif %}
  subnetSelectorTerms:
    - tags:
        karpenter.sh/discovery: {{ cluster|q }} #? Subnets carry the tag; ids would have to be kept by hand.
  securityGroupSelectorTerms:
    - tags:
        karpenter.sh/discovery: {{ cluster|q }}
        #? Every group with the tag is attached. Tag one that lets nodes and control plane talk.
  metadataOptions:
    httpEndpoint: enabled
    httpTokens: required #? IMDSv2 only: a request forged through a program's URL gets no credentials.
    httpPutResponseHopLimit: {{ hop_limit }}
{% if hop_limit == 1 %}
    #? The answer does not reach into pods, so they cannot take the node's role.
{% else %}
    #? Pods can reach the metadata service and with it the node's role.
{% endif %}
  blockDeviceMappings:
    - deviceName: /dev/xvda
      ebs:
        volumeType: gp3
        volumeSize: {{ "4Gi" if image_family == "bottlerocket" else volume_gib ~ "Gi" }}
        encrypted: true
        deleteOnTermination: true
{% if image_family == "bottlerocket" %}
        #? Bottlerocket's system disk; nothing grows there.
    - deviceName: /dev/xvdb
      ebs:
        volumeType: gp3
        volumeSize: {{ volume_gib }}Gi #? Images, logs and emptyDir volumes.
{% else %}
        #? Images, logs and emptyDir volumes share it with the system.
{% endif %}
{% if volume_iops != 3000 %}
        iops: {{ volume_iops }}
{% endif %}
{% if volume_throughput_mibps != 125 %}
        throughput: {{ volume_throughput_mibps }}
{% endif %}
{% if kms_key_arn %}
        kmsKeyID: {{ kms_key_arn|q }}
        #? Your own key: the service-linked role of EC2 Fleet and Karpenter's role both need it.
{% endif %}
{% if image_family == "bottlerocket" %}
        encrypted: true
        deleteOnTermination: true
{% endif %}
{% if local_storage %}
  instanceStorePolicy: RAID0 #? NVMe disks of the instance hold images and emptyDir volumes; gone with the node.
{% endif %}
{% if max_pods %}
  kubelet:
    maxPods: {{ max_pods }} #? Karpenter reckons with it when it packs pods.
{% endif %}
{% if detailed_monitoring %}
  detailedMonitoring: true #? EC2 metrics each minute; CloudWatch charges for them.
{% endif %}
  tags:
  #? On instances and disks: the bill can be split by them.
    eks-cluster: {{ cluster|q }}
{% for key, value in extra_tags.items() %}
    {{ key|q }}: {{ value|q }}
{% endfor %}
"""
_RESERVED = ("kubernetes.io/cluster", "karpenter.sh/", "karpenter.k8s.aws/", "eks:", "aws:")


def _tag(name: str, text: str) -> str:
    checked = identifiers.matching(r"[\w:/.+@-]+", "the key of a tag", "team", longest=128)(name, text)
    if checked.startswith(_RESERVED) or checked == "Name":
        raise refuse(name, f"Karpenter or AWS sets {checked} itself", "Use another key.")
    return checked


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the node class."""
    chosen = Chosen("ec2nodeclass", choices)
    family, version = chosen.text("image_family"), chosen.text("image_version")
    if version != "latest" and not _VERSIONS[family].fullmatch(version):
        raise refuse(
            "image_version",
            f"{version[:40]!r} is no version of {family}",
            f"For example {_EXAMPLES[family]}, or latest.",
        )
    iops, throughput = chosen.integer("volume_iops"), chosen.integer("volume_throughput_mibps")
    if throughput > iops // 4:
        raise refuse(
            "volume_throughput_mibps",
            f"gp3 gives 0.25 MiB/s for each IOPS: {throughput} MiB/s need {throughput * 4} IOPS",
            "Raise volume-iops, or lower it.",
        )
    if iops > max(3000, 500 * chosen.integer("volume_gib")):
        raise refuse(
            "volume_iops", "gp3 gives at most 500 IOPS for each GiB", "Lower it, or enlarge the disk."
        )
    notes = [
        (
            f"Subnets and one security group need the tag karpenter.sh/discovery={chosen.text('cluster')}: without them"
            " the class does not become Ready and no node is launched."
        ),
    ]
    if version == "latest":
        notes.append("Fix the image in production: a new release reaches every node within hours.")
    if chosen.integer("hop_limit") > 1:
        notes.append(
            "With a hop limit of 2 every pod can become the node: use Pod Identity and a limit of 1."
        )
    file = chosen.file(
        "ec2nodeclass.yaml",
        _TEMPLATE,
        name=chosen.text("name", identifiers.dns_subdomain),
        role=chosen.text("role", identifiers.role_name),
        cluster=chosen.text("cluster", identifiers.cluster_name),
        kms_key_arn=chosen.text("kms_key_arn", identifiers.kms_key_arn),
        extra_tags={
            key: value
            for key, value in chosen.pairs("tags", _tag, identifiers.label_value).items()
            if key != "eks-cluster"
        },
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="ec2nodeclass",
    title="Karpenter EC2NodeClass",
    summary="Image, disk, subnets, groups and role of the instances that Karpenter launches.",
    produces="manifest",
    inputs=(
        name_of("the EC2NodeClass", "general"),
        CLUSTER,
        text("role", "Node role", "lab-karpenter-node", "Name of the IAM role of the nodes."),
        choice("image_family", "Image", ("al2023", "bottlerocket"), "Operating system."),
        text("image_version", "Image version", "latest", "Release such as v20260720 (AL2023), or latest."),
        integer("volume_gib", "Disk", 50, "Disk for images, logs and emptyDir volumes.", "GiB", 20, 16_384),
        integer("volume_iops", "Disk IOPS", 3000, "Operations a second of the disk.", "IOPS", 3000, 80_000),
        integer(
            "volume_throughput_mibps", "Disk throughput", 125, "Throughput of the disk.", "MiB/s", 125, 2000
        ),
        text("kms_key_arn", "KMS key", None, "ARN of your own key; empty for the account's default key."),
        integer("hop_limit", "Hop limit", 1, "How far answers of the metadata service travel.", "hops", 1, 2),
        integer(
            "max_pods",
            "Max pods",
            None,
            "Pods a node may run; empty for the type's own limit.",
            "pods",
            4,
            737,
        ),
        flag("local_storage", "Local disks", False, "Use NVMe disks of the instance."),
        flag("detailed_monitoring", "Detailed monitoring", False, "EC2 metrics every minute."),
        text("tags", "Tags", None, "Further tags: key=value with commas."),
    ),
    render=render,
    lesson="scaling.karpenter-nodepools",
    original=Original(
        "Chapter 7, the NodePool without a class",
        (
            "The guide has no EC2NodeClass at all; Karpenter requires one.",
            "Image, subnets, security groups and role are required fields of it.",
            "IMDSv2 with a hop limit of 1 and an encrypted disk are stated.",
        ),
    ),
)
