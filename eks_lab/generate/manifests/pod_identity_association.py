"""A Pod Identity association as a command, as Terraform or as CloudFormation.

Source: EKS API CreatePodIdentityAssociation (botocore 1.44.5); EKS user guide, Pod Identity (read 2026-11-22).
"""

from __future__ import annotations

from collections.abc import Mapping

from eks_lab.calc.model import Value
from eks_lab.generate import identifiers
from eks_lab.generate.chosen import Chosen, refuse
from eks_lab.generate.fields import CLUSTER, REGION, SERVICE_ACCOUNT, choice, flag, namespace, text
from eks_lab.generate.model import Bundle, Generator, Original

_CLI = """
#!/bin/sh
set -eu

# The agent that serves the credentials; on EKS Auto Mode it is built in.
aws eks create-addon --region {{ region }} --cluster-name {{ cluster }} \\
  --addon-name eks-pod-identity-agent
#? Without the agent on the node an association has no effect, and nothing says so.

aws eks create-pod-identity-association --region {{ region }} \\
  --cluster-name {{ cluster }} \\
  --namespace {{ namespace }} \\
  --service-account {{ service_account }} \\
  #? Neither has to exist yet. Pods created after the association get the role; those that run already do not.
{% if target_role_arn %}
  --target-role-arn {{ target_role_arn }} \\
  #? The pod ends up in this role: EKS assumes the first one and, with it, this one.
{% endif %}
{% if disable_session_tags %}
  --disable-session-tags \\
  #? No tags for cluster, namespace and service account: policies with aws:PrincipalTag no longer match.
{% endif %}
  --role-arn {{ role_arn }}
"""
_TERRAFORM = """
resource "aws_eks_addon" "pod_identity_agent" {
  cluster_name = {{ cluster|json }}
  addon_name   = "eks-pod-identity-agent" #? Serves the credentials on every node; built in on EKS Auto Mode.
}

resource "aws_eks_pod_identity_association" "this" {
  cluster_name    = {{ cluster|json }}
  namespace       = {{ namespace|json }}
  service_account = {{ service_account|json }}
  #? Neither has to exist yet. Pods created after the association get the role; those that run already do not.
  role_arn        = {{ role_arn|json }}
{% if target_role_arn or disable_session_tags %}

{% endif %}
{% if target_role_arn and disable_session_tags %}
  target_role_arn      = {{ target_role_arn|json }}
  #? The pod ends up in this role: EKS assumes the first one and, with it, this one.
  disable_session_tags = true
  #? No tags for cluster, namespace and service account: policies with aws:PrincipalTag no longer match.
{% elif target_role_arn %}
  target_role_arn = {{ target_role_arn|json }}
  #? The pod ends up in this role: EKS assumes the first one and, with it, this one.
{% elif disable_session_tags %}
  disable_session_tags = true
  #? No tags for cluster, namespace and service account: policies with aws:PrincipalTag no longer match.
{% endif %}
}
"""
_CLOUDFORMATION = """
AWSTemplateFormatVersion: "2010-09-09"
Description: {{ ("Role for " ~ namespace ~ "/" ~ service_account ~ " of cluster " ~ cluster)|q }}
Resources:
  PodIdentityAgent:
    Type: AWS::EKS::Addon
    Properties:
      ClusterName: {{ cluster|q }}
      AddonName: eks-pod-identity-agent #? Serves the credentials on every node; built in on EKS Auto Mode.
  Association:
    Type: AWS::EKS::PodIdentityAssociation
    Properties:
      ClusterName: {{ cluster|q }}
      Namespace: {{ namespace|q }}
      ServiceAccount: {{ service_account|q }}
      #? Neither has to exist yet. Pods created after the association get the role; those that run already do not.
      RoleArn: {{ role_arn|q }}
{% if target_role_arn %}
      TargetRoleArn: {{ target_role_arn|q }}
      #? The pod ends up in this role: EKS assumes the first one and, with it, this one.
{% endif %}
{% if disable_session_tags %}
      DisableSessionTags: true
      #? No tags for cluster, namespace and service account: policies with aws:PrincipalTag no longer match.
{% endif %}
"""
_FORMS = {
    "cli": ("associate.sh", _CLI),
    "terraform": ("pod_identity.tf", _TERRAFORM),
    "cloudformation": ("pod-identity.yaml", _CLOUDFORMATION),
}


def render(choices: Mapping[str, Value]) -> Bundle:
    """Return the association in the form that was asked for."""
    chosen = Chosen("pod-identity-association", choices)
    compute = chosen.text("compute")
    if compute != "linux-nodes":
        what = "Fargate" if compute == "fargate" else "Windows nodes"
        raise refuse(
            "compute",
            f"Pod Identity does not work on {what}: its agent is a Linux DaemonSet",
            "Use IRSA there: the generators service-account-irsa and trust-policy-irsa.",
        )
    role = chosen.text("role_arn", identifiers.role_arn)
    target = chosen.text("target_role_arn", identifiers.role_arn)
    if target == role:
        raise refuse("target_role_arn", "it is role_arn itself", "Leave it empty, or name another role.")
    values = {
        "cluster": chosen.text("cluster", identifiers.cluster_name),
        "namespace": chosen.text("namespace", identifiers.dns_label),
        "region": chosen.text("region", identifiers.region),
        "role_arn": role,
        "service_account": chosen.text("service_account", identifiers.dns_subdomain),
        "target_role_arn": target,
    }
    notes = [
        (
            "The role has to trust pods.eks.amazonaws.com with sts:AssumeRole and sts:TagSession, and be in the cluster's"
            " account: see trust-policy-pod-identity."
        ),
        "In a VPC without a way out the nodes need an interface endpoint for eks-auth.",
    ]
    if target:
        notes.append(
            "The target role has to trust the first role, best with the external id that the association answers;"
            " the first role needs sts:AssumeRole"
            + ("" if chosen.flag("disable_session_tags") else " and sts:TagSession")
            + " on the target."
        )
    file_name, template = _FORMS[chosen.text("form")]
    return chosen.bundle(chosen.file(file_name, template, **values), notes=notes)


GENERATOR = Generator(
    name="pod-identity-association",
    title="Pod Identity association",
    summary="Gives a service account a role through EKS Pod Identity: command, Terraform or CloudFormation.",
    produces="commands",
    inputs=(
        choice("form", "Form", ("cli", "terraform", "cloudformation"), "How it should be written."),
        CLUSTER,
        REGION,
        namespace("reports"),
        SERVICE_ACCOUNT,
        text(
            "role_arn",
            "Role",
            "arn:aws:iam::111122223333:role/eks-s3-reader",
            "ARN of the role, in the cluster's account.",
        ),
        text(
            "target_role_arn",
            "Target role",
            None,
            "ARN of a role, here or in another account, that pods should end up in.",
        ),
        flag(
            "disable_session_tags",
            "No session tags",
            False,
            "Leave out the tags that EKS puts on the session.",
        ),
        choice("compute", "Pods run on", ("linux-nodes", "fargate", "windows"), "Where the pods run."),
    ),
    render=render,
    lesson="identity.pod-identity",
    original=Original(
        "Chapter 4, Pod Identity: no OIDC administration",
        (
            "The guide names the association and shows none.",
            "The agent add-on comes with it: without it nothing happens on nodes that you run yourself.",
            "A role in another account takes one field today, target role, instead of a chain written by hand.",
        ),
    ),
)
