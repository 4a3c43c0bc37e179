"""What Karpenter's consolidation would do with nodes that have become too many: one command after the other.

In each round: empty nodes go together; else the largest group of nodes, those with the fewest pods first,
whose pods fit elsewhere, perhaps with one cheaper replacement; else one single node likewise. Budgets
limit each command; the next round begins when the nodes of the last one are gone and the pods run again.

Source: kubernetes-sigs/karpenter, pkg/controllers/disruption (2026-08-20).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from eks_lab.calc.packer.budgets import (
    EMPTY,
    UNDERUTILIZED,
    PdbState,
    allowed_disruptions,
    eviction_block,
    pdb_states,
)
from eks_lab.calc.packer.cluster import Cluster, SiteMaker
from eks_lab.calc.packer.cutting_stock import times_fitting
from eks_lab.calc.packer.filters import fits
from eks_lab.calc.packer.node_pools import NodePool
from eks_lab.calc.packer.plan import Plan
from eks_lab.calc.packer.pods import DisruptionBudget
from eks_lab.calc.packer.shapes import Shape
from eks_lab.calc.packer.trial import RunningNode, Trial

MOST_TOGETHER = 100
"""Nodes one multi-node command looks at."""
MOST_STEPS = 50
_MOST_CHECKS = 1_500_000
"""Looks at one node for one kind of pods, in all rounds together."""
NOT_CHEAPER = "can't replace with a lower-priced node"
SPOT_TO_SPOT = "SpotToSpotConsolidation is disabled, can't replace a spot node with a spot node"


@dataclass(frozen=True, slots=True)
class Step:
    """One command."""

    method: str
    """`empty`, `multi-node` or `single-node`."""
    removed: tuple[RunningNode, ...]
    replacement: RunningNode | None
    moved: int
    """Pods that start elsewhere."""
    allowed: int
    """Nodes the budget allowed."""
    saves_usd_per_hour: float


@dataclass(frozen=True, slots=True)
class Outcome:
    """All commands, and why the rest stays."""

    steps: list[Step]
    skipped: dict[str, list[str]]
    """Why nodes stay -> their names."""
    machines: list[RunningNode]
    """What is left."""
    is_cut_short: bool
    """Whether more steps would follow."""

    @property
    def usd_per_hour(self) -> float:
        """Return what the nodes left cost."""
        return sum(machine.shape.usd_per_hour for machine in self.machines)


def scale_down(plan: Plan, removals: Mapping[int, int]) -> list[dict[int, int]]:
    """Return the pods of each node after pods have been deleted.

    Pods without a node go first, then those that share a node with most of their kind, as the
    ReplicaSet controller chooses.

    Args:
        plan: the packing.
        removals: class -> pods to delete.
    """
    pods = [dict(node.pods) for node in plan.nodes]
    pending = {each.pod_class: each.count for each in plan.unplaced}
    for index, wanted in removals.items():
        left = wanted - pending.get(index, 0)
        holders = [number for number, each in enumerate(pods) if each.get(index)]
        while left > 0 and holders:
            most = max(pods[number][index] for number in holders)
            for number in reversed(holders):
                if left <= 0:
                    break
                if pods[number][index] == most:
                    pods[number][index] -= 1
                    left -= 1
            holders = [number for number in holders if pods[number][index]]
    return [{index: count for index, count in each.items() if count} for each in pods]


class Consolidation:
    """Consolidation of the nodes of one plan."""

    def __init__(
        self,
        plan: Plan,
        pools: Sequence[NodePool],
        pdbs: Sequence[DisruptionBudget],
        pods: Sequence[Mapping[int, int]],
        expected: Mapping[int, int],
    ) -> None:
        """Set the stage.

        Args:
            plan: the packing.
            pools: NodePools.
            pdbs: PodDisruptionBudgets.
            pods: by node of the plan, what runs on it now.
            expected: class -> pods there should be.
        """
        self._problem = plan.problem
        self._classes = plan.problem.classes
        self._filters = plan.problem.filters
        self._pools = {pool.name: pool for pool in pools}
        self._pdbs = pdbs
        self._expected = expected
        self._vectors = [self._filters.vector(each.spec) for each in self._classes]
        self._sites = SiteMaker(plan.problem.book, self._filters)
        self._cluster = Cluster(plan.problem.book)
        self._checks = 0
        self._launched = 0
        self._pdb_states: list[PdbState] = []
        self.machines: list[RunningNode] = []
        for node, running in zip(plan.nodes, pods, strict=True):
            machine = self._machine(node.name, self._filters.shapes[node.shape], node.zone)
            self._cluster.add_site(machine.site)
            self.machines.append(machine)
            for index, count in running.items():
                self._put(machine, index, count)

    def _machine(self, name: str, shape: Shape, zone: int) -> RunningNode:
        return RunningNode(name, shape, self._sites.node(name, shape.index, zone), {}, list(shape.room))

    def _put(self, machine: RunningNode, index: int, count: int) -> None:
        """Add pods to a node, or take them away."""
        self._cluster.place(index, machine.site, count)
        machine.pods[index] = machine.pods.get(index, 0) + count
        if not machine.pods[index]:
            del machine.pods[index]
        for place, wanted in enumerate(self._vectors[index]):
            machine.left[place] -= count * wanted

    def run(self) -> Outcome:
        """Run to the end, or until enough steps are shown."""
        steps: list[Step] = []
        while len(steps) < MOST_STEPS and self._checks < _MOST_CHECKS:
            step = self._empty() or self._multi() or self._single()
            if step is None:
                return Outcome(steps, self._why_the_rest_stays(), self.machines, is_cut_short=False)
            steps.append(step)
        return Outcome(steps, {}, self.machines, is_cut_short=True)

    def _allowed(self, reason: str) -> dict[str, int]:
        nodes: dict[str, int] = {}
        for machine in self.machines:
            nodes[machine.shape.owner] = nodes.get(machine.shape.owner, 0) + 1
        return {name: allowed_disruptions(self._pools[name], count, reason) for name, count in nodes.items()}

    def _empty(self) -> Step | None:
        allowed = self._allowed(EMPTY)
        bound = sum(allowed.values())
        chosen = []
        for machine in self.machines:
            pool = self._pools[machine.shape.owner]
            if machine.pods or not pool.consolidates or pool.do_not_disrupt or not allowed[pool.name]:
                continue
            allowed[pool.name] -= 1
            chosen.append(machine)
        if not chosen:
            return None
        for machine in chosen:
            self._cluster.remove_site(machine.site)
        self._forget(chosen)
        return Step("empty", tuple(chosen), None, 0, bound, sum(each.shape.usd_per_hour for each in chosen))

    def _forget(self, machines: Sequence[RunningNode]) -> None:
        gone = {machine.name for machine in machines}
        self.machines = [machine for machine in self.machines if machine.name not in gone]

    def _block(self, machine: RunningNode) -> str:
        """Return why a node with pods is no candidate, empty when it is one."""
        pool = self._pools[machine.shape.owner]
        if not pool.consolidates:
            return f'NodePool "{pool.name}" has consolidation disabled'
        if pool.do_not_disrupt:
            return 'node has "karpenter.sh/do-not-disrupt" annotation'
        if not machine.pods:
            return ""
        if pool.consolidation_policy == "WhenEmpty":
            return f'NodePool "{pool.name}" has non-empty consolidation disabled'
        return eviction_block(machine.pods, self._pdb_states, self._classes)

    def _candidates(self) -> list[RunningNode]:
        """Return nodes that may be disturbed, those with the fewest pods first."""
        healthy: dict[int, int] = {}
        for machine in self.machines:
            for index, count in machine.pods.items():
                healthy[index] = healthy.get(index, 0) + count
        self._pdb_states = pdb_states(self._pdbs, self._classes, self._expected, healthy)
        found = [machine for machine in self.machines if machine.pods and not self._block(machine)]
        return sorted(found, key=lambda machine: (sum(machine.pods.values()), -machine.shape.usd_per_hour))

    def _multi(self) -> Step | None:
        allowed = self._allowed(UNDERUTILIZED)
        bound = sum(allowed.values())
        candidates = []
        for machine in self._candidates():
            if allowed[machine.shape.owner]:
                allowed[machine.shape.owner] -= 1
                candidates.append(machine)
        candidates = candidates[:MOST_TOGETHER]
        low, high = 2, len(candidates)
        best = 0
        while low <= high:
            middle = (low + high) // 2
            trial = self._try(candidates[:middle])
            if trial.works:
                best, low = middle, middle + 1
            else:
                high = middle - 1
            trial.undo()
        return self._carry_out("multi-node", candidates[:best], bound) if best else None

    def _single(self) -> Step | None:
        allowed = self._allowed(UNDERUTILIZED)
        for machine in self._candidates():
            if not allowed[machine.shape.owner] or self._checks >= _MOST_CHECKS:
                continue
            trial = self._try([machine])
            trial.undo()
            if trial.works:
                return self._carry_out("single-node", [machine], sum(allowed.values()))
        return None

    def _carry_out(self, method: str, machines: list[RunningNode], bound: int) -> Step:
        before = [
            RunningNode(each.name, each.shape, each.site, dict(each.pods), list(each.left))
            for each in machines
        ]
        moved = sum(sum(each.pods.values()) for each in machines)
        trial = self._try(machines)
        self._forget(machines)
        saves = sum(each.shape.usd_per_hour for each in machines)
        if trial.replacement is not None:
            self._launched += 1
            self.machines.append(trial.replacement)
            saves -= trial.replacement.shape.usd_per_hour
        return Step(method, tuple(before), trial.replacement, moved, bound, saves)

    def _try(self, machines: list[RunningNode]) -> Trial:
        trial = Trial(self._cluster, self._put)
        waiting: dict[int, int] = {}
        gone = {machine.name for machine in machines}
        for machine in machines:
            for index, count in list(machine.pods.items()):
                trial.put(machine, index, -count)
                waiting[index] = waiting.get(index, 0) + count
            trial.remove_site(machine.site)
        others = [machine for machine in self.machines if machine.name not in gone]
        order = sorted(waiting, key=lambda index: [-amount for amount in self._vectors[index]])
        for index in order:
            waiting[index] = self._spread(index, waiting[index], others, trial)
        left = {index: waiting[index] for index in order if waiting[index]}
        if not left:
            trial.works = True
        else:
            self._replace(left, machines, trial)
        return trial

    def _spread(self, index: int, count: int, machines: Sequence[RunningNode], trial: Trial) -> int:
        """Put pods of a class on nodes that run; return how many find no place."""
        spec, vector = self._classes[index].spec, self._vectors[index]
        places = self._filters.places(spec)
        has_rules = self._problem.book.concerns(index)
        for machine in machines:
            if not count:
                break
            self._checks += 1
            if not fits(vector, machine.left) or not places[machine.shape.index] >> machine.site.zone & 1:
                continue
            if not has_rules:
                number = min(count, times_fitting(vector, machine.left))
                trial.put(machine, index, number)
                count -= number
                continue
            while count and fits(vector, machine.left) and not self._cluster.refusal(index, machine.site):
                trial.put(machine, index, 1)
                count -= 1
        return count

    def _replace(self, left: Mapping[int, int], machines: Sequence[RunningNode], trial: Trial) -> None:
        """Find one node for what is left, cheaper than all that go."""
        total = sum(machine.shape.usd_per_hour for machine in machines)
        size = len(self._filters.resources)
        load = [
            sum(self._vectors[index][each] * count for index, count in left.items()) for each in range(size)
        ]
        zones = [(1 << len(self._filters.zones)) - 1] * len(self._filters.shapes)
        for index in left:
            spec = self._classes[index].spec
            choices = self._filters.choices(spec, self._vectors[index], self._filters.places(spec))
            mask = [0] * len(zones)
            for choice in choices:
                mask = [a | b for a, b in zip(mask, choice, strict=True)]
            zones = [a & b for a, b in zip(zones, mask, strict=True)]
        holding = [shape for shape in self._filters.shapes if zones[shape.index] and fits(load, shape.room)]
        if not holding:
            trial.why = "Can't remove without creating 2 candidates"
            return
        cheaper = [shape for shape in holding if shape.usd_per_hour < total - 1e-9]
        all_spot = all(machine.shape.capacity_type == "spot" for machine in machines)
        if all_spot and any(shape.capacity_type == "spot" for shape in holding):
            trial.why = SPOT_TO_SPOT
            return
        if len(machines) > 1:
            cheaper = _without_same_type(cheaper, machines)
        trial.why = NOT_CHEAPER
        for shape in sorted(cheaper, key=lambda each: (each.usd_per_hour, each.index)):
            for zone in range(len(self._filters.zones)):
                if zones[shape.index] >> zone & 1 and self._fill(shape, zone, left, trial):
                    trial.works = True
                    return
            # The rules between pods do not depend on the type: what no zone takes, none will.
            break

    def _fill(self, shape: Shape, zone: int, left: Mapping[int, int], trial: Trial) -> bool:
        machine = self._machine(f"replacement-{self._launched + 1}", shape, zone)
        trial.add_site(machine.site)
        mark = trial.mark()
        for index, count in left.items():
            for _ in range(count):
                if self._cluster.refusal(index, machine.site):
                    trial.undo_to(mark)
                    trial.remove_site(machine.site)
                    return False
                trial.put(machine, index, 1)
        trial.replacement = machine
        return True

    def _why_the_rest_stays(self) -> dict[str, list[str]]:
        candidates = {machine.name for machine in self._candidates()}
        budget = {EMPTY: self._allowed(EMPTY), UNDERUTILIZED: self._allowed(UNDERUTILIZED)}
        found: dict[str, list[str]] = {}
        for machine in self.machines:
            owner = machine.shape.owner
            why = self._block(machine)
            if not why and not budget[UNDERUTILIZED if machine.pods else EMPTY][owner]:
                why = f"disruption budget of NodePool {owner} allows no node"
            if not why and machine.name in candidates:
                if self._checks >= _MOST_CHECKS:
                    why = "not looked at any more"
                else:
                    trial = self._try([machine])
                    trial.undo()
                    why = trial.why or NOT_CHEAPER
            found.setdefault(why or NOT_CHEAPER, []).append(machine.name)
        return found


def _without_same_type(options: list[Shape], machines: Sequence[RunningNode]) -> list[Shape]:
    """Return the options below the price of the cheapest node of a type that is among both.

    To replace several nodes by one of their own types would be the same as keeping that one.
    """
    prices = [
        machine.shape.usd_per_hour
        for machine in machines
        if any(option.type_name == machine.shape.type_name for option in options)
    ]
    return [option for option in options if option.usd_per_hour < min(prices)] if prices else options
