"""The generator `terraform`: a whole EKS cluster from choices, one file for each concern."""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from eks_lab.calc.model import Value
from eks_lab.errors import InputError
from eks_lab.generate.model import Bundle, GeneratedFile, Generator, Original
from eks_lab.generate.template import generated
from eks_lab.generate.terraform.choices import Choices
from eks_lab.generate.terraform.cost import AUTO_MODE_INSTANCE, standing_bill
from eks_lab.generate.terraform.inputs import INPUTS
from eks_lab.generate.terraform.layout import aligned
from eks_lab.generate.terraform.notes import headline, notes
from eks_lab.generate.terraform.presets import PRESETS
from eks_lab.generate.terraform.refusals import refuse_impossible
from eks_lab.generate.terraform.template_values import asks_access, asks_public_access_cidrs, template_values

NAME = "terraform"
KARPENTER_VERSION = "1.14.1"
"""Newest tag seen; source: aws/karpenter-provider-aws, August 2026."""
_TEMPLATES = Path(__file__).with_name("templates")


@dataclass(frozen=True, slots=True)
class _File:
    """One file of the result."""

    name: str
    """As written to disk; its template has `.j2` behind it."""
    what: str
    """For the README."""
    is_wanted: Callable[[Choices], bool] = lambda choices: True
    """Whether these choices need it."""


_FILES = (
    _File("versions.tf", "which Terraform and which provider"),
    _File("providers.tf", "region, account, tags on everything"),
    _File("backend.tf", "where the state is kept"),
    _File("variables.tf", "what may differ, with its defaults and checks"),
    _File("account.tf", "facts of the account that applies this"),
    _File("vpc.tf", "the network and its zones"),
    _File("subnets.tf", "one subnet a zone for each purpose"),
    _File("routing.tf", "who leaves the VPC, and through what"),
    _File("endpoints.tf", "AWS services that are reached inside the VPC"),
    _File("kms.tf", "keys of your own", lambda choices: choices.kms_key or choices.log_key),
    _File("iam_cluster.tf", "the role of the control plane"),
    _File("cluster.tf", "the control plane and its logs"),
    _File("iam_nodes.tf", "the role of the nodes", lambda choices: choices.has_nodes),
    _File("nodes.tf", "launch templates and node groups", lambda choices: bool(choices.node_groups)),
    _File("fargate.tf", "Fargate profiles", lambda choices: bool(choices.fargate_profiles)),
    _File(
        "addons.tf",
        "add-ons in the right order, with their roles",
        lambda choices: not choices.auto_mode or bool(choices.addons),
    ),
    _File("pod_identity.tf", "roles for your own pods", lambda choices: bool(choices.pod_identities)),
    _File("access.tf", "who may use the Kubernetes API"),
    _File("karpenter.tf", "roles, queue and rules of Karpenter", lambda choices: choices.karpenter),
    _File("outputs.tf", "what is wanted afterwards"),
    _File(
        "terraform.tfvars.example",
        "to be copied and filled in",
        lambda choices: asks_access(choices) or asks_public_access_cidrs(choices),
    ),
)
_README = _File("README.md", "")


@functools.cache
def _template(name: str) -> str:
    return _TEMPLATES.joinpath(f"{name}.j2").read_text(encoding="utf-8")


def _written(file: _File, values: Mapping[str, Any]) -> GeneratedFile:
    text = generated(file.name, _template(file.name), values)
    return text if file is _README else replace(text, text=aligned(text.text))


def _costs(choices: Choices) -> dict[str, Any]:
    """A type that is too new to have a price is no reason to generate nothing."""
    try:
        return {"bill": standing_bill(choices), "no_bill": ""}
    except InputError as error:
        return {"bill": None, "no_bill": error.message}


def render(inputs: Mapping[str, Value]) -> Bundle:
    """Return the configuration that checked choices describe.

    Args:
        inputs: checked choices of `GENERATOR`.

    Returns:
        The README first, then the `.tf` files in the order a reader should meet them; they are laid
        out as `terraform fmt` would.

    Raises:
        InputError: a value that cannot be used, or two choices that do not fit together; the message
            begins with the field and says why.
    """
    choices = Choices.of(inputs)
    refuse_impossible(choices)
    values = template_values(choices)
    wanted = [file for file in _FILES if file.is_wanted(choices)]
    found = notes(choices)
    readme = {
        "headline": headline(choices),
        **_costs(choices),
        "files": [(file.name, file.what) for file in wanted],
        "notes": found,
        "karpenter_version": KARPENTER_VERSION,
        "auto_mode_instance": AUTO_MODE_INSTANCE,
    }
    return Bundle(
        generator=NAME,
        choices=dict(inputs),
        files=(
            _written(_README, values | readme),
            *(_written(file, values) for file in wanted),
        ),
        notes=found,
    )


GENERATOR = Generator(
    name=NAME,
    title="Terraform: a whole cluster",
    summary="VPC, keys, roles, control plane, nodes, add-ons and access in Terraform, with what it costs an hour.",
    produces="terraform",
    inputs=INPUTS,
    render=render,
    lesson="terraform.reading-the-guide",
    original=Original(
        place="Chapter 5, the Terraform configuration",
        changes=(
            "gateway_id and nat_gateway_id take an id, not the whole resource: both .id were missing.",
            "Kubernetes 1.29 left EKS on 2026-03-23; the version is a variable that is checked at every plan.",
            "Zones that EKS refuses, use1-az3 among them, are left out of the list of zones.",
            "One NAT gateway served three zones; now it is one in each zone, one, a regional one, or none.",
            "The control plane has /28 subnets of its own.",
            "Access entries instead of a hidden administrator and the aws-auth ConfigMap.",
            "All five kinds of control-plane logs go to a log group that exists before and has a retention.",
            "Add-ons are managed by EKS and come in order; the guide's cluster had unmanaged ones.",
            "The metadata hop limit is 1 and the CNI policy is off the node role: pods have roles of their own.",
            "The node group uses a numbered version of the launch template instead of $Latest.",
            "203.0.113.0/24 is a documentation range; the networks that may reach the endpoint are asked for.",
            "A KMS key waits 30 days before it is deleted, not 7, because the cluster is lost with it.",
            "AL2023 is named as image, and the pull-only registry policy replaces the read-only one.",
            "Deletion protection, zonal shift, upgrade policy, state, variables and outputs are there.",
        ),
    ),
    presets=PRESETS,
)
