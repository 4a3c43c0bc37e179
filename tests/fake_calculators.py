"""Calculators that exist only here: with tables, plots, documents, defects, and refusals on demand."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest

from eks_lab.calc import registry
from eks_lab.calc.model import Answer, Calculator, Grid, Input, Plot, Reference, Series, Step, Value
from eks_lab.errors import InputError


def show(inputs: Mapping[str, Value]) -> Answer:
    """Everything an answer can have: steps, warnings, tables, plots of three styles."""
    nodes = inputs["nodes"]
    assert isinstance(nodes, int)
    if nodes == 13:
        raise InputError("nodes: 13 is refused", hint="Take another number.")
    if nodes == 66:
        raise ZeroDivisionError("a defect")
    xs = [float(number) for number in range(nodes + 1)]
    return Answer(
        calculator="show",
        headline=f"{nodes} nodes are shown.",
        inputs=dict(inputs),
        result={"show": nodes, "half": nodes / 2, "name": "web", "list": [1, 2], "nothing": None},
        steps=(
            Step("show = nodes", str(nodes), nodes, "nodes", "As many as were asked for."),
            Step("half = show ÷ 2", f"{nodes} ÷ 2", nodes / 2, "nodes", "Half of them."),
        ),
        sources=(Reference("The handbook", "2026-11-01", "https://example.com/handbook"),),
        warnings=tuple(f"warning {n}" for n in range(9)) if nodes > 1000 else ("Many nodes.",) if nodes > 100 else (),
        grids=(
            Grid(
                "Nodes and zones",
                ("Node", "Zone", "Price (USD/h)", "Spot"),
                tuple((f"node-{n}", f"zone {n % 3}", n / 8, n % 2 == 0) for n in range(nodes)),
            ),
            Grid("Nothing in it", ("A", "B"), ()),
        ),
        plots=(
            Plot(
                "Nodes over time", "minutes", "nodes",
                (
                    Series("wanted", tuple((x, x) for x in xs)),
                    Series("ready", tuple((x, x // 2 * 2) for x in xs), "step"),
                ),
            ),
            Plot("Nodes by zone", "zone", "nodes", (Series("nodes", ((1.0, 3.0), (2.0, 2.0), (3.0, 1.0)), "bar"),)),
        ),
    )  # fmt: skip


SHOW = Calculator(
    name="show", title="Show of everything", summary="Shows what an answer can have.", compute=show,
    inputs=(
        Input("nodes", "Nodes", "integer", 4, "How many nodes.", unit="nodes", minimum=1, maximum=100_000),
        Input("zone", "Zone", "choice", "a", "Which zone.", choices=("a", "b")),
        Input("spot", "Spot", "flag", False, "Whether they are Spot."),
        Input("label", "Label", "text", None, "A label.", optional=True),
    ),
    lesson="basics.nodes", result_units={"show": "nodes", "half": "nodes"},
)  # fmt: skip

EXAMPLE = "kind: Pod\nname: web\n"


def read(inputs: Mapping[str, Value]) -> Answer:
    """Count the lines of two documents."""
    pods, policy = inputs["pods"], inputs["policy"]
    assert isinstance(pods, str)
    if "refuse" in pods:
        raise InputError("pods: the text says refuse", hint="Write something else.")
    lines = len(pods.strip().splitlines())
    return Answer(
        calculator="read",
        headline=f"{lines} lines on {inputs['today']}.",
        inputs=dict(inputs),
        result={"read": lines, "policy": policy},
        steps=(Step("lines = line ends", str(lines), lines, "lines"),),
        sources=(),
    )


READ = Calculator(
    name="read", title="Reader of files", summary="Counts lines.", compute=read,
    inputs=(
        Input("pods", "Pods", "document", EXAMPLE, "Manifests of pods."),
        Input("policy", "Policy", "document", None, "A policy.", optional=True),
        Input("today", "Today", "date", None, "The day to reckon from.", optional=True),
    ),
    result_units={"read": "lines"},
)  # fmt: skip

FAKES = {calculator.name: calculator for calculator in (SHOW, READ)}


def use_fakes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the registry know the fakes and nothing else but max-pods."""
    real: Callable[[str], Calculator] = registry.get
    monkeypatch.setattr(registry, "names", lambda: ("max-pods", *FAKES))
    monkeypatch.setattr(registry, "get", lambda name: FAKES[name] if name in FAKES else real(name))
