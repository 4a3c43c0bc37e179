"""Runs one command line of a lesson in a world of its own: the real kubectl, aws in process, and a few text programs."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from eks_lab.content.duration import parse_duration
from eks_lab.errors import ContentError, EksLabError, InputError
from eks_lab.grading.lesson_commands.shell_line import (
    HERE_DOCUMENT,
    Assignment,
    Step,
    UnreadableError,
    lift_document,
    lift_substitutions,
    read_line,
)
from eks_lab.grading.pack import safe_name
from eks_lab.grading.practical.permission import COURSE_COMMANDS, check_permitted
from eks_lab.grading.practical.typed_lines import PROGRAMS, TypedCommand
from eks_lab.grading.stage import RunsCourse
from eks_lab.grading.target import Done, Target

TEXT_PROGRAMS = frozenset(
    {
        *(
            "awk",
            "base64",
            "cat",
            "cut",
            "diff",
            "grep",
            "head",
            "jq",
            "ls",
            "mkdir",
            "rm",
            "sed",
            "sort",
            "tail",
        ),
        *("tee", "tr", "uniq", "wc"),
    }
)
"""Programs of any machine that pages put before and behind kubectl and aws."""
ELSEWHERE = frozenset(
    {
        *(
            "argocd",
            "curl",
            "dig",
            "docker",
            "eksctl",
            "git",
            "helm",
            "hey",
            "nslookup",
            "openssl",
            "ssh",
            "telnet",
        ),
        *("terraform", "tofu", "watch", "wget", "xargs"),
    }
)
"""Programs that pages may name, and that reach for what a proof does not have: they are listed, and not run."""
SECONDS = 10.0
"""Wall time of one text program."""
_NOT_FOUND = 127
_SECONDS = re.compile(r"\d{1,4}(?:\.\d{1,3})?")


class NotRunError(EksLabError):
    """A command cannot be run in a proof; the message says why, without a stop."""


@dataclass
class Shell:
    """Where the commands of one block run, with the variables they set."""

    target: Target
    folder: Path
    course: RunsCourse | None = None
    """Runs `eks-lab calc`, `check` and `generate`; without it they are not run."""
    variables: dict[str, str] = field(default_factory=dict)

    def run(self, line: str) -> Done:
        """Run a command line.

        Args:
            line: its continuation lines included.

        Returns:
            How the last program ended, and what reached the page.

        Raises:
            NotRunError: something in it cannot be run here; at most its substitutions were.
            InputError: it is no command line, or names a program that nobody knows.
        """
        substituted = Done(0, "", "")
        line, commands = lift_substitutions(line)
        for name, command in commands.items():
            substituted = self.run(command)
            self.variables[name] = substituted.out.rstrip("\n")
        try:
            line, document = lift_document(line, self.variables)
            wanted = read_line(line, self.variables)
        except UnreadableError as error:
            raise NotRunError(error.message) from error
        if document is not None:
            (self.folder / HERE_DOCUMENT).write_text(document, encoding="utf-8")
        if isinstance(wanted, Assignment):
            self.variables[wanted.name] = wanted.value
            return Done(substituted.code, "", substituted.err)
        for pipe in wanted:
            for number, step in enumerate(pipe.steps):
                self._check(step, is_fed=number > 0 or bool(step.reads))
        code, out, err = 0, "", ""
        for pipe in wanted:
            if (pipe.joint == "&&" and code != 0) or (pipe.joint == "||" and code == 0):
                continue
            fed = ""
            for step in pipe.steps:
                done = self._step(step, fed)
                code, fed = done.code, done.out
                err += done.err
            out += fed
        return Done(code, out, err)

    def _check(self, step: Step, *, is_fed: bool) -> None:
        """Refuse what cannot be run, before anything of the line is."""
        name = step.words[0]
        for path in (step.reads, step.writes):
            if path and path != "/dev/null":
                self._path(path)
        if name in PROGRAMS:
            program, words = PROGRAMS[name], step.words[1:]
            if program == "eks-lab" and words[:1] == ("sandbox",):
                if not _is_played(words):
                    raise NotRunError(f"`eks-lab {' '.join(words[:3])}` speaks to a sandbox that runs")
                return
            if program == "eks-lab" and words[:1] and words[0] not in COURSE_COMMANDS:
                raise NotRunError(f"`eks-lab {words[0]}` looks at what is on a reader's machine")
            if program == "eks-lab" and self.course is None:
                raise NotRunError("eks-lab's own commands are not run here")
            fed = tuple("stdin.yaml" if is_fed and word == "-" else word for word in words)
            try:
                check_permitted(TypedCommand(" ".join(step.words), program, fed))
            except InputError as error:
                raise NotRunError(error.message.rstrip(".")) from error
        elif name in ELSEWHERE:
            raise NotRunError(f"{name} is not part of the sandbox")
        elif name in TEXT_PROGRAMS:
            if shutil.which(name) is None:
                raise NotRunError(f"{name} is not installed here")
        elif name == "sleep":
            if len(step.words) != 2 or not _SECONDS.fullmatch(step.words[1]):
                raise NotRunError("sleep of anything but seconds")
        elif name not in _BUILTINS:
            raise InputError(f"`{name}` is no program that a lesson's command may begin with")

    def _path(self, name: str) -> Path:
        try:
            return self.folder / safe_name(name)
        except ContentError as error:
            raise NotRunError(f"`{name}` is not in the lesson's folder") from error

    def _step(self, step: Step, fed: str) -> Done:
        if step.reads:
            path = self._path(step.reads)
            if not path.is_file():
                return Done(1, "", f"{step.reads}: No such file or directory\n")
            fed = path.read_text(encoding="utf-8", errors="replace")
        done = self._program(step.words, fed)
        out, err = done.out, "" if step.drops_errors else done.err
        if step.joins_errors:
            out, err = out + err, ""
        if step.writes:
            if step.writes != "/dev/null":
                try:
                    with self._path(step.writes).open("a" if step.appends else "w", encoding="utf-8") as file:
                        file.write(out)
                except OSError as error:
                    return Done(1, "", f"{step.writes}: {error.strerror}\n")
            out = ""
        return Done(done.code, out, err)

    def _program(self, words: tuple[str, ...], fed: str) -> Done:
        name, rest = words[0], words[1:]
        if name == "sleep":
            self.target.advance(timedelta(seconds=float(rest[0])))
            return Done(0, "", "")
        if name in _BUILTINS:
            return _BUILTINS[name](rest)
        program = PROGRAMS.get(name)
        if program == "kubectl":
            return self.target.run_kubectl(rest, self.folder, fed)
        if program == "aws":
            return self.target.run_aws(rest, self.folder)
        if program == "eks-lab":
            return self._course(rest)
        try:
            done = subprocess.run(
                [shutil.which(name) or name, *rest],
                cwd=self.folder,
                input=fed,
                capture_output=True,
                text=True,
                errors="replace",
                timeout=SECONDS,
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return Done(_NOT_FOUND, "", f"{name}: {error}\n")
        return Done(done.returncode, done.stdout, done.stderr)

    def _course(self, words: tuple[str, ...]) -> Done:
        if words[0] == "sandbox":
            if words[1] == "advance":
                by = parse_duration(words[2])
                self.target.advance(by)
                return Done(0, f"Simulated time moved on by {words[2]}.\n", "")
            self.target.arm_fault(words[3], 0)
            return Done(0, f"{words[3]} is armed.\n", "")
        assert self.course is not None
        return self.course(list(words), str(self.folder))


def _is_played(words: tuple[str, ...]) -> bool:
    """Return whether these words after `eks-lab` do something that a proof does in its own world."""
    if words[1:2] == ("advance",) and len(words) == 3:
        try:
            parse_duration(words[2])
        except InputError:
            return False
        return True
    return words[1:3] == ("fault", "arm") and len(words) == 4


_BUILTINS: dict[str, Callable[[tuple[str, ...]], Done]] = {
    "true": lambda _words: Done(0, "", ""),
    "false": lambda _words: Done(1, "", ""),
    "echo": lambda words: Done(0, " ".join(words) + "\n", ""),
}
