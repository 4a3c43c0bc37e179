"""The working of a VPC plan: steps and warnings."""

from __future__ import annotations

from eks_lab.calc import eni
from eks_lab.calc.address_space import RANGES_A_VPC, SHARED_SPACE, private_block, usable_addresses
from eks_lab.calc.model import Step
from eks_lab.calc.subnet_demand import (
    CLUSTER_ADDRESSES,
    CLUSTER_ADDRESSES_ADVISED,
    LOAD_BALANCER_ADDRESSES,
    LOAD_BALANCER_PREFIXLEN,
    Role,
)
from eks_lab.calc.subnet_layout import Layout, Subnet
from eks_lab.catalog.kubernetes_versions import calendar

ENIS_A_REGION = 5_000
"""Default quota of network interfaces in a Region."""
NAU_A_VPC = 64_000
"""Default quota of network address units in a VPC: an address, a prefix, an interface is one each."""


def main_role(layout: Layout) -> Role:
    """Return the kind of subnet that pods take addresses from."""
    return "pods" if layout.question.is_custom else "nodes"


def main_subnet(layout: Layout) -> Subnet:
    """Return the first zone's subnet that pods take addresses from."""
    return layout.of_role(main_role(layout))[0]


def steps(layout: Layout) -> tuple[Step, ...]:
    """Return the working, in order."""
    question, subnet = layout.question, main_subnet(layout)
    each, others = subnet.demand.each, subnet.demand.others
    now, then = question.nodes_per_zone(0), question.nodes_per_zone(question.horizon_months)
    prefixlen = subnet.network.prefixlen
    found = [
        Step(
            formula="pods a node = ⌈pods ÷ nodes⌉",
            substitution=f"⌈{question.pods} ÷ {question.nodes}⌉",
            value=question.pods_per_node,
            unit="pods",
            why=f"{question.instance.name} carries {question.most_pods_per_node} at most in this mode; nodes"
            " and pods grow alike.",
        ),
        _node_step(layout),
        Step(
            formula="surge a zone = ⌈max(2 × zones, maxUnavailable) ÷ zones⌉",
            substitution=f"⌈max({calendar().rules.surge_nodes_per_zone} × {question.zones}, {question.max_unavailable})"
            f" ÷ {question.zones}⌉",
            value=question.surge_per_zone,
            unit="nodes",
            why="A managed node group starts new nodes before it drains old ones.",
        ),
        Step(
            formula="nodes a zone today = ⌈nodes ÷ zones⌉ + surge",
            substitution=f"⌈{question.nodes} ÷ {question.zones}⌉ + {question.surge_per_zone}",
            value=now,
            unit="nodes",
            why="The busiest moment of the busiest zone decides.",
        ),
        Step(
            formula="nodes at the horizon = ⌈nodes × (1 + growth) ^ months⌉",
            substitution=f"⌈{question.nodes} × (1 + {question.growth_percent:.10g} ÷ 100)"
            f" ^ {question.horizon_months}⌉",
            value=question.nodes_after(question.horizon_months),
            unit="nodes",
            why="Growth a month, compounded.",
        ),
        Step(
            formula="nodes a zone then = ⌈nodes ÷ zones⌉ + surge",
            substitution=f"⌈{question.nodes_after(question.horizon_months)} ÷ {question.zones}⌉"
            f" + {question.surge_per_zone}",
            value=then,
            unit="nodes",
            why="What each subnet is cut for, because a subnet cannot grow.",
        ),
        Step(
            formula="needed a zone = nodes × addresses a node + others + 5 of AWS",
            substitution=f"{then} × {each.addresses} + {others} + 5",
            value=then * each.addresses + others + 5,
            unit="addresses",
            why=_others_why(layout),
        ),
        Step(
            formula="usable = 2 ^ (32 − length) − 5",
            substitution=f"2 ^ (32 − {prefixlen}) − 5",
            value=usable_addresses(prefixlen),
            unit="addresses",
            why=_size_why(layout, prefixlen),
        ),
        Step(
            formula="nodes a subnet holds",
            substitution=str(subnet.nodes_room),
            value=subnet.nodes_room,
            unit="nodes",
            why=f"{each.prefixes} whole blocks and {each.singles} further addresses each; the first and last"
            " block hold no prefix."
            if each.prefixes
            else f"({subnet.usable} − {subnet.others}) ÷ {each.addresses}, without the rest.",
        ),
    ]
    if layout.runs_out_months is not None:
        found.append(_shortage_step(layout))
    return tuple(found)


