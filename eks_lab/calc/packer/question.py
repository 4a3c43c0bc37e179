"""From the inputs of the calculator packing to a problem, its comparison and its consolidation."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from eks_lab.calc.model import Value
from eks_lab.calc.packer.consolidation import Consolidation, Outcome, scale_down
from eks_lab.calc.packer.example import PODS as EXAMPLE
from eks_lab.calc.packer.filters import Filters
from eks_lab.calc.packer.fixed_groups import pack_on_groups
from eks_lab.calc.packer.lower_bound import lower_bound_usd_per_hour
from eks_lab.calc.packer.machines import Setting, machines
from eks_lab.calc.packer.manifests import read_manifests
from eks_lab.calc.packer.node_pools import GENERAL, NodePool, read_node_pools
from eks_lab.calc.packer.nodes import Problem
from eks_lab.calc.packer.plan import Plan, pack
from eks_lab.calc.packer.pods import CPU, MEMORY, PODS, Manifests, Member
from eks_lab.calc.packer.rule_book import RuleBook
from eks_lab.calc.packer.shapes import ShapeBuilder
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.catalog import instance_types
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError

_ZONE = re.compile(r"[a-z]{2}(?:-[a-z]+)+-\d+(?:-[a-z]+-\d+)?[a-z]")
_MOST_ZONES = 8
_MOST_GROUPS = 12
_SCALABLE = frozenset({"Deployment", "ReplicaSet", "StatefulSet"})


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked."""

    manifests: Manifests
    pools: tuple[NodePool, ...]
    pool_warnings: tuple[str, ...]
    setting: Setting
    book: PriceBook
    groups: tuple[str, ...]
    """Instance types of the Cluster Autoscaler's node groups."""
    consolidates: bool
    scale_down_percent: float
    removed: tuple[str, ...]
    """Workloads that go altogether, as typed."""
    is_example: bool
    has_own_pool: bool

    @classmethod
    def of(cls, inputs: Mapping[str, Value]) -> Question:
        """Return the question of checked inputs.

        Raises:
            InputError: a document, a zone, a type or a price cannot be used.
        """
        pods, pool = inputs["pods"], inputs["nodepool"]
        setting = Setting(
            zones=read_zones(str(inputs["zones"])),
            prefix_delegation=inputs["max_pods_mode"] == "prefix",
            daemon_cpu_millicores=_whole(inputs["daemonset_cpu_millicores"]),
            daemon_memory_mib=_whole(inputs["daemonset_memory_mib"]),
            daemon_pods=_whole(inputs["daemonset_pods"]),
            disk_gib=_whole(inputs["node_disk_gib"]),
            spot_discount_percent=_number(inputs["spot_discount_percent"]),
        )
        book = PriceBook.of(inputs)
        groups = read_groups(str(inputs["node_groups"]), book)
        pools, pool_warnings = read_node_pools(pool if isinstance(pool, str) else GENERAL)
        removed = inputs["remove"]
        question = cls(
            manifests=read_manifests(pods if isinstance(pods, str) else EXAMPLE),
            pools=pools,
            pool_warnings=pool_warnings,
            setting=setting,
            book=book,
            groups=groups,
            consolidates=inputs["consolidation"] is True,
            scale_down_percent=_number(inputs["scale_down_percent"]),
            removed=_workloads(removed) if isinstance(removed, str) else (),
            is_example=not isinstance(pods, str),
            has_own_pool=isinstance(pool, str),
        )
        question.removals()
        return question

    def removals(self) -> dict[int, int]:
        """Return the pods that scaling down deletes: class -> pods.

        Raises:
            InputError: a workload to remove is not among the manifests.
        """
        wanted = dict.fromkeys(self.removed, False)
        gone: dict[int, int] = {}
        for each in self.manifests.classes:
            for member in each.members:
                named = [name for name in wanted if _is_named(name, member)]
                for name in named:
                    wanted[name] = True
                if named:
                    count = member.count
                elif member.kind in _SCALABLE:
                    count = int(member.count * self.scale_down_percent / 100)
                else:
                    count = 0
                if count:
                    gone[each.index] = gone.get(each.index, 0) + count
        for name, found in wanted.items():
            if not found:
                known = {member.name for each in self.manifests.classes for member in each.members}
                raise InputError(
                    f"remove: no workload named {name!r} among the pods",
                    hint=did_you_mean(name.rpartition("/")[2], known)
                    or "Give a name such as web, deployment/web or shop/web.",
                )
        return gone


@dataclass(frozen=True, slots=True)
class Result:
    """Everything that was found."""

    plan: Plan
    bound_usd_per_hour: float
    on_groups: Plan
    outcome: Outcome | None
    """None when nothing was scaled down."""
    warnings: tuple[str, ...]


