"""Labs as tasks of an exam: hints closed, no word about how far one is, and going back to a task that was left.

The sandbox holds one world at a time. Leaving a task keeps its world, files and answers; coming back restores them.
Each task has its own context in the sandbox's kubeconfig: as in a hands-on exam, one switches with
`kubectl config use-context task-7` before one works.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from eks_lab.content.duration import parse_duration
from eks_lab.content.files import read_text
from eks_lab.errors import ContentError, DataError, InputError
from eks_lab.grading.lab_file import read_lab
from eks_lab.grading.model import FULL_AWARD
from eks_lab.grading.pack import LAB_FILE, open_pack, pack_folders, safe_name
from eks_lab.grading.session import KeepsTarget, Place, Session, View, running_lab, start_lab
from eks_lab.learning.exams.asked import AskedTask
from eks_lab.learning.exams.marking import lab_text
from eks_lab.learning.exams.offers import Offer
from eks_lab.learning.exams.sitting import NotRunningError, Sitting
from eks_lab.learning.labs import LabRecords
from eks_lab.sandbox.kubeconfig import CONTEXT
from eks_lab.sandbox.state_directory import write_private

PREFIX = "lab:"
"""Of the id of a task that is a lab."""
_TASK_CONTEXT = "task-"


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a check asks."""

    check: str
    """Its id."""
    question: str
    options: tuple[str, ...]
    answer: str
    """What was answered; empty for nothing yet."""


@dataclass(frozen=True, slots=True)
class TaskView:
    """A lab as a candidate sees it."""

    number: int
    title: str
    story: str
    """Markdown."""
    steps: tuple[str, ...]
    goals: tuple[tuple[str, int], ...]
    """What has to be so in the end, and its share of the points; not whether it is so."""
    questions: tuple[Asked, ...]
    context: str
    """To switch to: `kubectl config use-context …`."""
    folder: Path
    """The candidate's files."""


# --- what is offered ------------------------------------------------------------------------------------------


def lab_offers(
    root: Path, chapters: Mapping[str, str], capabilities: Collection[str]
) -> tuple[list[Offer], dict[str, Path]]:
    """Return the labs that an exam may use.

    Args:
        root: folder of labs.
        chapters: number of a chapter -> its id.
        capabilities: what the place of the exam has; labs that need more are left out.

    Returns:
        The offers, and the folder of each by its id.

    Raises:
        ContentError: the folder cannot be read. A lab that is broken is left out.
    """
    offers: list[Offer] = []
    folders: dict[str, Path] = {}
    for folder in pack_folders(root):
        try:
            lab, findings = read_lab(folder)
        except ContentError:
            continue
        if lab is None or findings or not set(lab.file.requires) <= set(capabilities):
            continue
        offer = Offer(
            id=PREFIX + lab.id,
            kind="lab",
            skills=tuple(lab.file.skills),
            chapter=chapters.get(str(lab.file.chapter), ""),
            minutes=float(lab.file.minutes),
        )
        offers.append(offer)
        folders[offer.id] = folder
    return offers, folders


