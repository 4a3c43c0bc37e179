"""Pods with EC2 security groups of their own.

Source: EKS user guide, security groups for pods (read 2026-11-22); branch interfaces in `eks_lab.catalog.branch_enis`.
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Input, Value
from eks_lab.catalog import instance_types
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import choice, name_of, namespace, text
from eks_lab.generate.model import Bundle, Generator

_MOST_GROUPS = 5
_TEMPLATE = """
apiVersion: vpcresources.k8s.aws/v1beta1
kind: SecurityGroupPolicy
metadata:
  name: {{ name|q }}
  namespace: {{ namespace|q }} #? It reaches pods of this namespace only.
spec:
  {{ "podSelector" if select_by == "pod-labels" else "serviceAccountSelector" }}:
{% if select_by == "pod-labels" %}
  #? Labels of pods. An empty selector would mean every pod of the namespace.
{% else %}
  #? Labels of ServiceAccounts: the group follows the identity, not what a pod calls itself.
{% endif %}
    matchLabels:
{% for key, value in labels.items() %}
      {{ key|q }}: {{ value|q }}
{% endfor %}
  securityGroups:
    groupIds:
    #? They replace the node's groups for these pods; they are not added to them.
{% for group in security_groups %}
      - {{ group }}
{% endfor %}
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the policy."""
    chosen = Chosen("security-group-policy", choices)
    labels = chosen.pairs("labels", identifiers.label_key, identifiers.label_value)
    groups = chosen.listed("security_groups", identifiers.security_group_id)
    instance = instance_types.get(chosen.text("instance"))
    if not labels:
        raise refuse(
            "labels", "without labels it would mean every pod of the namespace", "Give at least one."
        )
    if not 1 <= len(groups) <= _MOST_GROUPS:
        raise refuse("security_groups", f"{len(groups)} groups", f"Give one to {_MOST_GROUPS}.")
    if instance.branch_enis == 0:
        raise refuse(
            "instance",
            f"{instance.name} has no branch interfaces, so such pods would stay Pending on it",
            "The t family cannot; choose for example m5.large.",
        )
    notes = [
        "The VPC CNI needs ENABLE_POD_ENI=true: see vpc-cni-values. Pods that run already keep the node's groups.",
        "The groups have to allow DNS to CoreDNS and, for probes, the node's group.",
        "Linux nodes and Fargate only; not on Windows.",
    ]
    if instance.branch_enis:
        notes.append(
            f"{instance.name} carries at most {instance.branch_enis} such pods, whatever its pod limit."
        )
    file = chosen.file(
        "security-group-policy.yaml",
        _TEMPLATE,
        name=chosen.text("name", identifiers.dns_subdomain),
        namespace=chosen.text("namespace", identifiers.dns_label),
        labels=labels,
        security_groups=groups,
    )
    return chosen.bundle(file, notes=notes)


GENERATOR = Generator(
    name="security-group-policy",
    title="Security groups for pods",
    summary="Gives pods EC2 security groups of their own, chosen by labels.",
    produces="manifest",
    inputs=(
        name_of("the SecurityGroupPolicy", "payments-db"),
        namespace("payments"),
        choice("select_by", "Select by", ("pod-labels", "service-account-labels"), "Whose labels decide."),
        text("labels", "Labels", "role=payments", "key=value with commas; all of them have to match."),
        text(
            "security_groups", "Security groups", "sg-0fedcba9876543210", "One to five groups, with commas."
        ),
        Input("instance", "Instance type", "instance", "m5.large", "Smallest type the pods may land on."),
    ),
    render=render,
    lesson="advanced.security-groups-for-pods",
)