def _node_step(layout: Layout) -> Step:
    question = layout.question
    pool = question.pool
    if question.mode == "ipv6":
        return Step(
            formula="IPv4 addresses a node = 1",
            substitution="1",
            value=1,
            unit="addresses",
            why="Pods live on a /80 prefix of IPv6; the node alone has an IPv4 address.",
        )
    if pool.prefixes:
        return Step(
            formula="addresses a node = 16 × prefixes + ENIs",
            substitution=f"16 × {pool.prefixes} + {pool.enis}",
            value=pool.subnet_ips,
            unit="addresses",
            why="With the CNI's defaults, one prefix kept warm; node-ips shows the working.",
        )
    return Step(
        formula="addresses a node = ENIs × addresses of an ENI",
        substitution=f"{pool.enis} × {question.instance.ipv4_per_eni}",
        value=pool.subnet_ips,
        unit="addresses",
        why="With the CNI's defaults, one ENI kept warm; node-ips shows the working.",
    )


def _others_why(layout: Layout) -> str:
    question = layout.question
    if question.is_custom:
        return "Nothing but pods lives in these subnets; each node takes one more address of the node subnet."
    parts = []
    if question.internal_load_balancers:
        parts.append(f"{LOAD_BALANCER_ADDRESSES} for each internal load balancer")
    if question.interface_endpoints:
        parts.append("one for each interface endpoint")
    if not question.control_plane_subnets:
        parts.append(f"{CLUSTER_ADDRESSES_ADVISED} for the control plane")
    return f"Others are {', '.join(parts)}." if parts else "Nothing else lives in these subnets."


def _size_why(layout: Layout, prefixlen: int) -> str:
    if layout.wanted_prefixlen == prefixlen:
        return f"/{prefixlen} is the smallest subnet that holds them."
    if layout.wanted_prefixlen is not None and prefixlen < layout.wanted_prefixlen:
        return f"A /{layout.wanted_prefixlen} would do; the zones share all the room there is."
    wanted = "More than a /16" if layout.wanted_prefixlen is None else f"A /{layout.wanted_prefixlen}"
    return f"{wanted} is needed; /{prefixlen} is what the ranges have for each zone."


def _shortage_step(layout: Layout) -> Step:
    question = layout.question
    months = layout.runs_out_months or 0
    grown = question.nodes_after(months)
    return Step(
        formula="runs out in the first month with more nodes a zone than fit",
        substitution=f"{months}",
        value=months,
        unit="months",
        why=f"Then {grown} nodes are {question.nodes_per_zone(months)} a zone, surge included, and the"
        f" {layout.limiting_role} subnets hold {layout.limiting_room}.",
    )


def warnings(layout: Layout) -> tuple[str, ...]:
    """Return what a learner should know before building it."""
    return (*_shortage_warnings(layout), *_mode_warnings(layout), *_range_warnings(layout))


def _shortage_warnings(layout: Layout) -> list[str]:
    question, found = layout.question, []
    added = ", ".join(map(str, layout.added[:4])) + (" …" if len(layout.added) > 4 else "")
    if not layout.fits:
        roles = {subnet.role for subnet in layout.subnets if subnet.is_added}
        if "nodes" not in roles:
            how = "give its subnets to new nodes as a second set of ENIConfigs"
        else:
            how = "start new node groups in its subnets"
            if not question.is_custom:
                how += "; the tag kubernetes.io/role/cni lets old nodes use them too"
        found.append(f"The ranges given do not last {question.horizon_months} months. Add {added} and {how}.")
    elif layout.added:
        found.append(f"Pods live in {added}: associate it with the VPC before the node groups are made.")
    if layout.unplaced_nodes:
        found.append(
            f"{layout.unplaced_nodes} nodes a zone find no place even with the {RANGES_A_VPC} ranges a VPC has by"
            " default: such growth is for an IPv6 cluster, or for several clusters."
        )
    used = main_subnet(layout)
    if layout.fits and not used.is_added and layout.largest_prefixlen < used.network.prefixlen:
        found.append(
            f"A subnet cannot grow later, and the ranges have room for /{layout.largest_prefixlen} instead of"
            f" /{used.network.prefixlen} for each zone's {used.role}: subnet_size largest takes it."
        )
    if layout.added:
        found.append(
            "Whole 100.64.0.0/16 ranges are free to use but not known outside the VPC: what must be reached from"
            " the company network goes through the node's address or a load balancer."
        )
    return found


