"""One run of a container: what it logs, uses and answers at any moment, and when it ends."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from fnmatch import fnmatchcase
from math import inf

from eks_lab.sim.behaviours.figures import amount, count, curve, flag_value, milli, units
from eks_lab.sim.behaviours.model import Answer, Behaviour, Line
from eks_lab.sim.behaviours.shell import Endless, Exited, HandedOver, Shell, Steps
from eks_lab.sim.behaviours.timeline import MOST_LINES, UNFINISHED, Timeline, format_date, rendered
from eks_lab.sim.behaviours.world import Machine

_FIELD = re.compile(r"\{([a-z]+)\}")
_TIMES = {
    "time": "%d/%b/%Y:%H:%M:%S +0000",
    "iso": "%Y-%m-%dT%H:%M:%S.%f",
    "clock": "%d %b %Y %H:%M:%S.%f",
    "date": "%Y-%m-%d %H:%M:%S",
    "slashes": "%Y/%m/%d %H:%M:%S",
    "klog": "%m%d %H:%M:%S.%f",
}
"""Name in a line -> form of its moment."""
WARM_UP = 3.0
"""Seconds until a stress program has taken what its flags say."""
SHELL_MEMORY = 1024 * 1024
RUNTIME_OVERHEAD = 256 * 1024
MOST_SAID = 5_000
"""Lines that others had it say which are kept."""


@dataclass(frozen=True, slots=True)
class Exit:
    """How a run ends."""

    after: float
    """Seconds since its start."""
    code: int
    reason: str = ""
    """OOMKilled, StartError, or empty: Completed for code 0, else Error."""


@dataclass(frozen=True, slots=True)
class Printed:
    """A line of the log."""

    moment: datetime
    stream: str
    """stdout or stderr."""
    text: str


class Process:
    """A run of a container."""

    def __init__(
        self,
        behaviour: Behaviour,
        machine: Machine,
        started: datetime,
        argv: list[str],
        *,
        is_script: bool,
        memory_limit: int | None = None,
        cpu_limit: int | None = None,
        note: str = "",
        waits: bool = False,
    ) -> None:
        """Begin.

        Args:
            behaviour: of the image.
            machine: the container as its processes see it.
            started: when.
            argv: command and arguments of the container.
            is_script: True when the simulated shell runs `argv`, else the image's program does.
            memory_limit: bytes at which the kernel kills it.
            cpu_limit: millicores it gets at most.
            note: what is not simulated.
            waits: True for a shell that reads its commands from an open stdin: it goes on until `end_input`.
        """
        self.behaviour = behaviour
        self.waits_for_input = waits
        """A shell that sits at its prompt."""
        self.machine = machine
        self.started = started
        self.argv = argv
        self.note = note or behaviour.note
        self.memory_limit = memory_limit
        self.cpu_limit = cpu_limit
        self.stopped_at: float | None = None
        """Seconds of its life after which it is gone."""
        self.requests = 0.0
        """Requests a second that reach it."""
        self._program_from: float | None = None if is_script else 0.0
        self._shell: Shell | None = Shell(machine) if is_script else None
        self._steps: Steps | None = None
        if self._shell is not None:
            self._steps = self._shell.command(["sleep", "infinity"] if waits else argv)
        self._resume = 0.0
        self._changes: dict[str, str | None] = {}
        self._change_sizes: dict[str, int] = {}
        self._end: Exit | None = None
        self.failing_probes: frozenset[str] = frozenset()
        """Kinds of probes (`readiness`, `liveness`) that fail because of what somebody outside has it do."""
        self._said: deque[tuple[float, str]] = deque(maxlen=MOST_SAID)

    def say(self, moment: datetime, text: str) -> None:
        """Add a line to the log that somebody outside has it say: a driver about the calls it made."""
        self._said.append(((moment - self.started).total_seconds(), text))

    # --- the script ------------------------------------------------------------------------------------------

    def _follow(self, seconds: float) -> None:
        """Run the script on, as far as it can be known at a moment."""
        shell = self._shell
        while shell is not None and self._steps is not None and self._resume <= seconds:
            shell.now = seconds
            try:
                self._resume = next(self._steps)
                if self._resume <= seconds:
                    # It only took breath.
                    continue
                return
            except StopIteration as ended:
                self._end = Exit(shell.at, ended.value)
            except Exited as ended:
                self._end = Exit(shell.at, ended.code)
            except Endless:
                pass
            except HandedOver as handed:
                self._program_from, self.argv = shell.at, handed.command
            self._steps = None

    @property
    def timeline(self) -> Timeline:
        """Return what the script did; empty for programs."""
        return self._shell.timeline if self._shell is not None else Timeline()

    def end_input(self, code: int, seconds: float) -> None:
        """Close the stdin of a shell that waits for input: it ends.

        Args:
            code: of its last command.
            seconds: of its life.
        """
        if self.waits_for_input and self._end is None:
            self._end = Exit(seconds, code)

    # --- its end ---------------------------------------------------------------------------------------------

    def ending(self, seconds: float) -> Exit | None:
        """Return its end when it is known at a moment of its life; None while it goes on."""
        self._follow(seconds)
        found = [self._end] if self._end is not None else []
        program = self._program_from
        ending = self.behaviour.ending
        if program is not None and ending is not None:
            is_excused = ending.unless_env and self.machine.environment.get(ending.unless_env)
            if not is_excused:
                found.append(Exit(program + ending.after, ending.code))
        killed = self._killed_at()
        if killed is not None:
            found.append(Exit(max(killed, 0.0), 137, "OOMKilled"))
        return min(found, key=lambda each: each.after, default=None)

    def look_again(self, seconds: float) -> float | None:
        """Return when, in seconds of its life, its end may be known better; None when never."""
        self._follow(seconds)
        return self._resume if self._steps is not None else None

    @property
    def stop_after(self) -> float | None:
        """Return the seconds from SIGTERM to its end; None when it ignores the signal."""
        if self._program_from is not None:
            return self.behaviour.termination.after
        # The kernel gives process 1 no default action for SIGTERM: a shell or `sleep` ignores it.
        return 1.0 if self._shell is not None and self._shell.trap is not None else None

    @property
    def stop_code(self) -> int:
        """Return the exit code after SIGTERM."""
        if self._program_from is not None:
            return self.behaviour.termination.code
        return (self._shell.trap or 0) if self._shell is not None else 0

    def _killed_at(self) -> float | None:
        """Return when its memory reaches the limit."""
        limit, program = self.memory_limit, self._program_from
        if limit is None or program is None:
            return None
        moments = {0.0, WARM_UP, *(point.at for point in self.behaviour.memory.points)}
        growth = units(self.behaviour.memory.growth_per_minute) / 60
        before = 0.0
        for at in sorted(moments):
            here = self._memory_of_program(at)
            if here >= limit:
                start = self._memory_of_program(before)
                share = 1.0 if here <= start else (limit - start) / (here - start)
                return program + before + (at - before) * max(0.0, min(1.0, share))
            before = at
        if growth > 0:
            return program + before + (limit - self._memory_of_program(before)) / growth
        return None

    # --- what it uses ----------------------------------------------------------------------------------------

    def millicores(self, seconds: float, requests: float = 0.0) -> float:
        """Return its CPU at a moment, limited by its limit.

        Args:
            seconds: of its life.
            requests: a second, that reach it.
        """
        used = 0.0
        if self._shell is not None:
            self._follow(seconds)
            used = self.timeline.millicores(seconds)
        program = self._program_from
        if program is not None and seconds >= program:
            cpu = self.behaviour.cpu
            cores = flag_value(self.argv, cpu.from_flag)
            idle = curve(cpu.points, seconds - program, in_milli=True) if cpu.points else milli(cpu.idle)
            used += 1000 * count(cores) if cores else idle
            used += 1000 * cpu.per_request * requests
        return min(used, self.cpu_limit) if self.cpu_limit else used

    def bytes(self, seconds: float, requests: float = 0.0) -> int:
        """Return its working set at a moment, below its limit; arguments as of `millicores`."""
        used = float(SHELL_MEMORY if self._shell is not None else 0)
        program = self._program_from
        if program is not None and seconds >= program:
            used += self._memory_of_program(seconds - program)
            used += units(self.behaviour.memory.per_request) * requests
        if self.memory_limit:
            used = min(used, self.memory_limit * 0.98)
        return int(used) + RUNTIME_OVERHEAD

    def disk(self, seconds: float) -> dict[str, int]:
        """Return path -> bytes of the files it wrote, as far as they are there at a moment of its life."""
        found: dict[str, int] = {}
        if self._shell is not None:
            self._follow(seconds)
            found = self.timeline.sizes(seconds)
        for path, content in self._changes.items():
            if content is None:
                found.pop(path, None)
            else:
                found[path] = self._change_sizes.get(path, 0) or len(content)
        disk, program = self.behaviour.disk, self._program_from
        if program is not None and seconds >= program:
            since = seconds - program
            size = curve(disk.points, since, in_milli=False) + units(disk.growth_per_minute) * since / 60
            if size >= 1:
                found[disk.path] = found.get(disk.path, 0) + int(size)
        return found

    def threads(self, seconds: float) -> int:
        """Return how many process IDs it holds at a moment of its life."""
        growth = self.behaviour.threads.growth_per_minute
        since = max(0.0, seconds - (self._program_from or 0.0)) if growth else 0.0
        return self.behaviour.threads.idle + int(growth * since / 60)

    def _memory_of_program(self, seconds: float) -> float:
        memory = self.behaviour.memory
        flag = flag_value(self.argv, memory.from_flag)
        base = curve(memory.points, seconds, in_milli=False) if memory.points else units(memory.idle)
        if flag:
            base += amount(flag) * min(1.0, seconds / WARM_UP)
        return base + units(memory.growth_per_minute) * seconds / 60

    def loads(self, seconds: float) -> dict[str, float]:
        """Return URL -> requests a second that it sends at a moment."""
        if self._shell is not None:
            self._follow(seconds)
        found = dict(self.timeline.requests_per_second(seconds))
        if self._program_from is not None and self.behaviour.load:
            url = self._filled(self.behaviour.load)
            if url:
                found[url] = found.get(url, 0.0) + self.behaviour.requests_per_second
        return found

    @property
    def may_grow(self) -> bool:
        """Say whether its memory, its files or its threads change much by themselves."""
        memory, disk = self.behaviour.memory, self.behaviour.disk
        return (
            bool(memory.points or memory.from_flag or disk.points)
            or (memory.growth_per_minute, disk.growth_per_minute) != ("0", "0")
            or self.behaviour.threads.growth_per_minute > 0
        )

    @property
    def may_write(self) -> bool:
        """Say whether it wrote, or may write, files of some size."""
        disk = self.behaviour.disk
        if disk.points or disk.growth_per_minute != "0" or any(self._change_sizes.values()):
            return True
        return self._shell is not None and self._shell.writes_much

    @property
    def is_scripted(self) -> bool:
        """Say whether a script runs, or ran first: what exec finds inside may change at any time."""
        return self._shell is not None

    @property
    def may_load(self) -> bool:
        """Say whether it may send requests at all: nobody else is asked when load is shared out."""
        return bool(self.behaviour.load) or self._shell is not None

    def _filled(self, text: str) -> str:
        for name, value in self.machine.environment.items():
            text = text.replace(f"{{env:{name}}}", value)
        for number, value in enumerate(self.argv):
            text = text.replace(f"{{arg:{number}}}", value)
        text = text.replace("{arg:last}", self.argv[-1] if self.argv else "")
        return "" if "{" in text else text

    # --- what it prints --------------------------------------------------------------------------------------

    def lines(self, start: float, end: float) -> Iterator[Printed]:
        """Yield what it prints from `start` up to, not including, `end` seconds of its life, by time."""
        if self.stopped_at is not None:
            end = min(end, self.stopped_at + 1e-9)
        if self._shell is not None:
            self._follow(end)
        found = [
            (each.at, each.kind, rendered(each.text, self.started, each.at))
            for each in self.timeline.between(start, end)
            if each.kind in ("line", "error")
        ]
        if self._program_from is not None:
            found += self._program_lines(start - self._program_from, end - self._program_from)
        found += [(at, "line", text) for at, text in self._said if start <= at < end]
        found.sort(key=lambda each: each[0])
        for at, kind, text in found:
            stream = "stderr" if kind == "error" else "stdout"
            yield Printed(self.started + timedelta(seconds=at), stream, text)

    def _program_lines(self, start: float, end: float) -> Iterator[tuple[float, str, str]]:
        offset = self._program_from or 0.0
        lines = list(self.behaviour.log)
        if self.note:
            lines.insert(0, Line(f"[simulated] {self.note}"))
        if self.behaviour.request_log and self.requests >= 0.05:
            lines.append(Line(self.behaviour.request_log, at=0.5, every=1 / min(self.requests, 50.0)))
        for line in lines:
            if line.every is None:
                if start <= line.at < end:
                    yield offset + line.at, "line", self._line(line.text, offset + line.at, 0)
                continue
            last = int((end - line.at) / line.every) + 1
            first = max(0, int((start - line.at) / line.every) - 1, last - MOST_LINES)
            for number in range(first, last + 1):
                at = line.at + number * line.every
                if start <= at < end:
                    yield offset + at, "line", self._line(line.text, offset + at, number)

    def _line(self, text: str, at: float, number: int) -> str:
        if "{" not in text:
            return text
        moment = self.started + timedelta(seconds=at)

        def value(found: re.Match[str]) -> str:
            name = found[1]
            if name in _TIMES:
                shown = moment.strftime(_TIMES[name])
                return f"{shown[:-3]}Z" if name == "iso" else shown[:-3] if name == "clock" else shown
            given = {
                "unix": format_date("%s", moment),
                "host": self.machine.hostname,
                "ip": self.machine.address,
                "path": "/",
                "client": "10.0.1.10",
                "n": str(number),
            }
            return given.get(name, found[0])

        return _FIELD.sub(value, text)

    # --- what it answers -------------------------------------------------------------------------------------

    def listens(self, port: int, seconds: float) -> bool:
        """Say whether something listens on a port at a moment of its life."""
        program = self._program_from
        if program is None or seconds < program + self.behaviour.start:
            return False
        return not self.behaviour.ports or any(each.number == port for each in self.behaviour.ports)

    def answer(self, port: int, path: str, seconds: float) -> Answer | None:
        """Return what an HTTP request gets; None when nothing speaks HTTP there."""
        if not self.listens(port, seconds):
            return None
        since = seconds - (self._program_from or 0.0)
        path = path.partition("?")[0]
        if not self.behaviour.ports:
            # Of a program that nobody described the best is assumed.
            return Answer("*")
        for each in self.behaviour.ports:
            if each.number != port:
                continue
            for answer in each.answers:
                in_time = answer.after <= since and (answer.until is None or since < answer.until)
                if in_time and fnmatchcase(path or "/", answer.path):
                    if "{" in answer.body:
                        return replace(answer, body=self._line(answer.body, seconds, 0))
                    return answer
            return Answer("*", 404, "404 page not found\n") if each.answers else None
        return None

    def changes_after(self, seconds: float) -> float | None:
        """Return when its answers may change next; None when they stay as they are."""
        program = self._program_from
        if program is None:
            return None
        moments = [program + self.behaviour.start]
        for port in self.behaviour.ports:
            for answer in port.answers:
                moments += [program + at for at in (answer.after, answer.until) if at]
        moments += [program + each.after for each in self.behaviour.exec if each.after]
        return min((at for at in moments if at > seconds), default=None)

    def run(self, argv: list[str], seconds: float) -> tuple[str, str, int]:
        """Return stdout, stderr and exit code of a command that is run inside at a moment of its life."""
        since = seconds - (self._program_from or 0.0)
        joined = " ".join(argv)
        for each in self.behaviour.exec:
            if fnmatchcase(joined, each.command):
                if since < each.after:
                    return "", "", 1
                return self._line(each.stdout, seconds, 0), "", each.code
        missing = f'exec: "{argv[0] if argv else ""}": executable file not found in $PATH'
        if not argv or not self.behaviour.shell:
            return (
                "",
                f"OCI runtime exec failed: exec failed: unable to start container process: {missing}",
                127,
            )
        shell = Shell(self._inside(seconds))
        shell.now, code = inf, 0
        steps = shell.command(argv)
        try:
            while True:
                # A command that takes long is followed for an hour at most.
                if next(steps) > 3600:
                    break
        except StopIteration as ended:
            code = ended.value
        except Exited as ended:
            code = ended.code
        except Endless:
            code = 130
        except HandedOver:
            return (
                "",
                f"OCI runtime exec failed: exec failed: unable to start container process: {missing}",
                127,
            )
        self._keep(shell.timeline)
        moment = self.started + timedelta(seconds=seconds)
        out, errors = (
            "".join(
                rendered(each.text, moment, each.at) + ("" if each.content == UNFINISHED else "\n")
                for each in [*shell.timeline.happenings, *shell.timeline.rounds]
                if each.kind == kind
            )
            for kind in ("line", "error")
        )
        if code == 127 and not out and len(shell.timeline.happenings) == 1:
            errors = f"OCI runtime exec failed: exec failed: unable to start container process: {missing}"
        return out, errors, code

    def exec_seconds(self, argv: list[str]) -> float:
        """Return how long a command takes inside (hooks wait for it)."""
        shell = Shell(self.machine)
        try:
            for moment in shell.command(argv):
                if moment > 3600:
                    break
        except (Exited, HandedOver):
            pass
        except Endless:
            return 3600.0
        return shell.at

    def _inside(self, seconds: float) -> Machine:
        """Return the machine with what the process itself wrote."""
        if self._shell is not None:
            self._follow(seconds)
        files = dict(self.machine.files)
        for path, content in {**self.timeline.files(seconds), **self._changes}.items():
            if content is None:
                files.pop(path, None)
            else:
                files[path] = content
        machine = self.machine
        return Machine(
            machine.hostname,
            machine.address,
            machine.namespace,
            machine.user,
            machine.environment,
            files,
            machine.world,
            machine.processors,
            True,
            machine.tools,
            (" ".join(self.argv) or self.behaviour.name, "ps"),
        )

    def _keep(self, timeline: Timeline) -> None:
        """Keep what a command run inside wrote."""
        for each in timeline.happenings:
            if each.kind == "write":
                self._changes[each.text] = each.content
                self._change_sizes[each.text] = each.size
            elif each.kind == "append":
                self._changes[each.text] = (self._changes.get(each.text) or "") + each.content
                self._change_sizes.pop(each.text, None)
            elif each.kind == "remove":
                self._changes[each.text] = None
