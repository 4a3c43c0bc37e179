"""Wandering about: the program in real terminals, with keys, clicks, pastes and new sizes in any order.

A person leaves it in the end, or pulls the plug and comes back. `make wander` does it for some minutes and prints the
seeds of what went wrong; the same seed walks the same way again.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from eks_lab.locations import HOME_VARIABLE
from tests.e2e.terminal import Terminal

SIZES = ((80, 24), (120, 36), (200, 50), (60, 20), (40, 10), (84, 30))
PAUSES_SECONDS = (0.0, 0.0, 0.05, 0.2, 0.5)
ARROWS = ("\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[5~", "\x1b[6~", "\x1b[H", "\x1b[F", "\x1b[Z")
LETTERS = "\t\t\r\r\r?nplgC/GBELSMQPRXTHDjk, o12deiwrycsuvx=-+[]hz5tfab\x10\x15\x7f"
DEEP = (
    (), (), (), ("\r",), ("L", "\r", "\r"), ("S", "s", "2"), ("Q", "r"), ("Q", "w"), ("Q", "e", "\r", "\r"), ("Q", "i", "b", "\r"),
    ("C", "\r"), ("G", "\r"), ("/", "p", "o", "d", "\r"), ("\x10", "t", "e", "r", "m", "\r"), (",", "\x1b[B", "\r"), ("K", "\r"),
)  # fmt: skip
"""What leads into the rooms that chance alone would rarely enter: a lab, the sandbox, an exam, an interview."""
PASTED = (
    "m5.large",
    "10.0.0.0/16",
    "irsa",
    "-1",
    "99999999999999999999",
    "é\u202e漢字",
    "a" * 300,
    "{}[]:: |\n\tx",
)
ESCAPE, QUIT, QUIT_ANYWHERE = "\x1b", "q", "\x11"
TRIES_TO_LEAVE = 12
LEAVING_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Walk:
    """One way through the program, and how it ended."""

    seed: int
    pressed: str
    trouble: str
    """What went wrong, with the screen and the log; empty when nothing did."""


def walk(seed: int, *arguments: str) -> Walk:
    """Open the program in an empty home, press what a seed says, and leave it.

    Args:
        seed: the same seed presses the same; how fast the program follows is the machine's.
        *arguments: after `eks-lab`.
    """
    chance = random.Random(seed)
    pressed: list[str] = []
    with tempfile.TemporaryDirectory(prefix="eks-lab-wander-", ignore_cleanup_errors=True) as folder:
        home = Path(folder)
        try:
            trouble = _walk(chance, home, pressed, arguments)
        except (AssertionError, OSError) as error:
            trouble = f"{type(error).__name__}: {error}"
        finally:
            _stop_sandbox(home)
        return Walk(seed, "".join(pressed), f"{trouble}\n{_log(home)}" if trouble else "")


def _walk(chance: random.Random, home: Path, pressed: list[str], arguments: tuple[str, ...]) -> str:
    while True:
        columns, rows = chance.choice(SIZES[:2])
        with Terminal(*arguments, home=home, columns=columns, rows=rows) as terminal:
            terminal.wait_for("eks-lab")
            for keys in steps(chance, terminal):
                pressed.append(keys)
                terminal.press(keys)
                terminal.read_for(chance.choice(PAUSES_SECONDS))
                if terminal.process.poll() is not None:
                    break
            if terminal.process.poll() is None and chance.random() < 0.2:
                terminal.kill()  # the plug is pulled; the next visit opens what is there
                pressed.append("<killed>")
                continue
            return _leave(terminal)


def steps(chance: random.Random, terminal: Terminal) -> Iterator[str]:
    """Yield what is typed next, a few dozen keys; a new size is given by the way.

    Args:
        chance: decides everything.
        terminal: clicks are inside it, as large as it is then.
    """
    for key in chance.choice(DEEP):
        terminal.read_for(chance.choice((0.2, 1.0)))
        yield key
    for _ in range(chance.randint(1, 30)):
        kind = chance.random()
        if kind < 0.08:
            column, row = chance.randint(1, terminal.screen.columns), chance.randint(1, terminal.screen.lines)
            yield f"\x1b[<0;{column};{row}M\x1b[<0;{column};{row}m"
        elif kind < 0.12:
            yield f"\x1b[200~{chance.choice(PASTED)}\x1b[201~"
        elif kind < 0.15:
            terminal.resize(*chance.choice(SIZES))
        elif kind < 0.35:
            yield chance.choice(ARROWS)
        else:
            yield chance.choice(LETTERS)


def _leave(terminal: Terminal) -> str:
    for _ in range(TRIES_TO_LEAVE):
        for key in (ESCAPE, QUIT):
            if terminal.process.poll() is None:
                terminal.press(key)
                terminal.read_for(0.2)
    deadline = time.monotonic() + LEAVING_SECONDS
    while terminal.process.poll() is None and time.monotonic() < deadline:
        terminal.press(QUIT_ANYWHERE)
        terminal.read_for(0.5)
    code = terminal.process.poll()
    if code is None:
        return f"it could not be left:\n{terminal.text}"
    return "" if code == 0 else f"exit code {code}:\n{terminal.text}"


def _stop_sandbox(home: Path) -> None:
    """End what a lab or the sandbox screen started: it would outlive its home."""
    subprocess.run(
        [sys.executable, "-m", "eks_lab", "sandbox", "down"],
        env={**os.environ, HOME_VARIABLE: str(home)},
        stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False,
    )  # fmt: skip


def _log(home: Path) -> str:
    return "\n".join(path.read_text(errors="replace")[-4000:] for path in sorted(home.rglob("*.log")))


def main() -> int:
    """Walk until the time is over; exit code 1 when something went wrong."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="the first seed")
    parser.add_argument("--minutes", type=float, default=5.0, help="how long; 0: this seed alone")
    asked = parser.parse_args()
    end = time.monotonic() + asked.minutes * 60
    seed, failed = asked.seed, 0
    while True:
        done = walk(seed)
        if done.trouble:
            failed += 1
            print(f"seed {done.seed}, keys {done.pressed!r}\n{done.trouble}", flush=True)
        seed += 1
        if time.monotonic() >= end:
            break
    print(f"{seed - asked.seed} walks from seed {asked.seed}, {failed} with trouble")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
