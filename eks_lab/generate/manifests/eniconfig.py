"""Custom networking: the subnet and the groups of pods, one ENIConfig for each zone.

Source: EKS best practices, custom networking; aws/amazon-vpc-cni-k8s v1.23.0, README and pkg/eniconfig.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, flag, text
from eks_lab.generate.model import Bundle, Generator, Original

_MOST_GROUPS = 5
_TEMPLATE = """
{% for zone, subnet in places %}
{% if not loop.first %}
---
{% endif %}
apiVersion: crd.k8s.amazonaws.com/v1alpha1
kind: ENIConfig
metadata:
  name: {{ (zone if lookup == "zone" else name_prefix ~ zone)|q }}
{% if lookup == "zone" %}
  #? Named after the zone: with ENI_CONFIG_LABEL_DEF=topology.kubernetes.io/zone each node finds its own.
{% else %}
  #? Nodes name it in their label or annotation k8s.amazonaws.com/eniConfig.
{% endif %}
spec:
  subnet: {{ subnet }} #? Pods of nodes in {{ zone }} take their addresses here; it has to be in that zone.
{% if security_groups %}
  securityGroups:
  #? Of the interfaces that carry pods. Left out, they get those of the node's primary interface.
{% for group in security_groups %}
    - {{ group }}
{% endfor %}
{% endif %}
{% endfor %}
"""
_VALUES = """
{
  "env": {
    "AWS_VPC_K8S_CNI_CUSTOM_NETWORK_CFG": "true",
    #? Without it ENIConfigs are accepted and ignored.
    "ENI_CONFIG_LABEL_DEF": "{{ "topology.kubernetes.io/zone" if lookup == "zone" else "k8s.amazonaws.com/eniConfig" }}"
    #? The node label whose value is the name of an ENIConfig.
  }
}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return one ENIConfig a zone, and the add-on's values when they are wanted."""
    chosen = Chosen("eniconfig", choices)
    zones = chosen.listed("zones", identifiers.zone, most=6)
    subnets = chosen.listed("subnets", identifiers.subnet_id, most=6)
    groups = chosen.listed("security_groups", identifiers.security_group_id)
    if len(zones) != len(subnets):
        raise refuse(
            "subnets",
            f"{len(subnets)} subnets for {len(zones)} zones",
            "Give one subnet for each zone, in the same order.",
        )
    if len({zone[:-1] for zone in zones}) > 1:
        raise refuse("zones", "they are in more than one region", "A cluster lives in one region.")
    if len(groups) > _MOST_GROUPS:
        raise refuse(
            "security_groups",
            f"{len(groups)} are more than an interface takes by default",
            f"At most {_MOST_GROUPS}.",
        )
    lookup = chosen.text("lookup")
    values = {
        "places": list(zip(zones, subnets, strict=True)),
        "security_groups": groups,
        "name_prefix": chosen.text("name_prefix", identifiers.dns_label) + "-",
    }
    files = [chosen.file("eniconfigs.yaml", _TEMPLATE, **values)]
    if chosen.flag("addon_values"):
        files.append(chosen.file("vpc-cni-values.json", _VALUES, **values))
    notes = [
        (
            "Nodes that run already keep their interfaces: replace them. A zone without an ENIConfig has nodes that stay"
            " NotReady."
        ),
        (
            "Pods no longer use the primary interface: the pod limit falls (t3.medium 17 to 12). On Karpenter set"
            " RESERVED_ENIS=1."
        ),
    ]
    if lookup == "label":
        notes.append("Set the label k8s.amazonaws.com/eniConfig in each node group or NodePool.")
    return chosen.bundle(*files, notes=notes)


GENERATOR = Generator(
    name="eniconfig",
    title="ENIConfig for each zone",
    summary="Custom networking: which subnet and security groups pods use, zone by zone.",
    produces="manifest",
    inputs=(
        text("zones", "Zones", "us-east-1a,us-east-1b,us-east-1c", "Availability zones, with commas."),
        text(
            "subnets",
            "Pod subnets",
            "subnet-0aaaaaaaaaaaaaaaa,subnet-0bbbbbbbbbbbbbbbb,subnet-0cccccccccccccccc",
            "Subnets of the pods, one for each zone in the same order.",
        ),
        text(
            "security_groups",
            "Security groups",
            "sg-0123456789abcdef0",
            "Groups of pod interfaces, with commas; empty for those of the node.",
            optional=True,
        ),
        choice("lookup", "Found by", ("zone", "label"), "How a node finds its ENIConfig."),
        text(
            "name_prefix",
            "Name prefix",
            "pods",
            "Start of the names when nodes name their ENIConfig by label.",
        ),
        flag("addon_values", "Add-on values", False, "Add the settings of the VPC CNI add-on."),
    ),
    render=render,
    lesson="networking.custom-networking",
    original=Original(
        "Chapter 3, custom networking",
        (
            "The guide describes it and shows no configuration.",
            "A VPC takes ranges from /16 to /28: from 100.64.0.0/10 you attach a part such as 100.64.0.0/16.",
            "Pods lose the primary interface, so the pod limit falls; the guide does not say so.",
        ),
    ),
)
