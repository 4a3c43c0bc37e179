"""A timeline of the HPA over a load curve: figures, decisions with their reasons, pictures."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from eks_lab.calc.horizontal_scaling.autoscaler import Autoscaler
from eks_lab.calc.horizontal_scaling.figures import Figures, carried_rps, figures
from eks_lab.calc.horizontal_scaling.reason import reason
from eks_lab.calc.horizontal_scaling.timeline import Tick, Workload, looks_of, play
from eks_lab.calc.hpa_question import Question, fixed_of, load_of, number, question_of, text, workload_of
from eks_lab.calc.hpa_sources import sources, warnings
from eks_lab.calc.model import Answer, Grid, Plot, PlotStyle, Series, Step, Value

MOST_ROWS = 200
MOST_POINTS = 400
"""A play with more looks is thinned in its plots; a terminal shows fewer than that beside each other."""
_NEVER_STEADY_TURNS = 6


def timeline_answer(inputs: Mapping[str, Value]) -> Answer:
    """Answer what the HPA does over time.

    Args:
        inputs: checked inputs of the calculator hpa.

    Returns:
        Figures of the whole play. An autoscaler with a `behavior` has some of them twice: those that end in
        `_default` are of the same one without. `time_to_recover_seconds` is None when the play ends before
        the load is carried, `worst_utilisation_percent` when no pod was ready under load.

    Raises:
        InputError: an input cannot be used.
    """
    question = question_of(inputs)
    workload, load, fixed = workload_of(inputs), load_of(inputs), fixed_of(question)
    seconds = 60 * number(inputs, "duration_minutes")

    looks = looks_of(question.flags, workload, load, seconds)

    def tried(autoscaler: Autoscaler) -> tuple[tuple[Tick, ...], Figures]:
        ticks = play(autoscaler, question.flags, workload, looks, question.current_replicas, fixed)
        return ticks, figures(ticks, autoscaler, question.flags, workload)

    ticks, own = tried(question.autoscaler)
    default = None
    if question.autoscaler.behaviour is not None:
        _, default = tried(replace(question.autoscaler, behaviour=None))
    carried = carried_rps(question.autoscaler, workload)
    return Answer(
        calculator="hpa",
        headline=_headline(ticks, own),
        inputs=dict(inputs),
        result={**_result(own), **_default_result(default)},
        steps=_steps(question, workload, ticks, own, carried),
        sources=sources(question),
        warnings=(*_own_warnings(inputs, question, ticks, own, carried), *warnings(question)),
        grids=_grids(ticks, own, default),
        plots=_plots(ticks, workload, carried),
    )


def _rounded(value: float | None, digits: int = 1) -> float | None:
    return None if value is None else round(value, digits)


def _result(own: Figures) -> dict[str, Value]:
    return {
        "peak_load_rps": _rounded(own.peak_load_rps),
        "peak_replicas": own.peak_replicas,
        "peak_ready_replicas": own.peak_ready_replicas,
        "final_replicas": own.final_replicas,
        "worst_utilisation_percent": _rounded(own.worst_utilisation_percent),
        "seconds_above_target": _rounded(own.seconds_above_target),
        "time_to_recover_seconds": _rounded(own.time_to_recover_seconds),
        "requests_beyond_capacity": _rounded(own.requests_beyond_capacity, 0),
        "replica_minutes": _rounded(own.replica_minutes),
        "scale_ups": own.scale_ups,
        "scale_downs": own.scale_downs,
        "scale_events": own.scale_events,
        "turns": own.turns,
    }


_COMPARED = (
    ("peak_replicas", "Peak replicas"),
    ("worst_utilisation_percent", "Worst utilisation (%)"),
    ("seconds_above_target", "Above the target (s)"),
    ("time_to_recover_seconds", "Time to recover (s)"),
    ("requests_beyond_capacity", "Requests beyond capacity"),
    ("replica_minutes", "Replica-minutes"),
    ("scale_events", "Scale events"),
    ("turns", "Turns"),
)


def _default_result(default: Figures | None) -> dict[str, Value]:
    if default is None:
        return {}
    found = _result(default)
    return {f"{name}_default": found[name] for name, _ in _COMPARED}


def _clock(seconds: float) -> str:
    """Return minutes and seconds, `12:30`."""
    return f"{int(seconds) // 60}:{int(seconds) % 60:02d}"


def _headline(ticks: Sequence[Tick], own: Figures) -> str:
    start = ticks[0].decision.current
    way = f"From {start} replicas to {own.peak_replicas} at the peak and {own.final_replicas} at the end"
    if own.time_to_recover_seconds is None:
        return f"{way}; when the time is over, the ready pods do not carry the load at its target yet."
    if not own.seconds_above_target:
        return f"{way}; the ready pods carry the load at its target all the time."
    return f"{way}; the longest time above the target is {own.time_to_recover_seconds:g} s."


def _steps(
    question: Question, workload: Workload, ticks: Sequence[Tick], own: Figures, carried: float | None
) -> tuple[Step, ...]:
    steps = []
    if carried is not None:
        steps.append(
            Step(
                formula="replicas that the peak needs = ⌈peak load ÷ load of a pod at its target⌉",
                substitution=f"⌈{own.peak_load_rps:.10g} ÷ {carried:.10g}⌉",
                # 861 ÷ 0.7 is 1230.0000000000002: binary noise needs no replica.
                value=math.ceil(round(own.peak_load_rps / carried, 6)),
                unit="replicas",
                why="Where the formula comes to rest; the tolerance may stop it up to a tenth before.",
            )
        )
    delays = (
        workload.metric_delay_seconds,
        question.flags.sync_period_seconds,
        workload.start_seconds,
        workload.ready_delay_seconds,
    )
    steps.append(
        Step(
            formula="slowest reaction = age of samples + sync period + start-up + readiness",
            substitution=" + ".join(f"{delay:g}" for delay in delays),
            value=_rounded(sum(delays)),
            unit="s",
            why="From a change of the load until the first new pods serve; windows and policies come on top.",
        )
    )
    worst = own.worst_tick
    if worst.ready:
        steps.append(
            Step(
                formula="worst utilisation = 100 × load ÷ (ready pods × capacity)",
                substitution=f"100 × {worst.load_rps:.10g} ÷ ({worst.ready} × {workload.capacity_rps:.10g})",
                value=_rounded(own.worst_utilisation_percent),
                unit="%",
                why=f"At {_clock(worst.seconds)}.",
            )
        )
    steps.append(
        Step(
            formula="replica-minutes = sum of replicas × sync period ÷ 60",
            substitution=f"{sum(tick.decision.desired for tick in ticks[:-1])}"
            f" × {question.flags.sync_period_seconds:g} ÷ 60",
            value=_rounded(own.replica_minutes),
            unit="replica-minutes",
            why="What the play costs, pods that are still starting included.",
        )
    )
    return tuple(steps)


def _own_warnings(
    inputs: Mapping[str, Value],
    question: Question,
    ticks: Sequence[Tick],
    own: Figures,
    carried: float | None,
) -> list[str]:
    found = []
    is_wave = not text(inputs, "load_points")
    if is_wave and inputs["load_shape"] == "spike":
        lasts, period = number(inputs, "change_seconds"), question.flags.sync_period_seconds
        if lasts < period:
            found.append(
                f"The spike of {lasts:g} s is shorter than the sync period of {period:g} s: the controller, and"
                " these figures, may miss it."
            )
    for metric in question.autoscaler.metrics:
        if metric.target_kind == "Value":
            found.append(
                f"{metric.name} has a Value target: the total is compared, and here more pods do not lower it, so"
                " the replicas run to a bound. AverageValue divides by the pods."
            )
        elif not metric.is_per_pod:
            found.append(
                f"{metric.name} is taken as the load itself; a queue also remembers what was not served."
            )
    if own.final_replicas == question.autoscaler.max_replicas and own.time_to_recover_seconds is None:
        found.append(
            f"The maximum of {question.autoscaler.max_replicas} replicas stops it while the load is above the"
            " target."
        )
    if own.turns >= _NEVER_STEADY_TURNS:
        found.append(
            f"{own.turns} times a step follows one in the other direction: it flaps. A longer window down or"
            " smaller steps down help."
        )
    broken = next((tick for tick in ticks if tick.decision.outcome == "unreadable"), None)
    if broken is not None:
        found.append(
            f"From {_clock(broken.seconds)} on no metric can be read for a time: {reason(broken.decision)}"
        )
    if carried is None:
        found.append("No metric says what one pod carries, so the time above the target is not reckoned.")
    return found


def _grids(ticks: Sequence[Tick], own: Figures, default: Figures | None) -> tuple[Grid, ...]:
    runs = _runs(ticks)
    title = "Decisions"
    if len(runs) > MOST_ROWS:
        title = f"Decisions, the first {MOST_ROWS} of {len(runs)}"
    grids = [
        Grid(
            title=title,
            columns=("When (m:ss)", "Load (req/s)", "Utilisation (%)", "Ready", "Replicas", "Why"),
            rows=tuple(_row(ticks[first], ticks[last]) for first, last in runs[:MOST_ROWS]),
        )
    ]
    if default is not None:
        mine, other = _result(own), _result(default)
        grids.append(
            Grid(
                title="This behaviour against a manifest without behavior",
                columns=("Figure", "This", "Without"),
                rows=tuple((label, mine[name], other[name]) for name, label in _COMPARED),
            )
        )
    return tuple(grids)


def _runs(ticks: Sequence[Tick]) -> list[tuple[int, int]]:
    """Return first and last look of each step, and of each run of looks that change nothing for one reason."""
    runs: list[tuple[int, int]] = []
    first, previous = 0, ticks[0].decision
    for look, tick in enumerate(ticks):
        decision = tick.decision
        if decision is previous and (decision.desired == decision.current or not look):
            continue
        if look and (previous.change or decision.change or decision.outcome != previous.outcome):
            runs.append((first, look - 1))
            first = look
        previous = decision
    runs.append((first, len(ticks) - 1))
    return runs


def _row(begin: Tick, end: Tick) -> tuple[Value, ...]:
    decision = begin.decision
    return (
        _clock(begin.seconds) if end is begin else f"{_clock(begin.seconds)}–{_clock(end.seconds)}",
        round(begin.load_rps, 1),
        _rounded(begin.utilisation_percent),
        begin.ready,
        str(decision.current) if not decision.change else f"{decision.current} → {decision.desired}",
        reason(decision),
    )


def _shown(ticks: Sequence[Tick]) -> list[Tick]:
    """Return the looks that a plot needs: of a long play those around a change of the pods, and some between."""
    if len(ticks) <= MOST_POINTS:
        return list(ticks)
    stride = -(-len(ticks) // MOST_POINTS)
    loads = [tick.load_rps for tick in ticks]
    worst = loads.index(max(loads))
    kept = {*range(0, len(ticks), stride), worst, len(ticks) - 1}
    _, _, ready_before, decision_before, _ = ticks[0]
    for look, (_, _, ready, decision, _) in enumerate(ticks):
        if ready != ready_before or (
            decision is not decision_before and decision.desired != decision_before.desired
        ):
            kept |= {look - 1, look}
        ready_before, decision_before = ready, decision
    return [ticks[look] for look in sorted(kept)]


def _plots(ticks: Sequence[Tick], workload: Workload, carried: float | None) -> tuple[Plot, ...]:
    shown = _shown(ticks)
    capacity = workload.capacity_rps
    minutes = [tick.seconds / 60 for tick in shown]

    def series(name: str, values: Iterable[float], style: PlotStyle = "line") -> Series:
        return Series(name, tuple(zip(minutes, values, strict=True)), style)

    desired = series("desired", [float(tick.decision.desired) for tick in shown], "step")
    ready = series("ready", [float(tick.ready) for tick in shown], "step")
    needed: tuple[Series, ...] = ()
    if carried is not None:
        needed = (series("load, in pods at target", [round(tick.load_rps / carried, 3) for tick in shown]),)
    busy = [
        (tick.seconds / 60, round(tick.utilisation_percent, 3))
        for tick in shown
        if tick.utilisation_percent is not None
    ]
    return (
        Plot("Replicas", "time (min)", "pods", (*needed, desired, ready)),
        Plot(
            "Load",
            "time (min)",
            "requests/s",
            (
                series("load", [round(tick.load_rps, 3) for tick in shown]),
                series("ready pods at 100 %", [tick.ready * capacity for tick in shown], "step"),
            ),
        ),
        Plot(
            "Utilisation",
            "time (min)",
            "% of what the ready pods serve",
            (Series("utilisation", tuple(busy)),),
        ),
    )
