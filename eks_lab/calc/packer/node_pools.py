"""Karpenter NodePools: requirements, taints, limits, weight, disruption settings.

Source: aws/karpenter-provider-aws, pkg/apis/crds (2026-08-21).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from eks_lab.calc.packer import fields
from eks_lab.calc.packer.fields import Fields, Place
from eks_lab.calc.packer.pod_spec import expression
from eks_lab.calc.packer.pods import CPU
from eks_lab.calc.packer.quantity import whole_units
from eks_lab.calc.packer.rules import CAPACITY_TYPE, HOSTNAME, NODEPOOL, Expression, Taint
from eks_lab.calc.packer.yaml_documents import read_documents
from eks_lab.errors import InputError

FIELD = "nodepool"
CapacityType = Literal["spot", "on-demand"]
CAPACITY_TYPES: tuple[CapacityType, ...] = ("spot", "on-demand")
"""In the order Karpenter tries them; capacity reservations are not modelled."""
AUTO_MODE_GROUP = "eks.amazonaws.com"
NODES = "nodes"
"""Limit on the number of nodes."""
_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist", "Gt", "Lt", "Gte", "Lte")
_POLICIES = ("WhenEmpty", "WhenEmptyOrUnderutilized", "Balanced")
_REASONS = ("Underutilized", "Empty", "Drifted")
_EFFECTS = ("NoSchedule", "PreferNoSchedule", "NoExecute")
_MOST_POOLS = 50

GENERAL = """\
apiVersion: karpenter.sh/v1
kind: NodePool
metadata:
  name: general
spec:
  template:
    spec:
      nodeClassRef:
        group: karpenter.k8s.aws
        kind: EC2NodeClass
        name: default
      requirements:
      - key: kubernetes.io/arch
        operator: In
        values: [amd64]
      - key: kubernetes.io/os
        operator: In
        values: [linux]
      - key: karpenter.sh/capacity-type
        operator: In
        values: [on-demand]
      - key: karpenter.k8s.aws/instance-category
        operator: In
        values: [c, m, r]
      - key: karpenter.k8s.aws/instance-generation
        operator: Gt
        values: ["4"]
      - key: karpenter.k8s.aws/instance-hypervisor
        operator: In
        values: [nitro]
"""
"""The NodePool of a question that brings none: what the general-purpose pool of Auto Mode allows."""


@dataclass(frozen=True, slots=True)
class Requirement:
    """One requirement of a NodePool."""

    expression: Expression
    min_values: int
    """So many different values a launch must be able to choose from; 0 when not given."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A disruption budget of a NodePool."""

    nodes: str
    """`10%` or a number."""
    reasons: tuple[str, ...]
    """Empty: all."""
    is_scheduled: bool
    """Counts in windows only."""


@dataclass(frozen=True, slots=True)
class NodePool:
    """What may be launched, and when it may go again."""

    name: str
    weight: int
    """0 to 100; the heavier is tried first."""
    requirements: tuple[Requirement, ...]
    labels: dict[str, str]
    taints: tuple[Taint, ...]
    limits: dict[str, int]
    """Resource -> amount (CPU in millicores), `nodes` among them."""
    label_group: str
    """`karpenter.k8s.aws`, or `eks.amazonaws.com` in Auto Mode: the prefix of instance labels."""
    consolidation_policy: str
    consolidates: bool
    """False with `consolidateAfter: Never`."""
    budgets: tuple[Budget, ...]
    do_not_disrupt: bool
    """The annotation on its nodes."""

    @property
    def min_values(self) -> dict[str, int]:
        """Return label key -> different values wanted; the largest when one key has several."""
        wanted: dict[str, int] = {}
        for requirement in self.requirements:
            if requirement.min_values:
                key = requirement.expression.key
                wanted[key] = max(wanted.get(key, 0), requirement.min_values)
        return wanted


DEFAULT_BUDGET = Budget(nodes="10%", reasons=(), is_scheduled=False)


def read_node_pools(text: str) -> tuple[tuple[NodePool, ...], tuple[str, ...]]:
    """Read NodePools.

    Args:
        text: one or several documents; EC2NodeClasses and NodeClasses beside them are passed over.

    Returns:
        The NodePools in the order Karpenter tries them (heavier first, then by name), and warnings.

    Raises:
        InputError: no YAML, no NodePool, or a field that is not usable.
    """
    pools: dict[str, NodePool] = {}
    warnings: list[str] = []
    for document in read_documents(text, FIELD):
        label = f"{FIELD}, document {document.number}"
        if not isinstance(document.content, dict):
            raise InputError(
                f"{label}: {fields.shown(document.content)} is no NodePool",
                hint="Give what kubectl get nodepool -o yaml prints.",
            )
        contents = document.content.get("items") if document.content.get("kind") == "List" else None
        for content in contents if isinstance(contents, list) else [document.content]:
            place = Place(label, "")
            pool = _pool(fields.as_mapping(content, place), place, warnings)
            if pool is None:
                continue
            if pool.name in pools:
                raise InputError(
                    f"{label}: metadata.name: a second NodePool {pool.name!r}", hint="Give each its own name."
                )
            pools[pool.name] = pool
    if not pools:
        raise InputError(
            f"{FIELD}: no NodePool among the documents",
            hint="Give one, or leave it empty for the built-in one.",
        )
    if len(pools) > _MOST_POOLS:
        raise InputError(f"{FIELD}: {len(pools)} NodePools are more than {_MOST_POOLS}", hint="Give fewer.")
    return tuple(sorted(pools.values(), key=lambda pool: (-pool.weight, pool.name))), tuple(warnings)


