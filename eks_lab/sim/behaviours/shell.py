"""Runs scripts in thought: what they print, write, ask for, how long they take and how they end."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, field
from math import inf

from eks_lab.sim.behaviours import arithmetic, commands
from eks_lab.sim.behaviours.shell_lexer import Part, ShellSyntaxError, Word
from eks_lab.sim.behaviours.shell_syntax import (
    Command,
    For,
    Group,
    If,
    Loop,
    Pipeline,
    Redirect,
    Script,
    Simple,
    parse,
)
from eks_lab.sim.behaviours.timeline import LONGEST_FILE, UNFINISHED, Happening, Timeline, random_mark
from eks_lab.sim.behaviours.world import Machine

HORIZON = 3600.0
"""Seconds a script is followed beyond the present moment."""
STEPS = 20_000
"""Commands that are followed at once."""
SPINS, QUICK = 5_000, 0.02
"""Rounds after which a loop counts as endless when a round takes less than so many seconds."""
COST = 0.001
"""Seconds a builtin command takes."""
LONGEST_OUTPUT = 1_000_000
SMALL_FILE = 64 * 1024
"""Bytes of a file that no node notices."""
DEEPEST_SUBSTITUTION = 20

Steps = Generator[float, None, int]
"""Yields the moment at which it wants to go on; returns the exit status."""


class Exited(Exception):  # noqa: N818  a way out, not an error
    """The script ended."""

    def __init__(self, code: int) -> None:
        """Keep the exit code."""
        super().__init__(code)
        self.code = code


class Endless(Exception):  # noqa: N818  a way out, not an error
    """The script goes on for ever, and what it does is known."""


class HandedOver(Exception):  # noqa: N818  a way out, not an error
    """The script started a program of the image, which runs from now on."""

    def __init__(self, command: list[str]) -> None:
        """Keep the program and its arguments."""
        super().__init__(command)
        self.command = command


@dataclass(slots=True)
class Shell:
    """One run of a script."""

    machine: Machine
    timeline: Timeline = field(default_factory=Timeline)
    variables: dict[str, str] = field(default_factory=dict)
    arguments: list[str] = field(default_factory=list)
    """$0, $1, …"""
    now: float = inf
    """Up to which second the world is known; commands that ask about it later wait."""
    at: float = 0.0
    status: int = 0
    stops_on_error: bool = False
    """`set -e`."""
    trap: int | None = None
    """Exit code on SIGTERM; None while the signal is ignored."""
    folder: str = "/"
    writes_much: bool = False
    """A file was written whose size may matter to the node."""
    _files: dict[str, str | None] = field(default_factory=dict)
    """What was written so far; None for what was removed."""
    _busy: float = 0.0
    _steps: int = 0
    _asked: bool = False
    _captures: list[list[str]] = field(default_factory=list)
    _errors: list[str] = field(default_factory=list)
    """Where stderr goes: `stdout`, `nowhere` or, when empty, to the log."""
    _depth: int = 0

    # --- what commands use -----------------------------------------------------------------------------------

    def file(self, path: str) -> str | None:
        """Return a file's content; None when there is none."""
        path = self.path(path)
        if path in self._files:
            return self._files[path]
        return self.machine.files.get(path)

    def names(self) -> list[str]:
        """Return the paths of all files."""
        written = self._files
        return sorted(
            {path for path in self.machine.files if path not in written}
            | {path for path, content in written.items() if content is not None}
        )

    def path(self, path: str) -> str:
        """Return an absolute path."""
        whole = path if path.startswith("/") else f"{self.folder.rstrip('/')}/{path}"
        parts: list[str] = []
        for part in whole.split("/"):
            if part == "..":
                parts = parts[:-1]
            elif part not in ("", "."):
                parts.append(part)
        return "/" + "/".join(parts)

    def write(self, path: str, content: str, size: int = 0) -> None:
        """Write a file.

        Args:
            path: absolute, or in the present folder.
            content: all of it.
            size: bytes, for a large file whose content does not matter.
        """
        path, content = self.path(path), content[-LONGEST_OUTPUT:]
        self.writes_much = self.writes_much or max(size, len(content)) > SMALL_FILE
        self._files[path] = content
        self.timeline.happenings.append(Happening(self.at, "write", path, content, size))

    def append(self, path: str, text: str) -> None:
        """Put text at the end of a file."""
        path = self.path(path)
        before = self.file(path)
        if self._files.get(path) is None:
            self.write(path, (before or "") + text)
            return
        self._files[path] = ((before or "") + text)[-LONGEST_FILE:]
        self.timeline.happenings.append(Happening(self.at, "append", path, text))

    def remove(self, path: str) -> None:
        """Remove a file."""
        path = self.path(path)
        self._files[path] = None
        self.timeline.happenings.append(Happening(self.at, "remove", path))

    def out(self, text: str) -> None:
        """Print to stdout."""
        if self._captures:
            self._captures[-1].append(text)
        else:
            self._emit("line", text)

    def error(self, text: str) -> None:
        """Print to stderr, wherever `2>` leads."""
        text = text if text.endswith("\n") else text + "\n"
        where = self._errors[-1] if self._errors else ""
        if where == "stdout":
            self.out(text)
        elif where != "nowhere":
            self._emit("error", text)

    def _emit(self, kind: str, text: str) -> None:
        if not text:
            return
        happenings = self.timeline.happenings
        last = happenings[-1] if happenings else None
        if last is not None and last.kind == kind and last.content == UNFINISHED:
            text = happenings.pop().text + text
        *lines, rest = text.split("\n")
        happenings += [Happening(self.at, kind, line) for line in lines]
        if rest:
            happenings.append(Happening(self.at, kind, rest, UNFINISHED))

    def request(self, url: str) -> None:
        """Note that an HTTP request is sent."""
        self.timeline.happenings.append(Happening(self.at, "request", url))

    def variable(self, name: str) -> str:
        """Return a variable; empty when it is not set."""
        if name == "?":
            return str(self.status)
        if name == "$":
            return "1"
        if name == "#":
            return str(max(0, len(self.arguments) - 1))
        if name in ("@", "*"):
            return " ".join(self.arguments[1:])
        if name.isdigit():
            return self.arguments[int(name)] if int(name) < len(self.arguments) else ""
        if name == "RANDOM":
            return random_mark()
        if name == "PWD":
            return self.folder
        if name == "HOSTNAME":
            return self.variables.get(name, self.machine.environment.get(name, self.machine.hostname))
        return self.variables.get(name, self.machine.environment.get(name, ""))

    # --- running ---------------------------------------------------------------------------------------------

    def script(self, text: str) -> Steps:
        """Run a script; a syntax error prints and gives 2."""
        try:
            parsed = parse(text)
        except ShellSyntaxError as error:
            self.error(f"sh: {error.message}")
            return 2
        return (yield from self._script(parsed, matters=True))

    def command(self, argv: list[str]) -> Steps:
        """Run a command without a shell."""
        return (yield from self._call(argv, "", matters=True))

    def _script(self, script: Script, *, matters: bool) -> Steps:
        self._depth += 1
        entries = script.entries
        for number, entry in enumerate(entries):
            if entry.after == "&&" and self.status != 0:
                continue
            if entry.after == "||" and self.status == 0:
                continue
            following = entries[number + 1].after if number + 1 < len(entries) else ""
            is_last = number + 1 == len(entries)
            decides = following in ("&&", "||") or (is_last and matters) or self.stops_on_error
            if entry.background:
                yield from self._background(entry.pipeline)
                continue
            self.status = yield from self._pipeline(entry.pipeline, matters=decides)
            if self.status and self.stops_on_error and following not in ("&&", "||"):
                raise Exited(self.status)
        self._depth -= 1
        return self.status

    def _background(self, pipeline: Pipeline) -> Steps:
        began = self.at
        try:
            yield from self._pipeline(pipeline, matters=False)
        except (Endless, HandedOver):
            self.timeline.loop_at = None
            self.timeline.rounds = []
        except Exited:
            pass
        self.at, self.status = began, 0
        return 0

    def _pipeline(self, pipeline: Pipeline, *, matters: bool) -> Steps:
        stdin = ""
        status = 0
        for number, command in enumerate(pipeline.commands):
            is_last = number + 1 == len(pipeline.commands)
            if not is_last:
                self._captures.append([])
            try:
                status = yield from self._command(command, stdin, matters=matters or not is_last)
            finally:
                if not is_last:
                    stdin = "".join(self._captures.pop())[:LONGEST_OUTPUT]
        return int(not status) if pipeline.negated else status

    def _command(self, command: Command, stdin: str, *, matters: bool) -> Steps:
        match command:
            case Simple():
                return (yield from self._simple(command, stdin, matters=matters))
            case Loop():
                return (yield from self._loop(command, matters=matters))
            case For():
                for word in command.words:
                    for value in (yield from self._expand(word)):
                        self.variables[command.name] = value
                        yield from self._script(command.body, matters=matters)
                return self.status
            case If():
                for condition, body in command.branches:
                    if (yield from self._condition(condition)) == 0:
                        return (yield from self._script(body, matters=matters))
                if command.otherwise is not None:
                    return (yield from self._script(command.otherwise, matters=matters))
                return 0
            case Group():
                self._open(command.redirects)
                try:
                    return (yield from self._script(command.body, matters=matters))
                finally:
                    yield from self._close(command.redirects)

    def _condition(self, script: Script) -> Steps:
        """Run what decides a branch; `set -e` does not apply there."""
        kept, self.stops_on_error = self.stops_on_error, False
        try:
            return (yield from self._script(script, matters=True))
        finally:
            self.stops_on_error = kept

    def _loop(self, loop: Loop, *, matters: bool) -> Steps:
        first, round_number = self.at, 0
        while True:
            round_number += 1
            began, count, busy = self.at, len(self.timeline.happenings), self._busy
            state = (dict(self.variables), dict(self._files), self.folder)
            self._asked = False
            status = yield from self._condition(loop.condition)
            if (status != 0) is not loop.until:
                self.status = 0
                return 0
            try:
                yield from self._script(loop.body, matters=False)
            except commands.Break:
                return 0
            except commands.Continue:
                pass
            if self.at <= began:
                self.at = began + COST
            is_same = state == (self.variables, self._files, self.folder)
            # Nobody follows a counter that spins: after so many quick rounds it counts as going on for ever.
            is_same = is_same or (round_number > SPINS and self.at - first < round_number * QUICK)
            if is_same and not self._asked and not self._captures:
                # The next round is as this one, and so are all that follow.
                timeline = self.timeline
                rounds = [
                    Happening(each.at - began, each.kind, each.text, each.content)
                    for each in timeline.happenings[count:]
                ]
                timeline.loop_at, timeline.period = self.at, self.at - began
                timeline.rounds, timeline.busy = rounds, self._busy - busy
                raise Endless

    # --- simple commands -------------------------------------------------------------------------------------

    def _simple(self, command: Simple, stdin: str, *, matters: bool) -> Steps:
        values = {}
        for name, word in command.assignments:
            values[name] = " ".join((yield from self._expand(word, splits=False)))
        argv: list[str] = []
        for word in command.words:
            argv += yield from self._expand(word)
        if not argv:
            self.variables.update(values)
            return 0 if values else self.status
        for redirect in command.redirects:
            if redirect.operator == "<":
                path = " ".join((yield from self._expand(redirect.target, splits=False)))
                content = self.file(path)
                if content is None:
                    self.error(f"sh: can't open {path}: no such file")
                    return 1
                stdin = content
        kept = {name: self.variables.get(name) for name in values}
        self.variables.update(values)
        self._open(command.redirects)
        try:
            return (yield from self._call(argv, stdin, matters=matters))
        finally:
            yield from self._close(command.redirects)
            for name, value in kept.items():
                if value is None:
                    self.variables.pop(name, None)
                else:
                    self.variables[name] = value

    def _open(self, redirects: tuple[Redirect, ...]) -> None:
        if _captured(redirects):
            self._captures.append([])
        where = _errors_of(redirects)
        if where:
            self._errors.append(where)

    def _close(self, redirects: tuple[Redirect, ...]) -> Generator[float, None, None]:
        if _errors_of(redirects):
            self._errors.pop()
        if not _captured(redirects):
            return
        text = "".join(self._captures.pop())
        for redirect in _captured(redirects):
            path = " ".join((yield from self._expand(redirect.target, splits=False)))
            if path == "/dev/null":
                continue
            is_copied = redirect.operator == ">&"
            if path in ("/dev/stderr", "/proc/1/fd/2") or (is_copied and path == "2"):
                if text:
                    self.error(text)
                continue
            if path in ("/dev/stdout", "/proc/1/fd/1") or (is_copied and path == "1"):
                if text:
                    self.out(text)
                continue
            if redirect.operator == ">>":
                self.append(path, text)
            else:
                self.write(path, text)

    def _call(self, argv: list[str], stdin: str, *, matters: bool) -> Steps:
        self._steps += 1
        if self._steps > STEPS or self.at > self.now + HORIZON:
            self._steps = 0
            yield self.at
        name = argv[0].rpartition("/")[2]
        if name in commands.SHELLS:
            return (yield from self._subshell(argv))
        if name in ("exec", "command", "nohup", "eval", "time", "timeout"):
            return (yield from self._wrapped(name, argv, stdin))
        if name in commands.ASKING:
            matters = matters or name in commands.CHANGING
            self._asked = self._asked or matters
            if matters and self.at > self.now:
                yield self.at
        known = commands.COMMANDS.get(name)
        if known is None:
            return self._unknown(argv)
        self.at += commands.SECONDS.get(name, COST)
        self._busy += COST * 2 if name in commands.SECONDS else COST
        return known(self, argv, stdin)

    def _unknown(self, argv: list[str]) -> int:
        name = argv[0]
        if self.machine.has_applets and name.rpartition("/")[2] not in self.machine.tools:
            self.error(f"sh: {name}: not found")
            return 127
        raise HandedOver(argv)

    def _subshell(self, argv: list[str]) -> Steps:
        options = [each for each in argv[1:] if each.startswith("-")]
        rest = [each for each in argv[1:] if not each.startswith("-")]
        if not any("c" in option.removeprefix("-") for option in options) or not rest:
            return 0
        kept, self.arguments = self.arguments, [rest[1] if len(rest) > 1 else argv[0], *rest[2:]]
        before = self.stops_on_error
        self.stops_on_error = any("e" in option.removeprefix("-") for option in options)
        try:
            return (yield from self.script(rest[0]))
        except Exited as ended:
            if self._depth > 0 and kept:
                return ended.code
            raise
        finally:
            self.arguments, self.stops_on_error = kept, before

    def _wrapped(self, name: str, argv: list[str], stdin: str) -> Steps:
        rest = argv[1:]
        if name == "timeout":
            while rest and rest[0].startswith("-"):
                rest = rest[1:]
            rest = rest[1:]
        if not rest:
            return 0
        if name == "eval":
            return (yield from self.script(" ".join(rest)))
        status = yield from self._call(rest, stdin, matters=True)
        if name == "exec":
            raise Exited(status)
        return status

    # --- words -----------------------------------------------------------------------------------------------

    def _expand(self, word: Word, *, splits: bool = True) -> Generator[float, None, list[str]]:
        fields: list[str] = []
        current: str | None = None
        for part in word.parts:
            value = part.text if part.kind == "text" else (yield from self._value(part))
            if part.kind == "text" or part.quoted or not splits:
                current = (current or "") + value
                continue
            pieces = value.split()
            if not pieces:
                continue
            if current is not None and not value[0].isspace():
                pieces[0] = current + pieces[0]
            elif current is not None:
                fields.append(current)
            fields += pieces[:-1]
            current = pieces[-1]
        if current is not None:
            fields.append(current)
        return fields

    def _value(self, part: Part) -> Generator[float, None, str]:
        if part.kind == "variable":
            value = self.variable(part.text)
            return value or part.default
        if part.kind == "arithmetic":
            return str(arithmetic.evaluate(part.text, self.variable))
        if len(self._captures) > DEEPEST_SUBSTITUTION:
            return ""
        self._captures.append([])
        try:
            yield from self.script(part.text)
        except Exited as ended:
            self.status = ended.code
        finally:
            text = "".join(self._captures.pop())
        return text.rstrip("\n")


def _errors_of(redirects: tuple[Redirect, ...]) -> str:
    """Return where redirects send stderr; empty when they leave it alone. What goes to a file is lost."""
    for each in redirects:
        if each.operator == "&>" or (each.operator == ">&" and each.descriptor == 2):
            return "stdout"
        if each.operator in (">", ">>") and each.descriptor == 2:
            return "nowhere"
    return ""


def _captured(redirects: tuple[Redirect, ...]) -> list[Redirect]:
    return [each for each in redirects if each.operator in (">", ">>", "&>", ">&") and each.descriptor == 1]
