"""What the sandbox is doing, in a few lines: its state, how to use it, what came of the last key."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from eks_lab.tui.sandbox_view import Activity, Facts, Said, SandboxView
from eks_lab.tui.status_rows import MARKS, Tone

STYLES = {
    Tone.GOOD: "$text-success",
    Tone.WAITING: "$text-warning",
    Tone.BAD: "$text-error",
    Tone.PLAIN: "",
}
ABOUT = (
    "A simulated EKS cluster on this machine: three nodes, a Kubernetes API that kubectl talks to, time that can be"
    " paused and played forward. No Docker, no AWS account, nothing leaves the machine."
)
BAR_CELLS = 24


class SandboxPanel(Widget):
    """State, activity and answer, one below the other."""

    ALLOW_SELECT = True
    DEFAULT_CSS = """
    SandboxPanel { height: auto; width: 1fr; padding: 0 1; }
    """

    view: reactive[SandboxView | None] = reactive(None, layout=True)
    """What there is; None before the first look."""
    activity: reactive[Activity | None] = reactive(None, layout=True)
    """What takes a while."""
    said: reactive[Said | None] = reactive(None, layout=True)
    """What came of the last key."""
    trouble: reactive[Said | None] = reactive(None, layout=True)
    """Why the sandbox cannot be seen."""
    is_short: reactive[bool] = reactive(False, layout=True)
    """Whether how to reach it is left out."""

    def render(self) -> Content:
        """Return the lines."""
        lines: list[Content] = []
        if self.activity is not None:
            lines.append(_activity(self.activity))
        if self.view is None:
            if self.activity is None and self.trouble is None:
                lines.append(Content.styled("Looking for the sandbox…", "$text-muted"))
        elif self.view.facts is not None:
            lines += _running(self.view.facts, self.is_short)
        elif self.activity is None:
            lines.append(
                Content.assemble(
                    ("○ not running", "bold"), "  Press s to start it, n to choose its nodes and version."
                )
            )
            lines.append(Content.styled(ABOUT, "$text-muted"))
        for said in (self.trouble, self.said):
            if said is not None:
                lines.append(Content.styled(f"{MARKS[said.tone]} {said.text}", STYLES[said.tone]))
                if said.hint:
                    lines.append(Content.assemble("  ", (f"Next: {said.hint}", "$text-muted")))
        return Content("\n").join(lines)


def _activity(activity: Activity) -> Content:
    full = min(BAR_CELLS, int(activity.part * BAR_CELLS))
    bar = "█" * full + "░" * (BAR_CELLS - full)
    text = f"▶ {activity.text}  "
    hint = f"  {activity.hint}" if activity.hint else ""
    return Content.assemble(
        (text, "bold"), (bar, "$text-primary"), f" {activity.part:.0%}", (hint, "$text-muted")
    )


def _running(facts: Facts, is_short: bool) -> list[Content]:
    moment = f"{facts.now:%Y-%m-%d %H:%M:%S} UTC"
    if facts.is_paused:
        time = "stands still at " + moment
    elif facts.speed == "max":
        time = f"{moment}, as fast as possible"
    else:
        time = f"{moment}, at {facts.speed}"
    lines = [
        Content.assemble(("● running", "bold $text-success"), f"  {_cluster(facts)}"),
        Content.assemble(("time        ", "$text-muted"), time),
    ]
    if is_short:
        return lines + [Content.styled(f"▲ {notice}", "$text-warning") for notice in facts.notices]
    servers = dict(facts.clusters).get(facts.shown, facts.server) or "none"
    aws = f", AWS {facts.aws} ({facts.account})" if facts.aws else ""
    lines += [
        Content.assemble(("API server  ", "$text-muted"), f"{servers}{aws}"),
        Content.assemble(("kubeconfig  ", "$text-muted"), facts.kubeconfig),
        Content.assemble(
            ("shell       ", "$text-muted"),
            "in another terminal: ",
            ("eks-lab sandbox shell", "bold"),
            (", or o here", "$text-muted"),
        ),
    ]
    lines += [Content.styled(f"▲ {notice}", "$text-warning") for notice in facts.notices]
    return lines


def _cluster(facts: Facts) -> str:
    """Return the cluster that is shown, in words."""
    if not facts.shown and facts.account:
        return f"account {facts.account}, no cluster"
    nodes = f"Kubernetes {facts.version}, {facts.ready} of {facts.nodes} nodes ready"
    if len(facts.clusters) > 1:
        return f"{facts.shown}, one of {len(facts.clusters)} clusters: {nodes}"
    return f"{nodes} ({facts.instance})" if facts.nodes else nodes
