"""The commands of try boxes, run on this machine and pointed at the learner's own sandbox; see `TryAccess`."""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from eks_lab.errors import DataError, EksLabError, UnavailableError
from eks_lab.tui.child_shell import Limits, Surroundings, run_line
from eks_lab.tui.try_access import Listener, Standing, TryPlace
from eks_lab.tui.try_block import TryBlock, TryLine

if TYPE_CHECKING:
    from eks_lab.sandbox.state_directory import StateDirectory
    from eks_lab.tui.lab_access import LabAccess
    from eks_lab.tui.sandbox_access import SandboxAccess, Tell

_PASSED_ON = (
    "EKS_LAB_HOME", "HOME", "LANG", "LANGUAGE", "LOGNAME", "SSL_CERT_FILE", "TMPDIR", "TZ", "USER",
)  # fmt: skip
_PASSED_ON_WITH = ("LC_", "XDG_")
"""Beginnings of further variables that are passed on: language, and where programs keep their files."""
_NOWHERE = {
    "KUBECONFIG": os.devnull,
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""What a program finds when no sandbox says better: no cluster and no account, and above all not the learner's."""
_OF_THE_TERMINAL = (
    "ALACRITTY_WINDOW_ID", "COLORTERM", "KITTY_WINDOW_ID", "NO_COLOR", "SSH_CONNECTION", "SSH_TTY", "TERM", "TERM_PROGRAM",
    "TMUX", "VTE_VERSION", "WT_SESSION",
)  # fmt: skip
"""What `eks-lab doctor` judges the learner's terminal by."""
_PLAIN = {"PAGER": "cat", "PYTHONUTF8": "1", "KUBERC": "off"}
"""No pager, and no kubectl preferences of the learner's: what comes is what the page can show."""
_UNSAFE = re.compile(r"[^A-Za-z0-9._-]+")
_OF_THE_COURSE = ("lesson.md", "quiz.yaml")
"""Files of a lesson that no command of its page has to do with."""


class LocalTry:
    """Runs lines in `sh`, in a copy of the lesson's folder, with the sandbox's own variables."""

    def __init__(
        self,
        directory: StateDirectory,
        cache: Path,
        *,
        sandbox: Callable[[], SandboxAccess],
        labs: Callable[[], LabAccess],
        source: str = "",
        limits: Limits | None = None,
    ) -> None:
        """Run the commands of a course.

        Args:
            directory: of the sandbox.
            cache: folder for files that can be made again; copies of lessons' files go there.
            sandbox: returns who starts it.
            labs: returns who knows whether a lab is under way.
            source: folder of the course when it did not come with the program; else empty.
            limits: of one command; the usual ones when left out.
        """
        self._directory = directory
        self._copies = cache / "try"
        self._sandbox = sandbox
        self._labs = labs
        self._source = source
        self._limits = limits if limits is not None else Limits()
        self._agreed: set[tuple[TryLine, ...]] = set()

    def look(self, block: TryBlock) -> Standing:
        """Return what has to be asked before a block is run.

        Args:
            block: that is to be run.

        Raises:
            InputError: the sandbox runs on another backend than the embedded one.
            EksLabError: it does not answer, or the learner's record cannot be read.
        """
        source = self._source if self._source and block.lines not in self._agreed else ""
        if block.needs != "sandbox":
            return Standing(source=source)
        from eks_lab.sandbox import client
        from eks_lab.sandbox.backends.switching import require_embedded

        require_embedded(self._directory, "running commands from the page")
        process = client.running(self._directory)
        stands_still = (
            process is not None and client.Client(self._directory, process).status()["speed"] == "pause"
        )
        return Standing(process is not None, self._lab(), stands_still, source)

    def _lab(self) -> str:
        """Return the title of the lab that is under way, or its id when it is none of ours."""
        labs = self._labs()
        lab_id = labs.running()
        if not lab_id:
            return ""
        try:
            return labs.about(lab_id).title
        except EksLabError:
            return lab_id

    def agree(self, block: TryBlock) -> None:
        """Note that the learner wants exactly these commands run; it is forgotten when the app ends.

        Args:
            block: that was shown.
        """
        self._agreed.add(block.lines)

    def start(self, tell: Tell) -> None:
        """Start the sandbox, or go on with what is kept.

        Args:
            tell: hears of the steps.

        Raises:
            EksLabError: it cannot run; the message says why.
        """
        self._sandbox().start(tell)

    def run(self, block: TryBlock, place: TryPlace, listener: Listener, is_over: Callable[[], bool]) -> None:
        """Run the commands of a block one after the other; a failed one does not keep the next from running.

        Args:
            block: its commands.
            place: the lesson; files of its folder are beside the commands.
            listener: hears what happens.
            is_over: asked all the while.

        Raises:
            UnavailableError: the page does not run such a block, the sandbox does not run, or there is no shell.
            DataError: the lesson's files cannot be copied.
        """
        if block.why_not or (self._source and block.lines not in self._agreed):
            raise UnavailableError(block.why_not or "These commands were not agreed to.")
        environment = self._environment(block.needs)
        folder = self._working_copy(place)
        with tempfile.TemporaryDirectory(prefix="eks-lab-try-") as state:
            around = Surroundings(folder, environment, Path(state))
            for number, line in enumerate(block.lines):
                if is_over():
                    return
                listener.began(number)
                hear = partial(listener.printed, number)
                ending = run_line(line.text, around, hear, is_over, self._limits)
                listener.ended(number, ending)
                if ending.reason in ("stopped", "time"):
                    return

    def _environment(self, needs: str) -> dict[str, str]:
        """Return all variables of the commands."""
        found = {**clean_environment(os.environ), **_NOWHERE}
        if needs != "sandbox":
            return found
        from eks_lab.sandbox import client
        from eks_lab.sandbox.environment import environment

        if client.running(self._directory) is None:
            raise UnavailableError("the sandbox does not run", hint="Run the commands again to start it.")
        own = {name: value for name, value in environment(self._directory, {}).items() if value}
        if "AWS_ENDPOINT_URL" not in own:
            raise DataError(
                f"{self._directory.aws_environment}: the sandbox's AWS variables are not there",
                hint="Stop the sandbox and start it again: S, then x, then s.",
            )
        return {**found, **own, "KUBECACHEDIR": str(self._directory.root / "kube-cache")}

    def _working_copy(self, place: TryPlace) -> Path:
        """Return a folder with the lesson's files as they are now; what commands left there stays."""
        # The id of a course that nobody has checked may be anything, `..` among it.
        folder = self._copies / (_UNSAFE.sub("_", place.lesson_id).strip(".") or "lesson")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if place.folder.is_dir():
                shutil.copytree(
                    place.folder, folder, ignore=shutil.ignore_patterns(*_OF_THE_COURSE), dirs_exist_ok=True
                )
        except (OSError, shutil.Error) as error:
            raise DataError(
                f"{folder}: the lesson's files cannot be copied here: {error}",
                hint="Make the folder writable, or free some space.",
            ) from error
        return folder


def clean_environment(inherited: Mapping[str, str]) -> dict[str, str]:
    """Return what commands of a page see of the learner's variables: none that names an account, a cluster or a proxy.

    Args:
        inherited: the learner's variables.

    Returns:
        Language, home and search path, with the programs that came with this one first.
    """
    found = {
        name: value
        for name, value in inherited.items()
        if value and (name in (*_PASSED_ON, *_OF_THE_TERMINAL) or name.startswith(_PASSED_ON_WITH))
    }
    programs = str(Path(sys.executable).parent)
    path = [each for each in inherited.get("PATH", os.defpath).split(os.pathsep) if each != programs]
    return {**found, **_PLAIN, "PATH": os.pathsep.join([programs, *path])}


def source_of(course: Path) -> str:
    """Return the folder of a course that did not come with the program; empty for the one that did.

    Args:
        course: holds `course.yaml`.
    """
    from eks_lab import locations

    shipped = locations.content_root() / "lessons"
    return "" if course.resolve() == shipped.resolve() else str(course)
