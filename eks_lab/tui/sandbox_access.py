"""What the sandbox screen asks of the sandbox: calls that wait, for worker threads only."""

from __future__ import annotations

import shutil
import subprocess
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from eks_lab.tui.account_view import account_view, cost_view, fault_table
from eks_lab.tui.sandbox_reader import KubeReader
from eks_lab.tui.sandbox_view import (
    MOST_EVENTS,
    MOST_PODS,
    Facts,
    Page,
    SandboxView,
    Wishes,
    event_table,
    facts_of,
    node_table,
    pod_table,
    pods_with_addresses,
    without_cluster,
)

if TYPE_CHECKING:
    from eks_lab.sandbox.client import Client
    from eks_lab.sandbox.state_directory import StateDirectory
    from eks_lab.tui.screens.aws_consent import Question

WATCH_SECONDS = 0.1
BASE_CLUSTER = "lab"
"""Name of the cluster that every sandbox begins with."""
Tell = Callable[[str, float], None]
"""Called with what is being done and how much of it is done, 0 to 1; from any thread."""


@dataclass(frozen=True, slots=True)
class Played:
    """What an advance brought."""

    minutes: int
    """Simulated minutes that were played; fewer than asked for after a stop."""
    happenings: int
    warnings: int


class SandboxAccess(Protocol):
    """A sandbox as the screen uses it; every call but `view` may raise an `EksLabError`."""

    def look(self, page: Page = Page.WORKLOADS, cluster: str = "") -> SandboxView:
        """Return what there is now; only the tables of the page are filled."""
        ...

    def start(self, tell: Tell) -> None:
        """Start it, or go on with what is kept."""
        ...

    def stop(self) -> None:
        """Stop it and keep its state."""
        ...

    def reset(self) -> None:
        """Throw the cluster away; a running sandbox begins a new one."""
        ...

    def begin(self, wishes: Wishes, tell: Tell) -> None:
        """Throw the cluster away and start another one."""
        ...

    def in_own_account(
        self,
        values: Mapping[str, str],
        tell: Tell,
        ask: Callable[[Question], str],
        is_over: Callable[[], bool],
    ) -> str:
        """Make a cluster in the learner's own AWS account, after both questions; return what to say."""
        ...

    def set_speed(self, speed: str) -> None:
        """Let simulated time run at `1x`, `10x`, `60x`, or `pause` it."""
        ...

    def advance(self, minutes: int, tell: Tell, is_over: Callable[[], bool]) -> Played:
        """Play simulated minutes, one after the other, until `is_over` says yes."""
        ...

    def arm(self, fault: str) -> str:
        """Bring a fault about, and return what it looks like."""
        ...

    def clear(self, fault: str) -> tuple[str, ...]:
        """Take a fault back, and return what could not be taken back."""
        ...

    def open_shell(self) -> int:
        """Run a shell for the cluster on this terminal and return its exit code."""
        ...

    def apply(self, manifests: str) -> str:
        """Apply manifests with kubectl and return what it printed."""
        ...


