"""Every calculator by name; a module is imported when its calculator is asked for."""

from __future__ import annotations

import importlib

from eks_lab.calc.model import Calculator
from eks_lab.catalog.suggestion import did_you_mean
from eks_lab.errors import InputError

_MODULES = {
    "max-pods": "eks_lab.calc.max_pods",
    "node-ips": "eks_lab.calc.node_ips",
    "vpc-plan": "eks_lab.calc.vpc_plan",
    "prefix-fit": "eks_lab.calc.prefix_fit",
    "allocatable": "eks_lab.calc.allocatable",
    "density": "eks_lab.calc.density",
    "cluster-cost": "eks_lab.calc.cluster_cost",
    "fargate": "eks_lab.calc.fargate",
    "storage": "eks_lab.calc.storage",
    "hpa": "eks_lab.calc.hpa",
    "packing": "eks_lab.calc.packing",
    "logs": "eks_lab.calc.logs",
    "upgrade-plan": "eks_lab.calc.upgrade_plan",
    "control-plane": "eks_lab.calc.control_plane",
    "spread": "eks_lab.calc.spread",
    "trust": "eks_lab.calc.trust",
}
"""Name -> module with a `CALCULATOR` of that name, in the order of the course."""


def names() -> tuple[str, ...]:
    """Return the names of all calculators, in the order of the course."""
    return tuple(_MODULES)


def get(name: str) -> Calculator:
    """Return one calculator.

    Args:
        name: `max-pods`; underscores and case do not matter.

    Raises:
        InputError: there is no such calculator; the hint names the nearest ones.
    """
    wanted = name.strip().lower().replace("_", "-")
    module = _MODULES.get(wanted)
    if module is None:
        raise InputError(
            f"no calculator named {name!r}",
            hint=did_you_mean(wanted, _MODULES) or f"Calculators: {', '.join(_MODULES)}.",
        )
    calculator: Calculator = importlib.import_module(module).CALCULATOR
    return calculator
