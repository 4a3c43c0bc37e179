"""What the account costs: the calculators' prices, from creation to deletion, to the second."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime, timedelta
from typing import Any

import pytest

from eks_lab.aws.billing import charges
from eks_lab.aws.billing.costs import CostLine, Costs, costs
from eks_lab.aws.billing.records import METERS
from eks_lab.calc.cluster_bill import cluster_bill
from eks_lab.calc.cluster_plan import ClusterPlan
from eks_lab.calc.price_overrides import PriceBook
from eks_lab.catalog import instance_types, prices, service_prices
from eks_lab.sim.objects import Key
from tests.aws.ec2.world import World, node_image

HOUR = 3600


def now_of(world: World) -> datetime:
    return world.account.clock.now()


def bill(world: World) -> Costs:
    return costs(world.account, now_of(world))  # type: ignore[arg-type]


def line(world: World, what: str) -> CostLine:
    found = [each for each in bill(world).lines if each.what == what]
    assert len(found) == 1, [each.what for each in bill(world).lines]
    return found[0]


def price(key: str) -> float:
    return service_prices.get(key).value


def run(world: World, instance_type: str = "m5.large", **more: Any) -> str:
    reservation = world.ec2.run_instances(
        node_image(world),
        1,
        None,
        [],
        instance_type=instance_type,
        is_instance_type_default=False,
        region_name="us-east-1",
        subnet_id=world.network.private_subnets[0],
        **more,
    )
    return str(reservation.instances[0].id)


def test_the_base_world_costs_its_control_plane_its_nat_and_their_address(world: World) -> None:
    world.account.advance(HOUR)
    found = bill(world)
    expected = price("eks_cluster_hour") + price("nat_gateway_hour") + price("public_ipv4_hour")
    assert found.usd_per_hour == pytest.approx(expected)
    assert found.so_far_usd == pytest.approx(expected)
    assert found.usd_per_month == pytest.approx(expected * 730)
    assert {each.id for each in found.left_running} >= {"cluster/lab", world.network.nat_gateway_id}
    assert found.unknown == ()


def test_an_instance_costs_from_running_to_termination_and_its_cost_stays(world: World) -> None:
    instance_id = run(world)
    world.account.advance(8 + HOUR)
    hourly = prices.price_list().on_demand_usd_per_hour(instance_types.get("m5.large"))
    assert hourly is not None
    assert line(world, "m5.large on demand").so_far_usd == pytest.approx(hourly)
    world.ec2.terminate_instances([instance_id])
    world.account.advance(HOUR)
    gone = line(world, "m5.large on demand")
    assert (gone.running, gone.usd_per_hour) == (0, 0)
    assert gone.so_far_usd == pytest.approx(hourly)


def test_other_regions_count_too(world: World) -> None:
    before = bill(world).usd_per_hour
    world.account.moto.backend("ec2", "eu-west-1").create_volume(100, "eu-west-1a", volume_type="gp3")
    world.account.advance(1)
    assert bill(world).usd_per_hour == pytest.approx(before + 100 * price("gp3_gib_month") / 730)
    assert bill(world).price_region == "us-east-1"


def test_a_stopped_instance_costs_its_volume_only(world: World) -> None:
    instance_id = run(world)
    world.account.advance(HOUR)
    before = line(world, "m5.large on demand").so_far_usd
    world.ec2.stop_instances([instance_id])
    world.account.advance(HOUR)
    assert line(world, "m5.large on demand").so_far_usd == pytest.approx(before)
    volume = line(world, "EBS volumes (gp3)")
    assert volume.running == 1
    assert volume.usd_per_hour == pytest.approx(8 * price("gp3_gib_month") / 730)


def test_spot_costs_the_share_the_calculators_take(world: World) -> None:
    run(world, instance_market_options="spot")
    hourly = prices.price_list().on_demand_usd_per_hour(instance_types.get("m5.large"))
    assert hourly is not None
    share = 1 - price("spot_discount_percent") / 100
    assert line(world, "m5.large on Spot").usd_per_hour == pytest.approx(hourly * share)


def test_a_volume_that_grows_costs_more_from_then_on(world: World) -> None:
    made = world.ec2.create_volume(100, "us-east-1a", volume_type="gp3")
    world.account.advance(HOUR)
    world.ec2.modify_volume(made.id, 300)
    world.account.advance(HOUR)
    hourly = price("gp3_gib_month") / 730
    assert line(world, "EBS volumes (gp3)").so_far_usd == pytest.approx((100 + 300) * hourly)
    (forgotten,) = [each for each in bill(world).left_running if each.id == made.id]
    assert forgotten.idle == "attached to nothing"
    world.ec2.delete_volume(made.id)
    world.account.advance(HOUR)
    assert line(world, "EBS volumes (gp3)").so_far_usd == pytest.approx((100 + 300) * hourly)


def test_more_iops_and_throughput_than_included_are_paid(world: World) -> None:
    found = {each.what: each.usd_per_hour for each in charges.volume("gp3", 10, 4000, 225)}
    assert found["gp3 IOPS"] == pytest.approx(1000 * price("gp3_iops_month") / 730)
    assert found["gp3 throughput"] == pytest.approx(100 * price("gp3_mibps_month") / 730)
    io2 = charges.volume("io2", 10, 40_000, 0)
    assert [each.what for each in io2] == ["EBS volumes (io2)", "io2 IOPS", "io2 IOPS"]


def test_what_has_no_price_is_named_and_never_counted_as_nothing(world: World) -> None:
    before = bill(world).usd_per_hour
    world.ec2.create_volume(100, "us-east-1a", volume_type="st1")
    world.account.advance(1)
    found = bill(world)
    assert found.unknown == ("EBS volumes (st1)",)
    assert found.usd_per_hour == pytest.approx(before)
    assert "data transfer" in found.not_metered


def test_extended_support_begins_on_its_day(world: World) -> None:
    """1.34 leaves standard support on 2026-12-02 (facts B11); the simulation begins on 2026-11-22."""
    record = world.account.store.get("clusters.eks", Key("", "lab"))
    assert record is not None
    world.account.store.put("clusters.eks", {**record, "spec": {**record["spec"], "version": "1.34"}})
    world.account.advance(9 * 24 * HOUR)
    assert not [each for each in bill(world).lines if each.what == "Extended support"]
    world.account.advance(24 * HOUR)
    extended = line(world, "Extended support")
    assert extended.usd_per_hour == price("eks_extended_support_hour")
    assert extended.so_far_usd == pytest.approx(10 * price("eks_extended_support_hour"), abs=0.1)


def test_addresses_and_endpoints_are_paid_and_idle_ones_are_said(world: World) -> None:
    address = world.ec2.allocate_address("vpc")
    endpoint = world.ec2.create_vpc_endpoint(
        world.network.vpc_id,
        "com.amazonaws.us-east-1.sts",
        "Interface",
        None,
        [],
        subnet_ids=list(world.network.private_subnets),
    )
    world.account.advance(HOUR)
    assert line(world, "Public IPv4 addresses").running == 2
    assert line(world, "Interface endpoints").usd_per_hour == pytest.approx(
        3 * price("interface_endpoint_hour")
    )
    idle = {each.id: each.idle for each in bill(world).left_running}
    assert idle[str(address.allocation_id)] == "associated with nothing"
    world.ec2.delete_vpc_endpoints([endpoint.id])
    world.ec2.release_address(allocation_id=address.allocation_id)
    world.account.advance(HOUR)
    assert line(world, "Interface endpoints").so_far_usd == pytest.approx(
        3 * price("interface_endpoint_hour")
    )


def test_keys_and_logs_are_found_when_their_services_are_used(world: World) -> None:
    world.account.moto.backend("kms").create_key(None, "ENCRYPT_DECRYPT", "SYMMETRIC_DEFAULT", "", None)
    logs = world.account.moto.backend("logs")
    logs.create_log_group("/aws/eks/lab/cluster", {})
    logs.create_log_stream("/aws/eks/lab/cluster", "audit")
    millis = int(now_of(world).timestamp() * 1000)
    logs.put_log_events("/aws/eks/lab/cluster", "audit", [{"timestamp": millis, "message": "x" * 2**20}])
    world.account.advance(HOUR)
    assert line(world, "KMS keys").usd_per_month == pytest.approx(price("kms_key_month"))
    assert line(world, "Log ingestion").so_far_usd == pytest.approx(price("cloudwatch_ingest_gb") / 1024)
    assert line(world, "Log storage").usd_per_month == pytest.approx(
        price("cloudwatch_stored_gb_month") / 1024
    )


def test_looking_writes_nothing_and_a_restart_loses_nothing(world: World) -> None:
    run(world)
    world.account.advance(HOUR)
    revision = world.account.store.revision
    first = bill(world)
    assert bill(world) == first
    assert world.account.store.revision == revision
    assert world.account.store.count(METERS) == len(first.left_running)
    world.account.moto.load(world.account.moto.dump())
    assert bill(world) == first


def test_settling_again_writes_nothing(world: World) -> None:
    run(world)
    world.account.advance(60)
    revision = world.account.store.revision
    world.account.advance(3 * HOUR)
    assert world.account.store.revision == revision


def test_the_sum_is_the_calculators_bill(world: World) -> None:
    """Three nodes with their disks, one NAT gateway and its address: the same functions, the same figure."""
    assert world.iam
    world.account.fleet.launch(world.launch(), 3)
    world.account.advance(120)
    wanted: dict[str, Any] = {
        "support": "standard",
        "tier": "standard",
        "instance": "m5.large",
        "nodes": 3,
        "spot_discount_percent": None,
        "savings_plan_discount_percent": None,
        "auto_mode": False,
        "root_gib": 20,
        "zones": 3,
        "nat": "single",
        "load_balancer": "application",
        "internet_facing": False,
        "log_retention_days": 1,
    }
    plan = ClusterPlan(**{each.name: wanted.get(each.name, 0) for each in fields(ClusterPlan)})
    assert bill(world).usd_per_month == pytest.approx(cluster_bill(plan, PriceBook()).usd_per_month)


def test_time_before_the_ledger_costs_nothing(world: World) -> None:
    assert bill(world).so_far_usd == pytest.approx(0)
    world.account.advance(timedelta(hours=2).total_seconds())
    assert bill(world).since == now_of(world) - timedelta(hours=2)
