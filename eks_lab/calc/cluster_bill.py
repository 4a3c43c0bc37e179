"""What a cluster costs: from its parts to a bill. The form is in `eks_lab.calc.cluster_cost`."""

from __future__ import annotations

from eks_lab.calc import fargate_size
from eks_lab.calc.bill import Bill, BillItem, bill_of
from eks_lab.calc.cluster_plan import ClusterPlan
from eks_lab.calc.log_volume import stored_gb
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.catalog import instance_types
from eks_lab.catalog.log_delivery import log_delivery

BALANCER_PRICES = {"application": ("alb_hour", "alb_lcu_hour"), "network": ("nlb_hour", "nlb_lcu_hour")}


def cluster_bill(plan: ClusterPlan, book: PriceBook) -> Bill:
    """Return the bill of a cluster for a month.

    Args:
        plan: the cluster.
        book: the prices.

    Raises:
        InputError: the instance type has no price, or a Fargate pod fits no size.
    """
    return bill_of(
        *_control_plane(plan, book),
        *_nodes(plan, book),
        _fargate(plan, book),
        _item(book, "hybrid nodes", "Hybrid Nodes", plan.hybrid_vcpus, "vCPUs", "eks_hybrid_vcpu_hour", True),
        *_network(plan, book),
        *_storage(plan, book),
        *_keys_and_logs(plan, book),
    )


def _item(
    book: PriceBook, group: str, what: str, quantity: float, unit: str, key: str, hourly: bool, why: str = ""
) -> BillItem:
    return BillItem(
        group=group,
        what=what,
        quantity=quantity,
        unit=unit,
        usd_per_unit=book.value(key),
        hourly=hourly,
        why=why,
        price_keys=(key,),
    )


def _control_plane(plan: ClusterPlan, book: PriceBook) -> list[BillItem]:
    items = [
        _item(
            book,
            "control plane",
            "Control plane",
            1,
            "cluster",
            "eks_cluster_hour",
            True,
            "Every cluster pays it, with nodes or without.",
        )
    ]
    if plan.support == "extended":
        items.append(
            _item(
                book,
                "control plane",
                "Extended support",
                1,
                "cluster",
                "eks_extended_support_hour",
                True,
                "A version past its 14 months of standard support pays this on top.",
            )
        )
    if plan.tier != "standard":
        items.append(
            _item(
                book,
                "control plane",
                f"Provisioned tier {plan.tier.upper()}",
                1,
                "cluster",
                f"eks_tier_{plan.tier}_hour",
                True,
                "Capacity that is held ready, on top of the control plane.",
            )
        )
    return items


def _nodes(plan: ClusterPlan, book: PriceBook) -> list[BillItem]:
    if plan.nodes == 0:
        return []
    on_demand = book.node_usd_per_hour(instance_types.get(plan.instance))
    name = plan.instance

    def nodes(what: str, count: int, share: float, why: str, *keys: str) -> BillItem:
        return BillItem("nodes", what, count, "nodes", on_demand * share, True, why, keys)

    spot, spot_keys = _discount(plan.spot_discount_percent, "spot_discount_percent", book)
    plans, plan_keys = _discount(plan.savings_plan_discount_percent, "savings_plan_discount_percent", book)
    items = [
        nodes(f"{name} on demand", plan.on_demand_nodes, 1.0, "Paid by the second, without commitment."),
        nodes(
            f"{name} on Spot",
            plan.spot_nodes,
            1 - spot / 100,
            f"{spot:g} % off; EC2 may take a node back with two minutes' notice.",
            *spot_keys,
        ),
        nodes(
            f"{name}, Savings Plan",
            plan.savings_plan_nodes,
            1 - plans / 100,
            f"{plans:g} % off; the commitment is paid whether the nodes run or not.",
            *plan_keys,
        ),
    ]
    if plan.auto_mode:
        key = "eks_auto_mode_percent"
        items.append(
            BillItem(
                "Auto Mode",
                "Auto Mode fee",
                plan.nodes,
                "nodes",
                on_demand * book.value(key) / 100,
                True,
                f"About {book.value(key):g} % of the on-demand price of every node; no discount lowers it.",
                (key,),
            )
        )
    return items


def _discount(percent: float | None, key: str, book: PriceBook) -> tuple[float, tuple[str, ...]]:
    return (book.value(key), (key,)) if percent is None else (percent, ())


def _fargate(plan: ClusterPlan, book: PriceBook) -> BillItem | None:
    if plan.fargate_pods == 0:
        return None
    size = fargate_size.fargate_size(fargate_size.PodRequest.of(plan.fargate_cpu, plan.fargate_memory))
    return BillItem(
        group="Fargate",
        what="Fargate pods",
        quantity=plan.fargate_pods,
        unit="pods",
        usd_per_unit=fargate_size.usd_per_hour(size, book),
        hourly=True,
        why=f"Each is rounded up to {size.vcpu:g} vCPU and {size.memory_gb:g} GB.",
        price_keys=fargate_size.PRICE_KEYS,
    )


