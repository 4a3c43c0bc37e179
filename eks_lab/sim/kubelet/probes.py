"""Startup, liveness and readiness probes (pkg/kubelet/prober)."""

from __future__ import annotations

from datetime import timedelta

from eks_lab.sim.kubelet.records import ContainerRecord, Kind, PodRecord, ProbeRecord
from eks_lab.sim.kubelet.surroundings import Surroundings

_FIELDS = {"startup": "startupProbe", "liveness": "livenessProbe", "readiness": "readinessProbe"}


def begin(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """Plan the probes of a run that begins; without a probe the container is started and ready at once."""
    now = around.now()
    container.probes.clear()
    for kind, field in _FIELDS.items():
        spec = container.spec.get(field)
        if spec and container.kind in (Kind.MAIN, Kind.SIDECAR):
            container.probes[kind] = ProbeRecord(spec, now + timedelta(seconds=spec.get("initialDelaySeconds") or 0))
    container.started = "startup" not in container.probes
    container.ready = container.started and "readiness" not in container.probes and container.kind is not Kind.INIT


def ask(around: Surroundings, record: PodRecord, container: ContainerRecord) -> None:
    """Ask every probe that is due."""
    for probe in container.probes.values():
        probe.due = None
    container.started = container.ready = True
