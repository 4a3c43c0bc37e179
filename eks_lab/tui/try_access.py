"""What a try box asks of whoever runs its commands: calls that wait, for worker threads only."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

if TYPE_CHECKING:
    from eks_lab.tui.sandbox_access import Tell
    from eks_lab.tui.try_block import TryBlock

Reason = Literal["", "stopped", "time", "output"]
"""Why a command was ended: it ended by itself, the learner had enough, it took too long, it printed too much."""


@dataclass(frozen=True, slots=True)
class TryPlace:
    """The lesson whose commands are run."""

    lesson_id: str
    folder: Path
    """Of the lesson's files; they are copied, and nothing is written here."""


@dataclass(frozen=True, slots=True)
class Standing:
    """What has to be asked before commands are run."""

    is_on: bool = True
    """Whether the sandbox runs, or is not needed."""
    lab: str = ""
    """Title of the lab that is under way in it; empty without one."""
    stands_still: bool = False
    """Whether its simulated time is paused."""
    source: str = ""
    """Folder of a course that did not come with the program and was not agreed to yet; else empty."""


@dataclass(frozen=True, slots=True)
class Ending:
    """How one command ended."""

    code: int
    """As a shell has it: 128 and more for a signal."""
    seconds: float
    """Wall time."""
    reason: Reason = ""
    dropped: int = 0
    """Bytes of output that were not kept."""


@dataclass(frozen=True, slots=True)
class Listener:
    """Hears what a run does; called from the thread that runs it."""

    began: Callable[[int], None]
    """The nth command has begun, from 0."""
    printed: Callable[[int, str], None]
    """It has printed something: standard output and standard error as they come."""
    ended: Callable[[int, Ending], None]


class TryAccess(Protocol):
    """Runs the commands of try boxes; every call may raise an `EksLabError`."""

    def look(self, block: TryBlock) -> Standing:
        """Return what has to be asked before a block is run."""
        ...

    def agree(self, block: TryBlock) -> None:
        """Note that the learner has seen exactly these commands and wants them run."""
        ...

    def start(self, tell: Tell) -> None:
        """Start the sandbox."""
        ...

    def run(self, block: TryBlock, place: TryPlace, listener: Listener, is_over: Callable[[], bool]) -> None:
        """Run the commands of a block one after the other, until `is_over` says yes."""
        ...
