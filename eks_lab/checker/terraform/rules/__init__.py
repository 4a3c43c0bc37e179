"""What EKS asks of a configuration beyond being valid Terraform: one concern a module, each with its rules.

A module has `RULES` and `check(view)`; facts come from the course's own lessons, which each rule names.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from eks_lab.checker.model import Finding
from eks_lab.checker.rule import Rule
from eks_lab.checker.terraform.rules import (
    access,
    addons,
    auto_mode,
    cluster,
    combinations,
    endpoint,
    keys,
    launch_template,
    logs,
    nodes,
    provider,
    roles,
    subnets,
    values,
    version,
    zones,
)
from eks_lab.checker.terraform.view import View

_MODULES = (
    version, endpoint, access, logs, cluster, auto_mode, keys, zones, subnets, nodes, launch_template, addons, roles,
    values, combinations,
    provider,
)  # fmt: skip
RULES: tuple[Rule, ...] = tuple(rule for module in _MODULES for rule in module.RULES)
CHECKS: tuple[Callable[[View], Iterator[Finding]], ...] = tuple(module.check for module in _MODULES)
