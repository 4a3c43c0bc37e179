"""What the sandbox is doing, in a few lines: its state, how to use it, what came of the last key."""

from __future__ import annotations

from textual.content import Content
from textual.reactive import reactive

from eks_lab.tui.sandbox_view import Facts, SandboxView
from eks_lab.tui.widgets.activity_panel import ActivityPanel

ABOUT = (
    "A simulated EKS cluster on this machine: three nodes, a Kubernetes API that kubectl talks to, time that can be"
    " paused and played forward. No Docker, no AWS account, nothing leaves the machine."
)


class SandboxPanel(ActivityPanel):
    """State, activity and answer, one below the other."""

    DEFAULT_CSS = """
    SandboxPanel { height: auto; width: 1fr; padding: 0 1; }
    """

    view: reactive[SandboxView | None] = reactive(None, layout=True)
    """What there is; None before the first look."""
    is_short: reactive[bool] = reactive(False, layout=True)
    """Whether how to reach it is left out."""

    def state_lines(self) -> list[Content]:
        """Return how the sandbox stands."""
        if self.view is None:
            is_quiet = self.activity is None and self.trouble is None
            return [Content.styled("Looking for the sandbox…", "$text-muted")] if is_quiet else []
        if self.view.facts is not None:
            return _running(self.view.facts, self.is_short)
        if self.activity is not None:
            return []
        return [
            Content.assemble(
                ("○ not running", "bold"), "  Press s to start it, n to choose its nodes and version."
            ),
            Content.styled(ABOUT, "$text-muted"),
        ]


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