def _pool(content: Fields, place: Place, warnings: list[str]) -> NodePool | None:
    kind = fields.text(content, "kind", place)
    version = fields.text(content, "apiVersion", place)
    if kind in ("EC2NodeClass", "NodeClass"):
        warnings.append(f"{kind} is not read: max pods, disk and reservations come from the inputs.")
        return None
    if kind != "NodePool":
        hint = "karpenter.sh/v1 has NodePool in its place." if kind == "Provisioner" else ""
        raise (place / "kind").refusal(f"{fields.shown(kind)} is no NodePool", hint=hint)
    if version != "karpenter.sh/v1":
        raise (place / "apiVersion").refusal(
            f'no matches for kind "NodePool" in version {fields.shown(version)}',
            hint="Write karpenter.sh/v1: v1beta1 went with Karpenter 1.1.",
        )
    metadata = fields.required_mapping(content, "metadata", place)
    name = fields.text(metadata, "name", place / "metadata")
    place = Place(f"{place.document} (NodePool {name})", "")
    spec = fields.required_mapping(content, "spec", place)
    at = place / "spec"
    template = fields.required_mapping(spec, "template", at)
    node = fields.required_mapping(template, "spec", at / "template")
    node_at = at / "template.spec"
    reference = fields.required_mapping(node, "nodeClassRef", node_at)
    group = fields.text(reference, "group", node_at / "nodeClassRef")
    fields.text(reference, "kind", node_at / "nodeClassRef")
    fields.text(reference, "name", node_at / "nodeClassRef")
    if node.get("requirements") is None:
        raise (node_at / "requirements").refusal("Required value")
    requirements = tuple(_requirement(*each) for each in fields.mappings(node, "requirements", node_at))
    about = fields.mapping(template, "metadata", at / "template")
    annotations = fields.mapping(about, "annotations", at / "template.metadata")
    if spec.get("replicas") is not None:
        warnings.append(f"NodePool {name} has replicas: static capacity is not modelled, it scales here.")
    policy, consolidates, budgets = _disruption(spec, at, name, warnings)
    return NodePool(
        name=name,
        weight=fields.whole(spec, "weight", at, 0, most=100),
        requirements=requirements,
        labels=fields.text_mapping(about, "labels", at / "template.metadata"),
        taints=tuple(_taint(*each) for each in fields.mappings(node, "taints", node_at)),
        limits=_limits(spec, at),
        label_group=group if group == AUTO_MODE_GROUP else "karpenter.k8s.aws",
        consolidation_policy=policy,
        consolidates=consolidates,
        budgets=budgets,
        do_not_disrupt=annotations.get("karpenter.sh/do-not-disrupt") == "true",
    )


def _requirement(content: Fields, place: Place) -> Requirement:
    found = expression(content, place, _OPERATORS)
    if found.key in (HOSTNAME, NODEPOOL):
        raise (place / "key").refusal(f"{found.key!r} is restricted")
    if found.key == CAPACITY_TYPE and found.operator == "In":
        unknown = set(found.values) - {*CAPACITY_TYPES, "reserved"}
        if unknown:
            raise (place / "values").refusal(
                f"{fields.shown(min(unknown))} is no capacity type", hint="Write spot, on-demand or reserved."
            )
    return Requirement(found, fields.whole(content, "minValues", place, 0, least=1, most=50))


def _taint(content: Fields, place: Place) -> Taint:
    return Taint(
        key=fields.text(content, "key", place),
        value=fields.text(content, "value", place, ""),
        effect=fields.choice(content, "effect", place, _EFFECTS, None),
    )


def _limits(spec: Fields, place: Place) -> dict[str, int]:
    limits = fields.mapping(spec, "limits", place)
    at = place / "limits"
    return {
        str(name): whole_units(fields.quantity(value, at / str(name)), 1000 if name == CPU else 1)
        for name, value in limits.items()
    }


def _disruption(
    spec: Fields, place: Place, name: str, warnings: list[str]
) -> tuple[str, bool, tuple[Budget, ...]]:
    content = fields.mapping(spec, "disruption", place)
    at = place / "disruption"
    policy = fields.choice(content, "consolidationPolicy", at, _POLICIES, "WhenEmptyOrUnderutilized")
    budgets = tuple(_budget(*each) for each in fields.mappings(content, "budgets", at))
    if any(budget.is_scheduled for budget in budgets):
        warnings.append(
            f"NodePool {name} has a budget with a schedule: the steps show the time outside its windows."
        )
    if policy == "Balanced":
        warnings.append(
            f"NodePool {name} consolidates Balanced: the steps show all that saves money, Karpenter leaves out"
            " what disturbs more than it saves."
        )
    after = fields.text(content, "consolidateAfter", at, "0s")
    return policy, after != "Never", budgets if content.get("budgets") is not None else (DEFAULT_BUDGET,)


def _budget(content: Fields, place: Place) -> Budget:
    value = content.get("nodes", "10%")
    nodes = str(value) if isinstance(value, str | int) and not isinstance(value, bool) else ""
    digits = nodes.removesuffix("%")
    if not (digits.isascii() and digits.isdigit() and len(digits) <= 6) or (
        nodes.endswith("%") and int(digits) > 100
    ):
        raise (place / "nodes").refusal(f"{fields.shown(value)} is neither a number nor a percentage")
    schedule, duration = content.get("schedule"), content.get("duration")
    if (schedule is None) != (duration is None):
        raise place.refusal("schedule and duration go together")
    reasons = fields.texts(content, "reasons", place)
    for reason in reasons:
        if reason not in _REASONS:
            raise (place / "reasons").refusal(f"{fields.shown(reason)} is none of {', '.join(_REASONS)}")
    return Budget(nodes=nodes, reasons=reasons, is_scheduled=schedule is not None)
