"""The faults of one world: what there is, what is armed, arming, and taking it back."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from eks_lab.aws.faults import actions
from eks_lab.aws.faults.durations import duration
from eks_lab.aws.faults.fault_file import packaged
from eks_lab.aws.faults.model import Fault, Observation, Step
from eks_lab.aws.faults.observations import is_seen
from eks_lab.aws.faults.stage import Notes, Playing, Stage, StepError, new_notes
from eks_lab.aws.faults.undo import undo
from eks_lab.errors import ContentError, EksLabError, InputError, UnavailableError
from eks_lab.sim.objects import Key, is_condition_true

if TYPE_CHECKING:
    from eks_lab.aws.principal import Principal
    from eks_lab.aws.world import World

FAULTS = "faults.lab"
"""Records of the account's store: what is armed."""
ADDONS = "addons.eks"
GONE = (
    "ResourceNotFoundException", "NoSuchEntity", "NoSuchBucket", "InvalidSubnetID.NotFound",
    "InvalidGroup.NotFound", "InvalidPermission.NotFound", "InvalidLaunchTemplateName.NotFoundException",
    "InvalidLaunchTemplateId.NotFound", "InvalidVpcCidrBlockAssociationID.NotFound",
    "InvalidRouteTableID.NotFound", "InvalidAssociationID.NotFound", "NotFound", "InvalidPermission.Duplicate",
    "ResourceInUseException", "EntityAlreadyExists",
)  # fmt: skip
"""Codes that mean there is nothing left to take back, or that it is there again already."""
CALMS_DOWN = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Listed:
    """A fault as `sandbox fault list` shows it."""

    fault: Fault
    armed_at: datetime | None
    """Simulated moment; None when it is not armed."""
    is_visible: bool
    """Whether all of its symptom can be seen now."""


