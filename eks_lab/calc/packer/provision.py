"""Karpenter's job: lots onto new nodes, as cheaply as the rules allow.

Karpenter itself goes through the pods largest first, keeps for each node in the making every type that
still fits, and lets EC2 start the cheapest at the end. Here the same decision is taken with more
foresight, so that the result is what a good run can reach: pods have values (`dual_prices`), nodes are
filled from the most valuable pod on (`fill`), the shape whose content is worth most for its price is
taken, and values are found anew when a good part of the pods is placed.
"""

from __future__ import annotations

from collections.abc import Sequence

from eks_lab.calc.packer.completion_values import completion_values
from eks_lab.calc.packer.cutting_stock import Container, Kind, Pattern
from eks_lab.calc.packer.domains import Lot
from eks_lab.calc.packer.drafts import Limits, NodeDraft, Provisioning, load_of, zones_for
from eks_lab.calc.packer.dual_prices import Demand, Offer, Prices, ascend, offers_taking
from eks_lab.calc.packer.effort import Effort
from eks_lab.calc.packer.fill import STYLES, Filling, Parcel, Shelf, fill, shelve, tidy
from eks_lab.calc.packer.filters import Filters, Places, fits
from eks_lab.calc.packer.patterns import MOST_KINDS
from eks_lab.calc.packer.shapes import undominated
from eks_lab.calc.packer.units import HostLoad

_REPACKED = 400
"""Units of the poorest nodes that are packed once more together."""
_SEED_DECIDES = 0.1
"""From such a part of a node's price on, the value of its seed decides how well it can be filled."""


def provision(lots: Sequence[Lot], filters: Filters) -> Provisioning:
    """Find nodes for lots.

    Args:
        lots: each with at least one choice of places where one of its units fits.
        filters: shapes, zones and resources.
    """
    best: Provisioning | None = None
    effort = Effort.of(lots)
    provisioner = _Provisioner(lots, filters, effort)
    for style in effort.styles:
        found = provisioner.run(style)
        if best is None or _merit(found, filters) < _merit(best, filters):
            best = found
    assert best is not None
    return best


def _merit(found: Provisioning, filters: Filters) -> tuple[int, float]:
    cost = sum(filters.shapes[node.shape].usd_per_hour for node in found.nodes)
    return sum(found.left_over.values()), cost


