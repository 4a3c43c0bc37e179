"""Startup, liveness and readiness probes (pkg/kubelet/prober).

A probe whose answer cannot change is not asked again: a healthy pod costs nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from eks_lab.sim.behaviours.process import Process
from eks_lab.sim.kubelet import termination
from eks_lab.sim.kubelet.records import ContainerRecord, Kind, PodRecord, ProbeRecord, Step
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.objects import Obj

_FIELDS = {"startup": "startupProbe", "liveness": "livenessProbe", "readiness": "readinessProbe"}
FIRST = 1.0
"""Seconds after the start at which a probe without initial delay is asked first; the real kubelet's probers tick
since the pod came, so that their first tick falls anywhere into the first period."""


@dataclass(frozen=True, slots=True)
class _Result:
    is_good: bool
    text: str = ""


def begin(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """Plan the probes of a run that begins; without a probe the container is started and ready at once."""
    now = around.now()
    container.probes.clear()
    for kind, field in _FIELDS.items():
        spec = container.spec.get(field)
        if spec and container.kind in (Kind.MAIN, Kind.SIDECAR):
            delay = max(float(spec.get("initialDelaySeconds") or 0), FIRST)
            container.probes[kind] = ProbeRecord(spec, now + timedelta(seconds=delay))
    container.started = "startup" not in container.probes
    has_readiness = "readiness" in container.probes
    container.ready = container.started and not has_readiness and container.kind is not Kind.INIT


def ask(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """Ask every probe that is due; a liveness or startup probe may stop the container."""
    now = around.now()
    for kind, probe in list(container.probes.items()):
        if probe.due is None or probe.due > now:
            continue
        if kind != "startup" and not container.started:
            # Nothing else is asked before the startup probe has succeeded.
            probe.due = None
            continue
        if kind == "startup" and container.started:
            probe.due = None
            continue
        result = _result(around, record, container, probe.spec)
        if container.process is not None and kind in container.process.failing_probes:
            result = _Result(False, "command failed with exit code 1")
        if result.is_good:
            probe.successes, probe.failures = probe.successes + 1, 0
        else:
            probe.successes, probe.failures = 0, probe.failures + 1
            around.warning(record, "Unhealthy", f"{kind.capitalize()} probe failed: {result.text}", container)
        _conclude(around, record, container, kind, probe)
        if container.step is not Step.RUNNING:
            return
        probe.due = _next(around, container, probe)


def wake(around: Surroundings, container: ContainerRecord) -> None:
    """Ask all probes again soon: a command run inside may have changed what they see."""
    if container.step is not Step.RUNNING:
        return
    for probe in container.probes.values():
        if probe.due is None:
            probe.due = around.now() + timedelta(seconds=probe.spec.get("periodSeconds") or 10)
    moments = [probe.due for probe in container.probes.values() if probe.due is not None]
    if container.due is not None:
        moments.append(container.due)
    container.due = min(moments, default=None)


def _conclude(
    around: Surroundings, record: PodRecord, container: ContainerRecord, kind: str, probe: ProbeRecord
) -> None:
    """Draw the consequence of a probe that reached a threshold."""
    now = around.now()
    if probe.successes >= (probe.spec.get("successThreshold") or 1):
        if kind == "readiness":
            container.ready = True
        elif kind == "startup":
            container.started = True
            container.ready = "readiness" not in container.probes
            for other in container.probes.values():
                if other is not probe:
                    other.due = now + timedelta(milliseconds=100)
    elif probe.failures >= (probe.spec.get("failureThreshold") or 3):
        if kind == "readiness":
            container.ready = False
            return
        around.normal(
            record, "Killing", f"Container {container.name} failed {kind} probe, will be restarted", container
        )
        grace = probe.spec.get("terminationGracePeriodSeconds")
        if grace is None:
            grace = record.pod["spec"].get("terminationGracePeriodSeconds")
        termination.stop(around, record, container, grace)


def _next(around: Surroundings, container: ContainerRecord, probe: ProbeRecord) -> datetime | None:
    """Return when a probe is asked again; None while its answer cannot change."""
    now = around.now()
    period = timedelta(seconds=probe.spec.get("periodSeconds") or 10)
    process, began = container.process, container.started_at
    if process is None or began is None:
        return None
    is_settled = probe.successes >= (probe.spec.get("successThreshold") or 1)
    if not is_settled:
        return now + period
    if process.is_scripted and "exec" in probe.spec:
        return now + period
    change = process.changes_after((now - began).total_seconds())
    if change is None:
        return None
    return max(now + period, began + timedelta(seconds=change))


def _result(around: Surroundings, record: PodRecord, container: ContainerRecord, spec: Obj) -> _Result:
    process, began = container.process, container.started_at
    if process is None or began is None:
        return _Result(False, "container is not running")
    seconds = (around.now() - began).total_seconds()
    if "exec" in spec:
        out, errors, code = process.run(list(spec["exec"].get("command") or ()), seconds)
        return _Result(code == 0, (out + errors).rstrip("\n") or f"command failed with exit code {code}")
    if "httpGet" in spec:
        return _http(record, container, process, spec["httpGet"], seconds)
    if "tcpSocket" in spec:
        number = port_of(container.spec, spec["tcpSocket"].get("port"))
        address = f"{spec['tcpSocket'].get('host') or record.address}:{number}"
        is_open = process.listens(number, seconds)
        return _Result(is_open, f"dial tcp {address}: connect: connection refused")
    if "grpc" in spec:
        number = int(spec["grpc"]["port"])
        text = f'timeout: failed to connect service "{record.address}:{number}" within 1s: context deadline exceeded'
        return _Result(process.listens(number, seconds), text)
    return _Result(True)


def _http(
    record: PodRecord, container: ContainerRecord, process: Process, get: Obj, seconds: float
) -> _Result:
    number = port_of(container.spec, get.get("port"))
    path = get.get("path") or "/"
    path = path if path.startswith("/") else f"/{path}"
    address = f"{get.get('host') or record.address}:{number}"
    url = f"{(get.get('scheme') or 'HTTP').lower()}://{address}{path}"
    if not process.listens(number, seconds):
        return _Result(False, f'Get "{url}": dial tcp {address}: connect: connection refused')
    answer = process.answer(number, path, seconds)
    if answer is None:
        return _Result(False, f'Get "{url}": EOF')
    is_good = 200 <= answer.status < 400
    return _Result(is_good, f"HTTP probe failed with statuscode: {answer.status}")


def port_of(container: Obj, port: object) -> int:
    """Return the number of a probe's port, which may be a name; 0 for a name that the container does not have."""
    if isinstance(port, int):
        return port
    for each in container.get("ports") or ():
        if each.get("name") == port:
            number: int = each["containerPort"]
            return number
    return int(port) if isinstance(port, str) and port.isdecimal() else 0
