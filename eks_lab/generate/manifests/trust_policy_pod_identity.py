"""The trust policy of a role for EKS Pod Identity, as narrow as it is wanted.

Source: EKS user guide, Pod Identity roles and session tags (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen
from eks_lab.generate.fields import ACCOUNT, CLUSTER, REGION, SERVICE_ACCOUNT, choice, flag, namespace, text
from eks_lab.generate.model import Bundle, Generator, Original

_TEMPLATE = """
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Service": "pods.eks.amazonaws.com" #? The same for every cluster: this is what frees the role from the issuer.
      },
      "Action": [
        "sts:AssumeRole",
        "sts:TagSession"
        #? Pod Identity puts six tags on the session. Without this action the call is refused, tags or not.
{% if scope == "any" %}
      ]
{% else %}
      ],
      "Condition": {
        "StringEquals": {
          "aws:SourceAccount": "{{ account }}"{{ "," if scope == "service-account" }}
          #? Only associations of this account: whoever may write one elsewhere gets nothing.
{% if scope == "service-account" %}
          "aws:RequestTag/kubernetes-namespace": "{{ namespace }}",
          #? The tags are set by EKS, not by the pod, so they can be trusted.
          "aws:RequestTag/kubernetes-service-account": "{{ service_account }}"
{% endif %}
{% if scope == "account" %}
        }
{% else %}
        },
        "ArnEquals": {
          "aws:SourceArn": "arn:{{ partition }}:eks:{{ region }}:{{ account }}:cluster/{{ cluster }}"
          #? Only associations of this cluster.
        }
{% endif %}
      }
{% endif %}
    }
  ]
}
"""
_COMMANDS = """
#!/bin/sh
set -eu

aws iam create-role \\
  --role-name {{ role_name }} \\
  --assume-role-policy-document file://trust-policy.json
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the policy, and the command around it when it is wanted."""
    chosen = Chosen("trust-policy-pod-identity", choices)
    region = chosen.text("region", identifiers.region)
    values = {
        "account": chosen.text("account", identifiers.account_id),
        "cluster": chosen.text("cluster", identifiers.cluster_name),
        "namespace": chosen.text("namespace", identifiers.dns_label),
        "partition": identifiers.partition_of(region),
        "region": region,
        "role_name": chosen.text("role_name", identifiers.role_name),
        "service_account": chosen.text("service_account", identifiers.dns_subdomain),
    }
    notes = ["The role still needs a permissions policy, and an association: see pod-identity-association."]
    if chosen.text("scope") == "any":
        notes.append(
            "Whoever may create associations in this account (and pass the role) can give it to any pod of any cluster."
        )
    files = [chosen.file("trust-policy.json", _TEMPLATE, **values)]
    if chosen.flag("commands"):
        files.append(chosen.file("create-role.sh", _COMMANDS, **values))
    return chosen.bundle(*files, notes=notes)


GENERATOR = Generator(
    name="trust-policy-pod-identity",
    title="Trust policy for Pod Identity",
    summary="The trust policy of a role that EKS Pod Identity hands to pods.",
    produces="policy",
    inputs=(
        choice(
            "scope",
            "Scope",
            ("cluster", "service-account", "account", "any"),
            "Whose associations count: of one cluster, one service account in it, one account, or all.",
        ),
        ACCOUNT,
        REGION,
        CLUSTER,
        namespace("reports"),
        SERVICE_ACCOUNT,
        text("role_name", "Role name", "eks-s3-reader", "Name of the role that the command creates."),
        flag("commands", "Commands", False, "Add the AWS command for the role."),
    ),
    render=render,
    lesson="identity.pod-identity",
    original=Original(
        "Chapter 4, the trust policy of Pod Identity",
        (
            "The guide's principal and both actions are right and stay.",
            (
                "Conditions say which account, cluster and service account the role is for; the guide's policy trusts"
                " every association of the account."
            ),
        ),
    ),
)
