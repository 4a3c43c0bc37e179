"""Proves the commands of one lesson: they end as the page says, and print something."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

from eks_lab.content.body import read_page_file
from eks_lab.errors import EksLabError, InputError
from eks_lab.grading.lesson_commands.blocks import Command, CommandBlock, command_blocks
from eks_lab.grading.lesson_commands.running import NotRunError, Shell
from eks_lab.grading.practical.typed_lines import PROGRAMS
from eks_lab.grading.stage import RunsCourse
from eks_lab.grading.target import Done, Target

KEPT = "base"
"""Name of the kept world that every block begins in."""
PACE = timedelta(milliseconds=100)
"""Simulated time between two commands: hardly any, as when a page runs its box in one go."""
AWS_USAGE = 252
"""Exit code of aws for a command line that it cannot read."""
_KUBECTL_USAGE = re.compile(r"unknown (?:flag|command|shorthand flag)|See 'kubectl .*--help' for usage")
_HEADINGS = re.compile(r"[A-Z][A-Z ]*(?: +[A-Z()]+)+")
"""What `kubectl get -o custom-columns` prints when there is nothing."""
_AWS_TITLE = re.compile(r"-+\n\| +\w+ +\|\n\+-+\+")
"""What `aws --output table` prints when there is nothing."""
MOST_SHOWN = 400
"""Characters of a command's output in a message."""


@dataclass(frozen=True, slots=True)
class Ran:
    """One command and what came of it."""

    line: int
    """In the lesson's file."""
    command: str
    code: int | None = None
    """Exit code; None when it was not run."""
    out: str = ""
    err: str = ""
    not_run: str = ""
    """Why it was not run; empty when it was."""
    broken: str = ""
    """What is wrong, as a sentence; empty when nothing is."""


@dataclass
class LessonReport:
    """What the proof of one lesson has found."""

    lesson: str
    """Its file, relative to the course."""
    ran: list[Ran] = field(default_factory=list)
    seconds: float = 0.0
    """Wall time."""

    @property
    def broken(self) -> list[Ran]:
        """Return the commands with which something is wrong."""
        return [each for each in self.ran if each.broken]

    @property
    def not_run(self) -> list[Ran]:
        """Return the commands that were not run."""
        return [each for each in self.ran if each.not_run]

    @property
    def is_proved(self) -> bool:
        """Return whether nothing is wrong."""
        return not self.broken

    def as_json(self) -> dict[str, Any]:
        """Return the report as JSON values."""
        return {**asdict(self), "proved": self.is_proved, "seconds": round(self.seconds, 2)}


class Place:
    """A world whose beginning is kept, and a folder for a lesson's files."""

    def __init__(
        self,
        target: Target,
        folder: Path,
        course: RunsCourse | None = None,
        lessons: Mapping[str, Path] | None = None,
    ) -> None:
        """Take a target in which the base world has been kept as `KEPT`.

        Args:
            target: whose world goes back to its beginning for every block.
            folder: for the lesson's files; it is emptied.
            course: runs eks-lab's own commands.
            lessons: id -> lesson.md, for boxes that come after that of another lesson.
        """
        self.lessons = lessons or {}
        self.target = target
        self.folder = folder
        self._course = course
        self._kubeconfig = target.kubeconfig.read_bytes()

    def fresh(self, lesson: Path) -> Shell:
        """Return a shell in the base world, among the files of a lesson.

        Args:
            lesson: the folder of the lesson.
        """
        self.target.restore(KEPT)
        return self.shell(lesson)

    def shell(self, lesson: Path) -> Shell:
        """Return a shell in the world as it is, among the files of a lesson.

        Args:
            lesson: the folder of the lesson.
        """
        if self.target.kubeconfig.read_bytes() != self._kubeconfig:
            self.target.kubeconfig.write_bytes(self._kubeconfig)
        shutil.rmtree(self.folder, ignore_errors=True)
        shutil.copytree(lesson, self.folder)
        return Shell(self.target, self.folder, self._course)


