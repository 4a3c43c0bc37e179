"""The checker: a configuration of 2,000 lines, one file of it as someone types, and the start of the command."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from datetime import date
from statistics import median

from eks_lab.calc.forms import read_inputs
from eks_lab.checker.check import check_texts
from eks_lab.checker.model import CheckOptions
from eks_lab.checker.terraform.reader import read_body
from eks_lab.generate.terraform.generator import GENERATOR

OPTIONS = CheckOptions(today=date(2026, 11, 22))


def milliseconds(action: Callable[[], object], times: int = 3) -> float:
    """Return the median time of an action."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        action()
        taken.append((time.perf_counter() - start) * 1000)
    return median(taken)


def configuration(lines: int) -> dict[str, str]:
    """Return generated modules side by side until there are enough lines."""
    files: dict[str, str] = {}
    presets = [name for name in GENERATOR.presets if name != "learning"]
    number = 0
    while sum(text.count("\n") for text in files.values()) < lines:
        preset = presets[number % len(presets)]
        bundle = GENERATOR.render(read_inputs(GENERATOR, dict(GENERATOR.presets[preset])))
        files |= {f"{number}/{file.name}": file.text for file in bundle.files if file.name.endswith(".tf")}
        number += 1
    return files


def one_module(lines: int) -> dict[str, str]:
    """Return one module of many subnets, rules and roles that refer to each other."""
    blocks = []
    for number in range(lines // 12):
        blocks.append(
            f'resource "aws_security_group" "group_{number}" {{\n  name   = "group-{number}"\n'
            f'  vpc_id = "vpc-1"\n  tags   = {{ Name = "${{var.name}}-{number}" }}\n}}\n\n'
            f'resource "aws_vpc_security_group_ingress_rule" "rule_{number}" {{\n'
            f"  security_group_id = aws_security_group.group_{number}.id\n"
            f"  referenced_security_group_id = aws_security_group.group_{max(0, number - 1)}.id\n"
            '  ip_protocol = "tcp"\n  from_port = 443\n  to_port = 443\n}\n'
        )
    return {"main.tf": 'variable "name" {\n  type = string\n}\n\n' + "\n".join(blocks)}


def command() -> float:
    """Return how long `eks-lab check` takes on a small file, process and all."""

    def run() -> None:
        subprocess.run(
            [sys.executable, "-m", "eks_lab", "check", "-"],
            input=b"locals {}\n",
            check=True,
            capture_output=True,
        )

    return milliseconds(run)


def run() -> list[tuple[str, float, float, str]]:
    """Return name, measured, limit and note of each figure."""
    files, module = configuration(2000), one_module(2000)
    lines = sum(text.count("\n") for text in files.values())
    return [
        (
            "check of 2,000 lines, generated (ms)",
            milliseconds(lambda: check_texts(files, OPTIONS)),
            1000,
            f"{lines}",
        ),
        (
            "check of 2,000 lines, one module (ms)",
            milliseconds(lambda: check_texts(module, OPTIONS)),
            1000,
            "",
        ),
        ("reading 2,000 lines of HCL (ms)", milliseconds(lambda: read_body(module["main.tf"])), 100, ""),
        ("eks-lab check, whole process (ms)", command(), 1000, ""),
    ]
