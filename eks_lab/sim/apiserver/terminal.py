"""A shell on a terminal: `kubectl exec -it POD -- sh`, line by line."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol

from eks_lab.sim.apiserver.container_runtime import Executed

PROMPT = b"/ # "
SHELLS = ("sh", "bash", "ash", "dash")
ENTER, INTERRUPT, END, BACKSPACE = b"\r\n", b"\x03", b"\x04", b"\x7f\x08"


class Screen(Protocol):
    """Where a terminal reads and writes."""

    async def read(self) -> bytes | None:
        """Return what was typed; None when nobody types any more."""
        ...

    async def write(self, channel: int, data: bytes) -> None:
        """Show something."""
        ...


def is_shell(command: Sequence[str]) -> bool:
    """Say whether a command is a shell without a script."""
    words = [each for each in command[1:] if each not in ("-i", "-l", "--login")]
    return command[0].rpartition("/")[2] in SHELLS and not words


async def run_terminal(screen: Screen, run: Callable[[str], Executed]) -> int:
    """Serve a shell until it is left; every line is answered on its own, so variables do not outlive it.

    Args:
        screen: the client.
        run: line -> answer.

    Returns:
        The exit code of the last command.
    """
    code = 0
    line = bytearray()
    await screen.write(1, PROMPT)
    while (typed := await screen.read()) is not None:
        for byte in typed:
            letter = bytes([byte])
            if letter in ENTER:
                await screen.write(1, b"\r\n")
                text = line.decode("utf-8", "replace").strip()
                line.clear()
                word, _, rest = text.partition(" ")
                if word == "exit":
                    return int(rest) % 256 if rest.strip().isdecimal() and len(rest) < 10 else code
                if text:
                    done = run(text)
                    code = done.code
                    await screen.write(1, (done.stdout + done.stderr).replace(b"\n", b"\r\n"))
                await screen.write(1, PROMPT)
            elif letter == END and not line:
                await screen.write(1, b"exit\r\n")
                return code
            elif letter == INTERRUPT:
                line.clear()
                code = 130
                await screen.write(1, b"^C\r\n" + PROMPT)
            elif letter in BACKSPACE:
                if line:
                    line.pop()
                    await screen.write(1, b"\b \b")
            elif byte >= 0x20:
                line += letter
                await screen.write(1, letter)
    return code