def _mode_warnings(layout: Layout) -> list[str]:
    question, found = layout.question, []
    if question.mode == "ipv6":
        found.append(
            "IPv6 is reckoned as: one IPv4 address a node, none for pods (inferred from the best practices,"
            " 2026-05-04). Each subnet also gets a /64 of the VPC's /56."
        )
    elif question.wants_prefixes:
        found.append(
            "Prefixes need whole blocks: reserve the ranges with CIDR reservations of type prefix, and keep"
            " anything else out of these subnets. prefix-fit tells what is left of a subnet in use."
        )
    else:
        found.append(
            "/28 left is a best case: EC2 puts single addresses at random places, so hardly a block stays whole"
            " in a subnet in use."
        )
    if question.mode in ("prefix", "custom-networking-prefix") and not question.wants_prefixes:
        found.append(
            f"{question.instance.name} is not built on Nitro: the VPC CNI gives secondary addresses there."
        )
    if question.is_custom:
        found.append(
            "Custom networking takes the primary ENI away from pods and needs one ENIConfig for each zone, named"
            " after it; only new nodes use it."
        )
    if question.control_plane_subnets:
        found.append(
            f"EKS asks for {CLUSTER_ADDRESSES} free addresses in a cluster subnet and advises"
            f" {CLUSTER_ADDRESSES_ADVISED} (user guide); the best practices (2026-05-04) give the control plane"
            f" its own /28 with {usable_addresses(28)}. Nothing else may live in it."
        )
    if question.load_balancers or question.internal_load_balancers:
        found.append(
            f"{LOAD_BALANCER_ADDRESSES} addresses a subnet and at least a /{LOAD_BALANCER_PREFIXLEN} for each"
            " Application Load Balancer are widely known figures, not read again for this course (2026-11-22);"
            " a busy one takes more."
        )
    return found


def _range_warnings(layout: Layout) -> list[str]:
    question, found = layout.question, []
    count = len(question.ranges) + len(layout.added)
    if count > RANGES_A_VPC:
        found.append(f"{count} ranges are above the quota of {RANGES_A_VPC} in a VPC: ask AWS to raise it.")
    blocks = {network: private_block(network) for network in question.ranges}
    public = [str(network) for network, block in blocks.items() if block is None]
    if public:
        found.append(
            f"{', '.join(public)} belongs to somebody on the internet: addresses there are out of reach for"
            " your pods. Take a private range."
        )
    if len({block for block in blocks.values() if block not in (None, SHARED_SPACE)}) > 1:
        found.append(
            "EC2 refuses some combinations of private ranges in one VPC: try it first with aws ec2"
            " associate-vpc-cidr-block --dry-run."
        )
    pool, nodes = question.pool, question.nodes_after(question.horizon_months)
    enis = nodes * (pool.enis + question.is_custom)
    if enis > ENIS_A_REGION:
        found.append(f"{enis} ENIs at the horizon are above the quota of {ENIS_A_REGION} in a Region.")
    units = nodes * (pool.enis + (pool.prefixes or pool.pod_ips))
    if units > NAU_A_VPC:
        found.append(
            f"About {units} network address units at the horizon are above the quota of {NAU_A_VPC} in a VPC."
            + ("" if question.wants_prefixes else f" Prefixes count once for {eni.ADDRESSES_PER_PREFIX}.")
        )
    return found
