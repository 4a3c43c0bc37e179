"""What a calculator found out becomes choices of a generator, and only where something takes it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from eks_lab.calc import registry as calculators
from eks_lab.calc.forms import read_inputs
from eks_lab.generate import registry as generators
from eks_lab.generate.choices import read_choices
from eks_lab.tui.screens.calculator import CalculatorScreen
from eks_lab.tui.screens.choose import Choose
from eks_lab.tui.screens.generator import GeneratorScreen
from eks_lab.tui.sending import receivers
from tests.builders import WIDE, drawn, is_on, make_app, press, settle
from tests.fake_generators import InProcess
from tests.tui.calculator_journey import until


def sent(name: str, **given: Any) -> dict[str, dict[str, object]]:
    """Return the choices of every generator that takes an answer."""
    calculator = calculators.get(name)
    answer = calculator.compute(
        read_inputs(
            calculator,
            {"today": "2026-11-22", **given}
            if any(each.name == "today" for each in calculator.inputs)
            else given,
        )
    )
    return {receiver.generator: dict(receiver.choices) for receiver in receivers(answer)}


CASES: list[tuple[str, dict[str, Any], dict[str, dict[str, object]]]] = [
    (
        "hpa",
        {"target": "60", "max_replicas": 30, "down_window_seconds": 120},
        {"hpa": {"cpu_percent": "60", "memory_percent": None, "max_replicas": 30, "down_window_seconds": 120}},
    ),
    (
        "spread",
        {"replicas": 6, "min_available": "4"},
        {
            "pdb": {"replicas": 6, "unhealthy_policy": "IfHealthyBudget", "rule": "min-available", "amount": "4"},
            "spread-deployment": {"replicas": 6, "max_skew": 1, "zone_rule": "DoNotSchedule"},
        },
    ),
    ("spread", {}, {"spread-deployment": {"replicas": 3, "max_skew": 1, "zone_rule": "DoNotSchedule"}}),
    (
        "storage",
        {"gib": 200, "iops": 6000},
        {
            "storage-class-gp3": {"iops": 6000, "throughput_mibps": 125, "size_gib": 200, "claim": True},
            "storage-class-efs": {"size_gib": 200},
        },
    ),
    ("storage", {"access": "ReadWriteMany", "sharing_nodes": 3}, {"storage-class-efs": {"size_gib": 100}}),
    (
        "trust",
        {"namespace": "shop", "issuer": "https://oidc.eks.eu-west-1.amazonaws.com/id/" + "A1" * 16},
        {
            "trust-policy-irsa": {
                "account": "111122223333", "namespace": "shop", "service_account": "reader", "cluster": "lab",
                "region": "eu-west-1", "oidc_id": "A1" * 16,
            }
        },
    ),
    (
        "trust",
        {"identity": "pod-identity"},
        {
            "trust-policy-pod-identity": {
                "account": "111122223333", "namespace": "reports", "service_account": "reader", "cluster": "lab",
                "scope": "service-account",
            }
        },
    ),
    (
        "max-pods",
        {"instance": "m7g.large", "prefix_delegation": True},
        {
            "nodeadm-nodeconfig": {
                "instance": "m7g.large", "prefix_delegation": True, "custom_networking": False,
                "nodes": "managed", "max_pods": 110,
            }
        },
    ),
    (
        "node-ips",
        {"prefix_delegation": True, "warm_prefix_target": 2},
        {
            "vpc-cni-values": {
                "instance": "m5.large", "custom_networking": False, "addresses": "prefixes", "warm_prefix_target": 2,
            }
        },
    ),
    ("hpa", {"metric": "pods-average-value", "target": "100", "values": "150"}, {}),
    ("allocatable", {}, {}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "given", "expected"), CASES, ids=[f"{n}-{i}" for i, (n, _, _) in enumerate(CASES)]
)
def test_an_answer_becomes_choices(
    name: str, given: dict[str, Any], expected: dict[str, dict[str, object]]
) -> None:
    assert sent(name, **given) == expected


@pytest.mark.parametrize(("name", "given"), [(n, g) for n, g, _ in CASES] + [("vpc-plan", {})])
def test_every_choice_is_one_that_the_generator_takes(name: str, given: dict[str, Any]) -> None:
    for generator, choices in sent(name, **given).items():
        form = generators.get(generator)
        assert form.render(read_choices(form, "", choices)).files


def test_a_planned_vpc_becomes_terraform() -> None:
    choices = sent("vpc-plan", cidrs="10.9.0.0/16", mode="prefix")["terraform"]
    assert choices["vpc_cidr"] == "10.9.0.0/16"
    assert choices["prefix_delegation"] is True
    assert str(choices["node_cidrs"]).count("/") == 3


def test_a_plan_that_the_generator_has_no_form_for_is_offered_to_nobody() -> None:
    assert sent("vpc-plan", mode="ipv6") == {}


async def test_a_key_opens_the_generator_filled_in(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    app.generation = InProcess()
    async with app.run_test(size=WIDE) as pilot:
        await settle(pilot)
        app.generator_drafts.draft("pdb").keep({"name": "shop", "replicas": "9"})
        app.show_calculator("spread", {"replicas": "6", "max_unavailable": "2"})
        await until(pilot, lambda: isinstance(app.screen, CalculatorScreen) and app.screen.answer is not None)
        await settle(pilot)
        await press(pilot, "escape")
        await press(pilot, "t")
        assert is_on(app, Choose)
        await press(pilot, "enter")
        assert is_on(app, GeneratorScreen)
        assert "Generators › PodDisruptionBudget" in drawn(app)
        assert "maxUnavailable: 2" in drawn(app)
        assert "name: shop" in drawn(app), "what the answer does not decide stays as it was left"
        await press(pilot, "escape", "escape")
        assert is_on(app, CalculatorScreen)


async def test_it_is_offered_only_where_something_takes_it(tmp_path: Path) -> None:
    app = make_app(tmp_path)
    async with app.run_test(size=(200, 50)) as pilot:
        await settle(pilot)
        for name, is_offered in (("allocatable", False), ("max-pods", True)):
            app.show_calculator(name)
            await until(
                pilot, lambda: isinstance(app.screen, CalculatorScreen) and app.screen.answer is not None
            )
            await settle(pilot)
            await press(pilot, "escape")
            assert ("To generator" in drawn(app)) is is_offered
            await press(pilot, "escape")
