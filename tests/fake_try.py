"""Commands of try boxes that are not run: what they would print is written down, and every call remembered."""

from __future__ import annotations

import threading
from collections.abc import Callable

from eks_lab.errors import EksLabError
from eks_lab.tui.sandbox_access import Tell
from eks_lab.tui.try_access import Ending, Listener, Standing, TryPlace
from eks_lab.tui.try_block import TryBlock

NODES = (
    "NAME                          PODS\nip-10-0-1-10.ec2.internal     29\nip-10-0-65-10.ec2.internal    29\n"
)
Answer = tuple[str, Ending]


class FakeTry:
    """Answers at once, or holds a command until a gate is opened or the learner has had enough."""

    def __init__(self, *answers: Answer, standing: Standing | None = None) -> None:
        """Be ready.

        Args:
            answers: what each command prints and how it ends; the last one serves all further commands.
            standing: what has to be asked; nothing when left out.
        """
        self.answers = answers or ((NODES, Ending(0, 0.2)),)
        self.standing = standing if standing is not None else Standing()
        self.calls: list[str] = []
        self.places: list[TryPlace] = []
        self.agreed: list[TryBlock] = []
        self.failure: EksLabError | None = None
        self.gate: threading.Event | None = None
        """Held by each command before it ends, until it is set or the learner has had enough."""

    def look(self, block: TryBlock) -> Standing:
        """Return what has to be asked."""
        self.calls.append("look")
        return self.standing

    def agree(self, block: TryBlock) -> None:
        """Remember what was agreed to."""
        self.agreed.append(block)

    def start(self, tell: Tell) -> None:
        """Start, or fail as told."""
        tell("step 2 of 3, the cluster is built", 0.5)
        self.calls.append("start")
        if self.failure is not None:
            raise self.failure

    def run(self, block: TryBlock, place: TryPlace, listener: Listener, is_over: Callable[[], bool]) -> None:
        """Answer each command."""
        self.places.append(place)
        for number, line in enumerate(block.lines):
            if is_over():
                return
            self.calls.append(line.text)
            listener.began(number)
            text, ending = self.answers[min(number, len(self.answers) - 1)]
            listener.printed(number, text)
            while self.gate is not None and not self.gate.wait(0.005):
                if is_over():
                    listener.ended(number, Ending(143, 0.1, "stopped"))
                    return
            listener.ended(number, ending)
            if ending.reason in ("stopped", "time"):
                return
