"""Reading amounts: quantities, curves over time, flags of stress programs."""

from __future__ import annotations

from eks_lab.kube.quantity import parse_quantity
from eks_lab.sim.behaviours.model import Point


def units(text: str) -> float:
    """Return the number of a quantity: bytes of `64Mi`."""
    return float(parse_quantity(text).value)


def milli(text: str) -> float:
    """Return the thousandths of a quantity: 250 of `250m`."""
    return float(parse_quantity(text).milli)


def curve(points: list[Point], seconds: float, *, in_milli: bool) -> float:
    """Return the value at a moment: straight between points, level before the first and after the last."""
    read = milli if in_milli else units
    before: Point | None = None
    for point in points:
        if point.at > seconds:
            if before is None:
                return read(point.value)
            share = (seconds - before.at) / (point.at - before.at)
            return read(before.value) + share * (read(point.value) - read(before.value))
        before = point
    return read(before.value) if before is not None else 0.0


def flag_value(argv: list[str], names: list[str]) -> str:
    """Return the value of the first of some flags, `--vm 2` or `--vm=2`; empty when none is there."""
    for number, word in enumerate(argv):
        for name in names:
            if word == name and number + 1 < len(argv):
                return argv[number + 1]
            if word.startswith(f"{name}="):
                return word[len(name) + 1 :]
    return ""


def count(text: str) -> float:
    """Return a number; 1 for what is none."""
    try:
        return float(text)
    except ValueError:
        return 1.0


def amount(text: str) -> float:
    """Return bytes of a flag: `250M` as `stress` reads it, `250Mi`, `1G`."""
    factors = {"K": 2**10, "M": 2**20, "G": 2**30}
    text = text.removesuffix("B").removesuffix("b").removesuffix("i")
    if text[-1:].upper() in factors:
        return count(text[:-1]) * factors[text[-1].upper()]
    return count(text)
