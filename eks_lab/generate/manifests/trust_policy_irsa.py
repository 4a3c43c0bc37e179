"""The trust policy of a role for IRSA: one provider, one audience, one service account.

Source: EKS user guide, assign IAM roles to service accounts; EKS best practices, IAM (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import ACCOUNT, CLUSTER, REGION, SERVICE_ACCOUNT, choice, flag, namespace, text
from eks_lab.generate.model import Bundle, Generator, Original

_SHORTEST_PREFIX = 3
_TEMPLATE = """
{
  "Version": "2012-10-17",
  "Statement": [
    {
      "Effect": "Allow",
      "Principal": {
        "Federated": "arn:{{ partition }}:iam::{{ account }}:oidc-provider/{{ issuer }}"
        #? The IAM OIDC provider of one cluster, in the role's own account. The issuer stands without https://.
      },
      "Action": "sts:AssumeRoleWithWebIdentity", #? The only call IRSA makes; the token is its proof.
      "Condition": {
        "StringEquals": {
{% if match == "exact" %}
          "{{ issuer }}:aud": "sts.amazonaws.com",
          #? The token was made for STS and for nothing else.
          "{{ issuer }}:sub": "system:serviceaccount:{{ namespace }}:{{ service_account }}"
          #? Without this line every service account of the cluster may assume the role.
        }
{% else %}
          "{{ issuer }}:aud": "sts.amazonaws.com"
          #? The token was made for STS and for nothing else.
        },
        "StringLike": {
          "{{ issuer }}:sub": "system:serviceaccount:{{ namespace }}:{{ service_account }}-*"
          #? StringLike, because under StringEquals the star is an ordinary character and matches nothing.
        }
{% endif %}
      }
    }
  ]
}
"""
_COMMANDS = """
#!/bin/sh
set -eu

# Once for each cluster: tell IAM about the cluster's issuer.
aws iam create-open-id-connect-provider \\
  --url https://{{ issuer }} \\
  --client-id-list sts.amazonaws.com
#? The audience that the tokens carry. IAM knows the issuer's certificate authority, so no thumbprint is needed.

aws iam create-role \\
  --role-name {{ role_name }} \\
  --assume-role-policy-document file://trust-policy.json
"""


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the policy, and the commands around it when they are wanted."""
    chosen = Chosen("trust-policy-irsa", choices)
    region = chosen.text("region", identifiers.region)
    suffix = ".cn" if region.startswith("cn-") else ""
    service_account = chosen.text("service_account", identifiers.dns_label)
    match = chosen.text("match")
    if match == "prefix" and len(service_account) < _SHORTEST_PREFIX:
        raise refuse(
            "service_account",
            f"{service_account!r} with match=prefix would let in almost any service account of the namespace",
            f"Give at least {_SHORTEST_PREFIX} characters, or match=exact.",
        )
    values = {
        "account": chosen.text("account", identifiers.account_id),
        "issuer": f"oidc.eks.{region}.amazonaws.com{suffix}/id/{chosen.text('oidc_id', identifiers.oidc_id)}",
        "namespace": chosen.text("namespace", identifiers.dns_label),
        "partition": identifiers.partition_of(region),
        "role_name": chosen.text("role_name", identifiers.role_name),
        "service_account": service_account,
        "cluster": chosen.text("cluster", identifiers.cluster_name),
    }
    notes = [
        (
            f"The issuer of your cluster: aws eks describe-cluster --name {values['cluster']} --region {region}"
            " --query cluster.identity.oidc.issuer --output text"
        ),
    ]
    if match == "prefix":
        notes.append(
            f"Whoever may create service accounts in {values['namespace']} can now give themselves the role."
        )
    files = [chosen.file("trust-policy.json", _TEMPLATE, **values)]
    if chosen.flag("commands"):
        files.append(chosen.file("create-role.sh", _COMMANDS, **values))
    return chosen.bundle(*files, notes=notes)


GENERATOR = Generator(
    name="trust-policy-irsa",
    title="Trust policy for IRSA",
    summary="The trust policy of a role that one service account may assume through OIDC.",
    produces="policy",
    inputs=(
        ACCOUNT,
        REGION,
        CLUSTER,
        text("oidc_id", "Issuer id", "EXAMPLED539D4633E53DE1B71EXAMPLE", "End of the cluster's OIDC issuer."),
        namespace("reports"),
        SERVICE_ACCOUNT,
        choice(
            "match",
            "Match",
            ("exact", "prefix"),
            "One service account, or all whose name starts with it and a dash.",
        ),
        text("role_name", "Role name", "eks-s3-reader", "Name of the role that the commands create."),
        flag("commands", "Commands", False, "Add the AWS commands for the provider and the role."),
    ),
    render=render,
    lesson="identity.irsa",
    original=Original(
        "Chapter 4, how IRSA works, step 1",
        (
            (
                "The guide only says that the role trusts the issuer; without a condition on sub any service account of"
                " the cluster may assume it."
            ),
            "aud is pinned to sts.amazonaws.com as well.",
        ),
    ),
)