def _network(plan: ClusterPlan, book: PriceBook) -> list[BillItem | None]:
    hour_key, unit_key = BALANCER_PRICES[plan.load_balancer]
    balancer = f"{plan.load_balancer.capitalize()} Load Balancers"
    nat_hour = "regional_nat_gateway_hour" if plan.nat == "regional" else "nat_gateway_hour"
    nat_gb = plan.nat_gb if plan.nat_gateways else 0.0
    crossing = nat_gb * (plan.zones - 1) / plan.zones if plan.nat == "single" else 0.0

    def network(
        what: str, quantity: float, unit: str, key: str, *, hourly: bool = False, why: str
    ) -> BillItem:
        return _item(book, "network", what, quantity, unit, key, hourly, why)

    return [
        network(
            "NAT gateways",
            plan.nat_gateways,
            "gateways" if plan.nat != "regional" else "active zones",
            nat_hour,
            hourly=True,
            why="The way out of private subnets.",
        ),
        network(
            "NAT traffic",
            nat_gb,
            "GB",
            "nat_gateway_gb",
            why="Every GB through it, in or out, image layers too unless the S3 gateway endpoint takes them.",
        ),
        _both_directions(
            book,
            "Zones crossed to the single NAT",
            crossing,
            f"{plan.zones - 1} of {plan.zones} zones reach the gateway across a zone; both sides pay.",
        ),
        _both_directions(
            book, "Traffic across zones", plan.cross_zone_gb, "Sender's side and receiver's side both pay."
        ),
        network(
            "Traffic to the Internet", plan.internet_gb, "GB", "internet_out_gb", why="Out only; in is free."
        ),
        network(balancer, plan.load_balancers, "balancers", hour_key, hourly=True, why="Busy or idle."),
        network(
            "Balancer capacity units",
            plan.load_balancers * plan.load_balancer_units,
            "units",
            unit_key,
            hourly=True,
            why="The largest of new connections, open connections, bytes and (application) rules.",
        ),
        network(
            "Public IPv4 addresses",
            plan.public_addresses,
            "addresses",
            "public_ipv4_hour",
            hourly=True,
            why=f"{plan.nat_gateways} of NAT gateways, {plan.balancer_addresses} of load balancers,"
            f" {plan.public_ipv4} others.",
        ),
        network(
            "Interface endpoints",
            plan.interface_endpoints * plan.zones,
            "endpoints × zones",
            "interface_endpoint_hour",
            hourly=True,
            why="Each endpoint is paid in each zone; the S3 gateway endpoint is free.",
        ),
        network(
            "Endpoint traffic",
            plan.endpoint_gb if plan.interface_endpoints else 0.0,
            "GB",
            "interface_endpoint_gb",
            why="Every GB through interface endpoints.",
        ),
    ]


def _both_directions(book: PriceBook, what: str, gb: float, why: str) -> BillItem:
    key = "cross_zone_gb"
    return BillItem("network", what, gb, "GB", 2 * book.value(key), False, why, (key,))


def _storage(plan: ClusterPlan, book: PriceBook) -> list[BillItem]:
    def storage(what: str, quantity: float, unit: str, key: str, why: str) -> BillItem:
        return _item(book, "storage", what, quantity, unit, key, False, why)

    return [
        storage(
            "Node disks (gp3)",
            plan.nodes * plan.root_gib,
            "GiB",
            "gp3_gib_month",
            f"{plan.root_gib:g} GiB on each of {plan.nodes} nodes.",
        ),
        storage(
            "EBS volumes (gp3)", plan.ebs_gib, "GiB", "gp3_gib_month", "Paid as provisioned, full or empty."
        ),
        storage("EFS Standard", plan.efs_gib, "GB", "efs_gb_month", "Paid as used."),
        storage("EFS reads", plan.efs_read_gb, "GB", "efs_read_gb", "Elastic throughput: paid by the GB."),
        storage("EFS writes", plan.efs_write_gb, "GB", "efs_write_gb", "Elastic throughput: paid by the GB."),
    ]


def _keys_and_logs(plan: ClusterPlan, book: PriceBook) -> list[BillItem]:
    kept = stored_gb(plan.log_gb, plan.kept_days, log_delivery().compressed_percent)
    return [
        _item(
            book,
            "keys",
            "KMS keys",
            plan.kms_keys,
            "keys",
            "kms_key_month",
            False,
            "A key of your own; the one AWS owns encrypts Kubernetes data for nothing.",
        ),
        BillItem(
            "keys",
            "KMS requests",
            plan.kms_requests,
            "requests",
            book.value("kms_10k_requests") / 10_000,
            False,
            "The API server keeps its data key in memory, so they are few.",
            ("kms_10k_requests",),
        ),
        _item(
            book,
            "logs",
            "Log ingestion",
            plan.log_gb,
            "GB",
            "cloudwatch_ingest_gb",
            False,
            "Paid once, as it comes in, before compression.",
        ),
        _item(
            book,
            "logs",
            "Log storage",
            kept,
            "GB",
            "cloudwatch_stored_gb_month",
            False,
            f"{plan.kept_days} days of logs at {log_delivery().compressed_percent:g} % of their size.",
        ),
    ]
