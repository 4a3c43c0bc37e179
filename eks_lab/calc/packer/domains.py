"""Which zone each pod goes to, when rules look at zones: spread, affinity, anti-affinity, shared volumes.

The same for every other node label that rules look at, hostname aside. All nodes that such rules cannot
tell apart form one *cell*; pods are placed on cells one after the other, as the scheduler would place
them on nodes, and the order is kept: in that order the scheduler would accept every one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from eks_lab.calc.packer.cluster import Cluster, Site, SiteMaker
from eks_lab.calc.packer.filters import Filters, Places
from eks_lab.calc.packer.pods import PodClass
from eks_lab.calc.packer.rule_book import RuleBook, is_on_host
from eks_lab.calc.packer.units import Unit

MOST_CELLS = 200
"""A rule over more values, such as over instance types, is tried on the cheapest only."""


@dataclass(slots=True)
class Lot:
    """Units that may go to the same places."""

    unit: Unit
    choices: list[Places]
    """Where to launch for them, best first."""
    count: int
    cell: int = -1
    """-1: rules do not tie them to a cell."""


@dataclass(slots=True)
class _Cell:
    places: Places
    site: Site
    load: float = 0.0


@dataclass(frozen=True, slots=True)
class Assignment:
    """Lots, and the order in which tied units were placed."""

    lots: list[Lot]
    order: list[tuple[int, int]]
    """Lot and number of units, in turn."""
    refused: list[tuple[Unit, int]]
    """Units no cell takes, or no shape."""


def assign(units: list[Unit], classes: tuple[PodClass, ...], filters: Filters, book: RuleBook) -> Assignment:
    """Tie units to cells where rules need it.

    Args:
        units: all of them.
        classes: the pods, for their preferences.
        filters: shapes and zones.
        book: rules between pods.
    """
    lots: list[Lot] = []
    refused: list[tuple[Unit, int]] = []
    tied: list[Unit] = []
    far_counters = {index for index, counter in enumerate(book.counters) if not is_on_host(counter)}
    known: dict[object, list[Places]] = {}
    for unit in units:
        if far_counters and any(_is_tied(index, book, far_counters) for index, _ in unit.contents):
            tied.append(unit)
            continue
        spec = classes[unit.lead].spec
        key = (id(unit.places), unit.vector, spec.node_preferences)
        if key not in known:
            known[key] = filters.choices(spec, unit.vector, unit.places)
        if known[key]:
            lots.append(Lot(unit, known[key], unit.count))
        else:
            refused.append((unit, unit.count))
    if not tied:
        return Assignment(lots, [], refused)
    return _Assigner(tied, classes, filters, book, far_counters).run(lots, refused)


def _is_tied(index: int, book: RuleBook, far_counters: set[int]) -> bool:
    if not far_counters.isdisjoint(book.counted_in.get(index, ())):
        return True
    rules = book.rules.get(index)
    if rules is None:
        return False
    counters = {rule.counter for rule in (*rules.spreads, *rules.soft_spreads)}
    counters |= {rule.counter for rule in rules.apart}
    counters |= {counter for near in rules.near for counter in near.counters}
    counters |= {counter for _, counter in (*rules.soft_near, *rules.soft_apart)}
    return not far_counters.isdisjoint(counters)


class _Assigner:
    def __init__(
        self,
        tied: list[Unit],
        classes: tuple[PodClass, ...],
        filters: Filters,
        book: RuleBook,
        far_counters: set[int],
    ) -> None:
        self._tied = tied
        self._classes = classes
        self._filters = filters
        self._book = book
        self._keys = sorted({book.counters[index].key for index in far_counters})
        self._cluster = Cluster(book, heeds=lambda counter: not is_on_host(counter))
        self._cells = self._make_cells()
        for cell in self._cells:
            self._cluster.add_site(cell.site)
        self._lots: dict[tuple[int, int], int] = {}
        self._choices: dict[object, list[Places]] = {}

    def _make_cells(self) -> list[_Cell]:
        maker = SiteMaker(self._book, self._filters)
        masks: dict[tuple[str | None, ...], dict[int, int]] = {}
        for shape in self._filters.shapes:
            for zone in range(len(self._filters.zones)):
                if shape.zones >> zone & 1:
                    key = tuple(maker.label(name, shape.index, zone) for name in self._keys)
                    found = masks.setdefault(key, {})
                    found[shape.index] = found.get(shape.index, 0) | 1 << zone
        cheapest = sorted(
            masks.items(),
            key=lambda item: min(self._filters.shapes[index].usd_per_hour for index in item[1]),
        )
        cheapest = cheapest[:MOST_CELLS] if len(cheapest) > MOST_CELLS else list(masks.items())
        return [self._cell(number, found, maker) for number, (_, found) in enumerate(cheapest)]

    def _cell(self, number: int, masks: Mapping[int, int], maker: SiteMaker) -> _Cell:
        places = tuple(masks.get(shape.index, 0) for shape in self._filters.shapes)
        first = next(iter(masks))
        zone = (masks[first] & -masks[first]).bit_length() - 1
        values = maker.common(first, zone)[0]
        counts = [False] * len(self._book.counters)
        for shape, mask in masks.items():
            for bit in range(len(self._filters.zones)):
                if mask >> bit & 1:
                    # The cell counts for a constraint as soon as one of its nodes could.
                    for index, each in enumerate(maker.common(shape, bit)[1]):
                        counts[index] = counts[index] or each
        site = Site(f"cell-{number}", first, zone, values, tuple(counts))
        return _Cell(places, site)

    def run(self, lots: list[Lot], refused: list[tuple[Unit, int]]) -> Assignment:
        waiting = [(unit, unit.count) for unit in sorted(self._tied, key=self._precedence)]
        runs: list[tuple[int, int, int]] = []
        position = {id(unit): index for index, unit in enumerate(self._tied)}
        while waiting:
            still: list[tuple[Unit, int]] = []
            progress = False
            for unit, count in waiting:
                placed = self._place_all(unit, position[id(unit)], count, runs)
                progress = progress or placed > 0
                if placed < count:
                    still.append((unit, count - placed))
            waiting = still
            if not progress:
                break
        index_of: dict[tuple[int, int], int] = {}
        for (unit_index, cell), count in self._lots.items():
            index_of[unit_index, cell] = len(lots)
            unit = self._tied[unit_index]
            lots.append(Lot(unit, self._choices_in(unit, cell), count, cell))
        order = [(index_of[unit_index, cell], count) for unit_index, cell, count in runs]
        return Assignment(lots, order, [*refused, *waiting])

    def _precedence(self, unit: Unit) -> tuple[int, float]:
        """Pods that others want to stand beside go first, then the large ones."""
        wants = any(
            not near.may_be_first
            for index, _ in unit.contents
            if index in self._book.rules
            for near in self._book.rules[index].near
        )
        return int(wants), -self._size(unit)

    def _size(self, unit: Unit) -> float:
        if not self._filters.shapes:
            return 0.0
        scale = self._filters.shapes[0].room
        return sum(wanted / max(1, room) for wanted, room in zip(unit.vector, scale, strict=True))

    def _place_all(self, unit: Unit, index: int, count: int, runs: list[tuple[int, int, int]]) -> int:
        open_cells = [
            (number, cell) for number, cell in enumerate(self._cells) if self._choices_in(unit, number)
        ]
        size = self._size(unit)
        for done in range(count):
            best: tuple[float, int, float, int] | None = None
            for number, cell in open_cells:
                if not self._fits_rules(unit, cell.site):
                    continue
                score = sum(self._cluster.score(each, cell.site) for each, _ in unit.contents)
                rank = self._rank(unit, number)
                key = (-score, rank, cell.load, number)
                if best is None or key < best:
                    best = key
            if best is None:
                return done
            number = best[3]
            cell = self._cells[number]
            cell.load += size
            for each, pods in unit.contents:
                self._cluster.place(each, cell.site, pods)
            self._lots[index, number] = self._lots.get((index, number), 0) + 1
            if runs and runs[-1][:2] == (index, number):
                runs[-1] = (index, number, runs[-1][2] + 1)
            else:
                runs.append((index, number, 1))
        return count

    def _fits_rules(self, unit: Unit, site: Site) -> bool:
        if len(unit.contents) == 1 and unit.contents[0][1] == 1:
            return not self._cluster.refusal(unit.contents[0][0], site)
        placed: list[int] = []
        fine = True
        for index, count in unit.contents:
            for _ in range(count):
                if self._cluster.refusal(index, site):
                    fine = False
                    break
                self._cluster.place(index, site)
                placed.append(index)
            if not fine:
                break
        for index in placed:
            self._cluster.place(index, site, -1)
        return fine

    def _choices_in(self, unit: Unit, cell: int) -> list[Places]:
        spec = self._classes[unit.lead].spec
        key = (id(unit.places), unit.vector, spec.node_preferences, cell)
        found = self._choices.get(key)
        if found is None:
            within = tuple(a & b for a, b in zip(unit.places, self._cells[cell].places, strict=True))
            found = self._choices[key] = self._filters.choices(spec, unit.vector, within)
        return found

    def _rank(self, unit: Unit, cell: int) -> int:
        first = self._choices_in(unit, cell)[0]
        shape = next(index for index, mask in enumerate(first) if mask)
        return self._filters.shapes[shape].rank
