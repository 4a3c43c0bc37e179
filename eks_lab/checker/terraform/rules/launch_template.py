"""Launch templates of nodes: the metadata service and the user data."""

from __future__ import annotations

from collections.abc import Iterator

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, WARNING, Rule
from eks_lab.checker.terraform.constant import UNKNOWN
from eks_lab.checker.terraform.syntax import Literal, Template, expressions
from eks_lab.checker.terraform.view import View

HOP_LIMIT = Rule(
    "eks-imds-hop-limit", WARNING, "A hop limit above 1: every pod can fetch the node's credentials.",
    "Set http_put_response_hop_limit = 1 and give pods roles of their own.", "identity.node-role",
)  # fmt: skip
IMDS_V1 = Rule(
    "eks-imds-v1", WARNING, "A metadata service that answers without a session token (IMDSv1).",
    'Add metadata_options { http_tokens = "required" }.', "identity.node-role",
)  # fmt: skip
BOOTSTRAP = Rule(
    "eks-al2-bootstrap", ERROR, "User data that calls bootstrap.sh, which Amazon Linux 2023 does not have.",
    "Write a NodeConfig for nodeadm as a MIME part.", "compute.nodes-and-amis",
)  # fmt: skip
RULES = (HOP_LIMIT, IMDS_V1, BOOTSTRAP)


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with each launch template."""
    for template in view.configuration.of_type("aws_launch_template"):
        hops = view.value(template, "metadata_options", "http_put_response_hop_limit")
        if isinstance(hops, int) and hops > 1:
            place = ("metadata_options", "http_put_response_hop_limit")
            says = f"{template.address} lets the metadata service answer over {hops} hops"
            yield view.finding(HOP_LIMIT, template, *place, says=says)
        tokens = view.value(template, "metadata_options", "http_tokens")
        off = view.value(template, "metadata_options", "http_endpoint") == "disabled"
        if tokens is not UNKNOWN and tokens != "required" and not off:
            place = ("metadata_options", "http_tokens")
            yield view.finding(
                IMDS_V1, template, *place, says=f"{template.address} does not require IMDSv2 tokens"
            )
        data = template.argument("user_data")
        if data is not None:
            texts = [each.value for each in expressions(data.value) if isinstance(each, Literal)]
            parts = [
                part for each in expressions(data.value) if isinstance(each, Template) for part in each.parts
            ]
            if any("/etc/eks/bootstrap.sh" in text for text in [*texts, *parts] if isinstance(text, str)):
                says = f"the user data of {template.address} calls /etc/eks/bootstrap.sh"
                yield view.finding(BOOTSTRAP, template, "user_data", says=says)
