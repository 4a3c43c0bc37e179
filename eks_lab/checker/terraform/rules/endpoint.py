"""Who can reach the API server."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import ip_network
from typing import Any

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, WARNING, Rule
from eks_lab.checker.terraform.constant import UNKNOWN
from eks_lab.checker.terraform.syntax import Attribute, Body
from eks_lab.checker.terraform.view import View

_LESSON = "architecture.endpoint-access"
OPEN_ENDPOINT = Rule(
    "eks-endpoint-open", WARNING, "A public API endpoint that every address may reach.",
    "Set public_access_cidrs to the networks that need it, or endpoint_public_access = false.", _LESSON,
)  # fmt: skip
NO_PRIVATE = Rule(
    "eks-endpoint-not-private", WARNING,
    "No private endpoint: nodes reach the API server through its public address and need a way out.",
    "Set endpoint_private_access = true.", _LESSON,
)  # fmt: skip
NO_ENDPOINT = Rule(
    "eks-endpoint-none", ERROR, "Neither a public nor a private endpoint: EKS refuses that.",
    "Set endpoint_private_access = true.", _LESSON,
)  # fmt: skip
TEST_NET = Rule(
    "eks-test-net", ERROR,
    "A range that is reserved for documentation left in a CIDR: nobody can send from it, so kubectl never gets in.",
    "Put in the network that you really come from, best as a variable with a validation.", _LESSON,
)  # fmt: skip
RULES = (OPEN_ENDPOINT, NO_PRIVATE, NO_ENDPOINT, TEST_NET)
_WORLD = ("0.0.0.0/0", "::/0")
_DOCUMENTATION = tuple(
    ip_network(each) for each in ("192.0.2.0/24", "198.51.100.0/24", "203.0.113.0/24", "2001:db8::/32")
)


def check(view: View) -> Iterator[Finding]:
    """Yield what is wrong with endpoints, and documentation ranges anywhere."""
    for cluster in view.clusters:
        public = view.value(cluster, "vpc_config", "endpoint_public_access")
        private = view.value(cluster, "vpc_config", "endpoint_private_access")
        ranges = view.value(cluster, "vpc_config", "public_access_cidrs")
        place = ("vpc_config", "public_access_cidrs")
        if public in (None, True):
            if ranges in (None, []):
                says = f"the public endpoint of {cluster.address} names no public_access_cidrs, so it takes 0.0.0.0/0"
                yield view.finding(OPEN_ENDPOINT, cluster, *place, says=says)
            elif isinstance(ranges, list) and (world := [each for each in ranges if each in _WORLD]):
                says = f"the public endpoint of {cluster.address} is open to {world[0]}"
                yield view.finding(OPEN_ENDPOINT, cluster, *place, says=says)
        if private is not UNKNOWN and private is not True:
            place = ("vpc_config", "endpoint_private_access")
            if public is False:
                says = f"{cluster.address} has neither a public nor a private endpoint"
                yield view.finding(NO_ENDPOINT, cluster, *place, says=says)
            else:
                yield view.finding(
                    NO_PRIVATE, cluster, *place, says=f"{cluster.address} has no private endpoint"
                )
    yield from _test_nets(view)


def _test_nets(view: View) -> Iterator[Finding]:
    for entity in (*view.configuration.resources.values(), *view.configuration.modules.values()):
        for attribute in _cidr_arguments(entity.body):
            for text in _texts(view.evaluator.fresh(attribute.value)):
                if _is_documentation(text):
                    says = (
                        f"{attribute.name} of {entity.address} is {text}, a range reserved for documentation"
                    )
                    yield TEST_NET.at(entity.file, attribute.line, says)


def _cidr_arguments(body: Body) -> Iterator[Attribute]:
    waiting = [body]
    while waiting:
        current = waiting.pop()
        yield from (each for each in current.attributes.values() if "cidr" in each.name)
        waiting += [block.body for block in current.blocks if block.type != "lifecycle"]


def _texts(found: Any) -> list[str]:
    values = found if isinstance(found, list) else [found]
    return [each for each in values if isinstance(each, str)]


def _is_documentation(text: str) -> bool:
    try:
        network = ip_network(text, strict=False)
    except ValueError:
        return False
    return any(
        each.version == network.version
        and int(each.network_address) <= int(network.network_address)
        and int(network.broadcast_address) <= int(each.broadcast_address)
        for each in _DOCUMENTATION
    )