class _Provisioner:
    def __init__(self, lots: Sequence[Lot], filters: Filters, effort: Effort) -> None:
        self._lots = lots
        self._effort = effort
        self._filters = filters
        self._shapes = filters.shapes
        self._limits = Limits.of(filters.shapes)
        # With rules between pods a node takes far longer to fill: there every seed's own try is too dear.
        self._tries_by_seed = all(lot.unit.rules is None for lot in lots)
        self._rooms: dict[tuple[int, int], list[tuple[int, tuple[int, ...]]]] = {}
        self._usable: dict[tuple[int, ...], list[int]] = {}
        self._first: dict[object, Prices] = {}
        every = {id(places): places for lot in lots for places in lot.choices}
        self._cheapest_first = sorted(
            (self._shapes[index] for index in undominated(self._shapes, list(every.values()))),
            key=lambda shape: (shape.usd_per_hour, shape.index),
        )

    def run(self, style: str) -> Provisioning:
        self._limits = Limits.of(self._shapes)
        waiting = {index: lot.count for index, lot in enumerate(self._lots) if lot.count}
        level = dict.fromkeys(waiting, 0)
        nodes: list[NodeDraft] = []
        left_over: dict[int, int] = {}
        while waiting:
            places = {index: self._lots[index].choices[level[index]] for index in waiting}
            drafts, rest = self._pack(waiting, places, style)
            if not rest and self._may_use_patterns(places):
                drafts = self._by_patterns(waiting, places, style, drafts)
            if not rest:
                drafts = self._improve([self._downsized(draft) for draft in drafts], places)
            nodes += drafts
            waiting = {}
            for index, count in rest.items():
                level[index] += 1
                if level[index] < len(self._lots[index].choices):
                    waiting[index] = count
                else:
                    left_over[index] = count
        return Provisioning([self._downsized(node) for node in nodes], left_over)

    def _may_use_patterns(self, places: dict[int, Places]) -> bool:
        """Whether nothing but room decides what goes together: no rules, limits, minValues or split zones."""
        return (
            len({(id(each), self._lots[index].unit.vector) for index, each in places.items()}) <= MOST_KINDS
            and not any(self._lots[index].unit.rules for index in places)
            and not any(shape.limits or shape.min_values or not shape.usd_per_hour for shape in self._shapes)
            and all(
                mask in (0, shape.zones)
                for each in {id(each): each for each in places.values()}.values()
                for mask, shape in zip(each, self._shapes, strict=True)
            )
        )

    def _by_patterns(
        self, waiting: dict[int, int], places: dict[int, Places], style: str, drafts: list[NodeDraft]
    ) -> list[NodeDraft]:
        """Return nodes found by column generation and, for what that leaves, by filling; or those given.

        Args:
            waiting: lot -> units.
            places: where each lot may go.
            style: of filling.
            drafts: nodes for all of them that are known already.
        """
        distinct = {id(each): each for each in places.values()}
        usable = undominated(self._shapes, list(distinct.values()))
        alike: dict[tuple[tuple[int, ...], tuple[int, ...]], list[int]] = {}
        for index in waiting:
            vector = self._lots[index].unit.vector
            offers = offers_taking(vector, self._rooms_in(places[index], usable))
            alike.setdefault((vector, offers), []).append(index)
        queues = [lots for _, lots in sorted(alike.items())]
        kinds = tuple(
            Kind(vector, sum(waiting[index] for index in lots), frozenset(offers))
            for (vector, offers), lots in sorted(alike.items())
        )
        containers = tuple(
            Container(self._shapes[index].usd_per_hour, self._shapes[index].room) for index in usable
        )
        prices = self._first[tuple(distinct)]
        demands = [
            Demand(kind.vector, kind.count, tuple(sorted(kind.shapes)), name=number)
            for number, kind in enumerate(kinds)
        ]
        kind_of = {lot: number for number, lots in enumerate(queues) for lot in lots}
        numbers = {shape: number for number, shape in enumerate(usable)}
        seen = dict.fromkeys(
            Pattern(numbers[draft.shape], _by_kind(draft.units, kind_of))
            for draft in drafts
            if draft.shape in numbers
        )
        purchase = self._filters.patterns.buy(kinds, containers, prices.values(demands), list(seen))
        left = dict(waiting)
        found: list[NodeDraft] = []
        for pattern, count in purchase.whole:
            for _ in range(count):
                units: dict[int, int] = {}
                for kind, wanted in pattern.contents:
                    self._draw(queues[kind], left, wanted, units)
                shape = usable[pattern.shape]
                found.append(NodeDraft(shape, self._shapes[shape].zones, units))
        left = {index: count for index, count in left.items() if count}
        if left:
            more, _ = self._pack(left, {index: places[index] for index in left}, style)
            found += more
        return min(found, drafts, key=lambda each: sum(self._price(draft) for draft in each))

    def _draw(self, queue: list[int], left: dict[int, int], wanted: int, units: dict[int, int]) -> None:
        """Take units of lots that are alike, one lot after the other."""
        while wanted:
            lot = queue[-1]
            count = min(wanted, left[lot])
            if count:
                units[lot] = units.get(lot, 0) + count
                left[lot] -= count
                wanted -= count
            if not left[lot]:
                queue.pop()

    def _improve(self, drafts: list[NodeDraft], places: dict[int, Places]) -> list[NodeDraft]:
        """Unload the poorest nodes and pack their pods anew, as long as that is cheaper."""
        for _ in range(self._effort.repacks):
            order = sorted(range(len(drafts)), key=lambda index: drafts[index].worth)
            better = self._repacked(drafts, self._group(drafts, order, _REPACKED), places)
            if better is None:
                break
            drafts = better
        return drafts

    def _group(self, drafts: list[NodeDraft], order: list[int], most: int) -> list[int]:
        """Return the first nodes of an order whose units do not exceed a number, two at least."""
        chosen: list[int] = []
        units = 0
        for index in order:
            size = sum(drafts[index].units.values())
            if len(chosen) > 1 and units + size > most:
                break
            chosen.append(index)
            units += size
        return chosen

    def _repacked(
        self, drafts: list[NodeDraft], chosen: list[int], places: dict[int, Places]
    ) -> list[NodeDraft] | None:
        """Return the nodes with a group packed anew, None when that costs no less."""
        if len(chosen) < 2:
            return None
        freed: dict[int, int] = {}
        for index in chosen:
            self._limits.take(self._shapes[drafts[index].shape], -1)
            for lot, count in drafts[index].units.items():
                freed[lot] = freed.get(lot, 0) + count
        least = sum(self._price(drafts[index]) for index in chosen) - 1e-9
        best: list[NodeDraft] | None = None
        single = self._all_on_one(freed, places)
        if single is not None and self._price(single) < least:
            best, least = [single], self._price(single)
        for style in STYLES if self._effort.repacks > 1 else self._effort.styles:
            kept = dict(self._limits.left)
            tried, missing = self._pack(freed, places, style)
            self._limits.left = kept
            cost = sum(self._price(draft) for draft in tried)
            if not missing and cost < least:
                best, least = tried, cost
        for draft in best or [drafts[index] for index in chosen]:
            self._limits.take(self._shapes[draft.shape], 1)
        if best is None:
            return None
        gone = set(chosen)
        return [draft for index, draft in enumerate(drafts) if index not in gone] + [
            self._downsized(draft) for draft in best
        ]

    def _price(self, draft: NodeDraft) -> float:
        return self._shapes[self._downsized(draft).shape].usd_per_hour

    def _all_on_one(self, units: dict[int, int], places: dict[int, Places]) -> NodeDraft | None:
        """Return one node for everything, the cheapest; None when there is none."""
        load = HostLoad()
        for lot, count in units.items():
            rules = self._lots[lot].unit.rules
            for _ in range(count if rules is not None else 0):
                assert rules is not None
                if not load.admits(rules):
                    return None
                load.add(rules)
        size = len(self._filters.resources)
        total = [
            sum(self._lots[lot].unit.vector[index] * count for lot, count in units.items())
            for index in range(size)
        ]
        kinds = list({id(places[lot]): places[lot] for lot in units}.values())
        for shape in self._cheapest_first:
            if not fits(total, shape.room) or (shape.min_values and len(kinds) > 1):
                continue
            zones = shape.zones
            for each in kinds:
                zones &= each[shape.index]
            if zones and self._limits.affordable(shape, 1):
                return NodeDraft(shape.index, zones, dict(units))
        return None

    def _pack(
        self,
        waiting: dict[int, int],
        places: dict[int, Places],
        style: str,
    ) -> tuple[list[NodeDraft], dict[int, int]]:
        """Pack lots by one choice of places.

        Args:
            waiting: lot -> units.
            places: where each lot may go; those of all lots of the round, not of these alone.
            style: of filling.

        Returns:
            Nodes, and what the limits kept out.
        """
        waiting = dict(waiting)
        distinct = {id(each): each for each in places.values()}
        usable = self._usable.get(tuple(distinct))
        if usable is None:
            usable = self._usable[tuple(distinct)] = undominated(self._shapes, list(distinct.values()))
        offers = [Offer(self._shapes[index].usd_per_hour, self._shapes[index].room) for index in usable]
        nodes: list[NodeDraft] = []
        rest: dict[int, int] = {}
        prices: Prices | None = None
        known: dict[tuple[int, tuple[int, ...]], tuple[int, ...]] = {}
        while waiting:
            demands = [
                self._demand(index, count, places[index], usable, known) for index, count in waiting.items()
            ]
            prices = self._prices(demands, offers, prices, tuple(distinct))
            values = (
                completion_values(prices, demands) if self._effort.by_completion else prices.values(demands)
            )
            parcels = [
                (self._parcel(index, count, value), places[index])
                for (index, count), value in zip(waiting.items(), values, strict=True)
            ]
            self._pack_with(prices, parcels, usable, style, nodes, rest)
            waiting = {parcel.lot: parcel.left for parcel, _ in parcels if parcel.left}
        return nodes, rest

    def _prices(
        self, demands: list[Demand], offers: list[Offer], before: Prices | None, places: tuple[int, ...]
    ) -> Prices:
        """Return prices; the first ones are found once, whatever is packed again later."""
        if before is None:
            before = self._first.get(places)
            if before is None:
                before = self._first[places] = ascend(demands, offers)
                return before
        return ascend(demands, offers, before, rounds=self._effort.rounds)

    def _demand(
        self,
        index: int,
        count: int,
        places: Places,
        usable: list[int],
        known: dict[tuple[int, tuple[int, ...]], tuple[int, ...]],
    ) -> Demand:
        unit = self._lots[index].unit
        key = (id(places), unit.vector)
        offers = known.get(key)
        if offers is None:
            offers = offers_taking(unit.vector, self._rooms_in(places, usable))
            known[key] = offers
        return Demand(unit.vector, count, offers, unit.rules.per_node if unit.rules else 0, index)

    def _rooms_in(self, places: Places, usable: list[int]) -> list[tuple[int, tuple[int, ...]]]:
        key = (id(places), id(usable))
        found = self._rooms.get(key)
        if found is None:
            found = self._rooms[key] = [
                (number, self._shapes[shape].room) for number, shape in enumerate(usable) if places[shape]
            ]
        return found

    def _parcel(self, index: int, count: int, value: float) -> Parcel:
        unit = self._lots[index].unit
        cpu, memory, pods, *more = unit.vector
        return Parcel(index, cpu, memory, pods, tuple(more) if any(more) else (), count, value, unit.rules)

    def _pack_with(
        self,
        prices: Prices,
        parcels: list[tuple[Parcel, Places]],
        usable: list[int],
        style: str,
        nodes: list[NodeDraft],
        rest: dict[int, int],
    ) -> None:
        """Pack until the values are worn out or nothing waits."""
        shelves = shelve(parcels)
        order = sorted(parcels, key=lambda each: -each[0].value)
        worth = sum(parcel.value * parcel.left for parcel, _ in parcels)
        whole = worth
        is_small = sum(parcel.left for parcel, _ in parcels) <= self._effort.small
        target = 0.0 if is_small else whole * self._effort.renewed_at
        used = sum(prices.use)
        chosen = [number for number, use in enumerate(prices.use) if use > 0.02 * used]
        numbers = list(range(len(usable))) if is_small or not chosen else chosen
        known = dict.fromkeys(numbers, 9.0)
        is_wide = len(numbers) == len(usable)
        shares = [prices.shares(number) for number in range(len(usable))]
        position = 0
        spent = 0
        while worth > target + 1e-12:
            while position < len(order) and not order[position][0].left:
                position += 1
            if position == len(order):
                break
            seed, seed_places = order[position]
            best = self._best(seed, seed_places, shelves, usable, shares, known, style)
            if (best is None or best[0] < self._effort.poor) and not is_wide:
                if worth < whole * 0.9:
                    return
                is_wide = True
                for number in range(len(usable)):
                    known.setdefault(number, 9.0)
                continue
            if best is None:
                rest[seed.lot] = rest.get(seed.lot, 0) + seed.left
                worth -= seed.value * seed.left
                seed.left = 0
                continue
            ratio, number, filling, zones, copies = best
            shape = usable[number]
            copies = min(copies, *(parcel.left // count for parcel, count in filling))
            self._limits.take(self._shapes[shape], copies)
            units = {parcel.lot: count for parcel, count in filling}
            nodes.extend(NodeDraft(shape, zones, dict(units), ratio) for _ in range(copies))
            for parcel, count in filling:
                parcel.left -= copies * count
                worth -= parcel.value * copies * count
                spent += not parcel.left
            if 16 * spent > len(parcels):
                spent = 0
                shelves = tidy(shelves)

    def _best(
        self,
        seed: Parcel,
        seed_places: Places,
        shelves: list[Shelf],
        usable: list[int],
        shares: list[list[float]],
        known: dict[int, float],
        style: str,
    ) -> tuple[float, int, Filling, int, int] | None:
        """Return the shape whose content is worth most for its price, with the content.

        `known` holds what each shape was worth when it was last filled. That sinks as pods run out, so
        a shape whose old figure is below the best new one need not be filled again.
        """
        best: tuple[float, int, Filling, int, int] | None = None
        vector = self._lots[seed.lot].unit.vector
        for hope, number in self._hopes(seed, vector, usable, shares, known):
            if best is not None and hope <= best[0]:
                break
            shape = self._shapes[usable[number]]
            if not seed_places[shape.index] or not fits(vector, shape.room):
                continue
            copies = self._limits.affordable(shape, seed.left)
            if not copies:
                continue
            filling, zones = fill(
                seed,
                seed_places,
                shelves,
                shape.index,
                shape.room,
                shares[number],
                style,
                alike=bool(shape.min_values),
                size_bonus=self._effort.size_bonus,
            )
            worth = sum([parcel.value * count for parcel, count in filling])
            ratio = worth / shape.usd_per_hour if shape.usd_per_hour else 9.0
            known[number] = ratio
            if best is None or ratio > best[0]:
                best = (ratio, number, filling, zones, copies)
        return best

    def _hopes(
        self,
        seed: Parcel,
        vector: tuple[int, ...],
        usable: list[int],
        shares: list[list[float]],
        known: dict[int, float],
    ) -> list[tuple[float, int]]:
        """Return what each shape may be worth for its price with a seed, and its number, the best first.

        On a large node that is what it was worth when it was last filled. How well a small one comes out
        depends on the seed: it loses at least what the seed takes up there above its own value.
        """
        hopes = []
        for number, ratio in known.items():
            shape = self._shapes[usable[number]]
            usd = shape.usd_per_hour
            decides = self._tries_by_seed and seed.value > _SEED_DECIDES * usd
            if decides and ratio < 9.0 and fits(vector, shape.room):
                asks = sum(
                    [
                        share * wanted / room
                        for share, wanted, room in zip(shares[number], vector, shape.room, strict=True)
                        if wanted
                    ]
                )
                ratio = self._effort.hope - asks + seed.value / usd
            hopes.append((ratio, number))
        hopes.sort(reverse=True)
        return hopes

    def _downsized(self, node: NodeDraft) -> NodeDraft:
        """Return the node with the cheapest shape that holds its content."""
        own = self._shapes[node.shape]
        load = load_of(node, self._lots, len(own.room))
        for shape in self._cheapest_first:
            if shape.usd_per_hour >= own.usd_per_hour:
                break
            if (
                fits(load, shape.room)
                and shape.owner == own.owner
                and shape.capacity_type == own.capacity_type
                and (zones := zones_for(node, shape, self._lots))
            ):
                return NodeDraft(shape.index, zones, node.units, node.worth)
        return node


def _by_kind(units: dict[int, int], kind_of: dict[int, int]) -> tuple[tuple[int, int], ...]:
    contents: dict[int, int] = {}
    for lot, count in units.items():
        contents[kind_of[lot]] = contents.get(kind_of[lot], 0) + count
    return tuple(sorted(contents.items()))
