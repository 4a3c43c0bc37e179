"""The commands of a course's pages that ask AWS."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from eks_lab import locations
from eks_lab.sandbox.environment import environment
from eks_lab.sandbox.state_directory import StateDirectory

SERVICES = ("ec2", "iam", "sts", "s3", "s3api", "logs", "cloudwatch", "sqs")
"""What the docker backend leaves to LocalStack."""
_FENCE = re.compile(r"^ *```console \{([^}]*needs=sandbox[^}]*)\}\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_ASKS = re.compile(rf"(?:^|[|&;(] *)aws ({'|'.join(SERVICES)}) ")


@dataclass(frozen=True, slots=True)
class Command:
    """One command of a page."""

    lesson: str
    """`03-networking/10-vpc-cni`."""
    line: str
    """As a shell reads it; continued lines are kept."""
    expects_error: bool

    @property
    def folder(self) -> Path:
        """Return the lesson's folder: files of a page are beside it."""
        return locations.content_root() / "lessons" / self.lesson

    def run(self, directory: StateDirectory) -> subprocess.CompletedProcess[str]:
        """Run it as in `eks-lab sandbox shell`."""
        own = environment(directory, {})
        variables = {
            **{name: value for name, value in own.items() if value},
            "PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
            "HOME": str(directory.root),
            "LC_ALL": "C.UTF-8",
        }
        return subprocess.run(
            ["sh", "-c", self.line],
            cwd=self.folder,
            env=variables,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def commands() -> list[Command]:
    """Return them in the order of the course."""
    root = locations.content_root() / "lessons"
    found: list[Command] = []
    for page in sorted(root.glob("*/*/lesson.md")):
        for attributes, text in _FENCE.findall(page.read_text(encoding="utf-8")):
            for line in _lines(text):
                if _ASKS.search(line):
                    lesson = page.parent.relative_to(root).as_posix()
                    found.append(Command(lesson, line, "expect-error" in attributes))
    return found


def _lines(text: str) -> list[str]:
    found: list[str] = []
    for raw in text.splitlines():
        line = raw.strip()
        if line.startswith("$ "):
            found.append(line[2:])
        elif found and found[-1].endswith("\\"):
            found[-1] += f"\n{line}"
    return found
