"""Judges answers to practical questions in a world of its own, in this process.

A question's start is brought about once and kept; every judgement goes back to it, so that one cannot touch the
next. The base world is always made with the same seed: a setup only adds to it, and names and ids that an author has
seen once stay the same.
"""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from eks_lab.checker.check import check_texts
from eks_lab.checker.model import CheckOptions
from eks_lab.clock import Clock
from eks_lab.content.actions import WorldOptions
from eks_lab.content.duration import parse_duration
from eks_lab.content.items.model import CommandItem, ManifestItem, Printed
from eks_lab.content.items.result import Result, result_of
from eks_lab.content.items.variant import drawn_values
from eks_lab.errors import InputError
from eks_lab.grading.actions import play
from eks_lab.grading.award import judge
from eks_lab.grading.in_process import InProcess
from eks_lab.grading.lab_file import Lab
from eks_lab.grading.patience import ENDED
from eks_lab.grading.practical.permission import check_permitted
from eks_lab.grading.practical.practice import Practice, Typed, refusal
from eks_lab.grading.practical.printed import prints_what_is_asked
from eks_lab.grading.practical.situation import PracticalItem, filled, lab_of
from eks_lab.grading.practical.typed_lines import TypedCommand, check_text, commands_of
from eks_lab.grading.stage import RunsCourse, Stage
from eks_lab.grading.target import Done
from eks_lab.grading.workspace import Workspace
from eks_lab.sandbox.state_directory import write_private

WORLD_SEED = 7
"""Of every base world."""
LONGEST_COMMAND = timedelta(minutes=6)
"""Simulated time after which a command that still waits is ended: a few seconds of a learner's."""
PACE = timedelta(seconds=2)
"""Simulated time between two commands of a learner."""
MOST_WORLDS, MOST_STARTS = 4, 12
"""Kept at once; the one that was used longest ago goes first."""


@dataclass(frozen=True)
class _Start:
    """A question that has been set up."""

    item: PracticalItem
    """With its variables put in."""
    lab: Lab
    kept: str
    """Name of the world's state."""
    files: dict[str, str]
    """The question's own files."""
    held: tuple[bool, ...]
    """Which checks hold when nothing is done; of a manifest: when it is applied as it was given."""