class LocalSandbox:
    """The learner's own sandbox."""

    def __init__(self, directory: StateDirectory) -> None:
        """Serve the sandbox of a folder.

        Args:
            directory: of its state; it need not exist yet.
        """
        self._directory = directory
        self._reader = KubeReader(directory.kubeconfig)
        self._others: dict[tuple[str, str], KubeReader] = {}
        self._seen: tuple[str, str, int] = ("", "", -1)
        self._tables = SandboxView()

    def look(self, page: Page = Page.WORKLOADS, cluster: str = "") -> SandboxView:
        """Return what there is now; only the tables of a page are filled.

        Args:
            page: that is looked at.
            cluster: whose workloads are shown; the base cluster, or the first one, when there is none of this name.

        Raises:
            EksLabError: it runs but does not answer.
        """
        from eks_lab.sandbox import client

        process = client.running(self._directory)
        if process is None:
            return SandboxView()
        sandbox = client.Client(self._directory, process)
        status = sandbox.status()
        facts = replace(facts_of(status), shown=_chosen(status["clusters"], cluster))
        if page is Page.WORKLOADS:
            return self._workloads(facts, status)
        facts = self._with_known_counts(facts)
        if page is Page.FAULTS:
            return SandboxView(facts, faults=fault_table(sandbox.faults()))
        if page is Page.COST:
            return SandboxView(facts, costs=cost_view(sandbox.costs()))
        found = sandbox.account()
        held = self._pods_of(facts, found) if page is Page.NETWORK and facts.shown else None
        account = account_view(found, facts.shown, dict(facts.clusters), held)
        return SandboxView(facts, account=account)

    def _workloads(self, facts: Facts, status: Mapping[str, Any]) -> SandboxView:
        """Return nodes, pods and events; the base cluster's are read only when something changed."""
        if not facts.shown:
            return replace(without_cluster(), facts=facts)
        seen = (status["instance"], facts.shown, status["revision"])
        # A reset may come to the same revision again, but not within the time it takes to do the same things.
        # The revision is the base cluster's.
        if seen != self._seen or facts.shown != BASE_CLUSTER:
            nodes, pods, events, version = self._reader_of(facts).read(
                ("/api/v1/nodes?includeObject=Metadata", True),
                (f"/api/v1/pods?includeObject=Metadata&limit={MOST_PODS}", True),
                (f"/api/v1/events?limit={MOST_EVENTS}", False),
                ("/version", False),
            )
            self._tables = SandboxView(
                self._counted(facts, nodes, pods, version),
                node_table(nodes, pods),
                pod_table(pods),
                event_table(events),
            )
            self._seen = seen
        return replace(self._tables, facts=self._with_known_counts(facts))

    def _pods_of(self, facts: Facts, account: Mapping[str, Any]) -> Mapping[str, int]:
        """Return how many pods of the cluster that is shown have an address of their own, by node."""
        nodes, pods = self._reader_of(facts).read(
            ("/api/v1/nodes", True), (f"/api/v1/pods?limit={MOST_PODS}", True)
        )
        names = {row["cells"][0] for row in nodes.get("rows") or ()}
        places = {each["name"]: each["address"] for each in account["instances"] if each["name"] in names}
        return pods_with_addresses(pods, places)

    def _with_known_counts(self, facts: Facts) -> Facts:
        """Return facts with the counts of the cluster that is shown; the status counts the base cluster's."""
        known = self._tables.facts
        if known is None or known.shown != facts.shown or facts.shown == BASE_CLUSTER:
            return facts
        return replace(facts, version=known.version, ready=known.ready, nodes=known.nodes, pods=known.pods)

    def _counted(
        self, facts: Facts, nodes: Mapping[str, Any], pods: Mapping[str, Any], version: Mapping[str, Any]
    ) -> Facts:
        """Return facts with what was read from a cluster."""
        statuses = [row["cells"][1] for row in nodes.get("rows") or ()]
        left_out = int((pods.get("metadata") or {}).get("remainingItemCount") or 0)
        return replace(
            facts,
            version=f"{version['major']}.{version['minor'].rstrip('+')}",
            ready=sum(status.split(",")[0] == "Ready" for status in statuses),
            nodes=len(statuses),
            pods=len(pods.get("rows") or ()) + left_out,
        )

    def _reader_of(self, facts: Facts) -> KubeReader:
        """Return who reads from the cluster that is shown."""
        if facts.shown == BASE_CLUSTER:
            return self._reader
        server = dict(facts.clusters)[facts.shown]
        known = (facts.shown, server)
        if known not in self._others:
            folder = self._directory.certificates_of(facts.shown, BASE_CLUSTER)
            self._others = {known: KubeReader(folder, _administrator(folder, server))}
        return self._others[known]

    def start(self, tell: Tell) -> None:
        """Start it, or go on with what is kept.

        Args:
            tell: hears of the steps.

        Raises:
            EksLabError: it cannot run; the message says why.
        """
        self._start({}, tell)

    def _start(self, wishes: dict[str, Any], tell: Tell) -> None:
        from eks_lab.sandbox import launch
        from eks_lab.sandbox.backends.switching import require_embedded

        require_embedded(self._directory, "this screen")
        done = threading.Event()
        watcher = threading.Thread(target=self._watch, args=(done, tell), daemon=True)
        watcher.start()
        try:
            launch.start(self._directory, wishes)
        finally:
            done.set()
            watcher.join()

    def _watch(self, done: threading.Event, tell: Tell) -> None:
        """Tell how far a start is, by what the process has left in its folder."""
        from eks_lab.sandbox.client import running
        from eks_lab.sandbox.process_lock import is_held

        told = -1
        while True:
            step = 0
            if is_held(self._directory.lock):
                step = 2 if running(self._directory) is not None else 1
            if step > told:
                told = step
                tell(f"step {step + 1} of {len(STEPS)}, {STEPS[step]}", (step + 0.5) / len(STEPS))
            if done.wait(WATCH_SECONDS):
                return

    def stop(self) -> None:
        """Stop it and keep its state.

        Raises:
            UnavailableError: it does not end.
        """
        from eks_lab.sandbox import launch

        launch.stop(self._directory)

    def reset(self) -> None:
        """Throw the cluster away; a running sandbox begins a new one with the same options.

        Raises:
            EksLabError: it does not answer, or its files cannot be removed.
        """
        from eks_lab.sandbox import client, launch

        process = client.running(self._directory)
        if process is None:
            launch.forget(self._directory)
        else:
            client.Client(self._directory, process).reset()
        self._seen = ("", "", -1)

    def begin(self, wishes: Wishes, tell: Tell) -> None:
        """Throw away the cluster that runs or is kept, and start another one; nothing is lost when it cannot be had.

        Args:
            wishes: what it is like.
            tell: hears of the steps.

        Raises:
            EksLabError: it cannot be had; the message names the wish.
        """
        from eks_lab.sandbox import client, launch
        from eks_lab.sim.cluster import ClusterOptions

        options = asdict(wishes)
        ClusterOptions(**options).check()
        process = client.running(self._directory)
        if process is not None:
            client.Client(self._directory, process).reset(**options)
        else:
            launch.forget(self._directory)
            self._start(options, tell)
        self._seen = ("", "", -1)

    def in_own_account(
        self,
        values: Mapping[str, str],
        tell: Tell,
        ask: Callable[[Question], str],
        is_over: Callable[[], bool],
    ) -> str:
        """Make a cluster in the learner's own AWS account, and return what to say.

        Args:
            values: what was typed, by the name of the wish.
            tell: hears of the steps.
            ask: asks the two questions.
            is_over: asked all the while.

        Raises:
            EksLabError: it cannot be had, or was not wanted.
        """
        from eks_lab.tui.own_account import bring_up

        return bring_up(self._directory, values, tell, ask, is_over)

    def set_speed(self, speed: str) -> None:
        """Go on at another speed.

        Args:
            speed: `1x`, `10x`, `60x`, `pause`.

        Raises:
            EksLabError: it does not run.
        """
        from eks_lab.sandbox import client

        client.required(self._directory).set_speed(speed)

    def advance(self, minutes: int, tell: Tell, is_over: Callable[[], bool]) -> Played:
        """Play simulated time minute by minute, so that it can be watched and stopped.

        Args:
            minutes: simulated minutes.
            tell: hears of every minute.
            is_over: asked all the while; what is under way then is cancelled, and does not count.

        Raises:
            EksLabError: it does not run, or something else plays its time already.
        """
        from eks_lab.sandbox import client

        sandbox = client.required(self._directory)
        happenings = warnings = played = 0
        while played < minutes and not is_over():
            tell(f"{played} of {minutes} minutes", played / minutes)
            found = _minute(sandbox, is_over)
            played += not found["cancelled"]
            happenings += len(found["happenings"]) + found["dropped"]
            warnings += sum(each["kind"] == "Warning" for each in found["happenings"])
        return Played(played, happenings, warnings)

    def arm(self, fault: str) -> str:
        """Bring a fault about, and return what it looks like; simulated time moves on until it can be seen.

        Args:
            fault: its id.

        Raises:
            EksLabError: it cannot be armed; the message says why.
        """
        from eks_lab.sandbox import client

        found = client.required(self._directory).arm_fault(fault)
        return " ".join(" ".join(found["says"]).split())

    def clear(self, fault: str) -> tuple[str, ...]:
        """Take a fault back, and return what could not be taken back.

        Args:
            fault: its id.

        Raises:
            EksLabError: it is not armed.
        """
        from eks_lab.sandbox import client

        return tuple(client.required(self._directory).clear_fault(fault)["left"])

    def open_shell(self) -> int:
        """Run a shell for the cluster on this terminal and return its exit code."""
        return subprocess.run([sys.executable, "-m", "eks_lab", "sandbox", "shell"], check=False).returncode

    def apply(self, manifests: str) -> str:
        """Apply manifests with kubectl and return what it printed.

        Args:
            manifests: YAML documents.

        Raises:
            UnavailableError: the sandbox does not run, or there is no kubectl.
            InputError: the API server refused something; the message is kubectl's.
        """
        from eks_lab.errors import InputError, UnavailableError
        from eks_lab.sandbox import client

        if client.running(self._directory) is None:
            raise UnavailableError(
                "the sandbox does not run", hint="Start it: S, then s; or eks-lab sandbox up."
            )
        beside = Path(sys.executable).with_name("kubectl")
        kubectl = str(beside) if beside.exists() else shutil.which("kubectl")
        if kubectl is None:
            raise UnavailableError(
                "there is no kubectl on this machine", hint="eks-lab doctor says how to get it."
            )
        done = subprocess.run(
            [
                kubectl,
                f"--kubeconfig={self._directory.kubeconfig}",
                "--request-timeout=20s",
                "apply",
                "-f",
                "-",
            ],
            input=manifests,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise InputError(
                done.stderr.strip() or done.stdout.strip(), hint="kubectl applied what came before it."
            )
        return done.stdout.strip()


def _chosen(clusters: Collection[str], wanted: str) -> str:
    """Return whose workloads are shown: the one that is wanted, the base cluster, any, none."""
    for name in (wanted, BASE_CLUSTER, *sorted(clusters)):
        if name in clusters:
            return name
    return ""


def _administrator(folder: Path, server: str) -> Callable[[], bytes]:
    """Return a function that makes a kubeconfig anew when the cluster has another certificate authority."""
    made: dict[bytes, bytes] = {}

    def content() -> bytes:
        from eks_lab.clock import SystemClock
        from eks_lab.sandbox.administrator import administrator_kubeconfig

        authority = (folder / "ca.crt").read_bytes()
        if authority not in made:
            made.clear()
            made[authority] = administrator_kubeconfig(folder, server, SystemClock().now())
        return made[authority]

    return content


def _minute(sandbox: Client, is_over: Callable[[], bool]) -> dict[str, Any]:
    """Play one minute; a cluster with much to do takes its time, so it can be cancelled in the middle."""
    with ThreadPoolExecutor(1) as thread:
        playing = thread.submit(sandbox.advance, timedelta(minutes=1))
        while not wait([playing], WATCH_SECONDS).done:
            if is_over():
                sandbox.cancel_advance()
        return playing.result()


STEPS = ("the process starts", "the cluster is built", "the API server answers")
"""Of a start, in their order."""


def local_sandbox() -> LocalSandbox:
    """Return the learner's own sandbox; nothing is read or started."""
    from eks_lab.sandbox.state_directory import StateDirectory

    return LocalSandbox(StateDirectory.default())
