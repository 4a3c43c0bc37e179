"""A VPC's layout as tables and pictures: the subnets, the map of the ranges, use and growth."""

from __future__ import annotations

from ipaddress import IPv4Network

from eks_lab.calc.model import Grid, Plot, Series
from eks_lab.calc.subnet_demand import Role
from eks_lab.calc.subnet_layout import ZONE_LETTERS, Layout, Subnet

_CELLS, _CELLS_A_ROW = 256, 16
_SMALLEST_CELL = 16
_FREE, _SEVERAL = "··", "++"
_LETTERS: dict[Role, str] = {"nodes": "n", "pods": "p", "public": "u", "control-plane": "c"}
_MOST_POINTS = 60
_MOST_MAPS = 8


def grids(layout: Layout) -> tuple[Grid, ...]:
    """Return the table of subnets, then a map of each range of the VPC (eight at most), added ones last."""
    months = layout.question.horizon_months
    table = Grid(
        title="Subnets",
        columns=(
            "Subnet",
            "Range",
            "Last address",
            "Usable",
            "Now",
            f"Month {months}",
            "Free then",
            "/28 left",
        ),
        rows=tuple(
            (
                subnet.name,
                str(subnet.network),
                str(subnet.network.broadcast_address),
                subnet.usable,
                subnet.needed_now,
                subnet.needed_then,
                subnet.usable - subnet.needed_then,
                subnet.blocks_left,
            )
            for subnet in layout.subnets
        ),
    )
    ranges = (*layout.question.ranges[:_MOST_MAPS], *layout.added)
    return (table, *(_map(network, layout.subnets) for network in ranges))


def _map(network: IPv4Network, subnets: tuple[Subnet, ...]) -> Grid:
    count = min(_CELLS, network.num_addresses // _SMALLEST_CELL)
    size = network.num_addresses // count
    start = int(network.network_address)
    cells = [_FREE] * count
    for subnet in subnets:
        if not subnet.network.subnet_of(network):
            continue
        first = (int(subnet.network.network_address) - start) // size
        last = (int(subnet.network.broadcast_address) - start) // size
        label = _LETTERS[subnet.role] + ZONE_LETTERS[subnet.zone]
        for cell in range(first, last + 1):
            cells[cell] = label if cells[cell] in (_FREE, label) else _SEVERAL
    rows: list[tuple[str, str]] = []
    for row in range(0, count, _CELLS_A_ROW):
        line = cells[row : row + _CELLS_A_ROW]
        # Rows of one label say nothing new one by one.
        label = line[0] if len(line) == _CELLS_A_ROW and len(set(line)) == 1 else ""
        text = f"{label} × {_CELLS_A_ROW}" if label else " ".join(line)
        if label and rows and rows[-1][1].startswith(f"{label} × "):
            text = f"{label} × {int(rows[-1][1].rpartition(' ')[2]) + _CELLS_A_ROW}"
            rows[-1] = (rows[-1][0], text)
        else:
            rows.append((str(network.network_address + row * size), text))
    return Grid(
        title=f"{network}, {size} addresses a cell",
        columns=(
            "From",
            f"n nodes, p pods, u public, c control plane, with the zone; {_SEVERAL} several; {_FREE} free",
        ),
        rows=tuple(rows),
    )


def plots(layout: Layout) -> tuple[Plot, ...]:
    """Return the use of each subnet as bars, and what a zone needs against its room over the months."""
    return (_use(layout), _growth(layout))


def _use(layout: Layout) -> Plot:
    def bars(taken: list[int]) -> tuple[tuple[float, float], ...]:
        return tuple(
            (number, round(100 * amount / subnet.usable, 1))
            for number, (subnet, amount) in enumerate(zip(layout.subnets, taken, strict=True), start=1)
        )

    return Plot(
        title="Use of each subnet, in the order of the table",
        x_label="Subnet",
        y_label="Addresses taken (%)",
        series=(
            Series(
                name=f"month {layout.question.horizon_months}",
                points=bars([subnet.needed_then for subnet in layout.subnets]),
                style="bar",
            ),
            Series(name="now", points=bars([subnet.needed_now for subnet in layout.subnets]), style="bar"),
        ),
    )


def _growth(layout: Layout) -> Plot:
    question = layout.question
    role: Role = "pods" if question.is_custom else "nodes"
    own = [subnet for subnet in layout.of_role(role) if subnet.zone == 0]
    each, others = own[0].demand.each.addresses, own[0].demand.others
    last = max(question.horizon_months, layout.runs_out_with_added_months or 0, 1)
    months = sorted({*range(0, last + 1, max(1, -(-last // _MOST_POINTS))), last})

    def room(subnets: list[Subnet]) -> tuple[tuple[float, float], ...]:
        addresses = sum(subnet.nodes_room for subnet in subnets) * each + others
        return ((0, addresses), (last, addresses))

    needed = Series(
        name="needed",
        points=tuple((month, question.nodes_per_zone(month) * each + others) for month in months),
        style="step",
    )
    given = [subnet for subnet in own if not subnet.is_added]
    series = [needed]
    if given:
        series.append(Series(name="room in the ranges given", points=room(given)))
    if len(given) < len(own):
        series.append(Series(name="room with ranges added", points=room(own)))
    return Plot(
        title=f"Addresses that the {role} of a zone need, and their room",
        x_label="Months from now",
        y_label="Addresses",
        series=tuple(series),
    )