class Bench:
    """One world and the questions that were set up in it. Only one may be open in a process: moto has one state."""

    def __init__(self, kubectl: str, wall: Clock, course: RunsCourse | None = None) -> None:
        """Name what is needed; nothing is there before `with`.

        Args:
            kubectl: the program.
            wall: real time, for certificates and signatures.
            course: runs `eks-lab calc`, `check` and `generate`; without it they are refused.
        """
        self._folder = tempfile.TemporaryDirectory(prefix="eks-lab-practice-", ignore_cleanup_errors=True)
        self.root = Path(self._folder.name)
        """Private, and gone afterwards: keys, kubeconfig, and the files of the question at hand."""
        self._target = InProcess(self.root / "sandbox", wall, kubectl, LONGEST_COMMAND)
        self._workspace = Workspace(self.root / "files")
        self._course = course
        self._worlds: dict[str, None] = {}
        self._starts: dict[str, _Start] = {}
        self._kubeconfig = ""

    def __enter__(self) -> Self:
        self._target.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._target.__exit__(kind, error, trace)
        finally:
            self._folder.cleanup()

    def warm(self) -> None:
        """Make the world that most questions begin with, before anybody asks for it."""
        self._begin(WorldOptions())

    # --- starts ----------------------------------------------------------------------------------------------

    def prepare(self, item: PracticalItem, seed: int) -> None:
        """Bring a question's start about, so that its judgement need not.

        Args:
            item: as it stands in the bank.
            seed: of its variables.

        Raises:
            ContentError: the question cannot be filled or looks at something that does not exist.
            StepError: its setup fails.
        """
        self._start(item, seed)

    def untouched(self, item: PracticalItem, seed: int) -> tuple[bool, ...]:
        """Return for each check whether it holds when nothing is done; of a manifest: when it is applied as given.

        Args:
            item: as it stands in the bank.
            seed: of its variables.

        Raises:
            ContentError: as `prepare`.
            StepError: as `prepare`.
        """
        return self._start(item, seed).held

    def _start(self, item: PracticalItem, seed: int) -> _Start:
        key = hashlib.sha256(f"{item!r}/{seed}".encode()).hexdigest()
        start = self._starts.pop(key, None)
        if start is None:
            start = self._made(filled(item, drawn_values(item, seed), item.id), seed, key)
            while len(self._starts) >= MOST_STARTS:
                oldest = next(iter(self._starts))
                self._target.forget(self._starts.pop(oldest).kept)
        self._starts[key] = start
        return start

    def _made(self, item: PracticalItem, seed: int, key: str) -> _Start:
        lab = lab_of(item, seed, self._workspace.root)
        self._begin(item.world)
        self._workspace.clear()
        stage = self._stage(lab)
        for action in item.setup:
            play(action, stage, is_learner=False)
        if isinstance(item, ManifestItem):
            self._workspace.write(item.file, item.given)
        self._target.begin_record()
        self._target.snapshot(key)
        files = {name: self._workspace.read(name) for name in self._workspace.names()}
        if isinstance(item, ManifestItem):
            self._apply(item.file)
        self._target.advance(parse_duration(item.after))
        held = tuple(each.holds for each in judge(stage))
        return _Start(item, lab, key, files, held)

    def _begin(self, world: WorldOptions) -> None:
        """Put the base world there: made once, then gone back to."""
        name = f"world {world}"
        if name in self._worlds:
            self._worlds[name] = self._worlds.pop(name)
            self._target.restore(name)
        else:
            while len(self._worlds) >= MOST_WORLDS:
                oldest = next(iter(self._worlds))
                del self._worlds[oldest]
                self._target.forget(oldest)
            self._target.begin(world, WORLD_SEED)
            self._target.snapshot(name)
            self._worlds[name] = None
        self._connect()

    def _connect(self) -> None:
        """Undo what `kubectl config set-context …` did to the kubeconfig: it is the learner's for one answer only."""
        path = self._target.kubeconfig
        text = path.read_text(encoding="utf-8") if path.is_file() else ""
        if not self._kubeconfig:
            self._kubeconfig = text
        elif text != self._kubeconfig:
            write_private(path, self._kubeconfig.encode())

    def _return_to(self, start: _Start) -> None:
        self._target.restore(start.kept)
        self._connect()
        self._workspace.clear()
        for name, text in start.files.items():
            self._workspace.write(name, text)

    def _stage(self, lab: Lab) -> Stage:
        return Stage(lab, self._target, self._workspace, course=self._course)

    # --- judgements ------------------------------------------------------------------------------------------

    def judge(self, item: PracticalItem, seed: int, text: str) -> Practice:
        """Run an answer and look at what it did.

        Args:
            item: as it stands in the bank.
            seed: of its variables.
            text: commands, or the whole manifest.

        Returns:
            The judgement. Whatever was typed leads to one: what cannot be run is a wrong answer that says why.

        Raises:
            ContentError: the question cannot be filled or looks at something that does not exist.
            StepError: the question's setup fails.
        """
        start = self._start(item, seed)
        if isinstance(start.item, CommandItem):
            return self._judge_commands(start, start.item, text)
        return self._judge_manifest(start, start.item, text)

    def _judge_commands(self, start: _Start, item: CommandItem, text: str) -> Practice:
        try:
            commands = commands_of(text, item.lines)
            for command in commands:
                check_permitted(command)
                self._check_course(command)
        except InputError as error:
            return refusal(error.message)
        if not commands:
            return Practice(result_of(0.0, detail="No command was typed."))
        self._return_to(start)
        typed: list[Typed] = []
        for command in commands:
            if typed:
                self._target.advance(PACE)
            done = self._run(command)
            typed.append(Typed(command.line, done.out, done.err, done.code))
        self._connect()
        self._target.advance(parse_duration(item.after))
        return Practice(self._result(start, item.prints, typed[-1].out), tuple(typed))

    def _check_course(self, command: TypedCommand) -> None:
        if command.program == "eks-lab" and self._course is None:
            raise InputError("eks-lab's own commands cannot be run here: use kubectl or aws.")

    def _run(self, command: TypedCommand) -> Done:
        folder = self._workspace.root
        if command.program == "kubectl":
            done = self._target.run_kubectl(command.words, folder)
            if done.code == ENDED:
                minutes = LONGEST_COMMAND.total_seconds() / 60
                ended = f"\nEnded after {minutes:g} simulated minutes: the command was still waiting."
                return replace(done, err=done.err.rpartition("the command was ended")[0].rstrip() + ended)
            return done
        if command.program == "aws":
            return self._target.run_aws(command.words, folder)
        assert self._course is not None
        return self._course(list(command.words), str(folder))

    def _judge_manifest(self, start: _Start, item: ManifestItem, text: str) -> Practice:
        if not text.strip():
            return Practice(result_of(0.0, detail="The file is empty."))
        try:
            check_text(text)
        except InputError as error:
            return refusal(error.message)
        text = text.replace("\r\n", "\n")
        report = check_texts({item.file: text}, CheckOptions(today=self._stage(start.lab).today))
        if report.unreadable:
            found = report.unreadable[0]
            return refusal(f"{item.file}:{found.line}: {found.message}")
        self._return_to(start)
        self._workspace.write(item.file, text)
        done = self._apply(item.file)
        typed = (Typed(f"kubectl apply -f {item.file}", done.out, done.err, done.code),)
        self._target.advance(parse_duration(item.after))
        if done.code != 0:
            said = done.err.strip() or done.out.strip()
            return Practice(result_of(0.0, detail=f"kubectl apply refuses it: {said}"), typed)
        return Practice(self._result(start, None, ""), typed)

    def _apply(self, name: str) -> Done:
        return self._target.run_kubectl(("apply", "-f", name), self._workspace.root)

    def _result(self, start: _Start, prints: Printed | None, out: str) -> Result:
        judged = judge(self._stage(start.lab))
        missing = [each.says for each in judged if not each.holds]
        holds, held = [each.holds for each in judged], list(start.held)
        if prints is not None:
            is_printed = prints_what_is_asked(prints, out)
            holds.append(is_printed)
            held.append(False)
            missing += [] if is_printed else [prints.otherwise]
        return result_of(share(holds, held), detail="\n".join(missing))


def share(holds: Sequence[bool], held: Sequence[bool]) -> float:
    """Return the share of what was to be brought about.

    Checks that hold when nothing is done ("the neighbour still runs") earn nothing, and breaking one costs as much as
    reaching another earns.

    Args:
        holds: for each check, whether it holds now.
        held: whether it holds when nothing is done.

    Returns:
        0 to 1; 1 exactly when all hold.
    """
    if all(holds):
        return 1.0
    to_do = len(held) - sum(held)
    gained = sum(holds) - sum(held)
    return max(0.0, gained / to_do) if to_do else 0.0