def solve(question: Question) -> Result:
    """Answer a question.

    Raises:
        InputError: a NodePool leaves too much open.
    """
    manifests, setting = question.manifests, question.setting
    resources = _resources(manifests)
    builder = ShapeBuilder(setting, resources, manifests.daemons, _wanted_labels(manifests))
    builder.add_pools(question.pools, machines(question.book, setting))
    book = RuleBook(manifests.classes, manifests.namespaces)
    problem = Problem(manifests.classes, Filters(builder.shapes, setting.zones, resources), book)
    plan = pack(problem)
    placed: dict[int, int] = {}
    for node in plan.nodes:
        for index, count in node.pods.items():
            placed[index] = placed.get(index, 0) + count
    bound = lower_bound_usd_per_hour(problem, placed)
    groups = ShapeBuilder(setting, resources, manifests.daemons)
    for machine in machines(question.book, setting, question.groups):
        groups.add_group(machine.instance.name, machine, 0)
    on_groups = pack_on_groups(
        Problem(manifests.classes, Filters(groups.shapes, setting.zones, resources), book)
    )
    return Result(plan, bound, on_groups, _consolidated(question, plan), tuple(builder.warnings))


def _consolidated(question: Question, plan: Plan) -> Outcome | None:
    removals = question.removals()
    if not question.consolidates or not removals:
        return None
    expected = {each.index: each.count - removals.get(each.index, 0) for each in question.manifests.classes}
    pods = scale_down(plan, removals)
    return Consolidation(plan, question.pools, question.manifests.budgets, pods, expected).run()


def _resources(manifests: Manifests) -> tuple[str, ...]:
    """Return what rooms count: CPU, memory, pods, and whatever else pods ask for."""
    asked = {name for each in manifests.classes for name, _ in each.spec.requests}
    return (CPU, MEMORY, PODS, *sorted(asked - {CPU, MEMORY, PODS}))


def _wanted_labels(manifests: Manifests) -> set[str]:
    wanted: set[str] = set()
    for each in manifests.classes:
        spec = each.spec
        wanted |= {f"{key}={value}" for key, value in spec.node_selector}
        terms = [*(spec.node_terms or ()), *(term for _, term in spec.node_preferences)]
        for term in terms:
            for expression in term.expressions:
                if expression.operator == "In":
                    wanted |= {f"{expression.key}={value}" for value in expression.values}
    return wanted


def read_zones(text: str) -> tuple[str, ...]:
    """Read Availability Zones between commas.

    Raises:
        InputError: a name is none, or comes twice.
    """
    zones = _names(text)
    if not zones:
        raise InputError("zones: no zone is given", hint="Give names such as us-east-1a,us-east-1b.")
    for zone in zones:
        if not _ZONE.fullmatch(zone):
            raise InputError(
                f"zones: {zone[:40]!r} is no Availability Zone",
                hint="Give names such as us-east-1a,us-east-1b.",
            )
    if len(set(zones)) < len(zones):
        twice = next(zone for zone in zones if zones.count(zone) > 1)
        raise InputError(f"zones: {twice!r} is given twice", hint="Give each zone once.")
    if len(zones) > _MOST_ZONES:
        raise InputError(f"zones: {len(zones)} zones are more than {_MOST_ZONES}", hint="Give fewer.")
    return zones


def read_groups(text: str, book: PriceBook) -> tuple[str, ...]:
    """Read instance types of node groups between commas.

    Raises:
        InputError: an unknown type, or one without a price.
    """
    found = []
    for name in _names(text):
        try:
            instance = instance_types.get(name)
        except InputError as error:
            raise InputError(
                f"node_groups: {name[:40]!r} is no EC2 instance type of the catalogue", hint=error.hint
            ) from None
        if book.on_record_usd_per_hour(instance) is None:
            raise InputError(
                f"node_groups: no price of {instance.name} is on record",
                hint=f"Give it with prices, for example {instance.name}=0.25 (USD an hour).",
            )
        found.append(instance.name)
    if not found:
        raise InputError("node_groups: no instance type is given", hint="Give some, for example m7i.xlarge.")
    if len(found) > _MOST_GROUPS:
        raise InputError(f"node_groups: {len(found)} types are more than {_MOST_GROUPS}", hint="Give fewer.")
    return tuple(dict.fromkeys(found))


def _names(text: str) -> tuple[str, ...]:
    return tuple(piece.strip().lower() for piece in re.split(r"[,;\s]+", text) if piece.strip())


def _workloads(text: str) -> tuple[str, ...]:
    """Return names of workloads between commas; `Deployment web` is `deployment/web`."""
    pieces = [" ".join(piece.split()) for piece in re.split(r"[,;\n]", text)]
    return tuple(dict.fromkeys(piece.lower().replace(" ", "/") for piece in pieces if piece))


def _is_named(name: str, member: Member) -> bool:
    own = member.name.lower()
    forms = (own, f"{member.kind.lower()}/{own}", f"{member.namespace.lower()}/{own}")
    return name in (*forms, f"{member.kind.lower()}/{member.namespace.lower()}/{own}")


def _number(value: Value) -> float:
    return float(value) if isinstance(value, int | float) else 0.0


def _whole(value: Value) -> int:
    return int(_number(value))
