"""Made-up machines for the doctor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from eks_lab.doctor.model import Machine, Outcome

PRINTS = {
    "kubectl version": '{"clientVersion": {"gitVersion": "v1.36.1"}, "kustomizeVersion": "v5"}',
    "aws --version": "aws-cli/2.31.4 Python/3.13.7 Linux/6.8 exe/x86_64\n",
    "terraform version": '{"terraform_version": "1.13.3", "platform": "linux_amd64"}',
    "helm version": "v3.19.0+g3d8990f\n",
    "kind version": "kind v0.30.0 go1.24.6 linux/amd64\n",
    "docker --version": "Docker version 28.4.0, build d8eb465\n",
    "docker context": "unix:///var/run/docker.sock\n",
    "docker version": "28.4.1\n",
}


def machine(
    prints: Mapping[str, str | Outcome] = PRINTS, calls: list[list[str]] | None = None, **changed: Any
) -> Machine:
    """Return a machine that has everything, but for what is changed.

    Args:
        prints: output by program and first argument; a program without any is not installed.
        calls: every command that is run is added.
        changed: fields of `Machine`.
    """

    def run(arguments: Sequence[str]) -> Outcome:
        if calls is not None:
            calls.append(list(arguments))
        answer = prints.get(f"{Path(arguments[0]).name} {arguments[1]}", Outcome(1, "", "unknown command"))
        return answer if isinstance(answer, Outcome) else Outcome(0, answer)

    def find(name: str) -> Path | None:
        installed = any(command.split()[0] == name for command in prints)
        return Path("/usr/bin") / name if installed else None

    complete = Machine(
        system="Linux",
        environment={
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LANG": "en_GB.UTF-8",
            "TERM_PROGRAM": "ghostty",
        },
        terminal_size=(120, 36),
        output_encoding="utf-8",
        python_version=(3, 12, 4),
        find_program=find,
        run=run,
        port_state=lambda port: "free",
        package_version=lambda name: "1.2.3",
        is_writable=lambda path: True,
        free_bytes=lambda path: 80 * 2**30,
    )
    return replace(complete, **changed)
