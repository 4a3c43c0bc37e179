"""NetworkPolicies: pods cut off from DNS, policies that select nothing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from eks_lab.checker.manifests.manifest import Manifest, ManifestSet, items, selector_of
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import WARNING, Rule
from eks_lab.kube.labels import Selector

DNS = Rule(
    "k8s-network-policy-dns",
    WARNING,
    "A policy that restricts egress and allows no port 53 cuts its pods off from DNS: everything fails by name.",
    "Allow UDP and TCP 53 to kube-dns in kube-system.",
    "troubleshooting.method",
)
NOTHING = Rule(
    "k8s-network-policy-selects-nothing",
    WARNING,
    "A policy whose podSelector matches no pods restricts nothing.",
    "Select the labels of the pods.",
    "practices.security",
)
ONLY_UDP = Rule(
    "k8s-network-policy-dns-tcp",
    WARNING,
    "DNS answers that do not fit into one UDP packet come over TCP: without TCP 53 some names fail.",
    "Allow TCP 53 beside UDP 53.",
    "troubleshooting.method",
)
RULES = (DNS, NOTHING, ONLY_UDP)


def check(together: ManifestSet) -> Iterator[Finding]:
    """Yield findings about NetworkPolicies."""
    policies = [one for one in together.of_kind("NetworkPolicy") if one.group == "networking.k8s.io"]
    selectors = {id(one): selector_of(one.spec.get("podSelector")) for one in policies}
    for policy in policies:
        selector = selectors[id(policy)]
        if selector is None:
            continue
        near = [one for one in together.templates if one.owner.namespace == policy.namespace]
        if together.whole and near and not any(selector.matches(one.labels) for one in near):
            yield policy.finding(NOTHING, ("spec", "podSelector"), f"no pod here has {selector}")
        if not _restricts_egress(policy):
            continue
        protocols: set[str] = set()
        for other in policies:
            theirs = selectors[id(other)]
            if other.namespace == policy.namespace and theirs is not None and _covers(theirs, selector):
                protocols |= _dns_protocols(other)
        if not protocols:
            yield policy.finding(
                DNS,
                ("spec", "egress") if "egress" in policy.spec else ("spec",),
                "restricts egress and allows no port 53",
            )
        elif protocols == {"UDP"}:
            yield policy.finding(ONLY_UDP, ("spec", "egress"), "allows UDP 53 and no TCP 53")


def _restricts_egress(policy: Manifest) -> bool:
    kinds = policy.spec.get("policyTypes")
    if isinstance(kinds, list):
        return "Egress" in kinds
    return "egress" in policy.spec


def _covers(wide: Selector, narrow: Selector) -> bool:
    """Return whether everything the narrow selector selects is surely selected by the wide one."""
    return set(wide.requirements) <= set(narrow.requirements)


def _dns_protocols(policy: Manifest) -> set[str]:
    found: set[str] = set()
    for _, rule in items(policy.spec, "egress"):
        ports = rule.get("ports")
        if not ports:
            return {"UDP", "TCP"}
        for _, port in items(rule, "ports"):
            if _is_dns(port):
                found.add(str(port.get("protocol", "TCP")))
    return found


def _is_dns(port: Mapping[str, Any]) -> bool:
    number, end = port.get("port"), port.get("endPort")
    if isinstance(number, int) and isinstance(end, int):
        return number <= 53 <= end
    return number in (None, 53, "dns", "dns-tcp")
