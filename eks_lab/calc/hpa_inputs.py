"""The form of `hpa`: an autoscaler, then what it sees now, or what happens to it over time."""

from __future__ import annotations

from eks_lab.calc.model import Input

METRICS = (
    "cpu-utilization",
    "cpu-average-value",
    "memory-utilization",
    "memory-average-value",
    "pods-average-value",
    "object-value",
    "object-average-value",
    "external-value",
    "external-average-value",
)
DEFAULT_MIN_REPLICAS = 2
DEFAULT_MAX_REPLICAS = 20
MOST_PODS = 100_000
MOST_RPS = 1_000_000_000.0


def _text(name: str, label: str, help_text: str, default: str | None = None) -> Input:
    return Input(name, label, "text", default, help_text, optional=True)


def _count(name: str, label: str, help_text: str, default: int | None = 0, least: int = 0) -> Input:
    return Input(
        name,
        label,
        "integer",
        default,
        help_text,
        unit="pods",
        minimum=least,
        maximum=MOST_PODS,
        optional=default is None,
    )


def _seconds(name: str, label: str, help_text: str, default: float | None, most: float = 86_400) -> Input:
    return Input(
        name,
        label,
        "number" if default is not None else "integer",
        default,
        help_text,
        unit="s",
        minimum=0,
        maximum=most,
        optional=default is None,
    )


def _load(name: str, label: str, help_text: str, default: float) -> Input:
    return Input(name, label, "number", default, help_text, unit="requests/s", minimum=0, maximum=MOST_RPS)


def _tolerance(direction: str) -> Input:
    return Input(
        name=f"tolerance_{direction}",
        label=f"Tolerance {direction}",
        kind="number",
        default=None,
        help=f"Field tolerance of the way {direction}, as a share of the target; empty is the manifest's or 0.1.",
        unit="of the target",
        minimum=0,
        maximum=100,
        optional=True,
    )


INPUTS = (
    Input(
        name="question",
        label="Question",
        kind="choice",
        default="timeline",
        help="A timeline over a load curve, or a single decision.",
        choices=("timeline", "decision"),
    ),
    Input(
        name="manifest",
        label="Manifest",
        kind="document",
        default=None,
        help="A HorizontalPodAutoscaler (autoscaling/v2): bounds, metrics and behaviour come from it.",
        optional=True,
    ),
    Input(
        name="metric",
        label="Metric",
        kind="choice",
        default="cpu-utilization",
        help="What is measured, and how the target is meant; not used with a manifest.",
        choices=METRICS,
    ),
    _text(
        "target",
        "Target",
        "Percent for a utilization, else a quantity such as 500m or 100; not used with a manifest.",
        "70",
    ),
    _count("min_replicas", "minReplicas", "Lower bound; empty is the manifest's, or 2.", None),
    _count("max_replicas", "maxReplicas", "Upper bound; empty is the manifest's, or 20.", None, least=1),
    _count(
        "current_replicas", "Replicas now", "Replicas at the decision, or at the start of the timeline.", 4
    ),
    _tolerance("up"),
    _tolerance("down"),
    _seconds(
        "up_window_seconds",
        "Window up",
        "Stabilisation window up; empty is the manifest's, or 0.",
        None,
        3600,
    ),
    _seconds(
        "down_window_seconds",
        "Window down",
        "Stabilisation window down; empty is the manifest's, or 300.",
        None,
        3600,
    ),
    _text("up_policies", "Policies up", "Such as 100%/15s, 4/15s, with min or max before them, or disabled."),
    _text("down_policies", "Policies down", "Such as min 10%/60s, 5/60s, or disabled."),
    _text(
        "values",
        "Values",
        "Decision: what the metrics show, 105 or cpu=105, queue_length=300, memory=error. Timeline: metrics"
        " that the load does not move, by name.",
        "105",
    ),
    _count("missing_pods", "Pods without a sample", "Decision: running pods of which no sample has come."),
    _count(
        "unready_pods", "Pods not ready yet", "Decision: pods that run for a minute and were never ready."
    ),
    _count("pending_pods", "Pending pods", "Decision: pods that do not run yet."),
    _text(
        "recent_wishes", "Recent wishes", "Decision: what was recommended, seconds ago:replicas, 120:8, 60:6."
    ),
    _text("recent_steps", "Recent steps", "Decision: what changed, seconds ago:pods, 30:+4, 10:-2."),
    Input(
        name="missing_rule",
        label="Missing samples",
        kind="choice",
        default="controller",
        help="On the way down a missing pod uses all it requests (controller) or the target (documentation).",
        choices=("controller", "documentation"),
    ),
    Input(
        name="load_shape",
        label="Load",
        kind="choice",
        default="step",
        help="Timeline: shape of the load between base and peak.",
        choices=("constant", "step", "ramp", "spike", "sine"),
    ),
    _load("base_load_rps", "Base load", "Timeline: load at the start.", 250.0),
    _load("peak_load_rps", "Peak load", "Timeline: load at the other end.", 1200.0),
    _seconds("change_at_seconds", "Change at", "Timeline: when the load leaves the base.", 300.0),
    _seconds(
        "change_seconds",
        "Change lasts",
        "Timeline: length of a ramp or a spike, or one swing of a sine.",
        600.0,
    ),
    _text(
        "load_points", "Load points", "Timeline: a curve of its own, seconds:load, such as 0:100, 300:900."
    ),
    Input(
        name="capacity_rps",
        label="Capacity of a pod",
        kind="number",
        default=100.0,
        help="Timeline: requests that a pod serves when it uses just the CPU it requests.",
        unit="requests/s",
        minimum=0.001,
        maximum=MOST_RPS,
    ),
    Input(
        name="cpu_request_millicores",
        label="CPU request",
        kind="integer",
        default=250,
        help="Timeline: CPU request of a pod.",
        unit="millicores",
        minimum=1,
        maximum=1_000_000,
    ),
    Input(
        name="cpu_ceiling_percent",
        label="CPU limit",
        kind="number",
        default=None,
        help="Timeline: CPU limit of a pod as a share of its request; empty is no limit.",
        unit="%",
        minimum=1,
        maximum=100_000,
        optional=True,
    ),
    _seconds(
        "start_seconds",
        "Start-up",
        "Timeline: from the decision until the container runs; add the time of a new node.",
        20.0,
        3600,
    ),
    _seconds("ready_delay_seconds", "Readiness", "Timeline: from then until the pod is ready.", 10.0, 3600),
    _seconds("metric_delay_seconds", "Age of samples", "Timeline: how old the metrics are.", 15.0, 600),
    Input(
        name="duration_minutes",
        label="Duration",
        kind="number",
        default=30.0,
        help="Timeline: how long it is.",
        unit="min",
        minimum=1,
        maximum=1440,
    ),
    Input(
        name="sync_period_seconds",
        label="Sync period",
        kind="number",
        default=15.0,
        help="Time between two looks of the controller; 15 on the standard tier.",
        unit="s",
        minimum=10,
        maximum=15,
    ),
    Input(
        name="tier",
        label="Control plane",
        kind="choice",
        default="standard",
        help="Standard, or a provisioned tier: those take a sync period from 10 to 15 s.",
        choices=("standard", "xl", "2xl", "4xl", "8xl"),
    ),
    Input(
        name="today",
        label="Today",
        kind="date",
        default=None,
        help="The present day: figures that are older than 180 days by then earn a warning.",
        optional=True,
    ),
)
