"""Access to a cluster for a person or a tool: an access entry with an access policy or groups.

Source: EKS user guide, create access entries and access policy permissions (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.errors import InputError
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import CLUSTER, REGION, choice, text
from eks_lab.generate.model import Bundle, Generator

RESERVED_PREFIXES = ("system:", "eks:", "aws:", "amazon:", "iam:")
"""What group and user names of an access entry may not start with (EKS user guide, create access entries)."""

_CLI = """
#!/bin/sh
set -eu

aws eks create-access-entry --region {{ region }} --cluster-name {{ cluster }} \\
{% if groups %}
  --kubernetes-groups {{ groups|join(" ") }} \\
  #? Groups of your own: they mean what your RoleBindings give them, and nothing without one.
{% endif %}
  --principal-arn {{ principal_arn }}
  #? Who: from here on the cluster knows this identity.
{% if policy != "none" %}

aws eks associate-access-policy --region {{ region }} --cluster-name {{ cluster }} \\
  --principal-arn {{ principal_arn }} \\
  --policy-arn {{ policy_arn }} \\
  #? What: the permissions are kept by AWS and resemble the user-facing roles of Kubernetes.
{% if namespaces %}
  --access-scope type=namespace,namespaces={{ namespaces|join(",") }}
  #? Where: nothing outside these namespaces, and nothing that has no namespace.
{% else %}
  --access-scope type=cluster
  #? Where: every namespace there is and will be.
{% endif %}
{% endif %}
"""
_TERRAFORM = """
resource "aws_eks_access_entry" "this" {
  cluster_name  = {{ cluster|json }}
  principal_arn = {{ principal_arn|json }} #? Who: from here on the cluster knows this identity.
{% if groups %}

  kubernetes_groups = {{ groups|json }}
  #? Groups of your own: they mean what your RoleBindings give them, and nothing without one.
{% endif %}
}
{% if policy != "none" %}

resource "aws_eks_access_policy_association" "this" {
  cluster_name  = {{ cluster|json }}
  principal_arn = aws_eks_access_entry.this.principal_arn #? Through the entry, so that it is made first.
  policy_arn    = {{ policy_arn|json }}
  #? What: the permissions are kept by AWS and resemble the user-facing roles of Kubernetes.

  access_scope {
{% if namespaces %}
    type       = "namespace" #? Where: nothing outside these namespaces, and nothing that has no namespace.
    namespaces = {{ namespaces|json }}
{% else %}
    type = "cluster" #? Where: every namespace there is and will be.
{% endif %}
  }
}
{% endif %}
"""
_FORMS = {"cli": ("access-entry.sh", _CLI), "terraform": ("access_entry.tf", _TERRAFORM)}
_POLICIES = {
    "view": "AmazonEKSViewPolicy",
    "edit": "AmazonEKSEditPolicy",
    "admin": "AmazonEKSAdminPolicy",
    "cluster-admin": "AmazonEKSClusterAdminPolicy",
    "none": "",
}


def group_name(name: str, text: str) -> str:
    """Return the name of a Kubernetes group that an access entry may carry."""
    checked = identifiers.matching(r"[\w][\w:.@/-]*", "the name of a group", "payments-oncall", longest=200)(
        name, text
    )
    if checked.startswith(RESERVED_PREFIXES):
        raise InputError(
            f"{name}: EKS refuses groups that start with {checked.split(':')[0]}: in an access entry",
            hint="Bind a group of your own, or use an access policy.",
        )
    return checked


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the entry in the form that was asked for."""
    chosen = Chosen("access-entry", choices)
    principal = chosen.text("principal_arn", identifiers.principal_arn)
    policy = chosen.text("policy")
    namespaces = chosen.listed("namespaces", identifiers.dns_label)
    groups = chosen.listed("groups", group_name)
    if ":role/aws-service-role/" in principal:
        raise refuse(
            "principal_arn", "access entries do not take service-linked roles", "Name a role of your own."
        )
    if policy == "none" and not groups:
        raise refuse(
            "policy", "without a policy and without groups the entry gives nothing", "Choose one of both."
        )
    if policy == "cluster-admin" and namespaces:
        raise refuse(
            "policy",
            "cluster-admin inside a namespace is not what its name says",
            "Choose admin for namespaces, or leave namespaces empty.",
        )
    if policy == "none" and namespaces:
        raise refuse(
            "namespaces", "they limit a policy, and there is none", "Choose a policy, or leave them empty."
        )
    values = {
        "cluster": chosen.text("cluster", identifiers.cluster_name),
        "groups": list(groups),
        "namespaces": list(namespaces),
        "policy_arn": f"arn:{principal.split(':')[1]}:eks::aws:cluster-access-policy/{_POLICIES[policy]}",
        "principal_arn": principal,
        "region": chosen.text("region", identifiers.region),
    }
    notes = ["The cluster's authentication mode has to be API or API_AND_CONFIG_MAP."]
    if ":user/" in principal:
        notes.append("An IAM user has long-lived keys: a role that people assume is the better principal.")
    if policy == "cluster-admin":
        notes.append("Cluster administrators can read every Secret and become anyone: keep them few.")
    file_name, template = _FORMS[chosen.text("form")]
    return chosen.bundle(chosen.file(file_name, template, **values), notes=notes)


GENERATOR = Generator(
    name="access-entry",
    title="Access entry for a person or a tool",
    summary="Lets an IAM role or user into the cluster with an access policy, or with groups of your own.",
    produces="commands",
    inputs=(
        choice("form", "Form", ("cli", "terraform"), "How it should be written."),
        CLUSTER,
        REGION,
        text(
            "principal_arn",
            "Principal",
            "arn:aws:iam::111122223333:role/payments-oncall",
            "ARN of the IAM role or user.",
        ),
        choice("policy", "Policy", tuple(_POLICIES), "Access policy that AWS keeps, or none."),
        text(
            "namespaces",
            "Namespaces",
            None,
            "Namespaces the policy is limited to, with commas; empty for all.",
        ),
        text("groups", "Groups", None, "Kubernetes groups of your own, with commas."),
    ),
    render=render,
    lesson="identity.cluster-access",
)
