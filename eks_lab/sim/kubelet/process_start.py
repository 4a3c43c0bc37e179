"""Making the process of a container: its machine, its command with variables filled in."""

from __future__ import annotations

from datetime import datetime

from eks_lab.sim.behaviours.process import Process
from eks_lab.sim.kubelet.images import parse_reference
from eks_lab.sim.kubelet.machine import expanded, machine_of
from eks_lab.sim.kubelet.records import ContainerRecord, PodRecord
from eks_lab.sim.kubelet.surroundings import Surroundings
from eks_lab.sim.pod_resources import CPU, MEMORY, amounts


def new_process(
    around: Surroundings, record: PodRecord, container: ContainerRecord, started: datetime
) -> Process | None:
    """Return a run of a container that began at a moment; None when its image has no valid name."""
    spec = container.spec
    reference = parse_reference(spec.get("image", ""))
    if reference is None:
        return None
    machine = machine_of(around, record, container)
    if spec.get("command") or spec.get("args"):
        values = machine.environment
        words = {
            name: [expanded(word, values) for word in spec.get(name) or ()] for name in ("command", "args")
        }
        spec = {**spec, **words}
    limits = amounts((spec.get("resources") or {}).get("limits"))
    return around.catalogue.start(
        reference,
        spec,
        machine,
        policy=record.policy,
        started=started,
        memory_limit=limits.get(MEMORY),
        cpu_limit=limits.get(CPU),
    )