def prove(path: Path, name: str, place: Place, monotonic: Callable[[], float]) -> LessonReport:
    """Run the commands of a lesson and judge them.

    The blocks of the page are run in order in one world, as by somebody who reads from top to bottom; a try box is
    run in a world of its own, since it can be run without the rest of the page.

    Args:
        path: of lesson.md.
        name: of the file in the report.
        place: where.
        monotonic: seconds of wall time from any origin.
    """
    begun = monotonic()
    report = LessonReport(name)
    try:
        blocks = command_blocks(read_page_file(path))
    except EksLabError as error:
        report.ran.append(Ran(1, "", broken=error.message))
        return report
    shell: Shell | None = None
    for block in blocks:
        if block.example:
            why = f"an example: {block.example}"
            report.ran += [Ran(each.line, each.text, not_run=why) for each in block.commands]
        elif block.is_try:
            report.ran += _run_box(block, path.parent, place)
        else:
            shell = shell if shell is not None else place.fresh(path.parent)
            report.ran += _run(block, shell)
        if block.is_try:
            shell = None
    report.ran.sort(key=lambda each: each.line)
    report.seconds = monotonic() - begun
    return report


def _run_box(block: CommandBlock, folder: Path, place: Place) -> list[Ran]:
    """Run a try box in a world of its own, after that of another lesson if it says so."""
    if not block.after:
        return _run(block, place.fresh(folder))
    before = place.lessons.get(block.after)
    boxes = [each for each in command_blocks(read_page_file(before)) if each.is_try] if before else []
    if before is None or not boxes:
        return [
            Ran(block.line, "", broken=f"after={block.after}: there is no lesson of this id with a try box.")
        ]
    shell = place.fresh(before.parent)
    for each in boxes:
        failed = [ran for ran in _run(each, shell) if ran.broken]
        if failed:
            said = f"after={block.after}: {failed[0].command}: {failed[0].broken}"
            return [Ran(block.line, "", broken=said)]
    return _run(block, place.shell(folder))


def _run(block: CommandBlock, shell: Shell) -> list[Ran]:
    found: list[Ran] = []
    for command in block.commands:
        if found:
            shell.target.advance(PACE)
        try:
            done = shell.run(command.text)
        except NotRunError as error:
            found.append(Ran(command.line, command.text, not_run=error.message))
        except InputError as error:
            found.append(Ran(command.line, command.text, broken=f"{error.message}."))
        else:
            wrong = judged(command, done)
            found.append(Ran(command.line, command.text, done.code, done.out, done.err, broken=wrong))
    return found


def judged(command: Command, done: Done) -> str:
    """Return what is wrong with how a command went, as a sentence; empty when nothing is.

    Args:
        command: as the page shows it.
        done: how it went.
    """
    if command.is_failing and (done.code == AWS_USAGE or _KUBECTL_USAGE.search(done.err)):
        return f"It is meant to fail, but not like this: {_shown(done)}"
    if command.is_failing:
        return "" if done.code else "It did not fail, although the block says expect-error."
    if done.code:
        return f"It ended with {done.code}: {_shown(done)}"
    is_empty = _asks(command.text) and says_nothing(done.out)
    if is_empty and not command.is_empty:
        said = f" ({_shown(done)})" if done.err.strip() else ""
        return (
            f"It answers with nothing in a new sandbox{said}. Let the block make something to see; or say in the sentence"
            " why nothing is the answer, and mark the block with `empty`."
        )
    if command.is_empty and not is_empty:
        return f"It answers with something, although the block says empty: {_shown(done)}"
    return ""


def _asks(line: str) -> bool:
    """Return whether a line asks kubectl or aws for something and shows the answer."""
    words = line.replace("\\\n", " ").split()
    if words[0] not in PROGRAMS or ">" in line:
        return False
    return words[0] != "aws" or any(each.startswith(("describe-", "get-", "list-")) for each in words[1:4])


def says_nothing(out: str) -> bool:
    """Return whether an output tells a reader nothing: no text, JSON without a value, a table without a row.

    Args:
        out: standard output.
    """
    text = out.strip()
    if text in ("", "None") or _HEADINGS.fullmatch(text) or _AWS_TITLE.fullmatch(text):
        return True
    try:
        return _is_hollow(json.loads(text))
    except ValueError:
        return False


def _is_hollow(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_is_hollow(each) for each in value.values())
    if isinstance(value, list):
        return all(_is_hollow(each) for each in value)
    return value is None or value == ""


def _shown(done: Done) -> str:
    said = " ".join((done.err.strip() or done.out.strip()).split())
    return said if len(said) <= MOST_SHOWN else f"{said[:MOST_SHOWN]}…"