def lab_copy(folder: Path) -> dict[str, Any]:
    """Return all of a lab but its hints, as a sitting keeps it.

    Args:
        folder: of the lab.

    Raises:
        ContentError: it cannot be read.
    """
    pack = open_pack(folder)
    files = {name: read_text(pack.root / name) for name in pack.names}
    document = yaml.load(files[LAB_FILE], Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    document["hints"] = []
    files[LAB_FILE] = yaml.safe_dump(document, sort_keys=False, allow_unicode=True)
    return {"title": str(document.get("title", folder.name)), "files": files}


# --- the tasks of one sitting ---------------------------------------------------------------------------------


def current_task(sitting: Sitting, records: LabRecords, root: Path) -> int | None:
    """Return the number of the sitting's task that is in the sandbox, or None.

    Args:
        sitting: running or over.
        records: of the learner's labs.
        root: folder of the learner's lab files.
    """
    running = records.running()
    if running is None:
        return None
    packs = _folder(root, sitting)
    for task in sitting.record.tasks:
        if task.is_lab and running.folder == _pack(packs, task).resolve():
            return task.number
    return None


class HandsOn:
    """The labs of a sitting in a sandbox. Calls may block for seconds: make them from a worker, one at a time."""

    def __init__(self, sitting: Sitting, target: KeepsTarget, records: LabRecords, place: Place) -> None:
        """Join a sitting.

        Args:
            sitting: it runs.
            target: where the labs are done.
            records: of the learner's labs.
            place: for the learner's files.
        """
        self._sitting = sitting
        self._target = target
        self._records = records
        self._place = place
        self._root = _folder(place.root, sitting)

    def current(self) -> int | None:
        """Return the number of the task that is in the sandbox, or None."""
        return current_task(self._sitting, self._records, self._place.root)

    def open(self, number: int) -> TaskView:
        """Bring a task into the sandbox, as it was left; the one that is there is looked at and kept.

        Args:
            number: of a task that is a lab.

        Raises:
            InputError: it is no lab, another lab runs that is none of this sitting's, or the sitting is paused or over.
            ContentError: the lab cannot be started.
            UnavailableError: something that it requires is not there.
        """
        task = self._task(number)
        self._sitting.show(number)
        current = self.current()
        if current != number:
            stood_in = _current_context(self._target.kubeconfig)
            if current is not None:
                self._leave(current)
            elif self._records.running() is not None:
                raise InputError(
                    "a lab runs that is no task of this exam", hint="End it first: eks-lab lab stop"
                )
            self._bring(task, stood_in)
        return self._view(number, self._session().check())

    def look(self) -> TaskView:
        """Look at the task in the sandbox and keep how it stands; the candidate is not told.

        Raises:
            InputError: none is there, or it is too late.
        """
        number = self._needed()
        view = self._collect(number)
        return self._view(number, view)

    def answer(self, check: str, value: str) -> TaskView:
        """Answer the question of a check.

        Raises:
            InputError: no task is there, or no check of this id asks anything.
        """
        number = self._needed()
        self._session().answer(check, value)
        return self._view(number, self._collect(number))

    def leave(self) -> None:
        """Take the task out of the sandbox and keep it; the learner's own world comes back.

        Raises:
            UnavailableError: the sandbox does not answer.
        """
        number = self.current()
        if number is not None:
            self._leave(number)

    def finish(self) -> None:
        """End the labs of a sitting: look a last time, bring the learner's own world back, forget what was kept.

        Raises:
            UnavailableError: the sandbox does not answer.
        """
        self.leave()
        for task in self._sitting.record.tasks:
            if task.is_lab:
                self._target.forget(self._kept(task.number))
        shutil.rmtree(self._root, ignore_errors=True)

    # --- steps ------------------------------------------------------------------------------------------------

    def _bring(self, task: AskedTask, stood_in: str) -> None:
        start_lab(self._written(task), task.seed, self._target, self._records, self._place)
        kept = self._root / str(task.number)
        if (kept / "answers.json").is_file():
            self._target.restore(self._kept(task.number))
            files = self._place.folder_of(_lab_id(task))
            shutil.rmtree(files, ignore_errors=True)
            shutil.copytree(kept / "files", files)
            answers: dict[str, str] = json.loads((kept / "answers.json").read_text(encoding="utf-8"))
            for check, value in answers.items():
                self._records.answer(check, value)
        _offer_context(self._target.kubeconfig, f"{_TASK_CONTEXT}{task.number}", stood_in)

    def _leave(self, number: int) -> None:
        self._collect(number)
        task = self._task(number)
        self._target.snapshot(self._kept(number))
        kept = self._root / str(number)
        files = self._place.folder_of(_lab_id(task))
        running = self._records.running()
        assert running is not None
        try:
            shutil.rmtree(kept / "files", ignore_errors=True)
            files.mkdir(parents=True, exist_ok=True)
            shutil.copytree(files, kept / "files")
            (kept / "answers.json").write_text(json.dumps(dict(running.answers)), encoding="utf-8")
        except OSError as error:
            raise DataError(f"{kept}: {error.strerror or error}", hint="Make the folder writable.") from error
        self._session().stop()
        _offer_context(self._target.kubeconfig, "")

    def _collect(self, number: int) -> View:
        """Look at a task and keep how it stands, if that still counts."""
        session = self._session()
        # What was done last takes effect first: a candidate does not wait in front of the clock.
        patience = min(parse_duration(session.lab.file.patience), timedelta(minutes=2))
        self._target.advance(patience)
        view = session.check()
        held = [check for check in view.checks if check.holds]
        # Whoever had the solution shown has not solved it.
        points = 0 if view.outcome == "shown" else min(FULL_AWARD, sum(check.weight for check in held))
        try:
            self._sitting.collect(number, lab_text(len(held), len(view.checks), points))
        except NotRunningError:
            return view
        except InputError:
            if not self._sitting.state().is_over and not self._sitting.state().clock.is_paused:
                raise
        return view

    def _view(self, number: int, view: View) -> TaskView:
        return TaskView(
            number,
            view.title,
            view.story,
            view.steps,
            tuple((check.title, check.weight) for check in view.checks),
            tuple(
                Asked(check.id, check.question, check.options, check.answer)
                for check in view.checks
                if check.question
            ),
            f"{_TASK_CONTEXT}{number}",
            view.folder,
        )

    def _session(self) -> Session:
        return running_lab(self._target, self._records, self._place)

    def _needed(self) -> int:
        number = self.current()
        if number is None:
            raise InputError("no task is in the sandbox", hint="Open one: eks-lab exam resume")
        return number

    def _task(self, number: int) -> AskedTask:
        task = self._sitting.record.task(number)
        if not task.is_lab:
            raise InputError(f"task {number} is a question, not a lab", hint="Labs: eks-lab exam status")
        return task

    def _written(self, task: AskedTask) -> Path:
        """Write the sitting's own copy of a lab and return its folder."""
        folder = _pack(self._root, task)
        shutil.rmtree(folder, ignore_errors=True)
        files: dict[str, str] = task.content["files"]
        try:
            for name, text in files.items():
                path = folder / safe_name(name)
                path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
                path.write_text(text, encoding="utf-8")
        except OSError as error:
            raise DataError(
                f"{folder}: {error.strerror or error}", hint="Make the folder writable."
            ) from error
        return folder

    def _kept(self, number: int) -> str:
        return f"exam-{self._sitting.sitting_id}-{number}"


def _folder(root: Path, sitting: Sitting) -> Path:
    return root / f"exam-{sitting.sitting_id}"


def _pack(root: Path, task: AskedTask) -> Path:
    return root / "packs" / _lab_id(task)


def _lab_id(task: AskedTask) -> str:
    return task.item_id.removeprefix(PREFIX)


def _read_kubeconfig(path: Path) -> dict[str, Any]:
    """Return the sandbox's kubeconfig: JSON from the sandbox, YAML once kubectl has changed it.

    Raises:
        DataError: it is none.
    """
    try:
        document = yaml.load(path.read_bytes(), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        if any(each["name"] == CONTEXT for each in document["contexts"]):
            return dict(document)
        problem = f"it has no context {CONTEXT}"
    except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
        problem = str(error)
    raise DataError(
        f"{path} is no longer a kubeconfig of the sandbox: {problem}",
        hint="Start the sandbox again: eks-lab sandbox down, then eks-lab sandbox up",
    )


def _current_context(path: Path) -> str:
    return str(_read_kubeconfig(path).get("current-context", ""))


def _offer_context(path: Path, name: str, stood_in: str = "") -> None:
    """Let the sandbox's kubeconfig have one context for a task and none of other tasks.

    Args:
        path: the kubeconfig.
        name: of the context; empty leaves only the sandbox's own, and goes back to it.
        stood_in: where the candidate stood. In the context of another task they still stand there: kubectl says that
            it does not exist, and they have to switch, as on the real clusters of an exam.
    """
    document = _read_kubeconfig(path)
    contexts = [each for each in document["contexts"] if not each["name"].startswith(_TASK_CONTEXT)]
    if name:
        own = next(each for each in contexts if each["name"] == CONTEXT)
        contexts.append({"name": name, "context": dict(own["context"])})
        if stood_in.startswith(_TASK_CONTEXT):
            document["current-context"] = stood_in
    elif str(document.get("current-context", "")).startswith(_TASK_CONTEXT):
        document["current-context"] = CONTEXT
    document["contexts"] = contexts
    write_private(path, (json.dumps(document, indent=2) + "\n").encode())
