"""Which behaviour an image has."""

from __future__ import annotations

from dataclasses import dataclass

from eks_lab.sim.behaviours.process import Exit, Process
from eks_lab.sim.objects import Obj


@dataclass(frozen=True, slots=True)
class Pull:
    """What pulling an image gives."""

    seconds: float
    size: int
    error: str = ""


class Catalogue:
    """All behaviours."""

    def pull(self, image: str, reference: object, architecture: str, has_secret: bool) -> Pull:
        """Return what pulling gives."""
        if "bad" in image:
            return Pull(0.8, 0, f'failed to resolve reference "{image}": {image}: not found')
        return Pull(1.0, 50_000_000)

    def start(self, container: Obj, pod: Obj, restarts: int) -> Process:
        """Return a run."""
        image = container["image"]
        if "crash" in image:
            return Process(Exit(0.5, 1))
        command = [*(container.get("command") or ()), *(container.get("args") or ())]
        policy = pod["spec"].get("restartPolicy")
        if "busybox" in image and (command or policy != "Always") and "sleep" not in " ".join(command):
            return Process(Exit(0.2, 0))
        return Process()
