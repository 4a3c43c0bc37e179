"""Whatever is done in whatever order, refused or not: the books of EC2 are right afterwards."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st
from moto.ec2.exceptions import EC2ClientError

from eks_lab.aws import invariants
from tests.aws.ec2.world import World, new_world, node_image

STEPS = 40


class Mischief:
    """Does things to EC2 by chance."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.chance = random.Random(seed)
        world.ec2.associate_vpc_cidr_block(world.network.vpc_id, "100.64.0.0/16", False)
        self.subnets = [
            world.ec2.create_subnet(
                world.network.vpc_id, f"100.64.{number}.0/{length}", availability_zone=f"us-east-1{zone}"
            ).id
            for number, (length, zone) in enumerate(((28, "a"), (27, "a"), (26, "b")))
        ]

    def subnet(self) -> str:
        return self.chance.choice(self.subnets)

    def interface(self) -> str:
        return self.chance.choice([*self.world.ec2.enis, "eni-0unknown"])

    def instance(self) -> str:
        return self.chance.choice([*self.world.ec2.instance_index, "i-0unknown"])

    def volume(self) -> str:
        return self.chance.choice([*self.world.ec2.volumes, "vol-0unknown"])

    def run(self) -> None:
        kind = self.chance.choice(["t3.small", "m5.large", "t3.nothing"])
        self.world.ec2.run_instances(
            node_image(self.world),
            self.chance.randrange(1, 4),
            None,
            [],
            instance_type=kind,
            is_instance_type_default=False,
            region_name="us-east-1",
            subnet_id=self.subnet(),
        )

    def terminate(self) -> None:
        self.world.ec2.terminate_instances([self.instance()])

    def stop_or_start(self) -> None:
        self.chance.choice([self.world.ec2.stop_instances, self.world.ec2.start_instances])([self.instance()])

    def create_interface(self) -> None:
        self.world.ec2.create_network_interface(
            self.subnet(),
            "",
            secondary_ips_count=self.chance.randrange(4),
            ipv4_prefix_count=self.chance.randrange(2),
            delete_on_termination=self.chance.random() < 0.5,
        )

    def attach(self) -> None:
        self.world.ec2.attach_network_interface(self.interface(), self.instance(), self.chance.randrange(4))

    def detach(self) -> None:
        found = self.world.ec2.interface_of(self.interface())
        self.world.ec2.detach_network_interface(found.attachment_id or "eni-attach-0unknown")

    def assign(self) -> None:
        self.world.ec2.assign_private_ip_addresses(
            self.interface(), None, self.chance.randrange(3), ipv4_prefix_count=self.chance.randrange(2)
        )

    def unassign(self) -> None:
        found = self.world.ec2.interface_of(self.interface())
        self.world.ec2.unassign_private_ip_addresses(
            found.id, found.secondary_addresses[:1], found.prefixes[: self.chance.randrange(2)]
        )

    def delete_interface(self) -> None:
        self.world.ec2.delete_network_interface(self.interface())

    def reserve(self) -> None:
        place = self.world.ec2.subnet_of(self.subnet())
        kind = self.chance.choice(["prefix", "explicit"])
        self.world.ec2.create_subnet_cidr_reservation(
            place.id, kind, f"{place.cidr.network_address + 16 * self.chance.randrange(4)}/28"
        )

    def unreserve(self) -> None:
        place = self.world.ec2.subnet_of(self.subnet())
        found = [each.id for each in place._cidr_reservations]
        self.world.ec2.delete_subnet_cidr_reservation(self.chance.choice([*found, "scr-0unknown"]))

    def create_volume(self) -> None:
        kind = self.chance.choice(["gp3", "io2"])
        iops = 1000 if kind == "io2" else None
        self.world.ec2.create_volume(
            10, "us-east-1a", volume_type=kind, iops=iops, multi_attach_enabled=True if iops else None
        )

    def attach_volume(self) -> None:
        device = f"/dev/xvdb{self.chance.choice('abc')}"
        self.world.ec2.attach_volume(self.volume(), self.instance(), device)

    def detach_volume(self) -> None:
        self.world.ec2.detach_volume(self.volume(), "", "")

    def delete_volume(self) -> None:
        self.world.ec2.delete_volume(self.volume())

    def nat(self) -> None:
        address = self.world.ec2.allocate_address("vpc")
        self.world.ec2.create_nat_gateway(self.subnet(), str(address.allocation_id))

    def delete_nat(self) -> None:
        self.world.ec2.delete_nat_gateway(self.chance.choice([*self.world.ec2.nat_gateways, "nat-0unknown"]))

    def delete_subnet(self) -> None:
        self.world.ec2.delete_subnet(self.subnet())

    def time(self) -> None:
        self.world.account.runtime.advance(timedelta(seconds=self.chance.randrange(1, 2000)))

    def restart(self) -> None:
        self.world.account.moto.load(self.world.account.moto.dump())

    def step(self) -> str:
        actions: list[Callable[[], None]] = [
            *(self.run, self.run, self.terminate, self.stop_or_start),
            *(self.create_interface, self.attach, self.attach, self.detach, self.delete_interface),
            *(self.assign, self.assign, self.unassign, self.reserve, self.unreserve),
            *(self.create_volume, self.attach_volume, self.detach_volume, self.delete_volume),
            *(self.nat, self.delete_nat, self.delete_subnet, self.time, self.time, self.restart),
        ]
        action = self.chance.choice(actions)
        try:
            action()
        except EC2ClientError as error:
            return f"{action.__name__}: {error.code}"
        return action.__name__


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32))
def test_the_books_are_right_after_every_step(seed: int) -> None:
    mischief = Mischief(new_world(), seed)
    done: list[str] = []
    for _ in range(STEPS):
        done.append(mischief.step())
        assert invariants.violations(mischief.world.account) == [], done  # type: ignore[arg-type]
    for instance in list(mischief.world.ec2.find_instances()):
        instance.terminate()
    for subnet in mischief.world.ec2.find_subnets():
        assert subnet.available_ip_address_count >= 0


def test_the_mischief_is_not_in_vain() -> None:
    """Enough of it succeeds that the check above means something."""
    mischief = Mischief(new_world(), 7)
    done = {mischief.step() for _ in range(300)}
    assert {"run", "terminate", "create_interface", "assign", "unassign", "reserve", "attach_volume"} <= done
