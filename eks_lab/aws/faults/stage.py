"""Where steps run: a world, who does it, what earlier steps found, and what has to be put back."""

from __future__ import annotations

import random
from collections import ChainMap
from collections.abc import Generator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from eks_lab.aws.faults.discovery import Discovered
from eks_lab.aws.faults.model import Variable
from eks_lab.aws.faults.references import Scope
from eks_lab.aws.principal import Principal, root
from eks_lab.errors import EksLabError, UnavailableError
from eks_lab.sim.api import Api
from eks_lab.sim.cluster import Cluster
from eks_lab.sim.objects import parse_time, timestamp

if TYPE_CHECKING:
    from eks_lab.aws.world import World

T = TypeVar("T")
Playing = Generator[timedelta, None, T]
"""Work that yields each stretch of simulated time that has to pass before it goes on."""


class StepError(EksLabError):
    """A step did not do what its file says it does."""


@dataclass(slots=True)
class Notes:
    """What is kept of an armed fault: enough to go on with it, and to undo it, in another process."""

    fault: str
    """Its id."""
    seed: int
    """Its variables follow from it."""
    since: str
    """RFC 3339: when it was armed."""
    variables: dict[str, Any] = field(default_factory=dict)
    """Values of its variables."""
    saved: dict[str, Any] = field(default_factory=dict)
    """What steps have found."""
    said: dict[str, str] = field(default_factory=dict)
    """Name of a step -> what it printed last."""
    before: list[dict[str, Any]] = field(default_factory=list)
    """Kubernetes objects as they were: `resource`, `namespace`, `name`, `object` (None: there was none)."""
    interfaces: list[str] = field(default_factory=list)
    """Ids of interfaces that were put into subnets."""
    out: list[list[str]] = field(default_factory=list)
    """Instance types and zones that have run out."""
    is_complete: bool = False
    """False while, or because, arming did not come to its end."""

    @property
    def armed_at(self) -> datetime:
        """Return when it was armed."""
        return parse_time(self.since)


class Stage:
    """One list of steps at work."""

    def __init__(
        self,
        world: World,
        cluster: str,
        notes: Notes,
        documents: Mapping[str, Any],
        caller: Principal | None = None,
        *,
        is_undoable: bool = False,
    ) -> None:
        """Set the stage.

        Args:
            world: the account and its clusters.
            cluster: name of the one that Kubernetes steps go to.
            notes: read, and added to.
            documents: of the file.
            caller: who runs `aws`; the account itself when None.
            is_undoable: whether what was there before is noted.
        """
        self.world = world
        self.cluster_name = cluster
        self.notes = notes
        self.caller = caller or root(world.account.id)
        self.is_undoable = is_undoable
        self.began = world.clock.now()
        """Events and log lines from here on are those of its steps."""
        own = {"vars": notes.variables, "documents": documents}
        self.scope = Scope(ChainMap(notes.saved, own, Discovered(world, cluster)))  # type: ignore[arg-type]

    @property
    def cluster(self) -> Cluster:
        """Return the cluster.

        Raises:
            UnavailableError: it is not there any more.
        """
        found = self.world.cluster(self.cluster_name)
        if found is None:
            raise UnavailableError(
                f"the cluster {self.cluster_name} is not there", hint="Begin anew with: eks-lab sandbox reset"
            )
        return found

    @property
    def api(self) -> Api:
        """Return the cluster's API."""
        return self.cluster.api

    @property
    def now(self) -> datetime:
        """Return the simulated moment."""
        return self.world.clock.now()


def new_notes(fault: str, seed: int, now: datetime, wishes: Mapping[str, Variable]) -> Notes:
    """Return the notes of a fault about to be armed.

    Args:
        fault: its id.
        seed: of its variables; the same seed gives the same values.
        now: simulated moment.
        wishes: its variables.
    """
    chance = random.Random(f"{fault}/{seed}")
    values = {
        name: chance.choice(wish.choose) if wish.choose else chance.randint(wish.range[0], wish.range[1])
        for name, wish in sorted(wishes.items())
    }
    return Notes(fault, seed, timestamp(now), values)
