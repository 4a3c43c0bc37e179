"""What a script did and will do, second by second: lines, files, requests, and a loop that goes on for ever."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import ceil, floor

MOST_LINES = 20_000
"""Lines that are read at once; the real kubelet keeps 10 MiB of a container's log."""
LONGEST_FILE = 200_000
"""Letters that are kept of the end of a file."""
UNFINISHED = "unfinished"
"""Content of a line that no newline has ended yet."""
_STAMP = re.compile("\x00(date|random):([^\x00]*)\x00")


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing at one moment."""

    at: float
    """Seconds since the start."""
    kind: str
    """line, error (a line of stderr), write, append, remove, request."""
    text: str
    """The line, the path or the URL."""
    content: str = ""
    """Of a file that was written, or what was put at its end."""
    size: int = 0
    """Bytes of a file whose content nobody will read: what `dd` and `fallocate` made."""


@dataclass(slots=True)
class Timeline:
    """Everything known about a run of a script."""

    happenings: list[Happening] = field(default_factory=list)
    loop_at: float | None = None
    """When the loop that never ends began."""
    period: float = 0.0
    """Seconds of one round of it."""
    rounds: list[Happening] = field(default_factory=list)
    """What happens in one round, counted from its beginning."""
    busy: float = 0.0
    """Seconds of CPU in one round."""

    def between(self, start: float, end: float) -> Iterator[Happening]:
        """Yield what happens from `start` up to, not including, `end`, by time."""
        for each in self.happenings:
            if start <= each.at < end:
                yield each
        if self.loop_at is None or not self.rounds or self.period <= 0:
            return
        first = max(0, floor((start - self.loop_at) / self.period))
        last = max(-1, ceil((end - self.loop_at) / self.period))
        first = max(first, last - MOST_LINES // len(self.rounds) - 1)
        for number in range(first, last + 1):
            offset = self.loop_at + number * self.period
            for each in self.rounds:
                at = offset + each.at
                if start <= at < end:
                    yield Happening(at, each.kind, each.text, each.content)

    def files(self, at: float) -> dict[str, str | None]:
        """Return path -> content of what the script wrote by a moment; None for what it removed."""
        found: dict[str, str | None] = {}
        appended: dict[str, list[str]] = {}
        for each in self.happenings:
            if each.at > at:
                continue
            if each.kind == "append":
                appended.setdefault(each.text, []).append(each.content)
            elif each.kind in ("write", "remove"):
                found[each.text] = each.content if each.kind == "write" else None
                appended.pop(each.text, None)
        for path, parts in appended.items():
            found[path] = ((found.get(path) or "") + "".join(parts))[-LONGEST_FILE:]
        if self.loop_at is not None and at >= self.loop_at and self.period > 0:
            inside = (at - self.loop_at) % self.period
            has_gone_round = at - self.loop_at >= self.period
            for is_now in (False, True):
                for each in self.rounds:
                    is_due = each.at <= inside if is_now else has_gone_round
                    if is_due and each.kind in ("write", "remove"):
                        found[each.text] = each.content if each.kind == "write" else None
        return found

    def sizes(self, at: float) -> dict[str, int]:
        """Return path -> bytes of the files that the script wrote and that are there at a moment."""
        found: dict[str, int] = {}
        rounds = self.rounds if self.loop_at is not None and at >= self.loop_at else ()
        for each in [*(each for each in self.happenings if each.at <= at), *rounds]:
            if each.kind == "write":
                found[each.text] = each.size or len(each.content)
            elif each.kind == "append":
                found[each.text] = found.get(each.text, 0) + len(each.content)
            elif each.kind == "remove":
                found.pop(each.text, None)
        return found

    def requests_per_second(self, at: float) -> dict[str, float]:
        """Return URL -> requests a second at a moment."""
        found: dict[str, float] = {}
        if self.loop_at is not None and at >= self.loop_at and self.period > 0:
            for each in self.rounds:
                if each.kind == "request":
                    found[each.text] = found.get(each.text, 0.0) + 1 / self.period
        else:
            for each in self.happenings:
                if each.kind == "request" and at - 10 < each.at <= at:
                    found[each.text] = found.get(each.text, 0.0) + 0.1
        return found

    def millicores(self, at: float) -> float:
        """Return the CPU it takes at a moment."""
        if self.loop_at is None or at < self.loop_at or self.period <= 0:
            return 0.0
        return min(1000.0, 1000.0 * self.busy / self.period)


def date_mark(format: str) -> str:
    """Return a text that stands for the time at which a line is printed."""
    return f"\x00date:{format}\x00"


def random_mark() -> str:
    """Return a text that stands for `$RANDOM`."""
    return "\x00random:\x00"


def rendered(text: str, start: datetime, at: float) -> str:
    """Return a line with its marks replaced.

    Args:
        text: of a Happening.
        start: when the run began.
        at: seconds since then.
    """
    if "\x00" not in text:
        return text
    moment = start + timedelta(seconds=at)

    def replaced(found: re.Match[str]) -> str:
        if found[1] == "random":
            return str(int.from_bytes(hashlib.sha256(f"{moment.isoformat()}".encode()).digest()[:2]) % 32768)
        return format_date(found[2], moment)

    return _STAMP.sub(replaced, text)


def format_date(format: str, moment: datetime) -> str:
    """Return a moment as `date +FORMAT` prints it; UTC, and the usual form when there is no format."""
    if not format:
        return moment.strftime("%a %b %e %H:%M:%S UTC %Y")
    if format == "%s":
        return str(int(moment.timestamp()))
    return moment.strftime(
        format.replace("%s", str(int(moment.timestamp()))).replace("%N", f"{moment.microsecond:06d}000")
    )