class Faults:
    """The faults of one cluster in a world."""

    def __init__(self, world: World, cluster: str, faults: Iterable[Fault] | None = None) -> None:
        """Take a world.

        Args:
            world: the account and its clusters.
            cluster: the one that faults concern.
            faults: None takes those that come with the program.
        """
        self._world = world
        self._cluster = cluster
        self._faults = {each.id: each for each in (packaged() if faults is None else faults)}

    # --- reading -----------------------------------------------------------------------------------------

    def listed(self) -> Sequence[Listed]:
        """Return all faults, by number."""
        found = []
        for fault in self._faults.values():
            notes = self._notes(fault.id)
            is_visible = notes is not None and all(self.seen(fault.id))
            found.append(Listed(fault, notes.armed_at if notes is not None else None, is_visible))
        return found

    def fault(self, id: str) -> Fault:
        """Return a fault.

        Raises:
            InputError: there is none of that id.
        """
        found = self._faults.get(id)
        if found is None:
            raise InputError(
                f"fault: {id!r} is none of {', '.join(self._faults)}", hint="See: eks-lab sandbox fault list"
            )
        return found

    def seen(self, id: str, since: datetime | None = None) -> list[bool]:
        """Say of each observation of a fault's symptom whether it holds.

        Args:
            id: of the fault.
            since: events and log lines count from here; None takes the moment it was armed, or the beginning.
        """
        return self._see(id, self.fault(id).symptom, since)

    def recovered(self, id: str, since: datetime | None = None) -> list[bool]:
        """Say of each observation that shows a mended world whether it holds; arguments as of `seen`."""
        return self._see(id, self.fault(id).recovered, since)

    def commands(self, id: str) -> list[str]:
        """Return the steps of a fault's fix as a learner types them; what only a step finds stands in `<…>`.

        Raises:
            InputError: it is not armed.
        """
        fault, notes = self.fault(id), self._armed(id)
        later = {name: f"<{name}>" for step in fault.fix for name in (*step.save, *(step.find or ()))}
        stage = self._stage(id, replace(notes, saved={**later, **notes.saved}))
        return [actions.shown(stage, step) for step in fault.fix]

    def _see(self, id: str, wishes: Iterable[Observation], since: datetime | None) -> list[bool]:
        notes = self._notes(id)
        stage = self._stage(id, notes or self._new_notes(id, 0))
        start = since or (
            notes.armed_at if notes is not None else self._world.clock.now() - timedelta(days=1)
        )
        return [is_seen(stage, each, start) for each in wishes]

    # --- doing -------------------------------------------------------------------------------------------

    def arm(self, id: str, seed: int | None = None) -> Playing[Notes]:
        """Bring a fault about.

        Args:
            id: of the fault.
            seed: of its variables; the world's when None.

        Yields:
            Simulated time that has to pass; see `play`.

        Returns:
            What is known of it from now on.

        Raises:
            InputError: there is no such fault, or it is armed already, or another one is in its way.
            UnavailableError: the world lacks what it needs.
            StepError: a step failed; what was done is taken back.
        """
        fault = self.fault(id)
        self._check(fault)
        notes = self._new_notes(id, self._world.account.seed if seed is None else seed)
        self._keep(notes)
        stage = self._stage(id, notes, is_undoable=True)
        try:
            yield from self._run(stage, fault.arm)
        except EksLabError as error:
            self._keep(notes)
            left = yield from self.clear(id)
            if left:
                raise StepError(f"{error.message}; not taken back: {'; '.join(left)}") from error
            raise
        notes.is_complete = True
        self._keep(notes)
        return notes

    def fix(self, id: str, caller: Principal | None = None) -> Playing[None]:
        """Do what a learner does to end a fault that is armed.

        Args:
            id: of the fault.
            caller: who does it; the account itself when None.

        Yields:
            Simulated time that has to pass, until everything has calmed down.

        Raises:
            InputError: it is not armed.
            StepError: a step failed.
        """
        fault, notes = self.fault(id), self._armed(id)
        yield from self._run(self._stage(id, notes, caller, is_undoable=True), fault.fix)
        self._keep(notes)
        yield duration(fault.settles)

    def clear(self, id: str) -> Playing[list[str]]:
        """Take a fault back, whether it has been ended or not.

        Args:
            id: of the fault.

        Yields:
            Simulated time that has to pass.

        Returns:
            What could not be taken back, as sentences: what a learner has built upon stays.

        Raises:
            InputError: it is not armed.
        """
        fault, notes = self.fault(id), self._armed(id)
        stage = self._stage(id, notes)
        yield from undo(stage)
        self._keep(notes)
        left: list[str] = []
        for step in fault.clear:
            # A step may name what only another step would have found, which was never taken.
            if _is_known(stage, step):
                try:
                    yield from self._run(stage, [_forgiving(step)])
                except StepError as error:
                    left.append(error.message)
        self._world.account.store.remove(FAULTS, Key("", id))
        yield CALMS_DOWN
        return left

    # --- the rest ----------------------------------------------------------------------------------------

    def _run(self, stage: Stage, steps: Iterable[Step]) -> Playing[None]:
        for step in steps:
            yield from actions.run(stage, step)
            self._keep(stage.notes)
            # Controllers do what is due by now before the next step looks at what they did.
            yield timedelta(0)

    def _check(self, fault: Fault) -> None:
        if self._notes(fault.id) is not None:
            raise InputError(
                f"fault: {fault.id} is armed already",
                hint=f"Take it back: eks-lab sandbox fault clear {fault.id}",
            )
        for other in self._faults.values():
            common = sorted(set(fault.touches) & set(other.touches))
            if common and self._notes(other.id) is not None:
                raise InputError(
                    f"fault: {other.id} is armed and touches {', '.join(common)}, too",
                    hint=f"Take it back first: eks-lab sandbox fault clear {other.id}",
                )
        cluster = self._world.cluster(self._cluster)
        if cluster is None:
            raise UnavailableError(
                f"the cluster {self._cluster} is not there", hint="Begin anew with: eks-lab sandbox reset"
            )
        ready = sum(is_condition_true(each, "Ready") for each in cluster.api.items("nodes"))
        if ready < fault.requires.nodes:
            raise UnavailableError(
                f"fault: {fault.id} needs {fault.requires.nodes} ready nodes, the cluster has {ready}",
                hint="Begin anew with: eks-lab sandbox reset --nodes 3",
            )
        store = self._world.account.store
        present = {each["metadata"]["name"] for each in store.items(ADDONS, self._cluster)}
        for name in fault.requires.addons:
            if name not in present:
                raise UnavailableError(
                    f"fault: {fault.id} needs the add-on {name}",
                    hint=f"aws eks create-addon --cluster-name {self._cluster} --addon-name {name}",
                )
        for name in fault.requires.without_addons:
            if name in present:
                raise UnavailableError(
                    f"fault: {fault.id} cannot be seen while the add-on {name} is there",
                    hint=f"aws eks delete-addon --cluster-name {self._cluster} --addon-name {name}",
                )

    def _stage(
        self, id: str, notes: Notes, caller: Principal | None = None, *, is_undoable: bool = False
    ) -> Stage:
        documents = self.fault(id).documents
        return Stage(self._world, self._cluster, notes, documents, caller, is_undoable=is_undoable)

    def _new_notes(self, id: str, seed: int) -> Notes:
        return new_notes(id, seed, self._world.clock.now(), self.fault(id).vars)

    def _keep(self, notes: Notes) -> None:
        store = self._world.account.store
        metadata: dict[str, Any] = {"namespace": "", "name": notes.fault, "uid": f"fault-{notes.fault}"}
        store.put(FAULTS, {"metadata": metadata, "spec": asdict(notes)})

    def _notes(self, id: str) -> Notes | None:
        record = self._world.account.store.get(FAULTS, Key("", id))
        if record is None:
            return None
        return Notes(**_plain(record["spec"]))

    def _armed(self, id: str) -> Notes:
        self.fault(id)
        notes = self._notes(id)
        if notes is None:
            raise InputError(f"fault: {id} is not armed", hint=f"Arm it: eks-lab sandbox fault arm {id}")
        return notes


def play(playing: Playing[Any], advance: Callable[[timedelta], object]) -> Any:
    """Let work go on to its end at once.

    Args:
        playing: of `Faults.arm`, `fix` or `clear`.
        advance: plays simulated time, `World.advance` for one.

    Returns:
        What the work returns.
    """
    while True:
        try:
            wait = next(playing)
        except StopIteration as end:
            return end.value
        advance(wait)


def _forgiving(step: Step) -> Step:
    """Return a step that does not mind when there is nothing left to take back."""
    return replace(step, allow=[*step.allow, *GONE])


def _is_known(stage: Stage, step: Step) -> bool:
    try:
        stage.scope.fill(asdict(step))
    except ContentError:
        return False
    return True


def _plain(value: Any) -> Any:
    """Return a copy that may be added to: what a store gives out is shared."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(each) for each in value]
    return value
