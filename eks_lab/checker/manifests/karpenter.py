"""Karpenter's NodePools and EC2NodeClasses, whatever version they are written in."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import Any

from eks_lab.checker.manifests.manifest import Manifest, ManifestSet, items, part, text
from eks_lab.checker.model import Finding
from eks_lab.checker.rule import ERROR, NOTE, WARNING, Rule
from eks_lab.errors import InputError
from eks_lab.kube.custom_resources import custom_resources
from eks_lab.kube.quantity import parse_quantity

NO_CLASS = Rule(
    "eks-nodepool-class",
    ERROR,
    "A NodePool must say which node class its machines are made from; without it Karpenter launches nothing.",
    "Write spec.template.spec.nodeClassRef with group karpenter.k8s.aws, kind EC2NodeClass and a name.",
    "scaling.karpenter-nodepools",
)
REFERENCE = Rule(
    "eks-nodeclass-reference",
    ERROR,
    "nodeClassRef needs the right group and kind together: karpenter.k8s.aws with EC2NodeClass, eks.amazonaws.com with "
    "NodeClass (Auto Mode).",
    "Write group: karpenter.k8s.aws and kind: EC2NodeClass.",
    "scaling.karpenter-nodepools",
)
MISSING = Rule(
    "eks-nodeclass-missing",
    WARNING,
    "A NodePool names a node class that does not stand here: it stays not Ready.",
    "Add the EC2NodeClass, or correct the name.",
    "scaling.karpenter-nodepools",
)
ROLE = Rule(
    "eks-nodeclass-role",
    ERROR,
    "An EC2NodeClass takes exactly one of role and instanceProfile.",
    "Keep role; Karpenter makes the instance profile itself.",
    "scaling.karpenter-nodepools",
)
LATEST = Rule(
    "eks-ami-latest",
    NOTE,
    "An alias with @latest replaces all nodes whenever a new image is published.",
    "Pin a release in production: al2023@v20261115.",
    "scaling.karpenter-disruption",
)
OLD_FAMILY = Rule(
    "eks-ami-al2",
    ERROR,
    "Images of Amazon Linux 2 for EKS ended on 2025-11-26: there is none for a version in support.",
    "Write amiSelectorTerms: [{alias: al2023@…}] or Bottlerocket.",
    "compute.nodes-and-amis",
)
METADATA = Rule(
    "eks-node-metadata",
    WARNING,
    "With IMDSv1, or a hop limit above 1, every pod can take the node's credentials.",
    "Write httpTokens: required and httpPutResponseHopLimit: 1.",
    "practices.security",
)
LIMITS = Rule(
    "eks-nodepool-limits",
    NOTE,
    "A NodePool without limits buys as many machines as pods ask for, and a mistake is billed in full; with a limit of 0 it "
    "buys none.",
    "Set spec.limits.cpu and memory.",
    "practices.reliability-and-cost",
)
REQUIREMENT = Rule(
    "eks-nodepool-requirement",
    ERROR,
    "A requirement's key is none that Karpenter takes, its operator and values do not fit, or its values exclude every "
    "machine.",
    "Take a well-known label as the key. In and NotIn take values, Exists and DoesNotExist none, Gt and Lt one number.",
    "scaling.karpenter-nodepools",
)
RULES = (NO_CLASS, REFERENCE, MISSING, ROLE, LATEST, OLD_FAMILY, METADATA, LIMITS, REQUIREMENT)

_GROUP, _KIND = "karpenter.k8s.aws", "EC2NodeClass"
_AUTO_GROUP, _AUTO_KIND = "eks.amazonaws.com", "NodeClass"
_LIMITED = frozenset(("cpu", "memory", "ephemeral-storage", "pods", "nodes"))
"""Resources that any machine counts (karpenter.sh/docs/concepts/nodepools, spec.limits); devices have a domain."""


def check(together: ManifestSet) -> Iterator[Finding]:
    """Yield findings about NodePools and node classes."""
    for pool in together.of_kind("NodePool"):
        if pool.group == "karpenter.sh":
            yield from _pool(pool, together)
    for node_class in together.of_kind(_KIND):
        if node_class.group == _GROUP:
            yield from _node_class(node_class)


def _pool(pool: Manifest, together: ManifestSet) -> Iterator[Finding]:
    spec = part(pool.spec, "template", "spec")
    reference = part(spec, "nodeClassRef")
    place = ("spec", "template", "spec", "nodeClassRef")
    if not reference:
        yield pool.finding(NO_CLASS, place, "spec.template.spec.nodeClassRef: Required value")
    else:
        yield from _reference(pool, place, together)
    yield from _limits(pool)
    for position, requirement in items(spec, "requirements"):
        refused = _refused_key(text(requirement, "key"))
        if refused:
            yield pool.finding(
                REQUIREMENT,
                ("spec", "template", "spec", "requirements", position, "key"),
                f"{text(requirement, 'key')}: {refused}",
            )
        operator, values = text(requirement, "operator"), requirement.get("values") or []
        count = len(values) if isinstance(values, list) else 0
        wrong = (
            (operator in ("In", "NotIn") and not count)
            or (operator in ("Exists", "DoesNotExist") and count)
            or (operator in ("Gt", "Lt", "Gte", "Lte") and (count != 1 or not str(values[0]).isdecimal()))
        )
        if wrong:
            yield pool.finding(
                REQUIREMENT,
                ("spec", "template", "spec", "requirements", position),
                f"{text(requirement, 'key')} {operator} with {count} values",
            )


def _limits(pool: Manifest) -> Iterator[Finding]:
    limits = part(pool.spec, "limits")
    if not limits:
        yield pool.finding(LIMITS, ("spec",), "no spec.limits")
    for name, value in limits.items():
        if name not in _LIMITED and "/" not in name:
            yield pool.finding(
                LIMITS,
                ("spec", "limits", name),
                f"limits.{name}: machines have no such resource, so nothing is limited",
            )
        elif _is_zero(value):
            yield pool.finding(
                LIMITS, ("spec", "limits", name), f"limits.{name}: {value} lets no machine be bought"
            )


def _is_zero(value: object) -> bool:
    try:
        return parse_quantity(str(value)).amount == 0
    except InputError:
        return False


@functools.cache
def _key_rules() -> tuple[tuple[str, frozenset[str], str], ...]:
    """Return domain, keys that are taken in it, and Karpenter's words: what the definition's own CEL rules say.

    They read `self in [KEY, …] || !self.find("^([^/]+)").endsWith(DOMAIN)`, or `self != KEY`.
    """
    definition = custom_resources()["karpenter.sh", "NodePool"].version("v1")
    node: Any = definition.schema.raw if definition is not None else {}
    for step in ("spec", "template", "spec", "requirements", "items", "key"):
        node = node[step] if step == "items" else node["properties"][step]
    found = []
    for rule in node["x-kubernetes-validations"]:
        quoted = re.findall(r'"([^"]*)"', rule["rule"])
        if rule["rule"].startswith("self in"):
            found.append((quoted[-1], frozenset(quoted[:-2]), rule["message"]))
        elif rule["rule"].startswith("self != "):
            found.append((quoted[0], frozenset[str](), rule["message"]))
    return tuple(found)


def _refused_key(key: str) -> str:
    """Return why Karpenter refuses the key of a requirement; empty when it does not."""
    domain = key.partition("/")[0]
    for ending, taken, message in _key_rules():
        if key == ending or ("/" not in ending and domain.endswith(ending) and key not in taken):
            return message
    return ""


def _reference(pool: Manifest, place: tuple[str, ...], together: ManifestSet) -> Iterator[Finding]:
    reference = part(pool.spec, "template", "spec", "nodeClassRef")
    group = text(reference, "group") or text(reference, "apiVersion").partition("/")[0]
    kind, name = text(reference, "kind"), text(reference, "name")
    if (group, kind) == (_AUTO_GROUP, _AUTO_KIND):
        return
    if group and kind and (group, kind) != (_GROUP, _KIND):
        yield pool.finding(REFERENCE, place, f"nodeClassRef names {group} {kind}")
    elif name and together.whole and together.named(_KIND, name) is None:
        yield pool.finding(MISSING, (*place, "name"), f'no EC2NodeClass "{name}" stands here')


def _node_class(node_class: Manifest) -> Iterator[Finding]:
    spec = node_class.spec
    given = [field for field in ("role", "instanceProfile") if spec.get(field)]
    if len(given) != 1:
        what = "both role and instanceProfile" if given else "neither role nor instanceProfile"
        yield node_class.finding(
            ROLE, ("spec",), f"{what} stand in spec" if given else f"{what} stands in spec"
        )
    for position, term in items(spec, "amiSelectorTerms"):
        alias = text(term, "alias")
        place = ("spec", "amiSelectorTerms", position, "alias")
        if alias.startswith("al2@"):
            yield node_class.finding(OLD_FAMILY, place, f"alias: {alias}")
        elif alias.endswith("@latest"):
            yield node_class.finding(LATEST, place, f"alias: {alias}")
    if spec.get("amiFamily") == "AL2":
        yield node_class.finding(OLD_FAMILY, ("spec", "amiFamily"), "amiFamily: AL2")
    options = part(spec, "metadataOptions")
    if options.get("httpTokens") == "optional":
        yield node_class.finding(
            METADATA, ("spec", "metadataOptions", "httpTokens"), "httpTokens: optional allows IMDSv1"
        )
    hops = options.get("httpPutResponseHopLimit")
    if isinstance(hops, int) and hops > 1:
        yield node_class.finding(
            METADATA,
            ("spec", "metadataOptions", "httpPutResponseHopLimit"),
            f"httpPutResponseHopLimit: {hops}",
        )
